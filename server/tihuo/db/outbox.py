"""What happened, written in the transaction in which it happened, numbered and told to others afterwards.

Ids follow the order of writing, not of committing, so a reader that remembers the last id would miss rows.
The relay therefore numbers committed rows, one relay at a time (it holds the counter's row); a reader that
remembers the last *number* misses nothing.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Index, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import AnyRow, Base, BigId, UtcDateTime, ascii_text, merchant_key, now, primary_key, table
from tihuo.db.direct import Direct, insert_into
from tihuo.db.unit_of_work import wake

RELAY = "relay"


class EventRow(Base):
    __tablename__ = "events"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    number: Mapped[int | None] = mapped_column(BigId, unique=True)
    kind: Mapped[str] = mapped_column(ascii_text(40))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = (Index(None, "merchant_id", "number"),)


class EventCounter(Base):
    """One row: the last number given out. Its lock is what makes relays take turns."""

    __tablename__ = "event_counter"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    last_number: Mapped[int] = mapped_column(BigId)


@dataclass(frozen=True)
class Event:
    """A numbered event as readers see it."""

    number: int
    merchant_id: int
    kind: str
    at: str
    data: dict[str, Any]


_ANNOUNCE = Direct(insert_into(table(EventRow)))


async def announce(session: AsyncSession, merchant_id: int, kind: str, data: dict[str, Any]) -> None:
    """Write an event into the transaction of what it tells about."""
    await _ANNOUNCE.later(session, merchant_id=merchant_id, number=None, kind=kind, data=data, at=now())
    wake(session, RELAY)


def _event(row: EventRow | AnyRow, number: int | None = None) -> Event:
    number = number or row.number
    assert number is not None
    at = row.at.isoformat().replace("+00:00", "Z")
    return Event(number=number, merchant_id=row.merchant_id, kind=row.kind, at=at, data=row.data)


_COUNTER = select(table(EventCounter)).with_for_update()
_NEW = select(*(table(EventRow).c[name] for name in ("id", "merchant_id", "kind", "data", "at")))


async def number_new(session: AsyncSession, limit: int = 500) -> list[Event]:
    """Give numbers to committed events that have none; the relay's work, across all merchants."""
    events = table(EventRow)
    counter = (await session.execute(_COUNTER)).one()
    rows = (await session.execute(_NEW.where(events.c.number.is_(None)).order_by(events.c.id).limit(limit))).all()
    if not rows:
        return []
    last = counter.last_number
    # One statement for all: a season's day has hundreds a second.
    whens = " ".join(f"WHEN {row.id} THEN {number}" for number, row in enumerate(rows, start=last + 1))
    listed = ", ".join(str(row.id) for row in rows)
    numbering = f"UPDATE events SET number=CASE id {whens} END WHERE id IN ({listed})"  # noqa: S608 - of our own numbers
    # Each is a text of its own, which would only push others out of what is kept compiled.
    await (await session.connection()).exec_driver_sql(numbering)
    await session.execute(update(EventCounter).values(last_number=last + len(rows)))
    return [_event(row, number) for number, row in enumerate(rows, start=last + 1)]


async def last_number(session: AsyncSession) -> int:
    """The number of the newest event of all merchants."""
    return (await session.execute(select(func.max(EventCounter.last_number)))).scalar_one() or 0


async def between(session: AsyncSession, after: int, until: int, limit: int) -> list[Event]:
    """Events of all merchants with `after` < number ≤ `until`, oldest first; for the live hub's gaps."""
    rows = await session.scalars(
        select(EventRow).where(EventRow.number > after, EventRow.number <= until).order_by(EventRow.number).limit(limit)
    )
    return [_event(row) for row in rows]


async def after(session: AsyncSession, merchant_id: int, number: int, limit: int) -> list[Event]:
    """One merchant's events after `number`, oldest first; what a screen missed."""
    rows = await session.scalars(
        select(EventRow)
        .where(EventRow.merchant_id == merchant_id, EventRow.number > number)
        .order_by(EventRow.number)
        .limit(limit)
    )
    return [_event(row) for row in rows]
