"""Jobs: asked for in the transaction of what they belong to, looked up, cancelled.

The row in the database is the truth: nothing else needs to survive for a job to be done once.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from tihuo.db import Session, now, outbox
from tihuo.db.unit_of_work import wake
from tihuo.jobs import events, queries
from tihuo.jobs.errors import JobEnded, JobNotCancellable, JobNotFound
from tihuo.jobs.models import JobFile, JobRow
from tihuo.jobs.schemas import JobError, JobFileView, JobPage, JobView
from tihuo.shapes import Paged, page

JOBS = "jobs"
OUTPUT = "output"


async def add(
    session: Session,
    merchant_id: int,
    *,
    kind: str,
    lane: str,
    permission: str,
    title: str,
    total: int,
    input: dict[str, Any],
    staff_id: int | None,
    created_by: str,
    address: str,
    cancellable: bool,
) -> JobView:
    """Ask for a job. It begins after the commit, when the lane's older jobs have ended.

    `kind`: one of those that app.py gives to the worker. `permission`: what staff need to see it.
    `total`: how many things it has to do, for the progress bar.
    """
    row = JobRow(
        merchant_id=merchant_id,
        kind=kind,
        lane=lane,
        permission=permission,
        title=title,
        status="waiting",
        cancellable=cancellable,
        cancel_asked=False,
        input=input,
        state={},
        result={},
        error=None,
        total=total,
        done=0,
        attempts=0,
        staff_id=staff_id,
        created_by=created_by,
        address=address,
        created_at=now(),
    )
    await queries.add(session, merchant_id, row)
    seen = view(row, None)
    await outbox.announce(session, merchant_id, events.CHANGED, news(seen))
    wake(session, JOBS)
    return seen


async def get(session: Session, merchant_id: int, permissions: Collection[str], job_id: int) -> JobView:
    """One job. Raises JobNotFound, also where the account lacks the job's permission."""
    row = await queries.one(session, merchant_id, job_id)
    if row is None or row.permission not in permissions:
        raise JobNotFound()
    files = await queries.files_of(session, merchant_id, [row.id], OUTPUT)
    return view(row, files.get(row.id))


async def list_page(session: Session, merchant_id: int, permissions: Collection[str], query: Paged) -> JobPage:
    """The jobs that the account may see, newest first."""
    rows = list(await queries.page(session, merchant_id, permissions, query.after, query.limit))
    shown, following = page(rows, query.limit)
    files = await queries.files_of(session, merchant_id, [row.id for row in shown], OUTPUT) if shown else {}
    return JobPage(items=[view(row, files.get(row.id)) for row in shown], next=following)


async def cancel(session: Session, merchant_id: int, permissions: Collection[str], job_id: int) -> JobView:
    """Have an open job stop and undo itself. Raises JobNotFound, JobEnded, JobNotCancellable."""
    before = await get(session, merchant_id, permissions, job_id)
    if not await queries.ask_to_cancel(session, merchant_id, job_id):
        row = await queries.one(session, merchant_id, job_id)
        raise JobNotCancellable() if row is not None and not row.cancellable else JobEnded()
    wake(session, JOBS)
    return before.model_copy(update={"cancellable": False})


def view(row: JobRow, file: JobFile | None) -> JobView:
    """A job as staff see it."""
    return JobView(
        id=row.id,
        kind=row.kind,
        permission=row.permission,
        title=row.title,
        status=row.status,
        cancellable=row.cancellable and not row.cancel_asked and row.status in ("waiting", "running"),
        total=row.total,
        done=row.done,
        seconds_left=_seconds_left(row),
        staff_id=row.staff_id,
        created_by=row.created_by,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        result=row.result,
        error=JobError(**row.error) if row.error else None,
        file=_file(file) if file is not None else None,
    )


def news(seen: JobView) -> dict[str, Any]:
    """The event's content."""
    return {"job": seen.model_dump(mode="json"), "permission": seen.permission}


def _seconds_left(row: JobRow) -> int | None:
    if row.status != "running" or row.started_at is None or not 0 < row.done <= row.total:
        return None
    worked = (now() - row.started_at) / dt.timedelta(seconds=1)
    return round(worked / row.done * (row.total - row.done))


def _file(row: JobFile) -> JobFileView:
    gone = row.erased_at is not None or row.expires_at <= now() or (row.once and row.taken_at is not None)
    return JobFileView(name=row.name, size=row.size, once=row.once, expires_at=row.expires_at, available=not gone)
