"""Files: pictures and what holds them."""

from tihuo.storage.chunks import read_chunks
from tihuo.storage.pictures import MAX_BYTES, Picture, PictureUnreadable, encode
from tihuo.storage.store import PRIVATE, Store, url

__all__ = ["MAX_BYTES", "PRIVATE", "Picture", "PictureUnreadable", "Store", "encode", "read_chunks", "url"]
