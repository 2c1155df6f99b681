"""Orders: what must be delivered, and what was."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tihuo.audit.service import Actor
from tihuo.catalog.schemas import Product
from tihuo.db import Session, now, outbox
from tihuo.db.base import AnyRow
from tihuo.merchants.service import Shop
from tihuo.orders import events, models, queries
from tihuo.orders.errors import OrderAlreadyShipped, OrderCancelled, OrderHandedOver, OrderNotFound
from tihuo.orders.schemas import (
    CustomerOrder,
    CustomerProduct,
    CustomerShipment,
    Order,
    OrderCard,
    OrderChange,
    OrderCounts,
    OrderDetail,
    OrderedProduct,
    OrderFigures,
    OrderNews,
    OrderPage,
    OrderQuery,
    PublicOrder,
    Receiver,
    ReceiverIn,
    Shipment,
    Source,
)
from tihuo.shapes import page
from tihuo.storage import url


@dataclass(frozen=True)
class Placing:
    """What an order is made of. `receiver`: None where it is handed over at once (到店提货)."""

    card_id: int
    card_number: str
    card_name: str
    product: Product
    receiver: ReceiverIn | None
    remark: str
    source: Source
    ship_on: dt.date | None = None
    shop_slot: int | None = None
    product_slot: int | None = None
    operator_id: int | None = None
    operator_name: str = ""


async def place(session: Session, shop: Shop, placing: Placing) -> models.Order:
    """Write an order and announce it; one without receiver is complete at once.

    The caller uses the card up in the same transaction, and takes the day's place.
    """
    placed_at = now()
    product, receiver = placing.product, placing.receiver
    snapshot = {
        "id": product.id,
        "name": product.name,
        "code": product.code,
        "erp_code": product.erp_code,
        "picture_keys": [picture.key for picture in product.pictures],
        "contents": product.contents,
    }
    values: dict[str, Any] = {
        "number": _number(shop.today()),
        "token": secrets.token_urlsafe(16),
        "card_id": placing.card_id,
        "card_number": placing.card_number,
        "card_name": placing.card_name,
        "product_id": product.id,
        "product": snapshot,
        "source": placing.source,
        "status": "to_ship" if receiver else "completed",
        "remark": placing.remark,
        "ship_on": placing.ship_on,
        "shop_slot": placing.shop_slot,
        "product_slot": placing.product_slot,
        "operator_id": placing.operator_id,
        "operator_name": placing.operator_name,
        "placed_at": placed_at,
        "shipped_at": None,
        "completed_at": None if receiver else placed_at,
        "cancelled_at": None,
        **_columns(receiver),
    }
    order_id = await queries.add(session, shop.id, values)
    row = models.Order(id=order_id, merchant_id=shop.id, **values)
    await outbox.announce(session, shop.id, events.PLACED, _news(row))
    return row


async def keep_slots(session: Session, row: models.Order, shop_slot: int, product_slot: int) -> None:
    """Note the slots that an order just placed got in the end, where they are others than it was placed with."""
    if (row.shop_slot, row.product_slot) != (shop_slot, product_slot):
        row.shop_slot, row.product_slot = shop_slot, product_slot
        await queries.change(session, row.merchant_id, row.id, {"shop_slot": shop_slot, "product_slot": product_slot})


def _columns(receiver: ReceiverIn | None) -> dict[str, Any]:
    """A receiver as the order's columns have it."""
    if receiver is None:
        empty = dict.fromkeys(("receiver_name", "mobile", "province", "city", "district", "address"), "")
        return {**empty, "region_code": None}
    return {"receiver_name": receiver.name, **receiver.model_dump(exclude={"name"})}


def _number(today: dt.date) -> str:
    """The day and ten random digits: says nothing of how many orders there are. Unique by the table's index."""
    return f"{today:%y%m%d}{secrets.randbelow(10**10):010d}"


