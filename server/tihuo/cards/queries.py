import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CursorResult,
    and_,
    bindparam,
    case,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.cards.models import Batch, Card, NumberCounter, ProductSet, ProductSetItem, SerialCounter
from tihuo.cards.schemas import Action, CardFilter
from tihuo.db.base import AnyRow, AnySelect, now, table

CARDS = table(Card)
_INSERT = insert(CARDS)

# The redemption's statements, built once (design.md, "Hot path").
_FOR_CHECK = select(
    CARDS.c.id,
    CARDS.c.number,
    CARDS.c.password_mac,
    CARDS.c.password_sealed,
    CARDS.c.key_id,
    CARDS.c.status,
    CARDS.c.uses_total,
    CARDS.c.uses_left,
    CARDS.c.product_set_id,
    CARDS.c.name,
    CARDS.c.face_value_fen,
    CARDS.c.valid_from,
    CARDS.c.valid_until,
).where(CARDS.c.merchant_id == bindparam("merchant_id"), CARDS.c.number == bindparam("number"))

_TAKE_USE = (
    update(CARDS)
    .where(
        CARDS.c.id == bindparam("card_id"),
        CARDS.c.merchant_id == bindparam("merchant"),
        CARDS.c.status == "active",
        CARDS.c.uses_left == bindparam("seen"),
        CARDS.c.uses_left > 0,
        or_(CARDS.c.valid_from.is_(None), CARDS.c.valid_from <= bindparam("today")),
        or_(CARDS.c.valid_until.is_(None), CARDS.c.valid_until >= bindparam("today")),
    )
    .values(uses_left=CARDS.c.uses_left - 1, redeemed_at=bindparam("at"))
)

_SET_PRODUCTS = (
    select(ProductSetItem.product_id)
    .where(ProductSetItem.merchant_id == bindparam("merchant_id"), ProductSetItem.set_id == bindparam("set_id"))
    .order_by(ProductSetItem.product_id)
)


@dataclass(frozen=True)
class Filtered:
    """A page of cards with the code of their batch."""

    card: Card
    batch_code: str


async def for_check(session: AsyncSession, merchant_id: int, number: str) -> AnyRow | None:
    """A card by its number, with what checking its password needs."""
    # MariaDB refuses to compare an ASCII column with other characters; no number is empty.
    known = number if number.isascii() else ""
    return (await session.execute(_FOR_CHECK, {"merchant_id": merchant_id, "number": known})).first()


async def take_use(session: AsyncSession, merchant_id: int, card_id: int, seen: int, today: dt.date) -> bool:
    """Use the card up once, if it still may be and has as many uses left as were `seen`. The guard of it all."""
    values = {"card_id": card_id, "merchant": merchant_id, "seen": seen, "today": today, "at": now()}
    result = await session.execute(_TAKE_USE, values, execution_options={"synchronize_session": False})
    return _rowcount(result) == 1


async def set_products(session: AsyncSession, merchant_id: int, set_id: int) -> list[int]:
    """The ids of a product set's products."""
    return list(await session.scalars(_SET_PRODUCTS, {"merchant_id": merchant_id, "set_id": set_id}))


async def products_of_sets(session: AsyncSession, merchant_id: int, set_ids: Iterable[int]) -> dict[int, list[int]]:
    """The ids of the products of several sets."""
    rows = await session.execute(
        select(ProductSetItem.set_id, ProductSetItem.product_id)
        .where(ProductSetItem.merchant_id == merchant_id, ProductSetItem.set_id.in_(set(set_ids)))
        .order_by(ProductSetItem.product_id)
    )
    found: dict[int, list[int]] = {}
    for set_id, product_id in rows:
        found.setdefault(set_id, []).append(product_id)
    return found


async def product_set(session: AsyncSession, merchant_id: int, product_ids: Sequence[int]) -> int:
    """The id of the set with just these products, made if there is none."""
    distinct = sorted(set(product_ids))
    digest = hashlib.sha256(",".join(map(str, distinct)).encode()).digest()
    found = await session.scalar(
        select(ProductSet.id).where(ProductSet.merchant_id == merchant_id, ProductSet.digest == digest)
    )
    if found is not None:
        return found
    row = ProductSet(merchant_id=merchant_id, digest=digest)
    session.add(row)
    await session.flush()
    items = [{"set_id": row.id, "product_id": item, "merchant_id": merchant_id} for item in distinct]
    await session.execute(insert(table(ProductSetItem)), items)
    return row.id


async def serial_counter_for_update(session: AsyncSession, merchant_id: int) -> SerialCounter:
    """The merchant's serial counter, locked: batches of one merchant are made one after the other."""
    query = select(SerialCounter).where(SerialCounter.merchant_id == merchant_id).with_for_update()
    counter = (await session.scalars(query)).one_or_none()
    if counter is None:
        counter = SerialCounter(merchant_id=merchant_id, last_serial=0)
        session.add(counter)
        await session.flush()
    return counter


