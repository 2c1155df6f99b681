"""Spec G over HTTP: check, redeem, refuse, look again."""

import datetime as dt

import httpx
import pytest

from tests.factories.shops import Card, Shop, key, receiver, redemption


async def checked(client: httpx.AsyncClient, shop: Shop, card: Card) -> httpx.Response:
    return await client.post(f"{shop.customer_api}/cards/check", json=card.typed())


async def redeemed(client: httpx.AsyncClient, shop: Shop, body: dict[str, object]) -> httpx.Response:
    return await client.post(f"{shop.customer_api}/redemptions", json=body, headers=key())


def code(response: httpx.Response) -> str:
    found: str = response.json()["error"]["code"]
    return found


async def test_a_card_is_checked_redeemed_and_looked_at_again(shop: Shop) -> None:
    apple = await shop.product("苹果", contents=["红富士 5 斤"], detail_html="<p>脆甜</p>")
    peach = await shop.product("桃子")
    card = await shop.card(product_ids=[apple.id, peach.id], name="388 卡", face_value_fen=38800)
    async with shop.customer() as client:
        view = (await checked(client, shop, card)).json()
        assert view["state"] == "redeemable"
        assert (view["name"], view["face_value_fen"], view["orders"]) == ("388 卡", 38800, [])
        assert [product["name"] for product in view["products"]] == ["苹果", "桃子"]
        response = await redeemed(client, shop, redemption(card, apple.id, remark="周末送"))
        assert response.status_code == 201
        order = response.json()["order"]
        assert order["status"] == "to_ship"
        assert order["receiver"]["mobile"] == "138****5678"
        again = (await checked(client, shop, card)).json()
    assert again["state"] == "redeemed"
    assert again["products"] == []
    assert [found["number"] for found in again["orders"]] == [order["number"]]


async def test_the_same_request_twice_gives_the_same_order_twice(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    headers = key()
    url = f"{shop.customer_api}/redemptions"
    async with shop.customer() as client:
        answers = [await client.post(url, json=redemption(card, product.id), headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.text for answer in answers}) == 1


async def test_a_key_with_another_body_is_refused(shop: Shop) -> None:
    product = await shop.product()
    first, second = await shop.cards(2, product_ids=[product.id])
    headers = key()
    url = f"{shop.customer_api}/redemptions"
    async with shop.customer() as client:
        assert (await client.post(url, json=redemption(first, product.id), headers=headers)).status_code == 201
        response = await client.post(url, json=redemption(second, product.id), headers=headers)
        assert (response.status_code, code(response)) == (422, "idempotency_key_reused")
        assert (await checked(client, shop, second)).json()["state"] == "redeemable"


async def test_without_a_key_nothing_is_redeemed(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with shop.customer() as client:
        for headers in ({}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "with space in"}):
            response = await client.post(
                f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=headers
            )
            assert (response.status_code, code(response)) == (400, "idempotency_key_missing")
        assert (await checked(client, shop, card)).json()["state"] == "redeemable"


async def test_a_replay_needs_the_right_password_too(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    headers = key()
    url = f"{shop.customer_api}/redemptions"
    async with shop.customer() as client:
        await client.post(url, json=redemption(card, product.id), headers=headers)
        stranger = redemption(Card(card.number, "0000000000"), product.id)
        assert code(await client.post(url, json=stranger, headers=headers)) == "card_or_password_wrong"


async def test_a_second_redemption_is_refused(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with shop.customer() as client:
        assert (await redeemed(client, shop, redemption(card, product.id))).status_code == 201
        response = await redeemed(client, shop, redemption(card, product.id))
    assert (response.status_code, code(response)) == (409, "card_already_redeemed")


@pytest.mark.parametrize(
    ("fields", "state", "refusal"),
    [
        ({"status": "inactive"}, "inactive", "card_inactive"),
        ({"valid_from": "2000-01-01", "valid_until": "2000-12-31"}, "expired", "card_expired"),
        ({"valid_from": "2999-01-01"}, "not_yet_valid", "card_not_yet_valid"),
    ],
)
async def test_a_card_that_may_not_be_redeemed_says_why(
    shop: Shop, fields: dict[str, object], state: str, refusal: str
) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id], **fields)
    async with shop.customer() as client:
        view = (await checked(client, shop, card)).json()
        assert (view["state"], view["products"]) == (state, [])
        assert view["message"]
        response = await redeemed(client, shop, redemption(card, product.id))
    assert (response.status_code, code(response)) == (409, refusal)
    assert response.json()["error"]["message"] == view["message"]


async def test_valid_until_counts_to_the_end_of_the_day(shop: Shop) -> None:
    product = await shop.product()
    today = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=8)).date()
    card = await shop.card(product_ids=[product.id], valid_from=today, valid_until=today)
    async with shop.customer() as client:
        assert (await redeemed(client, shop, redemption(card, product.id))).status_code == 201


