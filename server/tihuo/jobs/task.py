"""A job at work: every step is one transaction that also moves the job's own row on.

A step holds only if the job's lease is still ours: a worker that was thought dead and comes back, or a second
one, can commit nothing. So each step is done once, and after a crash the next worker goes on from `state`.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from tihuo.db import Session, now, outbox
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.jobs import events, queries, queue
from tihuo.jobs.models import JobRow

T = TypeVar("T")
LEASE = dt.timedelta(seconds=30)
# How often screens are told of a job that moves on.
_TELL_EVERY = dt.timedelta(seconds=1)


class LeaseLost(Exception):
    """Another worker has the job; whatever was being done is undone."""


class Cancelled(Exception):
    """Somebody asked the job to stop."""


class Task:
    """What a job's code works with. `input` as it was asked for; `state` and `done` as the last step left them."""

    def __init__(self, unit_of_work: UnitOfWork, row: JobRow, lease: str) -> None:
        self._unit_of_work = unit_of_work
        self._lease = lease
        self._told_at: dt.datetime | None = None
        self.id = row.id
        self.merchant_id = row.merchant_id
        self.staff_id = row.staff_id
        self.created_by = row.created_by
        self.address = row.address
        self.input = row.input
        self.state = row.state
        self.done = row.done
        self.total = row.total
        self.undoing = row.status == "undoing"
        self.ended = False

    async def read(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Read in a transaction of its own."""
        return await self._unit_of_work.run(work, writes=False)

    async def step(
        self,
        work: Callable[[Session], Awaitable[T]],
        *,
        state: dict[str, Any] | Callable[[T], dict[str, Any]] | None = None,
        done: int | None = None,
        total: int | None = None,
    ) -> T:
        """Do `work` and move the job on, both or neither. `state` may be made from what `work` answers.

        A step without `state` is done again after a crash, so that it makes no failure forgotten: a job that fails
        at its end each time would be begun for ever. Raises LeaseLost, Cancelled.
        """
        values: dict[str, Any] = {}
        for name, value in (("done", done), ("total", total)):
            if value is not None and value != getattr(self, name):
                values[name] = value
        moved_at = now()

        async def both(session: Session) -> T:
            result = await work(session)
            if state is not None:
                values["state"] = state(result) if callable(state) else state
            forgotten = {} if state is None else {"attempts": 0}
            await self._move(session, {**values, **forgotten, "lease_until": moved_at + LEASE})
            if self._told_at is None or moved_at - self._told_at >= _TELL_EVERY:
                await self._tell(session)
            return result

        result = await self._unit_of_work.run(both)
        if self._told_at is None or moved_at - self._told_at >= _TELL_EVERY:
            self._told_at = moved_at
        for name, value in values.items():
            setattr(self, name, value)
        return result

    async def finish(self, work: Callable[[Session], Awaitable[dict[str, Any]]]) -> None:
        """The last step: `work` answers the job's result."""

        async def both(session: Session) -> None:
            result = await work(session)
            await self._move(session, {**_ENDED, "status": "done", "done": self.total, "result": result, **_at()})
            await self._tell(session)

        await self._unit_of_work.run(both)
        self.ended = True

    async def turn_back(self, error: dict[str, Any] | None) -> None:
        """Go over to undoing; `error`: why, None for a cancelled job."""

        async def work(session: Session) -> None:
            values: dict[str, Any] = {"status": "undoing", "attempts": 0, "lease_until": now() + LEASE}
            if error is not None:
                values["error"] = error
            await self._move(session, values, although_cancelled=True)
            await self._tell(session)

        await self._unit_of_work.run(work)
        self.undoing = True

    async def undone(self, work: Callable[[Session], Awaitable[None]] | None = None) -> None:
        """The last step of undoing: the job has failed, or is cancelled where nothing failed."""

        async def both(session: Session) -> None:
            if work is not None:
                await work(session)
            row = await queries.one(session, self.merchant_id, self.id)
            status = "failed" if row is not None and row.error else "cancelled"
            await self._move(session, {**_ENDED, "status": status, **_at()})
            await self._tell(session)

        await self._unit_of_work.run(both)
        self.ended = True

    async def keep_alive(self) -> None:
        """Hold the lease longer. Raises LeaseLost."""

        async def work(session: Session) -> None:
            await self._move(session, {"lease_until": now() + LEASE}, although_cancelled=True)

        await self._unit_of_work.run(work)

    async def let_go(self, again_in: dt.timedelta, *, failed: bool) -> None:
        """Give the job back, for any worker to take up after `again_in`. A worker that was stopped has not failed."""

        async def work(session: Session) -> None:
            values: dict[str, Any] = {"lease_until": now() + again_in}
            if not failed:
                values["attempts"] = 0
            await queries.move(session, self.merchant_id, self.id, self._lease, values)

        await self._unit_of_work.run(work)

    async def _move(self, session: Session, values: dict[str, Any], *, although_cancelled: bool = False) -> None:
        if not await queries.move(session, self.merchant_id, self.id, self._lease, values):
            raise LeaseLost()
        if not (although_cancelled or self.undoing):
            row = await queries.one(session, self.merchant_id, self.id)
            if row is not None and row.cancel_asked:
                raise Cancelled()

    async def _tell(self, session: Session) -> None:
        row = await queries.one(session, self.merchant_id, self.id)
        assert row is not None
        files = await queries.files_of(session, self.merchant_id, [self.id], queue.OUTPUT)
        seen = queue.view(row, files.get(self.id))
        await outbox.announce(session, self.merchant_id, events.CHANGED, queue.news(seen))


_ENDED: dict[str, Any] = {"lease": None, "lease_until": None, "attempts": 0}


def _at() -> dict[str, Any]:
    return {"finished_at": now()}


Run = Callable[[Task], Awaitable[None]]


@dataclass(frozen=True)
class Kind:
    """A kind of job. `run` ends with `task.finish`; `undo`, after a refusal or a cancellation, with `task.undone`."""

    name: str
    run: Run
    undo: Run


async def nothing_to_undo(task: Task) -> None:
    """For jobs that leave nothing behind that others see before they finish."""
    await task.undone()
