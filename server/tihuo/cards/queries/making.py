"""Batches, their numbers and their cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.cards.models import Batch, Card, NumberCounter, SerialCounter
from tihuo.db.base import rowcount, table

CARDS = table(Card)
_ROWS_A_STATEMENT = 2_000
_IN_LIST = 1_000


async def serial_counter_for_update(session: AsyncSession, merchant_id: int) -> SerialCounter:
    """The merchant's serial counter, locked: who asks for cards, or for a job on them, waits for the one before."""
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


async def set_last_number(session: AsyncSession, merchant_id: int, prefix: str, digits: int, number: int) -> None:
    """Have the next sequential batch go on after `number`. The merchant's jobs take turns."""
    query = select(NumberCounter).where(
        NumberCounter.merchant_id == merchant_id,
        NumberCounter.prefix == prefix,
        NumberCounter.digits == digits,
    )
    counter = (await session.scalars(query)).one_or_none()
    if counter is None:
        session.add(NumberCounter(merchant_id=merchant_id, prefix=prefix, digits=digits, last_number=number))
    else:
        counter.last_number = number


async def keys_between(session: AsyncSession, merchant_id: int, first: str, last: str, limit: int) -> list[str]:
    """The number keys in use from `first` to `last`, both of one length, in their order."""
    query = (
        select(CARDS.c.number_key)
        .where(
            CARDS.c.merchant_id == merchant_id,
            CARDS.c.number_key >= first,
            CARDS.c.number_key <= last,
            func.char_length(CARDS.c.number_key) == len(first),
        )
        .order_by(CARDS.c.number_key)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def count_between(session: AsyncSession, merchant_id: int, first: str, last: str) -> int:
    """How many number keys are in use from `first` to `last`, both of one length."""
    query = select(func.count()).where(
        CARDS.c.merchant_id == merchant_id,
        CARDS.c.number_key >= first,
        CARDS.c.number_key <= last,
        func.char_length(CARDS.c.number_key) == len(first),
    )
    return (await session.execute(query)).scalar_one()


async def in_use(session: AsyncSession, merchant_id: int, keys: Sequence[str], but_batch: int = 0) -> set[str]:
    """Those of the number keys that are in use, in whatever state; not counting the cards of one batch."""
    found: set[str] = set()
    for start in range(0, len(keys), _IN_LIST):
        chunk = keys[start : start + _IN_LIST]
        query = select(CARDS.c.number_key).where(CARDS.c.merchant_id == merchant_id, CARDS.c.number_key.in_(chunk))
        if but_batch:
            query = query.where(CARDS.c.batch_id != but_batch)
        found.update(await session.scalars(query))
    return found


async def pending(session: AsyncSession, merchant_id: int, prefix: str, digits: int) -> int:
    """How many numbers with this prefix and length the batches will take that are being made."""
    query = select(func.coalesce(func.sum(Batch.quantity), 0)).where(
        Batch.merchant_id == merchant_id,
        Batch.status == "making",
        Batch.prefix == prefix,
        Batch.number_length == digits,
    )
    return int((await session.execute(query)).scalar_one())


@dataclass(frozen=True)
class Made:
    """What differs from card to card within a batch."""

    serial: int
    number: str
    number_key: str
    mac: bytes
    sealed: bytes


async def add_cards(session: AsyncSession, merchant_id: int, cards: Sequence[Made], common: dict[str, Any]) -> None:
    """Insert cards. `common`: the columns that are the same for all, as SQL literals by name.

    The statement is written out by hand: a million rows through bound parameters take three times as long
    (facts: measurements). Numbers are ASCII letters and digits, the rest are integers and bytes in hexadecimal.
    """
    columns = ", ".join(("merchant_id", "serial", "number", "number_key", "password_mac", "password_sealed", *common))
    tail = ", ".join(str(value) for value in common.values())
    connection = await session.connection()
    for start in range(0, len(cards), _ROWS_A_STATEMENT):
        values = ",".join(
            f"({merchant_id},{card.serial},'{card.number}','{card.number_key}'"
            f",X'{card.mac.hex()}',X'{card.sealed.hex()}',{tail})"
            for card in cards[start : start + _ROWS_A_STATEMENT]
        )
        await connection.exec_driver_sql(f"INSERT INTO cards ({columns}) VALUES {values}")  # noqa: S608 - see above


async def remove_cards(session: AsyncSession, merchant_id: int, batch_id: int, first: int, last: int) -> int:
    """Take cards of a batch that was never ready out of the table; answers how many."""
    statement = delete(CARDS).where(
        CARDS.c.merchant_id == merchant_id, CARDS.c.serial.between(first, last), CARDS.c.batch_id == batch_id
    )
    return rowcount(await session.execute(statement, execution_options={"synchronize_session": False}))


async def add_batch(session: AsyncSession, merchant_id: int, batch: Batch) -> Batch:
    assert batch.merchant_id == merchant_id
    session.add(batch)
    await session.flush()
    return batch


async def change_batch(session: AsyncSession, merchant_id: int, batch_id: int, **values: Any) -> None:
    await session.execute(
        update(Batch).where(Batch.merchant_id == merchant_id, Batch.id == batch_id).values(**values),
        execution_options={"synchronize_session": False},
    )


async def batches_on(session: AsyncSession, merchant_id: int, day: str) -> int:
    """How many batches have a code of this day."""
    query = (
        select(func.count())
        .select_from(Batch)
        .where(Batch.merchant_id == merchant_id, Batch.code.startswith(f"{day}-", autoescape=True))
    )
    return (await session.execute(query)).scalar_one()


async def batch(session: AsyncSession, merchant_id: int, batch_id: int) -> Batch | None:
    query = (
        select(Batch)
        .where(Batch.merchant_id == merchant_id, Batch.id == batch_id)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).one_or_none()


async def batch_page(session: AsyncSession, merchant_id: int, after: int | None, limit: int) -> Sequence[Batch]:
    """Newest first, without those that were undone; one row more than `limit`."""
    query = select(Batch).where(Batch.merchant_id == merchant_id, Batch.status != "undone")
    if after is not None:
        query = query.where(Batch.id < after)
    return (await session.scalars(query.order_by(Batch.id.desc()).limit(limit + 1))).all()
