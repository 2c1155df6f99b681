"""Changing cards: one, or all that a filter found (manual: 批量操作, 批量修改卡属性, 批量作废, 批量删除)."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap64

from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.cards import models
from tihuo.cards.errors import (
    CardActionRefused,
    CardNotFound,
    NothingSelected,
    NothingToChange,
    SelectionDiffers,
    SelectionExpired,
    SelectionNotFound,
)
from tihuo.cards.models import UNUSED, USED_UP
from tihuo.cards.queries import changing, finding, making, terms
from tihuo.cards.queries.terms import Attributes
from tihuo.cards.schemas import Action, Card, CardEdit, CardFilter, Finding, Selection, SelectionIn, StatusAction
from tihuo.cards.service import listing
from tihuo.cards.service.making import LANE, PERMISSION, check_distributor, product_set
from tihuo.db import Session, now
from tihuo.db.base import AnyRow
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.errors import invalid_field
from tihuo.jobs import queue
from tihuo.jobs.schemas import JobView
from tihuo.merchants import service as merchants

CHANGE = "change_cards"
GOOD_FOR = dt.timedelta(hours=1)
# A job changes so many cards in one transaction, from a stretch of serials no longer than this.
CHUNK = 5_000
SPAN = 50_000
_MOST_RUNS = 40
_SCATTERED = 1_000

Runs = list[tuple[int, int]]
State = tuple[str, int, int]

_ONE_BY_ONE: dict[str, str] = {
    "already_active": "这张卡已经是激活状态",
    "not_active": "这张卡还没有激活",
    "is_void": "这张卡已作废，请先恢复",
    "already_void": "这张卡已经作废",
    "redeemed": "这张卡已兑换，不能再作废",
    "used_up": "这张卡已兑换，不能再取消激活",
    "not_void": "这张卡没有作废，不用恢复",
}
_FINDINGS: dict[str, str] = {
    "already_active": "已经是激活状态",
    "not_active": "还没有激活",
    "is_void": "已作废，须先恢复",
    "already_void": "已经作废",
    "redeemed": "已兑换，不能作废",
    "used_up": "已兑换完，不能取消激活",
    "not_void": "没有作废，不用恢复",
    "only_void_deleted": "没有作废；只有已作废的卡才能删除",
    "same_already": "已经是这样，不用修改",
    "no_product_left": "去掉后就没有可提的商品",
    "dates_crossed": "改后有效期结束会早于开始",
    "changed_since": "核对之后已被删除",
}
WORDS: dict[Action, str] = {
    "activate": "激活",
    "deactivate": "取消激活",
    "void": "作废",
    "restore": "恢复",
    "edit": "修改",
    "delete": "删除",
}
_PAST: dict[Action, str] = {
    "activate": "activated",
    "deactivate": "deactivated",
    "void": "voided",
    "restore": "restored",
    "edit": "edited",
    "delete": "deleted",
}


def refusal(action: Action, status: str, used: int) -> str | None:
    """Why a card in this state would not change, as a code; None where it would, as far as its state goes."""
    if action == "edit":
        return None
    if action == "delete":
        return None if status == "void" else "only_void_deleted"
    if action == "restore":
        return None if status == "void" else "not_void"
    if status == "void":
        return "already_void" if action == "void" else "is_void"
    if action == "activate":
        return None if status == "inactive" else "already_active"
    if action == "void":
        return None if used == UNUSED else "redeemed"
    if status != "active":
        return "not_active"
    return "used_up" if used == USED_UP else None


async def edited(
    session: Session, merchant_id: int, edit: CardEdit, old: Attributes
) -> tuple[Attributes | None, str | None]:
    """The attributes after an edit, or why they stay (as a code)."""
    named = edit.model_fields_set
    changes: dict[str, Any] = {
        name: getattr(edit, name) for name in named & {"face_value_fen", "valid_from", "valid_until", "distributor_id"}
    }
    changes |= {name: getattr(edit, name) or "" for name in named & {"name", "remark"}}
    if edit.products is not None:
        chosen = set(edit.products.product_ids)
        if edit.products.mode != "replace":
            has = set(await terms.set_products(session, merchant_id, old.product_set_id))
            chosen = has | chosen if edit.products.mode == "add" else has - chosen
        if not chosen:
            return None, "no_product_left"
        changes["product_set_id"] = await terms.product_set(session, merchant_id, sorted(chosen))
    after = old.but(**changes)
    if after == old:
        return None, "same_already"
    if after.valid_from and after.valid_until and after.valid_until < after.valid_from:
        return None, "dates_crossed"
    return after, None


async def change_status(session: Session, merchant_id: int, card_id: int, action: StatusAction, actor: Actor) -> Card:
    """Activate, deactivate, void or restore one card. Raises CardNotFound, CardActionRefused."""
    row = await finding.one(session, merchant_id, card_id)
    if row is None:
        raise CardNotFound()
    outcome = await change_chunk(session, merchant_id, [(row.serial, row.serial)], action, None, actor, None)
    if not outcome.changed:
        raise CardActionRefused(reason=_ONE_BY_ONE[next(iter(outcome.unchanged))])
    await audit.record(session, merchant_id, actor, _PAST[action], "cards", card_id, number=row.number)
    return await listing.get_card(session, merchant_id, card_id)


@dataclass
class Outcome:
    """How many cards a chunk changed, and how many stayed, by reason (code)."""

    changed: int
    unchanged: Counter[str]


async def change_chunk(
    session: Session,
    merchant_id: int,
    runs: Runs,
    action: Action,
    edit: CardEdit | None,
    actor: Actor,
    job_id: int | None,
) -> Outcome:
    """Do the action to those of the runs' cards that it fits as they are now; what was done goes into their history.

    The cards are locked first, so that a redemption at the same moment comes before or after, never between.
    """
    today = (await merchants.get(session, merchant_id)).today()
    outcome = Outcome(0, Counter())
    rows = await changing.states_for_update(session, merchant_id, runs)
    attributes = await terms.many(session, merchant_id, {row.terms_id for row in rows}) if edit else {}
    missing = sum(last - first + 1 for first, last in runs) - sum(row.cards for row in rows if row.status != "deleted")
    if missing:
        outcome.unchanged["changed_since"] += missing
    for row in rows:
        if row.status == "deleted":
            continue
        state = (row.status, row.used, row.terms_id)
        code = refusal(action, row.status, row.used)
        new_terms = None
        if code is None and edit is not None:
            after, code = await edited(session, merchant_id, edit, attributes[row.terms_id])
            new_terms = await terms.of(session, merchant_id, after) if after else None
        if code is not None:
            outcome.unchanged[code] += row.cards
            continue
        members = None
        if row.cards < row.last - row.first + 1:
            members = BitMap64(await changing.in_state(session, merchant_id, runs, state)).serialize()
        changed = await _do(session, merchant_id, runs, state, action, new_terms, today)
        if changed != row.cards:
            raise RuntimeError(f"{changed} cards changed of {row.cards} that were locked")
        outcome.changed += changed
        before, after_values = _told(action, row, new_terms)
        await changing.add_change(
            session,
            merchant_id,
            {
                "first_serial": row.first,
                "last_serial": row.last,
                "count": row.cards,
                "members": members,
                "action": _PAST[action],
                "before": before,
                "after": after_values,
                "job_id": job_id,
                "staff_id": actor.staff_id,
                "name": actor.name,
                "address": actor.address,
            },
        )
    return outcome


async def _do(
    session: Session, merchant_id: int, runs: Runs, state: State, action: Action, new_terms: int | None, today: dt.date
) -> int:
    if action == "edit":
        assert new_terms is not None
        return await changing.give_terms(session, merchant_id, runs, state, new_terms)
    if action == "delete":
        return await changing.delete_void(session, merchant_id, runs, state)
    return await changing.change_status(session, merchant_id, runs, state, action, today)


def _told(action: Action, row: Any, new_terms: int | None) -> tuple[dict[str, Any], dict[str, Any]]:
    if action == "edit":
        return {"terms_id": row.terms_id}, {"terms_id": new_terms}
    after = {"activate": "active", "deactivate": "inactive", "void": "void", "delete": "deleted"}.get(action)
    before = {"status": row.status} | ({"terms_id": row.terms_id} if action == "delete" else {})
    return before, {"status": after} if after else {}


def runs_of(serials: BitMap64) -> Runs:
    """A set of serials as stretches, ascending."""
    runs: Runs = []
    for serial in serials:
        if runs and serial == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], serial)
        else:
            runs.append((serial, serial))
    return runs


def next_runs(serials: BitMap64, done: int) -> tuple[Runs, int]:
    """The next cards of a set after the first `done`, as stretches, and how many they are."""
    part = serials[done : done + CHUNK]
    first = part[0]
    if part[len(part) - 1] - first + 1 == len(part):
        return [(first, first + len(part) - 1)], len(part)
    near = BitMap64()
    near.add_range(first, first + SPAN)
    part &= near
    runs = runs_of(part)
    if len(runs) > _MOST_RUNS and len(part) > _SCATTERED:
        part = part[:_SCATTERED]
        runs = runs_of(part)
    return runs, len(part)


async def freeze(unit_of_work: UnitOfWork, merchant_id: int, wanted: CardFilter) -> tuple[BitMap64, Counter[State]]:
    """The serials of all that the filter finds, and how many are in which state; each card as it was when looked at."""

    async def begin(session: Session) -> finding.Resolved:
        return await listing.resolve(session, await merchants.get(session, merchant_id), wanted)

    found = await unit_of_work.run(begin, writes=False)
    serials = BitMap64()
    states: Counter[State] = Counter()
    async for part, driven, rows in listing.states(unit_of_work, merchant_id, found, card_by_card=True):
        if all(row.cards == row.last - row.first + 1 for row in rows):
            for row in rows:
                serials.add_range(row.first, row.last + 1)
                states[(row.status, row.used, row.terms_id)] += row.cards
            continue

        async def list_them(session: Session, part: Any = part, driven: Any = driven) -> Sequence[AnyRow]:
            return await finding.each(session, merchant_id, found, part, driven)

        listed = await unit_of_work.run(list_them, writes=False)
        serials |= BitMap64(row.serial for row in listed)
        states.update((row.status, row.used, row.terms_id) for row in listed)
    serials.run_optimize()
    return serials, states


async def select(unit_of_work: UnitOfWork, merchant_id: int, body: SelectionIn, actor: Actor) -> Selection:
    """Set down which cards the filter finds, how many the action would change, and why not the others.

    Raises NothingSelected, InvalidRequest.
    """
    edit = body.edit
    if (body.action == "edit") != (edit is not None and bool(edit.model_fields_set)):
        raise invalid_field("edit", "nothing_to_edit", "请勾选要修改的属性")
    serials, states = await freeze(unit_of_work, merchant_id, body.filter)
    if not serials:
        raise NothingSelected()

    async def work(session: Session) -> models.CardSelection:
        if edit is not None:
            await _check_edit(session, merchant_id, edit)
        attributes = await terms.many(session, merchant_id, {terms_id for _, _, terms_id in states})
        unchanged: Counter[str] = Counter()
        for (status, used, terms_id), count in states.items():
            code = refusal(body.action, status, used)
            if code is None and edit is not None:
                _, code = await edited(session, merchant_id, edit, attributes[terms_id])
            if code is not None:
                unchanged[code] += count
        row = models.CardSelection(
            merchant_id=merchant_id,
            staff_id=actor.staff_id,
            filter=body.filter.chosen(),
            action=body.action,
            edit=edit.chosen() if edit is not None else {},
            serials=serials.serialize(),
            count=len(serials),
            will_change=len(serials) - unchanged.total(),
            findings=findings(unchanged),
            created_at=now(),
        )
        return await changing.add_selection(session, merchant_id, row)

    row = await unit_of_work.run(work)
    return Selection(
        id=row.id,
        action=body.action,
        count=row.count,
        will_change=row.will_change,
        unchanged=[Finding(**one) for one in row.findings],
        first_serial=serials.min(),
        last_serial=serials.max(),
        needs_password=body.action == "delete",
        expires_at=row.created_at + GOOD_FOR,
    )


async def _check_edit(session: Session, merchant_id: int, edit: CardEdit) -> None:
    if edit.products is not None:
        await product_set(session, merchant_id, edit.products.product_ids)
    await check_distributor(session, merchant_id, edit.distributor_id)


def findings(unchanged: Counter[str]) -> list[dict[str, Any]]:
    """Why cards stay as they are, in words, the most frequent first."""
    return [{"code": code, "message": _FINDINGS[code], "count": count} for code, count in unchanged.most_common()]


async def needs_password(session: Session, merchant_id: int, selection_id: int) -> bool:
    """Whether applying the selection asks for the account's password. Raises SelectionNotFound."""
    row = await changing.selection(session, merchant_id, selection_id)
    if row is None:
        raise SelectionNotFound()
    return row.action == "delete" and row.job_id is None