async def last_number(session: AsyncSession, merchant_id: int, prefix: str, digits: int) -> int:
    """The last sequential number with this prefix and as many digits, 0 where there is none."""
    query = select(NumberCounter.last_number).where(
        NumberCounter.merchant_id == merchant_id,
        NumberCounter.prefix == prefix,
        NumberCounter.digits == digits,
    )
    return await session.scalar(query) or 0


async def keep_last_number(session: AsyncSession, merchant_id: int, prefix: str, digits: int, number: int) -> None:
    """Have the next sequential batch go on after `number`; never backwards. The serial counter is locked."""
    query = select(NumberCounter).where(
        NumberCounter.merchant_id == merchant_id,
        NumberCounter.prefix == prefix,
        NumberCounter.digits == digits,
    )
    counter = (await session.scalars(query)).one_or_none()
    if counter is None:
        session.add(NumberCounter(merchant_id=merchant_id, prefix=prefix, digits=digits, last_number=number))
    else:
        counter.last_number = max(counter.last_number, number)


async def numbers_between(session: AsyncSession, merchant_id: int, first: str, last: str) -> list[str]:
    """The numbers in use from `first` to `last`, both of one length."""
    query = select(Card.number).where(
        Card.merchant_id == merchant_id,
        Card.number >= first,
        Card.number <= last,
        func.char_length(Card.number) == len(first),
    )
    return list(await session.scalars(query))


async def count_between(session: AsyncSession, merchant_id: int, first: str, last: str) -> int:
    """How many numbers are in use from `first` to `last`, both of one length."""
    query = (
        select(func.count())
        .select_from(Card)
        .where(
            Card.merchant_id == merchant_id,
            Card.number >= first,
            Card.number <= last,
            func.char_length(Card.number) == len(first),
        )
    )
    return (await session.execute(query)).scalar_one()


async def in_use(session: AsyncSession, merchant_id: int, numbers: Sequence[str]) -> set[str]:
    """Those of the numbers that are in use."""
    found: set[str] = set()
    for start in range(0, len(numbers), 1000):
        chunk = numbers[start : start + 1000]
        query = select(Card.number).where(Card.merchant_id == merchant_id, Card.number.in_(chunk))
        found.update(await session.scalars(query))
    return found


async def add_batch(session: AsyncSession, merchant_id: int, batch: Batch) -> Batch:
    assert batch.merchant_id == merchant_id
    session.add(batch)
    await session.flush()
    return batch


async def add_cards(session: AsyncSession, merchant_id: int, rows: list[dict[str, Any]]) -> None:
    """Insert cards, in chunks small enough for any packet limit."""
    for start in range(0, len(rows), 1000):
        chunk = [{"merchant_id": merchant_id, **row} for row in rows[start : start + 1000]]
        await session.execute(_INSERT, chunk)


async def batches_on(session: AsyncSession, merchant_id: int, day: str) -> int:
    """How many batches have a code of this day."""
    query = (
        select(func.count())
        .select_from(Batch)
        .where(Batch.merchant_id == merchant_id, Batch.code.startswith(f"{day}-", autoescape=True))
    )
    return (await session.execute(query)).scalar_one()


async def batch(session: AsyncSession, merchant_id: int, batch_id: int) -> Batch | None:
    query = select(Batch).where(Batch.merchant_id == merchant_id, Batch.id == batch_id)
    return (await session.scalars(query)).one_or_none()


async def batch_page(session: AsyncSession, merchant_id: int, after: int | None, limit: int) -> Sequence[Batch]:
    query = select(Batch).where(Batch.merchant_id == merchant_id)
    if after is not None:
        query = query.where(Batch.id < after)
    return (await session.scalars(query.order_by(Batch.id.desc()).limit(limit + 1))).all()


def _filtered(query: AnySelect, merchant_id: int, wanted: CardFilter) -> AnySelect:
    query = query.where(Card.merchant_id == merchant_id)
    if wanted.batch_id is not None:
        query = query.where(Card.batch_id == wanted.batch_id)
    if wanted.number:
        # MariaDB refuses to compare an ASCII column with other characters.
        found = Card.number.startswith(wanted.number, autoescape=True) if wanted.number.isascii() else false()
        query = query.where(found)
    if wanted.serial_from is not None:
        query = query.where(Card.serial >= wanted.serial_from)
    if wanted.serial_to is not None:
        query = query.where(Card.serial <= wanted.serial_to)
    if wanted.status is not None:
        query = query.where(Card.status == wanted.status)
    if wanted.redeemed is not None:
        used = Card.uses_left < Card.uses_total
        query = query.where(used if wanted.redeemed else ~used)
    return query


