"""The demo merchant on servers of its own, and what its exports hold."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook

from tests.services.mariadb import MariaDB, mariadb
from tests.services.process import service_folder
from tests.services.redis_server import RedisServer, redis_server
from tests.services.staff_client import CAPTCHA
from tests.services.tihuo_processes import TihuoProcesses, run_tihuo, tihuo_processes

DATABASE = "tihuo_bench"


@dataclass(frozen=True)
class Card:
    number: str
    password: str


@dataclass(frozen=True)
class Stage:
    """What a bench stands on."""

    processes: TihuoProcesses
    database: MariaDB
    redis: RedisServer
    demo: dict[str, Any]


@contextmanager
def stage(*, web: int, buffer_pool: str = "512M", **settings_too: str) -> Iterator[Stage]:
    """MariaDB, Redis, web processes, a worker, and the demo merchant in them; `settings_too`: TIHUO_* variables."""
    with service_folder("bench") as home, mariadb(buffer_pool=buffer_pool) as database, redis_server() as redis:
        settings = {
            "TIHUO_ENV": "test",
            "TIHUO_CAPTCHA_ANSWER": CAPTCHA,
            # As one machine would be set up: its own socket costs less than TCP.
            "TIHUO_DATABASE_URL": database.url(DATABASE, by_socket=True),
            "TIHUO_REDIS_URL": redis.url,
            "TIHUO_DATA_DIR": str(home),
            **settings_too,
        }
        database.create_database(DATABASE)
        run_tihuo(["migrate"], settings)
        run_tihuo(["demo"], settings)
        demo = json.loads((home / "demo.json").read_text(encoding="utf-8"))
        with tihuo_processes(settings, web=web, worker=1, folder=home / "processes") as processes:
            yield Stage(processes, database, redis, demo)


def sheet_rows(content: bytes) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(content), read_only=True)
    try:
        return list(book.worksheets[0].iter_rows(values_only=True))
    finally:
        book.close()


def exported_cards(content: bytes) -> list[Card]:
    """Numbers and passwords out of an export; columns are found by their Chinese headings."""
    rows = sheet_rows(content)
    head = next(index for index, row in enumerate(rows) if any("密码" in str(cell) for cell in row))
    names = [str(cell or "") for cell in rows[head]]
    number = next(index for index, name in enumerate(names) if "卡号" in name)
    password = next(index for index, name in enumerate(names) if "密码" in name)
    return [Card(str(row[number]), str(row[password])) for row in rows[head + 1 :] if row[number]]
