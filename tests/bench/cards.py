"""Making a batch of cards, and exporting it."""

import statistics
import time
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from tests.services.mariadb import DatabaseServer
from tests.services.staff_client import Staff

from .bare import Marks, Written, insert_in_one_transaction, make_copies
from .figures import Figure
from .load import run
from .merchant import sheet_rows, stage

QUANTITY = 10_000
ROUNDS = 3


def measure() -> list[Figure]:
    making: list[float] = []
    bare_making: list[float] = []
    exporting: list[float] = []
    bare_exporting: list[float] = []
    with stage(web=1) as on, Staff(on.processes.urls[0], on.demo["staff"]) as staff:
        staff.make_cards(100)  # connections open, statements compiled
        for _ in range(ROUNDS):
            marks = Marks(on.database)
            begun = time.perf_counter()
            batch_id = staff.make_cards(QUANTITY)
            making.append(time.perf_counter() - begun)
            bare_making.append(_insert_bare(on.database, marks.written_since()))

            begun = time.perf_counter()
            content = staff.export(batch_id)
            exporting.append(time.perf_counter() - begun)
            bare_exporting.append(_write_bare(sheet_rows(content)))
    return [
        Figure("cards.make", _rate(making), "cards/s", limit=_rate(bare_making)),
        Figure("cards.export", _rate(exporting), "cards/s", limit=_rate(bare_exporting)),
    ]


def _insert_bare(database: DatabaseServer, written: Sequence[Written]) -> float:
    """Only the INSERTs: making the numbers, passwords and their two copies is the product's own work."""
    made = max(len(one.rows) for one in written)
    if made != QUANTITY:
        raise RuntimeError(f"{made} rows were written for {QUANTITY} cards")
    make_copies(database, [one.table for one in written])
    return run(insert_in_one_transaction(database, written))


def _write_bare(rows: Sequence[tuple[Any, ...]]) -> float:
    """openpyxl, at its leanest, writing the same cells."""
    begun = time.perf_counter()
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    with open("/dev/null", "wb") as nowhere:  # noqa: PTH123 - a sink, not a path
        book.save(nowhere)
    return time.perf_counter() - begun


def _rate(seconds: Sequence[float]) -> float:
    return QUANTITY / statistics.median(seconds)
