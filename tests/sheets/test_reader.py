import os
import random
import signal
from contextlib import aclosing
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.sheets.books import HEAD, book, environment, parts, readers, save, shared_strings, styles, text, worksheet
from tihuo.sheets import Column, Flaw, Row, Sheet, read, write
from tihuo.sheets.errors import SheetTooComplex, SheetTooManyRows

COLUMNS = ("卡号", "密码")


async def rows_of(path: Path, columns: tuple[str, ...] = COLUMNS, max_rows: int = 1_000_000) -> list[Row]:
    return [row async for chunk in read(path, columns, max_rows=max_rows) for row in chunk]


async def test_texts_in_the_cells_themselves(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", HEAD + f'<row r="2">{text("A2", " 0012 ")}{text("B2", "a&b<")}</row>')
    assert await rows_of(path) == [Row(2, ("0012", "a&b<"))]


async def test_shared_texts(tmp_path: Path) -> None:
    cells = "".join(f'<c r="{name}" t="s"><v>{i}</v></c>' for i, name in enumerate(("A1", "B1", "A2", "B2")))
    path = book(tmp_path / "a.xlsx", cells, sharedStrings__xml=shared_strings(["卡号", "密码", "0012", "=1+1"]))
    assert await rows_of(path) == [Row(2, ("0012", "=1+1"))]


async def test_a_sheet_of_another_program(tmp_path: Path) -> None:
    made = Workbook()
    assert made.active is not None
    for line in (["序号", "密码", "卡号"], [1, "p1", "A1"], [2, "p2", None]):
        made.active.append(line)
    made.save(tmp_path / "a.xlsx")
    assert await rows_of(tmp_path / "a.xlsx") == [Row(2, ("A1", "p1")), Row(3, ("", "p2"))]


async def test_numbers_are_those_that_the_user_sees(tmp_path: Path) -> None:
    head = f'<row r="3">{text("C3", " 密码 ")}{text("D3", "备注")}{text("E3", "卡号")}</row>'
    body = (
        f'<row r="5">{text("C5", "p")}{text("E5", "n")}</row>'
        f'<row r="6">{text("C6", "  ")}<c r="E6" s="0"/></row>'
        f'<row r="9">{text("D9", "only a remark")}</row>'
    )
    path = book(tmp_path / "a.xlsx", head + body)
    assert await rows_of(path) == [Row(5, ("n", "p")), Row(9, ("", ""))]


async def test_headings_are_compared_without_width_and_case(tmp_path: Path) -> None:
    head = f'<row r="1">{text("A1", "　ＩＤ（号）")}{text("B1", "密码")}</row>'
    path = book(tmp_path / "a.xlsx", head + f'<row r="2">{text("A2", "x")}</row>')
    assert await rows_of(path, ("id(号)",)) == [Row(2, ("x",))]


async def test_cells_without_references_stand_side_by_side(tmp_path: Path) -> None:
    cells = ["".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in line) for line in (COLUMNS, "np")]
    path = book(tmp_path / "a.xlsx", f"<row>{cells[0]}</row><row>{cells[1]}</row>")
    assert await rows_of(path) == [Row(2, ("n", "p"))]


async def test_only_the_first_visible_sheet_is_read(tmp_path: Path) -> None:
    formula = '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
    sheets = {
        "隐藏": worksheet(HEAD + formula),
        "卡券": worksheet(HEAD + f'<row r="2">{text("A2", "n")}</row>'),
        "其他": worksheet(HEAD + formula),
    }
    path = save(tmp_path / "a.xlsx", parts(sheets, {"隐藏": "hidden"}))
    assert await rows_of(path) == [Row(2, ("n", ""))]


async def test_formulas_elsewhere_are_nobodys_concern(tmp_path: Path) -> None:
    ours = f'<row r="2">{text("A2", "n")}{text("B2", "p")}<c r="C2"><f>1+1</f><v>2</v></c></row>'
    rule = '<extLst><ext xmlns:xm="urn:x"><xm:f>Sheet2!$A$1</xm:f></ext></extLst>'
    path = book(tmp_path / "a.xlsx", HEAD + ours, after=rule)
    assert await rows_of(path) == [Row(2, ("n", "p"))]


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ("12", "12"),
        ("-5", "-5"),
        ("12.0", "12"),
        ("123456789012345", "123456789012345"),
        ("999999999999999", "999999999999999"),
        ("1.2E+4", "12000"),
        ("0.1", "0.1"),
        ("1E-7", "0.0000001"),
    ],
)
async def test_numbers_become_digits(tmp_path: Path, value: str, read_as: str) -> None:
    path = book(tmp_path / "a.xlsx", HEAD + f'<row r="2"><c r="A2"><v>{value}</v></c></row>')
    assert await rows_of(path) == [Row(2, (read_as, ""))]


