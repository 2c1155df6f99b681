import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tihuo.orders.schemas import CustomerOrder, ReceiverIn
from tihuo.shapes import Id, In, Line, Out, compact

CardState = Literal["redeemable", "redeemed", "inactive", "void", "not_yet_valid", "expired"]
Typed = Annotated[Line, Field(min_length=1, max_length=64), AfterValidator(compact)]


class CheckIn(In):
    number: Typed = Field(title="卡号")
    password: Typed = Field(title="密码")


class RedeemIn(CheckIn):
    product_id: Id = Field(title="提货商品")
    receiver: ReceiverIn = Field(title="收货人信息")
    remark: Line = Field("", title="备注", max_length=200)
    source: Literal["h5", "mini_program"] = Field("h5", title="来源")


class ChoosableProduct(Out):
    id: int
    name: str
    pictures: list[str]
    contents: list[str]
    detail_html: str


class CardView(Out):
    """A card whose password was right, as its holder sees it. `message`: why it can't be redeemed."""

    number: str
    name: str
    face_value_fen: int | None
    valid_from: dt.date | None
    valid_until: dt.date | None
    state: CardState
    message: str
    uses_total: int
    uses_left: int
    products: list[ChoosableProduct]
    orders: list[CustomerOrder]


class RedeemOut(Out):
    order: CustomerOrder
