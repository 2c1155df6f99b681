"""The database: engine, transactions, outbox, idempotency keys."""

from sqlalchemy.ext.asyncio import AsyncSession as Session

from tihuo.db.base import now

__all__ = ["Session", "now"]
