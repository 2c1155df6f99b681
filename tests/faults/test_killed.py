"""A server killed between any two statements leaves all or nothing, and the client's retry mends it."""

import asyncio
import datetime as dt
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import event, select

from tests.concurrency import fleet as fleets
from tests.concurrency import ledger
from tests.concurrency.fleet import Fleet
from tests.concurrency.screens import Screen
from tests.conftest import Server
from tests.factories.shops import Card, Shop, key, redemption
from tests.faults.dying_server import HEADER
from tests.services.mariadb import DatabaseServer
from tests.services.tihuo_processes import answers_200
from tihuo.db import Session
from tihuo.db.idempotency import IdempotencyKey
from tihuo.jobs.relay import Relay
from tihuo.settings import Settings

# Statements of one request, twice, and the commit: far fewer than this.
MOST_POINTS = 150


async def until_ready(fleet: Fleet) -> None:
    """Wait for the process that the supervisor started in the dead one's place."""
    port = fleet.processes.ports[0]
    deadline = time.monotonic() + 30
    while not await asyncio.to_thread(answers_200, port, "/readyz"):
        assert time.monotonic() < deadline, fleet.processes.logs()
        await asyncio.sleep(0.02)


async def sent_to_death(
    fleet: Fleet, path: str, body: dict[str, Any], headers: dict[str, str]
) -> httpx.Response | None:
    """The server's answer, or None when it died over the request; then a new process is ready."""
    async with httpx.AsyncClient(base_url=fleet.urls[0], timeout=30) as client:
        try:
            return await client.post(path, json=body, headers=headers)
        except httpx.TransportError:
            pass
    await until_ready(fleet)
    return None


async def test_a_redemption_killed_at_any_point_is_done_or_not_begun(dying: Fleet, host_shop: Shop) -> None:
    """For every point of the way: all or nothing; then the same request again gives exactly one order.

    The order has a day: its place is taken with it, or not at all.
    """
    product = await host_shop.product()
    await host_shop.days(quota=MOST_POINTS)
    tomorrow = (await host_shop.today()) + dt.timedelta(days=1)
    path = f"{host_shop.customer_api}/redemptions"
    outcomes = []
    for point in range(1, MOST_POINTS):
        card = await host_shop.card(product_ids=[product.id])
        body, headers = redemption(card, product.id, ship_on=tomorrow.isoformat()), key()
        answer = await sent_to_death(dying, path, body, {**headers, HEADER: str(point)})
        entry = await ledger.entry_of(host_shop, card)
        if answer is not None:
            assert answer.status_code == 201
            assert ledger.redeemed_once(entry)
            break
        assert ledger.untouched(entry) or ledger.redeemed_once(entry), (point, entry)
        outcomes.append(ledger.redeemed_once(entry))
        async with httpx.AsyncClient(base_url=dying.urls[0], timeout=30) as client:
            view = (await client.post(f"{host_shop.customer_api}/cards/check", json=card.typed())).json()
            assert view["state"] == ("redeemed" if outcomes[-1] else "redeemable")
            retried = await client.post(path, json=body, headers=headers)
        assert retried.status_code == 201, (point, retried.text)
        entry = await ledger.entry_of(host_shop, card)
        assert ledger.redeemed_once(entry), (point, entry)
        assert entry.orders == (retried.json()["order"]["number"],)
    else:
        pytest.fail("the request never survived")
    assert len(outcomes) > 12
    assert await ledger.places_taken(host_shop, tomorrow) == {0: len(outcomes) + 1, product.id: len(outcomes) + 1}
    # Nothing, then from one point on everything: the commit is the only step.
    assert outcomes == sorted(outcomes)
    assert outcomes[0] is False
    assert outcomes[-1] is True
    cards = len(outcomes) + 1
    assert await ledger.totals(host_shop) == (cards, cards, cards)


async def batch_keys(shop: Shop) -> int:
    """How many requests for batches are remembered."""

    async def work(session: Session) -> int:
        query = select(IdempotencyKey.id).where(IdempotencyKey.merchant_id == shop.id, IdempotencyKey.scope == "batch")
        return len(list(await session.scalars(query)))

    found: int = await shop.run(work)
    return found


async def test_asking_for_a_batch_killed_at_any_point_promises_it_whole_or_not_at_all(
    dying: Fleet, host_shop: Shop
) -> None:
    """No batch without its job and no job without its batch; the same request again means the same one.

    The server that is killed is no worker: the cards are made at the end, by jobs that lost nothing.
    """
    product = await host_shop.product()
    body = {"quantity": 7, "product_ids": [product.id], "prefix": "K", "number_length": 6}
    cookie = {"Cookie": await fleets.sign_in(dying.urls[0], host_shop.owner_account)}
    promised, outcomes = 0, []
    for point in range(1, MOST_POINTS):
        headers = key()
        answer = await sent_to_death(dying, "/api/m/batches", body, {**headers, **cookie, HEADER: str(point)})
        batches, jobs = await ledger.batches(host_shop), await ledger.jobs(host_shop)
        made = len(batches) - promised
        assert made in (0, 1), point
        assert [(batch.job_id, {"batch_id": batch.id}) for batch in batches] == [(job.id, job.input) for job in jobs]
        assert await batch_keys(host_shop) == promised + made, point
        if not host_shop.app.context.settings.redis_url:
            # The stand-in died with its process, and the session in it.
            cookie = {"Cookie": await fleets.sign_in(dying.urls[0], host_shop.owner_account)}
        async with httpx.AsyncClient(base_url=dying.urls[0], timeout=30) as client:
            retried = await client.post("/api/m/batches", json=body, headers={**headers, **cookie})
        assert retried.status_code == 201, (point, retried.text)
        promised += 1
        batches, jobs = await ledger.batches(host_shop), await ledger.jobs(host_shop)
        assert len(batches) == len(jobs) == promised
        assert (retried.json()["batch"]["id"], retried.json()["job"]["id"]) == (batches[-1].id, jobs[-1].id)
        if made:
            assert (batches[-1].status, jobs[-1].status) == ("making", "waiting")
        if answer is not None:
            assert answer.json() == retried.json()
            break
        outcomes.append(made == 1)
    else:
        pytest.fail("the request never survived")
    assert len(outcomes) > 12
    # Nothing, then from one point on everything: the commit is the only step.
    assert outcomes == sorted(outcomes)
    assert outcomes[0] is False
    assert outcomes[-1] is True
    assert await ledger.cards_made(host_shop) == []
    for job in await ledger.jobs(host_shop):
        assert (await host_shop.finished(job.id)).status == "done"
    # What was undone left no gap and no double behind.
    assert await ledger.cards_made(host_shop) == [(serial, f"K{serial:06d}") for serial in range(1, promised * 7 + 1)]


