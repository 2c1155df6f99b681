"""Importing a table: read and checked whole first, then put in so many cards a step, hidden until all are there."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from tihuo.cards.errors import ImportRefused
from tihuo.cards.jobs import make
from tihuo.cards.queries import making
from tihuo.cards.queries.making import Made
from tihuo.cards.service.uploads import COLUMNS, MAX_ROWS, NUMBER, PASSWORD, XLSX, wrong_number, wrong_password
from tihuo.db import Session
from tihuo.jobs import files as job_files
from tihuo.jobs.files import JobFiles
from tihuo.jobs.task import Task
from tihuo.shapes import compact, unmistakable
from tihuo.sheets import Column, Row, Sheet, Values, read, write
from tihuo.vault import CardVault

SHOWN = 200
# Beyond so many the rest of a table is not looked at: something is wrong with all of it.
_MOST_FINDINGS = 100_000
_REPORT = (Column("行号", 10, "number"), Column("卡号", 32), Column("需要修改", 60))

Finding = tuple[int, str, str]


class Importing:
    """Imports the merchant's own numbers and passwords (manual: 卡券导入)."""

    def __init__(self, vault: CardVault, files: JobFiles) -> None:
        self._vault = vault
        self._files = files

    async def run(self, task: Task) -> None:
        """Check the table and fill the batch. Raises SheetRefused, ImportRefused, FileGone."""
        batch, shop = await make.load(task)
        async with self._table(task) as path:
            if "checked" not in task.state:
                count = await self._check(task, path)
                await task.step(lambda session: _promise(session, task, count), state={"checked": True}, total=count)
                batch, shop = await make.load(task)
            shared = make.common(shop, self._vault, batch)
            skip = task.done
            async with contextlib.aclosing(_pairs(path)) as chunks:
                async for pairs in chunks:
                    fresh = pairs[skip:]
                    skip = max(skip - len(pairs), 0)
                    if not fresh:
                        continue
                    first = batch.first_serial + task.done
                    rows = await asyncio.to_thread(make.seal, shop, self._vault, first, fresh)

                    async def work(session: Session, rows: Sequence[Made] = rows) -> None:
                        await making.add_cards(session, task.merchant_id, rows, shared)

                    await task.step(work, state=make.seen(task.state, rows), done=task.done + len(rows))

        async def end(session: Session) -> dict[str, Any]:
            await job_files.served(session, task.merchant_id, task.input["file_id"])
            return await make.ready(session, task, batch, task.state)

        await task.finish(end)
        await self._files.erase_file(task.merchant_id, task.input["file_id"])

    async def undo(self, task: Task) -> None:
        """Take the cards out again, and erase the table: it holds passwords."""
        await task.step(lambda session: job_files.served(session, task.merchant_id, task.input["file_id"]))
        await make.undo(task)
        await self._files.erase_file(task.merchant_id, task.input["file_id"])

    @contextlib.asynccontextmanager
    async def _table(self, task: Task) -> AsyncGenerator[Path, None]:
        """The uploaded file, decrypted into a folder that only this account may enter, while it is read."""
        content = await self._files.read(task.merchant_id, task.input["file_id"])
        with tempfile.TemporaryDirectory(prefix="tihuo-import-") as folder:
            path = Path(folder) / "table.xlsx"
            with path.open("wb") as file:
                async for chunk in content:
                    await asyncio.to_thread(file.write, chunk)
            yield path

    async def _check(self, task: Task, path: Path) -> int:
        """How many cards the table holds, all of them good. Raises SheetRefused, ImportRefused with a report."""
        findings: list[Finding] = []
        rows_of: dict[str, int] = {}
        count = 0
        async with contextlib.aclosing(read(path, COLUMNS, max_rows=MAX_ROWS)) as chunks:
            async for rows in chunks:
                count += len(rows)
                keys = await asyncio.to_thread(_look, rows, rows_of, findings)

                async def look(session: Session, keys: list[str] = keys) -> set[str]:
                    return await making.in_use(session, task.merchant_id, keys)

                taken = await task.read(look)
                findings += [(rows_of[key], key, "卡号已存在（含已作废、已删除的卡），请换一个") for key in taken]
                if len(findings) >= _MOST_FINDINGS:
                    break
        if findings:
            findings.sort(key=lambda finding: finding[0])
            await self._report(task, findings)
            shown = [{"row": row, "number": number, "message": words} for row, number, words in findings[:SHOWN]]
            raise ImportRefused(count=len(findings), rows=shown)
        return count

    async def _report(self, task: Task, findings: Sequence[Finding]) -> None:
        with tempfile.TemporaryDirectory(prefix="tihuo-report-") as folder:
            path = Path(folder) / "report.xlsx"
            rows: list[Values] = [(row, number, words) for row, number, words in findings]
            await asyncio.to_thread(write, path, [Sheet("需要修改的行", _REPORT, rows)])
            size = path.stat().st_size
            kept = await self._files.keep_output(
                task.merchant_id, task.staff_id, task.id, path, "导入报告.xlsx", XLSX, once=False
            )

        async def work(session: Session) -> None:
            await job_files.publish(session, task.merchant_id, kept, size)

        await task.step(work)


def _look(rows: Sequence[Row], rows_of: dict[str, int], findings: list[Finding]) -> list[str]:
    """The number keys of the rows that are good in themselves; what is wrong with the others goes to `findings`."""
    keys = []
    for row in rows:
        number, password = row.cells
        shown = number[:64]
        if row.flaws:
            findings += [(row.number, shown, words) for words in row.complaints()]
            continue
        if words := wrong_number(number):
            findings.append((row.number, shown, f"{NUMBER}{words}"))
        if words := wrong_password(password):
            findings.append((row.number, shown, f"{PASSWORD}{words}"))
        if wrong_number(number):
            continue
        key = unmistakable(compact(number))
        if key in rows_of:
            findings.append((row.number, shown, f"{NUMBER}与第 {rows_of[key]} 行相同或形似"))
            continue
        rows_of[key] = row.number
        keys.append(key)
    return keys


async def _pairs(path: Path) -> AsyncGenerator[list[tuple[str, str]], None]:
    """Numbers and passwords, a step's worth at a time; the table was checked before."""
    held: list[tuple[str, str]] = []
    async with contextlib.aclosing(read(path, COLUMNS, max_rows=MAX_ROWS)) as chunks:
        async for rows in chunks:
            held += [(compact(number), compact(password)) for number, password in (row.cells for row in rows)]
            if len(held) >= make.CHUNK:
                yield held
                held = []
    if held:
        yield held


async def _promise(session: Session, task: Task, count: int) -> None:
    """Give the batch its serials, now that it is known how many it needs."""
    counter = await making.serial_counter_for_update(session, task.merchant_id)
    values: dict[str, Any] = {
        "quantity": count,
        "first_serial": counter.last_serial + 1,
        "last_serial": counter.last_serial + count,
    }
    counter.last_serial += count
    await making.change_batch(session, task.merchant_id, task.input["batch_id"], **values)
