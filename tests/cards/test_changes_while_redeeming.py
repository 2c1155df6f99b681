"""A bulk action and redemptions at the same moment, over real processes: one of the two, for each card."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tornado.ioloop import IOLoop

from tests.cards import desk
from tests.cards.desk import code, ok
from tests.cards.seeds import seed
from tests.concurrency import fleet as fleets
from tests.concurrency import ledger
from tests.concurrency.fleet import Fleet
from tests.concurrency.volley import Shot, fire
from tests.factories.shops import Card, Shop, key, redemption
from tihuo.settings import Settings

QUANTITY = 200


@pytest.fixture
def several(settings: Settings, new_database: Callable[[str], str], database_kind: str) -> Iterator[Fleet]:
    """Web processes and a worker, on a database of their own."""
    own = fleets.on_its_own_database(
        settings.model_copy(update={"tries_per_account": 100_000}), new_database("redeeming")
    )
    with fleets.running(own, web=4 if database_kind == "mariadb" else 2, worker=1) as fleet:
        yield fleet


@pytest.fixture
def shop(several: Fleet, io_loop: IOLoop) -> Iterator[Shop]:
    """A merchant whose storefront and jobs these processes serve."""
    with fleets.host(io_loop, several.settings) as app:
        yield fleets.new_shop(io_loop, app, several.urls[0])


class Office:
    """Staff at one of the processes."""

    def __init__(self, url: str, cookie: str) -> None:
        self.client = httpx.AsyncClient(base_url=url, headers={"Cookie": cookie}, timeout=60)

    async def apply(self, action: str, edit: dict[str, Any] | None = None, **wanted: Any) -> int:
        """Dry run and confirmation; answers the job."""
        body = {"filter": wanted, "action": action, **({"edit": edit} if edit else {})}
        selection = ok(await self.client.post("/api/m/cards/selections", json=body), 201)
        path = f"/api/m/cards/selections/{selection['id']}/apply"
        job: int = ok(await self.client.post(path, json={"expected": selection["will_change"]}), 201)["id"]
        return job

    async def ended(self, job_id: int) -> dict[str, Any]:
        async with asyncio.timeout(40):
            while True:
                job: dict[str, Any] = ok(await self.client.get(f"/api/m/jobs/{job_id}"))
                if job["finished_at"] is not None:
                    return job
                await asyncio.sleep(0.05)


def redeeming(fleet: Fleet, shop: Shop, cards: list[Card], product_id: int) -> list[Shot]:
    return [
        Shot(fleet.url(turn), f"{shop.customer_api}/redemptions", redemption(card, product_id), key())
        for turn, card in enumerate(cards)
    ]


async def test_two_hundred_cards_are_voided_while_they_are_redeemed(several: Fleet, shop: Shop) -> None:
    """Never both void and redeemed; every order has its use and every use its order; the job's counts are true."""
    draw = random.Random(seed())
    product = await shop.product()
    office = Office(several.urls[0], (await several.cookies(shop.owner_account))[0])
    async with office.client:
        for _ in range(3):
            batch = await shop.batch(QUANTITY, product_ids=[product.id])
            cards = await shop.printed(batch)
            in_turn = draw.sample(cards, QUANTITY)
            shots = redeeming(several, shop, in_turn, product.id)
            early = draw.randrange(10, 60)
            first = await fire(shots[:early])
            asked, rest = await asyncio.gather(office.apply("void", batch_id=batch.id), fire(shots[early:]))
            job = await office.ended(asked)
            answers = dict(zip((card.number for card in in_turn), [*first, *rest], strict=True))
            told = {number: "201" if one.is_success else code(one) for number, one in answers.items()}
            assert set(told.values()) <= {"201", "card_void"}
            rows = {row.number: row for row in await desk.rows(shop)}
            for number, answer in told.items():
                row = rows[number]
                if answer == "201":
                    assert (row.status, row.uses_left) == ("active", 0), number
                else:
                    assert (row.status, row.uses_left) == ("void", 1), number
            counted = Counter(told.values())
            stayed = {finding["code"]: finding["count"] for finding in job["result"]["unchanged"]}
            assert job["result"]["changed"] + stayed.get("redeemed", 0) == QUANTITY
            assert counted["card_void"] == job["result"]["changed"]
            for card in draw.sample(cards, 20):
                entry = await ledger.entry_of(shop, card)
                assert ledger.redeemed_once(entry) if told[card.number] == "201" else ledger.untouched(entry), entry
            voided = await desk.changes(shop, asked)
            assert sum(change.count for change in voided) == job["result"]["changed"]
        statistics = ok(await office.client.get("/api/m/cards/statistics"))
        redeemed = sum(row.uses_left == 0 for row in await desk.rows(shop))
        assert (statistics["redeemed"], statistics["void"]) == (redeemed, 3 * QUANTITY - redeemed)
        assert statistics["active"] == redeemed
    orders, _, keys = await ledger.totals(shop)
    assert (orders, keys) == (redeemed, redeemed)


