"""Finding cards by any combination of filters, fast among millions.

Batches own stretches of serials, and terms hold all that can be edited, so a filter comes down to stretches of
serials and a few *axes*, each with an index that ends in the serial. One axis alone is read in its index's
order. Several are read through the one that few cards match; where all match many, a window of serials at a
time, leaping over stretches in which one of them matches none. What a page may scan is bounded: a search that
comes to its bound says how far it got.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, and_, false, func, literal, or_, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from tihuo.cards.models import Batch, Card
from tihuo.db.base import AnyRow, AnySelect, table

CARDS = table(Card)
BATCHES = table(Batch)
STATUSES = ("inactive", "active", "void")
USED = (0, 1, 2)
HIGHEST = 2**53
# Values of one axis that are read one by one, each in its index's order.
_MOST_VALUES = 64
# Cards that few enough match to be read and sorted.
_FEW = 4_000
_WINDOW = 2_500
_MOST_WINDOWS = 8
# Leaps of one page, and values of one axis that a leap may look for.
_MOST_LEAPS = 8
_MOST_DIVES = 400
_SERIAL_INDEX = "uq_cards_merchant_id_serial"
_TERMS_INDEX = "ix_cards_merchant_id_terms_id_serial"
_STATE_INDEX = "ix_cards_merchant_id_status_used_serial_terms_id"
_NUMBER_INDEX = "uq_cards_merchant_id_number_key"

Range = tuple[int, int]
Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Resolved:
    """A filter brought down to what the table of cards knows. `ranges` ascend and don't touch."""

    ranges: tuple[Range, ...] = ((1, HIGHEST),)
    statuses: tuple[str, ...] = STATUSES
    used: tuple[int, ...] = USED
    terms: tuple[int, ...] | None = None
    activated: tuple[dt.date, dt.date] | None = None
    redeemed: tuple[dt.date, dt.date] | None = None
    number_key: str = ""

    @property
    def nothing(self) -> bool:
        """Whether it is plain already that no card matches."""
        backwards = any(days is not None and days[0] > days[1] for days in (self.activated, self.redeemed))
        return not (self.ranges and self.statuses and self.used) or self.terms == () or backwards


@dataclass(frozen=True)
class _Axis:
    """One indexed condition: any of `values`, each of which the index holds in the order of serials.

    The values are SQL, of our own numbers, days and states only. `equal`: whether the index can go by serial under
    `condition` as a whole too.
    """

    index: str
    condition: Condition
    values: tuple[str, ...]
    equal: bool = True


def cut(ranges: Sequence[Range], low: int, high: int) -> tuple[Range, ...]:
    """The part of the ranges from `low` to `high`."""
    return tuple((max(first, low), min(last, high)) for first, last in ranges if first <= high and last >= low)


def without(ranges: Sequence[Range], hidden: Sequence[Range]) -> tuple[Range, ...]:
    """The ranges less those that are hidden."""
    left = tuple(ranges)
    for first, last in hidden:
        left = (*cut(left, 1, first - 1), *cut(left, last + 1, HIGHEST))
    return tuple(sorted(left))


