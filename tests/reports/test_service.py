"""The home page: today's figures, and a new merchant's three steps."""

from tests.factories.shops import Shop, key, redemption


async def test_the_three_steps_show_how_far_a_merchant_is(shop: Shop) -> None:
    async with await shop.staff() as staff:
        assert (await staff.get("/api/m/home")).json()["steps"] == {
            "products": 0,
            "cards": 0,
            "storefront_named": True,
            "storefront_open": True,
        }
        await shop.batch(4)
        steps = (await staff.get("/api/m/home")).json()["steps"]
    assert (steps["products"], steps["cards"]) == (1, 4)


async def test_the_figures_follow_an_order_through_the_day(shop: Shop) -> None:
    product = await shop.product()
    first, second = await shop.cards(2, product_ids=[product.id])
    async with await shop.staff() as staff, shop.customer() as customer:
        before = (await staff.get("/api/m/home")).json()
        assert (before["today"], before["newest_orders"]) == ({"orders": 0, "shipped": 0}, [])
        for card in (first, second):
            await customer.post(f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key())
        home = (await staff.get("/api/m/home")).json()
        order_id = home["newest_orders"][0]["id"]
        body = {"courier_code": "SF", "tracking_number": "SF00001"}
        await staff.post(f"/api/m/orders/{order_id}/shipments", json=body)
        after = (await staff.get("/api/m/home")).json()
    assert (home["today"], home["waiting"]) == ({"orders": 2, "shipped": 0}, {"to_ship": 2})
    assert home["cards"] == {"total": 2, "active": 2, "redeemed": 2}
    assert (after["today"], after["waiting"]) == ({"orders": 2, "shipped": 1}, {"to_ship": 1})


async def test_orders_are_not_shown_to_whom_they_were_taken_from(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with await shop.staff("orders") as staff, shop.customer() as customer:
        await customer.post(f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key())
        assert (await staff.get("/api/m/home")).json()["newest_orders"] == []
