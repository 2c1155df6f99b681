"""Changing cards. The state is part of each statement: a redemption at the same moment wins or loses whole."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, func, insert, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.cards.models import Card, CardChange, CardSelection, SavedFilter
from tihuo.cards.schemas import StatusAction
from tihuo.db.base import AnyRow, now, rowcount, table

CARDS = table(Card)
_CHANGE = insert(table(CardChange))
State = tuple[str, int, int]


def _among(merchant_id: int, runs: Sequence[tuple[int, int]]) -> Any:
    """The cards whose serials lie in the runs; many short runs are cheaper as a list."""
    if len(runs) > 40:
        serials = [serial for first, last in runs for serial in range(first, last + 1)]
        return and_(CARDS.c.merchant_id == merchant_id, CARDS.c.serial.in_(serials))
    return and_(CARDS.c.merchant_id == merchant_id, or_(*(CARDS.c.serial.between(first, last) for first, last in runs)))


async def states_for_update(
    session: AsyncSession, merchant_id: int, runs: Sequence[tuple[int, int]]
) -> Sequence[AnyRow]:
    """The cards of the runs, locked and grouped: status, used, terms_id; count, first and last serial of each."""
    query = (
        select(
            CARDS.c.status,
            CARDS.c.used,
            CARDS.c.terms_id,
            func.count().label("cards"),
            func.min(CARDS.c.serial).label("first"),
            func.max(CARDS.c.serial).label("last"),
        )
        .where(_among(merchant_id, runs))
        .group_by(CARDS.c.status, CARDS.c.used, CARDS.c.terms_id)
        .with_for_update()
    )
    return (await session.execute(query)).all()


async def in_state(session: AsyncSession, merchant_id: int, runs: Sequence[tuple[int, int]], state: State) -> list[int]:
    """The serials of the runs' cards that are in one state."""
    query = select(CARDS.c.serial).where(_among(merchant_id, runs), *_state(state))
    return list(await session.scalars(query))


def _state(state: State) -> list[Any]:
    return [CARDS.c.status == state[0], CARDS.c.used == state[1], CARDS.c.terms_id == state[2]]


async def change_status(
    session: AsyncSession,
    merchant_id: int,
    runs: Sequence[tuple[int, int]],
    state: State,
    action: StatusAction,
    today: dt.date,
) -> int:
    """Change those of the runs' cards that are in `state`, which the action fits; answers how many."""
    # MySQL assigns from left to right: what is kept must be read before the status changes.
    changes: dict[str, list[tuple[Any, Any]]] = {
        "activate": [(CARDS.c.status, "active"), (CARDS.c.activated_at, now()), (CARDS.c.activated_day, today)],
        "deactivate": [(CARDS.c.status, "inactive")],
        "void": [(CARDS.c.status_before_void, CARDS.c.status), (CARDS.c.status, "void")],
        "restore": [(CARDS.c.status, CARDS.c.status_before_void), (CARDS.c.status_before_void, null())],
    }
    return await _update(session, merchant_id, runs, state, changes[action])


async def give_terms(
    session: AsyncSession, merchant_id: int, runs: Sequence[tuple[int, int]], state: State, terms_id: int
) -> int:
    """Give those of the runs' cards that are in `state` other terms; answers how many."""
    return await _update(session, merchant_id, runs, state, [(CARDS.c.terms_id, terms_id)])


async def delete_void(session: AsyncSession, merchant_id: int, runs: Sequence[tuple[int, int]], state: State) -> int:
    """Delete the runs' void cards for ever: password and all. The row stays, so that the number stays retired.

    Its terms and days go as well: what finds cards by these never comes upon deleted ones.
    """
    erased = [
        (CARDS.c.status, "deleted"),
        (CARDS.c.status_before_void, null()),
        (CARDS.c.terms_id, 0),
        (CARDS.c.activated_day, null()),
        (CARDS.c.password_mac, b""),
        (CARDS.c.password_sealed, b""),
    ]
    return await _update(session, merchant_id, runs, state, erased)


async def _update(
    session: AsyncSession,
    merchant_id: int,
    runs: Sequence[tuple[int, int]],
    state: State,
    changes: list[tuple[Any, Any]],
) -> int:
    statement = update(CARDS).where(_among(merchant_id, runs), *_state(state)).ordered_values(*changes)
    return rowcount(await session.execute(statement, execution_options={"synchronize_session": False}))


async def add_change(session: AsyncSession, merchant_id: int, values: dict[str, Any]) -> None:
    await session.execute(_CHANGE, {"merchant_id": merchant_id, "at": now(), **values})


async def changes_of(session: AsyncSession, merchant_id: int, serial: int, longest: int) -> Sequence[CardChange]:
    """What was done to stretches of at most `longest` serials that hold this one, oldest first."""
    query = (
        select(CardChange)
        .where(
            CardChange.merchant_id == merchant_id,
            CardChange.first_serial.between(serial - longest + 1, serial),
            CardChange.last_serial >= serial,
        )
        .order_by(CardChange.id)
    )
    return (await session.scalars(query)).all()


async def add_selection(session: AsyncSession, merchant_id: int, row: CardSelection) -> CardSelection:
    assert row.merchant_id == merchant_id
    session.add(row)
    await session.flush()
    return row


async def selection(session: AsyncSession, merchant_id: int, selection_id: int) -> CardSelection | None:
    query = select(CardSelection).where(CardSelection.merchant_id == merchant_id, CardSelection.id == selection_id)
    return (await session.scalars(query)).one_or_none()


async def selection_for_update(session: AsyncSession, merchant_id: int, selection_id: int) -> CardSelection | None:
    query = (
        select(CardSelection)
        .where(CardSelection.merchant_id == merchant_id, CardSelection.id == selection_id)
        .with_for_update()
    )
    return (await session.scalars(query)).one_or_none()


async def saved_filters(session: AsyncSession, merchant_id: int, staff_id: int) -> Sequence[SavedFilter]:
    query = (
        select(SavedFilter)
        .where(SavedFilter.merchant_id == merchant_id, SavedFilter.staff_id == staff_id)
        .order_by(SavedFilter.id)
    )
    return (await session.scalars(query)).all()


async def add_saved_filter(session: AsyncSession, merchant_id: int, row: SavedFilter) -> SavedFilter:
    assert row.merchant_id == merchant_id
    session.add(row)
    await session.flush()
    return row


async def forget_saved_filter(session: AsyncSession, merchant_id: int, staff_id: int, filter_id: int) -> bool:
    """Whether there was one, and now is none."""
    statement = delete(SavedFilter).where(
        SavedFilter.merchant_id == merchant_id, SavedFilter.staff_id == staff_id, SavedFilter.id == filter_id
    )
    return rowcount(await session.execute(statement, execution_options={"synchronize_session": False})) == 1


async def forget_selections(session: AsyncSession, before: dt.datetime, limit: int) -> int:
    """Take out up to `limit` of all merchants' that no job used and that are older than `before`; how many."""
    query = select(CardSelection.id).where(CardSelection.created_at < before, CardSelection.job_id.is_(None))
    ids = (await session.scalars(query.limit(limit))).all()
    if not ids:
        return 0
    return rowcount(await session.execute(delete(CardSelection).where(CardSelection.id.in_(ids))))
