"""Spec C: pictures are judged by content, encoded anew and resized."""

import io
import struct
import zlib

import pytest
from PIL import Image

from tihuo.storage import PictureUnreadable, encode
from tihuo.storage.pictures import MAX_SIDE


def drawn(kind: str, size: tuple[int, int] = (400, 200), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, (200, 30, 30, 128)[: len(mode)]).save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_become_clean_jpegs(kind: str) -> None:
    picture = encode(drawn(kind))
    assert opened(picture.content).format == "JPEG"
    assert (picture.width, picture.height) == (400, 200)
    assert picture.name.endswith(".jpg")


def test_see_through_pictures_stay_so() -> None:
    picture = encode(drawn("PNG", mode="RGBA"))
    assert (opened(picture.content).format, opened(picture.content).mode) == ("PNG", "RGBA")


def test_large_pictures_are_made_smaller() -> None:
    picture = encode(drawn("JPEG", (4000, 1000)))
    assert (picture.width, picture.height) == (MAX_SIDE, MAX_SIDE // 4)


def test_a_photograph_is_turned_upright_and_loses_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    picture = encode(drawn("JPEG", (400, 200), exif=exif))
    assert (picture.width, picture.height) == (200, 400)
    assert b"secret place" not in picture.content
    assert not opened(picture.content).getexif()


def test_what_hides_behind_a_picture_is_gone() -> None:
    assert b"<script>" not in encode(drawn("PNG") + b"<script>alert(1)</script>").content


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "只支持"),
        (b"GIF89a" + bytes(100), "只支持"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "只支持"),
        (b"\xff\xd8\xff\xe0 not really", "损坏"),
        (drawn("JPEG")[:200], "损坏"),
        (drawn("GIF"), "只支持"),
        (drawn("BMP"), "只支持"),
        (bomb(), "像素太大"),
    ],
)
def test_anything_else_is_refused_by_its_content(content: bytes, words: str) -> None:
    with pytest.raises(PictureUnreadable, match=words):
        encode(content)
