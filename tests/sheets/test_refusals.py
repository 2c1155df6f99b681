import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sheets.books import (
    HEAD,
    SHEET,
    book,
    compound_file,
    declare,
    parts,
    readers,
    save,
    shared_strings,
    text,
    worksheet,
    zeros,
)
from tihuo.sheets import SheetRefused, frames, read

TEMPLATE = "下载模板"
RESAVE = "另存为新的 .xlsx"
GOOD = HEAD + f'<row r="2">{text("A2", "n")}{text("B2", "p")}</row>'
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(12))
    + "]>"
)

PREFIXED = '<x:worksheet xmlns:x="u"><x:sheetData><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:sheetData></x:worksheet>'


def written(content: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return make


def rows(content: str, **more: str) -> Callable[[Path], Path]:
    return lambda path: book(path, content, **more)


def part(name: str, content: str | bytes) -> Callable[[Path], Path]:
    """A good workbook, but for one part."""
    return lambda path: save(path, parts({"卡券": worksheet(GOOD)}) | {name: content})


def without(name: str) -> Callable[[Path], Path]:
    kept = {key: content for key, content in parts({"卡券": worksheet(GOOD)}).items() if key != name}
    return lambda path: save(path, kept)


def truncated(path: Path) -> Path:
    content = book(path, GOOD).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def bytes_changed(path: Path) -> Path:
    """A part that no longer inflates to what its checksum says."""
    content = bytearray(book(path, GOOD).read_bytes())
    at = content.index(SHEET.encode()) + len(SHEET) + 60
    content[at : at + 20] = bytes(20)
    path.write_bytes(content)
    return path


def huge(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    return path


def protected_member(path: Path) -> Path:
    content = bytearray(book(path, GOOD).read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path


def swollen_strings(path: Path) -> Path:
    """3 MB of cells that are 2.6 GB of text: each refers to the same long one."""
    cells = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>2</v></c></row>' for i in range(2, 80_002))
    head = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    return book(path, head + cells, sharedStrings__xml=shared_strings(["卡号", "密码", "x" * 32_767]))


CASES: list[tuple[str, Callable[[Path], Path], str, str]] = [
    ("empty file", written(b""), "sheet_not_xlsx", TEMPLATE),
    ("text renamed", written("卡号,密码\n1,2\n".encode()), "sheet_not_xlsx", TEMPLATE),
    ("pdf renamed", written(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "sheet_not_xlsx", "不是 .xlsx"),
    ("old xls", lambda path: compound_file(path, "Workbook"), "sheet_old_xls", "另存为 .xlsx"),
    ("password", lambda path: compound_file(path, "EncryptionInfo", "EncryptedPackage"), "sheet_encrypted", "去掉密码"),
    (
        "word document",
        lambda path: save(path, {"[Content_Types].xml": "", "word/document.xml": ""}),
        "sheet_not_workbook",
        TEMPLATE,
    ),
    ("no content types", without("[Content_Types].xml"), "sheet_not_workbook", TEMPLATE),
    ("no workbook", without("xl/workbook.xml"), "sheet_not_workbook", TEMPLATE),
    (
        "no sheet shown",
        lambda path: save(path, parts({"a": worksheet(GOOD)}, {"a": "hidden"})),
        "sheet_not_workbook",
        TEMPLATE,
    ),
    ("no relations", without("xl/_rels/workbook.xml.rels"), "sheet_damaged", RESAVE),
    ("no such part", without(SHEET), "sheet_damaged", RESAVE),
    ("truncated", truncated, "sheet_damaged", RESAVE),
    ("changed bytes", bytes_changed, "sheet_damaged", RESAVE),
    ("protected member", protected_member, "sheet_damaged", RESAVE),
    ("not xml", part(SHEET, b"\xff\xfe<<<"), "sheet_damaged", RESAVE),
    ("part twice", part(SHEET.upper(), worksheet(GOOD)), "sheet_damaged", RESAVE),
    ("laughs", part(SHEET, LAUGHS + worksheet(HEAD + "<row><c><v>&m;</v></c></row>")), "sheet_damaged", RESAVE),
    ("bad string index", rows(HEAD + '<row r="2"><c r="A2" t="s"><v>9</v></c></row>'), "sheet_damaged", RESAVE),
    ("bad reference", rows(HEAD + text("ZZZZ1", "x")), "sheet_damaged", RESAVE),
    ("row beyond all", rows(HEAD + text("A99999999", "x")), "sheet_damaged", RESAVE),
    ("column beyond all", rows(HEAD + text("XFE1", "x")), "sheet_damaged", RESAVE),
    ("100 MB", huge, "sheet_too_large", "分成几个文件"),
    ("ratio", lambda path: zeros(path, 9, 9 * 1024 * 1024), "sheet_inflates_too_far", "复制到模板"),
    ("sum", lambda path: zeros(path, 1, 3 * 1024**3), "sheet_inflates_too_far", "复制到模板"),
    ("bomb that lies", lambda path: zeros(path, 650, 100), "sheet_inflates_too_far", "复制到模板"),
    ("lies low", lambda path: declare(book(path, GOOD), SHEET, 50), "sheet_damaged", RESAVE),
    ("lies high", lambda path: declare(book(path, GOOD), SHEET, 5000), "sheet_damaged", RESAVE),
    ("17 billion cells", rows(text("A1", "x") + text("XFD1048576", "x")), "sheet_too_wide", "延伸到单元格 XFD1048576"),
    ("27 million cells", rows(text("A1", "x") + text("Z1000000", "x")), "sheet_too_wide", "延伸到单元格 Z1000000"),
    ("prefixed", part(SHEET, PREFIXED), "sheet_too_wide", "XFD1048576"),
    ("swollen", swollen_strings, "sheet_too_complex", "分成几个文件"),
    (
        "formula",
        rows(HEAD + '<row r="17"><c r="B17"><f>1+1</f><v>2</v></c></row>'),
        "cell_is_formula",
        "单元格 B17 是公式，请粘贴为数值",
    ),
    (
        "formula without value",
        rows(HEAD + '<row r="3"><c r="A3"><f>1+1</f></c></row>' + text("A4", "x")),
        "cell_is_formula",
        "单元格 A3 是",
    ),
    ("links", part("xl/externalLinks/externalLink1.xml", "<externalLink/>"), "sheet_links_elsewhere", "粘贴为数值"),
    (
        "wrong template",
        rows(f'<row r="1">{text("A1", "序号")}{text("B1", "密码")}</row>'),
        "sheet_columns_missing",
        "表头缺少：卡号。",
    ),
    ("both missing", rows(f'<row r="1">{text("A1", "x")}</row>'), "sheet_columns_missing", "表头缺少：卡号、密码。"),
    ("column twice", rows(HEAD.replace("</row>", text("C1", "卡号") + "</row>")), "sheet_column_twice", "“卡号”"),
    ("nothing at all", rows(""), "sheet_without_rows", "没有数据"),
    ("blank only", rows(text("A1", "  ")), "sheet_without_rows", "没有数据"),
    ("head only", rows(HEAD), "sheet_without_rows", "没有数据"),
    ("too many", rows(GOOD + "".join(text(f"A{i}", "x") for i in range(3, 8))), "sheet_too_many_rows", "超过 5 行"),
]


async def refused(path: Path) -> SheetRefused:
    with pytest.raises(SheetRefused) as caught:
        async for _ in read(path, ("卡号", "密码"), max_rows=5):
            pass
    assert readers() == []
    return caught.value


@pytest.mark.parametrize(("make", "code", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_a_sheet_is_refused_with_its_remedy(
    tmp_path: Path, make: Callable[[Path], Path], code: str, words: str
) -> None:
    refusal = await refused(make(tmp_path / "a.xlsx"))
    assert (refusal.code, refusal.status) == (code, 422)
    assert words in refusal.text


async def test_entities_of_the_strings_are_not_expanded(tmp_path: Path) -> None:
    strings = LAUGHS + shared_strings(["卡号", "密码", "?"]).replace("?", "&m;")
    rows = "".join(f'<c r="{name}" t="s"><v>{i}</v></c>' for i, name in enumerate(("A1", "B1", "A2")))
    refusal = await refused(book(tmp_path / "a.xlsx", rows, sharedStrings__xml=strings))
    assert refusal.code == "sheet_damaged"


def test_the_cases_raise_every_refusal() -> None:
    assert {case[2] for case in CASES} == {kind.code for kind in SheetRefused.__subclasses__()}


@pytest.mark.parametrize(
    "script",
    ["exit 0", "exit 1", "printf 'no frame at all'", r"printf 'R\377\377\377\377'", r"printf 'R\0\0\0\2{}'",
     r"printf 'R\0\0\0\11half'", r"printf 'X\0\0\0\2{}'"],
)  # fmt: skip
async def test_a_process_that_talks_nonsense_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    assert (await refused(tmp_path / "a.xlsx")).code == "sheet_damaged"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"rows":[],"flaws":[]}',
        b'{"rows":[[1,["a"]]],"flaws":[]}',
        b'{"rows":[["2",["a"]]],"flaws":[]}',
        b'{"rows":[[2,["a"]],[2,["a"]]],"flaws":[]}',
        b'{"rows":[[2,["a","b"]]],"flaws":[]}',
        b'{"rows":[[2,[1]]],"flaws":[]}',
        b'{"rows":[[2,["a"]]],"flaws":[[0,1,"lossy"]]}',
        b'{"rows":[[2,["a"]]],"flaws":[[0,0,"unheard of"]]}',
    ],
)
def test_rows_are_checked_by_who_receives_them(body: bytes) -> None:
    with pytest.raises(frames.MalformedFrame):
        frames.rows(body, ["卡号"], after=1)
