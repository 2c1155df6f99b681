"""Uploads and downloads through the project's own nginx site: refused in words, and never on nginx's disk."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from pydantic import BaseModel

from tests.factories.shops import create_shop
from tests.services.nginx import Nginx, nginx
from tests.web.large import MIB, PIECE, digest, pieces, serving, until
from tihuo.app import App
from tihuo.web import upload
from tihuo.web.endpoint import RawBody, Stream, endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import COOKIE
from tihuo.web.upload import StreamedBody, UploadHandler

# Where nginx is, the other servers are too.
pytestmark = pytest.mark.mariadb_only

FILES = "/api/m/cards/imports/files"


class Uploaded(BaseModel):
    """What arrived."""

    digest: str


@dataclass
class Site:
    """nginx before a server with an upload and a download."""

    url: str
    proxy: Nginx
    cookie: str
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    breaks_after: int = 100

    def laid_on_disk(self) -> bool:
        """Whether nginx wrote a body to a temporary file; it says so in its log."""
        return "to a temporary file" in (self.proxy.home / "error.log").read_text("utf-8")


@asynccontextmanager
async def behind_nginx(parts: App) -> AsyncIterator[Site]:
    class Files(UploadHandler):
        @endpoint(allows="staff", max_bytes=64 * MIB)
        async def post(self, streamed: StreamedBody) -> Uploaded:
            """Upload a file."""
            hashed = hashlib.sha256()
            async for chunk in streamed.chunks():
                hashed.update(chunk)
            return Uploaded(digest=hashed.hexdigest())

    class Export(Handler):
        @endpoint(allows="staff", media_type="application/zip")
        async def get(self) -> Stream:
            """Download a file."""

            async def chunks() -> AsyncGenerator[bytes, None]:
                try:
                    async for piece in pieces(site.breaks_after):
                        yield piece
                    if site.breaks_after < 100:
                        raise OSError("the store is away")
                finally:
                    site.closed.set()

            return Stream(chunks(), "application/zip", "卡券.zip")

    class Other(Handler):
        @endpoint(allows="anyone", max_bytes=64 * MIB)
        async def post(self, raw: RawBody) -> None:
            """Anything else."""

    shop = await create_shop(parts, "")
    cookie = f"{COOKIE}={await parts.context.sessions.open(shop.owner_id)}"
    routes = [Route(FILES, Files), Route("/api/m/export", Export), Route("/api/m/other", Other)]
    async with serving(parts.context, routes) as port:
        with nginx([port]) as proxy:
            site = Site(proxy.url, proxy, cookie)
            yield site


async def test_a_table_of_64_megabytes_goes_through_as_it_comes(parts: App, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = asyncio.Event()

    class Noticed(StreamedBody):
        async def add(self, data: bytes) -> None:
            arrived.set()
            await super().add(data)

    async def waiting() -> AsyncIterator[bytes]:
        yield PIECE
        await until(arrived)
        async for piece in pieces(63):
            yield piece

    monkeypatch.setattr(upload, "StreamedBody", Noticed)
    async with behind_nginx(parts) as site, httpx.AsyncClient(timeout=30) as browser:
        for headers in ({"Content-Length": str(64 * MIB)}, {}):
            arrived.clear()
            answer = await browser.post(site.url + FILES, content=waiting(), headers={"Cookie": site.cookie, **headers})
            assert (answer.status_code, answer.json()) == (200, {"digest": digest(64)})
        assert not site.laid_on_disk()


async def test_refusals_come_through_in_words(parts: App) -> None:
    async with behind_nginx(parts) as site, httpx.AsyncClient(timeout=30) as browser:
        for with_length in (True, False):
            length = {"Content-Length": str(30 * MIB)} if with_length else {}
            nobody = await browser.post(site.url + FILES, content=pieces(30), headers=length)
            assert (nobody.status_code, nobody.json()["error"]["code"]) == (401, "not_signed_in")
        content = bytes(64 * MIB + 1)
        too_large = await browser.post(site.url + FILES, content=content, headers={"Cookie": site.cookie})
        assert (too_large.status_code, too_large.json()["error"]["code"]) == (413, "body_too_large")
        elsewhere = await browser.post(f"{site.url}/api/m/other", content=bytes(13 * MIB))
        assert (elsewhere.status_code, elsewhere.headers["content-type"]) == (413, "text/html")


async def test_a_download_is_held_up_by_its_client_and_not_kept_by_nginx(parts: App) -> None:
    hashed = hashlib.sha256()
    async with (
        behind_nginx(parts) as site,
        httpx.AsyncClient(timeout=30, headers={"Cookie": site.cookie}) as browser,
    ):
        async with browser.stream("GET", f"{site.url}/api/m/export") as answer:
            received = answer.aiter_raw()
            hashed.update(await anext(received))
            await asyncio.sleep(1)
            assert not site.closed.is_set()
            async for data in received:
                hashed.update(data)
        assert hashed.hexdigest() == digest(100)
        assert not site.laid_on_disk()


async def test_a_download_that_breaks_can_not_be_taken_for_whole(parts: App) -> None:
    async with (
        behind_nginx(parts) as site,
        httpx.AsyncClient(timeout=30, headers={"Cookie": site.cookie}) as browser,
    ):
        site.breaks_after = 10
        with pytest.raises(httpx.RemoteProtocolError):
            await browser.get(f"{site.url}/api/m/export")
        await until(site.closed)


async def test_a_client_that_leaves_ends_the_download(parts: App) -> None:
    async with behind_nginx(parts) as site:
        async with (
            httpx.AsyncClient(timeout=30, headers={"Cookie": site.cookie}) as browser,
            browser.stream("GET", f"{site.url}/api/m/export") as answer,
        ):
            await anext(answer.aiter_raw())
        await until(site.closed)
        await asyncio.wait_for(parts.context.in_flight.ended(), 30)
