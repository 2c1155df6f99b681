"""Routes as the OpenAPI document writes them, turned into Tornado's."""

import re
from dataclasses import dataclass
from typing import Any

from tornado.routing import URLSpec
from tornado.web import RequestHandler

from tihuo.web.endpoint import declared_on, undeclared


class UndeclaredEndpoint(Exception):
    """A handler answers to a verb without saying who may call it; the server does not start."""


@dataclass(frozen=True)
class Route:
    """A path with {names} and the handler that answers it."""

    path: str
    handler: type[RequestHandler]


_PATTERNS: dict[type, str] = {int: r"[0-9]{1,15}", str: r"[A-Za-z0-9_-]{1,64}(?:\.[a-z]{1,5})?"}


def url_specs(routes: list[Route], arguments: dict[str, Any]) -> list[URLSpec]:
    """Tornado's routes. Raises UndeclaredEndpoint, naming every method that lacks @endpoint."""
    open_ended = [f"{route.handler.__name__}.{verb}" for route in routes for verb in undeclared(route.handler)]
    if open_ended:
        raise UndeclaredEndpoint(f"without @endpoint, so nobody said who may call: {', '.join(open_ended)}")
    return [URLSpec(_pattern(route), route.handler, arguments) for route in routes]


def _pattern(route: Route) -> str:
    kinds: dict[str, type] = {}
    for declared in declared_on(route.handler).values():
        kinds |= declared.path

    def group(match: re.Match[str]) -> str:
        return f"(?P<{match[1]}>{_PATTERNS[kinds.get(match[1], str)]})"

    return re.sub(r"\\?\{(\w+)\\?\}", group, re.escape(route.path)) + "$"
