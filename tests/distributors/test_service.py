"""Distributors: kept by staff, named on cards, with their figures (spec F)."""

from typing import Any

import pytest

from tests.cards import desk
from tests.cards.desk import Desk, code, ok
from tests.factories.shops import Shop
from tihuo.audit import service as audit

PATH = "/api/m/distributors"
FULL = {"name": "华东券商", "contact": "李四", "phone": "021-12345678", "remark": "月结", "closed": False}
NOTHING = {"assigned": 0, "activated": 0, "redeemed": 0, "left": 0, "expired": 0}


async def created(staff: Desk, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = ok(await staff.client.post(PATH, json=body), 201)
    return made


async def test_a_distributor_is_added_listed_and_changed(shop: Shop) -> None:
    """A name is enough; all else can follow. What changed is on record with its value before."""
    async with desk.at(shop) as staff:
        bare = await created(staff, name="甲")
        full = await created(staff, **FULL)
        assert {name: full[name] for name in FULL} == FULL
        assert (bare["contact"], bare["phone"], bare["remark"], bare["closed"]) == ("", "", "", False)
        assert ok(await staff.client.get(PATH))["items"] == [bare, full]
        changed = ok(await staff.client.put(f"{PATH}/{bare['id']}", json={**FULL, "name": "乙", "closed": True}))
        assert changed == {**full, "id": bare["id"], "name": "乙", "closed": True, "created_at": bare["created_at"]}
        assert (
            ok(await staff.client.put(f"{PATH}/{bare['id']}", json={**FULL, "name": "乙", "closed": True})) == changed
        )
    entries = list(await shop.run(lambda session: audit.newest(session, shop.id)))
    told = [(entry.action, entry.subject_id) for entry in entries if entry.subject == "distributors"]
    assert told == [("changed", bare["id"]), ("created", full["id"]), ("created", bare["id"])]
    assert entries[0].data["before"] == {"name": "甲", "contact": "", "phone": "", "remark": "", "closed": False}
    assert entries[0].data["after"] == {**FULL, "name": "乙", "closed": True}


async def test_a_name_is_taken_once_within_the_merchant(shop: Shop, other_shop: Shop) -> None:
    async with desk.at(shop) as staff, desk.at(other_shop) as foreign:
        first = await created(staff, name="甲")
        second = await created(staff, name="乙")
        await created(foreign, name="甲")
        for answer in (
            await staff.client.post(PATH, json={"name": "甲"}),
            await staff.client.post(PATH, json={"name": " 甲 "}),
            await staff.client.put(f"{PATH}/{second['id']}", json={"name": "甲"}),
        ):
            assert (answer.status_code, code(answer)) == (409, "distributor_name_taken")
            assert "“甲”" in answer.json()["error"]["message"]
        ok(await staff.client.put(f"{PATH}/{first['id']}", json={"name": "甲", "phone": "1"}))
        assert [one["name"] for one in ok(await staff.client.get(PATH))["items"]] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "两\n行"}, "name"),
        ({"name": "甲", "contact": "x" * 33}, "contact"),
        ({"name": "甲", "phone": "x" * 33}, "phone"),
        ({"name": "甲", "remark": "x" * 201}, "remark"),
        ({"name": "甲", "closed": "maybe"}, "closed"),
        ({"name": "甲", "colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_field_is_named(shop: Shop, body: dict[str, Any], field: str) -> None:
    async with desk.at(shop) as staff:
        answer = await staff.client.post(PATH, json=body)
        assert (answer.status_code, code(answer)) == (422, "invalid_request")
        assert answer.json()["error"]["data"]["fields"][0]["field"] == field
        assert ok(await staff.client.get(PATH))["items"] == []


async def test_another_merchants_distributors_are_none(shop: Shop, other_shop: Shop) -> None:
    """Not listed, not changed, not given cards, not found by."""
    async with desk.at(shop) as staff, desk.at(other_shop) as foreign:
        theirs = await created(foreign, name="甲")
        assert ok(await staff.client.get(PATH))["items"] == []
        answer = await staff.client.put(f"{PATH}/{theirs['id']}", json={"name": "乙"})
        assert (answer.status_code, code(answer)) == (404, "distributor_not_found")
        body = {"quantity": 1, "product_ids": [(await shop.product()).id], "distributor_id": theirs["id"]}
        refused = await staff.client.post("/api/m/batches", json=body, headers={"Idempotency-Key": "12345678"})
        assert (refused.status_code, code(refused)) == (422, "invalid_request")
        assert refused.json()["error"]["data"]["fields"][0]["field"] == "distributor_id"
        await staff.make(quantity=2)
        assert await staff.cards(distributor_id=theirs["id"]) == []
        assert ok(await staff.client.get("/api/m/reports/distributors"))["items"] == []


async def test_distributors_need_the_cards_permission(shop: Shop) -> None:
    async with desk.at(shop, "cards") as without:
        for answer in (
            await without.client.get(PATH),
            await without.client.post(PATH, json={"name": "甲"}),
            await without.client.put(f"{PATH}/1", json={"name": "甲"}),
            await without.client.get("/api/m/reports/distributors"),
        ):
            assert (answer.status_code, code(answer)) == (403, "permission_missing")


async def test_figures_tell_of_every_distributor_and_of_no_other_cards(shop: Shop) -> None:
    """Those without cards too, closed ones too; cards that nobody has are nobody's."""
    product = await shop.product()
    async with desk.at(shop) as staff:
        busy, idle, closed = [await created(staff, name=name) for name in ("甲", "乙", "丙")]
        await staff.make(quantity=5, product_ids=[product.id], distributor_id=busy["id"])
        await staff.make(quantity=2, status="inactive", distributor_id=closed["id"])
        await staff.make(quantity=9)
        changed = ok(await staff.client.put(f"{PATH}/{closed['id']}", json={"name": "丙", "closed": True}))
        [card, *_] = await staff.printed(distributor_id=busy["id"])
        ok(await desk.redeem(shop, card, product.id), 201)
        items = ok(await staff.client.get("/api/m/reports/distributors"))["items"]
        assert items == [
            {"distributor": busy, **NOTHING, "assigned": 5, "activated": 5, "redeemed": 1, "left": 4},
            {"distributor": idle, **NOTHING},
            {"distributor": changed, **NOTHING, "assigned": 2, "left": 2},
        ]
        assert len(await staff.cards(distributor_id=0)) == 9
        assert len(await staff.cards(distributor_id=busy["id"])) == 5
        listed = (await staff.cards(distributor_id=closed["id"]))[0]
        assert listed["distributor"] == {"id": closed["id"], "name": "丙"}
