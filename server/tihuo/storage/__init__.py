"""Files: pictures and what holds them."""

from tihuo.storage.pictures import MAX_BYTES, Picture, PictureUnreadable, encode
from tihuo.storage.store import Store, url

__all__ = ["MAX_BYTES", "Picture", "PictureUnreadable", "Store", "encode", "url"]
