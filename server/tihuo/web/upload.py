"""Uploads too large for memory: the body goes to a temporary file while it comes in."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncGenerator
from typing import Any, ClassVar

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, stream_request_body

from tihuo.storage import read_chunks
from tihuo.web.context import Context
from tihuo.web.endpoint import Endpoint, admit, declared_on, head_arguments, too_large
from tihuo.web.handler import CLIENT_LEFT, Handler

_WRITTEN_AT_ONCE = 1024 * 1024
# A client that was refused may go on sending this long and this much before its connection is closed.
_DROPPED_SECONDS = 30
_DROPPED_BYTES = 256 * 1024 * 1024


class StreamedBody:
    """A request's body in a file without a name: it is gone with the request, even if the process is killed.

    `size`: bytes. `file`: open for reading. Both are good until the answer has been sent.
    """

    def __init__(self) -> None:
        self.size = 0
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the handler, see `close`
        self._waiting = bytearray()

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """The content in chunks of 1 MiB; may be asked for again."""
        return read_chunks(self.file)

    async def add(self, data: bytes) -> None:
        """Take what came in. Raises OSError where the disk is full."""
        self.size += len(data)
        self._waiting += data
        if len(self._waiting) >= _WRITTEN_AT_ONCE:
            await self._write()

    async def end(self) -> None:
        """Nothing more comes. Raises OSError where the disk is full."""
        await self._write()
        self.file.seek(0)

    def close(self) -> None:
        """Give the file's room back; again is harmless."""
        self.file.close()

    async def _write(self) -> None:
        waiting, self._waiting = self._waiting, bytearray()
        await asyncio.to_thread(self._on_disk, waiting)

    def _on_disk(self, data: bytearray) -> None:
        self.file.write(data)
        self.file.flush()


@stream_request_body
class UploadHandler(Handler):
    """A handler whose endpoint takes `streamed: StreamedBody`, of up to the `max_bytes` that it declares.

    Who may call, and whether the length that the client names is allowed, is settled before the body is read, and
    who may call once more after it, for much can happen meanwhile. A refusal is sent at once. What the client still
    sends is taken and dropped for a while: closing a connection that holds unread data resets it, and with it goes
    the answer.
    """

    body_to_file: ClassVar[bool] = True

    def initialize(self, context: Context) -> None:
        super().initialize(context)
        self._body: StreamedBody | None = None
        self._declared: Endpoint | None = None
        self._arrived = 0
        self._refused = False
        self._patience: asyncio.TimerHandle | None = None

    async def prepare(self) -> None:  # type: ignore[override]  # Tornado awaits prepare where it is a coroutine
        super().prepare()
        # The endpoint's own limit is kept below, with an answer; Tornado's would only drop the connection.
        self.connection.set_max_body_size(sys.maxsize)
        try:
            self._declared = declared = declared_on(type(self)).get((self.request.method or "").lower())
            if declared is None:
                raise HTTPError(405)
            await admit(self, declared)
            head_arguments(self, declared)
            length = self.request.headers.get("Content-Length", "")
            if length.isdecimal() and (len(length) > 15 or int(length) > declared.max_bytes):
                raise too_large(declared)
            if declared.streamed:
                self._body = await asyncio.to_thread(StreamedBody)
        except Exception as error:
            await self._refuse_early(error)
            if self._awaits_consent() or not self._has_body():
                self._end()

    async def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, or drop it if the request is refused."""
        self._arrived += len(chunk)
        if self._refused:
            if self._arrived > _DROPPED_BYTES:
                self._end()
            return
        assert self._declared is not None
        try:
            if self._arrived > self._declared.max_bytes:
                raise too_large(self._declared)
            if self._body is not None:
                await self._body.add(chunk)
        except Exception as error:
            await self._refuse_early(error)

    async def received(self) -> StreamedBody:
        """The body, now that it is complete."""
        assert self._body is not None
        await self._body.end()
        return self._body

    def send(self, body: bytes, media_type: str = "application/json; charset=utf-8") -> None:
        if not self._refused:
            super().send(body, media_type)
            return
        self.set_header("Content-Type", media_type)
        self.set_header("Content-Length", str(len(body)))
        self.set_header("Connection", "close")
        # The answer must be whole before the request is finished, which gzip would hold back.
        self._transforms = []
        self.write(body)

    def on_connection_close(self) -> None:
        interrupted = not (self._finished or self.request._body_future.done())
        super().on_connection_close()
        if interrupted:
            if not self._refused:
                self.set_status(CLIENT_LEFT, "client left")
            self.on_finish()

    def on_finish(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        if self._body is not None:
            self._body.close()
        super().on_finish()

    async def _refuse_early(self, error: Exception) -> None:
        """Send the refusal, and have the rest of the body dropped instead of the method called."""
        self._refused = True
        self._arrived = 0
        if self._body is not None:
            self._body.close()
        setattr(self, (self.request.method or "").lower(), self._dropped)
        self._patience = asyncio.get_running_loop().call_later(_DROPPED_SECONDS, self._end)
        reason = (type(error), error, error.__traceback__)
        self.log_exception(*reason)
        status = error.status_code if isinstance(error, HTTPError) else 500
        self.set_status(status)
        self.write_error(status, exc_info=reason)
        with contextlib.suppress(StreamClosedError):
            await self.flush()

    async def _dropped(self, **_path: Any) -> None:
        self._end()

    def _end(self) -> None:
        if not self._finished:
            self.finish()
            self.connection.close()

    def _awaits_consent(self) -> bool:
        return self.request.headers.get("Expect", "").lower() == "100-continue"

    def _has_body(self) -> bool:
        headers = self.request.headers
        return "Transfer-Encoding" in headers or headers.get("Content-Length", "0") != "0"
