"""Tihuo behind nginx with the project's own site file, as a host runs it."""

import ipaddress
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tornado.httpclient import HTTPClientError
from tornado.ioloop import IOLoop

from tests.concurrency import fleet as fleets
from tests.concurrency.screens import Screen
from tests.factories.shops import Shop, client, key, redemption, unique
from tests.services.nginx import Nginx, nginx
from tihuo.settings import Settings

pytestmark = pytest.mark.mariadb_only

H5_INDEX = "<!doctype html><html><head><!--tihuo:head--></head><body>提货</body></html>"
ADMIN_INDEX = "<!doctype html><title>商家后台</title>"
SCRIPT = "console.log('提货');" + "//" * 1000
LIMIT = 3
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Site:
    """nginx before two web processes and a worker."""

    nginx: Nginx
    fleet: fleets.Fleet

    @property
    def url(self) -> str:
        return self.nginx.url


@pytest.fixture(scope="module")
def front_ends(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two built front ends, as small as can be: what is proved here is the way to them, not what is in them."""
    root = tmp_path_factory.mktemp("root")
    for name, index in (("h5", H5_INDEX), ("admin", ADMIN_INDEX)):
        dist = root / name / "dist"
        (dist / "assets").mkdir(parents=True)
        (dist / "index.html").write_text(index, "utf-8")
        (dist / "assets" / "index-a1B2c3D4.js").write_text(SCRIPT, "utf-8")
    newer = shutil.copytree(root / "h5", root / "newer")
    (newer / "dist" / "assets" / "index-e5F6g7H8.js").write_text(SCRIPT, "utf-8")
    return root


@pytest.fixture(scope="module")
def site_settings(
    new_database: Callable[[str], str], real_redis_url: str, data_dir: Path, front_ends: Path
) -> Settings:
    """Settings of the web processes: the proxy on this machine is trusted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TIHUO_CONFIG", raising=False)
        settings = Settings(
            env="test",
            redis_url=real_redis_url,
            data_dir=data_dir,
            captcha_answer="1234",
            trusted_proxies=(ipaddress.IPv4Network("127.0.0.1/32"),),
            tries_per_address=LIMIT,
            numbers_per_address=100_000,
            captcha_after=100_000,
            h5_dist=front_ends / "newer" / "dist",
            admin_dist=front_ends / "admin" / "dist",
        )
    return fleets.on_its_own_database(settings, new_database("nginx"))


@pytest.fixture(scope="module")
def site(site_settings: Settings, front_ends: Path) -> Iterator[Site]:
    """The whole of it, running."""
    with ExitStack() as stack:
        fleet = stack.enter_context(fleets.running(site_settings, web=2, worker=1))
        yield Site(stack.enter_context(nginx(fleet.processes.ports, root=front_ends)), fleet)


@pytest.fixture
def shop(site: Site, site_settings: Settings, io_loop: IOLoop) -> Iterator[Shop]:
    """A merchant that is reached through nginx."""
    with fleets.host(io_loop, site_settings) as app:
        made = fleets.new_shop(io_loop, app, site.url)
        io_loop.run_sync(lambda: forget_tries(made))
        yield made


async def test_a_card_is_checked_and_redeemed(shop: Shop) -> None:
    """The customer's way through the proxy: page, check, redeem, look again."""
    product = await shop.product("苹果")
    card = await shop.card(product_ids=[product.id])
    async with shop.customer() as customer:
        page = await customer.get(f"/c/{shop.slug}/{card.number}")
        assert page.status_code == 200
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "测试提货" in page.text
        assert f'"slug":"{shop.slug}"' in page.text
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        check = await customer.post(f"{shop.customer_api}/cards/check", json=card.typed())
        assert [found["name"] for found in check.json()["products"]] == ["苹果"]
        headers, body = key(), redemption(card, product.id)
        placed = [await customer.post(f"{shop.customer_api}/redemptions", json=body, headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in placed] == [201] * 3
        assert len({answer.content for answer in placed}) == 1
        again = await customer.post(f"{shop.customer_api}/cards/check", json=card.typed())
    assert again.json()["state"] == "redeemed"


async def test_staff_sign_in_and_see_the_order_at_once(shop: Shop) -> None:
    """Sign-in, a change that checks the Origin, and the WebSocket's upgrade with its event."""
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    cookie = await fleets.sign_in(shop.base_url, shop.owner_account)
    own, foreign = {"Cookie": cookie, "Origin": shop.base_url}, {"Cookie": cookie, "Origin": "https://evil.example"}
    async with client(shop.base_url) as staff, shop.customer() as customer:
        assert (await staff.get("/admin/orders")).text == ADMIN_INDEX
        assert (await staff.get("/api/m/session", headers=own)).json()["merchant"]["slug"] == shop.slug
        name = {"name": unique("桃子")}
        assert (await staff.post("/api/m/products", json=name, headers=foreign)).status_code == 403
        assert (await staff.post("/api/m/products", json=name, headers=own)).status_code == 201
        with pytest.raises(HTTPClientError, match="403"):
            await Screen.at(shop.base_url, cookie, Origin="https://evil.example")
        with pytest.raises(HTTPClientError, match="401"):
            await Screen.at(shop.base_url)
        # Two, so that each web process is likely to have one.
        async with (
            await Screen.at(shop.base_url, cookie, Origin=shop.base_url) as first,
            await Screen.at(shop.base_url, cookie, Origin=shop.base_url) as second,
        ):
            await first.hello()
            await second.hello()
            body = redemption(card, product.id)
            response = await customer.post(f"{shop.customer_api}/redemptions", json=body, headers=key())
            for screen in (first, second):
                heard = await screen.event(timeout=10)
                assert heard["data"]["order"]["number"] == response.json()["order"]["number"]
                await screen.silent()


async def wrong_tries(url: str, shop: Shop, source: str, *, forwarded: str = "") -> list[str]:
    """More wrong tries than an address has, each at a number of its own, from one loopback address."""
    headers = {"X-Forwarded-For": forwarded, "X-Real-IP": forwarded} if forwarded else {}
    found = []
    transport = httpx.AsyncHTTPTransport(local_address=source)
    async with httpx.AsyncClient(base_url=url, transport=transport, timeout=30) as customer:
        for _ in range(LIMIT + 1):
            body = {"number": unique("N"), "password": "0000000000"}
            response = await customer.post(f"{shop.customer_api}/cards/check", json=body, headers=headers)
            found.append(response.json()["error"]["code"])
    return found


async def test_the_limit_counts_the_real_client(site: Site, shop: Shop) -> None:
    """Each client has a limit of its own behind the proxy, over both processes, and can't invent another address."""
    refused = ["card_or_password_wrong"] * LIMIT + ["too_many_tries"]
    assert await wrong_tries(site.url, shop, "127.0.0.2") == refused
    assert await wrong_tries(site.url, shop, "127.0.0.3", forwarded="198.51.100.7") == refused
    assert await wrong_tries(site.url, shop, "127.0.0.3", forwarded="198.51.100.8") == ["too_many_tries"] * 4
    assert await wrong_tries(site.url, shop, "127.0.0.4") == refused


async def forget_tries(shop: Shop) -> None:
    """Counts of others' tests, and of another run's in a Redis that was handed in."""
    redis = shop.app.context.redis
    keys = [found async for found in redis.scan_iter("guess:*")]
    if keys:
        await redis.delete(*keys)


async def test_figures_are_not_for_the_public(site: Site) -> None:
    """/metrics is answered on the process's own port only; /healthz everywhere."""
    async with httpx.AsyncClient() as anyone:
        for path in ("/metrics", "/metrics?", "/./metrics", "//metrics"):
            public = await anyone.get(site.url + path)
            assert public.status_code == 404, path
            assert "tihuo_http_requests_total" not in public.text
        own = await anyone.get(site.fleet.urls[0] + "/metrics")
        assert "tihuo_http_requests_total" in own.text
        assert (await anyone.get(site.url + "/healthz")).text == "ok\n"


@pytest.mark.parametrize("front", ["h5", "admin"])
async def test_built_files_are_kept_for_ever_and_pages_never(site: Site, front: str) -> None:
    """A name with a hash never changes its content; the page that names it does."""
    async with httpx.AsyncClient(base_url=site.url) as anyone:
        script = await anyone.get(f"/{front}/assets/index-a1B2c3D4.js", headers={"Accept-Encoding": "gzip"})
        assert script.text == SCRIPT
        assert script.headers["Cache-Control"] == FOREVER
        assert script.headers["Content-Encoding"] == "gzip"
        assert script.headers["X-Content-Type-Options"] == "nosniff"
        assert "javascript" in script.headers["Content-Type"]
        missing = await anyone.get(f"/{front}/assets/index-00000000.js")
        assert missing.status_code == 404
        assert "immutable" not in missing.headers.get("Cache-Control", "")
        for climbing in ("..%2f..%2findex.html", "../../keys.json", "..%2f..%2f..%2f..%2fetc%2fpasswd"):
            assert (await anyone.get(f"/{front}/assets/{climbing}")).status_code in (400, 403, 404)
        page = await anyone.get("/admin/")
    assert page.text == ADMIN_INDEX
    assert page.headers["Cache-Control"] == "no-store"


async def test_an_asset_that_is_not_on_this_disk_is_asked_of_tihuo(site: Site) -> None:
    """While machines are brought up to date one by one, a page of the new ones may be served by an old nginx."""
    async with httpx.AsyncClient(base_url=site.url) as anyone:
        script = await anyone.get("/h5/assets/index-e5F6g7H8.js")
    assert script.text == SCRIPT
    assert script.headers["Cache-Control"] == FOREVER


async def test_a_picture_of_ten_megabytes_reaches_tihuo_and_one_beyond_nginx_does_not(site: Site, shop: Shop) -> None:
    """Spec C: pictures up to 10 MB; what is larger by far stops at the proxy."""
    async with await shop.staff() as staff:
        headers = {"Content-Type": "image/png"}
        refused = await staff.post("/api/m/pictures", content=bytes(10_000_000), headers=headers)
        assert refused.json()["error"]["code"] == "picture_refused"
        plain = httpx.AsyncClient(base_url=site.url, cookies=staff.cookies, timeout=30)
    async with plain:
        stopped = await plain.post("/api/m/pictures", content=bytes(13 * 1024 * 1024), headers=headers)
    assert stopped.status_code == 413
    assert stopped.headers["Content-Type"].startswith("text/html")


async def test_a_stopped_process_is_not_noticed(site: Site, shop: Shop) -> None:
    """With one of two processes gone every request is still answered, by the other one."""
    first = site.fleet.webs[0]
    first.stop()
    try:
        async with shop.customer() as customer:
            answers = [await customer.get(f"{shop.customer_api}/storefront") for _ in range(10)]
        assert [answer.status_code for answer in answers] == [200] * 10
    finally:
        first.start()
