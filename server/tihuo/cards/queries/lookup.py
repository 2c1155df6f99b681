"""The redemption's statements, built once (design.md, "Hot path")."""

import datetime as dt

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.cards.models import UNUSED, Batch, Card, CardTerms, ProductSetItem
from tihuo.db.base import AnyRow, now, rowcount, table
from tihuo.db.direct import Ask, Direct
from tihuo.shapes import unmistakable

CARDS = table(Card)
TERMS = table(CardTerms)
BATCHES = table(Batch)
ITEMS = table(ProductSetItem)

# With the card rather than after it: one round trip less for each of a holder's requests.
_PRODUCT_IDS = (
    select(func.group_concat(ITEMS.c.product_id))
    .where(ITEMS.c.merchant_id == CARDS.c.merchant_id, ITEMS.c.set_id == TERMS.c.product_set_id)
    .scalar_subquery()
)

_FOR_CHECK = Direct(
    select(
        CARDS.c.id,
        CARDS.c.serial,
        CARDS.c.number,
        CARDS.c.password_mac,
        CARDS.c.password_sealed,
        CARDS.c.key_id,
        CARDS.c.status,
        CARDS.c.uses_total,
        CARDS.c.uses_left,
        CARDS.c.terms_id,
        TERMS.c.product_set_id,
        TERMS.c.name,
        TERMS.c.face_value_fen,
        TERMS.c.valid_from,
        TERMS.c.valid_until,
        _PRODUCT_IDS.label("product_ids"),
    )
    .join(TERMS, TERMS.c.id == CARDS.c.terms_id)
    .join(BATCHES, BATCHES.c.id == CARDS.c.batch_id)
    .where(
        CARDS.c.merchant_id == bindparam("merchant_id"),
        CARDS.c.number_key == bindparam("number_key"),
        CARDS.c.status != "deleted",
        BATCHES.c.status == "ready",
    )
)

# Terms are never changed once written: the same terms as were seen are the same products and the same dates.
_TAKE_USE = Direct(
    update(CARDS)
    .where(
        CARDS.c.id == bindparam("card_id"),
        CARDS.c.merchant_id == bindparam("merchant"),
        CARDS.c.status == "active",
        CARDS.c.uses_left == bindparam("seen"),
        CARDS.c.uses_left > 0,
        CARDS.c.terms_id == bindparam("terms"),
    )
    .values(uses_left=CARDS.c.uses_left - 1, redeemed_at=bindparam("at"), redeemed_day=bindparam("today"))
)


async def for_check(session: AsyncSession, merchant_id: int, number: str) -> AnyRow | None:
    """A card by its number as it was typed, with what checking its password needs."""
    found: AnyRow | None = await _FOR_CHECK.first(session, merchant_id=merchant_id, number_key=_key(number))
    return found


def for_check_ahead(merchant_id: int, number: str) -> Ask:
    return _FOR_CHECK.ahead(merchant_id=merchant_id, number_key=_key(number))


def _key(number: str) -> str:
    # MariaDB refuses to compare an ASCII column with other characters; no number is empty.
    return unmistakable(number) if number.isascii() else ""


async def take_use(
    session: AsyncSession, merchant_id: int, card_id: int, *, seen: int, terms_id: int, today: dt.date
) -> bool:
    """Use the card up once, if it still has as many uses and the terms that were seen. The guard of it all."""
    hit = await _TAKE_USE.change(
        session, card_id=card_id, merchant=merchant_id, seen=seen, terms=terms_id, today=today, at=now()
    )
    return hit == 1


async def give_use_back(session: AsyncSession, merchant_id: int, card_id: int) -> bool:
    """One use more, if the card has fewer than it was made with; with all of them it never was redeemed."""
    first = CARDS.c.uses_left + 1 >= CARDS.c.uses_total
    statement = (
        update(CARDS)
        .where(CARDS.c.merchant_id == merchant_id, CARDS.c.id == card_id, CARDS.c.uses_left < CARDS.c.uses_total)
        # MySQL sets from left to right, and would see the new count in what follows it.
        .ordered_values(
            (CARDS.c.redeemed_at, case((first, None), else_=CARDS.c.redeemed_at)),
            (CARDS.c.redeemed_day, case((first, None), else_=CARDS.c.redeemed_day)),
            (CARDS.c.uses_left, CARDS.c.uses_left + 1),
        )
    )
    return rowcount(await session.execute(statement)) == 1


async def figures(session: AsyncSession, merchant_id: int) -> dict[tuple[str, int], int]:
    """How many cards there are by status and use, without those of batches that are being made."""
    query = (
        select(CARDS.c.status, CARDS.c.used, func.count().label("cards"))
        .where(CARDS.c.merchant_id == merchant_id)
        .group_by(CARDS.c.status, CARDS.c.used)
    )
    counts = {(row.status, row.used): row.cards for row in await session.execute(query)}
    making = select(BATCHES.c.first_serial, BATCHES.c.last_serial, BATCHES.c.card_status).where(
        BATCHES.c.merchant_id == merchant_id, BATCHES.c.status == "making"
    )
    for batch in (await session.execute(making)).all():
        count = select(func.count()).where(
            CARDS.c.merchant_id == merchant_id, CARDS.c.serial.between(batch.first_serial, batch.last_serial)
        )
        hidden = (await session.execute(count)).scalar_one()
        state = (batch.card_status, UNUSED)
        # Read committed: what was put in between the two looks is in the second only.
        counts[state] = max(counts.get(state, 0) - hidden, 0)
    return counts
