"""Files in a local folder or an S3-compatible store, through one API."""

import mimetypes
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore, from_url


class Store:
    """Public files such as pictures, by key."""

    def __init__(self, url: str, folder: Path) -> None:
        self._store: ObjectStore = from_url(url) if url else LocalStore(folder, mkdir=True)

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`; the same key again replaces it."""
        await obstore.put_async(self._store, key, content)

    async def get(self, key: str) -> tuple[bytes, str] | None:
        """Content and media type, or None where there is none."""
        try:
            found = await obstore.get_async(self._store, key)
        except FileNotFoundError:
            return None
        return bytes(await found.bytes_async()), mimetypes.guess_type(key)[0] or "application/octet-stream"


def url(key: str | None) -> str | None:
    """The address under which the web server gives out the file."""
    return f"/files/{key}" if key else None
