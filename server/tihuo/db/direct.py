"""Statements that skip SQLAlchemy's execution, for the redemption alone (docs/decisions/0010).

They are written with SQLAlchemy, compiled once, and run on the transaction's own driver connection: a fifth of the
processor time of the same statement through the engine. What need not be answered at once goes with the next one, and
what will surely be asked can be asked ahead, for a round trip costs more than a statement does. Everything else about
the transaction stays as it is.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.sql import ClauseElement

_LINE = "tihuo_direct"


def insert_into(of: Table) -> Insert:
    """An INSERT of every column that is given by name; the id is the database's."""
    return insert(of).values({column.name: bindparam(column.name) for column in of.c if column.name != "id"})


class Direct:
    """A statement with named parameters; no lists of values (`IN`) in it.

    What the driver raises comes as SQLAlchemy's DBAPIError, as from any other statement.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    async def first(self, session: AsyncSession, **values: Any) -> Any:
        """The first row, by column names, or None."""
        rows = await self.all(session, **values)
        return rows[0] if rows else None

    async def all(self, session: AsyncSession, **values: Any) -> list[Any]:
        """Every row, by column names."""
        line = await _line(session)
        ahead: list[Any] | None = line.ahead.pop((self, tuple(values.items())), None)
        if ahead is not None:
            return ahead
        return (await line.run(self, values)).rows

    async def change(self, session: AsyncSession, **values: Any) -> int:
        """How many rows the statement hit."""
        return (await (await _line(session)).run(self, values)).hit

    async def insert(self, session: AsyncSession, **values: Any) -> int:
        """The new row's id."""
        return (await (await _line(session)).run(self, values)).new_id

    async def later(self, session: AsyncSession, **values: Any) -> None:
        """Run before whatever is run next on this transaction, its commit at the latest. A failure shows there."""
        (await _line(session)).waiting.append((self, values))

    def ahead(self, **values: Any) -> "Ask":
        """What `first` or `all` with these values would ask, for `ask_ahead`."""
        return Ask(self, values)

    def compiled(self, dialect: Any) -> "_Compiled":
        name: str = dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self._statement, dialect)
        return self._compiled[name]


@dataclass(frozen=True)
class Ask:
    """A statement with its values."""

    statement: Direct
    values: dict[str, Any]


async def ask_ahead(session: AsyncSession, asks: Iterable[Ask]) -> None:
    """Ask several things in one round trip; each is answered when it is asked for with the same values, once."""
    line = await _line(session)
    if line.one_by_one:
        return
    batch = [(ask.statement, ask.values) for ask in asks]
    for (statement, values), answer in zip(batch, await line.run_all(batch), strict=True):
        line.ahead[statement, tuple(values.items())] = answer.rows


async def flush(session: AsyncSession) -> None:
    """Run what waits to be run."""
    line: _Line | None = session.info.get(_LINE)
    if line is not None and line.waiting:
        await line.run_all([])


@dataclass(frozen=True)
class _Answer:
    rows: list[Any]
    hit: int
    new_id: int


class _Compiled:
    def __init__(self, statement: ClauseElement, dialect: Any) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        names: Sequence[str] = compiled.positiontup
        processors = compiled._bind_processors
        fixed = compiled.params
        self._parameters = [(name, processors.get(name), fixed.get(name)) for name in names]
        columns = getattr(statement, "selected_columns", None)
        self.reads = columns is not None
        self._results: list[tuple[int, Callable[[Any], Any]]] = []
        if columns is not None:
            self._row = namedtuple("_row", [column.key for column in columns])  # type: ignore[misc]  # made per statement
            for index, column in enumerate(columns):
                if processor := column.type._cached_result_processor(dialect, None):
                    self._results.append((index, processor))

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        found = []
        for name, processor, fixed in self._parameters:
            value = values.get(name, fixed)
            found.append(processor(value) if processor is not None else value)
        return found

    def row(self, raw: Sequence[Any]) -> Any:
        if not self._results:
            return self._row(*raw)
        values = list(raw)
        for index, processor in self._results:
            values[index] = processor(values[index])
        return self._row(*values)


class _Line:
    """The driver's connection on which a session's transaction runs."""

    def __init__(self, connection: AsyncConnection, sync: Connection) -> None:
        self._connection = connection
        self._sync = sync
        self._dialect = sync.dialect
        self._fairy: Any = sync.connection
        self._driver: Any = self._fairy.driver_connection
        # Whoever watches statements (the scope of a merchant, a death at each one) sees these as well.
        self._watchers = tuple(sync.dispatch.before_cursor_execute)
        # SQLite takes one statement at a time, and nothing is far away.
        self.one_by_one = sync.dialect.name == "sqlite"
        self.waiting: list[tuple[Direct, dict[str, Any]]] = []
        self.ahead: dict[tuple[Direct, tuple[tuple[str, Any], ...]], list[Any]] = {}

    async def run(self, statement: Direct, values: dict[str, Any]) -> _Answer:
        return (await self.run_all([(statement, values)]))[-1]

    async def run_all(self, batch: list[tuple[Direct, dict[str, Any]]]) -> list[_Answer]:
        """Run what waits and then these; answers what these gave."""
        waiting, self.waiting = self.waiting, []
        prepared = [
            (compiled := statement.compiled(self._dialect), compiled.arguments(values))
            for statement, values in (*waiting, *batch)
        ]
        if self.one_by_one:
            answers = [answer for one in prepared for answer in await self._send([one])]
        else:
            answers = await self._send(prepared)
        return answers[len(waiting) :]

    async def _send(self, prepared: list[tuple[_Compiled, list[Any]]]) -> list[_Answer]:
        sql = ";\n".join(compiled.sql for compiled, _ in prepared)
        cursor = await self._driver.cursor()
        for compiled, arguments in prepared:
            for watcher in self._watchers:
                watcher(self._sync, cursor, compiled.sql, tuple(arguments), None, False)
        base_error: Any = self._dialect.loaded_dbapi.Error
        try:
            await cursor.execute(sql, [value for _, arguments in prepared for value in arguments])
            answers = []
            for index, (compiled, _) in enumerate(prepared):
                if index:
                    await cursor.nextset()
                rows = [compiled.row(raw) for raw in await cursor.fetchall()] if compiled.reads else []
                answers.append(_Answer(rows, int(cursor.rowcount), int(cursor.lastrowid or 0)))
            await cursor.close()
        except base_error as error:
            if self._dialect.is_disconnect(error, None, None):
                # As SQLAlchemy does: the others in the pool were lost with this one.
                self._sync.engine.pool._invalidate(self._fairy, error)
                await self._connection.invalidate()
            # Without the parameters: they hold what no log may.
            raise DBAPIError.instance(sql, None, error, base_error, dialect=self._dialect) from error
        except BaseException:
            # Cut off in the middle of a statement: nobody knows what the line will say next.
            await self._connection.invalidate()
            raise
        return answers


async def _line(session: AsyncSession) -> _Line:
    line: _Line | None = session.info.get(_LINE)
    if line is None:
        connection = await session.connection()
        sync = connection.sync_connection
        assert sync is not None
        line = session.info[_LINE] = _Line(connection, sync)
    return line
