from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.db.base import now, table
from tihuo.redemption.models import Redemption

_INSERT = insert(table(Redemption))


async def add(session: AsyncSession, merchant_id: int, card_id: int, use_number: int, order_id: int) -> None:
    values = {
        "merchant_id": merchant_id,
        "card_id": card_id,
        "use_number": use_number,
        "order_id": order_id,
        "redeemed_at": now(),
    }
    await session.execute(_INSERT, values)
