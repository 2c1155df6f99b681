"""Exactly once, whatever happens at the same moment, over several server processes (spec G)."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import httpx
import pytest
from sqlalchemy import select

from tests.concurrency import fleet as fleets
from tests.concurrency import ledger
from tests.concurrency.fleet import Fleet
from tests.concurrency.volley import Shot, codes, fire
from tests.factories.shops import Card, Shop, create_shop, key, redemption, unique
from tihuo.app import App
from tihuo.cards.service import changing
from tihuo.db import Session
from tihuo.orders.models import Order
from tihuo.settings import Settings

ROUNDS = 10
AT_ONCE = 50


def redeeming(fleet: Fleet, shop: Shop, card: Card, product_id: int, times: int) -> list[Shot]:
    """So many requests for one card, each with a key of its own, over the processes in turn."""
    path, body = f"{shop.customer_api}/redemptions", redemption(card, product_id)
    return [Shot(fleet.url(turn), path, body, key()) for turn in range(times)]


async def redeem_one_by_one(fleet: Fleet, shop: Shop, product_id: int, cards: Sequence[Card]) -> list[str]:
    """Redeem each card once, so that there are orders to work on; answers their numbers."""
    numbers = []
    async with shop_client(fleet) as client:
        for card in cards:
            path, body = f"{shop.customer_api}/redemptions", redemption(card, product_id)
            numbers.append((await client.post(path, json=body, headers=key())).json()["order"]["number"])
    return numbers


def shop_client(fleet: Fleet) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=fleet.urls[0], timeout=30)


async def test_fifty_redemptions_of_one_card_at_once_make_one_order(fleet: Fleet, shop: Shop) -> None:
    """One 201, 49 refusals that say why, and one of everything in the database; ten rounds."""
    product = await shop.product()
    for card in await shop.cards(ROUNDS, product_ids=[product.id]):
        answers = await fire(redeeming(fleet, shop, card, product.id, AT_ONCE))
        assert Counter(codes(answers)) == {"201": 1, "409 card_already_redeemed": AT_ONCE - 1}
        placed = next(answer.json()["order"]["number"] for answer in answers if answer.is_success)
        entry = await ledger.entry_of(shop, card)
        assert ledger.redeemed_once(entry), entry
        assert entry.orders == (placed,)
    assert await ledger.totals(shop) == (ROUNDS, ROUNDS, ROUNDS)


async def test_control_without_the_guard_the_same_volley_redeems_twice(
    fleet_settings: Settings, web_count: int, shop: Shop
) -> None:
    """The test above can see a double redemption: with the guard off it does."""
    product = await shop.product()
    cards = await shop.cards(ROUNDS, product_ids=[product.id])
    orders = []
    with fleets.running(fleet_settings, web=web_count, module="tests.concurrency.unguarded_server") as unguarded:
        for card in cards:
            answers = await fire(redeeming(unguarded, shop, card, product.id, AT_ONCE))
            assert set(codes(answers)) <= {"201", "409 card_already_redeemed"}
            entry = await ledger.entry_of(shop, card)
            assert len(entry.orders) == entry.redemptions == codes(answers).count("201") == 1 - entry.uses_left
            orders.append(len(entry.orders))
    assert max(orders) > 1, f"orders for each card: {orders}"


async def test_one_request_sent_twenty_times_at_once_gives_one_order_twenty_times(fleet: Fleet, shop: Shop) -> None:
    """Double taps and retries, on whichever process they land, all get the same answer."""
    product = await shop.product()
    for card in await shop.cards(3, product_ids=[product.id]):
        path, body, headers = f"{shop.customer_api}/redemptions", redemption(card, product.id), key()
        answers = await fire([Shot(fleet.url(turn), path, body, headers) for turn in range(20)])
        assert Counter(codes(answers)) == {"201": 20}
        assert len({answer.content for answer in answers}) == 1
        entry = await ledger.entry_of(shop, card)
        assert ledger.redeemed_once(entry), entry
        assert entry.orders == (answers[0].json()["order"]["number"],)


async def test_a_key_used_for_two_cards_at_once_redeems_one_of_them(fleet: Fleet, shop: Shop) -> None:
    """A key names one request: whoever comes second with another body is told so, and nothing is redeemed."""
    product = await shop.product()
    for _ in range(5):
        cards = await shop.cards(2, product_ids=[product.id])
        path, headers = f"{shop.customer_api}/redemptions", key()
        answers = await fire(
            [Shot(fleet.url(turn), path, redemption(card, product.id), headers) for turn, card in enumerate(cards)]
        )
        assert Counter(codes(answers)) == {"201": 1, "422 idempotency_key_reused": 1}
        entries = [await ledger.entry_of(shop, card) for card in cards]
        assert sorted(len(entry.orders) for entry in entries) == [0, 1]
        assert sum(entry.uses_left for entry in entries) == 1


async def all_done(shop: Shop) -> None:
    """Have every job of the merchant's done."""
    for job in await ledger.jobs(shop):
        assert (await shop.finished(job.id)).status == "done"


