"""Writing .xlsx of any length in bounded memory: text stays text, whatever it begins with."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rustpy_xlsxwriter import Format, write_worksheets

from tihuo.sheets.errors import SheetFull

MAX_ROWS = 1_048_575
_WAITING_CHUNKS = 2

Value = str | int | float | dt.date | None
"""A cell. A time has no zone of its own in a sheet: give it naive, as the reader's clock shows it."""
Values = Sequence[Value]
Put = Callable[[Sequence[Values]], Awaitable[None]]

_FORMATS = {"text": "@", "number": "General", "date": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm:ss"}


@dataclass(frozen=True)
class Column:
    """`width` in characters. `kind` is how the column is shown; a str is written as text in any column."""

    heading: str
    width: float
    kind: Literal["text", "number", "date", "time"] = "text"


@dataclass(frozen=True)
class Sheet:
    """A sheet with a bold, frozen head. `rows` may be a generator: it is run when the sheets before are written."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Values]


def write(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write a workbook. Blocks; what a `rows` raises comes out as it is, and no file is left.

    What is not yet saved lies in the system's temporary folder (TMPDIR): 600 MB for 1,000,000 rows of 11 columns.

    Raises SheetFull beyond 1,048,575 rows, OSError where the disk refuses, RuntimeError for a text of more than
    32,767 characters, ValueError for a heading or title that occurs twice or a row of another length than its head.
    """
    titles = [sheet.title for sheet in sheets]
    for names in (titles, *([column.heading for column in sheet.columns] for sheet in sheets)):
        if len(set(names)) != len(names):
            raise ValueError(f"not all different: {names}")
    try:
        write_worksheets(
            [(sheet.title, _records(sheet)) for sheet in sheets],
            str(path),
            header_format={"general": Format().set_bold()},
            freeze_panes={"general": {"row": 1, "col": 0}},
            datetime_format=_FORMATS["time"],
            column_widths={sheet.title: [column.width for column in sheet.columns] for sheet in sheets},
            column_formats={
                sheet.title: [Format().set_num_format(_FORMATS[column.kind]) for column in sheet.columns]
                for sheet in sheets
            },
        )
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _records(sheet: Sheet) -> Iterator[dict[str, Value]]:
    headings = [column.heading for column in sheet.columns]
    count = 0
    for row in sheet.rows:
        count += 1
        if count > MAX_ROWS:
            raise SheetFull(limit=MAX_ROWS)
        yield dict(zip(headings, row, strict=True))
    if not count:
        # The head is written with the first record.
        yield dict.fromkeys(headings)


@asynccontextmanager
async def writing(
    path: Path, title: str, columns: Sequence[Column], *, then: Sequence[Sheet] = ()
) -> AsyncGenerator[Put, None]:
    """Write a workbook whose first sheet is fed from here: `await put(rows)` waits while the writer is behind.

    The rows of `then` are asked for after the last `put`. The file is whole when the block has ended; where it ends
    by an exception or is cancelled, there is none. `put` and the end of the block raise what `write` raises.
    """
    queue: asyncio.Queue[Sequence[Values] | _Abandoned | None] = asyncio.Queue(_WAITING_CHUNKS)
    loop = asyncio.get_running_loop()

    def rows() -> Iterator[Values]:
        while (chunk := asyncio.run_coroutine_threadsafe(queue.get(), loop).result()) is not None:
            if isinstance(chunk, _Abandoned):
                raise chunk
            yield from chunk

    def make_room(_: object = None) -> None:
        while not queue.empty():
            queue.get_nowait()

    def discard(done: asyncio.Future[None]) -> None:
        done.exception()
        path.unlink(missing_ok=True)

    async def put(chunk: Sequence[Values]) -> None:
        await queue.put(chunk)
        if writer.done():
            writer.result()

    executor = ThreadPoolExecutor(1, thread_name_prefix="sheet-writer")
    writer = loop.run_in_executor(executor, write, path, [Sheet(title, columns, rows()), *then])
    # A writer that failed takes nothing any more; who waits to put must learn of it.
    writer.add_done_callback(make_room)
    try:
        yield put
        await queue.put(None)
        await asyncio.wait({writer})
        writer.result()
    except BaseException:
        writer.add_done_callback(discard)
        make_room()
        queue.put_nowait(_Abandoned())
        await asyncio.wait({writer})
        raise
    finally:
        executor.shutdown(wait=writer.done())


class _Abandoned(Exception):
    """Nobody wants the file any more."""
