"""Editing attributes of cards, also of those already out (manual: 批量修改卡属性)."""

import datetime as dt
from typing import Any

import pytest

from tests.cards import desk
from tests.cards.desk import Desk, Fields, code, ok
from tests.factories.shops import Shop
from tihuo.merchants import service as merchants

FACTS = ("name", "face_value_fen", "valid_from", "valid_until", "remark", "status", "number", "uses_left")


async def distributor(staff: Desk, name: str) -> int:
    made: int = ok(await staff.client.post("/api/m/distributors", json={"name": name}), 201)["id"]
    return made


def facts(card: Fields) -> Fields:
    return {
        **{name: card[name] for name in FACTS},
        "products": [product["id"] for product in card["products"]],
        "distributor": card["distributor"] and card["distributor"]["id"],
    }


def reasons(findings: list[Fields]) -> dict[str, int]:
    return {finding["code"]: finding["count"] for finding in findings}


async def test_each_attribute_changes_alone_and_null_empties_it(shop: Shop) -> None:
    """Only what is named changes; the card's history says from what to what."""
    product = await shop.product("苹果")
    async with desk.at(shop) as staff:
        first, second = await distributor(staff, "甲"), await distributor(staff, "乙")
        await staff.make(
            quantity=2,
            name="旧名",
            face_value_fen=38_800,
            valid_from="2026-01-01",
            valid_until="2030-12-31",
            remark="旧备注",
            distributor_id=first,
            product_ids=[product.id],
        )
        edits: list[tuple[str, Any, str]] = [
            ("name", "新名", "名称 旧名 → 新名"),
            ("name", None, "名称 新名 → 无"),
            ("face_value_fen", 0, "面值 388.00 元 → 0.00 元"),
            ("face_value_fen", None, "面值 0.00 元 → 无"),
            ("valid_from", "2026-02-02", "有效期开始 2026-01-01 → 2026-02-02"),
            ("valid_from", None, "有效期开始 2026-02-02 → 无"),
            ("valid_until", "2031-01-31", "有效期结束 2030-12-31 → 2031-01-31"),
            ("valid_until", None, "有效期结束 2031-01-31 → 无"),
            ("remark", "新备注", "备注 旧备注 → 新备注"),
            ("remark", None, "备注 新备注 → 无"),
            ("distributor_id", second, "券商 甲 → 乙"),
            ("distributor_id", None, "券商 乙 → 无"),
        ]
        shown = {"distributor_id": "distributor"}
        for name, value, words in edits:
            before = facts((await staff.cards(serial_from=1, serial_to=1))[0])
            job = await staff.do("edit", {name: value}, serial_from=1, serial_to=1)
            assert job["result"] == {"changed": 1, "unchanged": []}, name
            [card] = await staff.cards(serial_from=1, serial_to=1)
            empty = "" if name in ("name", "remark") else None
            assert facts(card) == {**before, shown.get(name, name): empty if value is None else value}, name
            newest = (await staff.history(card["id"]))[0]
            assert (newest["kind"], newest["text"]) == ("edited", f"修改：{words}"), name
            assert (newest["by"], newest["address"], newest["job_id"]) == ("店主", "127.0.0.1", job["id"])
            again = await staff.select("edit", {name: value}, serial_from=1, serial_to=1)
            assert (again["will_change"], reasons(again["unchanged"])) == (0, {"same_already": 1}), name
        [other] = await staff.cards(serial_from=2, serial_to=2)
        assert other["name"] == "旧名"
        assert [entry["kind"] for entry in await staff.history(other["id"])] == ["made"]