async def test_one_batch_request_sent_at_once_makes_one_batch(fleet: Fleet, shop: Shop) -> None:
    """The same key and body: one batch and one job, the same ones in every answer."""
    product = await shop.product()
    cookies = await fleet.cookies(shop.owner_account)
    for number in range(1, 4):
        headers = key()
        answers = await fire(
            [
                Shot(
                    fleet.url(turn),
                    "/api/m/batches",
                    {"quantity": 20, "product_ids": [product.id]},
                    {**headers, "Cookie": cookies[turn % len(cookies)]},
                )
                for turn in range(16)
            ]
        )
        assert Counter(codes(answers)) == {"201": 16}
        assert len({(answer.json()["batch"]["id"], answer.json()["job"]["id"]) for answer in answers}) == 1
        assert len(await ledger.batches(shop)) == len(await ledger.jobs(shop)) == number
    await all_done(shop)
    assert len(await ledger.cards_made(shop)) == 60


async def test_batches_made_at_once_share_no_serial_and_no_number(fleet: Fleet, host: App) -> None:
    """A merchant's very first batches, asked for on several processes: serials and numbers follow without a gap."""
    quantities = [3, 11, 1, 7, 20, 5, 2, 13, 4, 8, 6, 10]
    for _ in range(4):
        shop = await create_shop(host, "")
        product = await shop.product()
        cookies = await fleet.cookies(shop.owner_account)
        answers = await fire(
            [
                Shot(
                    fleet.url(turn),
                    "/api/m/batches",
                    {"quantity": quantity, "product_ids": [product.id], "prefix": "P", "number_length": 6},
                    {**key(), "Cookie": cookies[turn % len(cookies)]},
                )
                for turn, quantity in enumerate(quantities)
            ]
        )
        assert Counter(codes(answers)) == {"201": len(quantities)}
        await all_done(shop)
        made = await ledger.cards_made(shop)
        assert made == [(serial, f"P{serial:06d}") for serial in range(1, sum(quantities) + 1)]
        batches = await ledger.batches(shop)
        assert len({batch.code for batch in batches}) == len(quantities)
        expected = 1
        for batch in batches:
            last = expected + batch.quantity - 1
            assert batch.status == "ready"
            assert (batch.first_serial, batch.last_serial) == (expected, last)
            assert (batch.first_number, batch.last_number) == (f"P{expected:06d}", f"P{last:06d}")
            expected = last + 1


async def test_a_card_is_never_both_void_and_redeemed(fleet: Fleet, shop: Shop) -> None:
    """Voiding and redeeming at the same moment: one of the two is done, the other is refused and says why."""
    product = await shop.product()
    batch = await shop.batch(30, product_ids=[product.id])
    cards = await shop.printed(batch)
    cookies = await fleet.cookies(shop.owner_account)
    async with shop_client(fleet) as client:
        found = await client.get(
            "/api/m/cards", params={"batch_id": batch.id, "limit": 200}, headers={"Cookie": cookies[0]}
        )
    ids = {item["number"]: item["id"] for item in found.json()["items"]}
    redeeming_all = [
        Shot(fleet.url(turn), f"{shop.customer_api}/redemptions", redemption(card, product.id), key())
        for turn, card in enumerate(cards)
    ]
    voiding = [
        Shot(
            fleet.url(turn + 1),
            f"/api/m/cards/{ids[card.number]}/status",
            {"action": "void"},
            {"Cookie": cookies[(turn + 1) % len(cookies)]},
        )
        for turn, card in enumerate(cards)
    ]
    shots = [shot for pair in zip(redeeming_all, voiding, strict=True) for shot in pair]
    answers = dict(zip(map(id, shots), codes(await fire(shots)), strict=True))
    redeemed = [answers[id(shot)] for shot in redeeming_all]
    voided = [answers[id(shot)] for shot in voiding]
    assert set(voided) <= {"200", "409 card_action_refused"}
    await settled(shop, cards, redeemed)
    for turn in range(len(cards)):
        assert (redeemed[turn] == "201") is (voided[turn] == "409 card_action_refused")


