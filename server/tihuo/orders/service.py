"""Orders: what must be delivered, and what was."""

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any

from tihuo.catalog.schemas import Product
from tihuo.db import Session, now, outbox
from tihuo.merchants.service import Shop
from tihuo.orders import events, models, queries
from tihuo.orders.errors import OrderAlreadyShipped, OrderCancelled, OrderNotFound
from tihuo.orders.schemas import (
    CustomerOrder,
    CustomerProduct,
    CustomerShipment,
    Order,
    OrderCard,
    OrderCounts,
    OrderedProduct,
    OrderFigures,
    OrderNews,
    OrderPage,
    OrderQuery,
    Receiver,
    ReceiverIn,
    Shipment,
    Source,
)
from tihuo.shapes import page
from tihuo.storage import url


async def place(
    session: Session,
    shop: Shop,
    *,
    card_id: int,
    card_number: str,
    card_name: str,
    product: Product,
    receiver: ReceiverIn,
    remark: str,
    source: Source,
) -> tuple[int, CustomerOrder]:
    """Write an order and announce it; answers its id and what the holder sees of it.

    The caller has used the card up in the same transaction.
    """
    placed_at = now()
    snapshot = {
        "id": product.id,
        "name": product.name,
        "code": product.code,
        "erp_code": product.erp_code,
        "picture_keys": [picture.key for picture in product.pictures],
        "contents": product.contents,
    }
    number = _number(shop.today())
    values: dict[str, Any] = {
        "number": number,
        "card_id": card_id,
        "card_number": card_number,
        "card_name": card_name,
        "product_id": product.id,
        "product": snapshot,
        "source": source,
        "status": "to_ship",
        "receiver_name": receiver.name,
        "remark": remark,
        "placed_at": placed_at,
        **receiver.model_dump(exclude={"name"}),
    }
    order_id = await queries.add(session, shop.id, values)
    row = models.Order(id=order_id, merchant_id=shop.id, **values)
    await outbox.announce(session, shop.id, events.PLACED, _news(row))
    return order_id, _customer_order(row, [])


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


async def of_card(session: Session, merchant_id: int, card_id: int) -> list[CustomerOrder]:
    """A card's orders as its holder sees them, oldest first."""
    rows = await queries.of_card(session, merchant_id, card_id)
    return await _customer_orders(session, merchant_id, rows)


async def of_card_for_staff(session: Session, merchant_id: int, card_id: int) -> list[Order]:
    """A card's orders as staff see them, oldest first."""
    return await _orders(session, merchant_id, await queries.of_card(session, merchant_id, card_id))


async def for_customer(session: Session, merchant_id: int, order_id: int) -> CustomerOrder:
    """One order as its holder sees it. Raises OrderNotFound."""
    row = await queries.one(session, merchant_id, order_id)
    if row is None:
        raise OrderNotFound()
    return (await _customer_orders(session, merchant_id, [row]))[0]


async def _customer_orders(session: Session, merchant_id: int, rows: Sequence[models.Order]) -> list[CustomerOrder]:
    shipments = await queries.shipments(session, merchant_id, [row.id for row in rows]) if rows else {}
    return [_customer_order(row, shipments[row.id]) for row in rows]


def _customer_order(row: models.Order, shipments: Sequence[models.Shipment]) -> CustomerOrder:
    return CustomerOrder(
        number=row.number,
        status=row.status,
        placed_at=row.placed_at,
        product=CustomerProduct(name=row.product["name"], pictures=_pictures(row), contents=row.product["contents"]),
        receiver=_receiver(row, mask(row.mobile)),
        remark=row.remark,
        shipments=[
            CustomerShipment(
                courier_name=shipment.courier_name,
                tracking_number=shipment.tracking_number,
                shipped_at=shipment.shipped_at,
            )
            for shipment in shipments
        ],
    )


def mask(mobile: str) -> str:
    """A mobile number without its middle: 138****0000."""
    return f"{mobile[:3]}****{mobile[-4:]}"


async def _orders(session: Session, merchant_id: int, rows: Sequence[models.Order]) -> list[Order]:
    shipments = await queries.shipments(session, merchant_id, [row.id for row in rows]) if rows else {}
    return [
        Order(
            id=row.id,
            number=row.number,
            status=row.status,
            source=row.source,
            placed_at=row.placed_at,
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


def _receiver(row: models.Order, mobile: str) -> Receiver:
    return Receiver(
        name=row.receiver_name,
        mobile=mobile,
        province=row.province,
        city=row.city,
        district=row.district,
        address=row.address,
    )


def _pictures(row: models.Order) -> list[str]:
    return [url(key) or "" for key in row.product["picture_keys"]]


def _news(row: models.Order) -> dict[str, Any]:
    pictures = _pictures(row)
    news = OrderNews(
        id=row.id,
        number=row.number,
        status=row.status,
        source=row.source,
        placed_at=row.placed_at,
        product_name=row.product["name"],
        product_picture=pictures[0] if pictures else None,
        receiver_name=row.receiver_name,
        city=row.city,
    )
    return {"order": news.model_dump(mode="json")}
