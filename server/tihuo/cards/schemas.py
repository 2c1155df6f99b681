import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from tihuo.catalog.schemas import ProductName
from tihuo.distributors.schemas import DistributorName
from tihuo.jobs.schemas import JobView
from tihuo.shapes import Fen, Id, In, Line, OptionalDay, Out, Page, Paged, compact

MAX_QUANTITY = 1_000_000
MAX_USES = 100
Status = Literal["inactive", "active", "void"]
Usage = Literal["unused", "partly", "used_up"]
StatusAction = Literal["activate", "deactivate", "void", "restore"]
Action = Literal["activate", "deactivate", "void", "restore", "edit", "delete"]
Order = Literal["sequential", "random"]
Alphabet = Literal["digits", "letters", "letters_digits"]
Password = Annotated[str, Field(min_length=1, max_length=128)]


def _prefix(value: str) -> str:
    value = compact(value)
    if value and not (value.isascii() and value.isalnum()):
        raise ValueError("只能用字母和数字，请去掉其他字符")
    if value.startswith("0"):
        raise ValueError("第一位不能是数字 0，请换一个字母或 1 到 9")
    if len(value) > 12:
        raise ValueError("最多 12 位，请缩短")
    return value


def _not_before_start(value: dt.date | None, info: ValidationInfo) -> dt.date | None:
    start = info.data.get("valid_from")
    if value is not None and start is not None and value < start:
        raise ValueError("不能早于有效期开始的日期")
    return value


def _only_yes(value: bool) -> bool:
    if not value:
        raise ValueError("只能筛选可用的卡；不可用的请按状态或使用情况筛选")
    return value


class Terms(In):
    """What cards are made with and can be edited afterwards."""

    name: Line = Field("", title="卡号名称", max_length=64)
    status: Literal["inactive", "active"] = Field("inactive", title="卡号状态")
    product_ids: list[Id] = Field(title="对应商品", min_length=1, max_length=200)
    face_value_fen: Fen | None = Field(None, title="卡券面值")
    valid_from: OptionalDay = Field(None, title="有效期开始")
    valid_until: OptionalDay = Field(None, title="有效期结束")
    remark: Line = Field("", title="卡券备注", max_length=200)
    distributor_id: Id | None = Field(None, title="券商")
    uses: int = Field(1, title="可提次数", ge=1, le=MAX_USES)

    _after_start = field_validator("valid_until")(_not_before_start)


class BatchIn(Terms):
    """Spec D; `product_ids` and `quantity` alone are the quick create (快速创建)."""

    prefix: Annotated[Line, AfterValidator(_prefix)] = Field("", title="卡号前缀", max_length=32)
    number_length: int = Field(8, title="卡号长度", ge=3, le=18)
    start_number: int | None = Field(None, title="起始号", ge=0, le=10**17)
    order: Order = Field("sequential", title="卡号规格")
    password_length: int = Field(10, title="密码长度", ge=6, le=32)
    password_alphabet: Alphabet = Field("digits", title="密码规则")
    quantity: int = Field(title="生成数量", ge=1, le=MAX_QUANTITY)


class ImportIn(Terms):
    """The merchant's own numbers and passwords (manual: 卡券导入). `file_id`: an uploaded .xlsx."""

    file_id: Id = Field(title="表格文件")


class Batch(Out):
    """`status`: making until all of its cards are there; undone if that failed.

    What is only asked of made cards is None for imported ones.
    """

    id: int
    code: str
    status: Literal["making", "ready", "undone"]
    source: Literal["made", "imported"]
    job_id: int | None
    name: str
    prefix: str
    number_length: int | None
    start_number: int | None
    order: Order | None
    password_length: int | None
    password_alphabet: Alphabet | None
    uses: int
    card_status: Literal["inactive", "active"]
    quantity: int
    first_serial: int
    last_serial: int
    first_number: str | None
    last_number: str | None
    products: list[ProductName]
    face_value_fen: int | None
    valid_from: dt.date | None
    valid_until: dt.date | None
    remark: str
    distributor: DistributorName | None
    created_at: dt.datetime
    created_by: str


class BatchMade(Out):
    """A batch that is being made, and the job that makes it."""

    batch: Batch
    job: JobView


class BatchPage(Page[Batch]):
    pass


class CardFilter(In):
    """What the card list finds; the same names as its query. Days are the merchant's own, both ends included."""

    batch_id: Id | None = Field(None, title="批次")
    name: Line = Field("", title="卡号名称", max_length=64)
    number: Annotated[Line, AfterValidator(compact)] = Field("", title="卡号", max_length=64)
    serial_from: Id | None = Field(None, title="卡序号起")
    serial_to: Id | None = Field(None, title="卡序号止")
    status: Status | None = Field(None, title="状态")
    redeemed: bool | None = Field(None, title="是否兑换")
    usage: Usage | None = Field(None, title="使用情况")
    uses: int | None = Field(None, title="可提次数", ge=1, le=MAX_USES)
    # Not void and not used up, whatever its dates.
    usable: Annotated[bool, AfterValidator(_only_yes)] | None = Field(None, title="是否可用")
    expired: bool | None = Field(None, title="是否过期")
    # 0: cards that no distributor has.
    distributor_id: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = Field(None, title="券商")
    product_id: Id | None = Field(None, title="对应商品")
    face_value_fen: Fen | None = Field(None, title="卡券面值")
    made_from: OptionalDay = Field(None, title="生成日期起")
    made_to: OptionalDay = Field(None, title="生成日期止")
    activated_from: OptionalDay = Field(None, title="激活日期起")
    activated_to: OptionalDay = Field(None, title="激活日期止")
    redeemed_from: OptionalDay = Field(None, title="兑换日期起")
    redeemed_to: OptionalDay = Field(None, title="兑换日期止")

    def chosen(self) -> dict[str, Any]:
        """The conditions that are set, as JSON: for the record, and to ask the same again."""
        return self.model_dump(mode="json", exclude_defaults=True)


