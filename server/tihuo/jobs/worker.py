"""What `tihuo worker` runs: the relay, and once a day the clearing of what nobody needs any more."""

import asyncio
import datetime as dt

import structlog
from redis.asyncio import Redis

from tihuo.db import housekeeping, now
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.jobs.relay import Relay

log = structlog.get_logger("tihuo.worker")
# A screen that was away for longer reloads; a request repeated after longer is a new one.
KEPT = dt.timedelta(days=30)
_DAY = 24 * 3600


async def run(unit_of_work: UnitOfWork, redis: Redis) -> None:
    """Run until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(Relay(unit_of_work, redis).run())
        group.create_task(_clear_daily(unit_of_work))


async def _clear_daily(unit_of_work: UnitOfWork) -> None:
    while True:
        try:
            cleared = 0
            while count := await unit_of_work.run(lambda session: housekeeping.clear(session, now() - KEPT)):
                cleared += count
            log.info("cleared", rows=cleared)
        except Exception:
            log.exception("clearing_failed")
        await asyncio.sleep(_DAY)
