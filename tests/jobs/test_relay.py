"""The relay numbers what was committed, in the order of commits, however many relays there are."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import fakeredis
import orjson
import pytest
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from tornado.ioloop import IOLoop

from tihuo.audit.service import Actor
from tihuo.db import Session, direct, engine, migrate, outbox
from tihuo.db.outbox import EventRow
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.jobs.relay import EVENTS, WAKE, Relay, wake
from tihuo.merchants import service as merchants
from tihuo.merchants.schemas import MerchantIn

HOST = Actor(None, "host", "test")


@pytest.fixture
def url(new_database: Callable[[str], str]) -> str:
    """A database of this test's own: numbers begin with 1."""
    made = new_database("relay")
    migrate.upgrade(made)
    return made


@pytest.fixture
def units(url: str, io_loop: IOLoop) -> Iterator[list[UnitOfWork]]:
    """Two processes' ways into the database: each has connections of its own."""

    async def build() -> list[UnitOfWork]:
        return [UnitOfWork(engine.create(url, 8)) for _ in range(2)]

    made = io_loop.run_sync(build)
    yield made
    for unit in made:
        io_loop.run_sync(unit.close)


@pytest.fixture
def merchant_id(io_loop: IOLoop, units: list[UnitOfWork]) -> int:
    """Events need somebody whose they are."""
    body = MerchantIn(slug="relay", name="商家")

    def create() -> Any:
        return units[0].run(lambda session: merchants.create(session, body, "Asia/Shanghai", HOST))

    made: int = io_loop.run_sync(create)
    return made


class Heard:
    """A Redis in which one hears what relays publish."""

    def __init__(self) -> None:
        self.redis: Redis = fakeredis.FakeAsyncRedis(server=fakeredis.FakeServer())
        self._pubsub = self.redis.pubsub()

    async def __aenter__(self) -> "Heard":
        await self._pubsub.subscribe(EVENTS)
        await self._pubsub.get_message(timeout=1)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]
        await self.redis.aclose()

    async def batch(self) -> list[dict[str, Any]]:
        """The events of the next message."""
        async with asyncio.timeout(10):
            while (message := await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=10)) is None:
                pass
        events: list[dict[str, Any]] = orjson.loads(message["data"])
        return events

    async def events(self, count: int) -> list[dict[str, Any]]:
        """So many events, in the order in which they were told."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found += await self.batch()
        return found


async def announce(unit: UnitOfWork, merchant_id: int, name: str) -> None:
    """One event in a transaction of its own."""
    await unit.run(lambda session: outbox.announce(session, merchant_id, "happened", {"name": name}))


async def numbered(unit: UnitOfWork) -> list[tuple[int | None, str]]:
    """All events with their numbers, in the order in which they were written."""

    async def work(session: Session) -> list[tuple[int | None, str]]:
        rows = await session.execute(select(EventRow.number, EventRow.data).order_by(EventRow.id))
        return [(number, data["name"]) for number, data in rows]

    return await unit.run(work, writes=False)


async def test_events_are_numbered_and_told_in_order(units: list[UnitOfWork], merchant_id: int) -> None:
    """From 1 on without a gap; what is told is what the database holds; a second look finds nothing."""
    async with Heard() as heard:
        relay = Relay(units[0], heard.redis)
        assert await relay.drain() == 0
        for name in "abc":
            await announce(units[0], merchant_id, name)
        assert await relay.drain() == 3
        told = await heard.batch()
        assert [(event["number"], event["data"]["name"]) for event in told] == [(1, "a"), (2, "b"), (3, "c")]
        assert {(event["merchant_id"], event["kind"]) for event in told} == {(merchant_id, "happened")}
        assert await relay.drain() == 0
        await announce(units[0], merchant_id, "d")
        assert await relay.drain() == 1
        assert [event["number"] for event in await heard.batch()] == [4]
    assert await numbered(units[0]) == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


async def test_what_was_undone_is_never_numbered(units: list[UnitOfWork], merchant_id: int) -> None:
    """An event belongs to its transaction: rolled back, it takes no number."""
    async with Heard() as heard:

        async def undone(session: Session) -> None:
            await outbox.announce(session, merchant_id, "happened", {"name": "undone"})
            raise LookupError

        with pytest.raises(LookupError):
            await units[0].run(undone)
        await announce(units[0], merchant_id, "done")
        assert await Relay(units[0], heard.redis).drain() == 1
    assert await numbered(units[0]) == [(1, "done")]


async def test_a_backlog_is_told_in_messages_of_bounded_size(units: list[UnitOfWork], merchant_id: int) -> None:
    """After a long pause the relay catches up piece by piece, in order."""

    async def many(session: Session) -> None:
        for number in range(1100):
            await outbox.announce(session, merchant_id, "happened", {"name": str(number)})

    async with Heard() as heard:
        await units[0].run(many)
        assert await Relay(units[0], heard.redis).drain() == 1100
        batches = [await heard.batch() for _ in range(3)]
    assert [len(batch) for batch in batches] == [500, 500, 100]
    told = [event for batch in batches for event in batch]
    assert [(event["number"], event["data"]["name"]) for event in told] == [(n + 1, str(n)) for n in range(1100)]


async def test_a_running_relay_is_woken(units: list[UnitOfWork], merchant_id: int) -> None:
    """A commit wakes it; without a wake (Redis was away for a moment) it looks by itself soon."""
    async with Heard() as heard:
        relay = asyncio.create_task(Relay(units[0], heard.redis).run())
        units[1].on_commit(outbox.RELAY, lambda: wake(heard.redis))
        await announce(units[1], merchant_id, "with a wake")
        assert [event["number"] for event in await heard.events(1)] == [1]
        await announce(units[0], merchant_id, "without")
        assert [event["number"] for event in await heard.events(1)] == [2]
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)


async def test_a_relay_survives_a_failure(
    units: list[UnitOfWork], merchant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that failed tries again; nothing that waits is lost."""
    failures = [ConnectionError("away"), ConnectionError("still away")]
    numbering = outbox.number_new

    async def failing(session: AsyncSession, limit: int = 500) -> list[outbox.Event]:
        if failures:
            raise failures.pop()
        return await numbering(session, limit)

    monkeypatch.setattr(outbox, "number_new", failing)
    await announce(units[0], merchant_id, "waits")
    async with Heard() as heard:
        relay = asyncio.create_task(Relay(units[0], heard.redis).run())
        assert [event["data"]["name"] for event in await heard.events(1)] == ["waits"]
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
    assert not failures


