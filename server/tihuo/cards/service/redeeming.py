"""What the redemption needs of a card."""

import datetime as dt

from tihuo.cards.queries import lookup
from tihuo.db import Session
from tihuo.db.base import AnyRow
from tihuo.db.direct import Ask
from tihuo.vault import SealedPassword


def stored(row: AnyRow) -> SealedPassword:
    """The stored copies of a card's password."""
    return SealedPassword(row.password_mac, row.password_sealed, row.key_id)


async def find(session: Session, merchant_id: int, number: str) -> AnyRow | None:
    """The card with this number (look-alikes are one), for checking its password; None where there is none."""
    return await lookup.for_check(session, merchant_id, number)


def find_ahead(merchant_id: int, number: str) -> Ask:
    """What `find` would ask."""
    return lookup.for_check_ahead(merchant_id, number)


async def take_use(session: Session, merchant_id: int, card: AnyRow, today: dt.date) -> bool:
    """Use a card up once; False when it is not as it was found, and then nothing was changed."""
    return await lookup.take_use(
        session, merchant_id, card.id, seen=card.uses_left, terms_id=card.terms_id, today=today
    )


async def give_use_back(session: Session, merchant_id: int, card_id: int) -> bool:
    """Take one use back, for an order that was cancelled; False when the card has all its uses."""
    return await lookup.give_use_back(session, merchant_id, card_id)


def products(card: AnyRow) -> list[int]:
    """The ids of the products that a card is good for."""
    return sorted(int(product_id) for product_id in (card.product_ids or "").split(",") if product_id)
