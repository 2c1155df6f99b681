"""Places on days: never one too many, never one refused that is free, and each given back once."""

import asyncio
import datetime as dt
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.appointments.rules import save
from tests.factories.shops import Shop
from tihuo.appointments import service as appointments
from tihuo.appointments.errors import DayFull, DayMissing, DayNotOpen, DayRefused
from tihuo.appointments.models import AppointmentDay
from tihuo.appointments.service import Place, Taken, offering
from tihuo.appointments.service.sharing import SLOTS, room, shifts
from tihuo.db import Session, unit_of_work
from tihuo.merchants import service as merchants

# A Monday, ten in the morning in Shanghai.
MONDAY = dt.datetime(2027, 5, 10, 2, 0, tzinfo=dt.UTC)
TUESDAY, WEDNESDAY, THURSDAY = (dt.date(2027, 5, day) for day in (11, 12, 13))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The room believes that it is Monday."""
    monkeypatch.setattr(offering, "now", lambda: MONDAY)


@pytest.fixture
def begun_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What made the unit of work begin a transaction again: deadlocks and the like."""
    seen: list[str] = []
    asked = unit_of_work._worth_another_try

    def noting(error: Any) -> bool:
        seen.append(str(error.orig))
        return asked(error)

    monkeypatch.setattr(unit_of_work, "_worth_another_try", noting)
    return seen


async def placed(session: Session, shop: Shop, product_id: int, day: dt.date | None) -> Place | None:
    own = await merchants.get(session, shop.id)
    return await appointments.place(session, own, product_id=product_id, region_code=None, ship_on=day)


async def take(shop: Shop, product_id: int, day: dt.date) -> Taken:
    """Take a place in a transaction of its own."""

    async def work(session: Session) -> Taken:
        place = await placed(session, shop, product_id, day)
        assert place is not None
        return await appointments.take(session, shop.id, place)

    taken: Taken = await shop.run(work)
    return taken


async def give_back(shop: Shop, product_id: int, day: dt.date, taken: Taken) -> None:
    await shop.run(
        lambda session: appointments.give_back(session, shop.id, ship_on=day, product_id=product_id, taken=taken)
    )


async def move(
    shop: Shop, product_id: int, old: tuple[dt.date, Taken] | None, day: dt.date | None
) -> tuple[Place | None, Taken | None]:
    async def work(session: Session) -> tuple[Place | None, Taken | None]:
        own = await merchants.get(session, shop.id)
        return await appointments.move(session, own, product_id=product_id, region_code=None, old=old, ship_on=day)

    moved: tuple[Place | None, Taken | None] = await shop.run(work)
    return moved


async def rows(shop: Shop) -> list[AppointmentDay]:
    async def work(session: Session) -> list[AppointmentDay]:
        return list(await session.scalars(select(AppointmentDay).where(AppointmentDay.merchant_id == shop.id)))

    found: list[AppointmentDay] = await shop.run(work)
    assert all(row.taken >= 0 for row in found)
    return found


async def sums(shop: Shop) -> dict[tuple[int, dt.date], int]:
    """Places taken by product (0 for the shop) and day."""
    found: Counter[tuple[int, dt.date]] = Counter()
    for row in await rows(shop):
        found[row.product_id, row.day] += row.taken
    return {key: taken for key, taken in found.items() if taken}


async def tried(trying: Awaitable[Taken]) -> Taken | DayFull:
    try:
        return await trying
    except DayFull as refusal:
        return refusal


async def refusal_of(work: Callable[[Session], Awaitable[Any]], shop: Shop) -> DayRefused:
    with pytest.raises(DayRefused) as refused:
        await shop.run(work)
    return refused.value


