import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tihuo.shapes import In, Line, Mobile, Out

Permission = Literal["products", "cards", "card_passwords", "orders", "shipping", "redeeming", "settings", "staff"]


def _account(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{3,32}", value):
        raise ValueError("只能用字母和数字，3 到 32 位")
    return value.lower()


def _password(value: str) -> str:
    if not (re.search(r"[A-Za-z]", value) and re.search(r"[0-9]", value)):
        raise ValueError("须同时含有字母和数字")
    return value


Account = Annotated[str, AfterValidator(_account)]
Password = Annotated[str, Field(min_length=8, max_length=128), AfterValidator(_password)]
# What is typed at sign-in: an old password may break today's rules.
TypedPassword = Annotated[str, Field(min_length=1, max_length=128)]


class SignInIn(In):
    account: Line = Field(title="登录名", min_length=1, max_length=64)
    password: TypedPassword = Field(title="登录密码")
    captcha_id: Line = Field(title="验证码编号", min_length=1, max_length=64)
    captcha_answer: Line = Field(title="验证码", min_length=1, max_length=16)


class CaptchaOut(Out):
    id: str
    image: str


class MeStaff(Out):
    id: int
    account: str
    name: str
    is_owner: bool
    permissions: list[Permission]


class MeMerchant(Out):
    id: int
    name: str
    slug: str


class Me(Out):
    staff: MeStaff
    merchant: MeMerchant
    storefront_url: str


class StaffNew(In):
    account: Account = Field(title="账号")
    name: Line = Field(title="姓名", min_length=1, max_length=32)
    mobile: Mobile = Field(title="手机号")
    password: Password = Field(title="密码")
    restrictions: list[Permission] = Field(default_factory=list, title="限制的权限", max_length=7)


class StaffChange(In):
    name: Line = Field(title="姓名", min_length=1, max_length=32)
    mobile: Mobile = Field(title="手机号")
    restrictions: list[Permission] = Field(title="限制的权限", max_length=7)
    disabled: bool = Field(title="停用")
    password: Password | None = Field(None, title="新密码")


class Staff(Out):
    id: int
    account: str
    name: str
    mobile: str
    is_owner: bool
    restrictions: list[Permission]
    disabled: bool
    created_at: dt.datetime


class StaffList(Out):
    items: list[Staff]
