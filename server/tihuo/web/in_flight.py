"""What a process is still working on, so that stopping it can wait."""

import asyncio


class InFlight:
    """The handlers that have begun and not ended."""

    def __init__(self) -> None:
        self._working: set[object] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, handler: object) -> None:
        """Note that `handler` began."""
        self._working.add(handler)
        self._idle.clear()

    def discard(self, handler: object) -> None:
        """Note that `handler` ended; again is harmless."""
        self._working.discard(handler)
        if not self._working:
            self._idle.set()

    async def ended(self) -> None:
        """Wait until nothing is worked on."""
        await self._idle.wait()