async def test_an_edit_at_the_same_moment_stops_no_redemption(several: Fleet, shop: Shop) -> None:
    """Cards are given a longer date and another name while they are redeemed: both happen, to each card."""
    product = await shop.product()
    office = Office(several.urls[0], (await several.cookies(shop.owner_account))[0])
    async with office.client:
        batch = await shop.batch(QUANTITY, product_ids=[product.id], name="旧")
        cards = await shop.printed(batch)
        jobs, answers = await asyncio.gather(
            edited(office, batch.id), fire(redeeming(several, shop, cards, product.id))
        )
        assert [answer.status_code for answer in answers] == [201] * QUANTITY
        assert [job["result"]["changed"] for job in jobs] == [QUANTITY] * 3
        page = ok(await office.client.get("/api/m/cards", params={"limit": 200}))["items"]
    assert {(card["name"], card["remark"], card["usage"]) for card in page} == {("新", "二", "used_up")}
    assert (await ledger.totals(shop))[0] == QUANTITY


async def edited(office: Office, batch_id: int) -> list[dict[str, Any]]:
    """Three edits, one after the other."""
    edits: list[dict[str, Any]] = [{"name": "新"}, {"remark": "一"}, {"remark": "二", "valid_until": "2099-12-31"}]
    return [await office.ended(await office.apply("edit", edit, batch_id=batch_id)) for edit in edits]


async def test_a_product_taken_away_at_the_same_moment_is_taken_or_refused(several: Fleet, shop: Shop) -> None:
    """Each redemption saw the card before the edit or after it: no order is for a product that the card had lost."""
    old, new = await shop.product(), await shop.product()
    office = Office(several.urls[0], (await several.cookies(shop.owner_account))[0])
    replace = {"products": {"mode": "replace", "product_ids": [new.id]}}
    async with office.client:
        batch = await shop.batch(QUANTITY, product_ids=[old.id])
        cards = await shop.printed(batch)
        shots = redeeming(several, shop, cards, old.id)
        asked, answers = await asyncio.gather(office.apply("edit", replace, batch_id=batch.id), fire(shots))
        assert (await office.ended(asked))["result"]["changed"] == QUANTITY
        told = ["201" if answer.is_success else code(answer) for answer in answers]
        assert set(told) <= {"201", "product_not_available"}
        late = await fire(redeeming(several, shop, cards, old.id))
        assert {code(answer) for answer in late} <= {"product_not_available", "card_already_redeemed"}
        refused = [card for card, answer in zip(cards, told, strict=True) if answer != "201"]
        taken = await fire(redeeming(several, shop, refused, new.id)) if refused else []
        assert {answer.status_code for answer in taken} <= {201}
    assert (await ledger.totals(shop))[0] == QUANTITY
