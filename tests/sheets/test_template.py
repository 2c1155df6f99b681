import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tihuo.sheets import Row, read, template
from tihuo.sheets.errors import SheetWithoutRows

COLUMNS = [("卡号", 20, "字母和数字，首位不能是 0"), ("密码", 24.5, "")]
RULES = ["每行一张卡", "=不是公式"]


def test_headings_are_bold_frozen_and_explained() -> None:
    book = load_workbook(io.BytesIO(template("卡券导入", COLUMNS, RULES, [("A58800000001", "0012345678")])))
    assert book.sheetnames == ["卡券导入", "填写说明"]
    sheet = book["卡券导入"]
    assert [cell.value for cell in sheet[1]] == ["卡号", "密码"]
    assert all(cell.font.b for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].comment is not None
    assert sheet["A1"].comment.text == "字母和数字，首位不能是 0"
    assert sheet["B1"].comment is None
    assert sheet.column_dimensions["B"].width == 24.5


def test_whole_columns_are_text() -> None:
    sheet = load_workbook(io.BytesIO(template("卡券导入", COLUMNS, RULES)))["卡券导入"]
    assert [sheet.column_dimensions[name].number_format for name in "AB"] == ["@", "@"]
    assert (sheet.max_row, sheet.max_column) == (1, 2)


def test_rules_and_examples_stand_on_a_sheet_of_their_own() -> None:
    sheet = load_workbook(io.BytesIO(template("卡券导入", COLUMNS, RULES, [("A1", "0012")])))["填写说明"]
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["每行一张卡", None],
        ["=不是公式", None],
        [None, None],
        ["卡号", "密码"],
        ["A1", "0012"],
    ]
    assert sheet["A2"].data_type == "s"


async def test_a_template_that_was_not_filled_in_has_no_data(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(template("卡券导入", COLUMNS, RULES, [("A1", "0012")]))
    with pytest.raises(SheetWithoutRows, match="没有数据"):
        await anext(read(path, ("卡号", "密码"), max_rows=10))


async def test_a_template_that_was_filled_in_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = load_workbook(io.BytesIO(template("卡券导入", COLUMNS, RULES)))
    book["卡券导入"].append(["A58800000001", "0012345678"])
    book.save(path)
    rows = [row async for chunk in read(path, ("密码", "卡号"), max_rows=10) for row in chunk]
    assert rows == [Row(2, ("0012345678", "A58800000001"))]
