"""Files in a local folder or an S3-compatible store, through one API."""

import contextlib
import mimetypes
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

PRIVATE = "private/"
# S3 takes no part below 5 MiB but the last.
_PART_BYTES = 5 * 1024 * 1024
_PARTS_AT_ONCE = 2
_PIECE_BYTES = 4 * 1024 * 1024


class Store:
    """Files by key: public ones such as pictures, and under `private/` those that only the server reads."""

    def __init__(self, url: str, folder: Path) -> None:
        self._store: ObjectStore = from_url(url) if url else LocalStore(folder, mkdir=True)

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`; the same key again replaces it."""
        await obstore.put_async(self._store, key, content)

    async def get(self, key: str) -> tuple[bytes, str] | None:
        """Content and media type of a public file, or None where there is none. Anybody may see what this gives."""
        if key.startswith(PRIVATE):
            return None
        try:
            found = await obstore.get_async(self._store, key)
        except FileNotFoundError:
            return None
        return bytes(await found.bytes_async()), mimetypes.guess_type(key)[0] or "application/octet-stream"

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Keep what `chunks` gives, all of it or, where it raises, nothing; about 15 MiB are in memory at once."""
        await obstore.put_async(
            self._store, key, chunks, use_multipart=True, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
        )

    async def get_stream(self, key: str) -> AsyncGenerator[bytes, None] | None:
        """The file in pieces of up to 4 MiB, or None where there is none.

        Each piece is a request of its own, so that a slow reader runs into no store's time limit. A file deleted
        meanwhile raises FileNotFoundError.
        """
        try:
            found = await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return None
        return self._pieces(key, found["size"])

    async def _pieces(self, key: str, size: int) -> AsyncGenerator[bytes, None]:
        for start in range(0, size, _PIECE_BYTES):
            end = min(start + _PIECE_BYTES, size)
            yield bytes(await obstore.get_range_async(self._store, key, start=start, end=end))

    async def delete(self, key: str) -> None:
        """Erase the file; again is harmless."""
        with contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)


def url(key: str | None) -> str | None:
    """The address under which the web server gives out the file."""
    return f"/files/{key}" if key else None
