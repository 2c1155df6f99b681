import re
from typing import Annotated

from pydantic import AfterValidator, Field

from tihuo.shapes import In, Line, Out, Paragraph


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


Color = Annotated[str, AfterValidator(_color)]
PictureKey = Annotated[str, Field(pattern=r"^[0-9]{1,15}/[0-9a-f]{32}\.(jpg|png)$")]


class MerchantIn(In):
    slug: Annotated[str, AfterValidator(_slug)] = Field(title="短名称")
    name: Line = Field(title="商家名称", min_length=1, max_length=32)


class StorefrontView(Out):
    """What a customer's page is told about the shop."""

    slug: str
    name: str
    logo_url: str | None
    banner_url: str | None
    theme_color: str
    welcome: str
    contact_phone: str
    open: bool
    closed_notice: str


class StorefrontIn(In):
    name: Line = Field(title="提货名称", min_length=1, max_length=32)
    logo_key: PictureKey | None = Field(None, title="Logo")
    banner_key: PictureKey | None = Field(None, title="横幅图片")
    theme_color: Color = Field(title="主题颜色")
    welcome: Paragraph = Field("", title="欢迎语", max_length=500)
    contact_phone: Annotated[str, AfterValidator(_phone)] = Field("", title="联系电话")
    open: bool = Field(title="前台提货开关")
    closed_notice: Paragraph = Field("", title="暂停提货说明", max_length=500)


class StorefrontSettings(Out):
    name: str
    logo_key: str | None
    logo_url: str | None
    banner_key: str | None
    banner_url: str | None
    theme_color: str
    welcome: str
    contact_phone: str
    open: bool
    closed_notice: str


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
