"""New orders on every open staff screen: at once, each once, none missed (spec H)."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import redis as sync_redis
from sqlalchemy import select
from tornado.httpclient import HTTPClientError
from tornado.ioloop import IOLoop

from tests.concurrency import fleet as fleets
from tests.concurrency.screens import ORDERS, Screen
from tests.factories.shops import PASSWORD, Card, Shop, key, redemption
from tests.services.redis_server import RedisServer, redis_server
from tihuo.cards.models import Card as CardRow
from tihuo.db import Session, outbox
from tihuo.jobs import events as job_events
from tihuo.jobs import relay
from tihuo.orders import events
from tihuo.redemption import service as redemptions
from tihuo.redemption.schemas import RedeemIn
from tihuo.settings import Settings
from tihuo.staff.schemas import Permission
from tihuo.web import live
from tihuo.web.sessions import COOKIE

ENDED = 4401
EVERYTHING = {*ORDERS, job_events.CHANGED}


async def place(shop: Shop, base_url: str = "", card: Card | None = None) -> dict[str, Any]:
    """Place an order over HTTP; answers it as the customer sees it."""
    product = await shop.product()
    card = card or await shop.card(product_ids=[product.id])
    async with httpx.AsyncClient(base_url=base_url or shop.base_url, timeout=30) as customer:
        response = await customer.post(
            f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key()
        )
    assert response.status_code == 201, response.text
    order: dict[str, Any] = response.json()["order"]
    return order


def numbers(heard: list[dict[str, Any]]) -> list[str]:
    """The orders that events tell of."""
    return [event["data"]["order"]["number"] for event in heard if event["kind"] in ORDERS]


async def refusal(base_url: str, cookie: str = "", **headers: str) -> int:
    """The HTTP status with which a WebSocket is refused."""
    with pytest.raises(HTTPClientError) as refused:
        await Screen.at(base_url, cookie, **headers)
    return int(refused.value.code)


async def test_an_order_reaches_both_screens(shop: Shop, other_shop: Shop) -> None:
    """A greeting with the newest number, then the event, on each of the merchant's screens and on no other's."""
    product = await shop.product("苹果")
    card = await shop.card(product_ids=[product.id])
    token = await shop.app.context.sessions.open(shop.owner_id)
    stranger = await Screen.of(other_shop)
    first = await Screen.of(shop)
    second = await Screen.at(shop.base_url, f"{COOKIE}={token}")
    hello = await second.hello()
    assert set(hello) == {"type", "number"}
    async with first, second, stranger, shop.customer() as customer:
        response = await customer.post(
            f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key()
        )
        order = response.json()["order"]
        heard = [await screen.event() for screen in (first, second)]
        assert heard[0] == heard[1]
        assert set(heard[0]) == {"type", "number", "kind", "at", "data"}
        assert heard[0]["kind"] == "order_placed"
        assert heard[0]["number"] > hello["number"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", heard[0]["at"])
        news = heard[0]["data"]["order"]
        assert {name: news[name] for name in ("number", "status", "source", "product_name", "receiver_name")} == {
            "number": order["number"],
            "status": "to_ship",
            "source": "h5",
            "product_name": "苹果",
            "receiver_name": "张三",
        }
        await first.silent()
        await second.silent()
        await stranger.silent()


@pytest.fixture
def told_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks into the database by itself any more; ask for it before the server."""
    monkeypatch.setattr(relay, "_LOOK_ANYWAY", 3600)
    monkeypatch.setattr(live, "_LOOK_ANYWAY", 3600)


async def test_screens_are_told_and_need_not_look(told_only: None, shop: Shop) -> None:
    """The commit wakes the relay and the relay wakes the screens: looking is for when Redis fails."""
    async with await Screen.of(shop) as screen:
        for _ in range(3):
            order = await place(shop)
            assert numbers([await screen.event()]) == [order["number"]]


