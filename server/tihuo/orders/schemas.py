import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from tihuo.shapes import In, Line, Mobile, Out, Page, Paged

Source = Literal["h5", "mini_program", "phone", "counter"]
Status = Literal["to_ship", "shipped", "completed", "cancelled"]


class ReceiverIn(In):
    name: Line = Field(title="收货人", min_length=1, max_length=32)
    mobile: Mobile = Field(title="手机号")
    province: Line = Field(title="省份", min_length=1, max_length=32)
    city: Line = Field(title="城市", min_length=1, max_length=32)
    district: Line = Field("", title="区县", max_length=32)
    region_code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = Field(None, title="地区编码")
    address: Line = Field(title="详细地址", min_length=2, max_length=128)


class Receiver(Out):
    name: str
    mobile: str
    province: str
    city: str
    district: str
    address: str


class OrderedProduct(Out):
    id: int
    name: str
    code: str
    pictures: list[str]
    contents: list[str]


class OrderCard(Out):
    id: int
    number: str
    name: str


class Shipment(Out):
    id: int
    courier_code: str
    courier_name: str
    tracking_number: str
    shipped_at: dt.datetime
    shipped_by: str


class Order(Out):
    """An order as staff see it."""

    id: int
    number: str
    status: Status
    source: Source
    placed_at: dt.datetime
    card: OrderCard
    product: OrderedProduct
    receiver: Receiver
    remark: str
    shipments: list[Shipment]


class OrderNews(Out):
    """What a live event tells of an order; the screen fetches the rest."""

    id: int
    number: str
    status: Status
    source: Source
    placed_at: dt.datetime
    product_name: str
    product_picture: str | None
    receiver_name: str
    city: str


class OrderQuery(Paged):
    status: Literal["to_ship", "shipped", "all"] = Field("all", title="状态")
    q: Line = Field("", title="搜索", max_length=64)


class OrderCounts(Out):
    to_ship: int
    shipped: int


class OrderPage(Page[Order]):
    counts: OrderCounts


class OrderFigures(Out):
    placed: int
    shipped: int
    to_ship: int


class CustomerProduct(Out):
    name: str
    pictures: list[str]
    contents: list[str]


class CustomerShipment(Out):
    courier_name: str
    tracking_number: str
    shipped_at: dt.datetime


class CustomerOrder(Out):
    """An order as its holder sees it; the mobile is masked, for the card may have changed hands."""

    number: str
    status: Status
    placed_at: dt.datetime
    product: CustomerProduct
    receiver: Receiver
    remark: str
    shipments: list[CustomerShipment]
