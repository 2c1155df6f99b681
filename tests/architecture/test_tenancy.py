"""A merchant sees and changes nothing of another's: every route of the OpenAPI documents is walked."""

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

import httpx
import pytest
from tornado.ioloop import IOLoop

from tests.conftest import Server
from tests.factories.shops import PASSWORD, Shop, client, key, redemption
from tihuo.app import DOCUMENTS
from tihuo.staff.schemas import Permission
from tihuo.web.sessions import COOKIE


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


# What a request's content needs beside the permission of its route; see the test below.
BY_CONTENT = {"card_passwords"}
CANCEL = "post /api/m/jobs/{job_id}/cancel"
CANCEL_ORDER = "post /api/m/orders/{order_id}/cancellation"


@dataclass(frozen=True)
class Belongings:
    """One merchant's things by the name of the path parameter that means them.

    `others`: those that one operation needs to be another, by the operation. `file_id`: a table that was uploaded.
    """

    ids: dict[str, int]
    others: dict[str, dict[str, int]]
    bodies: dict[str, dict[str, Any]]
    file_id: int


async def posted(browser: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = await browser.post(f"/api/m/{path}", json=body, headers=key())
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


@pytest.fixture
def idle(io_loop: IOLoop, server: Server) -> None:
    """A server that does no jobs of itself: one that is asked for waits, so that it can be cancelled."""

    async def stop_jobs() -> None:
        server.jobs.cancel()
        await asyncio.gather(server.jobs, return_exceptions=True)

    io_loop.run_sync(stop_jobs)


async def belongings(shop: Shop) -> Belongings:
    """One of everything; of jobs one that is done, with a file that holds passwords, and one that waits."""
    product = await shop.product()
    await shop.days(quota=5)
    tomorrow = (await shop.today() + dt.timedelta(days=1)).isoformat()
    batch = await shop.batch(2, product_ids=[product.id])
    card = (await shop.printed(batch))[0]
    cancelled = await shop.card(product_ids=[product.id])
    async with shop.customer() as customer, await shop.staff() as staff:
        for redeemed in (cancelled, card):
            body = redemption(redeemed, product.id, ship_on=tomorrow)
            response = await customer.post(f"{shop.customer_api}/redemptions", json=body, headers=key())
            assert response.status_code == 201
        order_id, other_order_id = (item["id"] for item in (await staff.get("/api/m/orders")).json()["items"])
        card_id = (await staff.get("/api/m/cards", params={"redeemed": "false"})).json()["items"][0]["id"]
        distributor = await posted(staff, "distributors", {"name": "老李"})
        blocked = await posted(staff, "guessing/blocks", {"address": "203.0.113.9", "hours": 1})
        kept = await posted(staff, "cards/filters", {"name": "未激活", "filter": {"status": "inactive"}})
        whole = {"batch_id": batch.id}
        selection = await posted(staff, "cards/selections", {"filter": whole, "action": "deactivate"})
        assert selection["will_change"] == 1
        export = {"filter": whole, "columns": ["number", "password"], "password": PASSWORD}
        exported = await shop.finished((await posted(staff, "cards/exports", export))["id"])
        assert exported.file is not None
        uploaded = await staff.post("/api/m/cards/imports/files", content=b"not yet looked at")
        waiting = await posted(staff, "batches", {"product_ids": [product.id], "quantity": 1})
        assert waiting["job"]["status"] == "waiting"
    ids = {
        "product_id": product.id,
        "batch_id": batch.id,
        "card_id": card_id,
        "order_id": order_id,
        "staff_id": await shop.account(),
        "distributor_id": distributor["id"],
        "filter_id": kept["id"],
        "selection_id": selection["id"],
        "block_id": blocked["id"],
        "job_id": exported.id,
    }
    bodies: dict[str, dict[str, Any]] = {
        "put /api/m/products/{product_id}": {"name": "改名"},
        "put /api/m/products/{product_id}/shelf": {"on_shelf": False},
        "post /api/m/cards/{card_id}/status": {"action": "void"},
        "post /api/m/cards/selections/{selection_id}/apply": {"expected": 1},
        "put /api/m/distributors/{distributor_id}": {"name": "改名"},
        "post /api/m/orders/{order_id}/shipments": {"courier_code": "SF", "tracking_number": "SF00001"},
        "put /api/m/staff/{staff_id}": {
            "name": "改名",
            "mobile": "13700000000",
            "restrictions": [],
            "disabled": True,
        },
    }
    others = {CANCEL: {"job_id": waiting["job"]["id"]}, CANCEL_ORDER: {"order_id": other_order_id}}
    return Belongings(ids, others, bodies, uploaded.json()["file_id"])


async def call(browser: httpx.AsyncClient, operation: Operation, things: Belongings | None = None) -> httpx.Response:
    path, named = operation.path, f"{operation.verb} {operation.path}"
    ids = {**things.ids, **things.others.get(named, {})} if things else {}
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", str(ids[name] if things else 1))
    body = things.bodies.get(named, {}) if things else {}
    headers = key() if operation.takes_key else {}
    if operation.takes_body:
        return await browser.request(operation.verb, path, json=body, headers=headers)
    return await browser.request(operation.verb, path, headers=headers)


LISTS = ("products", "batches", "cards", "orders", "jobs", "distributors", "cards/filters", "reports/distributors")


SHOWN = ("cards/statistics", "staff", "settings/storefront", "settings/pickup", "settings/appointments", "guessing")


async def everything(shop: Shop) -> str:
    """All that a merchant's own staff see, to compare before and after."""
    found = []
    async with await shop.staff() as staff:
        for path in (*LISTS, *SHOWN):
            found.append((await staff.get(f"/api/m/{path}")).json())
    return json.dumps(found, sort_keys=True)


@pytest.mark.parametrize("operation", PROTECTED, ids=str)
async def test_nobody_is_told_to_sign_in(shop: Shop, operation: Operation) -> None:
    async with client(shop.base_url) as browser:
        response = await call(browser, operation)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "not_signed_in")


