import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from tihuo.addresses.schemas import Area
from tihuo.shapes import AreaCodes, Day, In, Line, OptionalDay, Out, Paragraph


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", value):
        raise ValueError("只能用小写字母、数字和 -，1 到 32 位，首尾不能是 -")
    return value


def _color(value: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise ValueError("请用 #RRGGBB 的形式，如 #07C160")
    return value.upper()


def _phone(value: str) -> str:
    if value and not re.fullmatch(r"[0-9+() \-]{3,32}", value):
        raise ValueError("只能含数字、空格、+、-、括号")
    return value


def _web_address(value: str) -> str:
    """http:// or https:// only (spec G): anything else could run in the customer's page."""
    if not value:
        return value
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", value)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("请填写以 http:// 或 https:// 开头的完整网址")
    return value


Color = Annotated[str, AfterValidator(_color)]
NoColor = Annotated[str, AfterValidator(lambda value: _color(value) if value else value)]
PictureKey = Annotated[str, Field(pattern=r"^[0-9]{1,15}/[0-9a-f]{32}\.(jpg|png)$")]


class MerchantIn(In):
    slug: Annotated[str, AfterValidator(_slug)] = Field(title="短名称")
    name: Line = Field(title="商家名称", min_length=1, max_length=32)


class Texts(In):
    """The merchant's own words at each step; where empty the page uses its own."""

    enter: Paragraph = Field("", title="输入卡号页说明", max_length=200)
    choose: Paragraph = Field("", title="选择商品页说明", max_length=200)
    form: Paragraph = Field("", title="填写地址页说明", max_length=200)
    confirm: Paragraph = Field("", title="核对信息页说明", max_length=200)
    done: Paragraph = Field("", title="提货成功页说明", max_length=200)


class StorefrontView(Out):
    """What a customer's page is told about the shop. `open`: whether cards can be redeemed now."""

    slug: str
    name: str
    logo_url: str | None
    banner_url: str | None
    theme_color: str
    page_color: str
    welcome: str
    announcement: str
    contact_phone: str
    contact_hours: str
    contact_wechat: str
    jump_url: str
    texts: Texts
    open: bool
    closed_notice: str


class StorefrontIn(In):
    name: Line = Field(title="提货名称", min_length=1, max_length=32)
    logo_key: PictureKey | None = Field(None, title="Logo")
    banner_key: PictureKey | None = Field(None, title="横幅图片")
    theme_color: Color = Field(title="主题颜色")
    page_color: NoColor = Field("", title="页面底色")
    welcome: Paragraph = Field("", title="欢迎语", max_length=500)
    announcement: Paragraph = Field("", title="公告", max_length=500)
    contact_phone: Annotated[str, AfterValidator(_phone)] = Field("", title="联系电话")
    contact_hours: Line = Field("", title="服务时间", max_length=64)
    contact_wechat: Line = Field("", title="客服微信", max_length=64)
    jump_url: Annotated[Line, Field(max_length=500), AfterValidator(_web_address)] = Field("", title="跳转地址")
    texts: Texts = Field(default_factory=Texts, title="各步骤文案")


class StorefrontSettings(Out):
    name: str
    logo_key: str | None
    logo_url: str | None
    banner_key: str | None
    banner_url: str | None
    theme_color: str
    page_color: str
    welcome: str
    announcement: str
    contact_phone: str
    contact_hours: str
    contact_wechat: str
    jump_url: str
    texts: Texts


class PickupIn(In):
    """Whether and how customers redeem (manual: 提货设置). A pause ends by itself on `resumes_on`."""

    open: bool = Field(title="前台提货开关")
    closed_notice: Paragraph = Field("", title="关闭说明", max_length=500)
    paused: bool = Field(False, title="暂停提货")
    pause_notice: Paragraph = Field("", title="暂停说明", max_length=500)
    resumes_on: OptionalDay = Field(None, title="恢复日期")
    address_correction: bool = Field(True, title="发货前可改地址")
    date_correction: bool = Field(True, title="发货前可改日期")
    undeliverable: AreaCodes = Field(default_factory=list, title="不发货地区")
    undeliverable_note: Line = Field("", title="不发货说明", max_length=200)


class PickupSettings(Out):
    open: bool
    closed_notice: str
    paused: bool
    pause_notice: str
    resumes_on: Day | None
    address_correction: bool
    date_correction: bool
    undeliverable: list[Area]
    undeliverable_note: str


class StorefrontAddress(Out):
    """Where the storefront is, for the first menu item."""

    url: str
    name: str
    open: bool


class PictureOut(Out):
    key: str
    url: str
    width: int
    height: int
