import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from tihuo.db.base import now
from tihuo.jobs.models import JobFile, JobRow

OPEN = ("waiting", "running", "undoing")
_DOWNLOADS_TAKE = dt.timedelta(minutes=30)


async def add(session: AsyncSession, merchant_id: int, row: JobRow) -> JobRow:
    assert row.merchant_id == merchant_id
    session.add(row)
    await session.flush()
    return row


async def one(session: AsyncSession, merchant_id: int, job_id: int) -> JobRow | None:
    query = (
        select(JobRow)
        .where(JobRow.merchant_id == merchant_id, JobRow.id == job_id)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).one_or_none()


async def page(
    session: AsyncSession, merchant_id: int, permissions: Collection[str], after: int | None, limit: int
) -> Sequence[JobRow]:
    """Newest first, one row more than `limit`."""
    query = select(JobRow).where(JobRow.merchant_id == merchant_id, JobRow.permission.in_(permissions))
    if after is not None:
        query = query.where(JobRow.id < after)
    return (await session.scalars(query.order_by(JobRow.id.desc()).limit(limit + 1))).all()


async def ask_to_cancel(session: AsyncSession, merchant_id: int, job_id: int) -> bool:
    """Whether the job was still open, and now is asked to stop."""
    statement = (
        update(JobRow)
        .where(
            JobRow.merchant_id == merchant_id,
            JobRow.id == job_id,
            JobRow.cancellable.is_(True),
            JobRow.status.in_(("waiting", "running")),
        )
        .values(cancel_asked=True)
    )
    return await _hits_one(session, statement)


async def next_open(session: AsyncSession, but: Collection[int]) -> JobRow | None:
    """The oldest job of any merchant that may run now: nobody holds it, and no older one of its lane is open."""
    older = aliased(JobRow)
    query = (
        select(JobRow)
        .where(
            JobRow.status.in_(OPEN),
            JobRow.id.not_in(but),
            or_(JobRow.lease_until.is_(None), JobRow.lease_until < now()),
            ~exists().where(
                older.merchant_id == JobRow.merchant_id,
                older.lane == JobRow.lane,
                older.id < JobRow.id,
                older.status.in_(OPEN),
            ),
        )
        .order_by(JobRow.id)
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def claim(session: AsyncSession, row: JobRow, lease: str, until: dt.datetime) -> bool:
    """Take the job, if it still is as it was read. One statement: of two workers one gets it."""
    at = now()
    statement = (
        update(JobRow)
        .where(
            JobRow.merchant_id == row.merchant_id,
            JobRow.id == row.id,
            JobRow.status == row.status,
            JobRow.lease.is_(None) if row.lease is None else JobRow.lease == row.lease,
            or_(JobRow.lease_until.is_(None), JobRow.lease_until < at),
        )
        .values(
            status="undoing" if row.status == "undoing" else "running",
            lease=lease,
            lease_until=until,
            attempts=JobRow.attempts + 1,
            started_at=row.started_at or at,
        )
    )
    return await _hits_one(session, statement)


async def move(session: AsyncSession, merchant_id: int, job_id: int, lease: str, values: dict[str, Any]) -> bool:
    """Change the job, if `lease` still holds it. False means: another worker has it, undo what you did."""
    statement = (
        update(JobRow)
        .where(JobRow.merchant_id == merchant_id, JobRow.id == job_id, JobRow.lease == lease)
        .values(**values)
    )
    return await _hits_one(session, statement)


async def _hits_one(session: AsyncSession, statement: Any) -> bool:
    result: Any = await session.execute(statement, execution_options={"synchronize_session": False})
    return bool(result.rowcount == 1)


async def add_file(session: AsyncSession, merchant_id: int, row: JobFile) -> JobFile:
    assert row.merchant_id == merchant_id
    session.add(row)
    await session.flush()
    return row


async def file(session: AsyncSession, merchant_id: int, file_id: int) -> JobFile | None:
    query = select(JobFile).where(JobFile.merchant_id == merchant_id, JobFile.id == file_id)
    return (await session.scalars(query)).one_or_none()


async def files_of(
    session: AsyncSession, merchant_id: int, job_ids: Collection[int], purpose: str
) -> dict[int, JobFile]:
    """The newest file of each job."""
    query = (
        select(JobFile)
        .where(JobFile.merchant_id == merchant_id, JobFile.job_id.in_(job_ids), JobFile.purpose == purpose)
        .order_by(JobFile.id)
    )
    return {row.job_id: row for row in await session.scalars(query) if row.job_id is not None}


async def take_file(session: AsyncSession, merchant_id: int, file_id: int) -> bool:
    """Whether the file may still be given out; one that serves once is used up by this."""
    at = now()
    statement = (
        update(JobFile)
        .where(
            JobFile.merchant_id == merchant_id,
            JobFile.id == file_id,
            JobFile.erased_at.is_(None),
            JobFile.expires_at > at,
            or_(JobFile.once.is_(False), JobFile.taken_at.is_(None)),
        )
        .values(taken_at=at)
    )
    return await _hits_one(session, statement)


async def keep_file_for(session: AsyncSession, merchant_id: int, file_id: int, job_id: int) -> bool:
    """Whether the uploaded file was free, and now belongs to the job."""
    statement = (
        update(JobFile)
        .where(
            JobFile.merchant_id == merchant_id,
            JobFile.id == file_id,
            JobFile.job_id.is_(None),
            JobFile.erased_at.is_(None),
            JobFile.expires_at > now(),
        )
        .values(job_id=job_id, expires_at=now() + dt.timedelta(days=7))
    )
    return await _hits_one(session, statement)


async def expire_file(session: AsyncSession, merchant_id: int, file_id: int) -> None:
    await session.execute(
        update(JobFile).where(JobFile.merchant_id == merchant_id, JobFile.id == file_id).values(expires_at=now()),
        execution_options={"synchronize_session": False},
    )


async def files_to_erase(session: AsyncSession, limit: int) -> Sequence[JobFile]:
    """Files of all merchants that have served or expired, but for those that may still be on their way to somebody."""
    at = now()
    quiet = or_(JobFile.taken_at.is_(None), JobFile.taken_at < at - _DOWNLOADS_TAKE)
    over = or_(JobFile.expires_at < at, and_(JobFile.once.is_(True), JobFile.taken_at.is_not(None)))
    query = select(JobFile).where(JobFile.erased_at.is_(None), over, quiet).limit(limit)
    return (await session.scalars(query)).all()


async def erased(session: AsyncSession, merchant_id: int, file_id: int) -> None:
    await session.execute(
        update(JobFile).where(JobFile.merchant_id == merchant_id, JobFile.id == file_id).values(erased_at=now()),
        execution_options={"synchronize_session": False},
    )


async def publish_file(
    session: AsyncSession, merchant_id: int, file_id: int, purpose: str, size: int, until: dt.datetime
) -> None:
    await session.execute(
        update(JobFile)
        .where(JobFile.merchant_id == merchant_id, JobFile.id == file_id)
        .values(purpose=purpose, size=size, expires_at=until),
        execution_options={"synchronize_session": False},
    )
