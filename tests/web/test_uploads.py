"""Uploads that go to a file: judged before they are read, in bounded memory, leaving nothing behind."""

import asyncio
import errno
import hashlib
import json
import tempfile
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from tests.factories.shops import Shop, create_shop
from tests.web.large import MIB, PIECE, digest, pieces, serving, until
from tihuo.app import App
from tihuo.errors import NotFound
from tihuo.web import upload
from tihuo.web.context import Context
from tihuo.web.endpoint import IdempotencyKey, RawBody, declared_on, endpoint
from tihuo.web.handler import Handler
from tihuo.web.openapi import document
from tihuo.web.routes import Route, url_specs
from tihuo.web.sessions import COOKIE, Principal
from tihuo.web.upload import StreamedBody, UploadHandler

LIMIT = 64 * MIB
PATH = "/uploads"


class Uploaded(BaseModel):
    """What arrived."""

    size: int
    digest: str


class Word(BaseModel):
    word: str


Use = Callable[[StreamedBody], Awaitable[None]]


async def used(_streamed: StreamedBody) -> None:
    """Nothing more is done with it."""


class Site:
    """A server that takes uploads, what its handler was given, and a merchant's staff."""

    def __init__(self, context: Context, shop: Shop, use: Use) -> None:
        self.context = context
        self.shop = shop
        self.use = use
        self.port = 0
        self.given: list[StreamedBody] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    async def cookie(self, *restrictions: Any) -> str:
        staff_id = await self.shop.account(*restrictions) if restrictions else self.shop.owner_id
        return f"{COOKIE}={await self.context.sessions.open(staff_id)}"

    async def headers(self) -> dict[str, str]:
        return {"Cookie": await self.cookie(), "Idempotency-Key": "12345678"}

    async def idle(self) -> None:
        """Wait until no handler works any more; every file must be closed then."""
        await asyncio.wait_for(self.context.in_flight.ended(), 30)
        assert all(body.file.closed for body in self.given)


def handler(site: Site) -> type[UploadHandler]:
    class Uploads(UploadHandler):
        @endpoint(allows="staff", permission="cards", status=201, max_bytes=LIMIT, raises=(NotFound,))
        async def post(self, principal: Principal, streamed: StreamedBody, idempotency_key: IdempotencyKey) -> Uploaded:
            """Upload a file."""
            site.given.append(streamed)
            await site.use(streamed)
            hashed = hashlib.sha256()
            async for chunk in streamed.chunks():
                hashed.update(chunk)
            return Uploaded(size=streamed.size, digest=hashed.hexdigest())

        @endpoint(allows="staff")
        async def get(self) -> Word:
            """Something that takes no body."""
            return Word(word="hello")

    return Uploads


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@asynccontextmanager
async def taking(parts: App, use: Use = used) -> AsyncIterator[Site]:
    site = Site(parts.context, await create_shop(parts, ""), use)
    async with serving(parts.context, [Route(PATH, handler(site))]) as port:
        site.port = port
        yield site


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("with_length", [True, False], ids=["with length", "chunked"])
async def test_a_large_file_arrives_whole_and_not_in_memory(parts: App, folder: Path, with_length: bool) -> None:
    seen = []

    async def look(streamed: StreamedBody) -> None:
        seen.append(names_in(folder))

    async with taking(parts, look) as site, httpx.AsyncClient(timeout=30) as browser:
        headers = await site.headers() | ({"Content-Length": str(60 * MIB)} if with_length else {})
        tracemalloc.start()
        try:
            answer = await browser.post(site.url, content=pieces(60), headers=headers)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        await site.idle()
    assert answer.status_code == 201
    assert answer.json() == {"size": 60 * MIB, "digest": digest(60)}
    assert most < 20 * MIB
    assert seen == [[]]


@pytest.mark.parametrize("content", [b"", b"x", PIECE + b"x"])
async def test_a_small_file_arrives_too(parts: App, content: bytes) -> None:
    async with taking(parts) as site, httpx.AsyncClient() as browser:
        for _ in range(2):
            answer = await browser.post(site.url, content=content, headers=await site.headers())
            assert answer.json()["digest"] == hashlib.sha256(content).hexdigest()
        assert (await browser.get(site.url, headers=await site.headers())).json() == {"word": "hello"}
        await site.idle()


