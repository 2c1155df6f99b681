"""A worker killed at any moment of a job: the next one finishes it, nothing is lost, doubled or stuck."""

import asyncio
import io
import random
import secrets
import sys
import time
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap64
from sqlalchemy import select, update
from tornado.ioloop import IOLoop

from tests.cards import desk
from tests.cards.seeds import seed
from tests.concurrency import fleet as fleets
from tests.factories.shops import HOST, Card, Shop
from tests.faults.dying_worker import LIVES
from tests.services.process import ChildProcess
from tests.services.tihuo_processes import ROOT, tihuo_environment
from tihuo.audit.models import AuditEntry
from tihuo.cards import service as cards
from tihuo.cards.models import Batch, CardChange
from tihuo.cards.models import Card as CardRow
from tihuo.cards.schemas import Action, BatchIn, CardEdit, CardExportIn, CardFilter, ImportIn, SelectionIn
from tihuo.db import Session
from tihuo.jobs import queue
from tihuo.jobs.models import JobFile, JobRow
from tihuo.settings import Settings
from tihuo.shapes import unmistakable
from tihuo.staff.service import PERMISSIONS

PATIENCE = 60


@pytest.fixture
def job_settings(settings: Settings, new_database: Callable[[str], str]) -> Settings:
    """A database of this test's own: no other job gets in the way."""
    return fleets.on_its_own_database(settings, new_database("killed"))


@pytest.fixture
def killed_shop(job_settings: Settings, io_loop: IOLoop) -> Iterator[Shop]:
    """A merchant whose jobs other processes do."""
    with fleets.host(io_loop, job_settings) as app:
        yield fleets.new_shop(io_loop, app, "")


class Killer:
    """Has workers die over jobs; counts how many did."""

    def __init__(self, shop: Shop, folder: Path, seed: int) -> None:
        self.shop = shop
        self.folder = folder
        self.seed = seed
        self.deaths = 0
        self.phases = 0

    @asynccontextmanager
    async def dying(self, deaths: int, most: int) -> AsyncIterator[Callable[[int], Any]]:
        """Workers of which so many die, at one of a job's first `most` points or moments; gives a way to wait."""
        settings = self.shop.app.context.settings
        log = self.folder / f"worker-{self.phases}.log"
        argv = [sys.executable, "-m", "tests.faults.dying_worker", f"{self.seed}:{self.phases}", str(deaths), str(most)]
        env = tihuo_environment(fleets.environment(settings))
        process = ChildProcess("dying-worker", argv, log, env=env, cwd=ROOT)
        process.start()

        async def ended(job_id: int) -> JobRow:
            deadline = time.monotonic() + PATIENCE
            while True:
                row = await self.job(job_id)
                if row.finished_at is not None:
                    return row
                assert process.alive, process.log_tail()
                assert time.monotonic() < deadline, f"stuck: {row.status} {row.done}/{row.total}\n{process.log_tail()}"
                await asyncio.sleep(0.05)

        try:
            yield ended
            died = log.read_text("utf-8").count(LIVES) - 1
            # A job may end before the moment that was drawn for a worker's death.
            assert died >= 1, process.log_tail()
            self.deaths += died
            self.phases += 1
        finally:
            process.stop()

    async def job(self, job_id: int) -> JobRow:
        async def work(session: Session) -> JobRow:
            query = select(JobRow).where(JobRow.merchant_id == self.shop.id, JobRow.id == job_id)
            return (await session.scalars(query)).one()

        found: JobRow = await self.shop.run(work)
        return found

    async def make(self, **fields: Any) -> tuple[int, int]:
        """Ask for a batch; answers it and its job."""
        body = BatchIn(**{"status": "active", **fields})
        made = await self.shop.run(
            lambda session: cards.make_batch(session, self.shop.id, body, secrets.token_hex(16), HOST)
        )
        return made.batch.id, made.job.id

    async def change(self, action: Action, edit: dict[str, Any] | None = None, **wanted: Any) -> int:
        """Dry run and confirmation; answers the job."""
        context = self.shop.app.context
        chosen = CardEdit(**edit) if edit is not None else None
        body = SelectionIn(filter=CardFilter(**wanted), action=action, edit=chosen)
        selection = await cards.select(context.unit_of_work, self.shop.id, body, HOST)
        job = await self.shop.run(
            lambda session: cards.apply(session, self.shop.id, selection.id, selection.will_change, HOST)
        )
        found: int = job.id
        return found


