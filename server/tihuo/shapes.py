"""The shapes that every room's schemas are made of."""

import datetime as dt
import re
import unicodedata
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

T = TypeVar("T")
MAX_ID = 2**53 - 1

# Direction overrides can make a label or a sheet read other than it is.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


class In(BaseModel):
    """What a caller sends. Unknown names are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


class Out(BaseModel):
    """What we answer."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


def _line(value: str) -> str:
    value = _OVERRIDES.sub("", value)
    if any(unicodedata.category(char) == "Cc" for char in value):
        raise ValueError("不能含有换行或控制字符")
    return value


def _paragraph(value: str) -> str:
    value = _OVERRIDES.sub("", value).replace("\r\n", "\n")
    if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in value):
        raise ValueError("不能含有控制字符")
    return value


def compact(value: str) -> str:
    """A typed number or password as it is stored: half-width, upper case, without spaces and dashes."""
    folded = unicodedata.normalize("NFKC", value).upper()
    return re.sub(r"[\s\-\u2010-\u2015\u2212_.·]", "", folded)


# What reads like another character on a scratched card: one of each kind stands for all.
_LOOK_ALIKES = str.maketrans("OIL", "011")


def unmistakable(value: str) -> str:
    """A number or password (as `compact` leaves it) with O, I and L read as 0 and 1: what compares as equal."""
    return value.translate(_LOOK_ALIKES)


def _mobile(value: str) -> str:
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", value))
    digits = re.sub(r"^(\+?86|0086)(?=1\d{10}$)", "", digits)
    if not re.fullmatch(r"1[3-9][0-9]{9}", digits):
        raise ValueError("请填写 11 位手机号")
    return digits


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


Line = Annotated[str, AfterValidator(_line)]
Paragraph = Annotated[str, AfterValidator(_paragraph)]
Mobile = Annotated[str, Field(max_length=32), AfterValidator(_mobile)]
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Day = Annotated[dt.date, Field(ge=dt.date(2000, 1, 1), le=dt.date(2999, 12, 31))]
OptionalDay = Annotated[Day | None, BeforeValidator(_empty_is_none)]
# China's divisions by their six digits, see tihuo.addresses.
RegionCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
AreaCodes = Annotated[list[RegionCode], Field(max_length=500)]
Fen = Annotated[int, Field(ge=0, le=100_000_000_00)]


class Paged(In):
    """The query of a list that pages by key."""

    after: Id | None = Field(None, title="起点")
    limit: int = Field(50, title="每页条数", ge=1, le=200)


class Page(Out, Generic[T]):
    """A stretch of a list; `next` goes into `after` for the following one, None at the end."""

    items: list[T]
    next: int | None


def page(rows: list[T], limit: int, key: str = "id") -> tuple[list[T], int | None]:
    """Cut a list that was read one row too long; answers the rows and the next key."""
    return (rows[:limit], getattr(rows[limit - 1], key)) if len(rows) > limit else (rows, None)
