"""Tihuo as it is run in production: several processes on MariaDB and Redis, behind nginx with config/nginx.conf."""

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from .nginx import Nginx, nginx
from .staff_client import CAPTCHA, Staff
from .tihuo_processes import TihuoProcesses, run_tihuo, tihuo_processes

pytestmark = pytest.mark.mariadb_only
SCRIPT = b"console.log('tihuo');\n" * 200


@dataclass(frozen=True)
class Site:
    nginx: Nginx
    processes: TihuoProcesses
    demo: dict[str, Any]

    @property
    def url(self) -> str:
        return self.nginx.url


@pytest.fixture(scope="module")
def site(
    new_database: Callable[[str], str], redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    assets = home / "on disk" / "h5" / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-Ab12Cd34.js").write_bytes(SCRIPT)
    newer = home / "newer" / "assets"
    newer.mkdir(parents=True)
    (newer / "index-Ef56Gh78.js").write_bytes(SCRIPT)
    (newer.parent / "index.html").write_text("<!doctype html><!--tihuo:head-->", encoding="utf-8")
    settings = {
        "TIHUO_ENV": "test",
        "TIHUO_CAPTCHA_ANSWER": CAPTCHA,
        "TIHUO_DATABASE_URL": new_database("site"),
        "TIHUO_REDIS_URL": redis_url,
        "TIHUO_DATA_DIR": str(home / "data"),
        "TIHUO_TRUSTED_PROXIES": "127.0.0.1",
        "TIHUO_H5_DIST": str(newer.parent),
    }
    run_tihuo(["demo"], settings)
    demo = json.loads((home / "data" / "demo.json").read_text(encoding="utf-8"))
    with (
        tihuo_processes(settings, web=2, worker=1, folder=home / "processes") as processes,
        nginx(processes.ports, root=home / "on disk") as server,
    ):
        yield Site(server, processes, demo)


def test_the_storefront_comes_through_both_processes(site: Site) -> None:
    for _ in range(6):
        answer = httpx.get(f"{site.url}/c/demo")
        assert answer.status_code == 200
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Server"] == "nginx"
        assert httpx.get(f"{site.url}/api/c/demo/storefront").json()["slug"] == "demo"


def test_hashed_assets_come_from_the_disk_for_ever_and_compressed(site: Site) -> None:
    with httpx.stream("GET", f"{site.url}/h5/assets/index-Ab12Cd34.js", headers={"Accept-Encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert gzip.decompress(sent) == SCRIPT


def test_an_asset_that_is_not_on_this_disk_is_asked_of_tihuo(site: Site) -> None:
    answer = httpx.get(f"{site.url}/h5/assets/index-Ef56Gh78.js")
    assert answer.content == SCRIPT
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_session_holds_in_every_process_and_its_live_events_come_through(site: Site) -> None:
    with Staff(site.url, site.demo["staff"]) as staff:
        assert len({staff.product_id() for _ in range(6)}) == 1
        cookies = "; ".join(f"{name}={value}" for name, value in staff.cookies.items())
    hello = asyncio.run(_first_frame(site, {"Cookie": cookies, "Origin": site.url}))
    assert hello["type"] == "hello"


def test_live_events_are_refused_to_nobody_in_particular(site: Site) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Origin": site.url,
    }
    assert httpx.get(f"{site.url}/api/m/live", headers=upgrade).status_code == 401


def test_a_picture_of_ten_megabytes_reaches_tihuo_and_one_beyond_nginx_does_not(site: Site) -> None:
    with Staff(site.url, site.demo["staff"]) as staff:
        assert staff.upload(b"\0" * (10 * 1000 * 1000)).json()["error"]["code"] == "picture_refused"
        assert staff.upload(b"\0" * (13 * 1024 * 1024)).headers["Content-Type"].startswith("text/html")


def test_metrics_are_not_for_the_outside(site: Site) -> None:
    assert httpx.get(f"{site.url}/metrics").status_code == 404
    assert httpx.get(f"{site.processes.urls[0]}/metrics").status_code == 200


def test_one_process_may_go_without_anybody_noticing(site: Site) -> None:
    stopped = site.processes.webs[0]
    stopped.stop()
    try:
        for _ in range(6):
            assert httpx.get(f"{site.url}/api/c/demo/storefront").status_code == 200
    finally:
        stopped.start()


async def _first_frame(site: Site, headers: dict[str, str]) -> Any:
    url = f"{site.url.replace('http', 'ws', 1)}/api/m/live"
    socket = await websocket_connect(HTTPRequest(url, headers=headers))
    try:
        return json.loads(await socket.read_message() or "")
    finally:
        socket.close()
        while await socket.read_message() is not None:
            pass  # until the server has closed its side too
