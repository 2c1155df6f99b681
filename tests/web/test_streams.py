"""Answers that are sent chunk by chunk: whole or visibly broken off, in bounded memory, ended when nobody listens."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.web.large import MIB, PIECE, digest, pieces, serving, until
from tihuo.db import Session
from tihuo.errors import NotFound
from tihuo.web.context import Context
from tihuo.web.endpoint import File, Stream, endpoint
from tihuo.web.handler import Handler
from tihuo.web.openapi import document
from tihuo.web.routes import Route

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Source = Callable[[], AsyncIterator[bytes]]


class Watched:
    """Chunks that know how many were taken, and when they were closed (not by chance: `chunks` is held)."""

    def __init__(self, source: Source) -> None:
        self.taken = 0
        self.closed = asyncio.Event()
        self._source = source
        self.chunks = self._watched()

    async def _watched(self) -> AsyncGenerator[bytes, None]:
        try:
            async for chunk in self._source():
                self.taken += 1
                yield chunk
        finally:
            self.closed.set()


@asynccontextmanager
async def giving(
    context: Context, source: Source, *, size: int | None = None, media_type: str = XLSX
) -> AsyncIterator[tuple[int, Watched]]:
    """A server that answers /export with what `source` gives."""
    watched = Watched(source)

    class Export(Handler):
        @endpoint(allows="anyone", media_type=XLSX, raises=(NotFound,))
        async def get(self) -> Stream:
            """An export."""
            return Stream(watched.chunks, media_type, "卡券 导出.xlsx", size)

    async with serving(context, [Route("/export", Export)]) as port:
        yield port, watched


async def nothing_in_flight(context: Context) -> None:
    await asyncio.wait_for(context.in_flight.ended(), 30)


@pytest.mark.parametrize("size", [None, 40 * MIB], ids=["chunked", "with length"])
@pytest.mark.parametrize("media_type", [XLSX, "application/zip"])
async def test_a_large_file_arrives_whole_and_uncompressed(context: Context, size: int | None, media_type: str) -> None:
    hashed = hashlib.sha256()
    async with (
        giving(context, lambda: pieces(40), size=size, media_type=media_type) as (port, watched),
        httpx.AsyncClient(timeout=30) as browser,
        browser.stream("GET", f"http://127.0.0.1:{port}/export", headers={"Accept-Encoding": "gzip"}) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == media_type
        assert answer.headers["content-disposition"] == (
            "attachment; filename*=UTF-8''%E5%8D%A1%E5%88%B8%20%E5%AF%BC%E5%87%BA.xlsx"
        )
        assert "content-encoding" not in answer.headers
        assert answer.headers.get("content-length") == (None if size is None else str(size))
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        async for data in answer.aiter_raw():
            hashed.update(data)
        assert watched.closed.is_set()
    assert hashed.hexdigest() == digest(40)
    await nothing_in_flight(context)


async def test_what_is_compressed_on_the_way_is_whole_too(context: Context) -> None:
    async with (
        giving(context, lambda: pieces(3), size=3 * MIB, media_type="text/csv") as (port, _),
        httpx.AsyncClient() as browser,
    ):
        answer = await browser.get(f"http://127.0.0.1:{port}/export", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == PIECE * 3


@pytest.mark.parametrize("content", [[], [b""], [b"", b"a", b"", b"b"]])
async def test_little_or_nothing_arrives_too(context: Context, content: list[bytes]) -> None:
    async def source() -> AsyncIterator[bytes]:
        for chunk in content:
            yield chunk

    async with giving(context, source) as (port, _), httpx.AsyncClient() as browser:
        answer = await browser.get(f"http://127.0.0.1:{port}/export")
    assert (answer.status_code, answer.content) == (200, b"".join(content))


async def test_no_more_is_made_than_the_client_takes(context: Context) -> None:
    """A client that stops reading holds the source up, and memory stays small."""
    async with giving(context, lambda: pieces(100)) as (port, watched):
        tracemalloc.start()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MIB)
            writer.write(b"GET /export HTTP/1.1\r\nHost: test\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            before = -1
            while watched.taken != before:
                before = watched.taken
                await asyncio.sleep(0.3)
            assert 0 < watched.taken < 50
            assert not watched.closed.is_set()
            received = 0
            while data := await reader.read(MIB):
                received += len(data)
                if data.endswith(b"\r\n0\r\n\r\n"):
                    break
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        writer.close()
        assert watched.taken == 100
    assert received > 100 * MIB
    assert most < 20 * MIB


async def test_a_client_that_leaves_ends_the_source(context: Context, capfd: pytest.CaptureFixture[str]) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield PIECE

    async with giving(context, endless) as (port, watched):
        async with httpx.AsyncClient() as browser, browser.stream("GET", f"http://127.0.0.1:{port}/export") as answer:
            await anext(answer.aiter_raw())
        await until(watched.closed)
        await nothing_in_flight(context)
    assert capfd.readouterr().err == ""


async def test_a_refusal_before_the_first_chunk_is_an_ordinary_one(context: Context) -> None:
    async def gone() -> AsyncIterator[bytes]:
        raise NotFound()
        yield b""

    async with giving(context, gone, size=5) as (port, watched), httpx.AsyncClient() as browser:
        answer = await browser.get(f"http://127.0.0.1:{port}/export")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        assert "content-disposition" not in answer.headers
        assert watched.closed.is_set()


async def test_a_failure_before_the_first_chunk_is_a_500(context: Context) -> None:
    async def broken() -> AsyncIterator[bytes]:
        raise OSError("the store is away")
        yield b""

    async with giving(context, broken) as (port, _), httpx.AsyncClient() as browser:
        answer = await browser.get(f"http://127.0.0.1:{port}/export")
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
        assert "the store is away" not in answer.text


@pytest.mark.parametrize("size", [None, 6 * MIB], ids=["chunked", "with length"])
@pytest.mark.parametrize("error", [OSError("the store is away"), NotFound()], ids=["failure", "refusal"])
async def test_what_breaks_in_the_middle_can_not_be_taken_for_whole(
    context: Context, size: int | None, error: Exception
) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield PIECE
        yield PIECE
        raise error

    async with giving(context, breaking, size=size) as (port, watched), httpx.AsyncClient() as browser:
        with pytest.raises(httpx.RemoteProtocolError):
            await browser.get(f"http://127.0.0.1:{port}/export")
        await until(watched.closed)
        await nothing_in_flight(context)


@pytest.mark.parametrize("size", [2 * MIB, 4 * MIB])
async def test_what_is_shorter_or_longer_than_it_said_can_not_be_taken_for_whole(context: Context, size: int) -> None:
    async with giving(context, lambda: pieces(3), size=size) as (port, watched), httpx.AsyncClient() as browser:
        try:
            answer = await browser.get(f"http://127.0.0.1:{port}/export")
            assert len(answer.content) == size == 2 * MIB
        except httpx.RemoteProtocolError:
            assert size == 4 * MIB
        await until(watched.closed)
        await nothing_in_flight(context)


async def test_a_stream_holds_no_transaction(context: Context) -> None:
    found = []

    class Export(Handler):
        @endpoint(allows="anyone", media_type=XLSX)
        async def get(self, session: Session) -> Stream:
            """An export."""

            async def chunks() -> AsyncIterator[bytes]:
                found.append(session.in_transaction())
                yield b"content"

            await session.connection()
            found.append(session.in_transaction())
            return Stream(chunks(), XLSX)

    async with serving(context, [Route("/export", Export)]) as port, httpx.AsyncClient() as browser:
        assert (await browser.get(f"http://127.0.0.1:{port}/export")).content == b"content"
    assert found == [True, False]


def test_a_stream_is_described_as_a_file_is() -> None:
    class Whole(Handler):
        @endpoint(allows="staff", permission="cards", media_type=XLSX, raises=(NotFound,))
        async def get(self) -> File:
            """An export."""
            return File(b"", XLSX)

    class Streamed(Handler):
        @endpoint(allows="staff", permission="cards", media_type=XLSX, raises=(NotFound,))
        async def get(self) -> Stream:
            """An export."""
            return Stream(pieces(0), XLSX)

    whole, streamed = (document("", [Route("/x", kind)])["paths"] for kind in (Whole, Streamed))
    assert streamed == whole
    assert streamed["/x"]["get"]["responses"]["200"]["content"] == {
        XLSX: {"schema": {"type": "string", "format": "binary"}}
    }
