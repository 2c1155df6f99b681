"""What follows an order: its link, corrections by its holder, cancelling by staff (spec G, H)."""

import asyncio
import datetime as dt
from typing import Any

import httpx
import pytest

from tests.factories.shops import Card, Shop, key, receiver, redemption
from tihuo.audit import service as audit
from tihuo.db import Session, outbox


async def placed(shop: Shop, card: Card, product_id: int, **fields: Any) -> dict[str, Any]:
    async with shop.customer() as client:
        response = await client.post(
            f"{shop.customer_api}/redemptions", json=redemption(card, product_id, **fields), headers=key()
        )
    assert response.status_code == 201, response.text
    order: dict[str, Any] = response.json()["order"]
    return order


async def corrected(shop: Shop, card: Card, order: dict[str, Any], **what: Any) -> httpx.Response:
    async with shop.customer() as client:
        return await client.post(f"{shop.customer_api}/orders/{order['number']}/changes", json={**card.typed(), **what})


def code(response: httpx.Response) -> str:
    found: str = response.json()["error"]["code"]
    return found


async def test_a_link_shows_the_order_and_nothing_to_find_the_receiver_by(shop: Shop) -> None:
    product = await shop.product("苹果")
    card = await shop.card(product_ids=[product.id])
    order = await placed(shop, card, product.id, receiver=receiver(name="欧阳小明", address="科技园 3 栋 402"))
    async with shop.customer() as client:
        seen = await client.get(f"{shop.customer_api}/orders/{order['token']}")
        assert seen.status_code == 200
        assert (seen.json()["status"], seen.json()["product"]["name"]) == ("to_ship", "苹果")
        for hidden in (card.number, card.password, "欧阳小明", "402", "13812345678"):
            assert hidden not in seen.text
        assert seen.json()["receiver_name"] == "欧**"
        for wrong in ("x" * 22, order["number"], order["token"][:-1] + ("a" if order["token"][-1] != "a" else "b")):
            missing = await client.get(f"{shop.customer_api}/orders/{wrong}")
            assert (missing.status_code, code(missing)) == (404, "order_not_found")


async def test_the_holder_corrects_the_address_until_it_ships(shop: Shop) -> None:
    product = await shop.product()
    card, other = await shop.cards(2, product_ids=[product.id])
    order = await placed(shop, card, product.id)
    assert order["may_correct_address"]
    fresh = receiver(name="李四", mobile="13900001111", address="新地址 9 号")
    response = await corrected(shop, card, order, receiver=fresh)
    assert (response.status_code, response.json()["receiver"]["name"]) == (200, "李四")
    assert response.json()["receiver"]["mobile"] == "139****1111"

    strange = await corrected(shop, other, order, receiver=fresh)
    assert (strange.status_code, code(strange)) == (404, "order_not_found")
    wrong = await corrected(shop, Card(card.number, "0" * len(card.password)), order, receiver=fresh)
    assert (wrong.status_code, code(wrong)) == (403, "card_or_password_wrong")

    async with await shop.staff() as staff:
        listed = (await staff.get("/api/m/orders")).json()["items"][0]
        detail = (await staff.get(f"/api/m/orders/{listed['id']}")).json()
        assert (listed["receiver"]["name"], listed["receiver"]["mobile"]) == ("李四", "13900001111")
        (change,) = detail["changes"]
        assert (change["action"], change["by"]) == ("receiver", "customer")
        assert change["after"]["receiver_name"] == "李四"
        shipment = {"courier_code": "SF", "tracking_number": "SF123456789012"}
        assert (await staff.post(f"/api/m/orders/{listed['id']}/shipments", json=shipment)).status_code == 201
    late = await corrected(shop, card, order, receiver=receiver())
    assert (late.status_code, code(late)) == (409, "order_already_shipped")


async def test_what_the_merchant_does_not_allow_can_not_be_corrected(shop: Shop) -> None:
    await shop.days()
    day = await shop.today() + dt.timedelta(days=3)
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    order = await placed(shop, card, product.id, ship_on=day.isoformat())
    async with await shop.staff() as staff:
        body = {"open": True, "address_correction": False, "date_correction": False}
        await staff.put("/api/m/settings/pickup", json=body)
    for what in ({"receiver": receiver()}, {"ship_on": (day + dt.timedelta(days=1)).isoformat()}):
        response = await corrected(shop, card, order, **what)
        assert (response.status_code, code(response)) == (409, "correction_not_allowed")


async def test_a_day_is_moved_with_its_place(shop: Shop) -> None:
    day = await shop.today() + dt.timedelta(days=2)
    later = day + dt.timedelta(days=1)
    await shop.days(quota=1)
    product = await shop.product()
    first, second, third = await shop.cards(3, product_ids=[product.id])
    order = await placed(shop, first, product.id, ship_on=day.isoformat())
    other = await placed(shop, second, product.id, ship_on=later.isoformat())
    async with shop.customer() as client:
        body = redemption(third, product.id, ship_on=day.isoformat())
        full = await client.post(f"{shop.customer_api}/redemptions", json=body, headers=key())
    assert (full.status_code, code(full)) == (409, "day_full")
    assert full.json()["error"]["data"]["nearest"] == (await shop.today()).isoformat()

    refused = await corrected(shop, first, order, ship_on=later.isoformat())
    assert (refused.status_code, code(refused)) == (409, "day_full")
    free = later + dt.timedelta(days=1)
    moved = await corrected(shop, second, other, ship_on=free.isoformat())
    assert (moved.status_code, moved.json()["ship_on"]) == (200, free.isoformat())
    moved = await corrected(shop, first, order, ship_on=later.isoformat())
    assert (moved.status_code, moved.json()["ship_on"]) == (200, later.isoformat())
    # The day that the first order left is free again.
    await placed(shop, third, product.id, ship_on=day.isoformat())


