import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.db.base import AnyRow, AnySelect, table
from tihuo.db.direct import Direct, insert_into
from tihuo.orders.models import Order, OrderChange, Shipment
from tihuo.orders.schemas import OrderQuery

ORDERS = table(Order)
CHANGES = table(OrderChange)
_INSERT = Direct(insert_into(ORDERS))
_OF_CARD = Direct(
    select(ORDERS)
    .where(ORDERS.c.merchant_id == bindparam("merchant_id"), ORDERS.c.card_id == bindparam("card_id"))
    .order_by(ORDERS.c.id)
)
_SHIPMENT = insert(table(Shipment))
_MARK_SHIPPED = (
    update(ORDERS)
    .where(
        ORDERS.c.merchant_id == bindparam("merchant"),
        ORDERS.c.id == bindparam("order_id"),
        ORDERS.c.status == "to_ship",
    )
    .values(status="shipped", shipped_at=bindparam("at"))
)


async def add(session: AsyncSession, merchant_id: int, values: dict[str, Any]) -> int:
    """Insert an order; answers its id."""
    return await _INSERT.insert(session, merchant_id=merchant_id, **values)


async def add_shipment(session: AsyncSession, merchant_id: int, values: dict[str, Any]) -> None:
    await session.execute(_SHIPMENT, {"merchant_id": merchant_id, **values})


async def mark_shipped(session: AsyncSession, merchant_id: int, order_id: int, at: dt.datetime) -> bool:
    """Whether the order was still to ship, and now is shipped."""
    values = {"merchant": merchant_id, "order_id": order_id, "at": at}
    result: Any = await session.execute(_MARK_SHIPPED, values, execution_options={"synchronize_session": False})
    return bool(result.rowcount == 1)


async def one(session: AsyncSession, merchant_id: int, order_id: int) -> Order | None:
    return (await session.scalars(_one(merchant_id, order_id))).one_or_none()


async def one_for_update(session: AsyncSession, merchant_id: int, order_id: int) -> Order | None:
    """An order, which nobody else changes until the end of the transaction."""
    return (await session.scalars(_one(merchant_id, order_id).with_for_update())).one_or_none()


def _one(merchant_id: int, order_id: int) -> Select[Order]:
    query = select(Order).where(Order.merchant_id == merchant_id, Order.id == order_id)
    return query.execution_options(populate_existing=True)


async def of_card(session: AsyncSession, merchant_id: int, card_id: int) -> Sequence[Order | AnyRow]:
    return await _OF_CARD.all(session, merchant_id=merchant_id, card_id=card_id)


async def by_token(session: AsyncSession, merchant_id: int, token: str) -> Order | None:
    query = select(Order).where(Order.merchant_id == merchant_id, Order.token == token)
    return (await session.scalars(query)).one_or_none()


async def change(session: AsyncSession, merchant_id: int, order_id: int, values: dict[str, Any]) -> None:
    """Set columns of an order that the caller has locked."""
    statement = update(ORDERS).where(ORDERS.c.merchant_id == merchant_id, ORDERS.c.id == order_id).values(**values)
    await session.execute(statement)


async def add_change(session: AsyncSession, merchant_id: int, values: dict[str, Any]) -> None:
    await session.execute(insert(CHANGES), {"merchant_id": merchant_id, **values})


async def changes(session: AsyncSession, merchant_id: int, order_id: int) -> Sequence[OrderChange]:
    """All that was changed of an order, oldest first."""
    query = (
        select(OrderChange)
        .where(OrderChange.merchant_id == merchant_id, OrderChange.order_id == order_id)
        .order_by(OrderChange.id)
    )
    return (await session.scalars(query)).all()


async def shipments(session: AsyncSession, merchant_id: int, order_ids: Sequence[int]) -> dict[int, list[Shipment]]:
    """The shipments of several orders, by order."""
    query = (
        select(Shipment)
        .where(Shipment.merchant_id == merchant_id, Shipment.order_id.in_(order_ids))
        .order_by(Shipment.id)
    )
    found: dict[int, list[Shipment]] = {order_id: [] for order_id in order_ids}
    for shipment in await session.scalars(query):
        found[shipment.order_id].append(shipment)
    return found


def _found(query: AnySelect, merchant_id: int, wanted: OrderQuery) -> AnySelect:
    query = query.where(Order.merchant_id == merchant_id)
    if wanted.status != "all":
        query = query.where(Order.status == wanted.status)
    if wanted.q:
        typed = wanted.q.replace(" ", "")
        alternatives = [Order.receiver_name.startswith(wanted.q, autoescape=True)]
        if typed.isascii():
            alternatives += [
                Order.number == typed,
                Order.card_number.startswith(typed.upper(), autoescape=True),
                Order.mobile.startswith(typed, autoescape=True),
            ]
        query = query.where(or_(*alternatives))
    return query


async def page(session: AsyncSession, merchant_id: int, wanted: OrderQuery) -> Sequence[Order]:
    """Orders, newest first, one row more than asked for; through a subquery on ids as for cards."""
    ids = _found(select(Order.id), merchant_id, wanted)
    if wanted.after is not None:
        ids = ids.where(Order.id < wanted.after)
    found = ids.order_by(Order.id.desc()).limit(wanted.limit + 1).subquery()
    query = (
        select(Order)
        .join(found, found.c.id == Order.id)
        .where(Order.merchant_id == merchant_id)
        .order_by(Order.id.desc())
    )
    return (await session.scalars(query)).all()


async def counts(session: AsyncSession, merchant_id: int) -> tuple[int, int]:
    """How many orders are to ship, how many shipped."""
    query = select(
        func.coalesce(func.sum(case((Order.status == "to_ship", 1), else_=0)), 0),
        func.coalesce(func.sum(case((Order.status == "shipped", 1), else_=0)), 0),
    ).where(Order.merchant_id == merchant_id)
    to_ship, shipped = (await session.execute(query)).one()
    return int(to_ship), int(shipped)


async def placed_since(session: AsyncSession, merchant_id: int, moment: dt.datetime) -> int:
    query = select(func.count()).select_from(Order).where(Order.merchant_id == merchant_id, Order.placed_at >= moment)
    return (await session.execute(query)).scalar_one()


async def shipped_since(session: AsyncSession, merchant_id: int, moment: dt.datetime) -> int:
    query = select(func.count()).select_from(Order).where(Order.merchant_id == merchant_id, Order.shipped_at >= moment)
    return (await session.execute(query)).scalar_one()
