"""Numbers what the outbox holds and tells every web process, moments after the commit.

Any number of relays may run: they take turns at the counter's row. A relay that dies between numbering and
telling loses nothing, because readers fill gaps from the database.
"""

import asyncio
import contextlib
import dataclasses

import orjson
import structlog
from redis.asyncio import Redis

from tihuo.db import outbox
from tihuo.db.unit_of_work import UnitOfWork

log = structlog.get_logger("tihuo.relay")
WAKE = "tihuo:wake"
EVENTS = "tihuo:events"
_MOMENT = 0.05
_LOOK_ANYWAY = 1.0
_BATCH = 500


async def wake(redis: Redis, channel: str = WAKE) -> None:
    """Tell the relay (or who else listens there) that something was committed; without Redis it looks by itself."""
    with contextlib.suppress(Exception):
        await redis.publish(channel, b"")


def stop_if_cancelled() -> None:
    """Raise CancelledError in a task that was cancelled although what it awaited has swallowed that.

    Python 3.11's wait_for, on which the stand-in for Redis waits, does so when both happen in one moment (gh-81839).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Relay:
    """The loop of one worker process."""

    def __init__(self, unit_of_work: UnitOfWork, redis: Redis) -> None:
        self._unit_of_work = unit_of_work
        self._redis = redis

    async def run(self) -> None:
        """Relay until cancelled; failures are logged and tried again with growing pauses."""
        pause = 0.5
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(WAKE)
                    while True:
                        await self.drain()
                        pause = 0.5
                        await pubsub.get_message(ignore_subscribe_messages=True, timeout=_LOOK_ANYWAY)
                        # One look serves all who call within the moment.
                        await asyncio.sleep(_MOMENT)
                        while await pubsub.get_message(ignore_subscribe_messages=True, timeout=0):
                            pass
                        stop_if_cancelled()
            except Exception:
                log.exception("relay_failed", again_in=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 15.0)

    async def drain(self) -> int:
        """Number and tell all that waits; answers how many events that were."""
        total = 0
        while events := await self._unit_of_work.run(lambda session: outbox.number_new(session, _BATCH)):
            message = orjson.dumps([dataclasses.asdict(event) for event in events])
            await self._redis.publish(EVENTS, message)
            total += len(events)
        return total