async def test_a_wish_is_held_against_the_rule(shop: Shop) -> None:
    product = await shop.product()

    async def wish(day: dt.date | None) -> dt.date | None:
        place = await shop.run(lambda session: placed(session, shop, product.id, day))
        return place.ship_on if place is not None else None

    assert await wish(TUESDAY) is None
    await save(shop, mode="none", required=True)
    assert await wish(None) is None
    assert await wish(TUESDAY) is None
    await save(shop)
    assert await wish(TUESDAY) == TUESDAY
    assert await wish(None) is None
    await save(shop, required=True)
    assert await wish(TUESDAY) == TUESDAY
    missing = await refusal_of(lambda session: placed(session, shop, product.id, None), shop)
    assert isinstance(missing, DayMissing)
    assert (missing.status, missing.code, missing.text) == (422, "day_missing", "请选择预约发货日期")
    assert missing.data["nearest"] == missing.data["days"]["nearest"] == "2027-05-11"
    assert await rows(shop) == []


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2027-05-09", "5月9日已经过去，最近可选 5月12日（周三）"),
        ("2027-05-10", "5月10日来不及发货，最近可选 5月12日（周三）"),
        ("2027-05-13", "5月13日不发货（休息日），最近可选 5月12日（周三）"),
        ("2027-05-16", "5月16日不发货（周日休息），最近可选 5月12日（周三）"),
        ("2027-06-30", "6月30日不在可预约的日期内，最近可选 5月12日（周三）"),
        ("2028-01-01", "2028年1月1日不在可预约的日期内，最近可选 5月12日（周三）"),
    ],
)
async def test_a_day_that_is_not_open_says_why_and_what_is(shop: Shop, day: str, sentence: str) -> None:
    product = await shop.product()
    await save(
        shop,
        earliest_days=2,
        latest_days=20,
        weekdays=[1, 2, 3, 4, 5, 6],
        closed_dates=[{"first": "2027-05-13", "last": "2027-05-14"}],
    )
    refused = await refusal_of(lambda session: placed(session, shop, product.id, dt.date.fromisoformat(day)), shop)
    assert isinstance(refused, DayNotOpen)
    assert (refused.status, refused.code, refused.text) == (409, "day_not_open", sentence)
    assert refused.data["nearest"] == "2027-05-12"
    assert refused.data["days"]["days"][0]["day"] == "2027-05-10"


async def test_a_full_day_says_which_is_the_next(shop: Shop) -> None:
    """Full for the shop, then for the product alone; at last nothing is left."""
    product, other = await shop.product(), await shop.product()
    await save(shop, latest_days=2, quota=2, product_quotas=[{"product_id": product.id, "quota": 1}])
    await take(shop, product.id, TUESDAY)
    with pytest.raises(DayFull) as refused:
        await take(shop, product.id, TUESDAY)
    assert (refused.value.status, refused.value.code) == (409, "day_full")
    assert refused.value.text == "5月11日已约满，最近可选 5月12日（周三）"
    assert refused.value.data["nearest"] == "2027-05-12"
    reasons = {entry["day"]: entry["reason"] for entry in refused.value.data["days"]["days"]}
    assert reasons == {"2027-05-10": "too_early", "2027-05-11": "full", "2027-05-12": None}
    await take(shop, other.id, TUESDAY)
    with pytest.raises(DayFull):
        await take(shop, other.id, TUESDAY)
    await take(shop, other.id, WEDNESDAY)
    await take(shop, other.id, WEDNESDAY)
    with pytest.raises(DayFull) as refused:
        await take(shop, product.id, WEDNESDAY)
    assert refused.value.text == "5月12日已约满，目前没有其他可选的日期"
    assert refused.value.data["nearest"] is None
    # What a refused transaction had taken of the product is as if it had never been.
    assert await sums(shop) == {
        (product.id, TUESDAY): 1,
        (other.id, TUESDAY): 1,
        (0, TUESDAY): 2,
        (other.id, WEDNESDAY): 2,
        (0, WEDNESDAY): 2,
    }


