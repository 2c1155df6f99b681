import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from tihuo.catalog.schemas import ProductName
from tihuo.shapes import Fen, Id, In, Line, OptionalDay, Out, Page, Paged, compact

MAX_QUANTITY = 10_000
Status = Literal["inactive", "active", "void"]
Action = Literal["activate", "deactivate", "void", "restore"]
Order = Literal["sequential", "random"]
Alphabet = Literal["digits", "letters", "letters_digits"]


def _prefix(value: str) -> str:
    value = compact(value)
    if value and not (value.isascii() and value.isalnum()):
        raise ValueError("只能用字母和数字，请去掉其他字符")
    if value.startswith("0"):
        raise ValueError("第一位不能是数字 0，请换一个字母或 1 到 9")
    if len(value) > 12:
        raise ValueError("最多 12 位，请缩短")
    return value


class BatchIn(In):
    """Spec D; `product_ids` and `quantity` alone are the quick create (快速创建)."""

    name: Line = Field("", title="卡号名称", max_length=64)
    prefix: Annotated[Line, AfterValidator(_prefix)] = Field("", title="卡号前缀", max_length=32)
    number_length: int = Field(8, title="卡号长度", ge=3, le=18)
    start_number: int | None = Field(None, title="起始号", ge=0, le=10**17)
    order: Order = Field("sequential", title="卡号规格")
    password_length: int = Field(10, title="密码长度", ge=6, le=32)
    password_alphabet: Alphabet = Field("digits", title="密码规则")
    quantity: int = Field(title="生成数量", ge=1, le=MAX_QUANTITY)
    status: Literal["inactive", "active"] = Field("inactive", title="卡号状态")
    product_ids: list[Id] = Field(title="对应商品", min_length=1, max_length=200)
    face_value_fen: Fen | None = Field(None, title="卡券面值")
    valid_from: OptionalDay = Field(None, title="有效期开始")
    valid_until: OptionalDay = Field(None, title="有效期结束")
    remark: Line = Field("", title="卡券备注", max_length=200)

    @field_validator("valid_until")
    @classmethod
    def _after_start(cls, value: dt.date | None, info: ValidationInfo) -> dt.date | None:
        start = info.data.get("valid_from")
        if value is not None and start is not None and value < start:
            raise ValueError("不能早于有效期开始的日期")
        return value


class Batch(Out):
    id: int
    code: str
    name: str
    prefix: str
    number_length: int
    start_number: int | None
    order: Order
    password_length: int
    password_alphabet: Alphabet
    quantity: int
    first_serial: int
    last_serial: int
    first_number: str
    last_number: str
    products: list[ProductName]
    face_value_fen: int | None
    valid_from: dt.date | None
    valid_until: dt.date | None
    remark: str
    created_at: dt.datetime
    created_by: str


class BatchPage(Page[Batch]):
    pass


class CardFilter(In):
    """What the card list finds; the same names as its query."""

    batch_id: Id | None = Field(None, title="批次")
    number: Annotated[Line, AfterValidator(compact)] = Field("", title="卡号", max_length=64)
    serial_from: Id | None = Field(None, title="卡序号起")
    serial_to: Id | None = Field(None, title="卡序号止")
    status: Status | None = Field(None, title="状态")
    redeemed: bool | None = Field(None, title="是否兑换")


class CardQuery(CardFilter, Paged):
    pass


class BatchRef(Out):
    id: int
    code: str


class Card(Out):
    id: int
    serial: int
    number: str
    name: str
    batch: BatchRef
    status: Status
    redeemed: bool
    uses_total: int
    uses_left: int
    products: list[ProductName]
    face_value_fen: int | None
    valid_from: dt.date | None
    valid_until: dt.date | None
    remark: str
    made_at: dt.datetime
    activated_at: dt.datetime | None
    redeemed_at: dt.datetime | None


class CardCount(Out):
    """How many the filter finds; `exact` is False when counting stopped at `value`."""

    value: int
    exact: bool


class CardPage(Page[Card]):
    count: CardCount


class CardStatusIn(In):
    action: Action = Field(title="操作")


class CardsStatusIn(In):
    filter: CardFilter = Field(title="筛选")
    action: Action = Field(title="操作")
    expected: int = Field(title="确认的张数", ge=0)


class CardsStatusOut(Out):
    changed: int
    unchanged: int


class CardExportIn(In):
    filter: CardFilter = Field(title="筛选")
    password: Annotated[str, Field(min_length=1, max_length=128)] = Field(title="登录密码")


class CardFigures(Out):
    total: int
    active: int
    redeemed: int