async def test_a_void_card_says_so_to_whoever_knows_its_password(shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with await shop.staff() as staff, shop.customer() as client:
        found = (await staff.get("/api/m/cards", params={"number": card.number})).json()["items"][0]
        await staff.post(f"/api/m/cards/{found['id']}/status", json={"action": "void"})
        assert (await checked(client, shop, card)).json()["state"] == "void"
        assert code(await redeemed(client, shop, redemption(card, product.id))) == "card_void"


async def test_only_the_cards_own_products_on_the_shelf_can_be_chosen(shop: Shop, other_shop: Shop) -> None:
    apple, peach, foreign = await shop.product(), await shop.product(), await other_shop.product()
    card = await shop.card(product_ids=[apple.id])
    async with await shop.staff() as staff, shop.customer() as client:
        for product_id in (peach.id, foreign.id, 2**53 - 1):
            response = await redeemed(client, shop, redemption(card, product_id))
            assert (response.status_code, code(response)) == (409, "product_not_available")
        await staff.put(f"/api/m/products/{apple.id}/shelf", json={"on_shelf": False})
        assert (await checked(client, shop, card)).json()["products"] == []
        assert code(await redeemed(client, shop, redemption(card, apple.id))) == "product_not_available"
        await staff.put(f"/api/m/products/{apple.id}/shelf", json={"on_shelf": True})
        assert (await redeemed(client, shop, redemption(card, apple.id))).status_code == 201


async def test_an_order_keeps_the_product_as_it_was(shop: Shop) -> None:
    product = await shop.product("旧名字", contents=["旧内容"])
    card = await shop.card(product_ids=[product.id])
    async with await shop.staff() as staff, shop.customer() as client:
        await redeemed(client, shop, redemption(card, product.id))
        await staff.put(f"/api/m/products/{product.id}", json={"name": "新名字", "contents": ["新内容"]})
        order = (await checked(client, shop, card)).json()["orders"][0]
    assert (order["product"]["name"], order["product"]["contents"]) == ("旧名字", ["旧内容"])


async def test_a_closed_storefront_shows_the_merchants_notice(shop: Shop) -> None:
    product = await shop.product()
    fresh, used = await shop.cards(2, product_ids=[product.id])
    closing = {"open": False, "closed_notice": "春节后再来"}
    async with await shop.staff() as staff, shop.customer() as client:
        await redeemed(client, shop, redemption(used, product.id))
        assert (await staff.put("/api/m/settings/pickup", json=closing)).status_code == 200
        storefront = (await client.get(f"{shop.customer_api}/storefront")).json()
        assert (storefront["open"], storefront["closed_notice"]) == (False, "春节后再来")
        response = await redeemed(client, shop, redemption(fresh, product.id))
        assert (response.status_code, code(response)) == (409, "storefront_closed")
        assert response.json()["error"]["message"] == "春节后再来"
        seen = (await checked(client, shop, fresh)).json()
        assert (seen["state"], seen["open"], seen["message"], seen["products"]) == (
            "redeemable",
            False,
            "春节后再来",
            [],
        )
        seen = (await checked(client, shop, used)).json()
        assert (seen["state"], len(seen["orders"])) == ("redeemed", 1)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ({"mobile": "123"}, ("receiver.mobile", "手机号")),
        ({"mobile": ""}, ("receiver.mobile", "手机号")),
        ({"name": "  "}, ("receiver.name", "收货人")),
        ({"name": "张" * 33}, ("receiver.name", "收货人")),
        ({"province": ""}, ("receiver.province", "省份")),
        ({"address": "x"}, ("receiver.address", "详细地址")),
        ({"address": "第一行\n第二行"}, ("receiver.address", "详细地址")),
        ({"region_code": "12"}, ("receiver.region_code", "地区编码")),
        ({"nickname": "x"}, ("receiver.nickname", "nickname")),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_done(
    shop: Shop, typed: dict[str, str], wanted: tuple[str, str]
) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    body = redemption(card, product.id, receiver=receiver(**typed))
    async with shop.customer() as client:
        response = await redeemed(client, shop, body)
        assert (response.status_code, code(response)) == (422, "invalid_request")
        field = response.json()["error"]["data"]["fields"][0]
        assert field["field"] == wanted[0]
        assert wanted[1] in field["message"]
        assert (await checked(client, shop, card)).json()["state"] == "redeemable"


async def test_numbers_and_passwords_are_taken_as_people_type_them(shop: Shop) -> None:
    card = await shop.card(prefix="AB", password_alphabet="letters_digits")
    spaced = Card(f" {card.number[:2].lower()}-{card.number[2:6]} {card.number[6:]} ", card.password.lower())
    wide = Card(card.number, "".join(chr(ord(char) + 0xFEE0) for char in card.password))
    async with shop.customer() as client:
        for typed in (spaced, wide):
            assert (await checked(client, shop, typed)).json()["number"] == card.number


async def test_what_looks_alike_on_a_scratched_card_is_taken_for_what_it_is(shop: Shop) -> None:
    """O for 0, I or L for 1, and the other way round, in number and password; the answer says what is printed."""
    product = await shop.product()
    fields = {"product_ids": [product.id], "prefix": "OIL", "password_length": 16}
    cards = [card for card in await shop.cards(40, **fields) if {"0", "1"} <= set(card.password)]
    misread = [
        {"O": "0", "I": "1", "L": "1"},
        {"0": "O", "1": "I"},
        {"0": "o", "1": "l"},
        dict(zip("OIL01", "0LIOL", strict=True)),
    ]
    async with shop.customer() as client:
        for card, mistakes in zip(cards, map(str.maketrans, misread), strict=False):
            typed = Card(card.number.translate(mistakes), card.password.translate(mistakes))
            assert typed.number != card.number
            assert (await checked(client, shop, typed)).json()["number"] == card.number
            response = await redeemed(client, shop, redemption(typed, product.id))
            assert response.status_code == 201, response.text
            again = (await checked(client, shop, card)).json()
            assert (again["number"], again["state"]) == (card.number, "redeemed")
            # What doesn't look alike is still another.
            other = typed.password.translate(str.maketrans("23456789", "98765432"))
            assert code(await checked(client, shop, Card(typed.number, other))) == "card_or_password_wrong"
    assert len(cards) >= len(misread)


async def test_mobiles_are_taken_as_people_type_them(shop: Shop) -> None:
    product = await shop.product()
    for typed in ("138 1234 5678", "+86 138-1234-5678", "１３８１２３４５６７８", "008613812345678"):
        card = await shop.card(product_ids=[product.id])
        async with shop.customer() as client:
            response = await redeemed(client, shop, redemption(card, product.id, receiver=receiver(mobile=typed)))
        assert response.status_code == 201, typed


async def test_a_number_that_no_card_could_have_reads_like_a_wrong_one(shop: Shop) -> None:
    async with shop.customer() as client:
        for number in ("卡号", "😀", "%", "A" * 64):
            response = await checked(client, shop, Card(number, "1234567890"))
            assert (response.status_code, code(response)) == (403, "card_or_password_wrong"), number