class CardQuery(CardFilter, Paged):
    """`after`: the serial that `next` named."""


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
    usage: Usage
    uses_total: int
    uses_left: int
    expired: bool
    products: list[ProductName]
    face_value_fen: int | None
    valid_from: dt.date | None
    valid_until: dt.date | None
    remark: str
    distributor: DistributorName | None
    made_at: dt.datetime
    activated_at: dt.datetime | None
    redeemed_at: dt.datetime | None


class CardCount(Out):
    """How many the filter finds; `exact` is False when counting stopped at `value`."""

    value: int
    exact: bool


class CardPage(Page[Card]):
    """`searched_to`: the serial that the search got to where few cards match; `next` goes on from there."""

    count: CardCount
    searched_to: int | None


class CardStatistics(Out):
    """Exact figures of what the filter finds. `redeemed`: at least once; `expired`: past their last day."""

    total: int
    inactive: int
    active: int
    void: int
    redeemed: int
    unredeemed: int
    used_up: int
    expired: int


class CardStatusIn(In):
    action: StatusAction = Field(title="操作")


class ProductsEdit(In):
    mode: Literal["replace", "add", "remove"] = Field(title="方式")
    product_ids: list[Id] = Field(title="对应商品", min_length=1, max_length=200)


class CardEdit(In):
    """Only the attributes that are named change (manual: 勾选要修改的卡属性); null empties one."""

    name: Line | None = Field(None, title="卡号名称", max_length=64)
    products: ProductsEdit | None = Field(None, title="对应商品")
    face_value_fen: Fen | None = Field(None, title="卡券面值")
    valid_from: OptionalDay = Field(None, title="有效期开始")
    valid_until: OptionalDay = Field(None, title="有效期结束")
    remark: Line | None = Field(None, title="卡券备注", max_length=200)
    distributor_id: Id | None = Field(None, title="券商")

    _after_start = field_validator("valid_until")(_not_before_start)

    def chosen(self) -> dict[str, Any]:
        """The attributes that were named, as JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


class SelectionIn(In):
    """What to do to which cards: a dry run. `edit` goes with the action edit, and only with it."""

    filter: CardFilter = Field(title="筛选")
    action: Action = Field(title="操作")
    edit: CardEdit | None = Field(None, title="修改内容")


class Finding(Out):
    """Cards that would stay as they are, and why."""

    code: str
    message: str
    count: int


class Selection(Out):
    """The very cards that the filter found, set down. Applying it does the action to these and to no other."""

    id: int
    action: Action
    count: int
    will_change: int
    unchanged: list[Finding]
    first_serial: int | None
    last_serial: int | None
    needs_password: bool
    expires_at: dt.datetime


class SelectionApplyIn(In):
    """`expected`: how many will change, as the dry run said and staff confirmed. Deleting needs the password."""

    expected: int = Field(title="确认的张数", ge=1)
    password: Password | None = Field(None, title="登录密码")


ExportColumn = Literal[
    "serial",
    "number",
    "password",
    "link",
    "qr_file",
    "name",
    "products",
    "face_value",
    "valid_from",
    "valid_until",
    "status",
    "uses_total",
    "uses_left",
    "distributor",
    "batch",
    "remark",
    "made_at",
    "activated_at",
    "redeemed_at",
]


class CardExportIn(In):
    """`pictures`: QR codes of the links beside the sheet. With `password` among the columns, `password` is asked."""

    filter: CardFilter = Field(title="筛选")
    columns: list[ExportColumn] = Field(title="导出的列", min_length=1, max_length=20)
    pictures: Literal["none", "png", "svg"] = Field("none", title="二维码图片")
    password: Password | None = Field(None, title="登录密码")


class UploadedFile(Out):
    """An uploaded table, kept encrypted until its import has read it, for a day at most."""

    file_id: int
    size: int
    expires_at: dt.datetime


class SavedFilterIn(In):
    name: Line = Field(title="名称", min_length=1, max_length=32)
    filter: CardFilter = Field(title="筛选")


class SavedFilter(Out):
    id: int
    name: str
    filter: dict[str, Any]


class SavedFilterList(Out):
    items: list[SavedFilter]


class CardFigures(Out):
    total: int
    active: int
    redeemed: int


class DistributorCards(Out):
    """`left`: active or inactive, in date, and not used up. `expired`: past their last day, not used up."""

    distributor_id: int
    assigned: int
    activated: int
    redeemed: int
    left: int
    expired: int
