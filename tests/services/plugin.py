"""pytest options and fixtures that choose what a run stands on.

    pytest                    SQLite files and the in-process Redis stand-in
    pytest --db mariadb       a private MariaDB and Redis, started when the first test needs them

TIHUO_TEST_MARIADB_URL and TIHUO_TEST_REDIS_URL hand in servers that already run. Databases are then made and
dropped under names of our own; whoever hands in a Redis must expect that its database 0 to 15 may be written.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, cast

import pytest

from .mariadb import DatabaseServer, mariadb
from .process import ServiceMissing
from .redis_server import redis_server

MARIADB_URL = "TIHUO_TEST_MARIADB_URL"
REDIS_URL = "TIHUO_TEST_REDIS_URL"

DatabaseKind = Literal["sqlite", "mariadb"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("tihuo").addoption(
        "--db",
        choices=["sqlite", "mariadb"],
        default="sqlite",
        help="what the tests run on: sqlite (default), or mariadb with a real Redis",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite_only: makes no sense on MariaDB")
    config.addinivalue_line("markers", "mariadb_only: needs MariaDB and a real Redis")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not for this database. Not skipped: a skip should mean that something is missing."""
    other = "mariadb_only" if config.getoption("--db") == "sqlite" else "sqlite_only"
    out = [item for item in items if item.get_closest_marker(other)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if not item.get_closest_marker(other)]


def pytest_report_header(config: pytest.Config) -> str:
    return f"tihuo: --db {config.getoption('--db')}"


@pytest.fixture(scope="session")
def database_kind(pytestconfig: pytest.Config) -> DatabaseKind:
    return cast(DatabaseKind, pytestconfig.getoption("--db"))


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[DatabaseServer]:
    """One MariaDB for the whole run. Ask for it directly in tests that need MariaDB whatever --db says."""
    handed_in = os.environ.get(MARIADB_URL)
    if handed_in:
        yield DatabaseServer.from_url(handed_in)
        return
    with _or_skip_unless_ci(), mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def real_redis_url() -> Iterator[str]:
    """One real Redis for the whole run, whatever --db says."""
    handed_in = os.environ.get(REDIS_URL)
    if handed_in:
        yield handed_in
        return
    with _or_skip_unless_ci(), redis_server() as server:
        yield server.url


@pytest.fixture(scope="session")
def redis_url(database_kind: DatabaseKind, request: pytest.FixtureRequest) -> str:
    """Empty on SQLite: Tihuo then uses its in-process stand-in."""
    return "" if database_kind == "sqlite" else cast(str, request.getfixturevalue("real_redis_url"))


@pytest.fixture(scope="session")
def new_database(
    database_kind: DatabaseKind,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[str], str]]:
    """Makes an empty database of the chosen kind and answers its URL: `new_database("concurrency")`."""
    made: list[str] = []
    if database_kind == "sqlite":
        folder = tmp_path_factory.mktemp("databases")

        def new_file(name: str) -> str:
            made.append(name)
            return sqlite_url(folder / f"{_plain(name)}_{len(made)}.db")

        yield new_file
        return
    server = cast(DatabaseServer, request.getfixturevalue("mariadb_server"))

    def new_schema(name: str) -> str:
        made.append(f"tihuo_test_{os.getpid()}_{_plain(name)}_{len(made)}")
        return server.create_database(made[-1])

    yield new_schema
    for schema in made:
        server.drop_database(schema)


@pytest.fixture(scope="session")
def database_url(new_database: Callable[[str], str]) -> str:
    """The run's main database: empty, not yet migrated."""
    return new_database("main")


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:24]


class _or_skip_unless_ci:  # noqa: N801 - reads as a phrase where it is used
    """A missing server skips on a laptop and fails where CI=true: there, skipping would look like passing."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ServiceMissing) and os.environ.get("CI") != "true":
            pytest.skip(str(error))
