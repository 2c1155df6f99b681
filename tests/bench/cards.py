# ruff: noqa: S608 - names of tables and columns cannot be bound; these come from the database itself
"""A season's cards: a million made, exported, imported and changed, and lists out of ten million."""

import asyncio
import io
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from openpyxl import load_workbook
from rustpy_xlsxwriter import write_worksheets

from tests.services.mariadb import DatabaseServer
from tests.services.staff_client import Staff

from .bare import COPIES, columns, make_copies
from .figures import Figure, percentile
from .lists import measure_lists
from .load import Connection, run
from .memory import peak_of
from .merchant import DATABASE, Card, Stage, stage
from .redeem import RECEIVER

MILLION = 1_000_000
TIME_LIMIT = 2400.0
_LOADED_AT_ONCE = 50_000
# Redemptions of other cards while a million are changed: as many a second as a busy shop has.
_REDEMPTIONS_A_SECOND = 20


def measure() -> list[Figure]:
    with stage(web=2, buffer_pool="5G") as on, Staff(on.processes.urls[0], on.demo["staff"]) as staff:
        desk = Desk(on, staff)
        return [*_make(desk), *_export(desk), *_import(desk), *_change(desk), *measure_lists(on.database, desk.client)]


class Desk:
    """Staff who ask for jobs and wait for them, and the worker that does them."""

    def __init__(self, on: Stage, staff: Staff) -> None:
        self.on = on
        url = on.processes.urls[0]
        self.client = httpx.Client(base_url=f"{url}/api/m", cookies=staff.cookies, headers={"Origin": url}, timeout=120)
        self.worker = on.processes.workers[0].pid
        self.product_id = staff.product_id()
        self.batch: dict[str, Any] = {}

    def get(self, path: str) -> Any:
        return self.client.get(path).raise_for_status().json()

    def post(self, path: str, content: dict[str, Any]) -> Any:
        answer = self.client.post(path, json=content, headers={"Idempotency-Key": secrets.token_urlsafe(18)})
        if answer.is_error:
            raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def make(self, quantity: int, **more: Any) -> dict[str, Any]:
        """An active batch of that many, ready."""
        wanted = {"quantity": quantity, "product_ids": [self.product_id], "status": "active", **more}
        made = self.post("/batches", wanted)
        self.wait(made["job"]["id"])
        batch: dict[str, Any] = self.get(f"/batches/{made['batch']['id']}")
        return batch

    def export(self, batch: dict[str, Any], columns_wanted: list[str]) -> dict[str, Any]:
        """The job that exported the batch, passwords and all."""
        wanted = {
            "filter": {"batch_id": batch["id"]},
            "columns": columns_wanted,
            "password": self.on.demo["staff"]["password"],
        }
        return self.wait(self.post("/cards/exports", wanted)["id"])

    def cards(self, quantity: int) -> list[Card]:
        """New cards with their passwords."""
        job = self.export(self.make(quantity, prefix="R"), ["number", "password"])
        content = self.client.post(f"/jobs/{job['id']}/file").raise_for_status().content
        sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        return [Card(str(row[0]), str(row[1])) for row in sheet.iter_rows(min_row=2, values_only=True)]

    def wait(self, job_id: int) -> dict[str, Any]:
        """The job after its end."""
        while True:
            job: dict[str, Any] = self.get(f"/jobs/{job_id}")
            if job["finished_at"] is not None:
                if job["status"] != "done":
                    raise RuntimeError(f"{job['title']}: {job['status']} {job['error']}")
                return job
            time.sleep(0.05)


def _make(desk: Desk) -> list[Figure]:
    with peak_of(desk.worker) as peak:
        begun = time.perf_counter()
        desk.batch = desk.make(MILLION, prefix="M", number_length=9)
        seconds = time.perf_counter() - begun
    bare = _load_data(desk.on.database, desk.batch)
    return [
        Figure("cards.make_million", seconds, "s", "<= 45"),
        Figure("cards.make_memory", peak.mib, "MiB", "<= 400"),
        Figure("cards.make_rate", MILLION / seconds, "cards/s", limit=MILLION / bare),
        Figure("cards.make_ratio", bare / seconds, "of LOAD DATA", ">= 0.4"),
    ]


def _load_data(database: DatabaseServer, batch: dict[str, Any]) -> float:
    """The same rows, ready made in files, through LOAD DATA into a copy of the table; seconds."""
    make_copies(database, ["cards"])
    listed = ", ".join(f"`{column}`" for column in columns(database, "cards"))
    with tempfile.TemporaryDirectory(prefix="tihuo-load-") as folder:
        Path(folder).chmod(0o777)
        files = []
        for first in range(batch["first_serial"], batch["last_serial"] + 1, _LOADED_AT_ONCE):
            path = f"{folder}/{first}.txt"
            database.execute(
                f"SELECT {listed} FROM cards WHERE serial BETWEEN {first} AND {first + _LOADED_AT_ONCE - 1}"
                f" AND batch_id = {batch['id']} INTO OUTFILE '{path}' CHARACTER SET binary",
                DATABASE,
            )
            files.append(path)
        begun = time.perf_counter()
        for path in files:
            database.execute(f"LOAD DATA INFILE '{path}' INTO TABLE cards CHARACTER SET binary ({listed})", COPIES)
        return time.perf_counter() - begun


