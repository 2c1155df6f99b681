"""What the card list finds, against a model in plain Python; through every way in which it can be looked up."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import update

from tests.cards import desk
from tests.cards.desk import Desk, code, ok
from tests.cards.seeds import seed
from tests.factories.shops import HOST, Shop
from tihuo.cards import service as cards
from tihuo.cards.models import Batch
from tihuo.cards.models import Card as CardRow
from tihuo.cards.queries import changing, finding, lookup
from tihuo.cards.schemas import CardFilter, CardPage, CardQuery
from tihuo.cards.service import listing
from tihuo.db import Session
from tihuo.distributors import service as distributors
from tihuo.distributors.schemas import DistributorIn
from tihuo.merchants import service as merchants

NAMES = ("中秋卡", "中秋卡 100%", "春节_卡", "")
FACES = (None, 0, 38_800, 9_900)
EARLY, LATE = dt.date(2024, 3, 1), dt.date(2024, 3, 9)


@dataclass(frozen=True)
class Kind:
    """The attributes that cards of one batch share at first."""

    name: str
    product_ids: tuple[int, ...]
    face_value_fen: int | None
    valid_until: dt.date | None
    distributor_id: int | None


@dataclass
class Made:
    """A card as the model knows it."""

    serial: int
    number: str
    batch_id: int
    kind: Kind
    uses_total: int
    uses_left: int
    status: str
    made_day: dt.date
    activated_day: dt.date | None = None
    redeemed_day: dt.date | None = None
    deleted: bool = False

    @property
    def usage(self) -> str:
        if self.uses_left == self.uses_total:
            return "unused"
        return "partly" if self.uses_left else "used_up"


@dataclass
class World:
    """A merchant's cards, in the database and in the model."""

    shop: Shop
    today: dt.date
    cards: list[Made] = field(default_factory=list)
    products: list[int] = field(default_factory=list)
    distributors: list[int] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def found(self, wanted: dict[str, Any]) -> list[int]:
        """The serials that a filter finds, newest first."""
        return [card.serial for card in reversed(self.cards) if not card.deleted and self.fits(card, wanted)]

    def fits(self, card: Made, wanted: dict[str, Any]) -> bool:
        return all(self._fits(card, name, value) for name, value in wanted.items())

    def _fits(self, card: Made, name: str, value: Any) -> bool:
        expired = card.kind.valid_until is not None and card.kind.valid_until < self.today
        alike = str.maketrans("OIL", "011")
        rules: dict[str, Callable[[], bool]] = {
            "batch_id": lambda: card.batch_id == value,
            "name": lambda: str(value).strip() in card.kind.name,
            "number": lambda: card.number.translate(alike).startswith(
                str(value).upper().replace(" ", "").replace("-", "").translate(alike)
            ),
            "serial_from": lambda: card.serial >= value,
            "serial_to": lambda: card.serial <= value,
            "status": lambda: card.status == value,
            "redeemed": lambda: (card.uses_left < card.uses_total) is value,
            "usage": lambda: card.usage == value,
            "uses": lambda: card.uses_total == value,
            "usable": lambda: card.status != "void" and card.uses_left > 0,
            "expired": lambda: expired is value,
            "distributor_id": lambda: (card.kind.distributor_id or 0) == value,
            "product_id": lambda: value in card.kind.product_ids,
            "face_value_fen": lambda: card.kind.face_value_fen == value,
            "made_from": lambda: card.made_day >= value,
            "made_to": lambda: card.made_day <= value,
            "activated_from": lambda: card.activated_day is not None and card.activated_day >= value,
            "activated_to": lambda: card.activated_day is not None and card.activated_day <= value,
            "redeemed_from": lambda: card.redeemed_day is not None and card.redeemed_day >= value,
            "redeemed_to": lambda: card.redeemed_day is not None and card.redeemed_day <= value,
        }
        return rules[name]()

    def statistics(self, wanted: dict[str, Any]) -> dict[str, int]:
        kept = [card for card in self.cards if not card.deleted and self.fits(card, wanted)]
        by_status = Counter(card.status for card in kept)
        usage = Counter(card.usage for card in kept)
        return {
            "total": len(kept),
            "inactive": by_status["inactive"],
            "active": by_status["active"],
            "void": by_status["void"],
            "redeemed": usage["partly"] + usage["used_up"],
            "unredeemed": usage["unused"],
            "used_up": usage["used_up"],
            "expired": sum(self._fits(card, "expired", True) for card in kept),
        }

    def some(self, random: random.Random) -> dict[str, Any]:
        """A filter of some conditions."""
        last = self.cards[-1].serial
        day = lambda: EARLY + dt.timedelta(days=random.randrange(-1, 11))  # noqa: E731 - read in place
        number = random.choice(self.cards).number
        makers: dict[str, Callable[[], Any]] = {
            "batch_id": lambda: random.choice(self.batches),
            "name": lambda: random.choice(["中秋", "100%", "%", "_", "春", "卡", "没有"]),
            "number": lambda: random.choice(
                [number, number[:1], number[:3], number.lower(), f"{number[:2]} -{number[2:4]}"]
            ),
            "serial_from": lambda: random.randrange(1, last + 5),
            "serial_to": lambda: random.choice([random.randrange(1, last + 5), 10**12]),
            "status": lambda: random.choice(["inactive", "active", "void"]),
            "redeemed": lambda: random.random() < 0.5,
            "usage": lambda: random.choice(["unused", "partly", "used_up"]),
            "uses": lambda: random.choice([1, 2, 3]),
            "usable": lambda: True,
            "expired": lambda: random.random() < 0.5,
            "distributor_id": lambda: random.choice([0, *self.distributors]),
            "product_id": lambda: random.choice(self.products),
            "face_value_fen": lambda: random.choice(FACES[1:]),
            "made_from": day,
            "made_to": day,
            "activated_from": day,
            "activated_to": day,
            "redeemed_from": day,
            "redeemed_to": day,
        }
        assert set(makers) == set(CardFilter.model_fields)
        chosen = random.sample(sorted(makers), random.choice([0, 1, 1, 2, 2, 2, 3, 3, 4]))
        return {name: makers[name]() for name in chosen}


