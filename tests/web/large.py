"""A server for handlers that a test defines, set up as the application sets up its own."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from tihuo.storage import MAX_BYTES
from tihuo.web.context import Context
from tihuo.web.handler import NotFoundHandler
from tihuo.web.routes import Route, url_specs

MIB = 1024 * 1024
PIECE = bytes(range(256)) * (MIB // 256)


@contextlib.asynccontextmanager
async def serving(context: Context, routes: list[Route]) -> AsyncIterator[int]:
    """Serve `routes` while inside; gives the port."""
    arguments = {"context": context}
    application = Application(
        [*url_specs(routes, arguments)],
        default_handler_class=NotFoundHandler,
        default_handler_args=arguments,
        compress_response=True,
    )
    server = HTTPServer(application, max_body_size=MAX_BYTES + MIB)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        yield sockets[0].getsockname()[1]
    finally:
        server.stop()
        await server.close_all_connections()


async def pieces(count: int) -> AsyncIterator[bytes]:
    """A body of that many MiB, never whole in memory."""
    for _ in range(count):
        yield PIECE


def digest(count: int) -> str:
    """The SHA-256 of what `pieces` gives."""
    hashed = hashlib.sha256()
    for _ in range(count):
        hashed.update(PIECE)
    return hashed.hexdigest()


async def until(happened: asyncio.Event) -> None:
    """Wait for what must happen; a test that waits in vain fails here."""
    await asyncio.wait_for(happened.wait(), 30)
