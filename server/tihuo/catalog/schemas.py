import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from tihuo.addresses.schemas import Area
from tihuo.shapes import AreaCodes, In, Line, Out, Page, Paged, Paragraph

PictureKey = Annotated[str, Field(pattern=r"^[0-9]{1,15}/[0-9a-f]{32}\.(jpg|png)$")]
Content = Annotated[Line, Field(min_length=1, max_length=64)]


class Attribute(In):
    name: Line = Field(title="属性名", min_length=1, max_length=32)
    value: Line = Field("", title="属性值", max_length=200)


class ProductIn(In):
    name: Line = Field(title="商品名称", min_length=1, max_length=64)
    code: Line = Field("", title="商品编码", max_length=64)
    erp_code: Line = Field("", title="ERP 编码", max_length=64)
    picture_keys: list[PictureKey] = Field(default_factory=list, title="商品图片", max_length=9)
    contents: list[Content] = Field(default_factory=list, title="内含清单", max_length=50)
    detail_html: Paragraph = Field("", title="详细内容", max_length=100_000)
    attributes: list[Attribute] = Field(default_factory=list, title="扩展属性", max_length=30)
    undeliverable: AreaCodes = Field(default_factory=list, title="不发货地区")
    undeliverable_note: Line = Field("", title="不发货说明", max_length=200)
    on_shelf: bool = Field(True, title="上架")


class ShelfIn(In):
    on_shelf: bool = Field(title="上架")


class ProductQuery(Paged):
    shelf: Literal["all", "on", "off"] = Field("all", title="上架状态")
    q: Line = Field("", title="搜索", max_length=64)


class Picture(Out):
    key: str
    url: str


class ProductAttribute(Out):
    name: str
    value: str


class Product(Out):
    id: int
    name: str
    code: str
    erp_code: str
    pictures: list[Picture]
    contents: list[str]
    detail_html: str
    attributes: list[ProductAttribute]
    undeliverable: list[Area]
    undeliverable_note: str
    on_shelf: bool
    created_at: dt.datetime
    updated_at: dt.datetime


class ProductPage(Page[Product]):
    pass


class ProductName(Out):
    id: int
    name: str
