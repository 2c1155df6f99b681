"""The way of every request: who may call → shape of the body → one transaction → commit → answer.

A handler method without @endpoint stops the server at start (see `undeclared`), so that nothing is open by
oversight.
"""

import contextlib
import functools
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_type_hints
from urllib.parse import quote

import orjson
from pydantic import BaseModel, TypeAdapter
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from tihuo.db import Session
from tihuo.errors import (
    AppError,
    BodyTooLarge,
    ForeignOrigin,
    IdempotencyKeyMissing,
    MalformedRequest,
    NotSignedIn,
    PermissionMissing,
    ServiceBusy,
)
from tihuo.web.handler import CLIENT_LEFT, Handler
from tihuo.web.sessions import Principal
from tihuo.web.validation import parse

Audience = Literal["anyone", "customer", "staff"]
VERBS = ("get", "post", "put", "patch", "delete")
MAX_JSON = 1024 * 1024
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


class IdempotencyKey(str):
    """The request's own key; a method that takes one has the header checked."""


class RawBody(bytes):
    """The body as it came; for uploads."""


@dataclass(frozen=True)
class File:
    """An answer that is not JSON. `name`: offered as a download under this name. `status`: if not the declared."""

    content: bytes
    media_type: str
    name: str | None = None
    status: int | None = None


@dataclass(frozen=True)
class Stream:
    """An answer of any length, sent chunk by chunk, no faster than the client takes it.

    What `chunks` raises before its first chunk is refused as usual; after it the connection is broken off, so that
    nobody takes a part for the whole. If it is a generator it is closed whatever happens, also when the client leaves.
    `size`: in bytes, where it is known; the client can then show how far it is.
    """

    chunks: AsyncIterator[bytes]
    media_type: str
    name: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Endpoint:
    """What a handler method declares about itself; the OpenAPI document is written from it."""

    allows: Audience
    permission: str | None
    status: int
    raises: tuple[type[AppError], ...]
    returns: Any
    summary: str
    path: dict[str, type]
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    raw: bool
    streamed: bool
    idempotent: bool
    media_type: str | None
    max_bytes: int
    wants_session: bool
    wants_principal: bool
    _adapter: TypeAdapter[Any] | None = field(repr=False)

    def encode(self, value: Any) -> bytes:
        """The answer's JSON, checked against the declared shape."""
        assert self._adapter is not None
        return self._adapter.dump_json(value)


def endpoint(
    *,
    allows: Audience,
    permission: str | None = None,
    raises: Sequence[type[AppError]] = (),
    status: int = 200,
    writes: bool | None = None,
    media_type: str | None = None,
    max_bytes: int = MAX_JSON,
) -> Callable[[Callable[..., Awaitable[Any]]], Callable[..., Awaitable[None]]]:
    """Declare a handler method.

    Its parameters say what it needs: `session` (a transaction, committed before the answer is written),
    `principal`, `body`, `query`, `raw`, `streamed` (see UploadHandler), `idempotency_key`, and those of the path.
    Without `session` it runs outside any transaction. `writes`: False for a POST that only reads. `permission`:
    staff need it too.
    """

    def declare(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[None]]:
        hints = get_type_hints(method)
        returns = hints.pop("return", None)
        own = {"session", "principal", "body", "query", "raw", "streamed", "idempotency_key"}
        declared = Endpoint(
            allows=allows,
            permission=permission,
            status=status,
            raises=tuple(raises),
            returns=returns,
            summary=(method.__doc__ or "").strip().split("\n")[0],
            path={name: kind for name, kind in hints.items() if name not in own},
            body=hints.get("body"),
            query=hints.get("query"),
            raw="raw" in hints,
            streamed="streamed" in hints,
            idempotent="idempotency_key" in hints,
            media_type=media_type,
            max_bytes=max_bytes,
            wants_session="session" in hints,
            wants_principal="principal" in hints,
            _adapter=TypeAdapter(returns) if media_type is None and returns is not type(None) else None,
        )
        writing = writes if writes is not None else method.__name__ != "get"

        @functools.wraps(method)
        async def call(self: Handler, **path: str) -> None:
            principal = await admit(self, declared)
            given = _arguments(self, declared, path)
            if declared.wants_principal:
                given["principal"] = principal
            if declared.streamed:
                given["streamed"] = await self.received()
            if declared.wants_session:

                async def work(session: Session) -> Any:
                    return await method(self, session=session, **given)

                result = await self.context.unit_of_work.run(work, writes=writing)
            else:
                result = await method(self, **given)
            await _answer(self, declared, result)

        call.endpoint = declared  # type: ignore[attr-defined]  # read back by `declared_on`
        return call

    return declare


async def admit(handler: Handler, declared: Endpoint) -> Principal | None:
    """Who calls, where the endpoint wants to know. Raises NotSignedIn, ForeignOrigin, PermissionMissing."""
    if declared.allows != "staff":
        return None
    principal = await handler.principal()
    if declared.permission and declared.permission not in principal.permissions:
        raise PermissionMissing()
    return principal


