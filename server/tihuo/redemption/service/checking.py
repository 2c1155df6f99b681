"""A card and its password: what it is good for, and why it can't be redeemed."""

import datetime as dt

from tihuo.addresses import service as addresses
from tihuo.cards import service as cards
from tihuo.catalog import service as catalog
from tihuo.catalog.schemas import Product
from tihuo.db import Session
from tihuo.db.base import AnyRow
from tihuo.db.direct import ask_ahead
from tihuo.errors import AppError
from tihuo.merchants import service as merchants
from tihuo.merchants.service import Shop
from tihuo.orders import service as orders
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
from tihuo.redemption.schemas import CardIn, CardState, CardView, ChoosableProduct
from tihuo.vault import CardVault

_STATES: dict[type[AppError], CardState] = {
    CardAlreadyRedeemed: "redeemed",
    CardInactive: "inactive",
    CardVoid: "void",
    CardExpired: "expired",
    CardNotYetValid: "not_yet_valid",
}


async def check(session: Session, vault: CardVault, slug: str, body: CardIn) -> CardView:
    """The card, what it is good for and its orders, to whoever knows its password.

    Raises StorefrontNotFound, CardOrPasswordWrong.
    """
    if (known := merchants.likely_id(slug)) is not None:
        await ask_ahead(session, [merchants.ahead(known), cards.find_ahead(known, body.number)])
    shop = await merchants.by_slug(session, slug)
    return await _view(session, shop, await right_card(session, vault, shop, body), open=shop.redeeming)


async def check_at_counter(session: Session, vault: CardVault, merchant_id: int, body: CardIn) -> CardView:
    """The same for staff at the counter, who hand over whether or not the storefront is open.

    Raises CardOrPasswordWrong.
    """
    shop = await merchants.get(session, merchant_id)
    return await _view(session, shop, await right_card(session, vault, shop, body), open=True)


async def _view(session: Session, shop: Shop, card: AnyRow, *, open: bool) -> CardView:
    refusal = why_not(card, shop.today())
    message = refusal.text if refusal else "" if open else shop.notice
    wanted = [] if message else catalog.get_many_ahead(shop.id, cards.products(card))
    await ask_ahead(session, [*wanted, queries.ever_redeemed_ahead(shop.id, card.id)])
    redeemed = await queries.ever_redeemed(session, shop.id, card.id)
    return CardView(
        number=card.number,
        name=card.name,
        face_value_fen=card.face_value_fen,
        valid_from=card.valid_from,
        valid_until=card.valid_until,
        state=_STATES[type(refusal)] if refusal else "redeemable",
        open=open,
        message=message,
        uses_total=card.uses_total,
        uses_left=card.uses_left,
        products=[] if message else await _choosable(session, shop, card),
        orders=await orders.of_card(session, shop, card.id) if redeemed else [],
    )


async def right_card(session: Session, vault: CardVault, shop: Shop, body: CardIn) -> AnyRow:
    """The card if the password is its own. The way is the same, statement for statement, if it is not.

    Raises CardOrPasswordWrong.
    """
    card = await cards.find(session, shop.id, body.number)
    stored = cards.stored(card) if card is not None else None
    number = card.number if card is not None else body.number
    if not vault.matches(shop.owner, number, body.password, stored) or card is None:
        raise CardOrPasswordWrong()
    return card


def why_not(card: AnyRow, today: dt.date) -> AppError | None:
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


async def chosen(session: Session, merchant_id: int, card: AnyRow, product_id: int) -> Product:
    """The product that was chosen, if the card is good for it. Raises ProductNotAvailable."""
    if product_id in cards.products(card):
        for product in await catalog.get_many(session, merchant_id, [product_id]):
            if product.on_shelf:
                return product
    raise ProductNotAvailable()


async def _choosable(session: Session, shop: Shop, card: AnyRow) -> list[ChoosableProduct]:
    shops = addresses.areas(shop.undeliverable)
    notes = [shop.undeliverable_note] if shop.undeliverable_note else []
    choosable = []
    for product in await catalog.get_many(session, shop.id, cards.products(card)):
        if not product.on_shelf:
            continue
        own = [area for area in product.undeliverable if area.code not in shop.undeliverable]
        own_note = [product.undeliverable_note] if product.undeliverable_note else []
        choosable.append(
            ChoosableProduct(
                id=product.id,
                name=product.name,
                pictures=[picture.url for picture in product.pictures],
                contents=product.contents,
                detail_html=product.detail_html,
                undeliverable=[*shops, *own],
                undeliverable_note=" ".join([*notes, *own_note]),
            )
        )
    return choosable