@pytest.mark.parametrize(
    ("cell", "flaw"),
    [
        ('<c r="A2"><v>1000000000000000</v></c>', Flaw.LOSSY),
        ('<c r="A2"><v>6.2284800123456E+18</v></c>', Flaw.LOSSY),
        ('<c r="A2" s="1"><v>123</v></c>', Flaw.PADDED),
        ('<c r="A2" s="2"><v>123</v></c>', Flaw.PADDED),
        ('<c r="A2" s="3"><v>123</v></c>', None),
        ('<c r="A2" s="4"><v>45000</v></c>', Flaw.UNREADABLE),
        ('<c r="A2" t="d"><v>2026-01-01</v></c>', Flaw.UNREADABLE),
        ('<c r="A2" t="b"><v>1</v></c>', Flaw.UNREADABLE),
        ('<c r="A2" t="e"><v>#N/A</v></c>', Flaw.UNREADABLE),
        ('<c r="A2"><v>1e400</v></c>', Flaw.UNREADABLE),
        ('<c r="A2"><v>nan</v></c>', Flaw.UNREADABLE),
        (text("A2", "x" * 32_768), Flaw.UNREADABLE),
    ],
)
async def test_what_can_not_be_trusted_is_marked(tmp_path: Path, cell: str, flaw: Flaw | None) -> None:
    formats = styles("00000000", "&quot;A588&quot;0", "#,##0.00", "yyyy/m/d").replace("&amp;quot;", "&quot;")
    path = book(tmp_path / "a.xlsx", HEAD + f'<row r="2">{cell}{text("B2", "p")}</row>', styles__xml=formats)
    (row,) = await rows_of(path)
    assert row == (Row(2, ("123", "p")) if flaw is None else Row(2, ("", "p"), {"卡号": flaw}))
    said = row.complaints()
    assert len(said) == (flaw is not None)
    assert all("第 2 行的卡号" in sentence and "请把该列设为文本后重填" in sentence for sentence in said)


async def test_many_rows_come_in_chunks(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    lines = ((f"A{i:08}", f"{i * 7919:010}") for i in range(100_000))
    write(path, [Sheet("卡券", [Column("卡号", 20), Column("密码", 20)], lines)])
    count = 0
    async for chunk in read(path, COLUMNS, max_rows=100_000):
        assert 0 < len(chunk) <= 1000
        for row in chunk:
            assert row == Row(count + 2, (f"A{count:08}", f"{count * 7919:010}"))
            count += 1
    assert count == 100_000
    assert readers() == []
    with pytest.raises(SheetTooManyRows, match="超过 99999 行，请分成几个文件上传"):
        await rows_of(path, max_rows=99_999)


async def test_long_texts_come_in_small_chunks(tmp_path: Path) -> None:
    long = "".join(random.Random(1).choices("长短高低多少大小", k=32_767))
    body = "".join(f'<row r="{i}">{text(f"A{i}", long)}{text(f"B{i}", "p")}</row>' for i in range(2, 102))
    sizes = []
    async for chunk in read(book(tmp_path / "a.xlsx", HEAD + body), COLUMNS, max_rows=100):
        assert {row.cells for row in chunk} == {(long, "p")}
        sizes.append(len(chunk))
    assert sum(sizes) == 100
    assert max(sizes) <= 31


@pytest.fixture
def many(tmp_path: Path) -> Path:
    lines = ((f"A{i:08}", "p" * 20) for i in range(50_000))
    write(tmp_path / "many.xlsx", [Sheet("卡券", [Column("卡号", 20), Column("密码", 20)], lines)])
    return tmp_path / "many.xlsx"


async def test_who_stops_early_leaves_no_process_behind(many: Path) -> None:
    async with aclosing(read(many, COLUMNS, max_rows=50_000)) as chunks:
        async for chunk in chunks:
            assert chunk[0].number == 2
            assert len(readers()) == 1
            break
    assert readers() == []


async def test_a_process_that_is_killed_is_a_refusal(many: Path) -> None:
    chunks = read(many, COLUMNS, max_rows=50_000)
    assert len(await anext(chunks)) == 1000
    (pid,) = readers()
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(SheetTooComplex, match="请只保留所需的列，或分成几个文件上传"):
        [chunk async for chunk in chunks]
    assert readers() == []


async def test_a_process_that_takes_too_long_is_ended(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tihuo.sheets.reader.WAIT_SECONDS", 0)
    with pytest.raises(SheetTooComplex):
        await rows_of(many)
    assert readers() == []


async def test_the_process_knows_none_of_our_settings(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIHUO_DATABASE_URL", "mysql://secret")
    async with aclosing(read(many, COLUMNS, max_rows=50_000)) as chunks:
        async for _ in chunks:
            assert [b"secret" in environment(pid) for pid in readers()] == [False]
            break