async def test_two_relays_give_every_number_once(units: list[UnitOfWork], merchant_id: int) -> None:
    """Two processes relay while others write: no gap, no double, and each event is told by one of them."""
    total = 120
    async with Heard() as heard:
        relays = [asyncio.create_task(Relay(unit, heard.redis).run()) for unit in units]

        async def write(writer: int) -> None:
            for turn in range(total // 6):
                await announce(units[writer % 2], merchant_id, f"{writer}:{turn}")
                await wake(heard.redis)

        _, told = await asyncio.gather(asyncio.gather(*(write(writer) for writer in range(6))), heard.events(total))
        for relay in relays:
            relay.cancel()
        await asyncio.gather(*relays, return_exceptions=True)
    assert sorted(event["number"] for event in told) == list(range(1, total + 1))
    rows = await numbered(units[0])
    assert {(event["number"], event["data"]["name"]) for event in told} == set(rows)
    # Each writer's own events keep their order: it waits for one commit before it begins the next.
    for writer in range(6):
        own = [number for number, name in rows if name.startswith(f"{writer}:") and number is not None]
        assert own == sorted(own)
        assert len(own) == total // 6


@pytest.mark.mariadb_only
async def test_numbers_follow_commits_not_writes(units: list[UnitOfWork], merchant_id: int) -> None:
    """A long transaction that wrote first and commits last is numbered last, and is not missed."""
    async with Heard() as heard:
        relay = Relay(units[0], heard.redis)
        async with AsyncSession(units[1].engine) as slow:
            await outbox.announce(slow, merchant_id, "happened", {"name": "written first"})
            await direct.flush(slow)
            await announce(units[0], merchant_id, "committed first")
            assert await relay.drain() == 1
            assert await relay.drain() == 0
            await slow.commit()
        assert await relay.drain() == 1
        told = await heard.events(2)
    assert [(event["number"], event["data"]["name"]) for event in told] == [
        (1, "committed first"),
        (2, "written first"),
    ]
    assert await numbered(units[0]) == [(2, "written first"), (1, "committed first")]


@pytest.mark.mariadb_only
async def test_a_relay_waits_for_one_that_is_still_numbering(units: list[UnitOfWork], merchant_id: int) -> None:
    """The counter's row is the turn: a second relay gives no number until the first has committed."""
    await announce(units[0], merchant_id, "a")
    async with Heard() as heard:
        async with AsyncSession(units[1].engine) as first:
            assert [event.number for event in await outbox.number_new(first)] == [1]
            await announce(units[0], merchant_id, "b")
            second = asyncio.create_task(Relay(units[0], heard.redis).drain())
            done, _ = await asyncio.wait({second}, timeout=0.3)
            assert not done
            await first.commit()
        assert await second == 1
        assert [(event["number"], event["data"]["name"]) for event in await heard.events(1)] == [(2, "b")]
    assert await numbered(units[0]) == [(1, "a"), (2, "b")]


@pytest.mark.usefixtures("io_loop")
async def test_a_wake_without_redis_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit is done: that Redis is away must not turn it into an error."""

    async def refuses(*_: Any) -> None:
        raise ConnectionError(WAKE)

    async with Heard() as heard:
        monkeypatch.setattr(heard.redis, "publish", refuses)
        await wake(heard.redis)
