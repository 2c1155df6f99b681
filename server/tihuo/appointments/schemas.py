import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from tihuo.shapes import Day, Id, In, Line, OptionalDay, Out, RegionCode

Mode = Literal["none", "window", "range"]
Reason = Literal["too_early", "outside", "closed", "weekday", "full"]
Weekday = Annotated[int, Field(ge=1, le=7)]
Days = Annotated[int, Field(ge=0, le=365)]
Quota = Annotated[int, Field(ge=1, le=1_000_000)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
OptionalClock = Annotated[Clock | None, BeforeValidator(lambda value: None if value == "" else value)]
MAX_RANGE = dt.timedelta(days=1096)
MAX_FIGURES = dt.timedelta(days=91)


def _once(values: Iterable[object], what: str) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise ValueError(f"有重复的{what}，请只留一项")


class Span(In):
    """Days from `first` to `last`, both within."""

    first: Day = Field(title="开始日期")
    last: Day = Field(title="结束日期")

    @field_validator("last")
    @classmethod
    def _in_order(cls, last: dt.date, info: ValidationInfo) -> dt.date:
        if "first" in info.data and last < info.data["first"]:
            raise ValueError("不能早于开始日期")
        return last


class ProductQuota(In):
    product_id: Id = Field(title="商品")
    quota: Quota = Field(title="每日限量")


class ProductLeadDays(In):
    product_id: Id = Field(title="商品")
    days: Days = Field(title="备货天数")


class RegionLeadDays(In):
    code: RegionCode = Field(title="地区")
    days: Days = Field(title="备货天数")


class Rule(In):
    """Which days customers may choose.

    `mode`: none are chosen; a window of days that moves with today; a fixed range. `required`: without a day there is
    no order; otherwise none means as soon as possible. `cutoff`: from this minute on the merchant's today counts as
    over, in every mode. `weekdays`: ISO, Monday is 1. `extra_dates` are open in spite of weekday, closed dates and the
    ends of window and range, but no earlier than cut-off, `earliest_days` (window) and lead days allow. Lead days
    count from today as `earliest_days` do: the largest of all counts, of regions the most specific. `quota`: orders a
    day, of the whole shop; None is no limit.
    """

    mode: Mode = Field(title="预约方式")
    required: bool = Field(title="必须选择日期")
    earliest_days: Days = Field(title="最早天数")
    latest_days: Days = Field(title="最晚天数")
    cutoff: OptionalClock = Field(title="截单时间")
    first: OptionalDay = Field(title="开始日期")
    last: OptionalDay = Field(title="结束日期")
    closed_dates: list[Span] = Field(title="休息日期", max_length=100)
    extra_dates: list[Day] = Field(title="额外开放日期", max_length=100)
    weekdays: list[Weekday] = Field(title="可发货的星期", max_length=7)
    quota: Quota | None = Field(title="每日限量")
    product_quotas: list[ProductQuota] = Field(title="商品每日限量", max_length=500)
    product_lead_days: list[ProductLeadDays] = Field(title="商品备货天数", max_length=500)
    region_lead_days: list[RegionLeadDays] = Field(title="地区备货天数", max_length=500)
    note: Line = Field(title="预约说明", max_length=200)

    @field_validator("latest_days")
    @classmethod
    def _latest(cls, latest: int, info: ValidationInfo) -> int:
        earliest = info.data.get("earliest_days", 0)
        if info.data.get("mode") == "window" and latest < earliest:
            raise ValueError(f"不能小于最早天数 {earliest}")
        return latest

    @field_validator("first", "last")
    @classmethod
    def _range(cls, day: dt.date | None, info: ValidationInfo) -> dt.date | None:
        if info.data.get("mode") != "range":
            return day
        if day is None:
            raise ValueError("请选择日期")
        first = info.data.get("first")
        if info.field_name == "last" and first is not None:
            if day < first:
                raise ValueError("不能早于开始日期")
            if day - first > MAX_RANGE:
                raise ValueError("与开始日期最多相隔三年")
        return day

    @field_validator("extra_dates")
    @classmethod
    def _extra(cls, days: list[dt.date]) -> list[dt.date]:
        return sorted(set(days))

    @field_validator("weekdays")
    @classmethod
    def _weekdays(cls, weekdays: list[int], info: ValidationInfo) -> list[int]:
        chosen = sorted(set(weekdays))
        if not chosen and info.data.get("mode") != "none" and not info.data.get("extra_dates"):
            raise ValueError("请至少选择一天，否则没有日期可选")
        return chosen

    @field_validator("product_quotas")
    @classmethod
    def _quotas(cls, quotas: list[ProductQuota]) -> list[ProductQuota]:
        _once((quota.product_id for quota in quotas), "商品")
        return quotas

    @field_validator("product_lead_days")
    @classmethod
    def _product_leads(cls, leads: list[ProductLeadDays], info: ValidationInfo) -> list[ProductLeadDays]:
        _once((lead.product_id for lead in leads), "商品")
        _leave_days((lead.days for lead in leads), info)
        return leads

    @field_validator("region_lead_days")
    @classmethod
    def _region_leads(cls, leads: list[RegionLeadDays], info: ValidationInfo) -> list[RegionLeadDays]:
        _once((lead.code for lead in leads), "地区")
        _leave_days((lead.days for lead in leads), info)
        return leads


def _leave_days(leads: Iterable[int], info: ValidationInfo) -> None:
    latest = info.data.get("latest_days")
    if info.data.get("mode") != "window" or latest is None:
        return
    for number, days in enumerate(leads, start=1):
        if days > latest:
            raise ValueError(f"第 {number} 项超过最晚天数 {latest}，会没有日期可选")


class OfferedDay(Out):
    """A day and whether it can be chosen now. `fullness`: in percent, None where there is no quota or no choice."""

    day: dt.date
    open: bool
    fullness: int | None
    reason: Reason | None


class DaysView(Out):
    """The days that can be chosen, and those between. `nearest`: the first that can, also if it is not listed."""

    mode: Mode
    required: bool
    note: str
    days: list[OfferedDay]
    nearest: dt.date | None


class DaysQuery(In):
    product_id: Id = Field(title="提货商品")
    region_code: RegionCode | None = Field(None, title="地区编码")


class PreviewIn(In):
    rule: Rule = Field(title="预约规则")
    product_id: Id | None = Field(None, title="提货商品")
    region_code: RegionCode | None = Field(None, title="地区编码")


class FiguresQuery(In):
    first: Day = Field(title="开始日期")
    last: Day = Field(title="结束日期")

    @field_validator("last")
    @classmethod
    def _in_order(cls, last: dt.date, info: ValidationInfo) -> dt.date:
        if "first" in info.data:
            if last < info.data["first"]:
                raise ValueError("不能早于开始日期")
            if last - info.data["first"] > MAX_FIGURES:
                raise ValueError("一次最多查看 92 天")
        return last


class ProductFigures(Out):
    product_id: int
    name: str
    taken: int
    quota: int | None


class DayFigures(Out):
    """How many orders are to be shipped on a day, of the whole shop and of each product that has any."""

    day: dt.date
    taken: int
    quota: int | None
    products: list[ProductFigures]


class FiguresList(Out):
    items: list[DayFigures]
