from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.audit.models import AuditEntry
from tihuo.db.base import now, table

_ADD = insert(table(AuditEntry))


async def add(session: AsyncSession, merchant_id: int, values: dict[str, Any]) -> None:
    await session.execute(_ADD, {"merchant_id": merchant_id, "at": now(), **values})


async def newest(session: AsyncSession, merchant_id: int, limit: int) -> Sequence[AuditEntry]:
    rows = await session.scalars(
        select(AuditEntry).where(AuditEntry.merchant_id == merchant_id).order_by(AuditEntry.id.desc()).limit(limit)
    )
    return rows.all()
