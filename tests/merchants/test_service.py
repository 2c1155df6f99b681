"""The storefront: what customers see, what staff set."""

import datetime as dt
import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from tests.factories.shops import HOST, Shop, client, unique
from tihuo.audit import service as audit
from tihuo.merchants import service as merchants
from tihuo.merchants.errors import SlugTaken
from tihuo.merchants.schemas import MerchantIn

FILLED = {
    "name": "果园鲜礼",
    "theme_color": "#ff5500",
    "welcome": "欢迎\n光临",
    "contact_phone": "400-1",
    "jump_url": "https://shop.example/谢谢?a=1",
    "texts": {"form": "请写清楚门牌号"},
}


async def test_a_new_merchant_has_a_neutral_closed_storefront(shop: Shop) -> None:
    slug = unique("new")
    await shop.run(
        lambda session: merchants.create(session, MerchantIn(slug=slug, name="新商家"), "Asia/Shanghai", HOST)
    )
    async with client(shop.base_url) as customer:
        seen = (await customer.get(f"/api/c/{slug}/storefront")).json()
        assert (seen["name"], seen["open"], seen["theme_color"]) == ("提货中心", False, "#07C160")
        assert seen["closed_notice"]
        missing = await customer.get("/api/c/nobody-here/storefront")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "storefront_not_found")


async def test_a_slug_is_taken_once(shop: Shop) -> None:
    with pytest.raises(SlugTaken):
        await shop.run(
            lambda session: merchants.create(session, MerchantIn(slug=shop.slug, name="二"), "Asia/Shanghai", HOST)
        )


async def test_settings_are_saved_shown_and_on_record(shop: Shop) -> None:
    async with await shop.staff() as staff, shop.customer() as customer:
        saved = (await staff.put("/api/m/settings/storefront", json=FILLED)).json()
        assert (saved["name"], saved["theme_color"], saved["welcome"]) == ("果园鲜礼", "#FF5500", "欢迎\n光临")
        assert (await customer.get(f"{shop.customer_api}/storefront")).json()["name"] == "果园鲜礼"
    entry = (await shop.run(lambda session: audit.newest(session, shop.id, 1)))[0]
    assert (entry.action, entry.subject, entry.staff_id) == ("changed", "storefronts", shop.owner_id)
    assert entry.data["after"]["name"] == "果园鲜礼"
    assert entry.data["before"]["name"] == "测试提货"
    assert "contact_hours" not in entry.data["after"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"theme_color": "red"}, "theme_color"),
        ({"theme_color": "#12345"}, "theme_color"),
        ({"contact_phone": "打电话"}, "contact_phone"),
        ({"page_color": "#12"}, "page_color"),
        ({"jump_url": "javascript:alert(1)"}, "jump_url"),
        ({"jump_url": "http://"}, "jump_url"),
        ({"jump_url": "www.example.com"}, "jump_url"),
        ({"jump_url": "http://[::1"}, "jump_url"),
        ({"texts": {"done": "长" * 201}}, "texts.done"),
        ({"logo_key": "999999/" + "0" * 32 + ".jpg"}, "logo_key"),
        ({"welcome": "长" * 501}, "welcome"),
    ],
)
async def test_a_wrong_setting_is_named(shop: Shop, changed: dict[str, Any], field: str) -> None:
    async with await shop.staff() as staff:
        response = await staff.put("/api/m/settings/storefront", json={**FILLED, **changed})
        assert response.status_code == 422
        assert response.json()["error"]["data"]["fields"][0]["field"] == field
        assert (await staff.get("/api/m/settings/storefront")).json()["name"] == "测试提货"


PICKUP = {"open": True, "paused": True, "pause_notice": "盘点中", "undeliverable": ["650000"]}


async def test_a_pause_shows_its_notice_and_ends_by_itself(shop: Shop) -> None:
    today = (await shop.run(lambda session: merchants.get(session, shop.id))).today()
    async with await shop.staff() as staff, shop.customer() as customer:

        async def seen(**settings: Any) -> tuple[bool, str]:
            assert (await staff.put("/api/m/settings/pickup", json={**PICKUP, **settings})).status_code == 200
            storefront = (await customer.get(f"{shop.customer_api}/storefront")).json()
            assert (await staff.get("/api/m/storefront")).json()["open"] == storefront["open"]
            return storefront["open"], storefront["closed_notice"]

        assert await seen() == (False, "盘点中")
        assert await seen(resumes_on=(today + dt.timedelta(days=1)).isoformat()) == (False, "盘点中")
        assert await seen(resumes_on=today.isoformat()) == (True, "")
        assert await seen(paused=False) == (True, "")
        closed, notice = await seen(open=False, paused=False)
        assert (closed, bool(notice)) == (False, True)
        saved = (await staff.get("/api/m/settings/pickup")).json()
        assert saved["undeliverable"] == [{"code": "650000", "name": "新疆维吾尔自治区"}]
        refused = await staff.put("/api/m/settings/pickup", json={**PICKUP, "undeliverable": ["999999"]})
        assert refused.json()["error"]["data"]["fields"][0]["field"] == "undeliverable"


async def test_the_qr_code_reads_as_the_storefronts_address(shop: Shop) -> None:
    async with await shop.staff() as staff:
        address = (await staff.get("/api/m/storefront")).json()["url"]
        png = await staff.get("/api/m/storefront/qr.png?download=1")
        svg = await staff.get("/api/m/storefront/qr.svg")
    assert address.endswith(f"/c/{shop.slug}")
    assert [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png.content)).convert("L"))] == [address]
    assert "attachment" in png.headers["content-disposition"]
    assert svg.content.startswith(b"<?xml")
    assert "content-disposition" not in svg.headers


async def test_the_page_is_told_whose_it_is_and_nothing_breaks_out(shop: Shop) -> None:
    nasty = {**FILLED, "name": "</script><script>x", "welcome": "</script><!--"}
    async with await shop.staff() as staff:
        await staff.put("/api/m/settings/storefront", json=nasty)
    seen = await shop.run(lambda session: merchants.get(session, shop.id))
    head = merchants.head(seen)
    assert head.count("<script") == 1
    assert head.count("</script") == 1
    assert "<title>&lt;/script&gt;" in head
