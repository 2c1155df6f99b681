"""The one file that knows every room: joins routes, events and parts into a server."""

import asyncio
import contextlib
import datetime as dt
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import fakeredis
import structlog
from redis import asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import URLSpec
from tornado.web import Application

from tihuo.addresses.api import customer as addresses_customer
from tihuo.addresses.api import staff as addresses_staff
from tihuo.appointments.api import customer as appointments_customer
from tihuo.appointments.api import staff as appointments_staff
from tihuo.cards import jobs as cards_jobs
from tihuo.cards import service as cards
from tihuo.cards.api import staff as cards_staff
from tihuo.catalog.api import staff as catalog_staff
from tihuo.db import Session, engine, migrate, now, outbox
from tihuo.db.outbox import Event
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.distributors.api import staff as distributors_staff
from tihuo.jobs import queue, relay, runner, worker
from tihuo.jobs.ending import end
from tihuo.jobs.files import JobFiles
from tihuo.jobs.task import Kind
from tihuo.merchants import service as merchants
from tihuo.merchants.api import customer as merchants_customer
from tihuo.merchants.api import staff as merchants_staff
from tihuo.merchants.errors import StorefrontNotFound
from tihuo.orders import events as order_events
from tihuo.orders.api import staff as orders_staff
from tihuo.redemption import service as redemption
from tihuo.redemption.api import customer as redemption_customer
from tihuo.redemption.api import staff as redemption_staff
from tihuo.reports.api import staff as reports_staff
from tihuo.settings import Settings
from tihuo.shipping.api import staff as shipping_staff
from tihuo.staff import service as staff
from tihuo.staff.api import staff as staff_staff
from tihuo.storage import MAX_BYTES, Store
from tihuo.vault import CardVault, FileVault, KeyRing, Owner
from tihuo.web import jobs as jobs_web
from tihuo.web.captcha import Captchas
from tihuo.web.context import Context
from tihuo.web.docs import DocsHandler, DocumentHandler
from tihuo.web.guard import Guard
from tihuo.web.handler import NotFoundHandler
from tihuo.web.health import HealthHandler, MetricsHandler, ReadyHandler
from tihuo.web.live import MAX_MISSED, LiveHub, LiveSocket
from tihuo.web.openapi import document
from tihuo.web.pages import AdminPage, AssetHandler, FileHandler, RootPage, StorefrontPage
from tihuo.web.routes import Route, url_specs
from tihuo.web.sessions import Principal, Sessions
from tihuo.web.tries import Tries

log = structlog.get_logger("tihuo.app")

CUSTOMER = [
    *merchants_customer.routes,
    *addresses_customer.routes,
    *appointments_customer.routes,
    *redemption_customer.routes,
]
STAFF = [
    *staff_staff.routes,
    *reports_staff.routes,
    *merchants_staff.routes,
    *addresses_staff.routes,
    *catalog_staff.routes,
    *distributors_staff.routes,
    *cards_staff.routes,
    *appointments_staff.routes,
    *jobs_web.routes,
    *orders_staff.routes,
    *shipping_staff.routes,
    *redemption_staff.routes,
]
PAGES = [
    Route("/", RootPage),
    Route("/c/{slug}", StorefrontPage),
    Route("/c/{slug}/", StorefrontPage),
    Route("/c/{slug}/{number}", StorefrontPage),
    Route("/c/{slug}/o/{token}", StorefrontPage),
    Route("/files/{merchant_id}/{name}", FileHandler),
    Route("/healthz", HealthHandler),
    Route("/readyz", ReadyHandler),
    Route("/metrics", MetricsHandler),
    Route("/api/docs", DocsHandler),
    Route("/api/docs/{name}", DocumentHandler),
]
EVENT_PERMISSIONS = {**order_events.PERMISSIONS}
DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "customer.json": lambda: document("提货：顾客接口", CUSTOMER),
    "staff.json": lambda: document("提货：商家后台接口", STAFF),
}
_GRACE_SECONDS = 10
_TRIES_KEPT = dt.timedelta(days=180)
_SELECTIONS_KEPT = dt.timedelta(days=1)


@dataclass(frozen=True)
class App:
    """A process's server, not yet listening."""

    context: Context
    application: Application

    async def close(self) -> None:
        """Close connections to database and Redis."""
        await self.context.unit_of_work.close()
        await self.context.redis.aclose()


