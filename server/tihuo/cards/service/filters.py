"""Filters of the card list that an account keeps."""

from tihuo.cards import models
from tihuo.cards.errors import SavedFilterNameTaken, SavedFilterNotFound, TooManySavedFilters
from tihuo.cards.queries import changing
from tihuo.cards.schemas import SavedFilter, SavedFilterIn, SavedFilterList
from tihuo.db import Session, now

MOST = 30


async def saved_filters(session: Session, merchant_id: int, staff_id: int) -> SavedFilterList:
    """The account's filters, oldest first."""
    rows = await changing.saved_filters(session, merchant_id, staff_id)
    return SavedFilterList(items=[SavedFilter.model_validate(row) for row in rows])


async def save_filter(session: Session, merchant_id: int, staff_id: int, body: SavedFilterIn) -> SavedFilter:
    """Keep a filter under a name. Raises SavedFilterNameTaken, TooManySavedFilters."""
    kept = await changing.saved_filters(session, merchant_id, staff_id)
    if len(kept) >= MOST:
        raise TooManySavedFilters(limit=MOST)
    if any(row.name == body.name for row in kept):
        raise SavedFilterNameTaken(name=body.name)
    row = models.SavedFilter(
        merchant_id=merchant_id, staff_id=staff_id, name=body.name, filter=body.filter.chosen(), created_at=now()
    )
    return SavedFilter.model_validate(await changing.add_saved_filter(session, merchant_id, row))


async def forget_filter(session: Session, merchant_id: int, staff_id: int, filter_id: int) -> None:
    """Forget one. Raises SavedFilterNotFound."""
    if not await changing.forget_saved_filter(session, merchant_id, staff_id, filter_id):
        raise SavedFilterNotFound()