def merged(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """The same serials in as few ranges as possible, ascending."""
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def end_of(prefix: str) -> str:
    """What is above every number key that begins with `prefix`."""
    return prefix + "\x7f"


async def hidden(session: AsyncSession, merchant_id: int) -> list[Range]:
    """The serials of batches that are not ready, or were undone."""
    query = select(Batch.first_serial, Batch.last_serial).where(
        Batch.merchant_id == merchant_id, Batch.status.in_(("making", "undone"))
    )
    return [(row.first_serial, row.last_serial) for row in await session.execute(query)]


async def ranges_of_batches(
    session: AsyncSession,
    merchant_id: int,
    *,
    batch_id: int | None,
    number_key: str,
    uses: int | None,
    made_from: dt.datetime | None,
    made_before: dt.datetime | None,
) -> tuple[Range, ...]:
    """The serials of the ready batches of which cards may match."""
    query = select(Batch.first_serial, Batch.last_serial).where(
        Batch.merchant_id == merchant_id, Batch.status == "ready"
    )
    if batch_id is not None:
        query = query.where(Batch.id == batch_id)
    if number_key:
        query = query.where(Batch.highest_key >= number_key, Batch.lowest_key < end_of(number_key))
    if uses is not None:
        query = query.where(Batch.uses == uses)
    if made_from is not None:
        query = query.where(Batch.created_at >= made_from)
    if made_before is not None:
        query = query.where(Batch.created_at < made_before)
    return merged([(row.first_serial, row.last_serial) for row in await session.execute(query)])


def _in_ranges(ranges: Sequence[Range]) -> Condition:
    if not ranges:
        return false()
    return or_(*(CARDS.c.serial.between(first, last) for first, last in ranges))


def _any(column: ColumnElement[Any], values: Sequence[Any]) -> Condition:
    return column == values[0] if len(values) == 1 else column.in_(values)


def conditions(merchant_id: int, found: Resolved, ranges: Sequence[Range] | None = None) -> list[Condition]:
    """All that a card must meet, for statements that go by serial."""
    if found.nothing:
        return [CARDS.c.merchant_id == merchant_id, false()]
    met = [CARDS.c.merchant_id == merchant_id, _in_ranges(found.ranges if ranges is None else ranges)]
    if found.statuses != STATUSES:
        met.append(_any(CARDS.c.status, found.statuses))
    elif found.terms is None and found.activated is None and found.redeemed is None:
        # A deleted card has no terms and no days.
        met.append(CARDS.c.status != "deleted")
    if found.used != USED:
        met.append(_any(CARDS.c.used, found.used))
    if found.terms is not None:
        met.append(_any(CARDS.c.terms_id, found.terms))
    if found.activated is not None:
        met.append(CARDS.c.activated_day.between(*found.activated))
    if found.redeemed is not None:
        met.append(CARDS.c.redeemed_day.between(*found.redeemed))
    if found.number_key:
        met += _number(found.number_key)
    return met


def _number(key: str) -> list[Condition]:
    return [CARDS.c.number_key >= key, CARDS.c.number_key < end_of(key)]


def _by(statement: Select[Any], index: str) -> Select[Any]:
    hint = f"FORCE INDEX ({index})"
    return statement.with_hint(CARDS, hint, "mysql").with_hint(CARDS, hint, "mariadb")


def _state_axis(found: Resolved) -> _Axis:
    values = tuple(f"status = '{status}' AND used = {used}" for status in found.statuses for used in found.used)
    return _Axis(_STATE_INDEX, and_(CARDS.c.status.in_(found.statuses), CARDS.c.used.in_(found.used)), values)


def _terms_axis(terms_ids: tuple[int, ...]) -> _Axis:
    values = tuple(f"terms_id = {int(terms_id)}" for terms_id in terms_ids)
    return _Axis(_TERMS_INDEX, CARDS.c.terms_id.in_(terms_ids), values)


def _days_axis(name: str, days: tuple[dt.date, dt.date]) -> _Axis:
    count = min((days[1] - days[0]).days + 1, _MOST_DIVES + 1)
    values = tuple(f"{name} = '{days[0] + dt.timedelta(days=number)}'" for number in range(count))
    return _Axis(f"ix_cards_merchant_id_{name}_serial", CARDS.c[name].between(*days), values, equal=False)


def _axes(found: Resolved) -> list[_Axis]:
    """The conditions that leave something out."""
    axes = []
    if found.statuses != STATUSES or found.used != USED:
        axes.append(_state_axis(found))
    if found.terms is not None:
        axes.append(_terms_axis(found.terms))
    if found.activated is not None:
        axes.append(_days_axis("activated_day", found.activated))
    if found.redeemed is not None:
        axes.append(_days_axis("redeemed_day", found.redeemed))
    return axes


async def _clipped(session: AsyncSession, merchant_id: int, found: Resolved) -> Resolved:
    """The filter with its days cut to the first and the last on which any card was activated or redeemed."""
    changed: dict[str, tuple[dt.date, dt.date]] = {}
    for field, name in (("activated", "activated_day"), ("redeemed", "redeemed_day")):
        days: tuple[dt.date, dt.date] | None = getattr(found, field)
        if days is not None:
            column = CARDS.c[name]
            edges = select(func.min(column).label("first"), func.max(column).label("last"))
            edge = (await session.execute(edges.where(CARDS.c.merchant_id == merchant_id))).one()
            if edge.first is None or edge.last < days[0] or edge.first > days[1]:
                return Resolved(ranges=())
            changed[field] = (max(days[0], edge.first), min(days[1], edge.last))
    return replace(
        found, activated=changed.get("activated", found.activated), redeemed=changed.get("redeemed", found.redeemed)
    )


@dataclass(frozen=True)
class Serials:
    """A page's serials, newest first. `searched_to`: the search stopped at its bound before this serial."""

    found: list[int]
    searched_to: int | None = None


async def page(session: AsyncSession, merchant_id: int, found: Resolved, below: int | None, limit: int) -> Serials:
    """The newest `limit` serials under `below` that match, in time that does not grow with the table."""
    found = await _clipped(session, merchant_id, found)
    ranges = cut(found.ranges, 1, (below or HIGHEST) - 1)
    if found.nothing or not ranges:
        return Serials([])
    axes = _axes(found)
    if len(axes) == 1 and not found.number_key and len(axes[0].values) <= _MOST_VALUES >= len(ranges):
        return Serials(await _merge(session, merchant_id, axes[0], ranges, limit))
    if len(axes) > 1 or found.number_key:
        driven = await driver(session, merchant_id, found, ranges)
        if driven is not None:
            query = select(CARDS.c.serial).where(*conditions(merchant_id, found, ranges), driven.condition)
            return Serials(await _newest(session, _by(query, driven.index), limit))
    return await _search(session, merchant_id, found, axes or [_state_axis(found)], ranges, limit)


@dataclass(frozen=True)
class Driver:
    """An index through which few enough cards match to read them all at once, and what it narrows them down by."""

    index: str
    condition: Condition


async def driver(
    session: AsyncSession, merchant_id: int, found: Resolved, ranges: Sequence[Range] | None = None
) -> Driver | None:
    """The index to read all that matches through, None where each alone matches many."""
    mine = CARDS.c.merchant_id == merchant_id
    within = _in_few(found.ranges if ranges is None else ranges)
    for axis in _axes(found):
        if axis.equal and len(axis.values) > _MOST_VALUES:
            continue
        met = [mine, axis.condition, within] if axis.equal else [mine, axis.condition]
        if await _few(session, met, axis.index):
            return Driver(axis.index, axis.condition)
    if found.number_key:
        numbered = and_(*_number(found.number_key))
        if await _few(session, [mine, numbered], _NUMBER_INDEX):
            return Driver(_NUMBER_INDEX, numbered)
    return None


def _in_few(ranges: Sequence[Range]) -> Condition:
    """In the ranges, or between the first and the last where they are too many for one statement."""
    return _in_ranges(ranges if len(ranges) <= _MOST_VALUES else [(ranges[0][0], ranges[-1][1])])


def _all(merchant_id: int, found: Resolved, ranges: Sequence[Range]) -> Select[Any]:
    return _by(select(CARDS.c.serial).where(*conditions(merchant_id, found, ranges)), _SERIAL_INDEX)


async def _newest(session: AsyncSession, query: Select[Any], limit: int) -> list[int]:
    return list(await session.scalars(query.order_by(CARDS.c.serial.desc()).limit(limit)))


async def _merge(
    session: AsyncSession, merchant_id: int, axis: _Axis, ranges: Sequence[Range], limit: int
) -> list[int]:
    """The newest serials of each of the axis's values, merged; reads `limit` index entries a value."""
    parts = []
    for value in axis.values:
        part = select(CARDS.c.serial).where(CARDS.c.merchant_id == merchant_id, text(value), _in_ranges(ranges))
        # SQLite takes ORDER BY and LIMIT in a part of a UNION only inside a subquery.
        top = _by(part, axis.index).order_by(CARDS.c.serial.desc()).limit(limit).subquery()
        parts.append(select(top.c.serial))
    together = union_all(*parts).subquery()
    query = select(together.c.serial).order_by(together.c.serial.desc()).limit(limit)
    return list(await session.scalars(query))


async def _top(session: AsyncSession, merchant_id: int, axis: _Axis, ranges: Sequence[Range]) -> int | None:
    """The highest serial in the ranges that has one of the axis's values: one dive into the index for each.

    Written out, since the optimizer answers MAX from the index's edge only where every value is a constant.
    """
    few = ranges if len(ranges) <= _MOST_VALUES else [(ranges[0][0], ranges[-1][1])]
    within = " OR ".join(f"serial BETWEEN {int(first)} AND {int(last)}" for first, last in few)
    hint = f" FORCE INDEX ({axis.index})" if session.get_bind().dialect.name in ("mysql", "mariadb") else ""
    each = " UNION ALL ".join(
        f"SELECT MAX(serial) AS top FROM cards{hint}"  # noqa: S608 - numbers, days and states of our own
        f" WHERE merchant_id = {int(merchant_id)} AND {value} AND ({within})"
        for value in axis.values
    )
    found: int | None = (await session.execute(text(f"SELECT MAX(top) FROM ({each}) AS tops"))).scalar_one()  # noqa: S608
    return found


async def _few(session: AsyncSession, met: list[Condition], index: str) -> bool:
    capped = _by(select(literal(1)).where(*met).limit(_FEW + 1), index).subquery()
    return (await session.execute(select(func.count()).select_from(capped))).scalar_one() <= _FEW


async def _search(
    session: AsyncSession,
    merchant_id: int,
    found: Resolved,
    axes: list[_Axis],
    ranges: tuple[Range, ...],
    limit: int,
) -> Serials:
    leapers = [axis for axis in axes if len(axis.values) <= _MOST_DIVES]
    serials: list[int] = []
    ranges = cut(ranges, 1, await highest(session, merchant_id))
    leaps = 0
    for _ in range(_MOST_WINDOWS):
        if ranges and leaps < _MOST_LEAPS:
            ranges, took = await _leap(session, merchant_id, leapers, ranges)
            leaps += took
        if not ranges:
            return Serials(serials)
        top = ranges[-1][1]
        low = top - _WINDOW + 1
        window = _all(merchant_id, found, cut(ranges, low, top))
        serials += await _newest(session, window, limit - len(serials))
        if len(serials) == limit:
            return Serials(serials)
        ranges = cut(ranges, 1, low - 1)
    return Serials(serials, searched_to=ranges[-1][1] + 1 if ranges else None)


async def _leap(
    session: AsyncSession, merchant_id: int, axes: list[_Axis], ranges: tuple[Range, ...]
) -> tuple[tuple[Range, ...], int]:
    """The ranges from the first serial down at which every axis may match; and how many looks that took."""
    looks, agreed = 0, 0
    while axes and agreed < len(axes) and looks < _MOST_LEAPS:
        top = await _top(session, merchant_id, axes[looks % len(axes)], ranges)
        looks += 1
        if top is None:
            return (), looks
        before, ranges = ranges[-1][1], cut(ranges, 1, top)
        if not ranges:
            return (), looks
        agreed = agreed + 1 if ranges[-1][1] == before else 1
    return ranges, looks


async def highest(session: AsyncSession, merchant_id: int) -> int:
    """The merchant's last serial, 0 where there is none."""
    query = select(func.max(CARDS.c.serial)).where(CARDS.c.merchant_id == merchant_id)
    return (await session.execute(query)).scalar_one() or 0


async def count_up_to(session: AsyncSession, merchant_id: int, found: Resolved, cap: int) -> int | None:
    """How many match, counting no further than `cap`; None where that alone would scan too much."""
    if found.nothing:
        return 0
    axes = _axes(found) or [_state_axis(found)]
    if found.number_key or len(axes) > 1 or max(len(found.ranges), len(axes[0].values)) > _MOST_VALUES:
        return None
    met = [CARDS.c.merchant_id == merchant_id, _in_ranges(found.ranges), axes[0].condition]
    capped = _by(select(literal(1)).where(*met).limit(cap), axes[0].index).subquery()
    return (await session.execute(select(func.count()).select_from(capped))).scalar_one()


def whole(found: Resolved) -> bool:
    """Whether one index tells all that `groups` needs, so that millions can be grouped without their rows."""
    return found.activated is None and found.redeemed is None and not found.number_key


def _way(
    merchant_id: int, found: Resolved, ranges: Sequence[Range], driven: Driver | None
) -> tuple[list[Condition], str]:
    """The conditions for reading all that matches, and the index to read it through."""
    met = conditions(merchant_id, found, ranges)
    if driven is not None:
        return [*met, driven.condition], driven.index
    if whole(found):
        return [*met, _state_axis(found).condition], _STATE_INDEX
    return met, _SERIAL_INDEX


async def groups(
    session: AsyncSession, merchant_id: int, found: Resolved, ranges: Sequence[Range], driven: Driver | None
) -> Sequence[AnyRow]:
    """What matches, grouped by state: status, used, terms_id, how many cards, first and last serial."""
    met, index = _way(merchant_id, found, ranges, driven)
    query: AnySelect = select(
        CARDS.c.status,
        CARDS.c.used,
        CARDS.c.terms_id,
        func.count().label("cards"),
        func.min(CARDS.c.serial).label("first"),
        func.max(CARDS.c.serial).label("last"),
    ).where(*met)
    grouped = query.group_by(CARDS.c.status, CARDS.c.used, CARDS.c.terms_id)
    return list(await session.execute(_by(grouped, index)))


async def each(
    session: AsyncSession, merchant_id: int, found: Resolved, ranges: Sequence[Range], driven: Driver | None
) -> Sequence[AnyRow]:
    """What matches, card by card: serial, status, used, terms_id.

    In one statement: a card that changes from one state to another meanwhile is neither missed nor counted twice.
    """
    met, index = _way(merchant_id, found, ranges, driven)
    query: AnySelect = select(CARDS.c.serial, CARDS.c.status, CARDS.c.used, CARDS.c.terms_id).where(*met)
    return list(await session.execute(_by(query, index)))


_ROW = (
    CARDS.c.id,
    CARDS.c.serial,
    CARDS.c.number,
    CARDS.c.batch_id,
    CARDS.c.terms_id,
    CARDS.c.status,
    CARDS.c.used,
    CARDS.c.uses_total,
    CARDS.c.uses_left,
    CARDS.c.activated_at,
    CARDS.c.redeemed_at,
    BATCHES.c.code.label("batch_code"),
    BATCHES.c.created_at.label("made_at"),
)


async def rows(session: AsyncSession, merchant_id: int, serials: Sequence[int]) -> Sequence[AnyRow]:
    """The cards with these serials, newest first."""
    if not serials:
        return []
    query = (
        select(*_ROW)
        .join(BATCHES, BATCHES.c.id == CARDS.c.batch_id)
        .where(CARDS.c.merchant_id == merchant_id, CARDS.c.serial.in_(serials))
        .order_by(CARDS.c.serial.desc())
    )
    return (await session.execute(query)).all()


async def one(session: AsyncSession, merchant_id: int, card_id: int) -> AnyRow | None:
    """A card by its id; one that was deleted, or whose batch is not ready, is none."""
    query = (
        select(*_ROW)
        .join(BATCHES, BATCHES.c.id == CARDS.c.batch_id)
        .where(
            CARDS.c.merchant_id == merchant_id,
            CARDS.c.id == card_id,
            CARDS.c.status != "deleted",
            BATCHES.c.status == "ready",
        )
    )
    return (await session.execute(query)).first()
