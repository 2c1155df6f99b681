"""An action on a selection: to these cards and no others, so many a step, each as it is at that moment."""

from collections import Counter
from typing import Any

from pyroaring import BitMap64

from tihuo.audit.service import Actor
from tihuo.cards.schemas import Action, CardEdit
from tihuo.cards.service import changing
from tihuo.cards.service.changing import Outcome
from tihuo.db import Session
from tihuo.jobs.task import Task


async def run(task: Task) -> None:
    """Do the action that `changing.apply` asked for."""
    selection = await task.read(
        lambda session: changing.load_selection(session, task.merchant_id, task.input["selection_id"])
    )
    serials = BitMap64.deserialize(selection.serials)
    action: Action = task.input["action"]
    edit = CardEdit(**task.input["edit"]) if action == "edit" else None
    actor = Actor(task.staff_id, task.created_by, task.address)
    while task.done < len(serials):
        runs, count = changing.next_runs(serials, task.done)

        async def work(session: Session, runs: changing.Runs = runs) -> Outcome:
            return await changing.change_chunk(session, task.merchant_id, runs, action, edit, actor, task.id)

        await task.step(work, state=lambda outcome: _added(task.state, outcome), done=task.done + count)
    total = Outcome(task.state.get("changed", 0), Counter(task.state.get("unchanged", {})))
    await task.finish(
        lambda session: changing.record_outcome(session, task.merchant_id, actor, selection, task.id, total)
    )


def _added(state: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    unchanged = Counter(state.get("unchanged", {})) + outcome.unchanged
    return {"changed": state.get("changed", 0) + outcome.changed, "unchanged": dict(unchanged)}
