"""Ending background tasks."""

import asyncio

_AGAIN = 1.0


async def end(*tasks: "asyncio.Task[None]") -> None:
    """Cancel tasks and wait until they have ended, however they end.

    Once may not be enough: a cancellation that falls into the closing of a database connection can be lost there.
    """
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)
