"""Splitting over HTTP, for customers and for staff."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.shops import Shop, client
from tihuo import log

TEXT = "张三 13800138000 广东省深圳市南山区科技园1栋"
SPLIT = {
    "name": "张三",
    "mobile": "13800138000",
    "extension": "",
    "phone": "",
    "province": "广东省",
    "city": "深圳市",
    "district": "南山区",
    "region_code": "440305",
    "address": "科技园1栋",
    "missing": [],
    "unsure": [],
}


@pytest.fixture(autouse=True)
def afterwards_as_before() -> Iterator[None]:
    """Set up before capfd is, so that it ends after it: what capfd gave as stderr is closed by then."""
    yield
    log.configure(json=True, level="warning")


async def test_customers_and_staff_split_a_pasted_address(shop: Shop) -> None:
    async with shop.customer() as customer, await shop.staff() as staff:
        for asked in (
            await customer.post(f"{shop.customer_api}/addresses/split", json={"text": TEXT}),
            await staff.post("/api/m/addresses/split", json={"text": f"\n {TEXT} \n"}),
        ):
            assert (asked.status_code, asked.json()) == (200, SPLIT)


async def test_staff_without_any_permission_split_too_and_nobody_else(shop: Shop) -> None:
    async with await shop.staff("settings", "cards") as staff:
        assert (await staff.post("/api/m/addresses/split", json={"text": TEXT})).status_code == 200
    async with client(shop.base_url) as stranger:
        refused = await stranger.post("/api/m/addresses/split", json={"text": TEXT})
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "请填写要识别的地址"),
        ({"text": ""}, "请填写要识别的地址"),
        ({"text": " \n "}, "请填写要识别的地址"),
        ({"text": "长" * 501}, "要识别的地址最多 500 个字"),
        ({"text": "张三\x00"}, "要识别的地址：不能含有控制字符"),
        ({"text": None}, "要识别的地址须为文字"),
    ],
)
async def test_what_is_no_text_is_refused(shop: Shop, body: dict[str, Any], message: str) -> None:
    async with shop.customer() as customer:
        refused = await customer.post(f"{shop.customer_api}/addresses/split", json=body)
        assert (refused.status_code, refused.json()["error"]["message"]) == (422, message)


async def test_the_longest_text_is_taken(shop: Shop) -> None:
    async with shop.customer() as customer:
        text = (TEXT * 20)[:500]
        split = await customer.post(f"{shop.customer_api}/addresses/split", json={"text": text})
        assert (split.status_code, split.json()["mobile"]) == (200, "13800138000")


async def test_nothing_of_the_text_is_logged(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    log.configure(json=True, level="debug")
    async with shop.customer() as customer:
        await customer.post(f"{shop.customer_api}/addresses/split", json={"text": TEXT})
        await customer.post(f"{shop.customer_api}/addresses/split", json={"text": TEXT * 30})
        # A request is logged after its answer; by the time the next one is answered it is.
        await customer.get("/healthz")
    logged = capfd.readouterr().err
    assert logged.count("addresses/split") == 2
    assert not any(part in logged for part in ("张三", "13800138000", "南山", "科技园"))
