"""Pictures: judged by content, turned upright, stripped, resized and encoded anew (spec C)."""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 1600
_FORMATS = ("JPEG", "PNG", "WEBP")


class PictureUnreadable(Exception):
    """The bytes are not a picture that we take; the text says why, in Chinese."""


@dataclass(frozen=True)
class Picture:
    """An encoded picture: its bytes, file name (hash of the content) and size in pixels."""

    content: bytes
    name: str
    width: int
    height: int


def encode(raw: bytes) -> Picture:
    """A clean JPEG (or PNG where it is see-through) of at most 1600 px a side. Raises PictureUnreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw), formats=_FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise PictureUnreadable("图片像素太大，请缩小到 5000 万像素以内")
            image.load()
            upright = ImageOps.exif_transpose(image)
    except UnidentifiedImageError:
        raise PictureUnreadable("只支持 JPEG、PNG、WebP 图片") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureUnreadable("图片像素太大，请缩小到 5000 万像素以内") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError):
        raise PictureUnreadable("图片文件已损坏，请换一张") from None
    see_through = upright.has_transparency_data
    clean = upright.convert("RGBA" if see_through else "RGB")
    clean.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    if see_through:
        clean.save(out, "PNG", optimize=True)
    else:
        clean.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    content = out.getvalue()
    name = hashlib.sha256(content).hexdigest()[:32] + (".png" if see_through else ".jpg")
    return Picture(content, name, clean.width, clean.height)