async def test_several_attributes_in_one_edit(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        await staff.make(quantity=1, name="旧", remark="旧")
        await staff.do("edit", {"name": "新", "remark": "新", "valid_until": "2030-01-01", "face_value_fen": 5})
        [card] = await staff.cards()
        text = (await staff.history(card["id"]))[0]["text"]
    assert (card["name"], card["remark"], card["valid_until"], card["face_value_fen"]) == ("新", "新", "2030-01-01", 5)
    assert text == "修改：名称 旧 → 新；面值 无 → 0.05 元；有效期结束 无 → 2030-01-01；备注 旧 → 新"


async def test_products_are_replaced_added_and_removed(shop: Shop) -> None:
    """Over cards with different products; what would leave a card without any stays and is reported."""
    apple, pear, plum = [(await shop.product(name)).id for name in ("苹果", "梨", "李子")]

    async def products(staff: Desk) -> list[list[int]]:
        return [facts(card)["products"] for card in reversed(await staff.cards())]

    async with desk.at(shop) as staff:
        await staff.make(quantity=1, product_ids=[apple])
        await staff.make(quantity=1, product_ids=[apple, pear])
        await staff.make(quantity=1, product_ids=[plum])

        selection = await staff.select("edit", {"products": {"mode": "remove", "product_ids": [apple]}})
        assert (selection["will_change"], reasons(selection["unchanged"])) == (
            1,
            {"no_product_left": 1, "same_already": 1},
        )
        assert [finding["message"] for finding in selection["unchanged"] if finding["code"] == "no_product_left"] == [
            "去掉后就没有可提的商品"
        ]
        job = await staff.finish(selection)
        assert reasons(job["result"]["unchanged"]) == {"no_product_left": 1, "same_already": 1}
        assert await products(staff) == [[apple], [pear], [plum]]

        await staff.do("edit", {"products": {"mode": "add", "product_ids": [plum, apple]}})
        assert await products(staff) == [[apple, plum], [apple, pear, plum], [apple, plum]]
        assert (await staff.select("edit", {"products": {"mode": "add", "product_ids": [apple]}}))["will_change"] == 0

        await staff.do("edit", {"products": {"mode": "replace", "product_ids": [pear]}}, serial_to=2)
        assert await products(staff) == [[pear], [pear], [apple, plum]]
        entry = (await staff.history((await staff.cards(serial_to=1))[0]["id"]))[0]
        assert entry["text"] == "修改：商品 苹果、李子 → 梨"
        # Removing the last one, whatever else is edited with it.
        both = await staff.select(
            "edit", {"name": "x", "products": {"mode": "remove", "product_ids": [pear, plum, apple]}}
        )
        assert (both["will_change"], reasons(both["unchanged"])) == (0, {"no_product_left": 3})


async def test_another_merchants_product_or_distributor_is_none(shop: Shop, other_shop: Shop) -> None:
    theirs = await other_shop.product()
    async with desk.at(shop) as staff, desk.at(other_shop) as foreign:
        await staff.make(quantity=1)
        edits = [
            {"products": {"mode": "add", "product_ids": [theirs.id]}},
            {"distributor_id": await distributor(foreign, "甲")},
        ]
        for edit in edits:
            body = {"filter": {}, "action": "edit", "edit": edit}
            answer = await staff.client.post("/api/m/cards/selections", json=body)
            assert (answer.status_code, code(answer)) == (422, "invalid_request")


async def test_dates_that_would_cross_are_found(shop: Shop) -> None:
    """One end alone may be edited; the cards whose other end it would pass stay and are reported."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=2, valid_from="2026-05-01", valid_until="2026-05-31")
        await staff.make(quantity=3, valid_until="2026-12-31")
        await staff.make(quantity=1)
        late = await staff.select("edit", {"valid_from": "2026-06-01"})
        assert (late["will_change"], reasons(late["unchanged"])) == (4, {"dates_crossed": 2})
        early = await staff.select("edit", {"valid_until": "2026-04-30"})
        assert (early["will_change"], reasons(early["unchanged"])) == (4, {"dates_crossed": 2})
        job = await staff.finish(early)
        assert (job["result"]["changed"], reasons(job["result"]["unchanged"])) == (4, {"dates_crossed": 2})
        days = [(card["valid_from"], card["valid_until"]) for card in reversed(await staff.cards())]
        assert days == [("2026-05-01", "2026-05-31")] * 2 + [(None, "2026-04-30")] * 4
        same_day = await staff.do("edit", {"valid_from": "2026-05-31"}, serial_to=2)
        assert same_day["result"]["changed"] == 2


async def test_void_and_redeemed_cards_are_edited_too(shop: Shop) -> None:
    product = await shop.product()
    async with desk.at(shop) as staff:
        await staff.make(quantity=3, product_ids=[product.id])
        await staff.do("void", serial_to=1)
        printed = await staff.printed(serial_from=2)
        assert (await desk.redeem(shop, printed[0], product.id)).status_code == 201
        assert (await staff.do("edit", {"remark": "全部"}))["result"]["changed"] == 3
        assert {card["remark"] for card in await staff.cards()} == {"全部"}
        assert [card["status"] for card in reversed(await staff.cards())] == ["void", "active", "active"]
        assert ok(await desk.check(shop, printed[0]))["state"] == "redeemed"


async def test_changed_products_show_at_once_in_the_storefront(shop: Shop) -> None:
    """A card already out: the next look sees the new product, and only what it is good for now is taken."""
    old, new = await shop.product("旧"), await shop.product("新")
    async with desk.at(shop) as staff:
        await staff.make(quantity=2, product_ids=[old.id])
        card, other = await staff.printed()

        async def offered() -> list[str]:
            return [product["name"] for product in ok(await desk.check(shop, card))["products"]]

        assert await offered() == ["旧"]
        await staff.do("edit", {"products": {"mode": "replace", "product_ids": [new.id]}}, number=card.number)
        assert await offered() == ["新"]
        assert code(await desk.redeem(shop, card, old.id)) == "product_not_available"
        assert (await desk.redeem(shop, card, new.id)).status_code == 201
        await staff.do("edit", {"products": {"mode": "add", "product_ids": [new.id]}}, number=other.number)
        names = [product["name"] for product in ok(await desk.check(shop, other))["products"]]
        assert sorted(names) == ["新", "旧"]


async def test_changed_dates_hold_at_once(shop: Shop) -> None:
    product = await shop.product()
    async with desk.at(shop) as staff:
        await staff.make(quantity=1, product_ids=[product.id])
        [card] = await staff.printed()
        yesterday = str(
            (await shop.run(lambda session: merchants.get(session, shop.id))).today() - dt.timedelta(days=1)
        )
        await staff.do("edit", {"valid_until": yesterday})
        assert ok(await desk.check(shop, card))["state"] == "expired"
        assert code(await desk.redeem(shop, card, product.id)) == "card_expired"
        await staff.do("edit", {"valid_until": None})
        assert (await desk.redeem(shop, card, product.id)).status_code == 201


async def test_distributor_figures_follow_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assigned, activated, redeemed, void, expired, given to another, deleted (spec F)."""
    product = await shop.product()
    async with desk.at(shop) as staff:
        one, two = await distributor(staff, "甲"), await distributor(staff, "乙")

        async def figures() -> dict[str, tuple[int, ...]]:
            items = ok(await staff.client.get("/api/m/reports/distributors"))["items"]
            names = ("assigned", "activated", "redeemed", "left", "expired")
            return {item["distributor"]["name"]: tuple(item[name] for name in names) for item in items}

        assert await figures() == {"甲": (0, 0, 0, 0, 0), "乙": (0, 0, 0, 0, 0)}
        await staff.make(quantity=10, status="inactive", product_ids=[product.id])
        await staff.make(quantity=2, uses=2, product_ids=[product.id], distributor_id=two)
        await staff.do("edit", {"distributor_id": one}, serial_to=6)
        assert await figures() == {"甲": (6, 0, 0, 6, 0), "乙": (2, 2, 0, 2, 0)}
        await staff.do("activate", serial_from=1, serial_to=4)
        assert (await figures())["甲"] == (6, 4, 0, 6, 0)
        printed = await staff.printed()
        assert (await desk.redeem(shop, printed[0], product.id)).status_code == 201
        assert (await desk.redeem(shop, printed[10], product.id)).status_code == 201
        assert await figures() == {"甲": (6, 4, 1, 5, 0), "乙": (2, 2, 1, 2, 0)}
        await staff.do("void", serial_from=2, serial_to=2)
        assert (await figures())["甲"] == (6, 3, 1, 4, 0)
        today = (await shop.run(lambda session: merchants.get(session, shop.id))).today()
        await staff.do("edit", {"valid_until": str(today)}, serial_from=3, serial_to=4)
        assert (await figures())["甲"] == (6, 3, 1, 4, 0)
        await staff.do("edit", {"valid_until": str(today - dt.timedelta(days=1))}, serial_from=3, serial_to=4)
        assert (await figures())["甲"] == (6, 3, 1, 2, 2)
        await staff.do("edit", {"distributor_id": two}, serial_from=4, serial_to=4)
        assert await figures() == {"甲": (5, 2, 1, 2, 1), "乙": (3, 3, 1, 2, 1)}
        await staff.do("delete", serial_from=1, serial_to=6, status="void")
        assert (await figures())["甲"] == (4, 2, 1, 2, 1)
        await staff.do("edit", {"distributor_id": None}, distributor_id=one)
        assert await figures() == {"甲": (0, 0, 0, 0, 0), "乙": (3, 3, 1, 2, 1)}
