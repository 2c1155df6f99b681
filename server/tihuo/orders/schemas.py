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
    region_code: str | None
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


class OrderChange(Out):
    """What was changed of an order, by whom. `before`, `after`: the fields that changed."""

    action: Literal["receiver", "ship_on", "cancelled"]
    by: Literal["customer", "staff"]
    name: str
    before: dict[str, str | None]
    after: dict[str, str | None]
    at: dt.datetime


class Order(Out):
    """An order as staff see it. One handed over at the counter has no receiver's name and address.

    `operator_name`: who took it on the phone or handed it over; empty for the customer's own.
    """

    id: int
    number: str
    status: Status
    source: Source
    operator_name: str
    ship_on: dt.date | None
    placed_at: dt.datetime
    shipped_at: dt.datetime | None
    completed_at: dt.datetime | None
    cancelled_at: dt.datetime | None
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
    ship_on: dt.date | None
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
    """An order as its holder sees it; the mobile is masked, for the card may have changed hands.

    `token`: of the link that shows the order to whoever has it, without the card's password and without what the
    password protects; None for orders from before there were links. `may_correct_…`: until it ships, where the
    merchant allows it.
    """

    number: str
    token: str | None
    status: Status
    source: Source
    ship_on: dt.date | None
    placed_at: dt.datetime
    completed_at: dt.datetime | None
    product: CustomerProduct
    product_id: int
    receiver: Receiver
    remark: str
    shipments: list[CustomerShipment]
    may_correct_address: bool
    may_correct_date: bool


class PublicOrder(Out):
    """An order as anybody with its link sees it: nothing to find the receiver by, no card."""

    number: str
    status: Status
    ship_on: dt.date | None
    placed_at: dt.datetime
    completed_at: dt.datetime | None
    product: CustomerProduct
    receiver_name: str
    mobile: str
    province: str
    city: str
    shipments: list[CustomerShipment]


class OrderDetail(Order):
    """One order with all that was changed of it, oldest first."""

    changes: list[OrderChange]
