"""The date engine against a model that looks at every day by itself, and at the edges of the clock."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.appointments.rules import rule
from tihuo.appointments.schemas import OfferedDay, Rule
from tihuo.appointments.service.days import MOST_DAYS, Calendar, Counts, Offer, view

DAY = dt.timedelta(days=1)
PRODUCTS = (1, 2, 3)
REGIONS = ("330106", "330110", "330100", "330200", "330000", "310115", "429004", "441900")
ZONES = ("Asia/Shanghai", "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia")
EDGES = [
    dt.datetime(2027, 1, 31, 23, 59, 59),  # noqa: DTZ001 - given a zone below
    dt.datetime(2027, 12, 31, 23, 59, 59, 999_999),  # noqa: DTZ001
    dt.datetime(2028, 1, 1),  # noqa: DTZ001
    dt.datetime(2028, 2, 28, 12),  # noqa: DTZ001
    dt.datetime(2028, 2, 29, 0, 0, 1),  # noqa: DTZ001
    dt.datetime(2027, 11, 7, 1, 15),  # noqa: DTZ001 - set back in New York, twice on the clock
    dt.datetime(2027, 11, 7, 1, 15, fold=1),  # noqa: DTZ001
    dt.datetime(2027, 3, 14, 3, 5),  # noqa: DTZ001 - put forward in New York: no 2 o'clock
]


def has_ended(now: dt.datetime, cutoff: str | None) -> bool:
    """Whether the clock on the wall showed the cut-off at any minute of the day until now."""
    if cutoff is None:
        return False
    hour, minute = map(int, cutoff.split(":"))
    moment = now.astimezone(dt.UTC).replace(second=0, microsecond=0)
    while True:
        there = moment.astimezone(now.tzinfo)
        if there.date() != now.date():
            return False
        if (there.hour, there.minute) >= (hour, minute):
            return True
        moment -= dt.timedelta(minutes=1)


def expected(
    rule: Rule, now: dt.datetime, product: int | None, region: str | None, counts: Counts
) -> tuple[list[OfferedDay], dt.date | None]:
    """What `view` must answer, written as plainly as it can be said."""
    today = now.date()
    begins = today + DAY if has_ended(now, rule.cutoff) else today
    leads = [entry.days for entry in rule.product_lead_days if entry.product_id == product]
    by_code = {entry.code: entry.days for entry in rule.region_lead_days}
    for code in (region, f"{region[:4]}00", f"{region[:2]}0000") if region else ():
        if code in by_code:
            leads.append(by_code[code])
            break
    if rule.mode == "window":
        leads.append(rule.earliest_days)
    soonest = begins + max(leads, default=0) * DAY
    earliest, latest = (rule.first, rule.last) if rule.mode == "range" else (today, begins + rule.latest_days * DAY)
    assert earliest is not None
    assert latest is not None
    found: list[OfferedDay] = []
    for number in range(1600):
        day = today + number * DAY
        reason: Any = None
        if day < soonest:
            reason = "too_early"
        elif day in rule.extra_dates:
            reason = None
        elif not earliest <= day <= latest:
            reason = "outside"
        elif any(span.first <= day <= span.last for span in rule.closed_dates):
            reason = "closed"
        elif day.isoweekday() not in rule.weekdays:
            reason = "weekday"
        fullness = None
        if reason is None:
            shop, own = counts.get(day, (0, 0))
            quota = next((entry.quota for entry in rule.product_quotas if entry.product_id == product), None)
            shares = [100 * shop // rule.quota] if rule.quota else []
            shares += [100 * own // quota] if quota else []
            fullness = min(max(shares), 100) if shares else None
            if fullness == 100:
                reason = "full"
        found.append(OfferedDay(day=day, open=reason is None, fullness=fullness, reason=reason))
    by_rule = [entry.day for entry in found if entry.reason in (None, "full")]
    nearest = next((entry.day for entry in found if entry.open), None)
    if not by_rule:
        return [], None
    begin = today if by_rule[0] < today + MOST_DAYS * DAY else by_rule[0]
    return [entry for entry in found if begin <= entry.day <= by_rule[-1]][:MOST_DAYS], nearest


@st.composite
def moments(draw: st.DrawFn) -> dt.datetime:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    anywhere = st.datetimes(dt.datetime(2027, 1, 1), dt.datetime(2028, 12, 31))  # noqa: DTZ001
    naive = draw(st.sampled_from(EDGES) | anywhere)
    # By way of UTC: what the clock skips becomes the moment that it is.
    return naive.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(zone)


@st.composite
def rules(draw: st.DrawFn, now: dt.datetime) -> Rule:
    today = now.date()
    near = st.integers(-5, 40).map(lambda count: today + count * DAY)
    far = st.sampled_from([0, 1, 119, 120, 121, 200, 400]).map(lambda count: today + count * DAY)
    mode = draw(st.sampled_from(["window", "range"]))
    earliest = draw(st.integers(0, 5) | st.sampled_from([30, 118, 119, 120, 364]))
    latest = draw(st.integers(earliest, min(earliest + 40, 365)) | st.just(365))
    first = draw(near | far)
    lead = st.integers(0, latest if mode == "window" else 130)
    spans = draw(st.lists(st.tuples(near, st.integers(0, 150)), max_size=3))
    minute = st.sampled_from([now, now + dt.timedelta(minutes=1), now - dt.timedelta(minutes=1)])
    cutoff = draw(
        st.none()
        | minute.map(lambda moment: f"{moment:%H:%M}")
        | st.sampled_from(["00:00", "01:30", "02:30", "16:00", "23:59"])
    )
    quota = st.none() | st.integers(1, 40)
    return rule(
        mode=mode,
        earliest_days=earliest,
        latest_days=latest,
        cutoff=cutoff,
        first=first,
        last=first + draw(st.integers(0, 20) | st.sampled_from([119, 120, 366, 1096])) * DAY,
        closed_dates=[{"first": begin, "last": begin + length * DAY} for begin, length in spans],
        extra_dates=draw(st.lists(near | far, max_size=4)) or [today + 7 * DAY],
        weekdays=draw(st.lists(st.integers(1, 7), max_size=7)),
        quota=draw(quota),
        product_quotas=[{"product_id": 1, "quota": one} for one in [draw(quota)] if one],
        product_lead_days=[
            {"product_id": one, "days": draw(lead)} for one in draw(st.sets(st.sampled_from(PRODUCTS), max_size=2))
        ],
        region_lead_days=[
            {"code": code, "days": draw(lead)} for code in draw(st.sets(st.sampled_from(REGIONS), max_size=4))
        ],
        note="请选择日期",
    )


@st.composite
def questions(draw: st.DrawFn) -> tuple[Rule, dt.datetime, int | None, str | None, Counts]:
    now = draw(moments())
    asked = draw(rules(now))
    product = draw(st.none() | st.sampled_from(PRODUCTS))
    region = draw(st.none() | st.sampled_from(REGIONS))
    taken = draw(st.integers(0, 45))
    full = {now.date() + count * DAY: (taken, draw(st.integers(0, taken))) for count in range(draw(st.integers(0, 50)))}
    return asked, now, product, region, full


@settings(deadline=None, max_examples=300)
@given(questions())
def test_the_days_are_those_of_the_plain_model(question: tuple[Rule, dt.datetime, Any, Any, Counts]) -> None:
    """Days, reasons, fullness and the nearest; and a single day is judged as the list judges it."""
    asked, now, product, region, counts = question
    answer = view(Calendar(asked), now, product, region, counts)
    days, nearest = expected(asked, now, product, region, counts)
    assert answer.days == days
    assert answer.nearest == nearest
    offer = Offer(Calendar(asked), now, product, region)
    for entry in answer.days:
        assert offer.reason(entry.day) == (None if entry.reason == "full" else entry.reason)
    assert offer.reason(now.date() - DAY) == "too_early"


def at(text: str, zone: str = "Asia/Shanghai") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def opened(asked: Rule, now: dt.datetime, product: int | None = None, region: str | None = None) -> list[str]:
    answer = view(Calendar(asked), now, product, region, {})
    return [entry.day.isoformat() for entry in answer.days if entry.open]


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2027-05-10T00:00:00", "2027-05-11"),
        ("2027-05-10T15:59:59.999999", "2027-05-11"),
        ("2027-05-10T16:00:00", "2027-05-12"),
        ("2027-05-10T23:59:59", "2027-05-12"),
        ("2027-05-11T00:00:00", "2027-05-12"),
        ("2027-04-30T15:59:59", "2027-05-01"),
        ("2027-04-30T16:00:00", "2027-05-02"),
        ("2027-12-31T15:00:00", "2028-01-01"),
        ("2027-12-31T16:00:00", "2028-01-02"),
        ("2028-02-28T12:00:00", "2028-02-29"),
        ("2028-02-28T16:00:00", "2028-03-01"),
        ("2028-02-29T12:00:00", "2028-03-01"),
        ("2027-02-28T12:00:00", "2027-03-01"),
    ],
)
def test_the_cutoff_counts_from_its_very_second(now: str, first: str) -> None:
    """Today counts as over from then on: the window moves by a day, its length stays."""
    found = opened(rule(earliest_days=1, latest_days=3, cutoff="16:00"), at(now))
    assert found == [(dt.date.fromisoformat(first) + count * DAY).isoformat() for count in range(3)]


@pytest.mark.parametrize(
    ("zone", "first"), [("Asia/Shanghai", "2027-05-11"), ("America/New_York", "2027-05-10"), ("UTC", "2027-05-10")]
)
def test_today_is_the_merchants(zone: str, first: str) -> None:
    moment = dt.datetime(2027, 5, 10, 16, 30, tzinfo=dt.UTC)
    assert opened(rule(earliest_days=0, latest_days=0), moment.astimezone(ZoneInfo(zone))) == [first]


def test_what_is_over_stays_over_when_the_clocks_are_set_back() -> None:
    """In New York 1:15 comes twice on 7 November 2027; on 14 March there is no half past two."""
    asked = rule(earliest_days=0, latest_days=0, cutoff="01:30")
    assert opened(asked, at("2027-11-07T01:15:00", "America/New_York")) == ["2027-11-07"]
    again = at("2027-11-07T01:15:00", "America/New_York").replace(fold=1)
    assert opened(asked, again) == ["2027-11-08"]
    skipped = rule(earliest_days=0, latest_days=0, cutoff="02:30")
    assert opened(skipped, at("2027-03-14T01:59:59", "America/New_York")) == ["2027-03-14"]
    assert opened(skipped, at("2027-03-14T03:00:00", "America/New_York")) == ["2027-03-15"]


def test_a_range_is_cut_by_today_and_by_the_cutoff() -> None:
    asked = rule(mode="range", first="2027-05-09", last="2027-05-12", cutoff="16:00")
    assert opened(asked, at("2027-05-01T10:00:00")) == ["2027-05-09", "2027-05-10", "2027-05-11", "2027-05-12"]
    assert opened(asked, at("2027-05-10T10:00:00")) == ["2027-05-10", "2027-05-11", "2027-05-12"]
    assert opened(asked, at("2027-05-10T16:00:00")) == ["2027-05-11", "2027-05-12"]
    assert opened(asked, at("2027-05-12T16:00:00")) == []
    over = view(Calendar(asked), at("2027-05-13T00:00:00"), None, None, {})
    assert (over.days, over.nearest) == ([], None)


def test_extra_dates_are_open_in_spite_of_all_but_the_time_it_takes() -> None:
    """Monday 10 May 2027. The extra dates: too early, a closed day, a Sunday, and one long after the end."""
    asked = rule(
        earliest_days=2,
        latest_days=6,
        weekdays=[1, 2, 3, 4, 5],
        closed_dates=[{"first": "2027-05-13", "last": "2027-05-14"}],
        extra_dates=["2027-05-11", "2027-05-14", "2027-05-16", "2027-06-01"],
    )
    now = at("2027-05-10T10:00:00")
    assert opened(asked, now) == ["2027-05-12", "2027-05-14", "2027-05-16", "2027-06-01"]
    reasons = {entry.day.isoformat(): entry.reason for entry in view(Calendar(asked), now, None, None, {}).days}
    assert reasons["2027-05-11"] == "too_early"
    assert reasons["2027-05-13"] == "closed"
    assert reasons["2027-05-15"] == "weekday"
    assert reasons["2027-05-20"] == "outside"
    before = rule(mode="range", first="2027-05-20", last="2027-05-21", extra_dates=["2027-05-12"])
    assert opened(before, now) == ["2027-05-12", "2027-05-20", "2027-05-21"]


def test_of_lead_days_the_closest_region_counts_and_then_the_larger() -> None:
    asked = rule(
        earliest_days=1,
        latest_days=9,
        product_lead_days=[{"product_id": 1, "days": 4}],
        region_lead_days=[
            {"code": "330000", "days": 6},
            {"code": "330100", "days": 3},
            {"code": "330106", "days": 5},
        ],
    )
    now = at("2027-05-10T10:00:00")
    for product, region, first in (
        (None, None, 11),
        (1, None, 14),
        (2, None, 11),
        (None, "330106", 15),
        (None, "330110", 13),
        (1, "330110", 14),
        (None, "330200", 16),
        (1, "330200", 16),
        (None, "310115", 11),
    ):
        assert opened(asked, now, product, region)[0] == f"2027-05-{first}", (product, region)


def test_fullness_is_of_whichever_is_fuller_and_never_100_while_a_place_is_left() -> None:
    asked = rule(latest_days=4, quota=1000, product_quotas=[{"product_id": 1, "quota": 10}])
    now = at("2027-05-10T10:00:00")
    counts = {
        dt.date(2027, 5, 11): (999, 0),
        dt.date(2027, 5, 12): (500, 7),
        dt.date(2027, 5, 13): (500, 10),
        dt.date(2027, 5, 14): (1200, 0),
    }
    own = view(Calendar(asked), now, 1, None, counts)
    assert [(day.fullness, day.open) for day in own.days[1:]] == [(99, True), (70, True), (100, False), (100, False)]
    other = view(Calendar(asked), now, 2, None, counts)
    assert [day.fullness for day in other.days[1:]] == [99, 50, 50, 100]
    assert own.nearest == other.nearest == dt.date(2027, 5, 11)


def test_the_nearest_is_right_beyond_the_days_that_are_listed() -> None:
    now = at("2027-05-10T10:00:00")
    counts = {now.date() + count * DAY: (5, 0) for count in range(200)}
    answer = view(Calendar(rule(earliest_days=0, latest_days=365, quota=5)), now, None, None, counts)
    assert len(answer.days) == MOST_DAYS
    assert {day.reason for day in answer.days} == {"full"}
    assert answer.nearest == now.date() + 200 * DAY


def test_a_range_that_is_far_off_is_listed_from_its_first_day() -> None:
    asked = rule(mode="range", first="2027-12-01", last="2027-12-10")
    answer = view(Calendar(asked), at("2027-05-10T10:00:00"), None, None, {})
    assert [day.day.isoformat() for day in answer.days] == [f"2027-12-{day:02d}" for day in range(1, 11)]
    assert answer.nearest == dt.date(2027, 12, 1)


def test_where_none_are_chosen_nothing_is_offered_or_required() -> None:
    answer = view(Calendar(rule(mode="none", required=True, note="三天内发货")), at("2027-05-10T10:00:00"), 1, None, {})
    assert answer.model_dump() == {
        "mode": "none",
        "required": False,
        "note": "三天内发货",
        "days": [],
        "nearest": None,
    }
