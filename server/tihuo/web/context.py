"""What handlers work with: made once per process by app.py, handed to each handler."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis

from tihuo.db.unit_of_work import UnitOfWork
from tihuo.jobs.files import JobFiles
from tihuo.settings import Settings
from tihuo.storage import Store
from tihuo.vault import CardVault
from tihuo.web.captcha import Captchas
from tihuo.web.guard import Guard
from tihuo.web.in_flight import InFlight
from tihuo.web.sessions import Principal, Sessions
from tihuo.web.tries import Tries

if TYPE_CHECKING:
    from tihuo.web.live import LiveHub


@dataclass(frozen=True)
class Context:
    """One process's parts.

    `staff_of` looks an account up (staff id → Principal, None when it may not enter), `password_of` its stored
    hash. `in_flight` holds the
    handlers that still work: stopping waits for them.
    """

    settings: Settings
    unit_of_work: UnitOfWork
    redis: Redis
    store: Store
    vault: CardVault
    sessions: Sessions
    captchas: Captchas
    tries: Tries
    guard: Guard
    live: "LiveHub"
    files: JobFiles
    staff_of: Callable[[int], Awaitable[Principal | None]]
    password_of: Callable[[int], Awaitable[str | None]]
    storefront_head: Callable[[str], Awaitable[str | None]]
    readiness: dict[str, Callable[[], Awaitable[object]]]
    documents: dict[str, Callable[[], dict[str, Any]]]
    in_flight: InFlight = field(default_factory=InFlight)