@pytest.mark.parametrize("with_length", [True, False], ids=["with length", "chunked"])
async def test_the_limit_is_kept_to_the_byte(parts: App, with_length: bool) -> None:
    async def one_more() -> AsyncIterator[bytes]:
        async for piece in pieces(64):
            yield piece
        yield b"x"

    async with taking(parts) as site, httpx.AsyncClient(timeout=30) as browser:
        headers = await site.headers()
        length = {"Content-Length": str(64 * MIB)} if with_length else {}
        assert (await browser.post(site.url, content=pieces(64), headers=headers | length)).status_code == 201
        length = {"Content-Length": str(64 * MIB + 1)} if with_length else {}
        refused = await browser.post(site.url, content=one_more(), headers=headers | length)
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "body_too_large")
        assert refused.json()["error"]["message"] == "内容超过 64 MB，请压缩后再试"
        await site.idle()
        assert len(site.given) == 1


async def stranger(site: Site) -> dict[str, str]:
    return {}


async def without_permission(site: Site) -> dict[str, str]:
    return {"Cookie": await site.cookie("cards")}


async def from_elsewhere(site: Site) -> dict[str, str]:
    return await site.headers() | {"Origin": "https://elsewhere.example"}


async def without_key(site: Site) -> dict[str, str]:
    return {"Cookie": await site.cookie()}


REFUSED = [
    (stranger, 401, "not_signed_in"),
    (without_permission, 403, "permission_missing"),
    (from_elsewhere, 403, "foreign_origin"),
    (without_key, 400, "idempotency_key_missing"),
]
Caller = Callable[[Site], Awaitable[dict[str, str]]]