def _export(desk: Desk) -> list[Figure]:
    wanted = [
        "serial",
        "number",
        "password",
        "link",
        "name",
        "products",
        "face_value",
        "valid_until",
        "status",
        "batch",
    ]
    with peak_of(desk.worker) as peak:
        begun = time.perf_counter()
        job = desk.export(desk.batch, [*wanted, "batch"])
        seconds = time.perf_counter() - begun
    if job["result"]["count"] != MILLION:
        raise RuntimeError(f"exported {job['result']}")
    return [
        Figure("cards.export_million", seconds, "s", "<= 90"),
        Figure("cards.export_memory", peak.mib, "MiB", "<= 300"),
        Figure("cards.export_size", job["file"]["size"] / 1024 / 1024, "MiB"),
    ]


def _import(desk: Desk) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="tihuo-bench-") as folder:
        path = Path(folder) / "cards.xlsx"
        _table(path)
        answer = desk.client.post("/cards/imports/files", content=path.read_bytes())
        uploaded = answer.raise_for_status().json()
    wanted = {"file_id": uploaded["file_id"], "product_ids": [desk.product_id]}
    with peak_of(desk.worker) as peak:
        begun = time.perf_counter()
        job = desk.wait(desk.post("/cards/imports", wanted)["job"]["id"])
        seconds = time.perf_counter() - begun
    if job["result"]["quantity"] != MILLION:
        raise RuntimeError(f"imported {job['result']}")
    return [
        Figure("cards.import_million", seconds, "s", "<= 180"),
        Figure("cards.import_memory", peak.mib, "MiB", "<= 600"),
    ]


def _table(path: Path) -> None:
    def rows() -> Iterator[dict[str, str]]:
        for value in range(MILLION):
            yield {"卡号": f"K{value:09d}", "密码": f"{secrets.randbelow(10**10):010d}"}

    write_worksheets([("卡券", rows())], str(path))


def _change(desk: Desk) -> list[Figure]:
    chosen = {"batch_id": desk.batch["id"]}
    quiet = _edit(desk, chosen, "改")
    bare = _one_update(desk.on.database, desk.batch)
    with peak_of(desk.worker) as peak:
        busy, seconds = run(_edit_among_redemptions(desk, chosen))
    return [
        Figure("cards.change_million", busy, "s", "<= 40"),
        Figure("cards.change_memory", peak.mib, "MiB"),
        Figure("cards.change_redeem_p99", percentile(seconds, 0.99) * 1000, "ms", "<= 100"),
        Figure("cards.change_redemptions", len(seconds) / busy, "redemptions/s meanwhile"),
        Figure("cards.change_quiet", quiet, "s", limit=bare),
        Figure("cards.change_ratio", bare / quiet, "of one UPDATE", ">= 0.4"),
    ]


def _edit(desk: Desk, chosen: dict[str, Any], remark: str) -> float:
    begun = time.perf_counter()
    found = desk.post("/cards/selections", {"filter": chosen, "action": "edit", "edit": {"remark": remark}})
    job = desk.post(f"/cards/selections/{found['id']}/apply", {"expected": found["will_change"]})
    done = desk.wait(job["id"])
    if done["result"]["changed"] != MILLION:
        raise RuntimeError(f"changed {done['result']}")
    return time.perf_counter() - begun


def _one_update(database: DatabaseServer, batch: dict[str, Any]) -> float:
    """The same change of the same rows by one statement, in the copy that LOAD DATA filled."""
    begun = time.perf_counter()
    database.execute(
        "UPDATE cards SET terms_id = terms_id + 1"
        f" WHERE serial BETWEEN {batch['first_serial']} AND {batch['last_serial']}",
        COPIES,
    )
    return time.perf_counter() - begun


async def _edit_among_redemptions(desk: Desk, chosen: dict[str, Any]) -> tuple[float, list[float]]:
    """How long changing a million takes, and each redemption of another card meanwhile."""
    product_id = desk.product_id
    slug = desk.on.demo["storefront"].rstrip("/").rpartition("/")[2]
    others = await asyncio.to_thread(desk.cards, 60 * _REDEMPTIONS_A_SECOND)
    editing = asyncio.create_task(asyncio.to_thread(_edit, desk, chosen, "再改"))
    seconds: list[float] = []
    sent: set[asyncio.Task[None]] = set()
    connections = [Connection("127.0.0.1", desk.on.processes.ports[lane % 2]) for lane in range(16)]
    free = list(connections)

    async def redeem(card: Card) -> None:
        connection = free.pop()
        body = {"number": card.number, "password": card.password, "product_id": product_id, "receiver": RECEIVER}
        key = f"Idempotency-Key: {secrets.token_urlsafe(18)}\r\n"
        answer = await connection.post(f"/api/c/{slug}/redemptions", body, key)
        free.append(connection)
        if answer.status != 201:
            raise RuntimeError(f"redeem: {answer.status} {answer.body.decode()}")
        seconds.append(answer.seconds)

    for card in others:
        if editing.done():
            break
        if free:
            sent.add(asyncio.create_task(redeem(card)))
        await asyncio.sleep(1 / _REDEMPTIONS_A_SECOND)
    busy = await editing
    await asyncio.gather(*sent)
    for connection in connections:
        await connection.close()
    return busy, seconds
