"""Templates for imports: an empty sheet with explained headings, and a sheet of rules beside it."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

RULES_TITLE = "填写说明"
_RULES_WIDTH = 60
_NOTE_SIZE = (280, 120)


def template(
    title: str,
    columns: Sequence[tuple[str, float, str]],
    rules: Sequence[str],
    examples: Sequence[Sequence[str]] = (),
) -> bytes:
    """An .xlsx to fill in. `columns`: heading, width in characters, note shown on the heading ("" for none).

    The columns are text as a whole, so that numbers keep their zeros however many rows follow. `rules` are lines of
    the second sheet; `examples`, rows under the same headings, stand there too, where no import takes them for data.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    sheet.freeze_panes = "A2"
    for place, (_, width, note) in enumerate(columns, start=1):
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = width
        dimension.number_format = "@"
        if note:
            comment = Comment(note, title)
            comment.width, comment.height = _NOTE_SIZE
            sheet.cell(1, place).comment = comment
    headings = [heading for heading, _, _ in columns]
    _line(sheet, 1, headings, bold=True)
    explained = book.create_sheet(RULES_TITLE)
    explained.column_dimensions["A"].width = _RULES_WIDTH
    for number, rule in enumerate(rules, start=1):
        _line(explained, number, [rule])
        explained.cell(number, 1).alignment = Alignment(wrap_text=True, vertical="top")
    if examples:
        below = len(rules) + 2
        for number, line in enumerate([headings, *examples], start=below):
            _line(explained, number, line, bold=number == below)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _line(sheet: Worksheet, number: int, texts: Sequence[str], *, bold: bool = False) -> None:
    for place, text in enumerate(texts, start=1):
        cell = sheet.cell(number, place, text)
        cell.data_type = "s"
        cell.number_format = "@"
        cell.font = Font(bold=bold)
