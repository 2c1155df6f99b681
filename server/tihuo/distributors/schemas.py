import datetime as dt

from pydantic import Field

from tihuo.shapes import In, Line, Out


class DistributorIn(In):
    name: Line = Field(title="券商名称", min_length=1, max_length=64)
    contact: Line = Field("", title="联系人", max_length=32)
    phone: Line = Field("", title="联系电话", max_length=32)
    remark: Line = Field("", title="备注", max_length=200)
    closed: bool = Field(False, title="停用")


class Distributor(Out):
    id: int
    name: str
    contact: str
    phone: str
    remark: str
    closed: bool
    created_at: dt.datetime


class DistributorList(Out):
    items: list[Distributor]


class DistributorName(Out):
    id: int
    name: str