@pytest.mark.parametrize("with_length", [True, False], ids=["with length", "chunked"])
@pytest.mark.parametrize(("caller", "status", "code"), REFUSED)
async def test_who_may_not_call_is_told_so_after_thirty_megabytes_too(
    parts: App, monkeypatch: pytest.MonkeyPatch, caller: Caller, status: int, code: str, with_length: bool
) -> None:
    """The whole answer reaches the client, no reset; and nothing of the body was kept."""

    def none_made() -> StreamedBody:
        raise AssertionError("a file was made for somebody who may not call")

    monkeypatch.setattr(upload, "StreamedBody", none_made)
    async with taking(parts) as site, httpx.AsyncClient(timeout=30) as browser:
        for _ in range(3):
            headers = await caller(site) | ({"Content-Length": str(30 * MIB)} if with_length else {})
            answer = await browser.post(site.url, content=pieces(30), headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
            assert answer.headers["x-request-id"] == answer.json()["error"]["request_id"]
        await site.idle()
        assert site.given == []


async def asked(
    site: Site, lines: list[str], method: str = "POST"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request of which only the head is sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write("\r\n".join([f"{method} {PATH} HTTP/1.1", "Host: test", *lines, "", ""]).encode())
    return reader, writer


async def answered(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, Any]]:
    """Status line, headers and error of a refusal."""
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode()
    status, _, headers = head.partition("\r\n")
    length = int(headers.lower().split("content-length: ")[1].split("\r\n")[0])
    return status, headers, json.loads(await reader.readexactly(length))["error"]


@pytest.mark.parametrize("wants_gzip", [True, False])
async def test_a_refusal_does_not_wait_for_the_body(parts: App, wants_gzip: bool) -> None:
    encoding = ["Accept-Encoding: gzip"] if wants_gzip else []
    async with taking(parts) as site:
        cookie = f"Cookie: {await site.cookie()}"
        for lines, method, code in (
            (["Content-Length: 30000000"], "POST", "not_signed_in"),
            (["Transfer-Encoding: chunked"], "POST", "not_signed_in"),
            ([cookie, "Idempotency-Key: 12345678", f"Content-Length: {LIMIT + 1}"], "POST", "body_too_large"),
            ([cookie, "Idempotency-Key: 12345678", f"Content-Length: {'9' * 5000}"], "POST", "body_too_large"),
            ([cookie, "Content-Length: 30000000"], "GET", "body_too_large"),
            ([cookie, "Content-Length: 30000000"], "PUT", "method_not_allowed"),
        ):
            reader, writer = await asked(site, [*lines, *encoding], method)
            _, headers, error = await answered(reader)
            assert error["code"] == code
            assert "Connection: close" in headers
            writer.close()
        await site.idle()


async def test_a_client_that_asks_before_it_sends_is_answered_before_it_sends(parts: App) -> None:
    async with taking(parts) as site:
        reader, writer = await asked(site, ["Content-Length: 30000000", "Expect: 100-continue"])
        status, _, error = await answered(reader)
        assert (status, error["code"]) == ("HTTP/1.1 401 Unauthorized", "not_signed_in")
        assert await reader.read() == b""
        writer.close()
        lines = [f"{name}: {value}" for name, value in (await site.headers()).items()]
        reader, writer = await asked(site, [*lines, "Content-Length: 3", "Expect: 100-continue"])
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        writer.write(b"abc")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 201 ")
        writer.close()
        await site.idle()


async def test_a_verb_that_is_not_there_is_refused_after_thirty_megabytes_too(parts: App) -> None:
    async with taking(parts) as site, httpx.AsyncClient(timeout=30) as browser:
        answer = await browser.put(site.url, content=pieces(30), headers=await site.headers())
        assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "GET, POST"
        nothing_sent = await browser.delete(site.url)
        assert (nothing_sent.status_code, nothing_sent.json()["error"]["code"]) == (405, "method_not_allowed")


async def sends_on(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(PIECE)
        await writer.drain()


async def ended(reader: asyncio.StreamReader) -> None:
    """Wait until the server has closed the connection."""
    try:
        while await asyncio.wait_for(reader.read(MIB), 30):
            pass
    except ConnectionError:
        return


async def test_who_goes_on_sending_after_a_refusal_is_cut_off(parts: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "_DROPPED_BYTES", 4 * MIB)
    monkeypatch.setattr(upload, "_DROPPED_SECONDS", 3600)
    async with taking(parts) as site:
        reader, writer = await asked(site, [f"Content-Length: {10**12}"])
        assert (await answered(reader))[2]["code"] == "not_signed_in"
        with pytest.raises(ConnectionError):
            await sends_on(writer)
        writer.close()
        await site.idle()


async def test_who_neither_sends_nor_leaves_after_a_refusal_is_cut_off(
    parts: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "_DROPPED_SECONDS", 0.05)
    async with taking(parts) as site:
        reader, writer = await asked(site, ["Content-Length: 30000000"])
        assert (await answered(reader))[2]["code"] == "not_signed_in"
        await ended(reader)
        writer.close()
        await site.idle()


@pytest.mark.parametrize("lines", [["Content-Length: 30000000"], ["Transfer-Encoding: chunked"]])
async def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    parts: App, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    begun = asyncio.Event()
    made: list[StreamedBody] = []

    class Noticed(StreamedBody):
        async def add(self, data: bytes) -> None:
            await super().add(data)
            if self.size > 2 * MIB:
                made.append(self)
                begun.set()

    monkeypatch.setattr(upload, "StreamedBody", Noticed)
    async with taking(parts) as site:
        own = [f"{name}: {value}" for name, value in (await site.headers()).items()]
        _, writer = await asked(site, [*own, *lines])
        chunked = "chunked" in lines[0]
        writer.write(b"%x\r\n" % (3 * MIB) + PIECE * 3 + b"\r\n" if chunked else PIECE * 3)
        await until(begun)
        writer.close()
        await site.idle()
        assert made[0].file.closed
        assert site.given == []


async def test_a_body_that_is_no_http_leaves_nothing(parts: App) -> None:
    async with taking(parts) as site:
        own = [f"{name}: {value}" for name, value in (await site.headers()).items()]
        reader, writer = await asked(site, [*own, "Transfer-Encoding: chunked"])
        writer.write(b"not a length\r\n")
        await ended(reader)
        writer.close()
        await site.idle()
        assert site.given == []


@pytest.mark.parametrize(
    ("error", "status", "code"), [(NotFound(), 404, "not_found"), (RuntimeError("broken"), 500, "internal_error")]
)
async def test_a_method_that_fails_leaves_nothing(parts: App, error: Exception, status: int, code: str) -> None:
    async def fails(_streamed: StreamedBody) -> None:
        raise error

    async with taking(parts, fails) as site, httpx.AsyncClient() as browser:
        answer = await browser.post(site.url, content=pieces(2), headers=await site.headers())
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        await site.idle()
        assert len(site.given) == 1


async def test_a_client_that_leaves_while_the_method_works_does_not_take_the_file_away(parts: App) -> None:
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(streamed: StreamedBody) -> None:
        begun.set()
        await go_on.wait()
        assert len(await anext(streamed.chunks())) == MIB
        done.set()

    async with taking(parts, slow) as site:
        own = [f"{name}: {value}" for name, value in (await site.headers()).items()]
        _, writer = await asked(site, [*own, f"Content-Length: {MIB}"])
        writer.write(PIECE)
        await until(begun)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.1)
        go_on.set()
        await until(done)
        await site.idle()


async def test_a_full_disk_is_a_500_and_leaves_nothing(parts: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: StreamedBody, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(StreamedBody, "_on_disk", full)
    async with taking(parts) as site, httpx.AsyncClient(timeout=30) as browser:
        for content in (pieces(30), b"short"):
            answer = await browser.post(site.url, content=content, headers=await site.headers())
            assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
        await site.idle()
        assert site.given == []


async def test_whose_session_ends_meanwhile_is_refused_at_the_end(parts: App) -> None:
    async with taking(parts) as site, httpx.AsyncClient() as browser:

        async def body() -> AsyncIterator[bytes]:
            yield PIECE
            await site.context.sessions.close_all(site.shop.owner_id)
            yield PIECE

        answer = await browser.post(site.url, content=body(), headers=await site.headers())
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")
        await site.idle()
        assert site.given == []


async def test_other_addresses_keep_the_servers_own_limit(parts: App) -> None:
    class Raw(Handler):
        @endpoint(allows="anyone", max_bytes=LIMIT)
        async def post(self, raw: RawBody) -> Word:
            """Take it into memory."""
            return Word(word=str(len(raw)))

    async with serving(parts.context, [Route("/raw", Raw)]) as port, httpx.AsyncClient() as browser:
        url = f"http://127.0.0.1:{port}/raw"
        assert (await browser.post(url, content=bytes(10 * MIB))).json() == {"word": str(10 * MIB)}
        try:
            refused = (await browser.post(url, content=bytes(12 * MIB))).status_code == 400
        except httpx.TransportError:
            refused = True
    assert refused


def test_the_document_says_what_is_taken_and_what_is_refused(parts: App) -> None:
    class Uploads(UploadHandler):
        @endpoint(allows="staff", permission="cards", status=201, max_bytes=LIMIT)
        async def post(self, streamed: StreamedBody) -> Word:
            """Upload a file."""
            return Word(word="")

    operation = document("", [Route(PATH, Uploads)])["paths"][PATH]["post"]
    assert operation["requestBody"]["content"] == {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }
    assert {"201", "401", "403", "413", "503"} == set(operation["responses"])


def test_a_body_that_the_handler_would_not_have_stops_the_server() -> None:
    class Plain(Handler):
        @endpoint(allows="staff")
        async def post(self, streamed: StreamedBody) -> Word:
            """Has no file."""
            return Word(word="")

    class InMemory(UploadHandler):
        @endpoint(allows="staff")
        async def post(self, body: Word) -> Word:
            """Has nothing in memory."""
            return Word(word="")

    for wrong, words in ((Plain, "needs an UploadHandler"), (InMemory, "is `streamed`")):
        with pytest.raises(TypeError, match=words):
            declared_on(wrong)
        with pytest.raises(TypeError, match=words):
            url_specs([Route(PATH, wrong)], {})
