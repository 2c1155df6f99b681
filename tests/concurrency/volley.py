"""Requests that reach their servers at the same moment.

Each request's head goes out first with `Expect: 100-continue`. Once every server has answered that it
waits for the body, all bodies are sent at once: nothing is left to do but the work itself.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from tests import openapi_check

_SECONDS = 60


@dataclass(frozen=True)
class Shot:
    """One POST to one server."""

    base_url: str
    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Loaded:
    shot: Shot
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


async def fire(shots: Sequence[Shot]) -> list[httpx.Response]:
    """Send all at once; answers in the same order, each held against the OpenAPI documents.

    A 500 is in no document: it is left for the test to show beside the other answers.
    """
    loaded = await asyncio.gather(*(_load(shot) for shot in shots))
    for one in loaded:
        one.writer.write(one.body)
    answers = await asyncio.wait_for(asyncio.gather(*(_answer(one) for one in loaded)), _SECONDS)
    for answer in answers:
        if answer.status_code < 500:
            openapi_check.check(answer)
    return answers


async def _load(shot: Shot) -> _Loaded:
    parts = urlsplit(shot.base_url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    body = orjson.dumps(shot.body)
    head = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        "Expect": "100-continue",
        **shot.headers,
    }
    lines = [f"POST {shot.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    waits = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _SECONDS)
    assert waits.startswith(b"HTTP/1.1 100"), waits
    return _Loaded(shot, body, reader, writer)


async def _answer(one: _Loaded) -> httpx.Response:
    try:
        raw = await one.reader.read()
    finally:
        one.writer.close()
    head, _, content = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in rest)]
    return httpx.Response(
        int(first.split()[1]),
        headers=headers,
        content=content,
        request=httpx.Request("POST", one.shot.base_url + one.shot.path),
    )


def codes(answers: Sequence[httpx.Response]) -> list[str]:
    """For each answer "201", or "409 card_void" where it is a refusal."""
    return [
        str(answer.status_code) if answer.is_success else f"{answer.status_code} {answer.json()['error']['code']}"
        for answer in answers
    ]
