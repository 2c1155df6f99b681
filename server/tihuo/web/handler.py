"""The base of all handlers: errors as JSON, safe headers, who is speaking."""

import time
import uuid
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import orjson
import structlog
from prometheus_client import Counter, Histogram
from redis.exceptions import RedisError
from tornado.http1connection import HTTP1Connection
from tornado.web import HTTPError, RequestHandler

from tihuo.errors import AppError, ForeignOrigin, MethodNotAllowed, NotFound, NotSignedIn, ServiceBusy
from tihuo.web.address import client_address
from tihuo.web.context import Context
from tihuo.web.sessions import COOKIE, Principal

if TYPE_CHECKING:
    from tihuo.web.upload import StreamedBody

log = structlog.get_logger("tihuo.web")
REQUESTS = Counter("tihuo_http_requests_total", "Requests answered", ["handler", "method", "status"])
SECONDS = Histogram(
    "tihuo_http_request_seconds",
    "Time to answer, in seconds",
    ["handler", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CSP = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "media-src 'self' blob: data:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# What nginx writes into its log for a client that left before its answer was complete; nobody ever receives it.
CLIENT_LEFT = 499
_SAFE = ("GET", "HEAD", "OPTIONS")


class Handler(RequestHandler):
    """What every handler of ours has in common; business is elsewhere."""

    context: Context
    request_id: str = ""
    body_to_file: ClassVar[bool] = False

    def initialize(self, context: Context) -> None:
        self.context = context

    def set_default_headers(self) -> None:
        # Tornado calls this again before it answers with an error, which is in the log by then: under this id.
        self.request_id = self.request_id or uuid.uuid4().hex[:16]
        self.clear_header("Server")
        self.set_header("X-Request-Id", self.request_id)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Content-Security-Policy", CSP)
        self.set_header("Cache-Control", "no-store")

    def compute_etag(self) -> str | None:
        """None: answers are not stored, so that hashing each one would buy nothing."""
        return None

    @property
    def connection(self) -> HTTP1Connection:
        """What the request came through."""
        connection = self.request.connection
        assert isinstance(connection, HTTP1Connection)
        return connection

    @property
    def address(self) -> str:
        """The client's address."""
        return client_address(self.request, self.context.settings.trusted_proxies)

    async def principal(self) -> Principal:
        """The signed-in account. Raises NotSignedIn; raises ForeignOrigin for a change from another site."""
        self.refuse_foreign()
        staff_id = await self.context.sessions.staff_id(self.get_cookie(COOKIE))
        principal = await self.context.staff_of(staff_id) if staff_id else None
        if principal is None:
            raise NotSignedIn()
        return principal

    def refuse_foreign(self) -> None:
        """Raise ForeignOrigin for a change that a page of another site asks for."""
        if self.request.method in _SAFE and self.request.headers.get("Upgrade", "").lower() != "websocket":
            return
        site = self.request.headers.get("Sec-Fetch-Site")
        origin = self.request.headers.get("Origin")
        foreign = site not in (None, "same-origin", "none") or (
            origin is not None and urlsplit(origin).netloc != self.request.host
        )
        if foreign:
            raise ForeignOrigin()

    def send(self, body: bytes, media_type: str = "application/json; charset=utf-8") -> None:
        """Answer with `body`."""
        self.set_header("Content-Type", media_type)
        self.finish(body)

    async def received(self) -> "StreamedBody":
        """The whole body in its file; only an UploadHandler has one."""
        raise NotImplementedError

    def break_off(self, error: BaseException) -> None:
        """End an answer in its middle by closing the connection; `finish` is still to be called."""
        log.error("answer_broken_off", request_id=self.request_id, handler=type(self).__name__, exc_info=error)
        self.set_status(500)
        self.connection.close()

    def refuse(self, error: AppError) -> None:
        """Answer with a refusal."""
        self.set_status(error.status)
        for name, value in error.headers().items():
            self.set_header(name, value)
        self._send_error(error.code, error.text, error.data)

    def _send_error(self, code: str, message: str, data: dict[str, Any]) -> None:
        error = {"code": code, "message": message, "data": data, "request_id": self.request_id}
        self.send(orjson.dumps({"error": error}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, AppError):
            self.refuse(error)
        elif isinstance(error, RedisError):
            self.refuse(ServiceBusy())
        elif isinstance(error, HTTPError) and status_code == 404:
            self.refuse(NotFound())
        elif isinstance(error, HTTPError) and status_code == 405:
            self.set_header("Allow", ", ".join(self._allowed_methods()))
            self.refuse(MethodNotAllowed())
        elif isinstance(error, HTTPError) and status_code < 500:
            self._send_error("bad_request", "请求无法识别", {})
        else:
            self.set_status(500)
            self._send_error("internal_error", f"系统出错了，请稍后再试（编号 {self.request_id}）", {})

    def _allowed_methods(self) -> list[str]:
        return [
            verb
            for verb in self.SUPPORTED_METHODS
            if getattr(type(self), verb.lower()) is not RequestHandler._unimplemented_method
        ]

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, AppError | HTTPError):
            return
        log.error("request_failed", request_id=self.request_id, handler=type(self).__name__, exc_info=value)

    def prepare(self) -> None:
        self._began = time.perf_counter()
        self.context.in_flight.add(self)

    def on_finish(self) -> None:
        self.context.in_flight.discard(self)
        taken = time.perf_counter() - getattr(self, "_began", time.perf_counter())
        name, method = type(self).__name__, self.request.method or ""
        method = method if method in self.SUPPORTED_METHODS else "OTHER"
        REQUESTS.labels(name, method, self.get_status()).inc()
        SECONDS.labels(name, method).observe(taken)
        log.info(
            "request",
            request_id=self.request_id,
            method=method,
            path=self.request.path,
            status=self.get_status(),
            ms=round(taken * 1000, 1),
            address=self.address,
        )


class NotFoundHandler(Handler):
    """Whatever no route answers to."""

    def prepare(self) -> None:
        super().prepare()
        raise NotFound()
