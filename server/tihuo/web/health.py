"""What the host's tools ask: alive, ready, figures, the API's documents."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from tihuo.errors import AppError
from tihuo.web.endpoint import File, endpoint
from tihuo.web.handler import Handler


class NotReady(AppError):
    status = 503
    message = "尚未就绪：{missing}"


class HealthHandler(Handler):
    @endpoint(allows="anyone", media_type="text/plain")
    async def get(self) -> File:
        """Alive: the process answers."""
        return File(b"ok\n", "text/plain; charset=utf-8")


class ReadyHandler(Handler):
    @endpoint(allows="anyone", media_type="text/plain", raises=(NotReady,))
    async def get(self) -> File:
        """Ready: database (with today's tables) and Redis answer."""
        for name, check in self.context.readiness.items():
            try:
                await check()
            except Exception as error:
                raise NotReady(missing=f"{name}（{type(error).__name__}）") from error
        return File(b"ok\n", "text/plain; charset=utf-8")


class MetricsHandler(Handler):
    @endpoint(allows="anyone", media_type="text/plain")
    async def get(self) -> File:
        """Figures of this process in Prometheus' format; keep it from the public in the proxy."""
        return File(generate_latest(), CONTENT_TYPE_LATEST)