async def ship(
    session: Session,
    merchant_id: int,
    order_id: int,
    *,
    courier_code: str,
    courier_name: str,
    tracking_number: str,
    by: str,
) -> None:
    """Note an order's courier and tracking number, once; announce it.

    Raises OrderNotFound, OrderAlreadyShipped (by whom), OrderCancelled.
    """
    at = now()
    if not await queries.mark_shipped(session, merchant_id, order_id, at):
        raise await _why_not_shipped(session, merchant_id, order_id)
    await queries.add_shipment(
        session,
        merchant_id,
        {
            "order_id": order_id,
            "courier_code": courier_code,
            "courier_name": courier_name,
            "tracking_number": tracking_number,
            "shipped_by": by,
            "shipped_at": at,
        },
    )
    row = await queries.one(session, merchant_id, order_id)
    assert row is not None
    await outbox.announce(session, merchant_id, events.SHIPPED, _news(row))


async def _why_not_shipped(session: Session, merchant_id: int, order_id: int) -> Exception:
    row = await queries.one(session, merchant_id, order_id)
    if row is None:
        return OrderNotFound()
    if row.status == "cancelled":
        return OrderCancelled()
    if row.status == "completed" and row.source == "counter":
        return OrderHandedOver()
    shipments = (await queries.shipments(session, merchant_id, [order_id]))[order_id]
    if not shipments:
        return OrderAlreadyShipped(by="其他人", courier="", tracking_number="")
    last = shipments[-1]
    return OrderAlreadyShipped(by=last.shipped_by, courier=last.courier_name, tracking_number=last.tracking_number)


async def get(session: Session, merchant_id: int, order_id: int) -> Order:
    """One order. Raises OrderNotFound."""
    row = await queries.one(session, merchant_id, order_id)
    if row is None:
        raise OrderNotFound()
    return (await _orders(session, merchant_id, [row]))[0]


async def detail(session: Session, merchant_id: int, order_id: int) -> OrderDetail:
    """One order with all that was changed of it. Raises OrderNotFound."""
    order = await get(session, merchant_id, order_id)
    rows = await queries.changes(session, merchant_id, order_id)
    changes = [
        OrderChange(
            action=row.action,
            by="staff" if row.staff_id else "customer",
            name=row.name,
            before=row.before,
            after=row.after,
            at=row.at,
        )
        for row in rows
    ]
    return OrderDetail(**dict(order), changes=changes)


async def locked(session: Session, merchant_id: int, card_id: int, number: str) -> models.Order:
    """An order of this card, which nobody else changes until the end of the transaction. Raises OrderNotFound."""
    for found in await queries.of_card(session, merchant_id, card_id):
        if found.number == number:
            row = await queries.one_for_update(session, merchant_id, found.id)
            if row is not None:
                return row
    raise OrderNotFound()


async def locked_by_id(session: Session, merchant_id: int, order_id: int) -> models.Order:
    """An order, which nobody else changes until the end of the transaction. Raises OrderNotFound."""
    row = await queries.one_for_update(session, merchant_id, order_id)
    if row is None:
        raise OrderNotFound()
    return row


async def correct_receiver(session: Session, row: models.Order, receiver: ReceiverIn, actor: Actor) -> None:
    """Change who gets a locked order, and where; on record, announced. Raises OrderAlreadyShipped, OrderCancelled."""
    await _still_to_ship(session, row)
    await _change(session, row, "receiver", _columns(receiver), actor)


async def move_day(
    session: Session,
    row: models.Order,
    ship_on: dt.date | None,
    slots: tuple[int | None, int | None],
    actor: Actor,
) -> None:
    """Change a locked order's day; `slots`: of the shop's and the product's quota, which the caller took.

    On record, announced. Raises OrderAlreadyShipped, OrderCancelled.
    """
    await _still_to_ship(session, row)
    values = {"ship_on": ship_on, "shop_slot": slots[0], "product_slot": slots[1]}
    await _change(session, row, "ship_on", values, actor, shown=("ship_on",))