async def test_an_area_without_delivery_is_refused_with_the_merchants_words(shop: Shop) -> None:
    product = await shop.product(undeliverable=["440305"], undeliverable_note="冷链不到")
    card = await shop.card(product_ids=[product.id])
    async with await shop.staff() as staff:
        body = {"open": True, "undeliverable": ["650000"], "undeliverable_note": ""}
        assert (await staff.put("/api/m/settings/pickup", json=body)).status_code == 200
    far = {"province": "新疆", "city": "乌鲁木齐市", "district": "天山区", "region_code": None}
    near = {"province": "广东省", "city": "深圳市", "district": "南山区", "region_code": "440305"}
    async with shop.customer() as client:
        view = (await client.post(f"{shop.customer_api}/cards/check", json=card.typed())).json()
        assert [area["code"] for area in view["products"][0]["undeliverable"]] == ["650000", "440305"]
        for where, words in ((far, "新疆维吾尔自治区"), (near, "冷链不到")):
            body = redemption(card, product.id, receiver=receiver(**where))
            response = await client.post(f"{shop.customer_api}/redemptions", json=body, headers=key())
            assert (response.status_code, code(response)) == (409, "undeliverable_area")
            assert words in response.json()["error"]["message"]
    futian = {"province": "广东省", "city": "深圳市", "district": "福田区", "region_code": "440304"}
    order = await placed(shop, card, product.id, receiver=receiver(**futian))
    moved = await corrected(shop, card, order, receiver=receiver(**near))
    assert (moved.status_code, code(moved)) == (409, "undeliverable_area")


async def test_a_cancelled_order_gives_the_card_and_the_day_back(shop: Shop) -> None:
    day = (await shop.today() + dt.timedelta(days=1)).isoformat()
    await shop.days(quota=1)
    product = await shop.product()
    card, waiting = await shop.cards(2, product_ids=[product.id])
    await placed(shop, card, product.id, ship_on=day)
    async with await shop.staff() as staff, await shop.staff("shipping") as helper:
        order = (await staff.get("/api/m/orders")).json()["items"][0]
        path = f"/api/m/orders/{order['id']}/cancellation"
        assert (await helper.post(path)).status_code == 403
        answers = await asyncio.gather(*(staff.post(path) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
        detail = (await staff.get(f"/api/m/orders/{order['id']}")).json()
        assert (detail["status"], [change["action"] for change in detail["changes"]]) == ("cancelled", ["cancelled"])
        shipment = {"courier_code": "SF", "tracking_number": "SF123456789012"}
        late = await staff.post(f"/api/m/orders/{order['id']}/shipments", json=shipment)
        assert (late.status_code, code(late)) == (409, "order_cancelled")
    await placed(shop, waiting, product.id, ship_on=day)
    again = await placed(shop, card, product.id)
    assert again["number"] != order["number"]
    entry = (await shop.run(lambda session: audit.newest(session, shop.id, 1)))[0]
    assert (entry.action, entry.subject_id) == ("cancelled", order["id"])


async def test_the_uses_of_a_card_stay_countable_whatever_is_cancelled(shop: Shop) -> None:
    """Three uses, any of them cancelled: the card can be redeemed exactly as often as it has uses."""
    product = await shop.product()
    card = await shop.card(product_ids=[product.id], uses=3)
    orders = [await placed(shop, card, product.id) for _ in range(3)]
    async with await shop.staff() as staff:
        listed = {item["number"]: item["id"] for item in (await staff.get("/api/m/orders")).json()["items"]}
        for index in (1, 0):
            assert (await staff.post(f"/api/m/orders/{listed[orders[index]['number']]}/cancellation")).is_success
    for _ in range(2):
        await placed(shop, card, product.id)
    async with shop.customer() as client:
        view = (await client.post(f"{shop.customer_api}/cards/check", json=card.typed())).json()
    assert (view["state"], view["uses_left"], len(view["orders"])) == ("redeemed", 0, 5)


async def test_fewer_uses_than_the_page_showed_is_refused(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id], uses=3)
    await placed(shop, card, product.id, uses_left_seen=3)
    async with shop.customer() as client:
        body = redemption(card, product.id, uses_left_seen=3)
        response = await client.post(f"{shop.customer_api}/redemptions", json=body, headers=key())
        assert (response.status_code, code(response)) == (409, "card_used_meanwhile")
    await placed(shop, card, product.id, uses_left_seen=2)


async def test_changes_reach_the_staffs_screens(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    order = await placed(shop, card, product.id)
    await corrected(shop, card, order, receiver=receiver(name="王五"))

    async def told(session: Session) -> list[tuple[str, str]]:
        await outbox.number_new(session)
        found = await outbox.after(session, shop.id, 0, 100)
        return [(event.kind, event.data["order"]["receiver_name"]) for event in found if "order" in event.data]

    assert await shop.run(told) == [("order_placed", receiver()["name"]), ("order_changed", "王五")]


@pytest.mark.parametrize("what", [{"receiver": receiver(mobile="138****5678")}, {"ship_on": "2026-02-30"}])
async def test_a_wrong_correction_names_its_field(shop: Shop, what: dict[str, Any]) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    order = await placed(shop, card, product.id)
    response = await corrected(shop, card, order, **what)
    assert (response.status_code, code(response)) == (422, "invalid_request")