async def test_a_shipment_is_told_too(shop: Shop) -> None:
    """Whoever has the list open sees that an order has been shipped by somebody else."""
    async with await Screen.of(shop) as screen, await shop.staff() as staff:
        await place(shop)
        placed = await screen.event()
        path = f"/api/m/orders/{placed['data']['order']['id']}/shipments"
        response = await staff.post(path, json={"courier_code": "SF", "tracking_number": "SF1234567890"})
        assert response.status_code == 201
        shipped = await screen.event()
    assert shipped["kind"] == "order_shipped"
    assert shipped["data"]["order"]["status"] == "shipped"
    assert numbers([shipped]) == numbers([placed])


async def test_frames_hold_nothing_secret(shop: Shop) -> None:
    """Neither the card's password nor any of its stored copies nor the customer's mobile number."""
    product = await shop.product()
    card = await shop.card(product_ids=[product.id], password_length=16)

    async def stored(session: Session) -> tuple[bytes, bytes]:
        query = select(CardRow.password_mac, CardRow.password_sealed).where(
            CardRow.merchant_id == shop.id, CardRow.number == card.number
        )
        mac, sealed = (await session.execute(query)).one()
        return mac, sealed

    async with await Screen.of(shop) as screen, shop.customer() as customer:
        await customer.post(f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key())
        event = await screen.event()
    frames = "".join(screen.frames)
    for secret in (card.password, "13812345678", *(part.hex() for part in await shop.run(stored))):
        assert secret not in frames
    assert set(event["data"]) == {"order"}
    assert set(event["data"]["order"]) == {
        "id",
        "number",
        "status",
        "source",
        "ship_on",
        "placed_at",
        "product_name",
        "product_picture",
        "receiver_name",
        "city",
    }


async def test_what_a_screen_missed_comes_once_and_in_order(shop: Shop, other_shop: Shop) -> None:
    """A screen that comes back with the highest number it saw gets what followed, then what is new."""
    async with await Screen.of(shop) as screen:
        placed = [(await place(shop))["number"]]
        seen = (await screen.event())["number"]
    async with await Screen.of(shop) as witness:
        for _ in range(3):
            placed.append((await place(shop))["number"])
            await place(other_shop)
        before = await witness.events(3)
    async with await Screen.of(shop, after=seen) as screen:
        placed.append((await place(shop))["number"])
        heard = await screen.events(4)
        await screen.silent()
    assert numbers(heard) == placed[1:]
    assert heard[:3] == before
    assert [event["number"] for event in heard] == sorted({event["number"] for event in heard})
    async with await Screen.of(shop, after=heard[-1]["number"]) as screen:
        await screen.silent()


async def announced(shop: Shop, count: int) -> int:
    """Have so many events happen, and be told to whoever is there; answers the number before the first."""

    async def announce(session: Session) -> None:
        for turn in range(count):
            await outbox.announce(session, shop.id, events.PLACED, {"order": {"id": turn + 1}})

    async with await Screen.of(shop) as witness:
        await shop.run(announce)
        heard = await witness.events(count)
    before: int = heard[0]["number"] - 1
    return before


async def test_who_missed_five_hundred_gets_them_all(shop: Shop) -> None:
    """The most that is sent again."""
    before = await announced(shop, live.MAX_MISSED)
    async with await Screen.of(shop, after=before) as screen:
        heard = await screen.events(live.MAX_MISSED)
        await screen.silent()
    assert [event["data"]["order"]["id"] for event in heard] == list(range(1, live.MAX_MISSED + 1))


async def test_who_missed_more_is_told_to_reload(shop: Shop) -> None:
    """Then the list is read anew, and only what happens from now on is sent."""
    before = await announced(shop, live.MAX_MISSED + 1)
    async with await Screen.of(shop, after=before) as screen:
        assert await screen.frame() == {"type": "reload"}
        order = await place(shop)
        assert numbers([await screen.event()]) == [order["number"]]
        await screen.silent()


