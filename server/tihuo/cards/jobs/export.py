"""Writing an export: the sheet row by row, pictures one by one, sealed into the store, and then offered."""

import asyncio
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import zxingcpp
from PIL import Image
from pyroaring import BitMap64

from tihuo.audit.service import Actor
from tihuo.cards.models import CardSelection
from tihuo.cards.service import changing, exporting
from tihuo.cards.service.exporting import CHECK_COLUMNS, COLUMNS, Context, Printer
from tihuo.db import Session
from tihuo.db.base import AnyRow
from tihuo.jobs import files as job_files
from tihuo.jobs.files import JobFiles
from tihuo.jobs.task import Task
from tihuo.merchants import service as merchants
from tihuo.merchants.service import Shop
from tihuo.sheets import Sheet, Values, writing
from tihuo.vault import CardVault

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
_SHEET, _CHECK, _FOLDER = "卡券", "核对", "二维码"
_DOTS = 8


class Exporting:
    """Exports a selection (spec E)."""

    def __init__(self, vault: CardVault, files: JobFiles, origin: str) -> None:
        self._vault = vault
        self._files = files
        self._origin = origin

    async def run(self, task: Task) -> None:
        """Write the file and offer it. Begun anew after a crash: nobody has seen anything of it."""
        selection, shop = await task.read(lambda session: _load(session, task.merchant_id, task.input["selection_id"]))
        serials = BitMap64.deserialize(selection.serials)
        columns, pictures = task.input["columns"], task.input["pictures"]
        printer = Printer(shop, self._vault, self._origin, columns, pictures)
        secret = "password" in columns
        # Where the sheet lies open while it is written, it is in a folder that only this account may enter.
        with tempfile.TemporaryDirectory(prefix="tihuo-export-") as folder:
            sheet = Path(folder) / f"{_SHEET}.xlsx"
            if pictures == "none":
                path, media_type = sheet, XLSX
                written = await self._write(task, serials, printer, sheet, None)
            else:
                path, media_type = Path(folder) / "all.zip", ZIP
                with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
                    written = await self._write(task, serials, printer, sheet, archive)
                    await asyncio.to_thread(archive.write, sheet, sheet.name)
            size = path.stat().st_size
            name = f"卡券-{serials.min()}-{serials.max()}{path.suffix}"
            row = await self._files.keep_output(
                task.merchant_id, task.staff_id, task.id, path, name, media_type, once=secret
            )
        actor = Actor(task.staff_id, task.created_by, task.address)

        async def work(session: Session) -> dict[str, object]:
            await exporting.record_export(session, task.merchant_id, actor, written, task.id, columns)
            await job_files.publish(session, task.merchant_id, row, size)
            return printer.result()

        await task.finish(work)

    async def _write(
        self, task: Task, serials: BitMap64, printer: Printer, sheet: Path, archive: zipfile.ZipFile | None
    ) -> list[changing.Runs]:
        """Write the sheet, and the pictures where there is an archive for them; answers what was written."""
        written: list[changing.Runs] = []
        done = 0
        # Its rows are asked for when all others are written.
        check = Sheet(_CHECK, CHECK_COLUMNS, _when_asked(printer))
        headings = [COLUMNS[column] for column in printer.columns]
        async with writing(sheet, _SHEET, headings, then=[check]) as put:
            while done < len(serials):
                runs, count = changing.next_runs(serials, done)

                async def read(session: Session, runs: changing.Runs = runs) -> tuple[Sequence[AnyRow], Context]:
                    return await exporting.read_chunk(session, task.merchant_id, runs)

                rows, known = await task.read(read)
                await put(await asyncio.to_thread(printer.rows, rows, known))
                if archive is not None:
                    await asyncio.to_thread(_draw, archive, printer, rows)
                written.append(runs)
                done += count
                await task.step(_nothing, done=min(done, len(serials) - 1))
        return written


def _when_asked(printer: Printer) -> Iterator[Values]:
    yield from printer.checks()


async def _nothing(_: Session) -> None:
    """A step that only says how far the job is."""


def _draw(archive: zipfile.ZipFile, printer: Printer, rows: Sequence[AnyRow]) -> None:
    for row in rows:
        name = exporting.picture_name(row.serial, row.number, printer.pictures)
        archive.writestr(f"{_FOLDER}/{name}", picture(printer.link(row.number), printer.pictures))


def picture(link: str, kind: str) -> bytes:
    """The QR code of a link, with its quiet zone; 8 dots a module as PNG, sharp at any size as SVG."""
    code = zxingcpp.create_barcode(link, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    if kind == "svg":
        return code.to_svg().encode()
    out = io.BytesIO()
    Image.fromarray(code.to_image(scale=_DOTS)).convert("1").save(out, "PNG")
    return out.getvalue()


async def _load(session: Session, merchant_id: int, selection_id: int) -> tuple[CardSelection, Shop]:
    selection = await changing.load_selection(session, merchant_id, selection_id)
    return selection, await merchants.get(session, merchant_id)
