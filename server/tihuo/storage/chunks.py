"""Files on this machine's disk, in chunks."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1024 * 1024


async def read_chunks(source: Path | BinaryIO) -> AsyncGenerator[bytes, None]:
    """The whole file in chunks of 1 MiB, read in a thread. A file handed in open is read from its start."""
    file = await asyncio.to_thread(source.open, "rb") if isinstance(source, Path) else source
    try:
        await asyncio.to_thread(file.seek, 0)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
    finally:
        if isinstance(source, Path):
            file.close()