async def test_a_number_that_was_never_given_means_reload(shop: Shop) -> None:
    """A screen that knows more than the server has another database's numbers, e.g. after a restore."""
    async with await Screen.of(shop, after=10**15) as screen:
        assert await screen.frame() == {"type": "reload"}
        order = await place(shop)
        assert numbers([await screen.event()]) == [order["number"]]


@pytest.mark.parametrize("after", ["", "x", "-1", "1" * 30, "１"])
async def test_a_senseless_number_is_as_good_as_none(shop: Shop, after: str) -> None:
    """It never costs an error: such a screen begins with what is new."""
    token = await shop.app.context.sessions.open(shop.owner_id)
    async with await Screen.at(shop.base_url, f"{COOKIE}={token}", after=after) as screen:
        await screen.hello()
        order = await place(shop)
        assert numbers([await screen.event()]) == [order["number"]]


async def test_only_staff_listen(shop: Shop) -> None:
    """No session: 401, before the upgrade. Any account may listen: to what its permissions let it see."""
    assert await refusal(shop.base_url) == 401
    assert await refusal(shop.base_url, f"{COOKIE}=made-up") == 401
    for taken in ("orders", "cards"):
        token = await shop.app.context.sessions.open(await shop.account(taken))
        async with await Screen.at(shop.base_url, f"{COOKIE}={token}") as screen:
            await screen.hello()


async def exported(shop: Shop, *columns: str) -> int:
    """Have the merchant's cards exported by the owner; answers the job, which is done."""
    async with await shop.staff() as owner:
        body = {"filter": {}, "columns": ["number", *columns], "password": PASSWORD}
        response = await owner.post("/api/m/cards/exports", json=body)
    assert response.status_code == 201, response.text
    job = await shop.finished(response.json()["id"])
    assert job.status == "done"
    return job.id


def told_of(heard: list[dict[str, Any]]) -> set[int]:
    """The jobs that events tell of."""
    return {event["data"]["job"]["id"] for event in heard if event["kind"] == job_events.CHANGED}


@pytest.mark.parametrize(
    ("taken", "hears"),
    [
        ([], {"orders", "cards", "card_passwords"}),
        (["orders"], {"cards", "card_passwords"}),
        (["cards"], {"orders", "card_passwords"}),
        (["card_passwords"], {"orders", "cards"}),
        (["orders", "cards", "card_passwords"], set()),
    ],
    ids=lambda names: "+".join(sorted(names)) or "none",
)
async def test_a_screen_hears_of_what_its_account_may_see(
    shop: Shop, other_shop: Shop, taken: list[Permission], hears: set[str]
) -> None:
    """Orders with `orders`; a job with the permission that it names. Live, and again what a screen missed."""
    staff_id = await shop.account(*taken)
    async with (
        await Screen.of(shop, staff_id, kinds=EVERYTHING) as screen,
        await Screen.of(shop, kinds=EVERYTHING) as owners,
        await Screen.of(other_shop, kinds=EVERYTHING) as stranger,
    ):
        order = await place(shop)
        jobs = {"cards": await exported(shop), "card_passwords": await exported(shop, "password")}
        everything: list[dict[str, Any]] = []
        while not everything or ended(everything[-1]) != jobs["card_passwords"]:
            everything.append(await owners.event())
        kept = [event for event in everything if needed(event) in hears]
        assert await screen.events(len(kept)) == kept
        await screen.silent()
        await stranger.silent()
    assert {needed(event) for event in everything} == {"orders", "cards", "card_passwords"}
    assert (order["number"] in numbers(kept)) is ("orders" in hears)
    for permission, job_id in jobs.items():
        assert (job_id in told_of(kept)) is (permission in hears), permission
    async with await Screen.of(shop, staff_id, after=everything[0]["number"] - 1, kinds=EVERYTHING) as again:
        assert await again.events(len(kept)) == kept
        await again.silent()


