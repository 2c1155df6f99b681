"""Rules for choosing days, as staff would save them."""

from typing import Any

from tests.factories.shops import HOST, Shop
from tihuo.appointments import service as appointments
from tihuo.appointments.schemas import Rule
from tihuo.db import Session

NOTHING: dict[str, Any] = {
    "mode": "none",
    "required": False,
    "earliest_days": 1,
    "latest_days": 30,
    "cutoff": None,
    "first": None,
    "last": None,
    "closed_dates": [],
    "extra_dates": [],
    "weekdays": [1, 2, 3, 4, 5, 6, 7],
    "quota": None,
    "product_quotas": [],
    "product_lead_days": [],
    "region_lead_days": [],
    "note": "",
}


def written(**changed: Any) -> dict[str, Any]:
    """A rule's JSON: a window from tomorrow to the thirtieth day, with some fields changed."""
    return {**NOTHING, "mode": "window", **changed}


def rule(**changed: Any) -> Rule:
    return Rule.model_validate(written(**changed))


async def save(shop: Shop, **changed: Any) -> Rule:
    """Give a shop a rule."""

    async def work(session: Session) -> Rule:
        return await appointments.change_rule(session, shop.id, rule(**changed), HOST)

    saved: Rule = await shop.run(work)
    return saved