async def apply(session: Session, merchant_id: int, selection_id: int, expected: int, actor: Actor) -> JobView:
    """Have the action done to the cards that were set down; asked again, the same job is answered.

    Raises SelectionNotFound, SelectionExpired, SelectionDiffers, NothingToChange.
    """
    # Asking puts the merchant's card jobs in an order, so that of two jobs on the same cards one comes first.
    await making.serial_counter_for_update(session, merchant_id)
    row = await changing.selection_for_update(session, merchant_id, selection_id)
    if row is None:
        raise SelectionNotFound()
    if row.job_id is not None:
        return await queue.get(session, merchant_id, (PERMISSION,), row.job_id)
    if now() - row.created_at > GOOD_FOR:
        raise SelectionExpired()
    if row.will_change == 0:
        raise NothingToChange()
    if expected != row.will_change:
        raise SelectionDiffers(count=row.will_change)
    action: Action = row.action  # type: ignore[assignment]  # it was an Action when it was written
    job = await queue.add(
        session,
        merchant_id,
        kind=CHANGE,
        lane=LANE,
        permission=PERMISSION,
        title=f"{WORDS[action]} {row.will_change:,} 张卡",
        total=row.count,
        input={"selection_id": row.id, "action": row.action, "edit": row.edit, "filter": row.filter},
        staff_id=actor.staff_id,
        created_by=actor.name,
        address=actor.address,
        cancellable=False,
    )
    row.job_id = job.id
    return job


async def load_selection(session: Session, merchant_id: int, selection_id: int) -> models.CardSelection:
    """A selection with its serials, for the job."""
    row = await changing.selection(session, merchant_id, selection_id)
    assert row is not None
    return row


async def record_outcome(
    session: Session, merchant_id: int, actor: Actor, row: models.CardSelection, job_id: int, outcome: Outcome
) -> dict[str, Any]:
    """Note what became of a selection; answers the job's result."""
    result = {"changed": outcome.changed, "unchanged": findings(outcome.unchanged)}
    action: Action = row.action  # type: ignore[assignment]  # it was an Action when it was written
    await audit.record(
        session,
        merchant_id,
        actor,
        _PAST[action],
        "cards",
        job_id=job_id,
        filter=row.filter,
        edit=row.edit,
        selected=row.count,
        changed=outcome.changed,
        unchanged=outcome.unchanged.total(),
    )
    return result


async def forget_selections(session: Session, before: dt.datetime) -> int:
    """Take out some of all merchants' dry runs older than `before` that nothing was done with; how many."""
    return await changing.forget_selections(session, before, 100)
