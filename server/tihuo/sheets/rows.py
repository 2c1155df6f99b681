"""A row of an uploaded sheet, and what can be wrong with its cells."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Flaw(StrEnum):
    """Why a cell has no text that could be trusted."""

    LOSSY = "lossy"
    """A number of 16 digits or more: a sheet keeps 15, the rest are zeros by now."""
    PADDED = "padded"
    """A number whose leading zeros are only its format: 00123 on the screen, 123 in the file."""
    UNREADABLE = "unreadable"
    """A date, a truth value, an error such as #N/A, or a text longer than a cell can hold."""


_SENTENCES = {
    Flaw.LOSSY: "第 {number} 行的{column}被表格当作数字，末位可能已丢失；请把该列设为文本后重填",
    Flaw.PADDED: "第 {number} 行的{column}被表格当作数字，开头的 0 只是显示格式；请把该列设为文本后重填",
    Flaw.UNREADABLE: "第 {number} 行的{column}不是文字（日期、逻辑值或错误值）；请把该列设为文本后重填",
}
_NO_FLAWS: Mapping[str, Flaw] = MappingProxyType({})


class Row(NamedTuple):
    """A row that is not entirely empty.

    `number`: as the user sees it in the sheet, from 1. `cells`: stripped text in the order of the columns asked for,
    "" where empty or flawed. `flaws`: by column; who ignores them finds an empty cell, never a wrong value.
    """

    number: int
    cells: tuple[str, ...]
    flaws: Mapping[str, Flaw] = _NO_FLAWS

    def complaints(self) -> list[str]:
        """One Chinese sentence for each flawed cell."""
        return [_SENTENCES[flaw].format(number=self.number, column=column) for column, flaw in self.flaws.items()]
