"""The real application on a real database made by the real migrations; most tests speak HTTP to it."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from tests.factories import scoping
from tests.factories.shops import Shop, create_shop
from tihuo import app as apps
from tihuo import log
from tihuo.db import migrate
from tihuo.jobs.ending import end
from tihuo.jobs.relay import Relay
from tihuo.jobs.runner import Runner
from tihuo.settings import Settings
from tihuo.vault import KeyRing

pytest_plugins = ["tests.services.plugin"]

CAPTCHA = "1234"
log.configure(json=True, level="warning")


@pytest.fixture(scope="session")
def migrated(database_url: str) -> str:
    """The run's main database, at the newest revision."""
    migrate.upgrade(database_url)
    return database_url


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with master keys."""
    folder = tmp_path_factory.mktemp("data")
    KeyRing.create(folder / "keys.json")
    return folder


@pytest.fixture
def settings(
    migrated: str, redis_url: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings of a test server; a test may copy and change them."""
    monkeypatch.delenv("TIHUO_CONFIG", raising=False)
    return Settings(
        env="test",
        database_url=migrated,
        redis_url=redis_url,
        data_dir=data_dir,
        captcha_answer=CAPTCHA,
        h5_dist=tmp_path / "h5",
        admin_dist=tmp_path / "admin",
        tries_per_address=100_000,
        numbers_per_address=100_000,
        captcha_after=100_000,
        database_pool=8,
    )


@dataclass
class Server:
    """The application, listening, with its relay and its jobs."""

    app: apps.App
    base_url: str
    relay: "asyncio.Task[None]"
    jobs: "asyncio.Task[None]"
    listening: AsyncExitStack

    async def stop(self) -> None:
        """Stop listening, as a process told to stop does."""
        await self.listening.aclose()


@pytest.fixture
def server(io_loop: IOLoop, settings: Settings) -> Iterator[Server]:
    """The whole application in this process."""

    async def start() -> Server:
        app = apps.build(settings)
        scoping.watch(app.context.unit_of_work.engine)
        listening = AsyncExitStack()
        port = await listening.enter_async_context(apps.listening(app, port=0))
        relay = asyncio.create_task(Relay(app.context.unit_of_work, app.context.redis).run())
        runner = Runner(app.context.unit_of_work, app.context.redis, apps.kinds(app.context))
        jobs = asyncio.create_task(runner.run())
        return Server(app, f"http://127.0.0.1:{port}", relay, jobs, listening)

    async def stop(started: Server) -> None:
        await end(started.relay, started.jobs)
        await started.stop()
        await started.app.close()

    started = io_loop.run_sync(start)
    yield started
    io_loop.run_sync(lambda: stop(started))


@pytest.fixture
def shop(io_loop: IOLoop, server: Server) -> Shop:
    """A merchant of this test's own, its storefront open."""
    made: Shop = io_loop.run_sync(lambda: create_shop(server.app, server.base_url))
    return made


@pytest.fixture
def other_shop(io_loop: IOLoop, server: Server) -> Shop:
    """Another merchant beside `shop`."""
    made: Shop = io_loop.run_sync(lambda: create_shop(server.app, server.base_url))
    return made