def ended(event: dict[str, Any]) -> int | None:
    """The job that the event says is done."""
    job = event["data"].get("job")
    return job["id"] if job and job["status"] == "done" else None


def needed(event: dict[str, Any]) -> str:
    """The permission that an event needs."""
    if event["kind"] == job_events.CHANGED:
        found: str = event["data"]["permission"]
        return found
    return events.PERMISSIONS[event["kind"]]


async def test_what_is_told_of_a_job_is_the_job(shop: Shop) -> None:
    """Asked for, begun, done: each time the job as GET /api/m/jobs/{id} answers it, and no password in it."""
    async with await Screen.of(shop, kinds={job_events.CHANGED}) as screen, await shop.staff() as staff:
        (card,) = await shop.cards(1)
        heard = [await screen.event()]
        while ended(heard[-1]) is None:
            heard.append(await screen.event())
        job = (await staff.get(f"/api/m/jobs/{ended(heard[-1])}")).json()
    assert {event["data"]["job"]["id"] for event in heard} == {job["id"]}
    assert heard[0]["data"]["job"]["status"] == "waiting"
    assert heard[-1]["data"]["job"] == job
    assert card.password not in "".join(screen.frames)


async def test_a_page_of_another_site_can_not_listen(shop: Shop) -> None:
    """A browser sends the cookie along from any site: the Origin decides."""
    cookie = f"{COOKIE}={await shop.app.context.sessions.open(shop.owner_id)}"
    for foreign in ("https://evil.example", "http://127.0.0.1:1", "null", shop.base_url + ".evil.example"):
        assert await refusal(shop.base_url, cookie, Origin=foreign) == 403
    async with await Screen.at(shop.base_url, cookie, Origin=shop.base_url) as screen:
        await screen.hello()


async def test_signing_out_closes_that_sessions_screens(shop: Shop) -> None:
    """At once, with a code that tells the page to ask for the password; other sessions go on."""
    async with await shop.staff() as staff:
        cookie = f"{COOKIE}={staff.cookies[COOKIE]}"
        async with await Screen.at(shop.base_url, cookie) as screen, await Screen.of(shop) as other:
            await screen.hello()
            assert (await staff.delete("/api/m/session")).status_code == 204
            assert await screen.closed() == ENDED
            order = await place(shop)
            assert numbers([await other.event()]) == [order["number"]]
    assert await refusal(shop.base_url, cookie) == 401


@pytest.mark.parametrize(
    ("change", "comes_back"),
    [({"disabled": True}, False), ({"restrictions": ["orders"]}, True), ({"password": "Another-passw0rd"}, False)],
    ids=["disabled", "restricted", "new password"],
)
async def test_an_account_that_may_no_longer_is_cut_off_at_once(
    shop: Shop, change: dict[str, Any], comes_back: bool
) -> None:
    """Disabling or restricting an account or changing its password closes its screens, and only its.

    Who was restricted may come back, and hears no more of what was taken away.
    """
    staff_id = await shop.account()
    cookie = f"{COOKIE}={await shop.app.context.sessions.open(staff_id)}"
    body = {"name": "小王", "mobile": "13900000000", "restrictions": [], "disabled": False, **change}
    async with await Screen.at(shop.base_url, cookie) as screen, await Screen.of(shop) as owners:
        await screen.hello()
        async with await shop.staff() as owner:
            response = await owner.put(f"/api/m/staff/{staff_id}", json=body)
            assert response.status_code == 200, response.text
        assert await screen.closed() == ENDED
        await place(shop)
        await owners.event()
        if comes_back:
            async with await Screen.at(shop.base_url, cookie) as restricted:
                await restricted.hello()
                await place(shop)
                await owners.event()
                await restricted.silent()
        else:
            assert await refusal(shop.base_url, cookie) == 401


