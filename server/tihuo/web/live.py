"""New orders on every open staff screen: events with numbers over WebSocket.

Each web process has one hub. It hears of events through Redis and fills every gap from the database, so
that what Redis loses is late by seconds and never missing. A screen remembers the highest number it saw and
says so when it comes back; that is the one way of recovery.
"""

import asyncio
import contextlib
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from prometheus_client import Gauge
from redis.asyncio import Redis
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from tihuo.db.outbox import Event
from tihuo.jobs.relay import EVENTS, stop_if_cancelled
from tihuo.web.handler import Handler
from tihuo.web.sessions import COOKIE, Principal

log = structlog.get_logger("tihuo.live")
ENDED = "tihuo:ended"
SESSION_ENDED = 4401
MAX_MISSED = 500
PING_SECONDS = 25.0
_LOOK_ANYWAY = 5.0
_SCREENS = Gauge("tihuo_live_screens", "Staff screens connected to this process")

Between = Callable[[int, int], Awaitable[list[Event]]]
After = Callable[[int, int], Awaitable[list[Event]]]
LastNumber = Callable[[], Awaitable[int]]


class LiveHub:
    """All screens of one process. `permissions`: which permission an event's kind needs."""

    def __init__(
        self,
        redis: Redis,
        permissions: dict[str, str],
        *,
        between: Between,
        after: After,
        last_number: LastNumber,
    ) -> None:
        self._redis = redis
        self._permissions = permissions
        self._between = between
        self.after = after
        self.last_number = last_number
        self._screens: dict[int, set[LiveSocket]] = defaultdict(set)
        self._last = 0

    async def run(self) -> None:
        """Listen until cancelled; a lost Redis is retried, and caught up with from the database."""
        pause = 0.5
        while True:
            try:
                self._last = self._last or await self.last_number()
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(EVENTS, ENDED)
                    while True:
                        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=_LOOK_ANYWAY)
                        if message is None:
                            await self._catch_up(await self.last_number())
                        elif message["channel"] == ENDED.encode():
                            self._end(orjson.loads(message["data"]))
                        else:
                            await self._heard([Event(**raw) for raw in orjson.loads(message["data"])])
                        pause = 0.5
                        stop_if_cancelled()
            except Exception:
                log.exception("live_failed", again_in=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 15.0)

    async def _heard(self, events: list[Event]) -> None:
        if events and events[0].number > self._last + 1:
            await self._catch_up(events[0].number - 1)
        for event in events:
            self._tell(event)

    async def _catch_up(self, until: int) -> None:
        while self._last < until:
            events = await self._between(self._last, until)
            if not events:
                self._last = until
            for event in events:
                self._tell(event)

    def _tell(self, event: Event) -> None:
        if event.number <= self._last:
            return
        self._last = event.number
        for screen in tuple(self._screens.get(event.merchant_id, ())):
            if self.allowed(screen.who, event):
                screen.tell(event)

    def allowed(self, principal: Principal, event: Event) -> bool:
        """Whether the account may see the event: by its kind, or by the permission that it names itself."""
        needed = self._permissions.get(event.kind, event.data.get("permission"))
        return needed is not None and needed in principal.permissions

    def _end(self, ended: dict[str, Any]) -> None:
        for screens in tuple(self._screens.values()):
            for screen in tuple(screens):
                if ended.get("staff_id") == screen.who.staff_id or ended.get("session") == screen.session:
                    screen.close(SESSION_ENDED, "session ended")

    async def end(self, *, staff_id: int | None = None, token: str | None = None) -> None:
        """Close the screens of an account, or of one session, in every process."""
        session = _session_of(token) if token else None
        await self._redis.publish(ENDED, orjson.dumps({"staff_id": staff_id, "session": session}))

    def enter(self, screen: "LiveSocket") -> None:
        self._screens[screen.who.merchant_id].add(screen)
        _SCREENS.inc()

    def leave(self, screen: "LiveSocket") -> None:
        screens = self._screens.get(screen.who.merchant_id)
        if screens and screen in screens:
            screens.remove(screen)
            _SCREENS.dec()
            if not screens:
                del self._screens[screen.who.merchant_id]


class LiveSocket(Handler, WebSocketHandler):
    """GET /api/m/live?after=N. Authorised before the upgrade; holds no transaction."""

    who: Principal
    session: str

    async def prepare(self) -> None:  # type: ignore[override]  # Tornado awaits prepare where it is a coroutine
        super().prepare()
        self.who = await self.principal()
        self.session = _session_of(self.get_cookie(COOKIE) or "")

    async def open(self, *_args: str, **_kwargs: str) -> None:
        self.context.in_flight.add(self)
        try:
            await self._greet()
        finally:
            self.context.in_flight.discard(self)

    async def _greet(self) -> None:
        self._seen = 0
        self._waiting: list[Event] | None = []
        self._pinging: asyncio.Task[None] | None = None
        hub = self.context.live
        hub.enter(self)
        asked = self.get_query_argument("after", "")
        newest = await hub.last_number()
        after = int(asked) if asked.isdecimal() and len(asked) <= 18 else newest
        self._write({"type": "hello", "number": newest})
        missed = await hub.after(self.who.merchant_id, after)
        if len(missed) > MAX_MISSED or after > newest:
            self._write({"type": "reload"})
            missed = []
            after = newest
        self._seen = after
        waiting, self._waiting = self._waiting, None
        for event in sorted((*missed, *(waiting or ())), key=lambda event: event.number):
            if hub.allowed(self.who, event):
                self.tell(event)
        if self.ws_connection is not None:
            self._pinging = asyncio.create_task(self._ping())

    def tell(self, event: Event) -> None:
        """Send an event unless the screen has it; keep it while the missed ones are still being read."""
        if self._waiting is not None:
            self._waiting.append(event)
        elif event.number > self._seen:
            self._seen = event.number
            self._write(
                {
                    "type": "event",
                    "number": event.number,
                    "kind": event.kind,
                    "at": event.at,
                    "data": event.data,
                }
            )

    def _write(self, frame: dict[str, Any]) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self.write_message(orjson.dumps(frame).decode())

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            staff_id = await self.context.sessions.staff_id(self.get_cookie(COOKIE))
            if staff_id is None or await self.context.staff_of(staff_id) != self.who:
                self.close(SESSION_ENDED, "session ended")
                return
            self._write({"type": "ping"})

    def on_message(self, message: str | bytes) -> None:
        """Screens only listen."""

    def on_close(self) -> None:
        self.context.live.leave(self)
        if self._pinging is not None:
            self._pinging.cancel()


def _session_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
