"""Limits on failed tries: of card passwords, of sign-ins (spec A, G "Guessing").

Only failures count, so that fifty honest requests for one card are all answered. Within a process the tries
at one thing wait for each other: a burst of guesses can't run ahead of the counting.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import ConnectionPool

from tihuo.errors import AppError, TooManyTries


class Tries:
    """Counts failures per key in a window (in seconds) that begins with the first one.

    In the Redis at `redis_url`, over the process's `connections`; within the process where none is set.
    """

    def __init__(self, redis_url: str, connections: ConnectionPool, window: int) -> None:
        storage = (
            RedisStorage(
                f"async+{redis_url}",
                implementation="redispy",
                connection_pool=connections,  # type: ignore[arg-type]  # typed for plain options, documented to take a pool
            )
            if redis_url
            else MemoryStorage()
        )
        self._limiter = FixedWindowRateLimiter(storage)
        self._window = window
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def watch(
        self, failure: type[AppError], subject: str, address: str, *, per_subject: int, per_address: int
    ) -> AsyncIterator[None]:
        """Let one try through, counting it when it ends in `failure`.

        `subject` (a card, an account) and `address` have limits of their own. A try that succeeds clears the
        subject's count. Raises TooManyTries, whatever the try would have given.
        """
        limits = (
            (RateLimitItemPerSecond(per_subject, self._window, namespace="tries"), subject),
            (RateLimitItemPerSecond(per_address, self._window, namespace="tries"), address),
        )
        turn = self._turns.setdefault(subject, asyncio.Lock())
        async with turn:
            for limit, key in limits:
                if not await self._limiter.test(limit, key):
                    reset, _ = await self._limiter.get_window_stats(limit, key)
                    raise TooManyTries(max(1, int(reset - time.time()) + 1))
            try:
                yield
            except failure:
                for limit, key in limits:
                    await self._limiter.hit(limit, key)
                raise
            await self._limiter.clear(limits[0][0], subject)