async def cancel(session: Session, row: models.Order, actor: Actor) -> None:
    """Cancel a locked order that was not shipped; on record, announced. The caller gives card and day back.

    Raises OrderAlreadyShipped, OrderCancelled.
    """
    await _still_to_ship(session, row)
    values = {"status": "cancelled", "cancelled_at": now(), "shop_slot": None, "product_slot": None}
    await _change(session, row, "cancelled", values, actor, shown=("status",))


async def _still_to_ship(session: Session, row: models.Order) -> None:
    if row.status != "to_ship":
        raise await _why_not_shipped(session, row.merchant_id, row.id)


async def _change(
    session: Session,
    row: models.Order,
    action: str,
    values: dict[str, Any],
    actor: Actor,
    shown: Sequence[str] | None = None,
) -> None:
    """Set what differs. `shown`: the columns of which the record tells; all where None."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return
    told = [name for name in changed if shown is None or name in shown]
    before = {name: _told(getattr(row, name)) for name in told}
    await queries.change(session, row.merchant_id, row.id, changed)
    record = {
        "order_id": row.id,
        "action": action,
        "before": before,
        "after": {name: _told(changed[name]) for name in told},
        "staff_id": actor.staff_id,
        "name": actor.name,
        "address": actor.address,
        "at": now(),
    }
    await queries.add_change(session, row.merchant_id, record)
    latest = await queries.one(session, row.merchant_id, row.id)
    assert latest is not None
    await outbox.announce(session, row.merchant_id, events.CHANGED, _news(latest))


def _told(value: Any) -> str | None:
    return None if value is None else str(value)


async def by_token(session: Session, merchant_id: int, token: str) -> PublicOrder:
    """What anybody with an order's link may see of it. Raises OrderNotFound."""
    row = await queries.by_token(session, merchant_id, token) if token.isascii() else None
    if row is None:
        raise OrderNotFound()
    shipments = (await queries.shipments(session, merchant_id, [row.id]))[row.id]
    return PublicOrder(
        number=row.number,
        status=row.status,
        ship_on=row.ship_on,
        placed_at=row.placed_at,
        completed_at=row.completed_at,
        product=_customer_product(row),
        receiver_name=row.receiver_name[:1] + "*" * min(len(row.receiver_name) - 1, 2) if row.receiver_name else "",
        mobile=mask(row.mobile),
        province=row.province,
        city=row.city,
        shipments=[_customer_shipment(shipment) for shipment in shipments],
    )


async def list_page(session: Session, merchant_id: int, query: OrderQuery) -> OrderPage:
    """Orders, newest first, with what waits and what is shipped in all."""
    rows = list(await queries.page(session, merchant_id, query))
    shown, following = page(rows, query.limit)
    to_ship, shipped = await queries.counts(session, merchant_id)
    return OrderPage(
        items=await _orders(session, merchant_id, shown),
        next=following,
        counts=OrderCounts(to_ship=to_ship, shipped=shipped),
    )


async def newest(session: Session, merchant_id: int, limit: int) -> list[Order]:
    """The newest orders."""
    rows = await queries.page(session, merchant_id, OrderQuery(limit=limit))
    return await _orders(session, merchant_id, rows[:limit])


async def figures(session: Session, shop: Shop) -> OrderFigures:
    """Placed and shipped today (the merchant's day), and what waits to be shipped."""
    began = shop.day_began()
    to_ship, _ = await queries.counts(session, shop.id)
    return OrderFigures(
        placed=await queries.placed_since(session, shop.id, began),
        shipped=await queries.shipped_since(session, shop.id, began),
        to_ship=to_ship,
    )


async def of_card(session: Session, shop: Shop, card_id: int) -> list[CustomerOrder]:
    """A card's orders as its holder sees them, oldest first."""
    rows = await queries.of_card(session, shop.id, card_id)
    return await _customer_orders(session, shop, rows)


async def of_card_for_staff(session: Session, merchant_id: int, card_id: int) -> list[Order]:
    """A card's orders as staff see them, oldest first."""
    return await _orders(session, merchant_id, await queries.of_card(session, merchant_id, card_id))


