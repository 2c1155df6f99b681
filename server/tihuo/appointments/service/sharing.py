"""A day's quota in slots: how much room each has, and how places are shared out anew when a quota changes."""

import datetime as dt
from collections.abc import Mapping

from tihuo.appointments.queries import slots
from tihuo.db import Session

SLOTS = 16
_NO_LIMIT = 2**31 - 1


def room(quota: int | None, slot: int) -> int:
    """How many places a slot has; all of a day's slots together have the quota."""
    if quota is None:
        return _NO_LIMIT
    return quota // SLOTS + (slot < quota % SLOTS)


def shifts(taken: Mapping[int, int], quota: int) -> dict[int, int]:
    """By how much each slot must change so that none is over its room while another is under it; 0 in sum."""
    over = {slot: taken.get(slot, 0) - room(quota, slot) for slot in range(SLOTS)}
    found: dict[int, int] = {}
    under = [slot for slot in over if over[slot] < 0]
    for slot in over:
        while over[slot] > 0 and under:
            other = under[-1]
            moved = min(over[slot], -over[other])
            for changed, by in ((slot, -moved), (other, moved)):
                over[changed] += by
                found[changed] = found.get(changed, 0) + by
            if over[other] == 0:
                under.pop()
    return found


async def share_anew(
    session: Session,
    merchant_id: int,
    today: dt.date,
    before: Mapping[int, int | None],
    after: Mapping[int, int | None],
) -> None:
    """Share the places of each day from `today` on among its slots, where a quota changed.

    `before`, `after`: quotas by product, the shop's under 0. A redemption that read the rule before it changed may
    still come with the old quota.
    """
    changed = {product_id: quota for product_id, quota in after.items() if quota != before.get(product_id)}
    limited = {product_id: quota for product_id, quota in changed.items() if quota is not None}
    if not limited:
        return
    seen: dict[tuple[dt.date, bool, int], dict[int, int]] = {}
    for row in await slots.of_products(session, merchant_id, list(limited), today):
        # The order in which they are locked, see taking.py.
        key = (row.day, row.product_id == 0, row.product_id)
        seen.setdefault(key, {})[row.slot] = row.taken
    for (day, _, product_id), unlocked in sorted(seen.items()):
        if not shifts(unlocked, limited[product_id]):
            continue
        taken = await slots.taken_for_update(session, merchant_id, product_id, day)
        for slot, by in sorted(shifts(taken, limited[product_id]).items()):
            if slot not in taken:
                await slots.add(session, merchant_id, product_id, day, slot)
            await slots.shift(session, merchant_id, product_id, day, slot, by)
