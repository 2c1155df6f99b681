"""What can still be done about an order that was placed: corrected, or cancelled so that its card is good again."""

import datetime as dt
from typing import TYPE_CHECKING

from tihuo.appointments import service as appointments
from tihuo.appointments.service import Taken
from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.cards import service as cards
from tihuo.catalog import service as catalog
from tihuo.db import Session
from tihuo.merchants import service as merchants
from tihuo.merchants.service import Shop
from tihuo.orders import service as orders
from tihuo.orders.schemas import CustomerOrder, OrderDetail, ReceiverIn
from tihuo.redemption import queries
from tihuo.redemption.errors import CorrectionNotAllowed
from tihuo.redemption.schemas import CorrectionIn
from tihuo.redemption.service.checking import right_card
from tihuo.redemption.service.redeeming import deliverable
from tihuo.vault import CardVault

if TYPE_CHECKING:
    from tihuo.orders.models import Order


async def correct(
    session: Session, vault: CardVault, slug: str, number: str, body: CorrectionIn, actor: Actor
) -> CustomerOrder:
    """Correct address or day of an order that has not been shipped, as its holder; on record.

    A new receiver comes whole, with a mobile that is not masked. Raises StorefrontNotFound, CardOrPasswordWrong,
    OrderNotFound, CorrectionNotAllowed, OrderAlreadyShipped, OrderCancelled,
    UndeliverableArea, DayNotOpen, DayFull.
    """
    shop = await merchants.by_slug(session, slug)
    card = await right_card(session, vault, shop, body)
    row = await orders.locked(session, shop.id, card.id, number)
    if body.receiver is not None and not shop.address_correction:
        raise CorrectionNotAllowed(what="收货信息")
    if body.ship_on is not None and (not shop.date_correction or row.ship_on is None):
        raise CorrectionNotAllowed(what="发货日期")
    await _correct(session, shop, row, body.receiver, body.ship_on, actor)
    return await orders.for_customer(session, shop, row.id)


async def _correct(
    session: Session, shop: Shop, row: "Order", receiver: ReceiverIn | None, ship_on: dt.date | None, actor: Actor
) -> None:
    region_code = row.region_code
    if receiver is not None:
        for product in await catalog.get_many(session, shop.id, [row.product_id]):
            receiver = deliverable(shop, product, receiver)
        region_code = receiver.region_code
        await orders.correct_receiver(session, row, receiver, actor)
    if ship_on is not None and ship_on != row.ship_on:
        place, taken = await appointments.move(
            session,
            shop,
            product_id=row.product_id,
            region_code=region_code,
            old=_held(row),
            ship_on=ship_on,
        )
        slots = (taken.shop_slot, taken.product_slot) if taken else (None, None)
        await orders.move_day(session, row, place.ship_on if place else None, slots, actor)


async def cancel(session: Session, merchant_id: int, order_id: int, actor: Actor) -> OrderDetail:
    """Cancel an order that has not been shipped: its card has the use again, its day the place; on record.

    Raises OrderNotFound, OrderAlreadyShipped, OrderCancelled, OrderHandedOver.
    """
    row = await orders.locked_by_id(session, merchant_id, order_id)
    held = _held(row)
    await orders.cancel(session, row, actor)
    await cards.give_use_back(session, merchant_id, row.card_id)
    await queries.free_use(session, merchant_id, row.card_id, row.id)
    await audit.record(session, merchant_id, actor, "cancelled", "orders", row.id, number=row.number)
    if held is not None:
        day, taken = held
        await appointments.give_back(session, merchant_id, ship_on=day, product_id=row.product_id, taken=taken)
    return await orders.detail(session, merchant_id, order_id)


def _held(row: "Order") -> tuple[dt.date, Taken] | None:
    """The place that an order has in a day's quota."""
    if row.ship_on is None or row.product_slot is None or row.shop_slot is None:
        return None
    return row.ship_on, Taken(product_slot=row.product_slot, shop_slot=row.shop_slot)
