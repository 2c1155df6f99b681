import re
from typing import Annotated

from pydantic import AfterValidator, Field

from tihuo.shapes import In, Line, Out, compact


def _tracking_number(value: str) -> str:
    value = compact(value)
    if not re.fullmatch(r"[A-Z0-9]{5,40}", value):
        raise ValueError("须为 5 到 40 位字母和数字")
    return value


class ShipmentIn(In):
    courier_code: Line = Field(title="物流公司", min_length=1, max_length=20)
    tracking_number: Annotated[Line, AfterValidator(_tracking_number)] = Field(title="运单号", max_length=64)


class Courier(Out):
    code: str
    name: str


class CourierList(Out):
    items: list[Courier]
