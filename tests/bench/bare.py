# ruff: noqa: S608 - table names cannot be bound; these come from the database itself
"""The yardstick: the bare driver writing the same rows into copies of the same tables, in the same run.

What a piece of work wrote is found by comparing the tables before and after, so a bench need not know the
statements behind it and does not go stale when they change. The copies have every index of the originals;
foreign keys are the one thing CREATE TABLE … LIKE leaves out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiomysql  # type: ignore[import-untyped]

from tests.services.mariadb import DatabaseServer

from .load import at_a_time
from .merchant import DATABASE

COPIES = "tihuo_bare"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Written:
    """Rows that were added to one table."""

    table: str
    columns: tuple[str, ...]
    rows: list[Row]

    @property
    def insert(self) -> str:
        names = ", ".join(f"`{column}`" for column in self.columns)
        return f"INSERT INTO `{self.table}` ({names}) VALUES ({', '.join(['%s'] * len(self.columns))})"


class Marks:
    """How far every table went at one moment."""

    def __init__(self, database: DatabaseServer) -> None:
        self._database = database
        found = database.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_key = 'PRI' AND extra LIKE"
            f" '%auto_increment%' AND column_name = 'id' AND table_schema = '{DATABASE}'"
        )
        self._last = {str(name): self._last_id(str(name)) for (name,) in found}

    def written_since(self) -> list[Written]:
        grown = [(name, last) for name, last in self._last.items() if self._last_id(name) > last]
        written = []
        for name, last in sorted(grown):
            found = columns(self._database, name)
            listed = ", ".join(f"`{column}`" for column in found)
            query = f"SELECT {listed} FROM `{name}` WHERE id > {last} ORDER BY id"
            written.append(Written(name, found, self._database.execute(query, DATABASE)))
        return written

    def _last_id(self, table: str) -> int:
        return int(self._database.execute(f"SELECT COALESCE(MAX(id), 0) FROM `{table}`", DATABASE)[0][0])


def columns(database: DatabaseServer, table: str) -> tuple[str, ...]:
    """Those that can be written: what is computed is computed again."""
    described = database.execute(f"SHOW COLUMNS FROM `{table}`", DATABASE)
    return tuple(str(row[0]) for row in described if "GENERATED" not in str(row[5]))


def make_copies(database: DatabaseServer, tables: Sequence[str]) -> None:
    """Empty copies, in a database of their own."""
    database.create_database(COPIES)
    for table in tables:
        database.execute(f"CREATE TABLE `{table}` LIKE `{DATABASE}`.`{table}`", COPIES)


async def connect(database: DatabaseServer) -> Any:
    return await aiomysql.connect(
        unix_socket=str(database.socket) if database.socket else None,
        host=database.host,
        port=database.port,
        user=database.user,
        password=database.password,
        db=COPIES,
        charset="utf8mb4",
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        autocommit=True,
    )


async def insert_in_one_transaction(database: DatabaseServer, written: Sequence[Written]) -> float:
    """Multi-row INSERTs of everything, one COMMIT; answers the seconds it took."""
    connection = await connect(database)

    async def work(_lane: int, _thing: None) -> None:
        await connection.begin()
        async with connection.cursor() as cursor:
            for one in written:
                await cursor.executemany(one.insert, one.rows)
        await connection.commit()

    try:
        return await at_a_time(1, [None], work)
    finally:
        connection.close()
