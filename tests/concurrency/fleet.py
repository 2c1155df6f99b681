"""Tihuo as it runs in earnest: several processes on one database, and what a test needs beside them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import select
from tornado.ioloop import IOLoop

from tests.factories.shops import PASSWORD, Shop, create_shop
from tests.services.process import ChildProcess, service_folder
from tests.services.tihuo_processes import ROOT, TihuoProcess, TihuoProcesses, tihuo_environment
from tihuo import app as apps
from tihuo.db import Session, migrate
from tihuo.settings import Settings
from tihuo.staff.models import StaffAccount
from tihuo.web.sessions import COOKIE


@dataclass
class _ModuleProcesses(TihuoProcesses):
    """Processes that start through a test's own entry module, which changes Tihuo and then runs it."""

    module: str = ""

    def _child(self, name: str, command: str, **settings: str) -> ChildProcess:
        argv = [sys.executable, "-m", self.module, command]
        return ChildProcess(name, argv, self.home / f"{name}.log", env={**self.env, **settings}, cwd=ROOT)


@dataclass(frozen=True)
class Fleet:
    """Running processes, and the settings that they share."""

    settings: Settings
    processes: TihuoProcesses

    @property
    def urls(self) -> list[str]:
        return self.processes.urls

    @property
    def webs(self) -> list[TihuoProcess]:
        return self.processes.webs

    def url(self, turn: int) -> str:
        """The processes in turn."""
        return self.urls[turn % len(self.urls)]

    async def cookies(self, account: str) -> list[str]:
        """A Cookie header for each process. Without Redis each process knows only its own sessions."""
        if self.settings.redis_url:
            return [await sign_in(self.urls[0], account)] * len(self.urls)
        return [await sign_in(url, account) for url in self.urls]


def environment(settings: Settings) -> dict[str, str]:
    """The TIHUO_* variables that give another process these settings."""
    variables = {
        "TIHUO_ENV": settings.env,
        "TIHUO_DATABASE_URL": settings.database_url,
        "TIHUO_REDIS_URL": settings.redis_url,
        "TIHUO_DATA_DIR": str(settings.data_dir),
        "TIHUO_CAPTCHA_ANSWER": settings.captcha_answer or "",
        "TIHUO_DATABASE_POOL": str(settings.database_pool),
        "TIHUO_TRUSTED_PROXIES": ",".join(map(str, settings.trusted_proxies)),
        "TIHUO_TRIES_PER_CARD": str(settings.tries_per_card),
        "TIHUO_TRIES_PER_ADDRESS": str(settings.tries_per_address),
        "TIHUO_NUMBERS_PER_ADDRESS": str(settings.numbers_per_address),
        "TIHUO_CAPTCHA_AFTER": str(settings.captcha_after),
        "TIHUO_TRIES_PER_ACCOUNT": str(settings.tries_per_account),
        "TIHUO_TRIES_WINDOW": str(settings.tries_window),
        "TIHUO_H5_DIST": str(settings.h5_dist),
        "TIHUO_ADMIN_DIST": str(settings.admin_dist),
    }
    return {name: value for name, value in variables.items() if value}


def on_its_own_database(settings: Settings, url: str) -> Settings:
    """The settings on an empty database, which is migrated.

    For fixtures that come before io_loop: migrating runs a loop of its own.
    """
    migrate.upgrade(url)
    return Settings.model_validate({**settings.model_dump(), "database_url": url})


@contextmanager
def running(settings: Settings, *, web: int, worker: int = 0, module: str = "") -> Iterator[Fleet]:
    """Start processes on an already migrated database; `module`: through this entry module of the tests'."""
    with service_folder("fleet") as home:
        variables = tihuo_environment(environment(settings))
        processes = _ModuleProcesses(home, variables, module=module) if module else TihuoProcesses(home, variables)
        try:
            for _ in range(web):
                processes.add_web()
            for _ in range(worker):
                processes.add_worker()
            processes.wait_ready()
            yield Fleet(settings, processes)
        finally:
            # How a server ends is no part of these tests, and eight take their time.
            for process in processes.all:
                process.kill()


@contextmanager
def host(io_loop: IOLoop, settings: Settings) -> Iterator[apps.App]:
    """The application in this process, not listening: for making shops and looking into the database."""

    async def build() -> apps.App:
        return apps.build(settings)

    app = io_loop.run_sync(build)
    try:
        yield app
    finally:
        io_loop.run_sync(app.close)


def new_shop(io_loop: IOLoop, app: apps.App, base_url: str) -> Shop:
    """A merchant with an open storefront, made outside of any coroutine."""
    made: Shop = io_loop.run_sync(lambda: create_shop(app, base_url))
    return made


async def sign_in(base_url: str, account: str, captcha: str = "1234") -> str:
    """Sign in as staff do; answers the Cookie header."""
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as client:
        image = (await client.post("/api/m/captchas")).json()
        body = {"account": account, "password": PASSWORD, "captcha_id": image["id"], "captcha_answer": captcha}
        response = await client.post("/api/m/sessions", json=body)
        assert response.status_code == 201, response.text
        return f"{COOKIE}={response.cookies[COOKIE]}"


async def account_of(shop: Shop, staff_id: int) -> str:
    """The sign-in name of an account."""

    async def work(session: Session) -> str:
        query = select(StaffAccount.account).where(StaffAccount.merchant_id == shop.id, StaffAccount.id == staff_id)
        return (await session.execute(query)).scalar_one()

    found: str = await shop.run(work)
    return found