async def test_the_wrong_role_is_refused_on_every_route(shop: Shop) -> None:
    """Staff who have all permissions but the one that the route needs."""
    assert {operation.permission for operation in PERMITTED} == set(get_args(Permission)) - BY_CONTENT
    for permission in get_args(Permission):
        async with await shop.staff(permission) as browser:
            for operation in PERMITTED:
                response = await call(browser, operation)
                if operation.permission == permission:
                    error = response.json()["error"]["code"]
                    assert (response.status_code, error) == (403, "permission_missing"), str(operation)
                else:
                    assert response.status_code not in (401, 403), f"{operation} without {permission}"


async def test_passwords_of_cards_need_their_own_permission_beside_the_routes(shop: Shop) -> None:
    """An export is for whoever may see cards; with the column of passwords, the account must be allowed that too."""
    batch = await shop.batch(1)
    plain = {"filter": {"batch_id": batch.id}, "columns": ["number", "link"]}
    secret = {**plain, "columns": ["number", "password"], "password": PASSWORD}
    async with await shop.staff("card_passwords") as without:
        assert (await without.post("/api/m/cards/exports", json=plain)).status_code == 201
        refused = await without.post("/api/m/cards/exports", json=secret)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "permission_missing")
        jobs = (await without.get("/api/m/jobs")).json()["items"]
        assert [job["kind"] for job in jobs] == ["export_cards", "make_cards"]
    async with await shop.staff("cards") as no_cards:
        for body in (plain, secret):
            refused = await no_cards.post("/api/m/cards/exports", json=body)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "permission_missing")
    async with await shop.staff("orders", "settings", "staff") as allowed:
        assert (await allowed.post("/api/m/cards/exports", json=secret)).status_code == 201


