"""One request, one transaction: the only place that begins, commits and rolls back."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from tihuo.db import direct
from tihuo.db import engine as engines

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]
AfterCommit = Callable[[], Awaitable[None]]
WAKE = "wake"

_TRIES = 4
# MySQL: deadlock found, lock wait timeout. Both mean: nothing was done, begin anew.
_BEGIN_ANEW = {1205, 1213}
# A number drawn twice, a key kept twice, a merchant's first two batches, or the same terms or filter written at
# the same moment: the second try sees the first one's row.
RETRIED_CONSTRAINTS = (
    "uq_orders_merchant_id_number",
    "uq_orders_merchant_id_token",
    "uq_redemptions_merchant_id_request_key",
    "uq_idempotency_keys_merchant_id_scope_key",
    "uq_serial_counters_merchant_id",
    "uq_product_sets_merchant_id_digest",
    "uq_card_terms_merchant_id_digest",
    "uq_saved_filters_merchant_id_staff_id_name",
)
_SQLITE_COLUMNS = ("orders.number", "orders.token", "redemptions.request_key", "idempotency_keys.key")


class UnitOfWork:
    """Runs work in transactions on one engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._writing = engine
        self._reading = engine.execution_options(**{engines.READ_ONLY: True})
        self._on_commit: dict[str, AfterCommit] = {}

    def on_commit(self, name: str, callback: AfterCommit) -> None:
        """Have `callback` run after each commit in which somebody asked to `wake` this name."""
        self._on_commit[name] = callback

    async def run(self, work: Work[T], *, writes: bool = True) -> T:
        """Do `work` in one transaction and commit it.

        Whatever it raises undoes all of it. `work` may be run again when the database asks for that, so it
        touches nothing but the database. What it returned may be told to others: it is committed.
        """
        for attempt in range(1, _TRIES + 1):
            session = AsyncSession(self._writing if writes else self._reading, expire_on_commit=False)
            try:
                result = await work(session)
                await direct.flush(session)
                await session.commit()
            except DBAPIError as error:
                await session.rollback()
                if attempt == _TRIES or not _worth_another_try(error):
                    raise
                await asyncio.sleep(random.uniform(0.005, 0.05) * attempt)  # noqa: S311 - only spreads retries
                continue
            except BaseException:
                await session.rollback()
                raise
            finally:
                await session.close()
            for name in session.info.get(WAKE, ()):
                if callback := self._on_commit.get(name):
                    await callback()
            return result
        raise AssertionError("the loop returns or raises")

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def wake(session: AsyncSession, name: str) -> None:
    """Have whoever waits under `name` looked up after the commit; nothing happens if it is undone."""
    session.info.setdefault(WAKE, set()).add(name)


def _worth_another_try(error: DBAPIError) -> bool:
    original = error.orig
    if isinstance(error, IntegrityError):
        return any(name in str(original) for name in (*RETRIED_CONSTRAINTS, *_SQLITE_COLUMNS))
    code = original.args[0] if original is not None and original.args else None
    return code in _BEGIN_ANEW or "database is locked" in str(original)