def _arguments(handler: Handler, declared: Endpoint, path: dict[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: kind(path[name]) for name, kind in declared.path.items() if name in path}
    if len(handler.request.body) > declared.max_bytes:
        raise too_large(declared)
    given |= head_arguments(handler, declared)
    if declared.raw:
        given["raw"] = RawBody(handler.request.body)
    if declared.body is not None:
        given["body"] = parse(declared.body, _json(handler))
    return given


def head_arguments(handler: Handler, declared: Endpoint) -> dict[str, Any]:
    """What the request says before its body. Raises InvalidRequest, IdempotencyKeyMissing."""
    given: dict[str, Any] = {}
    if declared.query is not None:
        arguments = handler.request.query_arguments
        raw = {name: values[-1].decode("utf-8", "replace") for name, values in arguments.items()}
        given["query"] = parse(declared.query, {name: value for name, value in raw.items() if value != ""})
    if declared.idempotent:
        key = handler.request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(key):
            raise IdempotencyKeyMissing()
        given["idempotency_key"] = IdempotencyKey(key)
    return given


def too_large(declared: Endpoint) -> BodyTooLarge:
    """The refusal of a body beyond the endpoint's limit."""
    return BodyTooLarge(limit_mb=declared.max_bytes // 1024 // 1024)


def _json(handler: Handler) -> Any:
    if not handler.request.headers.get("Content-Type", "").startswith("application/json"):
        raise MalformedRequest()
    try:
        return orjson.loads(handler.request.body)
    except orjson.JSONDecodeError:
        raise MalformedRequest() from None


async def _answer(handler: Handler, declared: Endpoint, result: Any) -> None:
    handler.set_status(declared.status)
    if isinstance(result, File):
        handler.set_status(result.status or declared.status)
        _name(handler, result.name)
        handler.send(result.content, result.media_type)
    elif isinstance(result, Stream):
        await _send_stream(handler, result)
    elif declared.status == 204:
        handler.finish()
    else:
        handler.send(declared.encode(result))


def _name(handler: Handler, name: str | None) -> None:
    if name:
        handler.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name)}")


async def _send_stream(handler: Handler, answer: Stream) -> None:
    async with contextlib.AsyncExitStack() as stack:
        if isinstance(answer.chunks, AsyncGenerator):
            stack.push_async_callback(answer.chunks.aclose)
        chunk = await anext(answer.chunks, None)
        _name(handler, answer.name)
        handler.set_header("Content-Type", answer.media_type)
        # nginx would lay on its disk what the client has not taken yet: secrets in the clear.
        handler.set_header("X-Accel-Buffering", "no")
        if answer.size is not None:
            handler.set_header("Content-Length", str(answer.size))
        try:
            while chunk is not None:
                handler.write(chunk)
                await handler.flush()
                chunk = await anext(answer.chunks, None)
        except StreamClosedError:
            handler.set_status(CLIENT_LEFT, "client left")
        except BaseException as error:
            handler.break_off(error)
            if not isinstance(error, Exception):
                raise
    handler.finish()


def declared_on(handler: type[RequestHandler]) -> dict[str, Endpoint]:
    """The endpoints of a handler class by verb. Raises TypeError for a body that this class would not have."""
    verbs = {verb: getattr(getattr(handler, verb), "endpoint", None) for verb in VERBS}
    found = {verb: declared for verb, declared in verbs.items() if declared is not None}
    to_file = issubclass(handler, Handler) and handler.body_to_file
    for verb, declared in found.items():
        if declared.streamed and not to_file:
            raise TypeError(f"{handler.__name__}.{verb}: `streamed` needs an UploadHandler")
        if (declared.raw or declared.body is not None) and to_file:
            raise TypeError(f"{handler.__name__}.{verb}: the body of an UploadHandler is `streamed`")
    return found


def undeclared(handler: type[RequestHandler]) -> list[str]:
    """The verbs that a handler class answers to without saying who may call them."""
    return [
        verb
        for verb in VERBS
        if getattr(handler, verb) is not getattr(RequestHandler, verb)
        and not hasattr(getattr(handler, verb), "endpoint")
    ]


def implied_errors(declared: Endpoint) -> tuple[type[AppError], ...]:
    """The refusals that the way itself can give, before the method is called."""
    implied: list[type[AppError]] = []
    if declared.allows == "staff":
        implied += [NotSignedIn, ForeignOrigin, ServiceBusy]
        if declared.permission:
            implied.append(PermissionMissing)
    if declared.idempotent:
        implied.append(IdempotencyKeyMissing)
    if declared.body is not None:
        implied.append(MalformedRequest)
    if declared.body is not None or declared.raw or declared.streamed:
        implied.append(BodyTooLarge)
    return tuple(implied)
