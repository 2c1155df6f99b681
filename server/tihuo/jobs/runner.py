"""Takes up the jobs that may run, a few at a time, and sees each to its end whatever happens to a worker.

Any number of workers may run: a job belongs to whoever holds its lease, and is free again when the lease runs
out. A job that fails without a reason that staff could mend is tried again with growing pauses, then undone.
"""

import asyncio
import contextlib
import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any

import structlog
from redis.asyncio import Redis

from tihuo.db import Session, now
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.errors import AppError
from tihuo.jobs import queries, task
from tihuo.jobs.ending import end
from tihuo.jobs.models import JobRow
from tihuo.jobs.relay import stop_if_cancelled
from tihuo.jobs.task import Cancelled, Kind, LeaseLost, Task

log = structlog.get_logger("tihuo.jobs")
WAKE = "tihuo:jobs"
AT_ONCE = 2
MOST_ATTEMPTS = 5
_LOOK_ANYWAY = 1.0
_FAILED = {"code": "internal_error", "message": "系统出错，任务没有完成，已全部撤销；请稍后再试", "data": {}}


class Runner:
    """The jobs of one worker process."""

    def __init__(self, unit_of_work: UnitOfWork, redis: Redis, kinds: Iterable[Kind]) -> None:
        self._unit_of_work = unit_of_work
        self._redis = redis
        self._kinds = {kind.name: kind for kind in kinds}
        self._working: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled; then what was begun is given back."""
        pause = 0.5
        try:
            while True:
                try:
                    async with self._redis.pubsub() as pubsub:
                        await pubsub.subscribe(WAKE)
                        while True:
                            await self._take_up()
                            pause = 0.5
                            await pubsub.get_message(ignore_subscribe_messages=True, timeout=_LOOK_ANYWAY)
                            stop_if_cancelled()
                except Exception:
                    log.exception("jobs_failed", again_in=pause)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 15.0)
        finally:
            await end(*self._working.values())

    async def drain(self) -> int:
        """Do every job that may run now, one after the other; answers how many."""
        count = 0
        while claimed := await self._claim():
            await self._work(*claimed)
            count += 1
        return count

    async def _take_up(self) -> None:
        for job_id in [job_id for job_id, working in self._working.items() if working.done()]:
            del self._working[job_id]
        while len(self._working) < AT_ONCE:
            claimed = await self._claim()
            if claimed is None:
                return
            row, lease = claimed
            self._working[row.id] = asyncio.create_task(self._work(row, lease))

    async def _claim(self) -> tuple[JobRow, str] | None:
        lease = secrets.token_hex(16)
        busy = list(self._working)

        async def work(session: Session) -> JobRow | None:
            row = await queries.next_open(session, busy)
            if row is None or not await queries.claim(session, row, lease, now() + task.LEASE):
                return None
            return await queries.one(session, row.merchant_id, row.id)

        # Looking first without the writer's lock: most looks find nothing.
        if await self._unit_of_work.run(lambda session: queries.next_open(session, busy), writes=False) is None:
            return None
        row = await self._unit_of_work.run(work)
        return None if row is None else (row, lease)

    async def _work(self, row: JobRow, lease: str) -> None:
        working = Task(self._unit_of_work, row, lease)
        holding = asyncio.create_task(self._hold(working))
        try:
            await self._see_through(working, row)
        except LeaseLost:
            log.warning("lease_lost", job=row.id, kind=row.kind)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await asyncio.shield(working.let_go(dt.timedelta(), failed=False))
            raise
        except Exception:
            log.exception("job_failed", job=row.id, kind=row.kind, attempt=row.attempts)
            with contextlib.suppress(Exception):
                await working.let_go(dt.timedelta(seconds=min(2**row.attempts, 60)), failed=True)
        finally:
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
        # Another of its lane may be waiting for this one's end.
        self._look_again()

    def _look_again(self) -> None:
        waking = asyncio.create_task(self._wake())
        waking.add_done_callback(lambda done: done.exception())

    async def _wake(self) -> None:
        with contextlib.suppress(Exception):
            await self._redis.publish(WAKE, b"")

    async def _see_through(self, working: Task, row: JobRow) -> None:
        kind = self._kinds[row.kind]
        if not working.undoing:
            error: dict[str, Any] | None
            try:
                if row.attempts > MOST_ATTEMPTS:
                    error = _FAILED
                else:
                    await kind.run(working)
                    return
            except AppError as refusal:
                error = {"code": refusal.code, "message": refusal.text, "data": refusal.data}
            except Cancelled:
                error = None
            await working.turn_back(error)
        await kind.undo(working)

    async def _hold(self, working: Task) -> None:
        while True:
            await asyncio.sleep(task.LEASE.total_seconds() / 3)
            try:
                await working.keep_alive()
            except LeaseLost:
                return
            except Exception:
                log.exception("lease_not_renewed", job=working.id)
