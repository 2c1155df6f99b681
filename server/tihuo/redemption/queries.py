import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.db.base import now, rowcount, table
from tihuo.redemption.models import Redemption, WrongTry

_INSERT = insert(table(Redemption))
_WRONG = insert(table(WrongTry))


async def add(session: AsyncSession, merchant_id: int, card_id: int, use_number: int, order_id: int) -> None:
    values = {
        "merchant_id": merchant_id,
        "card_id": card_id,
        "use_number": use_number,
        "order_id": order_id,
        "redeemed_at": now(),
    }
    await session.execute(_INSERT, values)


async def add_wrong_try(session: AsyncSession, merchant_id: int, number_key: str, address: str) -> None:
    values = {"merchant_id": merchant_id, "number_key": number_key, "address": address, "at": now()}
    await session.execute(_WRONG, values)


async def wrong_tries(session: AsyncSession, merchant_id: int, number_key: str, limit: int) -> Sequence[WrongTry]:
    """The newest wrong tries at a number."""
    query = (
        select(WrongTry)
        .where(WrongTry.merchant_id == merchant_id, WrongTry.number_key == number_key)
        .order_by(WrongTry.id.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def forget_wrong_tries(session: AsyncSession, before: dt.datetime, limit: int) -> int:
    """Take out up to `limit` of all merchants' older than `before`; answers how many."""
    ids = (await session.scalars(select(WrongTry.id).where(WrongTry.at < before).limit(limit))).all()
    if not ids:
        return 0
    return rowcount(await session.execute(delete(WrongTry).where(WrongTry.id.in_(ids))))
