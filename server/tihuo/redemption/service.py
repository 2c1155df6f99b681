"""Redeeming a card: checked, then used up once, for one product, in one transaction (spec G)."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tihuo.cards import service as cards
from tihuo.catalog import service as catalog
from tihuo.catalog.schemas import Product
from tihuo.db import Session, idempotency
from tihuo.db.base import AnyRow
from tihuo.errors import AppError
from tihuo.merchants import service as merchants
from tihuo.merchants.errors import StorefrontClosed
from tihuo.merchants.service import Shop
from tihuo.orders import service as orders
from tihuo.orders.schemas import CustomerOrder
from tihuo.redemption import queries
from tihuo.redemption.errors import (
    CardAlreadyRedeemed,
    CardExpired,
    CardInactive,
    CardNotYetValid,
    CardOrPasswordWrong,
    CardVoid,
    ProductNotAvailable,
)
from tihuo.redemption.schemas import CardState, CardView, CheckIn, ChoosableProduct, RedeemIn
from tihuo.shapes import unmistakable
from tihuo.vault import CardVault

if TYPE_CHECKING:
    from tihuo.redemption.models import WrongTry

_STATES: dict[type[AppError], CardState] = {
    CardAlreadyRedeemed: "redeemed",
    CardInactive: "inactive",
    CardVoid: "void",
    CardExpired: "expired",
    CardNotYetValid: "not_yet_valid",
}


async def check(session: Session, vault: CardVault, slug: str, body: CheckIn) -> CardView:
    """The card, what it is good for and its orders, to whoever knows its password.

    Raises StorefrontNotFound, CardOrPasswordWrong; StorefrontClosed for a card that could be redeemed.
    """
    shop = await merchants.by_slug(session, slug)
    card = await _card(session, vault, shop, body)
    refusal = _refusal(card, shop.today())
    if refusal is None and not shop.open:
        raise StorefrontClosed(notice=shop.notice)
    choosable = [] if refusal else await _choosable(session, shop.id, card.product_set_id)
    return CardView(
        number=card.number,
        name=card.name,
        face_value_fen=card.face_value_fen,
        valid_from=card.valid_from,
        valid_until=card.valid_until,
        state=_STATES[type(refusal)] if refusal else "redeemable",
        message=refusal.text if refusal else "",
        uses_total=card.uses_total,
        uses_left=card.uses_left,
        products=choosable,
        orders=await orders.of_card(session, shop.id, card.id),
    )


async def redeem(session: Session, vault: CardVault, slug: str, body: RedeemIn, key: str) -> CustomerOrder:
    """Use the card up for a product; answers the order. The same `key` and body again answer the same order.

    Raises StorefrontNotFound, CardOrPasswordWrong, IdempotencyKeyReused, StorefrontClosed,
    ProductNotAvailable, and what the card's state gives (CardAlreadyRedeemed …).
    """
    shop = await merchants.by_slug(session, slug)
    card = await _card(session, vault, shop, body)
    fingerprint = vault.fingerprint(shop.owner, body.model_dump_json().encode())
    if placed := await idempotency.find(session, shop.id, "redemption", key, fingerprint):
        return await orders.for_customer(session, shop.id, placed)
    today = shop.today()
    if refusal := _refusal(card, today):
        raise refusal
    if not shop.open:
        raise StorefrontClosed(notice=shop.notice)
    product = await _chosen(session, shop.id, card, body.product_id)
    while not await cards.take_use(session, shop.id, card, today):
        # Somebody was quicker by a moment: this very request sent twice, another one, or staff who edited the card.
        if placed := await idempotency.find(session, shop.id, "redemption", key, fingerprint):
            return await orders.for_customer(session, shop.id, placed)
        latest = await cards.find(session, shop.id, card.number)
        if latest is None:
            raise CardOrPasswordWrong()
        if refusal := _refusal(latest, today):
            raise refusal
        card = latest
        product = await _chosen(session, shop.id, card, body.product_id)
    order_id, order = await orders.place(
        session,
        shop,
        card_id=card.id,
        card_number=card.number,
        card_name=card.name,
        product=product,
        receiver=body.receiver,
        remark=body.remark,
        source=body.source,
    )
    use_number = card.uses_total - card.uses_left + 1
    await queries.add(session, shop.id, card.id, use_number, order_id)
    await idempotency.keep(session, shop.id, "redemption", key, fingerprint, order_id)
    return order


async def _chosen(session: Session, merchant_id: int, card: AnyRow, product_id: int) -> Product:
    """The product that was chosen, if the card is good for it. Raises ProductNotAvailable."""
    for product in await _products(session, merchant_id, card.product_set_id):
        if product.id == product_id and product.on_shelf:
            return product
    raise ProductNotAvailable()


async def note_wrong_try(session: Session, slug: str, number: str, address: str) -> None:
    """Note a wrong password or an unknown number, alike, for staff to see. Raises StorefrontNotFound."""
    shop = await merchants.by_slug(session, slug)
    key = unmistakable(number) if number.isascii() else ""
    await queries.add_wrong_try(session, shop.id, key, address)


async def wrong_tries(session: Session, merchant_id: int, number: str, limit: int) -> "Sequence[WrongTry]":
    """The newest wrong tries at a card's number."""
    return await queries.wrong_tries(session, merchant_id, unmistakable(number), limit)


async def forget_wrong_tries(session: Session, before: dt.datetime) -> int:
    """Take out some of all merchants' older than `before`; answers how many."""
    return await queries.forget_wrong_tries(session, before, 1000)


async def _card(session: Session, vault: CardVault, shop: Shop, body: CheckIn) -> AnyRow:
    """The card if the password is its own. The way is the same, statement for statement, if it is not."""
    card = await cards.find(session, shop.id, body.number)
    stored = cards.stored(card) if card is not None else None
    number = card.number if card is not None else body.number
    if not vault.matches(shop.owner, number, body.password, stored) or card is None:
        raise CardOrPasswordWrong()
    return card


def _refusal(card: AnyRow, today: dt.date) -> AppError | None:
    """Why the card can't be redeemed today, or None. A day counts to its end in the merchant's zone."""
    if card.uses_left <= 0:
        return CardAlreadyRedeemed()
    if card.status == "void":
        return CardVoid()
    if card.status != "active":
        return CardInactive()
    if card.valid_from is not None and today < card.valid_from:
        return CardNotYetValid(valid_from=_words(card.valid_from))
    if card.valid_until is not None and today > card.valid_until:
        return CardExpired(valid_until=_words(card.valid_until))
    return None


def _words(day: dt.date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


async def _products(session: Session, merchant_id: int, set_id: int) -> list[Product]:
    return await catalog.get_many(session, merchant_id, await cards.products(session, merchant_id, set_id))


async def _choosable(session: Session, merchant_id: int, set_id: int) -> list[ChoosableProduct]:
    return [
        ChoosableProduct(
            id=product.id,
            name=product.name,
            pictures=[picture.url for picture in product.pictures],
            contents=product.contents,
            detail_html=product.detail_html,
        )
        for product in await _products(session, merchant_id, set_id)
        if product.on_shelf
    ]