async def batch_of(shop: Shop, batch_id: int) -> Batch:
    async def work(session: Session) -> Batch:
        return (await session.scalars(select(Batch).where(Batch.merchant_id == shop.id, Batch.id == batch_id))).one()

    found: Batch = await shop.run(work)
    return found


async def cards_of(shop: Shop, batch_id: int) -> list[CardRow]:
    return [row for row in await desk.rows(shop) if row.batch_id == batch_id]


async def audited(shop: Shop, action: str, job_id: int | None = None) -> int:
    """How often something is on record."""

    async def work(session: Session) -> list[AuditEntry]:
        query = select(AuditEntry).where(AuditEntry.merchant_id == shop.id, AuditEntry.action == action)
        return list(await session.scalars(query))

    found: list[AuditEntry] = await shop.run(work)
    return sum(job_id is None or entry.data.get("job_id") == job_id for entry in found)


async def whole(shop: Shop, batch_id: int, quantity: int) -> list[CardRow]:
    """Fail unless the batch has all its cards once, its serials without a gap; answers them."""
    batch = await batch_of(shop, batch_id)
    rows = await cards_of(shop, batch_id)
    assert (batch.status, batch.quantity) == ("ready", quantity)
    assert [row.serial for row in rows] == list(range(batch.first_serial, batch.last_serial + 1))
    assert len(rows) == len({row.number for row in rows}) == len({row.number_key for row in rows}) == quantity
    assert (rows[0].number, rows[-1].number) == (batch.first_number, batch.last_number)
    keys = sorted(row.number_key for row in rows)
    assert (keys[0], keys[-1]) == (batch.lowest_key, batch.highest_key)
    return rows


def covered(changes: list[CardChange]) -> Counter[int]:
    """How often each serial is in the history."""
    found: Counter[int] = Counter()
    for change in changes:
        members = range(change.first_serial, change.last_serial + 1)
        held = list(BitMap64.deserialize(change.members)) if change.members is not None else list(members)
        assert len(held) == change.count
        found.update(held)
    return found


async def test_jobs_whose_workers_are_killed_are_done_once(killed_shop: Shop, tmp_path: Path) -> None:
    """Making, importing, changing, deleting, exporting: four dead workers each, at moments drawn at random."""
    shop, chosen = killed_shop, seed()
    killer = Killer(shop, tmp_path, chosen)
    draw = random.Random(chosen)
    product = (await shop.product()).id
    own = {"product_ids": [product], "number_length": 6}

    async with killer.dying(4, 60) as ended:
        sequential, job_id = await killer.make(quantity=2400, prefix="S", **own)
        follower, second_id = await killer.make(quantity=300, prefix="S", **own)
        job = await ended(job_id)
        assert (job.status, job.done, job.error) == ("done", 2400, None)
        assert (await ended(second_id)).status == "done"
    assert [row.number for row in await whole(shop, sequential, 2400)] == [f"S{n:06d}" for n in range(1, 2401)]
    assert [row.number for row in await whole(shop, follower, 300)] == [f"S{n:06d}" for n in range(2401, 2701)]

    async with killer.dying(4, 60) as ended:
        scattered, job_id = await killer.make(quantity=2000, prefix="R", order="random", **own)
        assert (await ended(job_id)).status == "done"
    rows = await whole(shop, scattered, 2000)
    assert all(row.number.startswith("R") for row in rows)
    printed = [await desk.opened(shop, row) for row in draw.sample(rows, 50)]
    assert len({card.password for card in printed}) == 50
    assert await audited(shop, "made") == 3

    await imported(killer, product)
    await changed(killer, draw)
    await exported(killer)
    assert killer.deaths >= 20
    await nothing_is_stuck(shop)