JOBS = [operation for operation in OF_ONE_THING if operation.path.startswith("/api/m/jobs/")]


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize(
    ("taken", "hidden"),
    [(["cards"], "batches"), (["card_passwords"], "export"), (["cards", "card_passwords"], "both"), ([], "none")],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
async def test_a_job_is_there_for_whom_its_permission_was_not_taken_from(
    shop: Shop, taken: list[Permission], hidden: str
) -> None:
    """The routes of jobs ask for no permission, each job does: without it the job does not exist."""
    assert len(JOBS) == 3
    things = await belongings(shop)
    waiting = things.others[CANCEL]["job_id"]
    seen = {
        things.ids["job_id"]: hidden not in ("export", "both"),
        waiting: hidden not in ("batches", "both"),
    }
    staff_id = await shop.account(*taken)
    async with client(shop.base_url, {COOKIE: await shop.app.context.sessions.open(staff_id)}) as browser:
        listed = {job["id"] for job in (await browser.get("/api/m/jobs")).json()["items"]}
        for job_id, visible in seen.items():
            assert (job_id in listed) is visible
            for operation in JOBS:
                path = operation.path.replace("{job_id}", str(job_id))
                response = await browser.request(operation.verb, path)
                if not visible:
                    assert (response.status_code, response.json()["error"]["code"]) == (404, "job_not_found"), path
                else:
                    assert response.status_code != 404, path
        # Whoever may see that there is such a file still can't have it: it is its exporter's.
        file = await browser.post(f"/api/m/jobs/{things.ids['job_id']}/file")
        assert file.status_code == (403 if seen[things.ids["job_id"]] else 404)


async def test_a_kept_filter_is_its_accounts_own(shop: Shop) -> None:
    """Not even the owner reads or forgets what another account keeps."""
    staff_id = await shop.account()
    async with client(shop.base_url, {COOKIE: await shop.app.context.sessions.open(staff_id)}) as own:
        kept = await posted(own, "cards/filters", {"name": "我的", "filter": {"status": "void"}})
        async with await shop.staff() as owner:
            assert (await owner.get("/api/m/cards/filters")).json()["items"] == []
            response = await owner.delete(f"/api/m/cards/filters/{kept['id']}")
            assert (response.status_code, response.json()["error"]["code"]) == (404, "saved_filter_not_found")
        assert (await own.get("/api/m/cards/filters")).json()["items"] == [kept]


@pytest.mark.usefixtures("idle")
async def test_staff_of_another_merchant_find_nothing_on_any_route(shop: Shop, other_shop: Shop) -> None:
    things = await belongings(shop)
    before = await everything(shop)
    async with await other_shop.staff() as foreign:
        for operation in OF_ONE_THING:
            assert set(operation.parameters) <= set(things.ids), f"{operation}: say what its parameter means"
            response = await call(foreign, operation, things)
            assert response.status_code == 404, f"{operation} gave {response.status_code} {response.text}"
        for path in LISTS:
            assert (await foreign.get(f"/api/m/{path}")).json()["items"] == [], path
        for name in ("batch_id", "product_id", "distributor_id"):
            wanted = {name: things.ids[name]}
            found = await foreign.get("/api/m/cards", params=wanted)
            assert found.json()["count"]["value"] == 0
            assert (await foreign.get("/api/m/cards/statistics", params=wanted)).json()["total"] == 0
            for action in ("void", "delete"):
                dry = await foreign.post("/api/m/cards/selections", json={"filter": wanted, "action": action})
                assert dry.json()["error"]["code"] == "nothing_selected"
            body = {"filter": wanted, "columns": ["number", "password"], "password": PASSWORD}
            export = await foreign.post("/api/m/cards/exports", json=body)
            assert export.json()["error"]["code"] == "nothing_to_export"
    assert await everything(shop) == before


@pytest.mark.usefixtures("idle")
async def test_what_a_body_names_is_looked_for_at_its_own_merchant(shop: Shop, other_shop: Shop) -> None:
    """Another merchant's product, distributor or uploaded table can't be had for one's own cards."""
    product_id = (await other_shop.batch(1)).products[0].id
    things = await belongings(shop)
    before = await everything(shop)
    async with await other_shop.staff() as foreign:
        at_home = await everything(other_shop)
        foreign_ids: dict[str, dict[str, Any]] = {
            "product_ids": {"product_ids": [product_id, things.ids["product_id"]]},
            "distributor_id": {"product_ids": [product_id], "distributor_id": things.ids["distributor_id"]},
        }
        for name, body in foreign_ids.items():
            for path, more in (("batches", {"quantity": 1}), ("cards/imports", {"file_id": things.file_id})):
                response = await foreign.post(f"/api/m/{path}", json={**body, **more}, headers=key())
                assert response.status_code == 422, path
                assert response.json()["error"]["data"]["fields"][0]["field"] == name
        imported: dict[str, Any] = {"product_ids": [product_id], "file_id": things.file_id}
        response = await foreign.post("/api/m/cards/imports", json=imported, headers=key())
        assert (response.status_code, response.json()["error"]["code"]) == (404, "upload_not_found")
        for edit in (
            {"products": {"mode": "add", "product_ids": [things.ids["product_id"]]}},
            {"distributor_id": things.ids["distributor_id"]},
        ):
            body = {"filter": {}, "action": "edit", "edit": edit}
            response = await foreign.post("/api/m/cards/selections", json=body)
            assert response.status_code == 422
        assert await everything(other_shop) == at_home
    assert await everything(shop) == before


@pytest.mark.usefixtures("idle")
async def test_the_same_calls_reach_their_own_merchant(shop: Shop) -> None:
    """The control of the tests above: their requests do work where they may."""
    things = await belongings(shop)
    before = await everything(shop)
    async with await shop.staff() as own:
        for operation in OF_ONE_THING:
            response = await call(own, operation, things)
            assert response.status_code in (200, 201, 204), f"{operation} gave {response.status_code} {response.text}"
        wanted = {"batch_id": things.ids["batch_id"]}
        assert (await own.get("/api/m/cards/statistics", params=wanted)).json()["total"] == 2
        await posted(own, "cards/selections", {"filter": wanted, "action": "void"})
        edit = {"distributor_id": things.ids["distributor_id"]}
        await posted(own, "cards/selections", {"filter": wanted, "action": "edit", "edit": edit})
        imported = {"product_ids": [things.ids["product_id"]], "file_id": things.file_id}
        await posted(own, "cards/imports", imported)
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
