"""The merchant's rule: read on every redemption, changed now and then."""

from functools import lru_cache

from tihuo.addresses import service as addresses
from tihuo.appointments.queries import rules as queries
from tihuo.appointments.schemas import Rule
from tihuo.appointments.service import sharing
from tihuo.appointments.service.days import Calendar
from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.catalog import service as catalog
from tihuo.db import Session
from tihuo.db.direct import Ask
from tihuo.errors import InvalidRequest
from tihuo.merchants import service as merchants

# Before the merchant says otherwise; also what a form begins with.
NO_DAYS = Rule(
    mode="none",
    required=False,
    earliest_days=1,
    latest_days=30,
    cutoff=None,
    first=None,
    last=None,
    closed_dates=[],
    extra_dates=[],
    weekdays=[1, 2, 3, 4, 5, 6, 7],
    quota=None,
    product_quotas=[],
    product_lead_days=[],
    region_lead_days=[],
    note="",
)
_NO_DAYS = Calendar(NO_DAYS)


def calendar_ahead(merchant_id: int) -> Ask:
    """What `calendar` would ask."""
    return queries.text_ahead(merchant_id)


async def calendar(session: Session, merchant_id: int) -> Calendar:
    """The merchant's rule, ready to be asked; one statement."""
    text = await queries.text(session, merchant_id)
    return _NO_DAYS if text is None else _calendar(text)


async def rule(session: Session, merchant_id: int) -> Rule:
    """The merchant's rule as it stands."""
    return (await calendar(session, merchant_id)).rule


async def change_rule(session: Session, merchant_id: int, body: Rule, actor: Actor) -> Rule:
    """Save the rule; what changed is on record. Raises InvalidRequest for an unknown product or area.

    Where a quota changed, the places taken on each day are shared out among its slots anew, so that the day is full
    just when the new quota is reached.
    """
    await _check(session, merchant_id, body)
    text = await queries.text_for_update(session, merchant_id)
    before = _NO_DAYS if text is None else _calendar(text)
    after = Calendar(body)
    old, new = before.rule.model_dump(mode="json"), body.model_dump(mode="json")
    changed = [name for name, value in new.items() if old[name] != value]
    if not changed:
        return body
    await queries.save(session, merchant_id, body.model_dump_json())
    await audit.record(
        session,
        merchant_id,
        actor,
        "changed",
        "appointment_rules",
        merchant_id,
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
    )
    today = (await merchants.get(session, merchant_id)).today()
    await sharing.share_anew(session, merchant_id, today, _quotas(before), _quotas(after))
    return body


@lru_cache(maxsize=256)
def _calendar(text: str) -> Calendar:
    return Calendar(Rule.model_validate_json(text))


def _quotas(calendar: Calendar) -> dict[int, int | None]:
    """Quotas by product, the shop's under 0."""
    rule = calendar.rule
    return {0: rule.quota, **{entry.product_id: entry.quota for entry in rule.product_quotas}}


async def _check(session: Session, merchant_id: int, body: Rule) -> None:
    """Raise InvalidRequest for products that are not the merchant's and codes of no area."""
    named = [
        (f"product_quotas.{index}.product_id", f"商品每日限量第 {index + 1} 项", entry.product_id)
        for index, entry in enumerate(body.product_quotas)
    ] + [
        (f"product_lead_days.{index}.product_id", f"商品备货天数第 {index + 1} 项", entry.product_id)
        for index, entry in enumerate(body.product_lead_days)
    ]
    wanted = {product_id for _, _, product_id in named}
    own = {product.id for product in await catalog.get_many(session, merchant_id, sorted(wanted))} if wanted else set()
    wrong = [
        {"field": field, "code": "product_unknown", "message": f"{label}：没有这个商品，请重新选择"}
        for field, label, product_id in named
        if product_id not in own
    ]
    wrong += [
        {
            "field": f"region_lead_days.{index}.code",
            "code": "area_unknown",
            "message": f"地区备货天数第 {index + 1} 项：没有这个地区，请重新选择",
        }
        for index, entry in enumerate(body.region_lead_days)
        if not addresses.known(entry.code)
    ]
    if wrong:
        raise InvalidRequest(wrong)
