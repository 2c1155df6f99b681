"""Manual 人工发货: courier and tracking number, once."""

import pytest

from tests.factories.shops import Shop, key, redemption
from tihuo.audit import service as audit


async def ordered(shop: Shop) -> tuple[int, dict[str, str]]:
    """An order's id and the card it came from, as typed."""
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with shop.customer() as customer, await shop.staff() as staff:
        await customer.post(f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key())
        order_id: int = (await staff.get("/api/m/orders")).json()["items"][0]["id"]
    return order_id, card.typed()


async def test_a_shipment_is_shown_to_staff_and_to_the_holder(shop: Shop) -> None:
    order_id, typed = await ordered(shop)
    async with await shop.staff() as staff, shop.customer() as customer:
        body = {"courier_code": "SF", "tracking_number": " sf-1234 567890 "}
        response = await staff.post(f"/api/m/orders/{order_id}/shipments", json=body)
        assert response.status_code == 201
        shipment = response.json()["shipments"][0]
        assert (shipment["courier_name"], shipment["tracking_number"]) == ("顺丰速运", "SF1234567890")
        assert (shipment["shipped_by"], response.json()["status"]) == ("店主", "shipped")
        seen = (await customer.post(f"{shop.customer_api}/cards/check", json=typed)).json()["orders"][0]
        assert (seen["status"], seen["shipments"][0]["tracking_number"]) == ("shipped", "SF1234567890")
        counts = (await staff.get("/api/m/orders")).json()["counts"]
    assert counts == {"to_ship": 0, "shipped": 1}
    entry = (await shop.run(lambda session: audit.newest(session, shop.id, 1)))[0]
    assert (entry.action, entry.subject_id, entry.data["tracking_number"]) == ("shipped", order_id, "SF1234567890")


async def test_an_order_ships_once_and_the_second_is_told_by_whom(shop: Shop) -> None:
    order_id, _ = await ordered(shop)
    url = f"/api/m/orders/{order_id}/shipments"
    async with await shop.staff("settings") as first, await shop.staff() as second:
        assert (await first.post(url, json={"courier_code": "SF", "tracking_number": "SF00001"})).status_code == 201
        late = await second.post(url, json={"courier_code": "ZTO", "tracking_number": "ZT00002"})
        assert (late.status_code, late.json()["error"]["code"]) == (409, "order_already_shipped")
        assert "小王" in late.json()["error"]["message"]
        assert len((await second.get(f"/api/m/orders/{order_id}")).json()["shipments"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"courier_code": "XX", "tracking_number": "SF00001"}, "courier_code"),
        ({"courier_code": "SF", "tracking_number": ""}, "tracking_number"),
        ({"courier_code": "SF", "tracking_number": "12"}, "tracking_number"),
        ({"courier_code": "SF", "tracking_number": "运单一二三四五"}, "tracking_number"),
        ({"tracking_number": "SF00001"}, "courier_code"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_ships(shop: Shop, body: dict[str, str], field: str) -> None:
    order_id, _ = await ordered(shop)
    async with await shop.staff() as staff:
        response = await staff.post(f"/api/m/orders/{order_id}/shipments", json=body)
        assert response.json()["error"]["data"]["fields"][0]["field"] == field
        assert (await staff.get(f"/api/m/orders/{order_id}")).json()["status"] == "to_ship"


async def test_the_couriers_have_names_and_distinct_codes(shop: Shop) -> None:
    async with await shop.staff() as staff:
        couriers = (await staff.get("/api/m/couriers")).json()["items"]
    assert {"code": "SF", "name": "顺丰速运"} in couriers
    assert len({courier["code"] for courier in couriers}) == len(couriers)
