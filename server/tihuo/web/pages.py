"""The front ends' files, the storefront's page, pictures."""

import re
from pathlib import Path

from tornado.web import StaticFileHandler

from tihuo.errors import NotFound
from tihuo.web.endpoint import File, endpoint
from tihuo.web.handler import CSP, Handler

HEAD = "<!--tihuo:head-->"
_FOREVER = "public, max-age=31536000, immutable"
_NOT_BUILT = "<!doctype html><meta charset=utf-8><title>提货</title><p>页面尚未生成，请先运行 ./scripts/run</p>"


class AssetHandler(StaticFileHandler):
    """Built files; those with a hash in their name never change."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", CSP)
        hashed = re.search(r"-[\w-]{8,}\.\w+$", path)
        self.set_header("Cache-Control", _FOREVER if hashed else "no-cache")
        self.clear_header("Server")


def _index(folder: Path) -> str:
    try:
        return (folder / "index.html").read_text("utf-8")
    except FileNotFoundError:
        return _NOT_BUILT


class StorefrontPage(Handler):
    """/c/{slug}, /c/{slug}/{number} and /c/{slug}/o/{token}: the H5, told at once whose it is."""

    @endpoint(allows="anyone", media_type="text/html")
    async def get(self, slug: str, number: str = "", token: str = "") -> File:
        """The storefront's page; `number` is what a card's QR code carries, `token` of an order that is shared."""
        head = await self.context.storefront_head(slug.lower())
        if head is None:
            page = _index(self.context.settings.h5_dist).replace(HEAD, "<title>页面不存在</title>")
            return File(page.encode(), "text/html; charset=utf-8", status=404)
        page = _index(self.context.settings.h5_dist).replace(HEAD, head)
        return File(page.encode(), "text/html; charset=utf-8")


class AdminPage(Handler):
    """/admin/…: the back office; its own router knows the rest of the path."""

    @endpoint(allows="anyone", media_type="text/html")
    async def get(self) -> File:
        """The back office's page."""
        return File(_index(self.context.settings.admin_dist).encode(), "text/html; charset=utf-8")


class RootPage(Handler):
    @endpoint(allows="anyone", media_type="text/html", status=302)
    async def get(self) -> File:
        """The bare address leads to the back office."""
        self.set_header("Location", "/admin/")
        return File(b"", "text/html; charset=utf-8")


class FileHandler(Handler):
    """/files/{merchant}/{name}: pictures; names are hashes of the content."""

    @endpoint(allows="anyone", media_type="image/*", raises=(NotFound,))
    async def get(self, merchant_id: int, name: str) -> File:
        """A picture."""
        found = await self.context.store.get(f"{merchant_id}/{name}")
        if found is None:
            raise NotFound()
        self.set_header("Cache-Control", _FOREVER)
        return File(*found)
