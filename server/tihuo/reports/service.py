"""Figures across rooms."""

from tihuo.cards import service as cards
from tihuo.catalog import service as catalog
from tihuo.db import Session, outbox
from tihuo.merchants import service as merchants
from tihuo.orders import service as orders
from tihuo.reports.schemas import Home, Steps, Today, Waiting

NEWEST = 10


async def home(session: Session, merchant_id: int, *, with_orders: bool) -> Home:
    """The home page. `event_number` was read first: nothing that the figures miss is older."""
    number = await outbox.last_number(session)
    shop = await merchants.get(session, merchant_id)
    placed = await orders.figures(session, shop)
    figures = await cards.figures(session, merchant_id)
    return Home(
        today=Today(orders=placed.placed, shipped=placed.shipped),
        waiting=Waiting(to_ship=placed.to_ship),
        cards=figures,
        steps=Steps(
            products=await catalog.count(session, merchant_id),
            cards=figures.total,
            storefront_named=shop.name != merchants.DEFAULT_NAME,
            storefront_open=shop.open,
        ),
        newest_orders=await orders.newest(session, merchant_id, NEWEST) if with_orders else [],
        event_number=number,
    )
