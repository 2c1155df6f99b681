"""The engine for MariaDB/MySQL or SQLite, with the settings that correctness hangs on."""

import sqlite3
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

READ_ONLY = "tihuo_read_only"


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def create(url: str, pool_size: int) -> AsyncEngine:
    """An engine for `url`. MariaDB runs READ COMMITTED; SQLite takes its one writer's lock at BEGIN."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, parsed.database)
    engine = create_async_engine(
        parsed.update_query_dict({"charset": "utf8mb4"}),
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        pool_recycle=3600,
        # The unit of work ends every transaction itself; the pool's own ROLLBACK would be a round trip for nothing.
        pool_reset_on_return=None,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args={
            # Long lists of values go by statistics: looking into the index for each took longer than the query.
            "init_command": "SET time_zone = '+00:00', sql_mode = 'TRADITIONAL', innodb_lock_wait_timeout = 10,"
            " eq_range_index_dive_limit = 8,"
            # MySQL's own would cut a long list of products short, in silence.
            " group_concat_max_len = 1000000"
        },
    )
    return engine


def _sqlite(url: str, path: str | None) -> AsyncEngine:
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        pool_size=8,
        max_overflow=0,
        pool_timeout=60,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args={"timeout": 30},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # The driver must not open transactions by itself: it would do so without the writer's lock.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "invalidate")
    def _on_invalidate(connection: Any, _record: object, _error: object) -> None:
        # A task that was cancelled in a statement: closing alone would leave its transaction, and with it the
        # writer's lock, until the last cursor is collected as garbage.
        connection.rollback()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def sqlite_version() -> str:
    """The version of the embedded database, for `tihuo check`."""
    return sqlite3.sqlite_version
