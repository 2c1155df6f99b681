"""Figures across rooms."""

import datetime as dt

from tihuo.cards import service as cards
from tihuo.cards.schemas import DistributorCards
from tihuo.catalog import service as catalog
from tihuo.db import Session, outbox
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.distributors import service as distributors
from tihuo.merchants import service as merchants
from tihuo.orders import service as orders
from tihuo.redemption import service as redemption
from tihuo.reports.schemas import CardHistory, DistributorRow, HistoryEntry, Home, Steps, Today, Waiting

NEWEST = 10
WRONG_TRIES = 50
_SOURCES = {"h5": "网页", "mini_program": "小程序", "phone": "电话提货", "counter": "到店提货"}


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


async def card_history(session: Session, merchant_id: int, card_id: int, *, with_orders: bool) -> CardHistory:
    """All that happened to a card: who, when, from where. Raises CardNotFound.

    `with_orders`: whether the account may see to whom its orders went.
    """
    card = await cards.get_card(session, merchant_id, card_id)
    batch = await cards.get_batch(session, merchant_id, card.batch.id)
    words = "导入" if batch.source == "imported" else "生成"
    entries = [
        _entry("made", f"{words}（批次 {batch.code}）", batch.created_by, "", batch.created_at, job_id=batch.job_id)
    ]
    for change in await cards.changes_of(session, merchant_id, card.serial):
        entries.append(_entry(change.action, change.text, change.by, change.address, change.at, job_id=change.job_id))
    for wrong in await redemption.wrong_tries(session, merchant_id, card.number, WRONG_TRIES):
        entries.append(_entry("wrong_try", "卡号或密码输错", "顾客", wrong.address, wrong.at))
    placed = await orders.of_card_for_staff(session, merchant_id, card_id)
    for order in placed:
        product = order.product.name
        entries.append(
            _entry(
                "redeemed",
                f"兑换“{product}”（{_SOURCES[order.source]}，订单 {order.number}）",
                "顾客",
                "",
                order.placed_at,
                order_id=order.id,
            )
        )
        for parcel in order.shipments:
            text = f"发货 {parcel.courier_name} {parcel.tracking_number}（订单 {order.number}）"
            entries.append(_entry("shipped", text, parcel.shipped_by, "", parcel.shipped_at, order_id=order.id))
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return CardHistory(entries=entries, orders=placed if with_orders else [])


def _entry(
    kind: str,
    text: str,
    by: str,
    address: str,
    at: dt.datetime,
    *,
    job_id: int | None = None,
    order_id: int | None = None,
) -> HistoryEntry:
    return HistoryEntry(kind=kind, text=text, by=by, address=address, at=at, job_id=job_id, order_id=order_id)


async def distributor_figures(unit_of_work: UnitOfWork, merchant_id: int) -> list[DistributorRow]:
    """Every distributor with what became of its cards."""
    figures = {one.distributor_id: one for one in await cards.distributor_figures(unit_of_work, merchant_id)}
    known = await unit_of_work.run(lambda session: distributors.list_all(session, merchant_id), writes=False)
    none = DistributorCards(distributor_id=0, assigned=0, activated=0, redeemed=0, left=0, expired=0)
    return [
        DistributorRow(
            distributor=one,
            **figures.get(one.id, none).model_dump(exclude={"distributor_id"}),
        )
        for one in known
    ]