async def imported(killer: Killer, product: int) -> None:
    """A table whose import is killed: all of its rows, once, with their own passwords; the table is erased."""
    shop = killer.shop
    wanted = {f"W{secrets.token_hex(6)}".upper(): secrets.token_hex(6).upper() for _ in range(3200)}
    content = desk.table(list(wanted.items()))

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    files = shop.app.context.files
    uploaded = await files.keep_upload(shop.id, shop.owner_id, chunks(), "table.xlsx", "application/octet-stream")
    body = ImportIn(file_id=uploaded.id, product_ids=[product], status="active")
    async with killer.dying(4, 40) as ended:
        made = await shop.run(lambda session: cards.import_batch(session, shop.id, body, secrets.token_hex(16), HOST))
        job = await ended(made.job.id)
        assert (job.status, job.error) == ("done", None)
        await erased(shop, uploaded.id)
    rows = await whole(shop, made.batch.id, len(wanted))
    assert [row.number for row in rows] == list(wanted)
    assert {row.number_key for row in rows} == {unmistakable(number) for number in wanted}
    for row in rows[::400]:
        assert await desk.opened(shop, row) == Card(row.number, wanted[row.number])
    assert await audited(shop, "imported") == 1


async def erased(shop: Shop, file_id: int) -> None:
    """Wait until an uploaded file is out of the store, whoever erases it."""

    async def work(session: Session) -> JobFile:
        query = select(JobFile).where(JobFile.merchant_id == shop.id, JobFile.id == file_id)
        return (await session.scalars(query)).one()

    files = shop.app.context.settings.data_dir / "files"
    async with asyncio.timeout(PATIENCE):
        while (row := await shop.run(work)).erased_at is None or (files / row.store_key).exists():
            # What a worker does each minute.
            await shop.app.context.files.erase_some()
            await asyncio.sleep(0.05)


async def changed(killer: Killer, draw: random.Random) -> None:
    """Bulk actions on contiguous and on scattered cards: each card once, in the table and in the history."""
    shop = killer.shop
    before = {row.serial: row for row in await desk.rows(shop)}
    async with killer.dying(3, 50) as ended:
        job_id = await killer.change("void", number="S")
        job = await ended(job_id)
        assert job.status == "done"
        assert job.result == {"changed": 2700, "unchanged": []}
    await once(shop, job_id, {serial for serial, row in before.items() if row.number.startswith("S")})
    assert await audited(shop, "voided", job_id) == 1

    scattered = set(draw.sample(sorted(serial for serial, row in before.items() if row.number.startswith("W")), 900))
    await deactivate(shop, scattered)
    async with killer.dying(3, 50) as ended:
        job_id = await killer.change("activate", number="W", status="inactive")
        job = await ended(job_id)
        assert job.status == "done"
        assert job.result == {"changed": 900, "unchanged": []}
    await once(shop, job_id, scattered)

    async with killer.dying(3, 50) as ended:
        job_id = await killer.change("edit", {"name": "改过", "face_value_fen": 5}, serial_to=2700)
        assert (await ended(job_id)).result == {"changed": 2700, "unchanged": []}
    await once(shop, job_id, set(range(1, 2701)))

    async with killer.dying(3, 50) as ended:
        job_id = await killer.change("delete", status="void", serial_to=1500)
        job = await ended(job_id)
        assert (job.status, job.result) == ("done", {"changed": 1500, "unchanged": []})
    await once(shop, job_id, set(range(1, 1501)))
    rows = await desk.rows(shop)
    assert len(rows) == len(before)
    gone = [row for row in rows if row.status == "deleted"]
    assert {row.serial for row in gone} == set(range(1, 1501))
    assert {row.password_mac + row.password_sealed for row in gone} == {b""}
    assert await audited(shop, "deleted", job_id) == 1


