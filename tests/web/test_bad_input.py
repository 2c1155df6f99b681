"""Bad input gets a sentence: every body and query of every route is bent in every way we know; never a 500."""

import json
from typing import Any

import httpx
import pytest

from tests.factories.shops import Shop, key, redemption
from tihuo.app import DOCUMENTS

NASTY: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    10**30,
    "",
    " ",
    "x" * 5000,
    "\u0000",
    "\u202etxt",
    "😀" * 40,
    "' OR 1=1 --",
    "../../etc/passwd",
    "{{7*7}}",
    "%",
    "9999-99-99",
    [],
    [[]],
    ["x"] * 300,
    {},
    {"$ne": None},
]


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return document["components"]["schemas"][reference.rsplit("/", 1)[1]] if reference else schema


def example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Something that fits the schema, or nearly."""
    schema = resolved(schema, document)
    for options in ("anyOf", "oneOf"):
        if options in schema:
            return example(schema[options][0], document)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return {name: example(inner, document) for name, inner in schema.get("properties", {}).items()}
        case "array":
            return [example(schema["items"], document)]
        case "integer":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
        case _:
            return "13800000000"


def bent(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    """Every place of the body with every nasty value in it."""
    found = [(path, nasty) for nasty in NASTY]
    if isinstance(value, dict):
        for name, inner in value.items():
            found += bent(inner, (*path, name))
    elif isinstance(value, list) and value:
        found += bent(value[0], (*path, 0))
    return found


def with_value(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = json.loads(json.dumps(body))
    inner = copy
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return copy


def operations(kind: str) -> list[Any]:
    found = []
    for name, write in DOCUMENTS.items():
        document = write()
        for path, verbs in document["paths"].items():
            for verb, operation in verbs.items():
                content = operation.get("requestBody", {}).get("content", {})
                if kind == "body" and "application/json" in content:
                    schema = content["application/json"]["schema"]
                    found.append(pytest.param(verb, path, example(schema, document), id=f"{name} {verb} {path}"))
                names = [found["name"] for found in operation["parameters"] if found["in"] == "query"]
                if kind == "query" and names:
                    found.append(pytest.param(path, names, id=f"{name} {path}"))
    return found


def understood(response: httpx.Response, what: object) -> None:
    assert response.status_code < 500, f"{what}: {response.text}"
    if response.status_code >= 400:
        error = response.json()["error"]
        assert error["code"] != "internal_error"
        assert error["message"], what


async def things_of(shop: Shop) -> dict[str, int | str]:
    """One of each thing that a path can name, so that what is bent is looked at and not only where it is sent."""
    product = await shop.product()
    cards = await shop.cards(3, product_ids=[product.id])
    async with shop.customer() as customer, await shop.staff() as staff:
        placed = await customer.post(
            f"{shop.customer_api}/redemptions", json=redemption(cards[0], product.id), headers=key()
        )
        assert placed.status_code == 201
        card, *_ = (await staff.get("/api/m/cards", params={"redeemed": "false"})).json()["items"]
        made = {
            "selection_id": await staff.post("/api/m/cards/selections", json={"filter": {}, "action": "void"}),
            "filter_id": await staff.post("/api/m/cards/filters", json={"name": "全部", "filter": {}}),
            "distributor_id": await staff.post("/api/m/distributors", json={"name": "老李"}),
        }
        order = (await staff.get("/api/m/orders")).json()["items"][0]
        job = (await staff.get("/api/m/jobs")).json()["items"][0]
    return {
        "product_id": product.id,
        "batch_id": card["batch"]["id"],
        "card_id": card["id"],
        "order_id": order["id"],
        "order_number": order["number"],
        "token": placed.json()["order"]["token"],
        "job_id": job["id"],
        "staff_id": await shop.account(),
        **{name: response.json()["id"] for name, response in made.items()},
    }


def address(path: str, shop: Shop, things: dict[str, int | str]) -> str:
    return path.format(slug=shop.slug, **things)


@pytest.mark.parametrize(("verb", "path", "body"), operations("body"))
async def test_a_bent_body_is_understood_or_refused(shop: Shop, verb: str, path: str, body: Any) -> None:
    named = address(path, shop, await things_of(shop))
    async with await shop.staff() as browser:
        for place, value in bent(body):
            sent = with_value(body, place, value)
            content = json.dumps(sent).encode()
            headers = {**key(), "Content-Type": "application/json"}
            response = await browser.request(verb, named, content=content, headers=headers)
            understood(response, (place, value))


@pytest.mark.parametrize(("path", "names"), operations("query"))
async def test_a_bent_query_is_understood_or_refused(shop: Shop, path: str, names: list[str]) -> None:
    named = address(path, shop, await things_of(shop))
    async with await shop.staff() as browser:
        for name in [*names, "unknown", "after[]"]:
            for value in (*NASTY, "\ud83d".encode("utf-8", "surrogatepass"), b"\xff\xfe"):
                text = value if isinstance(value, bytes) else str(value).encode()
                encoded = "".join(f"%{byte:02x}" for byte in text)
                response = await browser.get(f"{named}?{name}={encoded}")
                understood(response, (name, value))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"nul",
        b"\xff\xfe\x00",
        b'{"number": "\\ud800", "password": "x"}',
        b"[" * 100_000,
        b'{"a":' * 5000,
        b'"text"',
        b"[1,2]",
        b"NaN",
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(shop: Shop, content: bytes) -> None:
    async with shop.customer() as customer:
        response = await customer.post(
            f"{shop.customer_api}/cards/check", content=content, headers={"Content-Type": "application/json"}
        )
        assert response.status_code in (400, 422)
        assert response.json()["error"]["code"] in ("malformed_request", "invalid_request")


async def test_an_oversize_body_is_refused(shop: Shop) -> None:
    async with shop.customer() as customer:
        response = await customer.post(
            f"{shop.customer_api}/cards/check",
            content=b'{"number":"' + b"x" * 2_000_000 + b'"}',
            headers={"Content-Type": "application/json"},
        )
        assert (response.status_code, response.json()["error"]["code"]) == (413, "body_too_large")


async def test_unknown_addresses_and_verbs_are_refused_as_json(shop: Shop) -> None:
    async with shop.customer() as customer:
        missing = await customer.get("/api/nothing/here")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
        wrong = await customer.delete(f"{shop.customer_api}/storefront")
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
        assert wrong.headers["allow"] == "GET"
        for path in ("/api/m/orders/abc", "/api/m/orders/99999999999999999999", "/c/..%2f..%2fetc", "/files/1/..%2fx"):
            assert (await customer.get(path)).status_code in (401, 404), path