async def test_a_session_that_ended_by_itself_is_noticed_at_the_next_ping(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else takes an account's right away, a screen outlives it by one ping at most."""
    monkeypatch.setattr(live, "PING_SECONDS", 0.1)
    token = await shop.app.context.sessions.open(shop.owner_id)
    async with await Screen.at(shop.base_url, f"{COOKIE}={token}") as screen:
        await screen.hello()
        await screen.silent(0.5)
        assert '{"type":"ping"}' in screen.frames
        await shop.app.context.sessions.close(token)
        assert await screen.closed() == ENDED


@pytest.fixture
def lasting_redis() -> Iterator[RedisServer]:
    """A Redis of this test's own that keeps what it knows over a restart."""
    with redis_server(appendonly=True) as server:
        yield server


@pytest.fixture
def apart(settings: Settings, new_database: Callable[[str], str], lasting_redis: RedisServer) -> Settings:
    """Settings with a database and a Redis that nobody else uses."""
    alone = fleets.on_its_own_database(settings, new_database("live"))
    return Settings.model_validate({**alone.model_dump(), "redis_url": lasting_redis.url})


@pytest.fixture
def far_shop(apart: Settings, io_loop: IOLoop) -> Iterator[Shop]:
    """A merchant whom other processes serve."""
    with fleets.host(io_loop, apart) as app:
        yield fleets.new_shop(io_loop, app, "")


@pytest.mark.mariadb_only
async def test_screens_of_every_process_hear_everything_whatever_redis_does(
    apart: Settings, far_shop: Shop, lasting_redis: RedisServer
) -> None:
    """Two web processes and a worker: each screen gets each order once, also over a flushed and a restarted Redis."""
    product = await far_shop.product()
    cards = await far_shop.cards(2, product_ids=[product.id])
    async with contextlib.AsyncExitStack() as stack:
        fleet = stack.enter_context(fleets.running(apart, web=2, worker=1))
        cookies = await fleet.cookies(far_shop.owner_account)
        screens = [
            await stack.enter_async_context(await Screen.at(url, cookie))
            for url, cookie in zip(fleet.urls, cookies, strict=True)
        ]
        hellos = [await screen.hello() for screen in screens]
        placed = [(await place(far_shop, fleet.urls[0]))["number"]]
        heard = [[await screen.event()] for screen in screens]

        connection = sync_redis.Redis.from_url(lasting_redis.url)
        connection.flushall()
        connection.close()
        placed.append((await place(far_shop, fleet.urls[1]))["number"])
        for screen, own in zip(screens, heard, strict=True):
            own.append(await screen.event(15))

        # While Redis is away nobody can redeem, but what was committed a moment ago is yet to be told.
        await asyncio.to_thread(lasting_redis.stop)
        placed.append(await redeemed_without_telling(far_shop, cards[0], product.id))
        await asyncio.to_thread(lasting_redis.start)
        for screen, own in zip(screens, heard, strict=True):
            own.append(await screen.event(30))
        placed.append((await place(far_shop, fleet.urls[0]))["number"])
        for screen, own in zip(screens, heard, strict=True):
            own.append(await screen.event(15))
            await screen.silent()

        assert [numbers(own) for own in heard] == [placed, placed]
        cookie = await fleets.sign_in(fleet.urls[1], far_shop.owner_account)
        async with await Screen.at(fleet.urls[1], cookie, after=hellos[0]["number"]) as late:
            await late.hello()
            assert await late.events(len(placed)) == heard[0]
            await late.silent()


async def redeemed_without_telling(shop: Shop, card: Card, product_id: int) -> str:
    """An order that is committed and of which nobody could be told; answers its number."""
    body = RedeemIn.model_validate(redemption(card, product_id))
    context = shop.app.context

    async def work(session: Session) -> str:
        order = await redemptions.redeem(session, context.vault, shop.slug, body, "key-while-away")
        session.info.pop("wake")
        return order.number

    return await context.unit_of_work.run(work)