async def deactivate(shop: Shop, serials: set[int]) -> None:
    """Have just these cards be inactive, so that a filter finds a scattered set."""
    await shop.run(
        lambda session: session.execute(
            update(CardRow).where(CardRow.merchant_id == shop.id, CardRow.serial.in_(serials)).values(status="inactive")
        )
    )


async def once(shop: Shop, job_id: int, serials: set[int]) -> None:
    """Fail unless the job has these cards in the history, each once, and no other."""
    found = covered(await desk.changes(shop, job_id))
    assert set(found) == serials
    assert set(found.values()) == {1}


async def exported(killer: Killer) -> None:
    """Exports that are killed: whole in the end, one file to download, the history written once."""
    shop = killer.shop
    wanted = {row.serial: row.number for row in await desk.rows(shop) if row.status != "deleted"}
    for columns, pictures, filter_ in (
        (["serial", "number", "password"], "none", CardFilter()),
        (["serial", "number", "qr_file"], "png", CardFilter(serial_from=1501, serial_to=2100)),
    ):
        body = CardExportIn(filter=filter_, columns=columns, pictures=pictures, password="x")
        expected = {
            serial: number
            for serial, number in wanted.items()
            if (filter_.serial_from or 1) <= serial <= (filter_.serial_to or serial)
        }
        async with killer.dying(3, 80) as ended:
            asked = await cards.ask_for_export(shop.app.context.unit_of_work, shop.id, body, HOST)
            job = await ended(asked.id)
            assert (job.status, job.error) == ("done", None)
        assert job.result["count"] == len(expected)
        content = await downloaded(shop, asked.id)
        if pictures == "none":
            rows = desk.rows_of(content)[1:]
            assert [(int(serial), number) for serial, number, _ in rows] == sorted(expected.items())
            for serial, number, password in rows[::500]:
                row = next(row for row in await desk.rows(shop) if row.serial == serial)
                assert await desk.opened(shop, row) == Card(number, password)
        else:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                assert archive.testzip() is None
                rows = desk.rows_of(archive.read("卡券.xlsx"))[1:]
                assert {f"二维码/{name}" for _, _, name in rows} | {"卡券.xlsx"} == set(archive.namelist())
                assert len(archive.namelist()) == len(expected) + 1
        await once(shop, asked.id, set(expected))
        assert await published(shop, asked.id) == 1


async def downloaded(shop: Shop, job_id: int) -> bytes:
    """The file as who asked for it gets it."""
    taken = await shop.app.context.files.take(shop.id, PERMISSIONS, job_id, None)  # type: ignore[arg-type]
    return b"".join([chunk async for chunk in taken.chunks])


async def published(shop: Shop, job_id: int) -> int:
    """How many files of a job are offered."""

    async def work(session: Session) -> list[JobFile]:
        query = select(JobFile).where(
            JobFile.merchant_id == shop.id, JobFile.job_id == job_id, JobFile.purpose == queue.OUTPUT
        )
        return list(await session.scalars(query))

    return len(await shop.run(work))


async def nothing_is_stuck(shop: Shop) -> None:
    """No job is open, no lease held; what was begun and thrown away is erased a day later."""

    async def work(session: Session) -> list[JobRow]:
        return list(await session.scalars(select(JobRow).where(JobRow.merchant_id == shop.id)))

    rows: list[JobRow] = await shop.run(work)
    assert {row.status for row in rows} == {"done"}
    assert {(row.lease, row.lease_until) for row in rows} == {(None, None)}
    assert all(row.done == row.total for row in rows)
