"""What the child says to the parent: a kind (1 byte), a length (4 bytes, big-endian), JSON of that length.

Rows come as `{"rows": [[number, [text, …]], …], "flaws": [[place in rows, place in columns, flaw], …]}`, a refusal as
`{"code": …, "data": …}`, and after the last row an end with `{}`: without it the child died on the way.
"""

import struct
from collections.abc import Sequence
from typing import Any

import orjson

from tihuo.sheets.errors import SheetRefused
from tihuo.sheets.rows import Flaw, Row

HEAD = struct.Struct(">cI")
MAX_BYTES = 64 * 1024 * 1024
ROWS, REFUSAL, END = b"R", b"X", b"E"
_REFUSALS = {kind.code: kind for kind in SheetRefused.__subclasses__()}


class MalformedFrame(Exception):
    """Bytes that our child does not send."""


def pack(kind: bytes, content: object) -> bytes:
    """A frame."""
    body = orjson.dumps(content)
    return HEAD.pack(kind, len(body)) + body


def body_size(head: bytes) -> tuple[bytes, int]:
    """Kind and length of the frame that begins with `head`. Raises MalformedFrame."""
    kind, size = HEAD.unpack(head)
    if kind not in (ROWS, REFUSAL, END) or size > MAX_BYTES:
        raise MalformedFrame(f"kind {kind!r}, {size} bytes")
    return kind, size


def refusal(body: bytes) -> SheetRefused:
    """The refusal that the child reports. Raises MalformedFrame."""
    try:
        content = orjson.loads(body)
        return _REFUSALS[content["code"]](**content["data"])
    except (ValueError, TypeError, LookupError) as error:
        raise MalformedFrame("refusal") from error


def rows(body: bytes, columns: Sequence[str], after: int) -> list[Row]:
    """Rows whose numbers rise from above `after`. Raises MalformedFrame."""
    try:
        content = orjson.loads(body)
        flaws: dict[int, dict[str, Flaw]] = {}
        for place, column, flaw in content["flaws"]:
            flaws.setdefault(place, {})[columns[column]] = Flaw(flaw)
        found = []
        for place, (number, cells) in enumerate(content["rows"]):
            _check(number > after and len(cells) == len(columns))
            _check(all(type(cell) is str for cell in cells))
            found.append(Row(number, tuple(cells), flaws[place]) if place in flaws else Row(number, tuple(cells)))
            after = number
    except (ValueError, TypeError, LookupError) as error:
        raise MalformedFrame("rows") from error
    _check(bool(found))
    return found


def _check(well_formed: Any) -> None:
    if well_formed is not True:
        raise MalformedFrame("rows")