async def test_a_relay_that_dies_before_telling_loses_nothing(
    server: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that has its number but was never told reaches the screen from the database, once."""
    server.relay.cancel()
    await asyncio.gather(server.relay, return_exceptions=True)
    context = server.app.context
    product = await shop.product()
    first, second = await shop.cards(2, product_ids=[product.id])
    # What others left to be told, and that the cards were made, is no part of this.
    await Relay(context.unit_of_work, context.redis).drain()
    async with await Screen.of(shop) as screen, shop.customer() as customer:
        path = f"{shop.customer_api}/redemptions"
        placed = [(await customer.post(path, json=redemption(first, product.id), headers=key())).json()]

        async def dies(*_: Any) -> None:
            raise ConnectionError

        with monkeypatch.context() as patch:
            patch.setattr(context.redis, "publish", dies)
            with pytest.raises(ConnectionError):
                await Relay(context.unit_of_work, context.redis).drain()
        events = [await screen.event(timeout=15)]
        placed.append((await customer.post(path, json=redemption(second, product.id), headers=key())).json())
        assert await Relay(context.unit_of_work, context.redis).drain() == 1
        events.append(await screen.event())
        await screen.silent()
    assert [event["data"]["order"]["number"] for event in events] == [one["order"]["number"] for one in placed]


@pytest.mark.mariadb_only
async def test_a_killed_worker_loses_nothing(quiet_settings: Settings, quiet_shop: Shop) -> None:
    """The same with real processes: the worker is killed in between, a new one goes on."""
    product = await quiet_shop.product()
    cards = await quiet_shop.cards(2, product_ids=[product.id])
    with (
        fleets.running(quiet_settings, web=1) as webs,
        fleets.running(quiet_settings, web=0, worker=1, module="tests.faults.dying_relay") as dying,
    ):
        cookie = await fleets.sign_in(webs.urls[0], quiet_shop.owner_account)
        async with await Screen.at(webs.urls[0], cookie) as screen:
            await screen.hello()
            placed = [await placed_at(webs, quiet_shop, cards[0], product.id)]
            events = [await screen.event(timeout=15)]
            assert not dying.processes.workers[0].process.alive
            webs.processes.add_worker()
            placed.append(await placed_at(webs, quiet_shop, cards[1], product.id))
            events.append(await screen.event(timeout=15))
            await screen.silent()
    assert [event["data"]["order"]["number"] for event in events] == placed


async def placed_at(fleet: Fleet, shop: Shop, card: Card, product_id: int) -> str:
    """Redeem a card; answers the order's number."""
    async with httpx.AsyncClient(base_url=fleet.urls[0], timeout=30) as client:
        response = await client.post(
            f"{shop.customer_api}/redemptions", json=redemption(card, product_id), headers=key()
        )
    number: str = response.json()["order"]["number"]
    return number


@pytest.mark.mariadb_only
@pytest.mark.parametrize("before", ["SELECT cards", "UPDATE cards", "INSERT INTO orders", "INSERT INTO redemptions"])
async def test_a_lost_database_connection_leaves_nothing_half_done(
    server: Server, shop: Shop, mariadb_server: DatabaseServer, before: str
) -> None:
    """Every connection to the database is cut in the middle: a clear error, nothing done, the retry succeeds."""
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    engine = server.app.context.unit_of_work.engine
    cut: list[str] = []

    def cut_all(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not cut and statement.startswith(before):
            cut.append(statement)
            listed = f"SELECT id FROM information_schema.processlist WHERE db = '{engine.url.database}'"  # noqa: S608
            for (thread,) in mariadb_server.execute(listed):
                mariadb_server.execute(f"KILL {thread}")

    event.listen(engine.sync_engine, "before_cursor_execute", cut_all)
    body, headers, path = redemption(card, product.id), key(), f"{shop.customer_api}/redemptions"
    async with httpx.AsyncClient(base_url=shop.base_url, timeout=30) as client:
        response = await client.post(path, json=body, headers=headers)
        event.remove(engine.sync_engine, "before_cursor_execute", cut_all)
        assert cut
        assert response.status_code in (500, 503)
        error = response.json()["error"]
        assert error["request_id"] in error["message"]
        assert not any(word in response.text for word in ("SELECT", "INSERT", "UPDATE", card.password))
        assert ledger.untouched(await ledger.entry_of(shop, card))
        retried = await client.post(path, json=body, headers=headers)
    assert retried.status_code == 201, retried.text
    assert ledger.redeemed_once(await ledger.entry_of(shop, card))