async def test_places_are_a_merchants_own(shop: Shop, other_shop: Shop) -> None:
    product, foreign = await shop.product(), await other_shop.product()
    for own in (shop, other_shop):
        await save(own, quota=1)
    await take(shop, product.id, TUESDAY)
    await take(other_shop, foreign.id, TUESDAY)
    assert await sums(shop) == {(product.id, TUESDAY): 1, (0, TUESDAY): 1}


async def test_a_day_is_changed_and_the_old_place_is_free_again(shop: Shop) -> None:
    product = await shop.product()
    await save(shop, quota=1)
    held = (WEDNESDAY, await take(shop, product.id, WEDNESDAY))
    same, kept = await move(shop, product.id, held, WEDNESDAY)
    assert same is not None
    assert (same.ship_on, kept) == held
    for day in (THURSDAY, TUESDAY):
        place, taken = await move(shop, product.id, held, day)
        assert place is not None
        assert taken is not None
        assert place.ship_on == day
        held = (day, taken)
        assert await sums(shop) == {(product.id, day): 1, (0, day): 1}
    await take(shop, product.id, THURSDAY)
    with pytest.raises(DayFull):
        await move(shop, product.id, held, THURSDAY)
    with pytest.raises(DayNotOpen):
        await move(shop, product.id, held, dt.date(2027, 5, 10))
    assert (await sums(shop))[0, TUESDAY] == 1
    assert await move(shop, product.id, held, None) == (None, None)
    assert await sums(shop) == {(product.id, THURSDAY): 1, (0, THURSDAY): 1}
    place, taken = await move(shop, product.id, None, TUESDAY)
    assert place is not None
    assert taken is not None
    assert await move(shop, product.id, None, None) == (None, None)
    await save(shop, mode="none")
    unchanged, kept = await move(shop, product.id, (TUESDAY, taken), None)
    assert unchanged is not None
    assert (unchanged.ship_on, kept) == (TUESDAY, taken)
    assert (await sums(shop))[0, TUESDAY] == 1


