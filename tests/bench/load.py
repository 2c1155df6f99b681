"""A load generator that costs little beside what it measures: raw HTTP/1.1 on kept connections."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    seconds: float


class Connection:
    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, content: dict[str, Any], headers: str = "") -> Answer:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        body = json.dumps(content).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n{headers}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        begun = time.perf_counter()
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        lines = answer.split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.lower().startswith(b"content-length:"))
        received = await self._reader.readexactly(length)
        return Answer(int(lines[0].split()[1]), received, time.perf_counter() - begun)

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()


async def at_a_time(number: int, things: Sequence[T], work: Callable[[int, T], Awaitable[None]]) -> float:
    """Do `work(lane, thing)` for each, `number` lanes at a time; answers how long all took."""
    left = iter(things)

    async def lane(index: int) -> None:
        for thing in left:
            await work(index, thing)

    begun = time.perf_counter()
    await asyncio.gather(*(lane(index) for index in range(number)))
    return time.perf_counter() - begun


def run(work: Awaitable[T]) -> T:
    async def main() -> T:
        return await work

    return uvloop.run(main())
