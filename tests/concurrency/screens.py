"""A staff screen that listens to the live events, as the admin does."""

import asyncio
from collections.abc import Collection
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import orjson
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.factories.shops import Shop
from tihuo.orders import events as order_events
from tihuo.web.sessions import COOKIE

ORDERS = frozenset(order_events.PERMISSIONS)


class Screen:
    """One WebSocket. Keeps every frame as it came in `frames`.

    Pings, and events of other kinds than `kinds`, are left out of what tests wait for: cards are made by jobs,
    and jobs are told of too.
    """

    def __init__(self, connection: WebSocketClientConnection, kinds: Collection[str] = ORDERS) -> None:
        self._connection = connection
        self._kinds = kinds
        self.frames: list[str] = []
        self._over = False

    @classmethod
    async def at(
        cls,
        base_url: str,
        cookie: str = "",
        *,
        after: int | str | None = None,
        kinds: Collection[str] = ORDERS,
        **headers: str,
    ) -> "Screen":
        """Connect; raises HTTPClientError where the server refuses."""
        query = "" if after is None else "?" + urlencode({"after": after})
        url = base_url.replace("http", "ws", 1) + "/api/m/live" + query
        given = {**({"Cookie": cookie} if cookie else {}), **headers}
        return cls(await websocket_connect(HTTPRequest(url, headers=given, request_timeout=30)), kinds)

    @classmethod
    async def of(
        cls,
        shop: Shop,
        staff_id: int | None = None,
        *,
        after: int | None = None,
        kinds: Collection[str] = ORDERS,
    ) -> "Screen":
        """A screen of the owner's, or of another account's; it has been greeted already."""
        token = await shop.app.context.sessions.open(staff_id or shop.owner_id)
        screen = await cls.at(shop.base_url, f"{COOKIE}={token}", after=after, kinds=kinds)
        await screen.hello()
        return screen

    async def frame(self, timeout: float = 5) -> dict[str, Any] | None:  # noqa: ASYNC109 - a test's own patience
        """The next frame that is not left out; None when the server has closed."""
        async with asyncio.timeout(timeout):
            while (message := await self._connection.read_message()) is not None:
                assert isinstance(message, str)
                self.frames.append(message)
                frame: dict[str, Any] = orjson.loads(message)
                left_out = frame["type"] == "ping" or (frame["type"] == "event" and frame["kind"] not in self._kinds)
                if not left_out:
                    return frame
        self._over = True
        return None

    async def _of_type(self, kind: str, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109
        frame = await self.frame(timeout)
        assert frame is not None, f"closed with {self.close_code} instead of {kind}"
        assert frame["type"] == kind, frame
        return frame

    async def hello(self, timeout: float = 5) -> dict[str, Any]:  # noqa: ASYNC109
        """The greeting; it comes before anything else."""
        return await self._of_type("hello", timeout)

    async def event(self, timeout: float = 5) -> dict[str, Any]:  # noqa: ASYNC109
        """The next event."""
        return await self._of_type("event", timeout)

    async def events(self, count: int, timeout: float = 10) -> list[dict[str, Any]]:  # noqa: ASYNC109
        """So many events, in the order in which they came."""
        return [await self.event(timeout) for _ in range(count)]

    async def silent(self, seconds: float = 0.3) -> None:
        """Nothing more comes. Absence can't be awaited, so this waits a moment."""
        try:
            frame = await self.frame(seconds)
        except TimeoutError:
            return
        raise AssertionError(f"unexpected {frame}")

    async def closed(self, timeout: float = 5) -> int | None:  # noqa: ASYNC109
        """Wait until the server closes without another word; answers the code."""
        frame = await self.frame(timeout)
        assert frame is None, frame
        return self.close_code

    @property
    def close_code(self) -> int | None:
        return self._connection.close_code

    async def __aenter__(self) -> "Screen":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The server answers the closing once it has done with greeting: its queries end before it is stopped.
        self._connection.close()
        while not self._over:
            await self.frame()