async def test_a_redemption_costs_one_statement_to_ask_and_two_to_take(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = await shop.product()
    await save(shop, required=True, quota=1000, product_quotas=[{"product_id": product.id, "quota": 500}])
    # Every slot's row is there once it has been used.
    for _ in range(40 * SLOTS):
        if len(await rows(shop)) == 2 * SLOTS:
            break
        await take(shop, product.id, TUESDAY)
    assert len(await rows(shop)) == 2 * SLOTS
    own = await shop.run(lambda session: merchants.get(session, shop.id))
    seen: list[str] = []

    def statement(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        seen.append(text.split()[0])

    async def work(session: Session) -> None:
        connection = await session.connection()
        assert connection.sync_connection is not None
        event.listen(connection.sync_connection, "before_cursor_execute", statement)
        place = await appointments.place(session, own, product_id=product.id, region_code=None, ship_on=TUESDAY)
        assert place is not None
        await appointments.take(session, shop.id, place)

    await shop.run(work)
    assert seen == ["SELECT", "UPDATE", "UPDATE"]


@pytest.mark.parametrize("limited", ["shop", "product", "both"])
async def test_of_a_thousand_at_once_a_hundred_get_the_day(shop: Shop, begun_anew: list[str], limited: str) -> None:
    """Never 101, never 99; ten given back are ten for others; nobody deadlocks."""
    product = await shop.product()
    await save(
        shop,
        quota=100 if limited != "product" else None,
        product_quotas=[{"product_id": product.id, "quota": 100}] if limited != "shop" else [],
    )
    answers = await asyncio.gather(*(tried(take(shop, product.id, TUESDAY)) for _ in range(1000)))
    held = [answer for answer in answers if isinstance(answer, Taken)]
    refused = [answer for answer in answers if isinstance(answer, DayFull)]
    assert (len(held), len(refused)) == (100, 900)
    assert {refusal.text for refusal in refused} == {"5月11日已约满，最近可选 5月12日（周三）"}
    assert await sums(shop) == {(product.id, TUESDAY): 100, (0, TUESDAY): 100}
    again = await asyncio.gather(
        *(tried(take(shop, product.id, TUESDAY)) for _ in range(30)),
        *(give_back(shop, product.id, TUESDAY, taken) for taken in held[:10]),
        *(tried(take(shop, product.id, TUESDAY)) for _ in range(30)),
    )
    more = [answer for answer in again if isinstance(answer, Taken)]
    # Those who came before a place was given back may have been refused.
    assert len(more) <= 10
    while len(more) < 10:
        more.append(await take(shop, product.id, TUESDAY))
    assert isinstance(await tried(take(shop, product.id, TUESDAY)), DayFull)
    assert await sums(shop) == {(product.id, TUESDAY): 100, (0, TUESDAY): 100}
    await asyncio.gather(*(give_back(shop, product.id, TUESDAY, taken) for taken in (*held[10:], *more)))
    assert await sums(shop) == {}
    assert begun_anew == []


@pytest.mark.parametrize("quota", [1, 3, 16, 17])
async def test_a_small_day_is_exact_from_its_first_order_on(shop: Shop, quota: int) -> None:
    """Nobody has a row of the day yet, and fewer slots than 16 have room."""
    product = await shop.product()
    await save(shop, quota=quota)
    for day in (TUESDAY, WEDNESDAY, THURSDAY):
        answers = await asyncio.gather(*(tried(take(shop, product.id, day)) for _ in range(60)))
        assert sum(isinstance(answer, Taken) for answer in answers) == quota
    assert await sums(shop) == {
        (counted, day): quota for counted in (0, product.id) for day in (TUESDAY, WEDNESDAY, THURSDAY)
    }


async def test_a_quota_that_is_set_later_counts_what_was_taken_before(shop: Shop) -> None:
    """However the places lie in their slots: with 40 taken, 50 is ten more, 30 is none."""
    product = await shop.product()
    await save(shop)
    held = [await take(shop, product.id, TUESDAY) for _ in range(40)]
    for quota, more in ((30, 0), (50, 10), (64, 14), (20, 0), (64, 0), (65, 1), (40, 0)):
        for limits in ({"quota": quota}, {"product_quotas": [{"product_id": product.id, "quota": quota}]}):
            await save(shop, **limits)
            assert await sums(shop) == {(product.id, TUESDAY): len(held), (0, TUESDAY): len(held)}
        for _ in range(more):
            held.append(await take(shop, product.id, TUESDAY))
        for limits in ({"quota": quota}, {"product_quotas": [{"product_id": product.id, "quota": quota}]}):
            await save(shop, **limits)
            assert isinstance(await tried(take(shop, product.id, TUESDAY)), DayFull)
    for taken in held:
        await give_back(shop, product.id, TUESDAY, taken)
    assert await sums(shop) == {}


def test_places_shared_out_anew_stay_as_many() -> None:
    draw = random.Random(7)
    for _ in range(500):
        quota = draw.choice([1, 5, 16, 17, 100, 1000])
        most = draw.choice([1, 3, 20, 200])
        taken = {slot: draw.randint(0, most) for slot in range(SLOTS) if draw.random() < 0.8}
        found = shifts(taken, quota)
        after = [taken.get(slot, 0) + found.get(slot, 0) for slot in range(SLOTS)]
        assert sum(found.values()) == 0
        assert min(after) >= 0
        over = [slot for slot in range(SLOTS) if after[slot] > room(quota, slot)]
        under = [slot for slot in range(SLOTS) if after[slot] < room(quota, slot)]
        assert not (over and under)
        assert sum(room(quota, slot) for slot in range(SLOTS)) == quota


async def test_any_sequence_leaves_just_what_the_orders_hold(shop: Shop) -> None:
    """One after another, against a model that knows each day's orders: a day is refused when it is full, only then."""
    draw = random.Random(11)
    products = [(await shop.product()).id for _ in range(2)]
    quotas: dict[int, int | None] = {0: 9, products[0]: 5, products[1]: None}
    await save(shop, quota=9, product_quotas=[{"product_id": products[0], "quota": 5}])
    days = (TUESDAY, WEDNESDAY, THURSDAY)
    orders: list[tuple[int, dt.date, Taken]] = []

    def full(product_id: int, day: dt.date) -> bool:
        own = sum(order[:2] == (product_id, day) for order in orders)
        every = sum(order[1] == day for order in orders)
        return any(
            quota is not None and taken >= quota for quota, taken in ((quotas[0], every), (quotas[product_id], own))
        )

    for step in range(250):
        kind, product_id, day = draw.choice(["take", "take", "move", "back"]), draw.choice(products), draw.choice(days)
        if kind == "take":
            answer = await tried(take(shop, product_id, day))
            assert isinstance(answer, DayFull) == full(product_id, day), step
            if isinstance(answer, Taken):
                orders.append((product_id, day, answer))
        elif orders:
            order = orders.pop(draw.randrange(len(orders)))
            if kind == "back":
                await give_back(shop, order[0], order[1], order[2])
                continue
            try:
                _, taken = await move(shop, order[0], (order[1], order[2]), day)
            except DayFull:
                assert full(order[0], day)
                assert day != order[1]
                orders.append(order)
            else:
                assert day == order[1] or not full(order[0], day)
                assert taken is not None
                orders.append((order[0], day, taken))
        if draw.random() < 0.08:
            quotas[0] = draw.choice([3, 9, 14, None])
            quotas[products[0]] = draw.choice([2, 5, 30])
            limit = [{"product_id": products[0], "quota": quotas[products[0]]}]
            await save(shop, quota=quotas[0], product_quotas=limit)
    held = Counter((counted, day) for product_id, day, _ in orders for counted in (0, product_id))
    assert await sums(shop) == dict(held)


async def test_a_crowd_that_takes_moves_and_gives_back_leaves_just_what_it_holds(
    shop: Shop, begun_anew: list[str]
) -> None:
    """All at once: no day ever beyond its quota, no deadlock, and in the end every counter says what is held."""
    products = [(await shop.product()).id for _ in range(2)]
    limits = {0: 12, products[0]: 7}
    await save(shop, quota=12, product_quotas=[{"product_id": products[0], "quota": 7}])
    days = (TUESDAY, WEDNESDAY, THURSDAY)
    working = True

    async def watch() -> int:
        looks = 0
        while working:
            for (counted, _), taken in (await sums(shop)).items():
                assert taken <= limits.get(counted, 10_000)
            looks += 1
            await asyncio.sleep(0.01)
        return looks

    async def holder(number: int) -> list[tuple[int, dt.date, Taken]]:
        draw = random.Random(number)
        orders: list[tuple[int, dt.date, Taken]] = []
        for _ in range(15):
            kind, product_id, day = draw.choice(["take", "move", "back"]), draw.choice(products), draw.choice(days)
            if kind == "take" or not orders:
                answer = await tried(take(shop, product_id, day))
                if isinstance(answer, Taken):
                    orders.append((product_id, day, answer))
                continue
            order = orders.pop(draw.randrange(len(orders)))
            if kind == "back":
                await give_back(shop, *order)
                continue
            try:
                _, taken = await move(shop, order[0], (order[1], order[2]), day)
            except DayFull:
                orders.append(order)
            else:
                assert taken is not None
                orders.append((order[0], day, taken))
        return orders

    watching = asyncio.create_task(watch())
    kept = await asyncio.gather(*(holder(number) for number in range(32)))
    working = False
    assert await watching > 0
    held = Counter((counted, day) for orders in kept for product_id, day, _ in orders for counted in (0, product_id))
    assert await sums(shop) == dict(held)
    assert begun_anew == []
