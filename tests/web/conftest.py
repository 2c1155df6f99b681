"""The application's parts without its own server, for tests that serve handlers of their own."""

from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from tihuo import app as apps
from tihuo.settings import Settings
from tihuo.web.context import Context


@pytest.fixture
def parts(io_loop: IOLoop, settings: Settings) -> Iterator[apps.App]:
    """All that handlers work with; nothing listens, no relay runs."""

    async def build() -> apps.App:
        return apps.build(settings)

    built = io_loop.run_sync(build)
    yield built
    io_loop.run_sync(built.close)


@pytest.fixture
def context(parts: apps.App) -> Context:
    """The same as handlers see it."""
    return parts.context
