"""到店提货 and 电话提货: who redeemed for whom is on the order (spec, "Who uses it")."""

import asyncio

import httpx

from tests.factories.shops import Card, Shop, key, redemption
from tests.redemption.test_after_redeeming import code


def counter(card: Card, product_id: int, remark: str = "") -> dict[str, object]:
    return {**card.typed(), "product_id": product_id, "remark": remark}


async def test_a_card_is_handed_over_at_the_counter(shop: Shop) -> None:
    product = await shop.product("月饼")
    card = await shop.card(product_ids=[product.id], name="中秋卡")
    async with await shop.staff() as staff:
        await staff.put("/api/m/settings/pickup", json={"open": False})
        view = await staff.post("/api/m/counter/check", json=card.typed())
        assert (view.status_code, view.json()["state"], view.json()["products"][0]["name"]) == (
            200,
            "redeemable",
            "月饼",
        )
        headers = key()
        body = counter(card, product.id, "已核对")
        answers = [await staff.post("/api/m/counter/redemptions", json=body, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        order = answers[0].json()["order"]
        assert (order["status"], order["source"], order["operator_name"]) == ("completed", "counter", "店主")
        assert (order["receiver"]["name"], order["ship_on"], order["remark"]) == ("", None, "已核对")
        assert order["completed_at"] == order["placed_at"]
        again = await staff.post("/api/m/counter/redemptions", json=body, headers=key())
        assert (again.status_code, code(again)) == (409, "card_already_redeemed")
        shipment = {"courier_code": "SF", "tracking_number": "SF123456789012"}
        refused = await staff.post(f"/api/m/orders/{order['id']}/shipments", json=shipment)
        assert (refused.status_code, code(refused)) == (409, "order_handed_over")
        assert (await staff.get("/api/m/orders", params={"status": "to_ship"})).json()["items"] == []


async def test_counter_and_page_at_once_make_one_order(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with await shop.staff() as staff, shop.customer() as client:
        tries = [
            *(
                staff.post("/api/m/counter/redemptions", json=counter(card, product.id), headers=key())
                for _ in range(4)
            ),
            *(
                client.post(f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key())
                for _ in range(4)
            ),
        ]
        answers = await asyncio.gather(*tries)
        assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
        assert len((await staff.get("/api/m/orders")).json()["items"]) == 1


async def test_the_counter_needs_its_permission_and_the_right_password(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with await shop.staff("redeeming") as without, await shop.staff() as staff:
        for path, body in (
            ("/api/m/counter/check", card.typed()),
            ("/api/m/counter/redemptions", counter(card, product.id)),
        ):
            assert (await without.post(path, json=body, headers=key())).status_code == 403
            wrong = await staff.post(path, json={**body, "password": "WRONG"}, headers=key())
            assert (wrong.status_code, code(wrong)) == (403, "card_or_password_wrong")


async def by_phone(client: httpx.AsyncClient, shop: Shop, card: Card, product_id: int) -> httpx.Response:
    body = redemption(card, product_id, source="phone")
    return await client.post(f"{shop.customer_api}/redemptions", json=body, headers=key())


async def test_an_operator_redeems_for_a_caller(shop: Shop) -> None:
    product = await shop.product()
    card, other = await shop.cards(2, product_ids=[product.id])
    async with await shop.staff() as staff, shop.customer() as nobody, await shop.staff("redeeming") as without:
        refused = await by_phone(nobody, shop, card, product.id)
        assert (refused.status_code, code(refused)) == (401, "not_signed_in")
        refused = await by_phone(without, shop, card, product.id)
        assert (refused.status_code, code(refused)) == (403, "permission_missing")
        view = await staff.post(f"{shop.customer_api}/cards/check", json={**card.typed(), "source": "phone"})
        assert view.json()["state"] == "redeemable"
        assert (await by_phone(staff, shop, card, product.id)).status_code == 201
        # Signed in, but as a customer of the same browser: nobody typed for them.
        own = await staff.post(f"{shop.customer_api}/redemptions", json=redemption(other, product.id), headers=key())
        assert own.status_code == 201
        by_number = {item["card"]["number"]: item for item in (await staff.get("/api/m/orders")).json()["items"]}
    found = by_number[card.number]
    assert (found["source"], found["operator_name"], found["status"]) == ("phone", "店主", "to_ship")
    assert (by_number[other.number]["source"], by_number[other.number]["operator_name"]) == ("h5", "")


async def test_an_operator_of_another_merchant_is_nobody(shop: Shop, other_shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with await other_shop.staff() as stranger:
        refused = await by_phone(stranger, shop, card, product.id)
    assert (refused.status_code, code(refused)) == (401, "not_signed_in")
