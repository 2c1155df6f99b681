"""The days that a product can be shipped on to a region, with how full they are."""

import datetime as dt
from zoneinfo import ZoneInfo

from tihuo.appointments.queries import slots
from tihuo.appointments.schemas import DaysView, Rule
from tihuo.appointments.service import rules
from tihuo.appointments.service.days import Calendar, Counts, view
from tihuo.db import Session, now
from tihuo.merchants.service import Shop


def here(timezone: str) -> dt.datetime:
    """This moment in a merchant's zone."""
    return now().astimezone(ZoneInfo(timezone))


async def days(session: Session, shop: Shop, *, product_id: int | None, region_code: str | None) -> DaysView:
    """What customers may choose now."""
    calendar = await rules.calendar(session, shop.id)
    return await offered(session, shop.id, calendar, here(shop.timezone), product_id, region_code)


async def preview(
    session: Session, shop: Shop, rule: Rule, product_id: int | None, region_code: str | None
) -> DaysView:
    """What customers could choose now under a rule that is not saved."""
    return await offered(session, shop.id, Calendar(rule), here(shop.timezone), product_id, region_code)


async def offered(
    session: Session,
    merchant_id: int,
    calendar: Calendar,
    moment: dt.datetime,
    product_id: int | None,
    region_code: str | None,
    *,
    full: dt.date | None = None,
) -> DaysView:
    """The days under a calendar at a moment (in the merchant's zone). `full`: a day known to have no place left."""
    counts = await _counts(session, merchant_id, calendar, moment.date(), product_id)
    if full is not None:
        counts = {**counts, full: (calendar.rule.quota or 0, calendar.quota_of(product_id) or 0)}
    return view(calendar, moment, product_id, region_code, counts)


async def _counts(
    session: Session, merchant_id: int, calendar: Calendar, today: dt.date, product_id: int | None
) -> Counts:
    """Places taken from today on; not looked up where no quota asks for them."""
    limited = calendar.quota_of(product_id) is not None
    if calendar.rule.mode == "none" or (calendar.rule.quota is None and not limited):
        return {}
    wanted = [0, product_id] if limited and product_id is not None else [0]
    found: dict[dt.date, tuple[int, int]] = {}
    for row in await slots.sums(session, merchant_id, wanted, today, None):
        shop, product = found.get(row.day, (0, 0))
        taken = int(row.taken)
        found[row.day] = (taken, product) if row.product_id == 0 else (shop, taken)
    return found
