"""Spec C over HTTP: products and their pictures."""

import io
from typing import Any

import pytest
from PIL import Image

from tests.factories.shops import Shop
from tihuo.catalog.service import clean_html


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (50, 50), (10, 120, 30)).save(out, "PNG")
    return out.getvalue()


async def test_a_name_is_enough_and_the_rest_can_follow(shop: Shop) -> None:
    async with await shop.staff() as staff:
        made = (await staff.post("/api/m/products", json={"name": " 苹果 "})).json()
        assert (made["name"], made["on_shelf"], made["pictures"]) == ("苹果", True, [])
        uploaded = await staff.post("/api/m/pictures", content=picture(), headers={"Content-Type": "image/png"})
        assert uploaded.status_code == 201
        body = {
            "name": "苹果",
            "picture_keys": [uploaded.json()["key"]],
            "contents": ["红富士 5 斤"],
            "detail_html": "<p>脆<script>alert(1)</script></p>",
            "code": "PG",
            "attributes": [{"name": "产地", "value": "烟台"}],
        }
        changed = (await staff.put(f"/api/m/products/{made['id']}", json=body)).json()
        assert changed["pictures"][0]["url"] == uploaded.json()["url"]
        assert changed["detail_html"] == "<p>脆</p>"
        assert changed["attributes"] == [{"name": "产地", "value": "烟台"}]
        shown = await staff.get(uploaded.json()["url"])
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
        assert (await staff.get(f"/api/m/products/{made['id']}")).json() == changed


async def test_a_name_is_taken_once_per_merchant(shop: Shop, other_shop: Shop) -> None:
    await shop.product("苹果")
    await other_shop.product("苹果")
    async with await shop.staff() as staff:
        peach = (await staff.post("/api/m/products", json={"name": "桃子"})).json()
        answers = [
            await staff.post("/api/m/products", json={"name": "苹果"}),
            await staff.put(f"/api/m/products/{peach['id']}", json={"name": "苹果"}),
        ]
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "product_name_taken")


async def test_the_list_filters_by_shelf_and_words(shop: Shop) -> None:
    for name in ("苹果", "桃子", "苹果桃子礼盒", "100%果汁"):
        await shop.product(name, on_shelf=name != "桃子")
    async with await shop.staff() as staff:
        for params, wanted in [
            ({}, 4),
            ({"shelf": "on"}, 3),
            ({"shelf": "off"}, 1),
            ({"q": "桃子"}, 2),
            ({"q": "%"}, 1),
            ({"q": "桃子", "shelf": "off"}, 1),
        ]:
            assert len((await staff.get("/api/m/products", params=params)).json()["items"]) == wanted, params


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "长" * 65}, "name"),
        ({"name": "苹果", "contents": [""]}, "contents.0"),
        ({"name": "苹果", "picture_keys": ["../../etc/passwd"]}, "picture_keys.0"),
        ({"name": "苹果", "attributes": [{"value": "无名"}]}, "attributes.0.name"),
        ({"name": "苹果\u0000"}, "name"),
        ({"name": ["苹果"]}, "name"),
    ],
)
async def test_a_wrong_field_is_named(shop: Shop, body: dict[str, Any], field: str) -> None:
    async with await shop.staff() as staff:
        response = await staff.post("/api/m/products", json=body)
        assert response.status_code == 422
        assert response.json()["error"]["data"]["fields"][0]["field"] == field
        assert (await staff.get("/api/m/products")).json()["items"] == []


async def test_another_merchants_picture_can_not_be_used(shop: Shop, other_shop: Shop) -> None:
    async with await other_shop.staff() as foreign, await shop.staff() as staff:
        key = (await foreign.post("/api/m/pictures", content=picture(), headers={"Content-Type": "image/png"})).json()
        response = await staff.post("/api/m/products", json={"name": "苹果", "picture_keys": [key["key"]]})
    assert response.json()["error"]["data"]["fields"][0]["code"] == "picture_unknown"


async def test_a_file_that_is_no_picture_is_refused_with_a_reason(shop: Shop) -> None:
    async with await shop.staff() as staff:
        refused = await staff.post(
            "/api/m/pictures", content=b"<svg onload=alert(1)>", headers={"Content-Type": "image/png"}
        )
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "picture_refused")
        large = await staff.post(
            "/api/m/pictures", content=bytes(10 * 1024 * 1024 + 1), headers={"Content-Type": "image/png"}
        )
        assert (large.status_code, large.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<p onclick='x()'>好</p>", "<p>好</p>"),
        ("<img src='https://elsewhere/x.png'>", "<img>"),
        ("<img src='/files/1/a.jpg' alt='图' onerror='x()'>", '<img src="/files/1/a.jpg" alt="图">'),
        ("<a href='javascript:x()'>点</a>", "点"),
        ("<style>*{display:none}</style>字", "字"),
        ("<iframe src='/x'></iframe>", ""),
        ("<img src='//elsewhere/x'>", "<img>"),
    ],
)
def test_rich_text_holds_nothing_that_runs_or_loads_from_elsewhere(typed: str, kept: str) -> None:
    assert clean_html(typed) == kept
