"""Clearing rows that have served: told events and old request keys, a chunk at a time."""

import datetime as dt

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.db.idempotency import IdempotencyKey
from tihuo.db.outbox import EventRow

_CHUNK = 1000


async def clear(session: AsyncSession, before: dt.datetime) -> int:
    """Delete up to a chunk of each kind older than `before`, of all merchants; answers how many."""
    events = (
        await session.scalars(
            select(EventRow.id).where(EventRow.at < before, EventRow.number.is_not(None)).limit(_CHUNK)
        )
    ).all()
    keys = (
        await session.scalars(select(IdempotencyKey.id).where(IdempotencyKey.created_at < before).limit(_CHUNK))
    ).all()
    if events:
        await session.execute(delete(EventRow).where(EventRow.id.in_(events)))
    if keys:
        await session.execute(delete(IdempotencyKey).where(IdempotencyKey.id.in_(keys)))
    return len(events) + len(keys)
