"""What browsers load: the storefront's page, the back office's, health, safe headers."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.conftest import Server
from tests.factories.shops import Shop, key, redemption
from tihuo.redemption import service as redemption_service
from tihuo.web.pages import HEAD


async def test_the_storefronts_page_knows_whose_it_is(shop: Shop, server: Server) -> None:
    folder = server.app.context.settings.h5_dist
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(f"<!doctype html><html><head>{HEAD}</head></html>")
    async with shop.customer() as browser:
        for rest in ("", "/", "/A5880001", "/o/b9JvT4pQ-_x"):
            assert (await browser.get(f"/c/{shop.slug}{rest}")).status_code == 200
        for path in (f"/c/{shop.slug}", f"/c/{shop.slug}/", f"/c/{shop.slug}/A5880001", f"/c/{shop.slug.upper()}"):
            page = await browser.get(path)
            assert page.status_code == 200
            assert "<title>测试提货</title>" in page.text
            assert f'"slug":"{shop.slug}"' in page.text
        assert (await browser.get("/c/nobody-here")).status_code == 404
        assert (await browser.get("/c/nobody-here")).headers["content-type"].startswith("text/html")


async def test_pages_carry_safe_headers(shop: Shop) -> None:
    async with shop.customer() as browser:
        for path in ("/admin/", f"/c/{shop.slug}", f"{shop.customer_api}/storefront", "/nothing"):
            headers = (await browser.get(path)).headers
            assert "default-src 'self'" in headers["content-security-policy"], path
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert "server" not in headers


async def test_the_hosts_tools_are_answered(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.base_url) as tool:
        assert (await tool.get("/healthz")).text == "ok\n"
        assert (await tool.get("/readyz")).text == "ok\n"
        metrics = (await tool.get("/metrics")).text
        assert 'tihuo_http_requests_total{handler="HealthHandler",method="GET",status="200"}' in metrics
        assert (await tool.get("/")).headers["location"] == "/admin/"


async def test_a_server_whose_database_is_away_is_alive_but_not_ready(server: Server) -> None:
    async def away() -> None:
        raise ConnectionError

    server.app.context.readiness["数据库"] = away
    async with httpx.AsyncClient(base_url=server.base_url) as tool:
        assert (await tool.get("/healthz")).status_code == 200
        refused = await tool.get("/readyz")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_ready")


async def test_stopping_lets_a_request_end(shop: Shop, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redemption under way when the process is told to stop still gets its answer."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    redeem = redemption_service.redeem

    async def slowly(*arguments: Any) -> Any:
        begun.set()
        await go_on.wait()
        return await redeem(*arguments)

    monkeypatch.setattr(redemption_service, "redeem", slowly)
    async with shop.customer() as customer:
        path = f"{shop.customer_api}/redemptions"
        request = asyncio.create_task(customer.post(path, json=redemption(card, product.id), headers=key()))
        await begun.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        go_on.set()
        assert (await request).status_code == 201
        await stopping
