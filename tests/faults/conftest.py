"""A server that dies when it is told to, on a database that does not."""

from collections.abc import Callable, Iterator

import pytest
from tornado.ioloop import IOLoop

from tests.concurrency import fleet as fleets
from tests.concurrency.fleet import Fleet
from tests.factories.shops import Shop
from tihuo.app import App
from tihuo.settings import Settings


@pytest.fixture
def dying(settings: Settings) -> Iterator[Fleet]:
    """One server under a supervisor; see dying_server.py."""
    with fleets.running(settings, web=1, module="tests.faults.dying_server") as fleet:
        yield fleet


@pytest.fixture
def quiet_settings(settings: Settings, new_database: Callable[[str], str]) -> Settings:
    """Settings with a database in which nothing has happened yet that a relay would tell."""
    return fleets.on_its_own_database(settings, new_database("quiet"))


@pytest.fixture
def quiet_shop(quiet_settings: Settings, io_loop: IOLoop) -> Iterator[Shop]:
    """A merchant in that database."""
    with fleets.host(io_loop, quiet_settings) as app:
        yield fleets.new_shop(io_loop, app, "")


@pytest.fixture
def host(io_loop: IOLoop, settings: Settings) -> Iterator[App]:
    """The application in this process, on the same database."""
    with fleets.host(io_loop, settings) as app:
        yield app


@pytest.fixture
def host_shop(io_loop: IOLoop, host: App) -> Shop:
    """A merchant whose storefront other processes serve."""
    return fleets.new_shop(io_loop, host, "")
