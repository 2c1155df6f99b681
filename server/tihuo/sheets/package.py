"""The zip around a workbook: judged before anything is parsed, inflated within limits."""

import copy
import posixpath
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.parsers import expat

from tihuo.sheets.errors import (
    SheetDamaged,
    SheetEncrypted,
    SheetInflatesTooFar,
    SheetLinksElsewhere,
    SheetNotWorkbook,
    SheetNotXlsx,
    SheetOldXls,
    SheetTooLarge,
)

MAX_FILE_BYTES = 64 * 1024 * 1024
# 1,000,000 rows of 6 texts are 400 MiB of XML, and deflate to a tenth of it or less.
MAX_INFLATED_BYTES = 640 * 1024 * 1024
MAX_RATIO = 200
_RATIO_FROM_BYTES = 8 * 1024 * 1024
_MAX_INDEX_BYTES = 8 * 1024 * 1024
_CHUNK = 256 * 1024

_ZIP_MAGIC = b"PK"
_CFB_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_FLAG = 0x1

_CONTENT_TYPES = "[content_types].xml"
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_EXTERNAL = "xl/externallinks/"

# Digits of a code that are not in the number: zeros in front, or letters and digits in quotes.
_ADDING_FORMAT = re.compile(r'^[^.;"]*00|"[^"]*[0-9A-Za-z]')

_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)

OnElement = Callable[[str, dict[str, str]], object]


class Package:
    """An opened workbook's parts."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._room = MAX_INFLATED_BYTES
        # Part names mind no case (ECMA-376 part 2, 6.2.2.3).
        self.parts = {info.filename.lower(): info for info in archive.infolist()}

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part, inflated. What is really in it counts, not the size that the zip declares.

        Raises SheetInflatesTooFar when the package's allowance is used up, SheetDamaged on a false size or checksum.
        """
        declared = self.parts[name]
        unbounded = copy.copy(declared)
        unbounded.file_size = sys.maxsize
        size = 0
        try:
            with self._archive.open(unbounded) as part:
                while chunk := part.read(_CHUNK):
                    size += len(chunk)
                    if size > self._room:
                        raise SheetInflatesTooFar
                    yield chunk
        except _ZIP_ERRORS:
            raise SheetDamaged from None
        if size != declared.file_size:
            raise SheetDamaged
        self._room -= size

    def first_visible_sheet(self) -> tuple[str, str]:
        """Name and part of the first worksheet that the user sees. Raises SheetDamaged, SheetNotWorkbook."""
        targets = {
            attributes.get("Id"): attributes.get("Target", "")
            for name, attributes in self._elements(_RELATIONS)
            if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet")
        }
        for name, attributes in self._elements(_WORKBOOK):
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), None)
            if name == "sheet" and attributes.get("state", "visible") == "visible" and relation in targets:
                target = targets[relation]
                path = target if target.startswith(("/", "xl/")) else f"xl/{target}"
                part = posixpath.normpath(path).lstrip("/").lower()
                if part not in self.parts:
                    raise SheetDamaged
                return attributes.get("name", ""), part
        raise SheetNotWorkbook

    def adding_styles(self) -> set[str]:
        """The cell styles (`s` of a cell) that show digits or letters which the number itself does not hold."""
        formats: set[str | None] = set()
        adding: set[str] = set()
        section = ""
        place = 0
        for name, attributes in self._elements(_STYLES) if _STYLES in self.parts else []:
            if name == "numFmt" and _ADDING_FORMAT.search(attributes.get("formatCode", "")):
                formats.add(attributes.get("numFmtId"))
            elif name in ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
                section = name
            elif name == "xf" and section == "cellXfs":
                if attributes.get("numFmtId") in formats:
                    adding.add(str(place))
                place += 1
        return adding

    def _elements(self, name: str) -> list[tuple[str, dict[str, str]]]:
        if name not in self.parts or self.parts[name].file_size > _MAX_INDEX_BYTES:
            raise SheetDamaged
        found: list[tuple[str, dict[str, str]]] = []
        parse(self.chunks(name), lambda element, attributes: found.append((element.rpartition(":")[2], attributes)))
        return found


def parse(chunks: Iterable[bytes], on_element: OnElement) -> None:
    """Call `on_element` with name and attributes of each element.

    Raises SheetDamaged, for a DOCTYPE too: a workbook has none, and its entities could grow without end.
    """

    def refuse(*_: object) -> None:
        raise SheetDamaged

    parser = expat.ParserCreate()
    parser.StartElementHandler = on_element
    parser.StartDoctypeDeclHandler = refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise SheetDamaged from None


def unpack(path: Path) -> Package:
    """Open a workbook, having refused what is none, is encrypted, links elsewhere, or inflates too far."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise SheetTooLarge(limit_mb=MAX_FILE_BYTES // 1024 // 1024)
    with path.open("rb") as file:
        magic = file.read(len(_CFB_MAGIC))
    if magic == _CFB_MAGIC:
        raise SheetEncrypted if _holds_encrypted_package(path.read_bytes()) else SheetOldXls
    if not magic.startswith(_ZIP_MAGIC):
        raise SheetNotXlsx
    try:
        archive = zipfile.ZipFile(path)
    except _ZIP_ERRORS:
        raise SheetDamaged from None
    members = archive.infolist()
    package = Package(archive)
    if _CONTENT_TYPES not in package.parts or _WORKBOOK not in package.parts:
        raise SheetNotWorkbook
    if len(package.parts) != len(members) or any(member.flag_bits & _ENCRYPTED_FLAG for member in members):
        raise SheetDamaged
    if sum(member.file_size for member in members) > MAX_INFLATED_BYTES or any(map(_swells, members)):
        raise SheetInflatesTooFar
    if any(name.startswith(_EXTERNAL) for name in package.parts):
        raise SheetLinksElsewhere
    return package


def _swells(member: zipfile.ZipInfo) -> bool:
    return member.file_size > _RATIO_FROM_BYTES and member.file_size > MAX_RATIO * member.compress_size


def _holds_encrypted_package(content: bytes) -> bool:
    """Whether the compound file has a directory entry of one of these names ([MS-OFFCRYPTO] 2.3, [MS-CFB] 2.6.1)."""
    for name in ("EncryptedPackage", "EncryptionInfo"):
        entry = name.encode("utf-16-le").ljust(64, b"\0") + (2 * len(name) + 2).to_bytes(2, "little")
        if entry in content:
            return True
    return False
