"""Eight web processes on MariaDB and Redis, three on one SQLite file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from tests.concurrency import fleet as fleets
from tests.concurrency.fleet import Fleet
from tests.factories.shops import Shop
from tihuo.app import App
from tihuo.settings import Settings


@pytest.fixture(scope="session")
def web_count(database_kind: str) -> int:
    return 8 if database_kind == "mariadb" else 3


@pytest.fixture(scope="session")
def fleet_settings(migrated: str, redis_url: str, data_dir: Path) -> Settings:
    """What the processes share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TIHUO_CONFIG", raising=False)
        return Settings(
            env="test",
            database_url=migrated,
            redis_url=redis_url,
            data_dir=data_dir,
            captcha_answer="1234",
            tries_per_address=100_000,
            numbers_per_address=100_000,
            captcha_after=100_000,
            tries_per_account=100_000,
        )


@pytest.fixture(scope="module")
def fleet(fleet_settings: Settings, web_count: int) -> Iterator[Fleet]:
    """Real server processes."""
    with fleets.running(fleet_settings, web=web_count) as started:
        yield started


@pytest.fixture
def host(io_loop: IOLoop, fleet_settings: Settings) -> Iterator[App]:
    """The application in this process, on the processes' database."""
    with fleets.host(io_loop, fleet_settings) as app:
        yield app


@pytest.fixture
def shop(io_loop: IOLoop, host: App) -> Shop:
    """A merchant of this test's own."""
    return fleets.new_shop(io_loop, host, "")
