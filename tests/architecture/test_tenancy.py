"""A merchant sees and changes nothing of another's: every route of the OpenAPI documents is walked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

import httpx
import pytest

from tests.factories.shops import PASSWORD, Shop, client, key, redemption
from tihuo.app import DOCUMENTS
from tihuo.staff.schemas import Permission


@dataclass(frozen=True)
class Operation:
    verb: str
    path: str
    permission: str | None
    takes_key: bool
    takes_body: bool
    signed_in: bool
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.verb.upper()} {self.path}"


def operations(name: str) -> Iterator[Operation]:
    for path, verbs in DOCUMENTS[name]()["paths"].items():
        for verb, operation in verbs.items():
            parameters = {parameter["name"]: parameter["in"] for parameter in operation["parameters"]}
            yield Operation(
                verb,
                path,
                operation.get("x-permission"),
                "Idempotency-Key" in parameters,
                "requestBody" in operation,
                "security" in operation,
                tuple(found for found, where in parameters.items() if where == "path"),
            )


STAFF = list(operations("staff.json"))
PROTECTED = [operation for operation in STAFF if operation.signed_in]
PERMITTED = [operation for operation in STAFF if operation.permission]
OF_ONE_THING = [operation for operation in PROTECTED if operation.parameters]


@dataclass(frozen=True)
class Belongings:
    """One merchant's things by the name of the path parameter that means them."""

    ids: dict[str, int]
    bodies: dict[str, dict[str, Any]]


async def belongings(shop: Shop) -> Belongings:
    product = await shop.product()
    batch = await shop.batch(2, product_ids=[product.id])
    card = (await shop.printed(batch))[0]
    async with shop.customer() as customer, await shop.staff() as staff:
        response = await customer.post(
            f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key()
        )
        assert response.status_code == 201
        order_id = (await staff.get("/api/m/orders")).json()["items"][0]["id"]
        card_id = (await staff.get("/api/m/cards", params={"redeemed": "false"})).json()["items"][0]["id"]
    ids = {
        "product_id": product.id,
        "batch_id": batch.id,
        "card_id": card_id,
        "order_id": order_id,
        "staff_id": await shop.account(),
    }
    bodies: dict[str, dict[str, Any]] = {
        "put /api/m/products/{product_id}": {"name": "改名"},
        "put /api/m/products/{product_id}/shelf": {"on_shelf": False},
        "post /api/m/cards/{card_id}/status": {"action": "void"},
        "post /api/m/orders/{order_id}/shipments": {"courier_code": "SF", "tracking_number": "SF00001"},
        "put /api/m/staff/{staff_id}": {
            "name": "改名",
            "mobile": "13700000000",
            "restrictions": [],
            "disabled": True,
        },
    }
    return Belongings(ids, bodies)


async def call(browser: httpx.AsyncClient, operation: Operation, things: Belongings | None = None) -> httpx.Response:
    path = operation.path
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", str(things.ids[name] if things else 1))
    body = things.bodies.get(f"{operation.verb} {operation.path}", {}) if things else {}
    headers = key() if operation.takes_key else {}
    if operation.takes_body:
        return await browser.request(operation.verb, path, json=body, headers=headers)
    return await browser.request(operation.verb, path, headers=headers)


async def everything(shop: Shop) -> str:
    """All that a merchant's own staff see, to compare before and after."""
    found = []
    async with await shop.staff() as staff:
        for path in ("products", "batches", "cards", "orders", "staff", "settings/storefront"):
            found.append((await staff.get(f"/api/m/{path}")).json())
    return json.dumps(found, sort_keys=True)


@pytest.mark.parametrize("operation", PROTECTED, ids=str)
async def test_nobody_is_told_to_sign_in(shop: Shop, operation: Operation) -> None:
    async with client(shop.base_url) as browser:
        response = await call(browser, operation)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "not_signed_in")


async def test_the_wrong_role_is_refused_on_every_route(shop: Shop) -> None:
    """Staff who have all permissions but the one that the route needs."""
    assert {operation.permission for operation in PERMITTED} == set(get_args(Permission))
    for permission in get_args(Permission):
        async with await shop.staff(permission) as browser:
            for operation in PERMITTED:
                response = await call(browser, operation)
                if operation.permission == permission:
                    error = response.json()["error"]["code"]
                    assert (response.status_code, error) == (403, "permission_missing"), str(operation)
                else:
                    assert response.status_code not in (401, 403), f"{operation} without {permission}"


async def test_staff_of_another_merchant_find_nothing_on_any_route(shop: Shop, other_shop: Shop) -> None:
    things = await belongings(shop)
    before = await everything(shop)
    async with await other_shop.staff() as foreign:
        for operation in OF_ONE_THING:
            assert set(operation.parameters) <= set(things.ids), f"{operation}: say what its parameter means"
            response = await call(foreign, operation, things)
            assert response.status_code == 404, f"{operation} gave {response.status_code} {response.text}"
        for path in ("products", "batches", "cards", "orders"):
            assert (await foreign.get(f"/api/m/{path}")).json()["items"] == [], path
        found = await foreign.get("/api/m/cards", params={"batch_id": things.ids["batch_id"]})
        assert found.json()["count"]["value"] == 0
        wanted = {"batch_id": things.ids["batch_id"]}
        body = {"filter": wanted, "action": "void", "expected": 0}
        assert (await foreign.post("/api/m/cards/status", json=body)).json()["changed"] == 0
        export = await foreign.post("/api/m/cards/exports", json={"filter": wanted, "password": PASSWORD})
        assert export.json()["error"]["code"] == "nothing_to_export"
    assert await everything(shop) == before


async def test_the_same_calls_reach_their_own_merchant(shop: Shop) -> None:
    """The control of the test above: its requests do work where they may."""
    things = await belongings(shop)
    before = await everything(shop)
    async with await shop.staff() as own:
        for operation in OF_ONE_THING:
            response = await call(own, operation, things)
            assert response.status_code in (200, 201), f"{operation} gave {response.status_code} {response.text}"
    assert await everything(shop) != before


async def test_a_card_is_good_at_its_own_merchants_storefront_only(shop: Shop, other_shop: Shop) -> None:
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    async with other_shop.customer() as customer:
        wrong = await customer.post(f"{other_shop.customer_api}/cards/check", json=card.typed())
        assert wrong.json()["error"]["code"] == "card_or_password_wrong"
        body = redemption(card, product.id)
        wrong = await customer.post(f"{other_shop.customer_api}/redemptions", json=body, headers=key())
        assert wrong.json()["error"]["code"] == "card_or_password_wrong"
        right = await customer.post(f"{shop.customer_api}/cards/check", json=card.typed())
        assert right.json()["state"] == "redeemable"
