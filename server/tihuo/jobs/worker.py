"""What `tihuo worker` runs: the relay, the jobs, and the clearing of what nobody needs any more."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable

import structlog
from redis.asyncio import Redis

from tihuo.db import housekeeping, now
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.jobs.relay import Relay
from tihuo.jobs.runner import Runner
from tihuo.jobs.task import Kind

log = structlog.get_logger("tihuo.worker")
# A screen that was away for longer reloads; a request repeated after longer is a new one.
KEPT = dt.timedelta(days=30)
_DAY = 24 * 3600
_MINUTE = 60
# A chunk's clearing: answers how much it cleared, 0 when nothing is left.
Clear = Callable[[], Awaitable[int]]


async def run(
    unit_of_work: UnitOfWork,
    redis: Redis,
    kinds: Iterable[Kind],
    *,
    every_minute: dict[str, Clear],
    every_day: dict[str, Clear],
) -> None:
    """Run until cancelled. The rooms' own clearing comes by name, for the log."""

    def clear_rows() -> Awaitable[int]:
        return unit_of_work.run(lambda session: housekeeping.clear(session, now() - KEPT))

    async with asyncio.TaskGroup() as group:
        group.create_task(Relay(unit_of_work, redis).run())
        group.create_task(Runner(unit_of_work, redis, kinds).run())
        for what, clear in every_minute.items():
            group.create_task(_clear_every(_MINUTE, what, clear))
        for what, clear in {"rows": clear_rows, **every_day}.items():
            group.create_task(_clear_every(_DAY, what, clear))


async def _clear_every(seconds: float, what: str, clear: Clear) -> None:
    while True:
        try:
            cleared = 0
            while count := await clear():
                cleared += count
            log.info("cleared", what=what, count=cleared)
        except Exception:
            log.exception("clearing_failed", what=what)
        await asyncio.sleep(seconds)