async def for_customer(session: Session, shop: Shop, order_id: int) -> CustomerOrder:
    """One order as its holder sees it. Raises OrderNotFound."""
    row = await queries.one(session, shop.id, order_id)
    if row is None:
        raise OrderNotFound()
    return (await _customer_orders(session, shop, [row]))[0]


async def _customer_orders(session: Session, shop: Shop, rows: Sequence[models.Order | AnyRow]) -> list[CustomerOrder]:
    shipments = await queries.shipments(session, shop.id, [row.id for row in rows]) if rows else {}
    return [customer_order(shop, row, shipments[row.id]) for row in rows]


def customer_order(shop: Shop, row: models.Order | AnyRow, shipments: Sequence[models.Shipment] = ()) -> CustomerOrder:
    """An order as its holder sees it."""
    waits = row.status == "to_ship"
    return CustomerOrder(
        number=row.number,
        token=row.token,
        status=row.status,
        source=row.source,
        ship_on=row.ship_on,
        placed_at=row.placed_at,
        completed_at=row.completed_at,
        product=_customer_product(row),
        product_id=row.product_id,
        receiver=_receiver(row, mask(row.mobile)),
        remark=row.remark,
        shipments=[_customer_shipment(shipment) for shipment in shipments],
        may_correct_address=waits and shop.address_correction,
        may_correct_date=waits and shop.date_correction and row.ship_on is not None,
    )


def _customer_product(row: models.Order | AnyRow) -> CustomerProduct:
    return CustomerProduct(name=row.product["name"], pictures=_pictures(row), contents=row.product["contents"])


def _customer_shipment(shipment: models.Shipment) -> CustomerShipment:
    return CustomerShipment(
        courier_name=shipment.courier_name,
        tracking_number=shipment.tracking_number,
        shipped_at=shipment.shipped_at,
    )


def mask(mobile: str) -> str:
    """A mobile number without its middle: 138****0000."""
    return f"{mobile[:3]}****{mobile[-4:]}" if mobile else ""


async def _orders(session: Session, merchant_id: int, rows: Sequence[models.Order | AnyRow]) -> list[Order]:
    shipments = await queries.shipments(session, merchant_id, [row.id for row in rows]) if rows else {}
    return [
        Order(
            id=row.id,
            number=row.number,
            status=row.status,
            source=row.source,
            operator_name=row.operator_name,
            ship_on=row.ship_on,
            placed_at=row.placed_at,
            shipped_at=row.shipped_at,
            completed_at=row.completed_at,
            cancelled_at=row.cancelled_at,
            card=OrderCard(id=row.card_id, number=row.card_number, name=row.card_name),
            product=OrderedProduct(
                id=row.product_id,
                name=row.product["name"],
                code=row.product["code"],
                pictures=_pictures(row),
                contents=row.product["contents"],
            ),
            receiver=_receiver(row, row.mobile),
            remark=row.remark,
            shipments=[Shipment.model_validate(shipment) for shipment in shipments[row.id]],
        )
        for row in rows
    ]


def _receiver(row: models.Order | AnyRow, mobile: str) -> Receiver:
    return Receiver(
        name=row.receiver_name,
        mobile=mobile,
        province=row.province,
        city=row.city,
        district=row.district,
        region_code=row.region_code,
        address=row.address,
    )


def _pictures(row: models.Order | AnyRow) -> list[str]:
    return [url(key) or "" for key in row.product["picture_keys"]]


def _news(row: models.Order) -> dict[str, Any]:
    pictures = _pictures(row)
    news = OrderNews(
        id=row.id,
        number=row.number,
        status=row.status,
        source=row.source,
        ship_on=row.ship_on,
        placed_at=row.placed_at,
        product_name=row.product["name"],
        product_picture=pictures[0] if pictures else None,
        receiver_name=row.receiver_name,
        city=row.city,
    )
    return {"order": news.model_dump(mode="json")}
