"""The process that parses one uploaded sheet: `python -m tihuo.sheets.child FILE MAX_ROWS COLUMN…`.

A file of 1.4 KB can make the parser abort its whole process (cells A1 and XFD1048576: tafia/calamine#693), hence a
process of its own, capped in memory and time, that speaks frames.py on standard output.
"""

import math
import resource
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from tihuo.sheets import frames
from tihuo.sheets.errors import (
    CellIsFormula,
    SheetColumnsMissing,
    SheetColumnTwice,
    SheetDamaged,
    SheetRefused,
    SheetTooComplex,
    SheetTooManyRows,
    SheetWithoutRows,
)
from tihuo.sheets.package import unpack
from tihuo.sheets.rows import Flaw
from tihuo.sheets.scan import Scan, letters

# 1,000,000 rows of 6 texts take 0.9 GiB of address space, of 2 texts 0.3 GiB.
MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 120
CHUNK_ROWS = 1000
_CHUNK_CHARACTERS = 1_000_000
_CELL_CHARACTERS = 32_767
_EXACT_BELOW = 10**15

Wire = list[tuple[int, list[str]]]


def main() -> None:
    """Write frames of rows and an end, or a refusal."""
    _cap()
    path, max_rows, *columns = sys.argv[1:]
    out = sys.stdout.buffer
    try:
        for chunk in _read(Path(path), columns, int(max_rows)):
            out.write(frames.pack(frames.ROWS, chunk))
            out.flush()
        last = frames.pack(frames.END, {})
    except SheetRefused as refusal:
        last = frames.pack(frames.REFUSAL, {"code": refusal.code, "data": refusal.data})
    except MemoryError:
        last = frames.pack(frames.REFUSAL, {"code": SheetTooComplex.code, "data": {}})
    out.write(last)
    out.flush()


def _cap() -> None:
    # Where memory runs out, this process goes before any other.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        capped = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (capped, capped))


def _read(path: Path, columns: Sequence[str], max_rows: int) -> Iterator[object]:
    package = unpack(path)
    name, part = package.first_visible_sheet()
    scan = Scan(package.chunks(part), package.adding_styles())
    for other in package.parts:
        if other != part:
            for _ in package.chunks(other):
                pass
    try:
        sheet = _sheet(path, name)
        rows = _Rows(sheet, scan, columns)
        yield from _chunks(rows, max_rows)
    except CalamineError:
        raise SheetDamaged from None


def _sheet(path: Path, name: str) -> CalamineSheet:
    book = CalamineWorkbook.from_path(path)
    seen = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    if seen[:1] != [name] or book.sheet_names.count(name) != 1:
        raise SheetDamaged
    return book.get_sheet_by_name(name)


class _Rows:
    """The rows under the head, as text."""

    def __init__(self, sheet: CalamineSheet, scan: Scan, columns: Sequence[str]) -> None:
        if sheet.start is None:
            raise SheetWithoutRows
        self._rows = enumerate(sheet.iter_rows(), start=1)
        self._places = self._find(columns)
        first = sheet.start[1] + 1
        formulas = [
            (scan.formulas[place + first], place + first) for place in self._places if place + first in scan.formulas
        ]
        if formulas:
            row, column = min(formulas)
            raise CellIsFormula(cell=f"{letters(column)}{row}")
        self._flaws = [scan.flaws.get(place + first, {}) for place in self._places]

    def _find(self, columns: Sequence[str]) -> list[int]:
        """Where the columns are in a row; the first row that is not empty is the head."""
        head = next((found for _, cells in self._rows if any(found := [_fold(str(cell)) for cell in cells])), [])
        wanted = [_fold(column) for column in columns]
        missing = [column for column, folded in zip(columns, wanted, strict=True) if folded not in head]
        if not any(head):
            raise SheetWithoutRows
        if missing:
            raise SheetColumnsMissing(names="、".join(missing))
        for column, folded in zip(columns, wanted, strict=True):
            if head.count(folded) > 1:
                raise SheetColumnTwice(name=column)
        return [head.index(folded) for folded in wanted]

    def __iter__(self) -> Iterator[tuple[int, list[str], list[tuple[int, Flaw]]]]:
        """Number, text and flaws (by place in the columns) of each row that is not entirely empty."""
        places = list(enumerate(self._places))
        for number, cells in self._rows:
            texts: list[str] = []
            flaws: list[tuple[int, Flaw]] = []
            for column, place in places:
                text, flaw = _text(cells[place])
                flaw = self._flaws[column].get(number, flaw)
                texts.append("" if flaw else text)
                if flaw:
                    flaws.append((column, flaw))
            if any(texts) or flaws or any(str(cell).strip() for cell in cells):
                yield number, texts, flaws


def _chunks(rows: _Rows, max_rows: int) -> Iterator[object]:
    chunk: Wire = []
    flaws: list[tuple[int, int, Flaw]] = []
    count = characters = 0
    for number, texts, flawed in rows:
        count += 1
        if count > max_rows:
            raise SheetTooManyRows(limit=max_rows)
        flaws += [(len(chunk), column, flaw) for column, flaw in flawed]
        chunk.append((number, texts))
        characters += sum(map(len, texts))
        if len(chunk) == CHUNK_ROWS or characters > _CHUNK_CHARACTERS:
            yield {"rows": chunk, "flaws": flaws}
            chunk, flaws, characters = [], [], 0
    if not count:
        raise SheetWithoutRows
    if chunk:
        yield {"rows": chunk, "flaws": flaws}


def _fold(heading: str) -> str:
    """A heading as it is compared: full-width letters and signs are half-width ones, space at the ends is none."""
    return unicodedata.normalize("NFKC", heading).strip().casefold()


def _text(value: object) -> tuple[str, Flaw | None]:
    if type(value) is str:
        return (value.strip(), None) if len(value) <= _CELL_CHARACTERS else ("", Flaw.UNREADABLE)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "", Flaw.UNREADABLE
    if abs(value) >= _EXACT_BELOW:
        return "", Flaw.LOSSY
    return format(Decimal(int(value) if value == int(value) else repr(value)), "f"), None


if __name__ == "__main__":
    main()
