"""Which days a rule leaves open: dates and counts go in, days come out; nothing here knows a database or a clock."""

import datetime as dt
from collections.abc import Iterator, Mapping

from tihuo.addresses.service import covers
from tihuo.appointments.schemas import DaysView, OfferedDay, Reason, Rule

MOST_DAYS = 120
# Places taken on a day: of the whole shop, of the product.
Counts = Mapping[dt.date, tuple[int, int]]


class Calendar:
    """A rule made ready to be asked many times."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._weekdays = frozenset(rule.weekdays)
        self._extra = frozenset(rule.extra_dates)
        self._cutoff = dt.time.fromisoformat(rule.cutoff) if rule.cutoff else None
        self._quotas = {entry.product_id: entry.quota for entry in rule.product_quotas}
        self._leads = {entry.product_id: entry.days for entry in rule.product_lead_days}

    def quota_of(self, product_id: int | None) -> int | None:
        """A product's quota for a day; None is no limit."""
        return self._quotas.get(product_id) if product_id is not None else None

    def begins(self, now: dt.datetime) -> dt.date:
        """The day from which days are counted: today, or tomorrow when today counts as over.

        `now`: aware, in the merchant's zone. Where clocks are set back, what is over stays over.
        """
        today = now.date()
        if self._cutoff is None:
            return today
        ended = dt.datetime.combine(today, self._cutoff, now.tzinfo).astimezone(dt.UTC)
        over = now.time() >= self._cutoff or now.astimezone(dt.UTC) >= ended
        return today + dt.timedelta(days=1) if over else today

    def lead_days(self, product_id: int | None, region_code: str | None) -> int:
        """Days of preparation for a product and a region: the larger of the two."""
        product = self._leads.get(product_id, 0) if product_id is not None else 0
        if region_code is None:
            return product
        covering = [lead for lead in self.rule.region_lead_days if covers(lead.code, region_code)]
        closest = max(covering, key=lambda lead: (lead.code[4:] != "00", lead.code[2:4] != "00"), default=None)
        return max(product, closest.days if closest is not None else 0)

    def is_extra(self, day: dt.date) -> bool:
        """Whether a day is open in spite of weekday, closed dates and the ends of window and range."""
        return day in self._extra

    def closed(self, day: dt.date) -> Reason | None:
        """Why nothing is shipped on a day, whenever it is asked for."""
        if any(span.first <= day <= span.last for span in self.rule.closed_dates):
            return "closed"
        return None if day.isoweekday() in self._weekdays else "weekday"


class Offer:
    """What a calendar leaves open for one product and region at one moment, before anybody took a place."""

    def __init__(self, calendar: Calendar, now: dt.datetime, product_id: int | None, region_code: str | None) -> None:
        self._calendar = calendar
        self.today = now.date()
        rule = calendar.rule
        begins = calendar.begins(now)
        lead = calendar.lead_days(product_id, region_code)
        if rule.mode == "range":
            assert rule.first is not None
            assert rule.last is not None
            self._soonest = begins + dt.timedelta(days=lead)
            self._first, self._last = max(rule.first, self._soonest), rule.last
        else:
            self._soonest = self._first = begins + dt.timedelta(days=max(rule.earliest_days, lead))
            self._last = begins + dt.timedelta(days=rule.latest_days)

    def reason(self, day: dt.date) -> Reason | None:
        """Why a day can't be chosen, None if it can."""
        if day < self._soonest:
            return "too_early"
        if self._calendar.is_extra(day):
            return None
        if not self._first <= day <= self._last:
            return "outside"
        return self._calendar.closed(day)

    def open_days(self) -> Iterator[dt.date]:
        """Every day that can be chosen, in order."""
        within = (self._first + dt.timedelta(days=count) for count in range((self._last - self._first).days + 1))
        for day in sorted({*within, *self._calendar.rule.extra_dates}):
            if self.reason(day) is None:
                yield day


def view(
    calendar: Calendar, now: dt.datetime, product_id: int | None, region_code: str | None, counts: Counts
) -> DaysView:
    """The days from today to the last that can be chosen, at most 120.

    `now`: aware, in the merchant's zone. `counts` may leave out days on which nothing is taken. Where the first 120
    days hold none to choose, the list begins with the first that can be.
    """
    rule = calendar.rule
    days: list[OfferedDay] = []
    nearest: dt.date | None = None
    if rule.mode != "none":
        offer = Offer(calendar, now, product_id, region_code)
        quotas = (rule.quota, calendar.quota_of(product_id))
        possible = list(offer.open_days())
        nearest = next((day for day in possible if (_fullness(day, quotas, counts) or 0) < 100), None)
        days = [_offered(day, offer, quotas, counts) for day in _listed(offer.today, possible)]
    return DaysView(
        mode=rule.mode, required=rule.required and rule.mode != "none", note=rule.note, days=days, nearest=nearest
    )


def _listed(today: dt.date, possible: list[dt.date]) -> list[dt.date]:
    if not possible:
        return []
    begin = today if (possible[0] - today).days < MOST_DAYS else possible[0]
    length = min((possible[-1] - begin).days + 1, MOST_DAYS)
    return [begin + dt.timedelta(days=count) for count in range(length)]


def _offered(day: dt.date, offer: Offer, quotas: tuple[int | None, int | None], counts: Counts) -> OfferedDay:
    reason = offer.reason(day)
    if reason is not None:
        return OfferedDay(day=day, open=False, fullness=None, reason=reason)
    fullness = _fullness(day, quotas, counts)
    full = fullness == 100
    return OfferedDay(day=day, open=not full, fullness=fullness, reason="full" if full else None)


def _fullness(day: dt.date, quotas: tuple[int | None, int | None], counts: Counts) -> int | None:
    """In percent, of shop or product whichever is fuller; 100 only when no place is left."""
    taken = counts.get(day, (0, 0))
    shares = [min(100, count * 100 // quota) for count, quota in zip(taken, quotas, strict=True) if quota is not None]
    return max(shares, default=None)
