"""A request's own key, kept in the transaction of its work, so that sending it again changes nothing."""

import datetime as dt

from sqlalchemy import UniqueConstraint, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, ascii_text, binary, merchant_key, now, primary_key, table
from tihuo.errors import IdempotencyKeyReused


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    scope: Mapped[str] = mapped_column(ascii_text(20))
    key: Mapped[str] = mapped_column(ascii_text(64))
    fingerprint: Mapped[bytes] = mapped_column(binary(32))
    result_id: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = (UniqueConstraint("merchant_id", "scope", "key"),)


_KEEP = insert(table(IdempotencyKey))


async def find(session: AsyncSession, merchant_id: int, scope: str, key: str, fingerprint: bytes) -> int | None:
    """The id that the same request made before, or None.

    Raises IdempotencyKeyReused when the key came with another body (`fingerprint`: its hash).
    """
    row = (
        await session.execute(
            select(IdempotencyKey.fingerprint, IdempotencyKey.result_id).where(
                IdempotencyKey.merchant_id == merchant_id,
                IdempotencyKey.scope == scope,
                IdempotencyKey.key == key,
            )
        )
    ).first()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused()
    return int(row.result_id)


async def keep(
    session: AsyncSession, merchant_id: int, scope: str, key: str, fingerprint: bytes, result_id: int
) -> None:
    """Remember what the request made."""
    await session.execute(
        _KEEP,
        {
            "merchant_id": merchant_id,
            "scope": scope,
            "key": key,
            "fingerprint": fingerprint,
            "result_id": result_id,
            "created_at": now(),
        },
    )
