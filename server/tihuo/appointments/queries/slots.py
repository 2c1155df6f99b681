"""The counters of days. `product_id` 0 is the whole shop."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.appointments.models import AppointmentDay
from tihuo.db.base import AnyRow, table
from tihuo.db.direct import Direct

DAYS = table(AppointmentDay)

_THIS = (
    DAYS.c.merchant_id == bindparam("merchant"),
    DAYS.c.product_id == bindparam("product"),
    DAYS.c.day == bindparam("on_day"),
)
_SLOT = (*_THIS, DAYS.c.slot == bindparam("in_slot"))
_TAKE = Direct(update(DAYS).where(*_SLOT, DAYS.c.taken < bindparam("room")).values(taken=DAYS.c.taken + 1))
_GIVE_BACK = Direct(update(DAYS).where(*_SLOT, DAYS.c.taken > bindparam("left_over")).values(taken=DAYS.c.taken - 1))
_TAKEN = select(DAYS.c.slot, DAYS.c.taken).where(*_THIS).order_by(DAYS.c.slot)
_SHIFT = update(DAYS).where(*_SLOT).values(taken=DAYS.c.taken + bindparam("by"))
# Not IGNORE: all who find the row there would share its lock, and then each wait for the others to let go of it.
_ADD_MYSQL = mysql.insert(DAYS).on_duplicate_key_update(taken=DAYS.c.taken)
_ADD_SQLITE = sqlite.insert(DAYS).on_conflict_do_nothing()


async def take(session: AsyncSession, merchant_id: int, product_id: int, day: dt.date, slot: int, room: int) -> bool:
    """Take a place in a slot that has `room`; False if it is full or nobody took from it yet."""
    hit = await _TAKE.change(session, merchant=merchant_id, product=product_id, on_day=day, in_slot=slot, room=room)
    return hit == 1


async def give_back(
    session: AsyncSession, merchant_id: int, product_id: int, day: dt.date, slot: int, left: int
) -> bool:
    """Give a place back if at least `left` others stay in the slot; False if not."""
    hit = await _GIVE_BACK.change(
        session, merchant=merchant_id, product=product_id, on_day=day, in_slot=slot, left_over=left
    )
    return hit == 1


async def add(session: AsyncSession, merchant_id: int, product_id: int, day: dt.date, slot: int) -> None:
    """Make a slot's row if it is not there."""
    statement = _ADD_SQLITE if session.get_bind().dialect.name == "sqlite" else _ADD_MYSQL
    values = {"merchant_id": merchant_id, "product_id": product_id, "day": day, "slot": slot, "taken": 0}
    await session.execute(statement, values)


async def shift(session: AsyncSession, merchant_id: int, product_id: int, day: dt.date, slot: int, by: int) -> None:
    """Count `by` places more, or fewer, in a slot."""
    values = {"merchant": merchant_id, "product": product_id, "on_day": day, "in_slot": slot, "by": by}
    await session.execute(_SHIFT, values, execution_options={"synchronize_session": False})


async def taken(session: AsyncSession, merchant_id: int, product_id: int, day: dt.date) -> dict[int, int]:
    """The places taken by slot; a slot that nobody took from yet is not in it."""
    rows = await session.execute(_TAKEN, {"merchant": merchant_id, "product": product_id, "on_day": day})
    return {row.slot: row.taken for row in rows}


async def taken_for_update(session: AsyncSession, merchant_id: int, product_id: int, day: dt.date) -> dict[int, int]:
    """The same, held until the end of the transaction."""
    values = {"merchant": merchant_id, "product": product_id, "on_day": day}
    rows = await session.execute(_TAKEN.with_for_update(), values)
    return {row.slot: row.taken for row in rows}


async def sums(
    session: AsyncSession, merchant_id: int, product_ids: Collection[int], first: dt.date, last: dt.date | None
) -> Sequence[AnyRow]:
    """Places taken (product_id, day, taken) from `first` to `last`, or from `first` on."""
    query = select(DAYS.c.product_id, DAYS.c.day, func.sum(DAYS.c.taken).label("taken")).where(
        DAYS.c.merchant_id == merchant_id, DAYS.c.product_id.in_(product_ids), DAYS.c.day >= first
    )
    if last is not None:
        query = query.where(DAYS.c.day <= last)
    return (await session.execute(query.group_by(DAYS.c.product_id, DAYS.c.day))).all()


async def counted(session: AsyncSession, merchant_id: int) -> list[int]:
    """The products that ever had a place taken, and 0."""
    query = select(DAYS.c.product_id).where(DAYS.c.merchant_id == merchant_id).distinct()
    return list(await session.scalars(query))


async def of_products(
    session: AsyncSession, merchant_id: int, product_ids: Collection[int], first: dt.date
) -> Sequence[AnyRow]:
    """Every slot (product_id, day, slot, taken) from `first` on."""
    query = select(DAYS.c.product_id, DAYS.c.day, DAYS.c.slot, DAYS.c.taken).where(
        DAYS.c.merchant_id == merchant_id, DAYS.c.product_id.in_(product_ids), DAYS.c.day >= first
    )
    return (await session.execute(query)).all()
