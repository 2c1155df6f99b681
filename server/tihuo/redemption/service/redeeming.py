"""Redeeming a card: checked, then used up once, for one product, in one transaction (spec G)."""

from dataclasses import dataclass

from tihuo.addresses import service as addresses
from tihuo.appointments import service as appointments
from tihuo.audit.service import Actor
from tihuo.cards import service as cards
from tihuo.catalog import service as catalog
from tihuo.catalog.schemas import Product
from tihuo.db import Session
from tihuo.db.base import AnyRow
from tihuo.db.direct import ask_ahead
from tihuo.errors import IdempotencyKeyReused
from tihuo.merchants import service as merchants
from tihuo.merchants.errors import StorefrontClosed
from tihuo.merchants.service import Shop
from tihuo.orders import service as orders
from tihuo.orders.schemas import CustomerOrder, Order, ReceiverIn
from tihuo.orders.service import Placing
from tihuo.redemption import queries
from tihuo.redemption.errors import CardOrPasswordWrong, CardUsedMeanwhile, UndeliverableArea
from tihuo.redemption.schemas import CounterIn, RedeemIn
from tihuo.redemption.service.checking import chosen, right_card, why_not
from tihuo.vault import CardVault


@dataclass(frozen=True)
class Request:
    """The request that redeems: its key, and what it was a request for."""

    key: str
    fingerprint: bytes


async def redeem(
    session: Session, vault: CardVault, slug: str, body: RedeemIn, key: str, operator: Actor | None = None
) -> CustomerOrder:
    """Use the card up for a product; answers the order. The same `key` and body again answer the same order.

    `operator`: who types for a caller (电话提货). Raises StorefrontNotFound, CardOrPasswordWrong,
    IdempotencyKeyReused, StorefrontClosed, ProductNotAvailable, UndeliverableArea, DayMissing, DayNotOpen, DayFull,
    CardUsedMeanwhile, and what the card's state gives (CardAlreadyRedeemed …).
    """
    if (known := merchants.likely_id(slug)) is not None:
        asks = [
            merchants.ahead(known),
            cards.find_ahead(known, body.number),
            queries.by_request_ahead(known, key),
            appointments.place_ahead(known),
            *catalog.get_many_ahead(known, [body.product_id]),
        ]
        await ask_ahead(session, asks)
    shop = await merchants.by_slug(session, slug)
    card = await right_card(session, vault, shop, body)
    # Neither says what is wanted, and both may differ when the same form is sent again.
    wanted = body.model_dump_json(exclude={"captcha", "uses_left_seen"})
    request = Request(key, vault.fingerprint(shop.owner, wanted.encode()))
    if placed := await _placed(session, shop, request):
        return await orders.for_customer(session, shop, placed)
    today = shop.today()
    if refusal := why_not(card, today):
        raise refusal
    if not shop.redeeming:
        raise StorefrontClosed(notice=shop.notice)
    if body.uses_left_seen is not None and card.uses_left < body.uses_left_seen:
        raise CardUsedMeanwhile()
    product = await chosen(session, shop.id, card, body.product_id)
    receiver = deliverable(shop, product, body.receiver)
    place = await appointments.place(
        session, shop, product_id=product.id, region_code=receiver.region_code, ship_on=body.ship_on
    )
    while not await cards.take_use(session, shop.id, card, today):
        # Somebody was quicker by a moment: this very request sent twice, another one, or staff who edited the card.
        if placed := await _placed(session, shop, request):
            return await orders.for_customer(session, shop, placed)
        card = await _latest(session, shop, card)
        product = await chosen(session, shop.id, card, body.product_id)
        deliverable(shop, product, receiver)
    placing = Placing(
        card_id=card.id,
        card_number=card.number,
        card_name=card.name,
        product=product,
        receiver=receiver,
        remark=body.remark,
        source=body.source,
        ship_on=place.ship_on if place else None,
        shop_slot=place.drawn.shop_slot if place else None,
        product_slot=place.drawn.product_slot if place else None,
        operator_id=operator.staff_id if operator else None,
        operator_name=operator.name if operator else "",
    )
    order = await orders.place(session, shop, placing)
    await _add(session, shop, card, order.id, request)
    if place:
        # Last of all: whoever wants the same day waits from here to the commit, and no longer.
        taken = await appointments.take(session, shop.id, place)
        await orders.keep_slots(session, order, taken.shop_slot, taken.product_slot)
    return orders.customer_order(shop, order)


async def hand_over(
    session: Session, vault: CardVault, merchant_id: int, body: CounterIn, key: str, operator: Actor
) -> Order:
    """Use a card up at the counter (到店提货): the order is complete at once, needs no address and no open storefront.

    The same `key` and body again answer the same order. Raises CardOrPasswordWrong, IdempotencyKeyReused,
    ProductNotAvailable, and what the card's state gives.
    """
    shop = await merchants.get(session, merchant_id)
    card = await right_card(session, vault, shop, body)
    request = Request(key, vault.fingerprint(shop.owner, body.model_dump_json().encode()))
    if placed := await _placed(session, shop, request):
        return await orders.get(session, shop.id, placed)
    today = shop.today()
    if refusal := why_not(card, today):
        raise refusal
    product = await chosen(session, shop.id, card, body.product_id)
    while not await cards.take_use(session, shop.id, card, today):
        if placed := await _placed(session, shop, request):
            return await orders.get(session, shop.id, placed)
        card = await _latest(session, shop, card)
        product = await chosen(session, shop.id, card, body.product_id)
    placing = Placing(
        card_id=card.id,
        card_number=card.number,
        card_name=card.name,
        product=product,
        receiver=None,
        remark=body.remark,
        source="counter",
        operator_id=operator.staff_id,
        operator_name=operator.name,
    )
    order = await orders.place(session, shop, placing)
    await _add(session, shop, card, order.id, request)
    return await orders.get(session, shop.id, order.id)


def deliverable(shop: Shop, product: Product, receiver: ReceiverIn) -> ReceiverIn:
    """The receiver with the region's code as far as it is known. Raises UndeliverableArea."""
    code = receiver.region_code
    if code is None or not addresses.known(code):
        code = addresses.resolve(receiver.province, receiver.city, receiver.district)
    # A code that came from elsewhere may be younger or older than ours: its first digits still say where it is.
    code = code or receiver.region_code
    for area, note in (
        *((area, shop.undeliverable_note) for area in shop.undeliverable),
        *((area.code, product.undeliverable_note) for area in product.undeliverable),
    ):
        if code is not None and addresses.covers(area, code):
            raise UndeliverableArea(area=addresses.name_of(area) or receiver.province, note=note)
    return receiver.model_copy(update={"region_code": code})


async def _placed(session: Session, shop: Shop, request: Request) -> int | None:
    """The order that this very request made before, or None. Raises IdempotencyKeyReused for another body."""
    found = await queries.by_request(session, shop.id, request.key)
    if found is None:
        return None
    if found.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused()
    return int(found.order_id)


async def _latest(session: Session, shop: Shop, card: AnyRow) -> AnyRow:
    """The card as it is now, if it can still be redeemed."""
    latest = await cards.find(session, shop.id, card.number)
    if latest is None:
        raise CardOrPasswordWrong()
    if refusal := why_not(latest, shop.today()):
        raise refusal
    return latest


async def _add(session: Session, shop: Shop, card: AnyRow, order_id: int, request: Request) -> None:
    await queries.add(
        session,
        shop.id,
        card_id=card.id,
        use_number=card.uses_total - card.uses_left + 1,
        order_id=order_id,
        request_key=request.key,
        fingerprint=request.fingerprint,
    )
