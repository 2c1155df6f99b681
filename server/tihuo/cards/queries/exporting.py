"""Reading cards with all their columns, passwords sealed, a stretch of serials at a time."""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.cards.models import Batch, Card
from tihuo.db.base import AnyRow, table

CARDS = table(Card)
BATCHES = table(Batch)
_COLUMNS = (
    CARDS.c.serial,
    CARDS.c.number,
    CARDS.c.password_mac,
    CARDS.c.password_sealed,
    CARDS.c.key_id,
    CARDS.c.status,
    CARDS.c.uses_total,
    CARDS.c.uses_left,
    CARDS.c.terms_id,
    CARDS.c.batch_id,
    CARDS.c.activated_at,
    CARDS.c.redeemed_at,
)


async def of_runs(session: AsyncSession, merchant_id: int, runs: Sequence[tuple[int, int]]) -> Sequence[AnyRow]:
    """The cards of the runs that were not deleted, in the order of serials."""
    met = [CARDS.c.serial.between(first, last) for first, last in runs]
    if len(runs) > 40:
        met = [CARDS.c.serial.in_([serial for first, last in runs for serial in range(first, last + 1)])]
    query = (
        select(*_COLUMNS)
        .where(and_(CARDS.c.merchant_id == merchant_id, or_(*met)), CARDS.c.status != "deleted")
        .order_by(CARDS.c.serial)
    )
    return (await session.execute(query)).all()


async def batches(session: AsyncSession, merchant_id: int, ids: Sequence[int]) -> dict[int, AnyRow]:
    """Code and time of making of several batches."""
    query = select(BATCHES.c.id, BATCHES.c.code, BATCHES.c.created_at).where(
        BATCHES.c.merchant_id == merchant_id, BATCHES.c.id.in_(ids)
    )
    return {row.id: row for row in await session.execute(query)}
