"""`python -m tests.concurrency.unguarded_server web`: Tihuo with all that guards a card taken away.

For the control of test_exactly_once.py: whoever tests for a race must have seen that the test can see one.
Taken away are the condition of the UPDATE that uses a card up, the unique use of a card, the turns that
tries at one card take within a process, and on SQLite, whose one writer would do for a guard, the reading
of the card inside of the writing transaction.
"""

import asyncio
import datetime as dt
from contextvars import ContextVar
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from tihuo import cli
from tihuo.audit.service import Actor
from tihuo.cards.queries import lookup as cards
from tihuo.db import engine as engines
from tihuo.db import now
from tihuo.db.base import AnyRow
from tihuo.merchants import service as merchants
from tihuo.merchants.service import Shop
from tihuo.orders.schemas import CustomerOrder
from tihuo.redemption import queries as redemptions
from tihuo.redemption import service as redemption
from tihuo.redemption.schemas import CardIn, RedeemIn
from tihuo.redemption.service import redeeming
from tihuo.redemption.service.checking import right_card
from tihuo.vault import CardVault
from tihuo.web.guard import Guard

_TAKE_ANYWAY = (
    update(cards.CARDS)
    .where(cards.CARDS.c.id == bindparam("card_id"), cards.CARDS.c.merchant_id == bindparam("merchant"))
    .values(uses_left=cards.CARDS.c.uses_left - 1, redeemed_at=bindparam("at"))
)
_read_before: ContextVar[AnyRow | None] = ContextVar("read_before")


async def _take_use(
    session: AsyncSession, merchant_id: int, card_id: int, *, seen: int, terms_id: int, today: dt.date
) -> bool:
    values = {"card_id": card_id, "merchant": merchant_id, "at": now()}
    await session.execute(_TAKE_ANYWAY, values, execution_options={"synchronize_session": False})
    return True


class _NoTurns(dict[str, asyncio.Lock]):
    def setdefault(self, _key: str, default: Any = None) -> Any:
        return default


def _take_guards_away() -> None:
    add, redeem, read, begin_guard = redemptions.add, redemption.redeem, right_card, Guard.__init__

    async def add_any(session: AsyncSession, merchant_id: int, **values: Any) -> None:
        # NULL is never a double.
        await add(session, merchant_id, **{**values, "use_number": None})

    def without_turns(self: Guard, *arguments: Any) -> None:
        begin_guard(self, *arguments)
        self._turns = _NoTurns()  # type: ignore[assignment]

    async def redeem_what_was_read(
        session: AsyncSession, vault: CardVault, slug: str, body: RedeemIn, key: str, operator: Actor | None = None
    ) -> CustomerOrder:
        assert isinstance(session.bind, AsyncEngine)
        if session.bind.dialect.name == "sqlite":
            reading = session.bind.execution_options(**{engines.READ_ONLY: True})
            async with AsyncSession(reading) as before:
                _read_before.set(await read(before, vault, await merchants.by_slug(before, slug), body))
        return await redeem(session, vault, slug, body, key, operator)

    async def card(session: AsyncSession, vault: CardVault, shop: Shop, body: CardIn) -> AnyRow:
        return _read_before.get(None) or await read(session, vault, shop, body)

    cards.take_use = _take_use
    redemptions.add = add_any
    redemption.redeem = redeem_what_was_read
    vars(redeeming)["right_card"] = card
    Guard.__init__ = without_turns  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    _take_guards_away()
    cli.main()
