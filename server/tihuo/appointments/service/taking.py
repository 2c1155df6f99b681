"""Taking a place on a day within the transaction of an order, and giving it back.

The house's order of locks. Whoever holds places of several counters in one transaction takes them by day, the earlier
day first; on one day the product's before the shop's; and takes them last of all before the commit. Then nobody waits
for somebody who waits for them, and the shop's counters, which all of a day's orders need, are held the shortest.

Each counter is 16 slots. A place is taken by one UPDATE of a slot drawn at random, which hits only if the slot has
room; it waits for another's open transaction on that slot and then sees what became of it. So a day never goes beyond
its quota, and is refused only when no slot shows room.
"""

import datetime as dt
import random
from dataclasses import dataclass

from tihuo.appointments.errors import DayFull, DayMissing, DayNotOpen
from tihuo.appointments.queries import slots
from tihuo.appointments.schemas import DaysView
from tihuo.appointments.service import rules
from tihuo.appointments.service.days import Calendar, Offer
from tihuo.appointments.service.offering import here, offered
from tihuo.appointments.service.sharing import SLOTS, room
from tihuo.db import Session
from tihuo.db.direct import Ask
from tihuo.merchants.service import Shop

_SHOP = 0
_WEEKDAYS = "一二三四五六日"
# How the draw falls is nobody's secret.
_random = random.Random()  # noqa: S311


@dataclass(frozen=True)
class Place:
    """A day that the rule allows, not yet taken. `drawn`: the slots that will be tried first, for nearly always they
    are the ones: the order can be written with them before the place is taken.
    """

    ship_on: dt.date
    product_id: int
    region_code: str | None
    timezone: str
    calendar: Calendar
    drawn: "Taken"


@dataclass(frozen=True)
class Taken:
    """Which slots a place was taken from; kept with the order."""

    product_slot: int
    shop_slot: int


async def place(
    session: Session, shop: Shop, *, product_id: int, region_code: str | None, ship_on: dt.date | None
) -> Place | None:
    """Hold a wish against the rule; one statement. None where there is nothing to count: no day, or no days at all.

    Raises DayMissing, DayNotOpen.
    """
    calendar = await rules.calendar(session, shop.id)
    rule = calendar.rule
    if rule.mode == "none" or (ship_on is None and not rule.required):
        return None
    moment = here(shop.timezone)
    if ship_on is None:
        view = await offered(session, shop.id, calendar, moment, product_id, region_code)
        raise DayMissing(DayMissing.message, view.model_dump(mode="json"))
    offer = Offer(calendar, moment, product_id, region_code)
    if offer.reason(ship_on) is not None:
        view = await offered(session, shop.id, calendar, moment, product_id, region_code)
        why = _why_not(ship_on, offer)
        raise DayNotOpen(f"{why}，{_nearest(view, offer.today)}", view.model_dump(mode="json"))
    drawn = Taken(_draw(calendar.quota_of(product_id)), _draw(rule.quota))
    return Place(ship_on, product_id, region_code, shop.timezone, calendar, drawn)


def place_ahead(merchant_id: int) -> Ask:
    """What `place` would ask."""
    return rules.calendar_ahead(merchant_id)


async def take(session: Session, merchant_id: int, place: Place) -> Taken:
    """Take the place, as the last statements before the commit. Raises DayFull; the caller undoes its transaction."""
    calendar, day = place.calendar, place.ship_on
    drawn, quota = place.drawn, calendar.quota_of(place.product_id)
    product_slot = await _take(session, merchant_id, place.product_id, day, quota, drawn.product_slot)
    if product_slot is not None:
        shop_slot = await _take(session, merchant_id, _SHOP, day, calendar.rule.quota, drawn.shop_slot)
        if shop_slot is not None:
            return Taken(product_slot, shop_slot)
    moment = here(place.timezone)
    view = await offered(
        session, merchant_id, calendar, moment, place.product_id, place.region_code, full=place.ship_on
    )
    today = moment.date()
    raise DayFull(f"{_words(day, today)}已约满，{_nearest(view, today)}", view.model_dump(mode="json"))