async def world(shop: Shop, draw: random.Random) -> World:
    """Eight batches, one hidden among them; each card's state and days are drawn, and written straight into its row."""
    today = (await shop.run(lambda session: merchants.get(session, shop.id))).today()
    made = World(shop, today)
    made.products = [(await shop.product()).id for _ in range(3)]
    for name in ("甲", "乙"):
        body = DistributorIn(name=name)
        one = await shop.run(lambda session, body=body: distributors.create(session, shop.id, body, HOST))
        made.distributors.append(one.id)
    for place in range(8):
        kind = Kind(
            name=NAMES[place % len(NAMES)],
            product_ids=tuple(draw.sample(made.products, draw.choice([1, 2]))),
            face_value_fen=FACES[place % 3],
            valid_until=draw.choice([None, today - dt.timedelta(days=1), today, today + dt.timedelta(days=1)]),
            distributor_id=draw.choice([None, *made.distributors]),
        )
        uses = draw.choice([1, 1, 2, 3])
        batch = await shop.batch(
            draw.randrange(25, 60),
            prefix=draw.choice(["", "A", "AB", "A1", "B"]),
            number_length=5,
            order=draw.choice(["sequential", "random"]),
            status="inactive",
            uses=uses,
            name=kind.name,
            product_ids=list(kind.product_ids),
            face_value_fen=kind.face_value_fen,
            valid_until=kind.valid_until,
            distributor_id=kind.distributor_id,
        )
        made_day = EARLY + dt.timedelta(days=place // 2 * 2)
        # The first minute and the last one of the merchant's day.
        hour = dt.time(0, 0, 30) if place % 2 else dt.time(23, 59, 30)
        moment = dt.datetime.combine(made_day, hour, dt.timezone(dt.timedelta(hours=8)))
        hidden = place == 4

        async def move(
            session: Session, batch_id: int = batch.id, at: dt.datetime = moment, hidden: bool = hidden
        ) -> None:
            values = {"created_at": at, **({"status": "making"} if hidden else {})}
            await session.execute(
                update(Batch).where(Batch.merchant_id == shop.id, Batch.id == batch_id).values(**values)
            )

        await shop.run(move)
        made.batches.append(batch.id)
        numbers = {row.serial: row.number for row in await desk.rows(shop)}
        if hidden:
            continue
        for serial in range(batch.first_serial, batch.last_serial + 1):
            card = Made(serial, numbers[serial], batch.id, kind, uses, uses, "inactive", made_day)
            _live(card, draw)
            made.cards.append(card)
    await _write(made)
    await _edit_some(made, draw)
    await _delete_some(made, draw)
    return made


def _live(card: Made, draw: random.Random) -> None:
    """What may become of a card."""
    card.status = draw.choice(["inactive", "active", "active", "active", "void", "void"])
    days = (LATE - EARLY).days
    if card.status != "inactive":
        card.activated_day = EARLY + dt.timedelta(days=draw.randrange(days))
    if card.status == "active" and draw.random() < 0.4:
        card.uses_left -= draw.randrange(1, card.uses_total + 1)
        assert card.activated_day is not None
        card.redeemed_day = card.activated_day + dt.timedelta(days=draw.randrange(3))


def _noon(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else dt.datetime.combine(day, dt.time(4), dt.UTC)


async def _write(made: World) -> None:
    async def work(session: Session) -> None:
        for card in made.cards:
            await session.execute(
                update(CardRow)
                .where(CardRow.merchant_id == made.shop.id, CardRow.serial == card.serial)
                .values(
                    status=card.status,
                    status_before_void="active" if card.status == "void" else None,
                    uses_left=card.uses_left,
                    activated_at=_noon(card.activated_day),
                    activated_day=card.activated_day,
                    redeemed_at=_noon(card.redeemed_day),
                    redeemed_day=card.redeemed_day,
                )
            )

    await made.shop.run(work)


async def _do(staff: Desk, action: str, edit: dict[str, Any] | None, first: int, last: int) -> None:
    """An action on a stretch of serials, of which all may be hidden, or stay as they are."""
    body = {"filter": {"serial_from": first, "serial_to": last}, "action": action, **({"edit": edit} if edit else {})}
    answer = await staff.client.post("/api/m/cards/selections", json=body)
    if answer.status_code == 201 and answer.json()["will_change"]:
        job = await staff.finish(answer.json())
        assert job["status"] == "done", job


async def _edit_some(made: World, draw: random.Random) -> None:
    """Edits across batches: terms no longer follow batches."""
    last = made.cards[-1].serial
    async with desk.at(made.shop) as staff:
        for _ in range(4):
            first, end = sorted(draw.sample(range(1, last + 1), 2))
            changes: list[dict[str, Any]] = [
                {"name": "改过的卡"},
                {"face_value_fen": 12_300},
                {"distributor_id": draw.choice(made.distributors)},
            ]
            change = draw.choice(changes)
            await _do(staff, "edit", change, first, end)
            for card in made.cards:
                if first <= card.serial <= end:
                    card.kind = replace(card.kind, **change)


async def _delete_some(made: World, draw: random.Random) -> None:
    last = made.cards[-1].serial
    async with desk.at(made.shop) as staff:
        for _ in range(3):
            first = draw.randrange(1, last)
            await _do(staff, "delete", None, first, first + 40)
            for card in made.cards:
                if first <= card.serial <= first + 40 and card.status == "void":
                    card.deleted = True


async def one_page(shop: Shop, query: CardQuery) -> CardPage:
    return await shop.app.context.unit_of_work.run(
        lambda session: cards.list_cards(session, shop.id, query), writes=False
    )


async def found_by(shop: Shop, wanted: dict[str, Any], limit: int) -> tuple[list[int], list[Any]]:
    """The serials of all pages, and the pages."""
    serials: list[int] = []
    pages = []
    after: int | None = None
    for _ in range(5_000):
        page = await one_page(shop, CardQuery(**wanted, limit=limit, after=after))
        pages.append(page)
        serials += [card.serial for card in page.items]
        if page.next is None:
            return serials, pages
        assert after is None or page.next < after
        after = page.next
    raise AssertionError(f"no end to the pages of {wanted}")


async def check(made: World, wanted: dict[str, Any], limit: int) -> list[Any]:
    """Fail unless list, count and statistics are the model's."""
    serials, pages = await found_by(made.shop, wanted, limit)
    expected = made.found(wanted)
    assert serials == expected, wanted
    for page in pages:
        if page.count.exact:
            assert page.count.value == len(expected), wanted
        else:
            assert page.count.value <= len(expected), wanted
        assert all(card.status != "deleted" for card in page.items)
    unit_of_work = made.shop.app.context.unit_of_work
    statistics = await cards.statistics(unit_of_work, made.shop.id, CardFilter(**wanted))
    assert statistics.model_dump() == made.statistics(wanted), wanted
    return pages


def shrink(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Make all bounds so small that some hundred cards are as many; counts which ways are taken."""
    taken: Counter[str] = Counter()
    for name, value in {"_MOST_VALUES": 3, "_FEW": 12, "_WINDOW": 15, "_MOST_WINDOWS": 2, "_MOST_LEAPS": 5}.items():
        monkeypatch.setattr(finding, name, value)
    for name in ("STRETCH", "STRETCH_OF_ROWS"):
        monkeypatch.setattr(listing, name, 40)
    monkeypatch.setattr(listing, "COUNT_CAP", 30)

    def watch(name: str, note: Callable[[Any], str]) -> None:
        real = getattr(finding, name)

        async def watched(*given: Any, **named: Any) -> Any:
            result = await real(*given, **named)
            taken[note(result)] += 1
            return result

        monkeypatch.setattr(finding, name, watched)

    watch("_merge", lambda _: "merge")
    watch("_few", lambda few: "few" if few else "many")
    watch("_search", lambda result: "search to its bound" if result.searched_to else "search to its end")
    watch("_leap", lambda _: "leap")
    watch("driver", lambda driven: "through an index" if driven else "through none")
    watch("count_up_to", lambda count: "no count" if count is None else "counted" if count <= 30 else "capped")
    return taken


WAYS = {
    "merge",
    "few",
    "many",
    "search to its bound",
    "search to its end",
    "leap",
    "through an index",
    "through none",
    "no count",
    "counted",
    "capped",
}


async def test_any_filter_finds_what_the_model_finds(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conditions drawn at random, alone and together, page by page, through every way of looking them up."""
    draw = random.Random(seed())
    made = await world(shop, draw)
    taken = shrink(monkeypatch)
    for _ in range(110):
        wanted = made.some(draw)
        # Many small pages only of what few cards match.
        await check(made, wanted, draw.choice([1, 7, 20, 200] if len(made.found(wanted)) < 30 else [20, 50, 200]))
    await check(made, {"status": "active"}, 20)
    await check(made, {"status": "active", "serial_to": 25}, 2)
    # More days than an axis is read by, and an end beyond all serials.
    for name in ("activated", "redeemed"):
        await check(made, {f"{name}_from": EARLY}, 20)
        await check(made, {f"{name}_from": EARLY, "status": "active"}, 5)
        await check(made, {f"{name}_to": LATE, "serial_to": 10**12}, 5)
    assert set(taken) == WAYS


async def test_the_same_with_bounds_as_they_are(shop: Shop) -> None:
    """The bounds of a real server, at which these few cards are always few."""
    draw = random.Random(seed())
    made = await world(shop, draw)
    for _ in range(40):
        wanted = made.some(draw)
        pages = await check(made, wanted, 200)
        if len(pages) == 1:
            assert pages[0].count.exact


async def test_each_condition_alone_over_http(shop: Shop) -> None:
    """Every name of the query, with values that find some and values that find none."""
    draw = random.Random(seed())
    made = await world(shop, draw)
    seen: set[str] = set()
    async with desk.at(shop) as staff:
        assert await listed(staff, {}) == made.found({})
        while seen != set(CardFilter.model_fields):
            wanted = made.some(draw)
            if len(wanted) != 1 or (set(wanted) <= seen and draw.random() < 0.9):
                continue
            seen |= set(wanted)
            assert await listed(staff, wanted) == made.found(wanted), wanted
            assert await staff.statistics(**shown(wanted)) == made.statistics(wanted), wanted
        for name in ("made", "activated", "redeemed"):
            backwards = {f"{name}_from": LATE, f"{name}_to": EARLY}
            assert await listed(staff, backwards) == []
            assert (await staff.statistics(**shown(backwards)))["total"] == 0
        assert await listed(staff, {"serial_from": 5, "serial_to": 4}) == []
        assert await listed(staff, {"number": "卡号"}) == []


def shown(wanted: dict[str, Any]) -> dict[str, Any]:
    """A filter as the query of an address."""
    texts = {True: "true", False: "false"}
    return {name: texts[value] if isinstance(value, bool) else str(value) for name, value in wanted.items()}


async def listed(staff: Desk, wanted: dict[str, Any]) -> list[int]:
    return [card["serial"] for card in await staff.cards(**shown(wanted))]


async def test_a_selection_and_an_export_take_the_same_cards_as_the_list(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a filter finds is set down to the card, through whatever way it is looked up."""
    draw = random.Random(seed())
    made = await world(shop, draw)
    shrink(monkeypatch)
    async with desk.at(shop) as staff:
        tried = 0
        while tried < 25:
            wanted = made.some(draw)
            expected = made.found(wanted)
            sent = CardFilter(**wanted).chosen()
            dry_run = {"filter": sent, "action": "activate"}
            answer = await staff.client.post("/api/m/cards/selections", json=dry_run)
            if not expected:
                assert code(answer) == "nothing_selected"
                continue
            tried += 1
            selection = ok(answer, 201)
            statistics = made.statistics(wanted)
            assert (selection["count"], selection["will_change"]) == (len(expected), statistics["inactive"]), wanted
            assert (selection["last_serial"], selection["first_serial"]) == (expected[0], expected[-1])
            if tried % 5 == 0:
                rows = await staff.exported(["serial"], **sent)
                assert [serial for (serial,) in rows] == expected[::-1], wanted


async def test_a_day_is_the_merchants_own_from_midnight_to_midnight(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made, activated and redeemed a second before and at midnight in Shanghai, in UTC the same afternoon."""
    clock = [dt.datetime(2026, 3, 4, 15, 59, 59, tzinfo=dt.UTC)]
    for module in (merchants, lookup, changing):
        monkeypatch.setattr(module, "now", lambda: clock[0])
    product = await shop.product()
    first = await shop.batch(2, product_ids=[product.id], status="inactive", prefix="N")
    printed = await shop.printed(first)
    async with desk.at(shop) as staff:
        for card, moment in zip(printed, (clock[0], clock[0] + dt.timedelta(seconds=1)), strict=True):
            clock[0] = moment
            shown_card = await staff.card(card.number)
            ok(await staff.client.post(f"/api/m/cards/{shown_card['id']}/status", json={"action": "activate"}))
            assert (await desk.redeem(shop, card, product.id)).status_code == 201

        async def made_at(session: Session) -> None:
            for batch_id, moment in ((first.id, clock[0] - dt.timedelta(seconds=1)), (second.id, clock[0])):
                await session.execute(
                    update(Batch).where(Batch.merchant_id == shop.id, Batch.id == batch_id).values(created_at=moment)
                )

        second = await shop.batch(1, product_ids=[product.id], status="active", prefix="N")
        await shop.run(made_at)
        for name, before, after in (("activated", [1], [2]), ("redeemed", [1], [2]), ("made", [2, 1], [3])):
            for day, expected in (("2026-03-04", before), ("2026-03-05", after), ("2026-03-03", [])):
                query = {f"{name}_from": day, f"{name}_to": day}
                found = [
                    card["serial"] for card in await staff.cards(**query) if name != "activated" or card["serial"] < 3
                ]
                assert found == expected, (name, day)


async def test_expired_follows_the_merchants_own_day(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card is good through its last day, and expired from the next midnight on."""
    clock = [dt.datetime(2026, 3, 4, 15, 59, 59, tzinfo=dt.UTC)]
    monkeypatch.setattr(merchants, "now", lambda: clock[0])
    await shop.batch(1, valid_until=dt.date(2026, 3, 4))
    async with desk.at(shop) as staff:
        assert (await staff.statistics())["expired"] == 0
        assert await listed(staff, {"expired": True}) == []
        assert [card["expired"] for card in await staff.cards(expired="false")] == [False]
        clock[0] += dt.timedelta(seconds=1)
        assert (await staff.statistics())["expired"] == 1
        assert [card["expired"] for card in await staff.cards(expired="true")] == [True]
        assert await listed(staff, {"expired": False}) == []


async def test_the_count_stops_at_its_cap_and_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "COUNT_CAP", 30)
    await shop.batch(31)
    async with desk.at(shop) as staff:
        assert (await staff.page(limit=5))["count"] == {"value": 30, "exact": False}
        assert (await staff.page(limit=5, serial_to=30))["count"] == {"value": 30, "exact": True}
        assert (await staff.page(limit=5, status="active", serial_to=12))["count"] == {"value": 12, "exact": True}


async def test_filters_are_saved_for_one_account(shop: Shop, other_shop: Shop) -> None:
    """Kept under a name, listed, asked again, forgotten; nobody else sees them."""
    path = "/api/m/cards/filters"
    async with desk.at(shop) as staff, desk.at(shop, "orders") as colleague, desk.at(other_shop) as foreign:
        await staff.make(quantity=3)
        body = {"name": "已激活", "filter": {"status": "active", "serial_to": 2, "made_to": "2999-12-31"}}
        kept = ok(await staff.client.post(path, json=body), 201)
        assert kept["filter"] == body["filter"]
        assert ok(await staff.client.get(path))["items"] == [kept]
        assert await listed(staff, kept["filter"]) == [2, 1]
        assert code(await staff.client.post(path, json=body)) == "saved_filter_name_taken"
        for other in (colleague, foreign):
            assert ok(await other.client.get(path))["items"] == []
            assert code(await other.client.delete(f"{path}/{kept['id']}")) == "saved_filter_not_found"
        ok(await colleague.client.post(path, json=body), 201)
        for place in range(29):
            ok(await staff.client.post(path, json={**body, "name": f"方案 {place}"}), 201)
        assert code(await staff.client.post(path, json={**body, "name": "又一个"})) == "too_many_saved_filters"
        assert (await staff.client.delete(f"{path}/{kept['id']}")).status_code == 204
        assert kept not in ok(await staff.client.get(path))["items"]
        wrong = await staff.client.post(path, json={"name": "x", "filter": {"status": "gone"}})
        assert wrong.status_code == 422
