"""Workbooks made by hand: good ones, and ones that no spreadsheet program would write."""

import os
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml"

SHEET = "xl/worksheets/sheet1.xml"
HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>卡号</t></is></c><c r="B1" t="inlineStr"><is><t>密码</t></is></c></row>'
)


def worksheet(rows: str, before: str = "", after: str = "") -> str:
    """A worksheet part."""
    return f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def text(reference: str, value: str) -> str:
    """A cell that holds its text itself."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def shared_strings(texts: Iterable[str]) -> str:
    """The part that holds the texts of cells of type s."""
    return f'<sst xmlns="{_MAIN}">' + "".join(f"<si><t>{escape(value)}</t></si>" for value in texts) + "</sst>"


def styles(*formats: str) -> str:
    """Styles 0, 1, …: General, then one for each number format."""
    known = "".join(f'<numFmt numFmtId="{164 + i}" formatCode="{escape(code)}"/>' for i, code in enumerate(formats))
    cells = "".join(f'<xf numFmtId="{164 + i}"/>' for i in range(len(formats)))
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts>{known}</numFmts><cellStyleXfs><xf numFmtId="164"/></cellStyleXfs>'
        f'<cellXfs><xf numFmtId="0"/>{cells}</cellXfs></styleSheet>'
    )


def parts(sheets: Mapping[str, str], states: Mapping[str, str] | None = None) -> dict[str, str]:
    """The parts of a workbook whose worksheets are these, by title."""
    numbered = list(enumerate(sheets.items(), start=1))
    shown = states or {}
    return {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_MEDIA}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_DOCUMENT}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>'
        + "".join(
            f'<sheet name="{title}" sheetId="{i}" state="{shown.get(title, "visible")}" r:id="r{i}"/>'
            for i, (title, _) in numbered
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        + "".join(
            f'<Relationship Id="r{i}" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i, _ in numbered
        )
        + f'<Relationship Id="s" Type="{_DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        **{f"xl/worksheets/sheet{i}.xml": content for i, (_, content) in numbered},
    }


def save(path: Path, content: Mapping[str, str | bytes]) -> Path:
    """Zip the parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path


def book(path: Path, rows: str, after: str = "", **more: str) -> Path:
    """A workbook of one sheet; `more` parts go under xl/, __ standing for the dot."""
    extra = {f"xl/{name.replace('__', '.')}": content for name, content in more.items()}
    return save(path, parts({"卡券": worksheet(rows, after=after)}) | extra)


def declare(path: Path, member: str, size: int) -> Path:
    """The same zip, whose directory gives `member` another inflated size."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.getinfo(member).file_size = size
        archive.comment = b"written anew"
    return path


def zeros(path: Path, mebibytes: int, declared: int) -> Path:
    """A workbook with a part that inflates to so many MiB of zeros and is declared to be `declared` bytes."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts({"卡券": worksheet(HEAD)}).items():
            archive.writestr(name, part)
        archive.writestr("xl/media.bin", block * mebibytes + packer.flush())
        member = archive.getinfo("xl/media.bin")
        member.compress_type = zipfile.ZIP_DEFLATED
        member.file_size = declared
    return path


def compound_file(path: Path, *streams: str) -> Path:
    """An OLE2 file as far as it tells its kind: header and directory."""
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + (2 * len(name) + 2).to_bytes(2, "little") + bytes(62)
        for name in ("Root Entry", *streams)
    )
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + directory)
    return path


def readers() -> list[int]:
    """Ids of the processes of ours that read a sheet now."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()[1]
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if int(parent) == os.getpid() and b"tihuo.sheets.child" in command:
                found.append(int(folder.name))
    return found


def environment(pid: int) -> bytes:
    """A process's environment variables, as it was started with them."""
    return Path(f"/proc/{pid}/environ").read_bytes()
