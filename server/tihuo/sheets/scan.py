"""A look through a sheet's XML before it is parsed: how far it reaches, and what its values alone don't tell."""

import re
from collections.abc import Iterable

from tihuo.sheets.errors import SheetDamaged, SheetTooWide
from tihuo.sheets.package import parse
from tihuo.sheets.rows import Flaw

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
# The parser lays the whole area out in memory, empty cells too: 32 bytes each.
MAX_AREA = 12_000_000

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def letters(column: int) -> str:
    """The name of a column counted from 1: A, B, … XFD."""
    name = ""
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


class Scan:
    """What was found. Rows and columns count from 1.

    `formulas`: the first row with a formula, by column. `flaws`: by column and row; only what the parser would
    give as an empty cell or as a mere number.
    """

    def __init__(self, chunks: Iterable[bytes], adding_styles: set[str]) -> None:
        """Read the sheet. Raises SheetTooWide, SheetDamaged, and what `chunks` raises."""
        self.formulas: dict[int, int] = {}
        self.flaws: dict[int, dict[int, Flaw]] = {}
        self._adding_styles = adding_styles
        self._columns: dict[str, int] = {}
        self._height = self._width = 0
        self._row = self._column = 0
        self._cell: dict[str, str] = {}
        self._in_cell = False
        parse(chunks, self._element)
        if self._height * self._width > MAX_AREA:
            raise SheetTooWide(corner=f"{letters(self._width)}{self._height}")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._cell = attributes
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
            else:
                self._place(reference)
            self._in_cell = True
        elif name in ("v", "is"):
            self._content()
        elif name == "f":
            # Elsewhere an f is a chart's or a rule's and makes no value.
            if self._in_cell:
                self.formulas.setdefault(self._column, self._row)
        elif name == "row":
            self._in_cell = False
            self._column = 0
            number = attributes.get("r")
            self._row = self._row + 1 if number is None else _row_number(number)
        elif ":" in name:
            self._element(name.rpartition(":")[2], attributes)
        elif name != "t":
            self._in_cell = False

    def _place(self, reference: str) -> None:
        name = reference.rstrip("0123456789")
        column = self._columns.get(name)
        if column is None:
            found = _REFERENCE.fullmatch(reference.upper())
            if found is None:
                raise SheetDamaged
            column = 0
            for letter in found[1]:
                column = column * 26 + ord(letter) - ord("A") + 1
            self._columns[name] = column
        self._column = column
        self._row = _row_number(reference[len(name) :])

    def _content(self) -> None:
        row, column = self._row, self._column
        if row > self._height:
            self._height = row
        if column > self._width:
            self._width = column
        if row > MAX_ROWS or column > MAX_COLUMNS:
            raise SheetDamaged
        kind = self._cell.get("t", "n")
        if kind == "e":
            self.flaws.setdefault(column, {})[row] = Flaw.UNREADABLE
        elif kind == "n" and self._cell.get("s") in self._adding_styles:
            self.flaws.setdefault(column, {})[row] = Flaw.PADDED


def _row_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 7 and text != "0"):
        raise SheetDamaged
    return int(text)