async def settled(shop: Shop, cards: Sequence[Card], redeemed: Sequence[str]) -> int:
    """Each card is redeemed, once, or void, as its customer was told; answers how many are void."""
    assert set(redeemed) <= {"201", "409 card_void"}
    for card, told in zip(cards, redeemed, strict=True):
        entry = await ledger.entry_of(shop, card)
        if told == "201":
            assert entry.status == "active"
            assert ledger.redeemed_once(entry), entry
        else:
            assert entry.status == "void"
            assert ledger.untouched(entry), entry
    return redeemed.count("409 card_void")


async def test_a_bulk_action_voids_no_card_that_is_redeemed_at_the_moment(
    fleet: Fleet, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was confirmed is done to the cards as they are then: those redeemed meanwhile stay, and are named."""
    # So that redemptions come before, between and after its transactions.
    monkeypatch.setattr(changing, "CHUNK", 7)
    product = await shop.product()
    batch = await shop.batch(30, product_ids=[product.id])
    cards = await shop.printed(batch)
    cookie = {"Cookie": (await fleet.cookies(shop.owner_account))[0]}
    async with shop_client(fleet) as client:
        body = {"filter": {"batch_id": batch.id}, "action": "void"}
        dry = (await client.post("/api/m/cards/selections", json=body, headers=cookie)).json()
        assert (dry["count"], dry["will_change"]) == (30, 30)
        path = f"/api/m/cards/selections/{dry['id']}/apply"
        asked = await client.post(path, json={"expected": 30}, headers=cookie)
        assert asked.status_code == 201, asked.text
    redeeming_all = [
        Shot(fleet.url(turn), f"{shop.customer_api}/redemptions", redemption(card, product.id), key())
        for turn, card in enumerate(cards)
    ]
    first, job, second = await asyncio.gather(
        fire(redeeming_all[::2]), shop.finished(asked.json()["id"]), fire(redeeming_all[1::2])
    )
    redeemed = [""] * len(cards)
    redeemed[::2], redeemed[1::2] = codes(first), codes(second)
    void = await settled(shop, cards, redeemed)
    assert (job.status, job.result["changed"]) == ("done", void)
    unchanged = {finding["code"]: finding["count"] for finding in job.result["unchanged"]}
    # Those redeemed after the job had looked at them can't be: then they were void.
    assert unchanged == ({"redeemed": len(cards) - void} if void < len(cards) else {})


async def test_an_order_ships_once_and_the_second_hears_by_whom(fleet: Fleet, shop: Shop) -> None:
    """Two people ship the same orders on two processes: each order once, the slower one reads who was quicker."""
    product = await shop.product()
    numbers = await redeem_one_by_one(fleet, shop, product.id, await shop.cards(10, product_ids=[product.id]))

    async def ids_of(session: Session) -> list[int]:
        query = select(Order.id).where(Order.merchant_id == shop.id, Order.number.in_(numbers))
        return list(await session.scalars(query))

    order_ids: list[int] = await shop.run(ids_of)
    helper = await fleets.account_of(shop, await shop.account(name="小李"))
    people = {"店主": await fleet.cookies(shop.owner_account), "小李": await fleet.cookies(helper)}
    tried = [
        (order_id, name, f"{tracking}{order_id}")
        for order_id in order_ids
        for name, tracking in (("店主", "SFA"), ("小李", "SFB"))
    ]
    answers = await fire(
        [
            Shot(
                fleet.url(turn),
                f"/api/m/orders/{order_id}/shipments",
                {"courier_code": "SF", "tracking_number": tracking},
                {"Cookie": people[name][turn % len(fleet.urls)]},
            )
            for turn, (order_id, name, tracking) in enumerate(tried)
        ]
    )
    for order_id in order_ids:
        pair = [(who, answer) for (tried_id, *who), answer in zip(tried, answers, strict=True) if tried_id == order_id]
        assert sorted(codes([answer for _, answer in pair])) == ["201", "409 order_already_shipped"]
        (winner, first), (_, second) = sorted(pair, key=lambda entry: entry[1].status_code)
        assert [shipment["tracking_number"] for shipment in first.json()["shipments"]] == [winner[1]]
        data = second.json()["error"]["data"]
        assert (data["by"], data["tracking_number"]) == (winner[0], winner[1])
        assert winner[0] in second.json()["error"]["message"]


async def test_a_product_name_is_taken_once(fleet: Fleet, shop: Shop) -> None:
    """Products of one name added at once: one is added, the others read that the name is taken."""
    cookies = await fleet.cookies(shop.owner_account)
    for _ in range(3):
        name = unique("同名")
        answers = await fire(
            [
                Shot(fleet.url(turn), "/api/m/products", {"name": name}, {"Cookie": cookies[turn % len(cookies)]})
                for turn in range(16)
            ]
        )
        assert Counter(codes(answers)) == {"201": 1, "409 product_name_taken": 15}