async def page(
    session: AsyncSession, merchant_id: int, wanted: CardFilter, after: int | None, limit: int
) -> list[Filtered]:
    """Cards, newest first, through a subquery on ids: the optimizer keeps to the index (design.md, "Scale")."""
    ids = _filtered(select(Card.id), merchant_id, wanted)
    if after is not None:
        ids = ids.where(Card.id < after)
    found = ids.order_by(Card.id.desc()).limit(limit + 1).subquery()
    query = (
        select(Card, Batch.code)
        .join(found, found.c.id == Card.id)
        .join(Batch, Batch.id == Card.batch_id)
        .where(Card.merchant_id == merchant_id)
        .order_by(Card.id.desc())
    )
    return [Filtered(card, batch_code) for card, batch_code in await session.execute(query)]


async def count(session: AsyncSession, merchant_id: int, wanted: CardFilter, cap: int) -> int:
    """How many cards the filter finds, counting no further than `cap`."""
    capped = _filtered(select(literal(1)), merchant_id, wanted).limit(cap).subquery()
    return (await session.execute(select(func.count()).select_from(capped))).scalar_one()


async def ids_for_update(session: AsyncSession, merchant_id: int, wanted: CardFilter, limit: int) -> list[int]:
    """The ids the filter finds, locked, in the order of ids."""
    query = _filtered(select(Card.id), merchant_id, wanted).order_by(Card.id).limit(limit).with_for_update()
    return list(await session.scalars(query))


async def one(session: AsyncSession, merchant_id: int, card_id: int) -> Filtered | None:
    query = (
        select(Card, Batch.code)
        .join(Batch, Batch.id == Card.batch_id)
        .where(Card.merchant_id == merchant_id, Card.id == card_id)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(query)).first()
    return Filtered(row[0], row[1]) if row else None


async def change_status(session: AsyncSession, merchant_id: int, ids: Sequence[int], action: Action) -> int:
    """Change those of the cards that the action fits; answers how many.

    The condition is part of the statement: a card that is redeemed at the same moment is not voided.
    """
    unredeemed = CARDS.c.uses_left == CARDS.c.uses_total
    conditions = {
        "activate": CARDS.c.status == "inactive",
        "deactivate": and_(CARDS.c.status == "active", CARDS.c.uses_left > 0),
        "void": and_(CARDS.c.status.in_(("inactive", "active")), unredeemed),
        "restore": CARDS.c.status == "void",
    }
    # MySQL assigns from left to right: what is kept must be read before the status changes.
    changes: dict[str, list[tuple[Any, Any]]] = {
        "activate": [(CARDS.c.status, "active"), (CARDS.c.activated_at, now())],
        "deactivate": [(CARDS.c.status, "inactive")],
        "void": [(CARDS.c.status_before_void, CARDS.c.status), (CARDS.c.status, "void")],
        "restore": [(CARDS.c.status, CARDS.c.status_before_void), (CARDS.c.status_before_void, null())],
    }
    changed = 0
    for start in range(0, len(ids), 1000):
        statement = (
            update(CARDS)
            .where(CARDS.c.merchant_id == merchant_id, CARDS.c.id.in_(ids[start : start + 1000]))
            .where(conditions[action])
            .ordered_values(*changes[action])
        )
        changed += _rowcount(await session.execute(statement, execution_options={"synchronize_session": False}))
    return changed


async def for_export(session: AsyncSession, merchant_id: int, wanted: CardFilter, limit: int) -> list[AnyRow]:
    """Cards with their sealed passwords, in the order of serials."""
    columns = (
        Card.id,
        Card.serial,
        Card.number,
        Card.password_mac,
        Card.password_sealed,
        Card.key_id,
        Card.status,
        Card.name,
        Card.face_value_fen,
        Card.valid_from,
        Card.valid_until,
        Card.remark,
        Batch.code.label("batch_code"),
    )
    query = _filtered(select(*columns).join(Batch, Batch.id == Card.batch_id), merchant_id, wanted)
    return list((await session.execute(query.order_by(Card.serial).limit(limit))).all())


async def figures(session: AsyncSession, merchant_id: int) -> AnyRow:
    """All cards, the active and the redeemed ones."""
    query = select(
        func.count(),
        func.coalesce(func.sum(case((Card.status == "active", 1), else_=0)), 0),
        func.coalesce(func.sum(case((Card.uses_left < Card.uses_total, 1), else_=0)), 0),
    ).where(Card.merchant_id == merchant_id)
    return (await session.execute(query)).one()


def _rowcount(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