def build(settings: Settings) -> App:
    """Join all parts. Raises KeysMissing, UndeclaredEndpoint."""
    unit_of_work = UnitOfWork(engine.create(settings.database, settings.database_pool))
    redis = _redis(settings.redis_url)
    unit_of_work.on_commit(outbox.RELAY, lambda: relay.wake(redis))
    unit_of_work.on_commit(queue.JOBS, lambda: relay.wake(redis, runner.WAKE))
    store = Store(settings.storage_url, settings.data_dir / "files")
    ring = KeyRing.load(settings.keys_path)

    async def staff_of(staff_id: int) -> Principal | None:
        async def work(session: Session) -> Principal | None:
            account = await staff.enabled(session, staff_id)
            if account is None:
                return None
            held: frozenset[str] = frozenset(staff.permissions(account))
            return Principal(account.id, account.merchant_id, account.name, account.is_owner, held)

        return await unit_of_work.run(work, writes=False)

    async def password_of(staff_id: int) -> str | None:
        account = await unit_of_work.run(lambda session: staff.enabled(session, staff_id), writes=False)
        return account.password_hash if account is not None else None

    async def owner_of(merchant_id: int) -> Owner:
        return (await unit_of_work.run(lambda session: merchants.get(session, merchant_id), writes=False)).owner

    async def storefront_head(slug: str) -> str | None:
        try:
            shop = await unit_of_work.run(lambda session: merchants.by_slug(session, slug), writes=False)
        except StorefrontNotFound:
            return None
        return merchants.head(shop)

    captchas = Captchas(redis, settings.captcha_answer)
    context = Context(
        settings=settings,
        unit_of_work=unit_of_work,
        redis=redis,
        store=store,
        vault=CardVault(ring),
        sessions=Sessions(redis),
        captchas=captchas,
        tries=Tries(redis if settings.redis_url else None, settings.tries_window),
        guard=Guard(redis, captchas, settings),
        live=_hub(unit_of_work, redis),
        files=JobFiles(unit_of_work, store, FileVault(ring), owner_of),
        staff_of=staff_of,
        password_of=password_of,
        storefront_head=storefront_head,
        readiness={
            "数据库": lambda: unit_of_work.run(migrate.check, writes=False),
            "Redis": lambda: redis.ping(),
        },
        documents=DOCUMENTS,
    )
    return App(context, _application(context))


def kinds(context: Context) -> list[Kind]:
    """The jobs that a worker can do."""
    return cards_jobs.kinds(context.vault, context.files, context.settings.origin)


def _redis(url: str) -> aioredis.Redis:
    """Redis, or the stand-in. More requests at once than there are connections wait for one.

    After a restart of Redis every connection in the pool is dead: the retry is what opens a new one.
    """
    if not url:
        # Its connections cost nothing, and a request that finds none left would be refused.
        return fakeredis.FakeAsyncRedis(max_connections=100_000)
    retry = Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=3)
    pool = aioredis.BlockingConnectionPool.from_url(url, max_connections=64, timeout=20, retry=retry)
    return aioredis.Redis.from_pool(pool)


def _hub(unit_of_work: UnitOfWork, redis: aioredis.Redis) -> LiveHub:
    async def between(after: int, until: int) -> list[Event]:
        return await unit_of_work.run(lambda session: outbox.between(session, after, until, 500), writes=False)

    async def missed(merchant_id: int, number: int) -> list[Event]:
        return await unit_of_work.run(
            lambda session: outbox.after(session, merchant_id, number, MAX_MISSED + 1), writes=False
        )

    async def last_number() -> int:
        return await unit_of_work.run(outbox.last_number, writes=False)

    return LiveHub(redis, EVENT_PERMISSIONS, between=between, after=missed, last_number=last_number)


def _application(context: Context) -> Application:
    arguments = {"context": context}
    settings = context.settings
    return Application(
        [
            *url_specs([*CUSTOMER, *STAFF, *PAGES], arguments),
            URLSpec(r"/api/m/live", LiveSocket, arguments),
            URLSpec(r"/h5/(.+)", AssetHandler, {"path": str(settings.h5_dist)}),
            URLSpec(r"/admin/(assets/.+|[\w-]+\.(?:svg|png|ico))", AssetHandler, {"path": str(settings.admin_dist)}),
            URLSpec(r"/admin(?:/.*)?", AdminPage, arguments),
        ],
        default_handler_class=NotFoundHandler,
        default_handler_args=arguments,
        compress_response=True,
        websocket_ping_interval=20,
        websocket_max_message_size=4096,
    )


@contextlib.asynccontextmanager
async def listening(app: App, port: int | None = None) -> AsyncIterator[int]:
    """Serve HTTP while inside; gives the port. Port 0 takes a free one."""
    settings = app.context.settings
    sockets = bind_sockets(settings.port if port is None else port, settings.host)
    server = HTTPServer(app.application, max_body_size=MAX_BYTES + 1024 * 1024)
    server.add_sockets(sockets)
    hub = asyncio.create_task(app.context.live.run())
    try:
        yield sockets[0].getsockname()[1]
    finally:
        server.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(app.context.in_flight.ended(), _GRACE_SECONDS)
        await end(hub)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.close_all_connections(), _GRACE_SECONDS)


async def serve(settings: Settings, *, web: bool, work: bool) -> None:
    """Run web and/or worker until SIGTERM or SIGINT."""
    app = build(settings)
    # What was made so far stays: looking through it again and again held requests up for tens of milliseconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(app.close)
        working: set[asyncio.Task[object]] = {asyncio.create_task(stopped.wait())}
        if work:
            running = asyncio.create_task(_work(app.context))
            working.add(running)
            stack.push_async_callback(end, running)
        if web:
            port = await stack.enter_async_context(listening(app))
            log.info("listening", host=settings.host, port=port)
        done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


async def _work(context: Context) -> None:
    run = context.unit_of_work.run

    def forget_wrong_tries() -> Awaitable[int]:
        return run(lambda session: redemption.forget_wrong_tries(session, now() - _TRIES_KEPT))

    def forget_selections() -> Awaitable[int]:
        return run(lambda session: cards.forget_selections(session, now() - _SELECTIONS_KEPT))

    async def mirror_blocks() -> int:
        """An emptied Redis has the blocks again within a minute; nothing is ever left to do."""
        for block in await run(redemption.mirrored, writes=False):
            await context.guard.mirror(*block)
        return 0

    await worker.run(
        context.unit_of_work,
        context.redis,
        kinds(context),
        every_minute={"files": context.files.erase_some, "blocks": mirror_blocks},
        every_day={"wrong tries": forget_wrong_tries, "selections": forget_selections},
    )
