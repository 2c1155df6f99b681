"""What the database itself says of a card, whatever the server answered."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select

from tests.factories.shops import Card, Shop
from tihuo.appointments.models import AppointmentDay
from tihuo.cards.models import Batch
from tihuo.cards.models import Card as CardRow
from tihuo.db import Session
from tihuo.db.outbox import EventRow
from tihuo.jobs.models import JobRow
from tihuo.orders import events
from tihuo.orders.models import Order
from tihuo.redemption.models import Redemption


@dataclass(frozen=True)
class Entry:
    """A card's state and all that was written because of it."""

    status: str
    uses_left: int
    orders: tuple[str, ...]
    redemptions: int
    announced: tuple[str, ...]
    keys: int


def untouched(entry: Entry) -> bool:
    """Nothing at all has happened."""
    return (entry.uses_left, entry.orders, entry.redemptions, entry.announced, entry.keys) == (1, (), 0, (), 0)


def redeemed_once(entry: Entry) -> bool:
    """Everything has happened, once, and belongs together."""
    return (
        entry.uses_left == 0
        and len(entry.orders) == 1
        and entry.redemptions == 1
        and entry.announced == entry.orders
        and entry.keys == 1
    )


async def entry_of(shop: Shop, card: Card) -> Entry:
    """What there is of a card, read in one transaction."""

    async def work(session: Session) -> Entry:
        row = (
            await session.execute(
                select(CardRow.id, CardRow.status, CardRow.uses_left).where(
                    CardRow.merchant_id == shop.id, CardRow.number == card.number
                )
            )
        ).one()
        orders = (
            await session.execute(
                select(Order.id, Order.number)
                .where(Order.merchant_id == shop.id, Order.card_id == row.id)
                .order_by(Order.id)
            )
        ).all()
        redemptions = await session.scalar(
            select(func.count())
            .select_from(Redemption)
            .where(Redemption.merchant_id == shop.id, Redemption.card_id == row.id)
        )
        told = await session.scalars(
            select(EventRow.data)
            .where(EventRow.merchant_id == shop.id, EventRow.kind == events.PLACED)
            .order_by(EventRow.id)
        )
        numbers = {order.number for order in orders}
        announced = [data["order"]["number"] for data in told if data["order"]["number"] in numbers]
        keys = await session.scalar(
            select(func.count())
            .select_from(Redemption)
            .where(
                Redemption.merchant_id == shop.id,
                Redemption.request_key.is_not(None),
                Redemption.order_id.in_([order.id for order in orders]),
            )
        )
        return Entry(
            status=row.status,
            uses_left=row.uses_left,
            orders=tuple(order.number for order in orders),
            redemptions=redemptions or 0,
            announced=tuple(announced),
            keys=keys or 0,
        )

    found: Entry = await shop.run(work)
    return found


async def totals(shop: Shop) -> tuple[int, int, int]:
    """How many orders, events of orders and redemption keys the merchant has: nothing is left lying about."""

    async def work(session: Session) -> tuple[int, int, int]:
        orders = await session.scalar(select(func.count()).select_from(Order).where(Order.merchant_id == shop.id))
        told = await session.scalar(
            select(func.count())
            .select_from(EventRow)
            .where(EventRow.merchant_id == shop.id, EventRow.kind.in_(events.PERMISSIONS))
        )
        keys = await session.scalar(
            select(func.count())
            .select_from(Redemption)
            .where(Redemption.merchant_id == shop.id, Redemption.request_key.is_not(None))
        )
        return orders or 0, told or 0, keys or 0

    found: tuple[int, int, int] = await shop.run(work)
    return found


async def places_taken(shop: Shop, day: dt.date) -> dict[int, int]:
    """How many orders hold a place on the day, by product; under 0 the whole shop's."""

    async def work(session: Session) -> dict[int, int]:
        query = (
            select(AppointmentDay.product_id, func.sum(AppointmentDay.taken))
            .where(AppointmentDay.merchant_id == shop.id, AppointmentDay.day == day)
            .group_by(AppointmentDay.product_id)
        )
        return {product_id: int(taken) for product_id, taken in await session.execute(query)}

    found: dict[int, int] = await shop.run(work)
    return found


async def batches(shop: Shop) -> list[Batch]:
    """The merchant's batches in the order of their serials."""

    async def work(session: Session) -> list[Batch]:
        return list(
            await session.scalars(select(Batch).where(Batch.merchant_id == shop.id).order_by(Batch.first_serial))
        )

    found: list[Batch] = await shop.run(work)
    return found


async def jobs(shop: Shop) -> list[JobRow]:
    """The merchant's jobs in the order in which they were asked for."""

    async def work(session: Session) -> list[JobRow]:
        return list(await session.scalars(select(JobRow).where(JobRow.merchant_id == shop.id).order_by(JobRow.id)))

    found: list[JobRow] = await shop.run(work)
    return found


async def cards_made(shop: Shop) -> list[tuple[int, str]]:
    """Serial and number of every card of the merchant, by serial."""

    async def work(session: Session) -> list[tuple[int, str]]:
        query = select(CardRow.serial, CardRow.number).where(CardRow.merchant_id == shop.id).order_by(CardRow.serial)
        return [(serial, number) for serial, number in await session.execute(query)]

    found: list[tuple[int, str]] = await shop.run(work)
    return found
