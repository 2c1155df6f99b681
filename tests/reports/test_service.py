"""The home page: today's figures, and a new merchant's three steps."""

import httpx

from tests.factories.shops import PASSWORD, Shop, key, redemption
from tihuo.cards.queries import making


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


async def test_cards_are_counted_as_soon_as_they_are_ready_and_no_more_once_deleted(shop: Shop) -> None:
    """A card that is redeemed for the first of several times counts as redeemed; one being made not at all."""
    product = await shop.product()
    several = await shop.cards(2, product_ids=[product.id], uses=3)
    await shop.batch(4, status="inactive")
    unready = await shop.batch(8)
    await shop.run(lambda session: making.change_batch(session, shop.id, unready.id, status="making"))
    async with await shop.staff() as staff, shop.customer() as customer:
        for _ in range(2):
            body = redemption(several[0], product.id)
            response = await customer.post(f"{shop.customer_api}/redemptions", json=body, headers=key())
            assert response.status_code == 201
        assert (await staff.get("/api/m/home")).json()["cards"] == {"total": 6, "active": 2, "redeemed": 1}
        await changed(shop, staff, "void", {"status": "inactive"})
        assert (await staff.get("/api/m/home")).json()["cards"] == {"total": 6, "active": 2, "redeemed": 1}
        await changed(shop, staff, "delete", {"status": "void"})
        home = (await staff.get("/api/m/home")).json()
    assert home["cards"] == {"total": 2, "active": 2, "redeemed": 1}
    assert home["steps"]["cards"] == 2


async def changed(shop: Shop, staff: httpx.AsyncClient, action: str, wanted: dict[str, str]) -> None:
    """Dry run, confirmation and job."""
    dry = (await staff.post("/api/m/cards/selections", json={"filter": wanted, "action": action})).json()
    confirmed = {"expected": dry["will_change"], **({"password": PASSWORD} if dry["needs_password"] else {})}
    asked = await staff.post(f"/api/m/cards/selections/{dry['id']}/apply", json=confirmed)
    job = await shop.finished(asked.json()["id"])
    assert job.result["changed"] == dry["will_change"] > 0


async def test_a_cards_history_says_to_whom_it_went_only_to_whoever_may_see_orders(shop: Shop) -> None:
    """Where orders were taken away, that the card was redeemed is still told."""
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with await shop.staff() as staff, shop.customer() as customer, await shop.staff("orders") as without:
        await customer.post(f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key())
        card_id = (await staff.get("/api/m/cards")).json()["items"][0]["id"]
        whole = await staff.get(f"/api/m/reports/cards/{card_id}")
        part = await without.get(f"/api/m/reports/cards/{card_id}")
    assert [order["receiver"]["name"] for order in whole.json()["orders"]] == ["张三"]
    assert part.json()["orders"] == []
    for personal in ("张三", "13812345678", "文三路"):
        assert personal in whole.text
        assert personal not in part.text
    assert [entry["kind"] for entry in part.json()["entries"]] == ["redeemed", "made"]
