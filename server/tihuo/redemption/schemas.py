import contextlib
import datetime as dt
import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tihuo.addresses.schemas import Area
from tihuo.orders.schemas import CustomerOrder, Order, ReceiverIn
from tihuo.shapes import Id, In, Line, OptionalDay, Out, compact

CardState = Literal["redeemable", "redeemed", "inactive", "void", "not_yet_valid", "expired"]
HolderSource = Literal["h5", "mini_program", "phone"]
Typed = Annotated[Line, Field(min_length=1, max_length=64), AfterValidator(compact)]


def _network(value: str) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        pass
    else:
        mapped = address.ipv4_mapped if address.version == 6 else None
        return str(mapped or address)
    with contextlib.suppress(ValueError):
        network = ipaddress.ip_network(value, strict=False)
        if (network.version, network.prefixlen) in ((6, 64), (4, 32)):
            return str(network) if network.version == 6 else str(network.network_address)
    raise ValueError("须为 IP 地址，如 203.0.113.7 或 2001:db8::1")


class CaptchaAnswer(In):
    id: Line = Field(title="验证码编号", min_length=1, max_length=64)
    answer: Line = Field(title="验证码", min_length=1, max_length=16)


class CardIn(In):
    """A card's number and password, as typed."""

    number: Typed = Field(title="卡号")
    password: Typed = Field(title="密码")


class CheckIn(CardIn):
    """`source` "phone": a signed-in operator types for a caller (电话提货)."""

    source: HolderSource = Field("h5", title="来源")
    captcha: CaptchaAnswer | None = Field(None, title="验证码")


class RedeemIn(CheckIn):
    """`uses_left_seen`: how many uses the page showed; with fewer left the card was used meanwhile: refused."""

    product_id: Id = Field(title="提货商品")
    receiver: ReceiverIn = Field(title="收货人信息")
    remark: Line = Field("", title="备注", max_length=200)
    ship_on: OptionalDay = Field(None, title="预约发货日期")
    uses_left_seen: int | None = Field(None, title="剩余次数", ge=0, le=1000)


class CorrectionIn(CheckIn):
    """What the holder corrects of an order that has not been shipped; what is None stays as it is."""

    receiver: ReceiverIn | None = Field(None, title="收货人信息")
    ship_on: OptionalDay = Field(None, title="预约发货日期")


class CounterIn(CardIn):
    product_id: Id = Field(title="提货商品")
    remark: Line = Field("", title="备注", max_length=200)


class ChoosableProduct(Out):
    """`undeliverable`: areas to which it is not sent, the shop's own and the product's."""

    id: int
    name: str
    pictures: list[str]
    contents: list[str]
    detail_html: str
    undeliverable: list[Area]
    undeliverable_note: str


class CardView(Out):
    """A card whose password was right, as its holder sees it. `message`: why it can't be redeemed now.

    `open`: whether the storefront takes redemptions; while it doesn't, a card shows its orders and no products.
    """

    number: str
    name: str
    face_value_fen: int | None
    valid_from: dt.date | None
    valid_until: dt.date | None
    state: CardState
    open: bool
    message: str
    uses_total: int
    uses_left: int
    products: list[ChoosableProduct]
    orders: list[CustomerOrder]


class RedeemOut(Out):
    order: CustomerOrder


class CounterOut(Out):
    order: Order


class CaptchaOut(Out):
    id: str
    image: str


class GuessingQuery(In):
    hours: int = Field(24, title="小时数", ge=1, le=168)


class NumberIn(In):
    number: Typed = Field(title="卡号")


class BlockIn(In):
    """`address`: one address; of an IPv6 one its whole /64 is meant, which one customer holds."""

    address: Annotated[Line, Field(min_length=1, max_length=64), AfterValidator(_network)] = Field(title="IP 地址")
    hours: int = Field(title="小时数", ge=1, le=720)
    reason: Line = Field("", title="原因", max_length=200)


class LockedCard(Out):
    """A number at which so much failed that a captcha is asked for, or (`paused`) that no try is taken.

    `card_id`: None for a number that no card has. `retry_after`: seconds until the failures are forgotten.
    """

    number: str
    card_id: int | None
    failures: int
    paused: bool
    retry_after: int


class AttackedPrefix(Out):
    """Numbers that begin alike, tried from many addresses: each try needs a captcha for so many seconds more."""

    prefix: str
    failures: int
    retry_after: int


class TryingAddress(Out):
    """`numbers`: how many different ones were tried. `blocked_until`: None where the address is not blocked."""

    address: str
    failures: int
    numbers: int
    last_at: dt.datetime
    blocked_until: dt.datetime | None


class WrongTryView(Out):
    number: str
    address: str
    at: dt.datetime


class Block(Out):
    """A blocked network and by whom it was blocked."""

    id: int
    address: str
    reason: str
    by: str
    created_at: dt.datetime
    blocked_until: dt.datetime


class Guessing(Out):
    """How cards are guessed at. `alarm`: each try at the merchant's cards needs a captcha now.

    `failures`: within the window that now runs. `addresses` are counted from the newest wrong tries only where
    there are very many.
    """

    alarm: bool
    failures: int
    locked: list[LockedCard]
    prefixes: list[AttackedPrefix]
    addresses: list[TryingAddress]
    recent: list[WrongTryView]
    blocks: list[Block]
