"""Reading an uploaded .xlsx: parsed in a process of its own (child.py), handed on in chunks."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from pathlib import Path

from tihuo.sheets import frames
from tihuo.sheets.errors import SheetDamaged, SheetTooComplex
from tihuo.sheets.rows import Row

WAIT_SECONDS = 300
_PACKAGES = Path(__file__).parents[2]
# Nothing else of ours: the child meets hostile files and needs no address of a database.
_ENVIRONMENT = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH")

log = logging.getLogger(__name__)


async def read(path: Path, columns: Sequence[str], *, max_rows: int) -> AsyncGenerator[list[Row], None]:
    """Rows under the head of the first visible sheet, in chunks of up to 1000, with text of `columns` in that order.

    The head is the first row that is not empty; columns may stand in any order, others are ignored, and so are rows
    that are entirely empty. Closing the iterator (contextlib.aclosing) ends the process that reads.

    Raises a SheetRefused, with the first chunk or later: what came before it is no whole sheet. OSError if no process
    could be started.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "tihuo.sheets.child",
        str(path),
        str(max_rows),
        *columns,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | {"PYTHONPATH": str(_PACKAGES)},
    )
    assert process.stdout is not None
    clock = asyncio.get_running_loop().time
    waited = 0.0
    number = 0
    try:
        while True:
            began = clock()
            async with asyncio.timeout(WAIT_SECONDS - waited):
                kind, body = await _frame(process.stdout)
            waited += clock() - began
            if kind == frames.REFUSAL:
                raise frames.refusal(body)
            if kind == frames.END:
                return
            rows = frames.rows(body, columns, after=number)
            number = rows[-1].number
            yield rows
    except TimeoutError:
        log.warning("sheet not read within %d s", WAIT_SECONDS)
        raise SheetTooComplex from None
    except asyncio.IncompleteReadError:
        status = await process.wait()
        log.warning("sheet not read, the reading process ended with %d", status)
        # By a signal: an allocation that failed, or a limit.
        raise (SheetTooComplex if status < 0 else SheetDamaged) from None
    except frames.MalformedFrame as error:
        log.warning("sheet not read, the reading process sent a malformed frame: %s", error)
        raise SheetDamaged from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _frame(stream: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind, size = frames.body_size(await stream.readexactly(frames.HEAD.size))
    return kind, await stream.readexactly(size)
