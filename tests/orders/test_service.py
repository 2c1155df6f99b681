"""Spec H, the narrow part: the list of orders and what it finds."""

import datetime as dt

from tests.factories.shops import Shop, key, receiver, redemption
from tihuo.orders.service import mask


async def place(shop: Shop, *names: str) -> list[str]:
    """Redeem a card for each name; answers the order numbers."""
    product = await shop.product()
    numbers = []
    async with shop.customer() as customer:
        for index, name in enumerate(names):
            card = await shop.card(product_ids=[product.id])
            body = redemption(card, product.id, receiver=receiver(name=name, mobile=f"1380000000{index}"))
            response = await customer.post(f"{shop.customer_api}/redemptions", json=body, headers=key())
            numbers.append(response.json()["order"]["number"])
    return numbers


async def test_orders_are_listed_newest_first_and_found_by_what_staff_type(shop: Shop) -> None:
    numbers = await place(shop, "张三", "李四", "王五")
    async with await shop.staff() as staff:
        page = (await staff.get("/api/m/orders", params={"status": "to_ship"})).json()
        assert [order["number"] for order in page["items"]] == numbers[::-1]
        assert page["counts"] == {"to_ship": 3, "shipped": 0}
        first = page["items"][-1]
        for q in (numbers[0], "张三", "13800000000", "1380000000", first["card"]["number"], "张"):
            found = (await staff.get("/api/m/orders", params={"q": q})).json()["items"]
            assert numbers[0] in [order["number"] for order in found], q
        assert (await staff.get("/api/m/orders", params={"q": "没有此人"})).json()["items"] == []
        assert (await staff.get("/api/m/orders", params={"q": "%"})).json()["items"] == []
        one = (await staff.get(f"/api/m/orders/{first['id']}")).json()
    assert one == {**first, "changes": []}
    assert one["receiver"]["mobile"] == "13800000000"


async def test_pages_hold_every_order_once(shop: Shop) -> None:
    numbers = await place(shop, *["张三"] * 5)
    found: list[str] = []
    after = None
    async with await shop.staff() as staff:
        while True:
            params = {"limit": 2, **({"after": after} if after else {})}
            page = (await staff.get("/api/m/orders", params=params)).json()
            found += [order["number"] for order in page["items"]]
            after = page["next"]
            if after is None:
                break
    assert found == numbers[::-1]


async def test_a_number_begins_with_the_day_and_does_not_count(shop: Shop) -> None:
    numbers = await place(shop, "张三", "李四")
    today = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=8)).strftime("%y%m%d")
    assert all(number.startswith(today) and len(number) == 16 for number in numbers)
    assert abs(int(numbers[0]) - int(numbers[1])) > 1


async def test_another_merchants_order_is_not_there(shop: Shop, other_shop: Shop) -> None:
    await place(shop, "张三")
    async with await shop.staff() as own, await other_shop.staff() as foreign:
        order = (await own.get("/api/m/orders")).json()["items"][0]
        response = await foreign.get(f"/api/m/orders/{order['id']}")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "order_not_found")


def test_a_mobile_is_masked_in_the_middle() -> None:
    assert mask("13812345678") == "138****5678"