async def give_back(session: Session, merchant_id: int, *, ship_on: dt.date, product_id: int, taken: Taken) -> None:
    """Give an order's place back."""
    calendar = await rules.calendar(session, merchant_id)
    quota = calendar.quota_of(product_id)
    await _give_back(session, merchant_id, product_id, ship_on, taken.product_slot, quota)
    await _give_back(session, merchant_id, _SHOP, ship_on, taken.shop_slot, calendar.rule.quota)


async def move(
    session: Session,
    shop: Shop,
    *,
    product_id: int,
    region_code: str | None,
    old: tuple[dt.date, Taken] | None,
    ship_on: dt.date | None,
) -> tuple[Place | None, Taken | None]:
    """Change an order's day; answers what it has now. Its own day again, or any where none are chosen, changes nothing.

    Raises DayMissing, DayNotOpen, DayFull; the caller undoes its transaction.
    """
    if old is not None:
        calendar = await rules.calendar(session, shop.id)
        if calendar.rule.mode == "none" or ship_on == old[0]:
            return Place(old[0], product_id, region_code, shop.timezone, calendar, old[1]), old[1]
    new = await place(session, shop, product_id=product_id, region_code=region_code, ship_on=ship_on)
    if old is None:
        return new, None if new is None else await take(session, shop.id, new)
    if new is None or old[0] < new.ship_on:
        await give_back(session, shop.id, ship_on=old[0], product_id=product_id, taken=old[1])
        return new, None if new is None else await take(session, shop.id, new)
    taken = await take(session, shop.id, new)
    await give_back(session, shop.id, ship_on=old[0], product_id=product_id, taken=old[1])
    return new, taken


def _usable(quota: int | None) -> list[int]:
    return [slot for slot in range(SLOTS) if room(quota, slot) > 0]


def _draw(quota: int | None) -> int:
    return _random.choice(_usable(quota))


async def _take(
    session: Session, merchant_id: int, product_id: int, day: dt.date, quota: int | None, drawn: int
) -> int | None:
    """The slot that a place was taken from; None when none shows room."""
    if await slots.take(session, merchant_id, product_id, day, drawn, room(quota, drawn)):
        return drawn
    # InnoDB keeps a lock that was waited for though its row then had no room. Nobody waits in a circle all the same:
    # what is tried next had room after all that is held had none. So the slots are looked at anew before each try.
    while True:
        taken = await slots.taken(session, merchant_id, product_id, day)
        free = [slot for slot in _usable(quota) if taken.get(slot, 0) < room(quota, slot)]
        if not free:
            return None
        # The drawn one if nobody took from it yet: so all slots come into use.
        slot = drawn if drawn in free else _random.choice(free)
        if slot not in taken:
            await slots.add(session, merchant_id, product_id, day, slot)
        if await slots.take(session, merchant_id, product_id, day, slot, room(quota, slot)):
            return slot


async def _give_back(
    session: Session, merchant_id: int, product_id: int, day: dt.date, slot: int, quota: int | None
) -> None:
    """Give back to the slot that was taken from, if there is no other to be relieved first.

    Where the quota was lowered below what is taken, some slots hold more than their room: until none does, a place
    given back must show no room. And places may have been shared out anew since this one was taken.
    """
    while taken := await slots.taken(session, merchant_id, product_id, day):
        over = {other: room(quota, other) for other, held in taken.items() if held > room(quota, other)}
        held = [other for other in taken if taken[other] > 0]
        if not held:
            return
        chosen = over or held
        other = slot if slot in chosen else _random.choice(list(chosen))
        if await slots.give_back(session, merchant_id, product_id, day, other, over.get(other, 0)):
            return


def _nearest(view: DaysView, today: dt.date) -> str:
    day = view.nearest
    if day is None:
        return "目前没有其他可选的日期"
    return f"最近可选 {_words(day, today)}（周{_WEEKDAYS[day.weekday()]}）"


def _words(day: dt.date, today: dt.date) -> str:
    words = f"{day.month}月{day.day}日"
    return words if day.year == today.year else f"{day.year}年{words}"


def _why_not(day: dt.date, offer: Offer) -> str:
    words = _words(day, offer.today)
    if day < offer.today:
        return f"{words}已经过去"
    match offer.reason(day):
        case "too_early":
            return f"{words}来不及发货"
        case "closed":
            return f"{words}不发货（休息日）"
        case "weekday":
            return f"{words}不发货（周{_WEEKDAYS[day.weekday()]}休息）"
        case _:
            return f"{words}不在可预约的日期内"
