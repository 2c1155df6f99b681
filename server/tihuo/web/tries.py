"""Limits on failed tries at staff passwords (spec A); those of cards are guarded by web/guard.py.

Only failures count. Within a process the tries at one account wait for each other: a burst of guesses can't run
ahead of the counting.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import Redis

from tihuo.errors import AppError, TooManyTries


class Tries:
    """Counts failures per key in a window that begins with the first one."""

    def __init__(self, redis: Redis | None, window: int) -> None:
        self._limiter = FixedWindowRateLimiter(_storage(redis))
        self._window = window
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._gates: WeakValueDictionary[str, _Gate] = WeakValueDictionary()

    @asynccontextmanager
    async def watch(
        self, failure: type[AppError], subject: str, address: str, *, per_subject: int, per_address: int
    ) -> AsyncIterator[None]:
        """Let one try through, counting it when it ends in `failure`.

        `subject` (an account) and `address` have limits of their own. A try that succeeds clears the
        subject's count. Raises TooManyTries, whatever the try would have given.
        """
        limit = RateLimitItemPerSecond(per_subject, self._window, namespace="tries")
        turn = self._turns.setdefault(subject, asyncio.Lock())
        async with turn:
            await self._left(limit, subject)
            async with self._one_from(address, per_address, failure):
                try:
                    yield
                except failure:
                    await self._limiter.hit(limit, subject)
                    raise
            await self._limiter.clear(limit, subject)

    @asynccontextmanager
    async def _one_from(self, address: str, allowed: int, failure: type[AppError]) -> AsyncIterator[None]:
        """One of the address's tries; as many at a time as might still fail. The others wait how those end."""
        limit = RateLimitItemPerSecond(allowed, self._window, namespace="tries")
        gate = self._gates.setdefault(address, _Gate())
        async with gate.changed:
            try:
                while await self._left(limit, address) <= gate.inside:
                    await gate.changed.wait()
            except BaseException:
                # The next one in the queue is to hear it too.
                gate.changed.notify()
                raise
            gate.inside += 1
        failed = False
        try:
            yield
        except failure:
            failed = True
            raise
        finally:
            async with gate.changed:
                gate.inside -= 1
                gate.changed.notify()
                if failed:
                    await self._limiter.hit(limit, address)

    async def _left(self, limit: RateLimitItemPerSecond, key: str) -> int:
        """How many tries are left. Raises TooManyTries where there are none."""
        reset, left = await self._limiter.get_window_stats(limit, key)
        if left <= 0:
            raise TooManyTries(max(1, int(reset - time.time()) + 1))
        return left


class _Gate:
    """The tries of one address that are under way in this process."""

    def __init__(self) -> None:
        self.inside = 0
        self.changed = asyncio.Condition()


def _storage(redis: Redis | None) -> Storage:
    if redis is None:
        return MemoryStorage()
    # The URI only chooses the driver: the connections are the application's own, and close with them.
    return RedisStorage(
        "async+redis://",
        implementation="redispy",
        connection_pool=redis.connection_pool,  # type: ignore[arg-type]  # its annotation leaves out what it hands on
    )
