"""One card's page: all that happened to it, who did it, when and from where; never the password (spec E)."""

from typing import Any

import pytest
from pyroaring import BitMap64
from sqlalchemy import select

from tests.cards import desk
from tests.cards.desk import Desk, Fields, code, ok, table
from tests.factories.shops import Card, Shop
from tihuo.cards.models import CardSelection
from tihuo.cards.service import changing
from tihuo.db import Session
from tihuo.jobs.models import JobRow


async def page_of(staff: Desk, number: str) -> Fields:
    card = await staff.card(number)
    found: Fields = ok(await staff.client.get(f"/api/m/reports/cards/{card['id']}"))
    return found


async def test_a_cards_whole_life_is_told_newest_first(shop: Shop) -> None:
    """Made, exported, activated, tried wrongly, redeemed, shipped, edited: each with who, when, where."""
    product = await shop.product("礼盒")
    async with desk.at(shop) as staff, shop.customer() as customer:
        batch = await staff.make(quantity=1, status="inactive", product_ids=[product.id], name="卡", uses=2)
        [card] = await staff.printed()
        listed = await staff.card(card.number)
        path = f"/api/m/cards/{listed['id']}/status"
        ok(await staff.client.post(path, json={"action": "activate"}))
        wrong = {"number": card.number.lower(), "password": "0" * 9 + ("1" if card.password[-1] != "1" else "2")}
        refused = await customer.post(f"{shop.customer_api}/cards/check", json=wrong)
        assert code(refused) == "card_or_password_wrong"
        order = ok(await desk.redeem(shop, card, product.id), 201)["order"]
        orders = ok(await staff.client.get("/api/m/orders"))["items"]
        shipment = {"courier_code": "SF", "tracking_number": "SF1234567890"}
        ok(await staff.client.post(f"/api/m/orders/{orders[0]['id']}/shipments", json=shipment), 201)
        await staff.do("edit", {"name": "新卡"})
        await staff.do("deactivate")
        page = await page_of(staff, card.number)
    entries = page["entries"]
    assert [entry["kind"] for entry in entries] == [
        "deactivated",
        "edited",
        "shipped",
        "redeemed",
        "wrong_try",
        "activated",
        "exported",
        "made",
    ]
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)
    told = {entry["kind"]: entry for entry in entries}
    assert told["made"]["text"] == f"生成（批次 {batch['code']}）"
    assert told["exported"]["text"] == "导出（含密码）"
    assert told["edited"]["text"] == "修改：名称 卡 → 新卡"
    assert "礼盒" in told["redeemed"]["text"]
    assert order["number"] in told["redeemed"]["text"]
    assert "SF1234567890" in told["shipped"]["text"]
    by_staff = ("made", "exported", "activated", "edited", "deactivated", "shipped")
    assert {told[kind]["by"] for kind in by_staff} == {"店主"}
    assert {told[kind]["address"] for kind in ("activated", "edited", "exported", "deactivated")} == {"127.0.0.1"}
    assert told["wrong_try"]["address"] == "127.0.0.1"
    assert (told["redeemed"]["by"], told["wrong_try"]["by"]) == ("顾客", "顾客")
    assert told["activated"]["job_id"] is None
    assert told["edited"]["job_id"] is not None
    assert [one["number"] for one in page["orders"]] == [order["number"]]
    assert card.password not in str(page)
    assert wrong["password"] not in str(page)


async def test_without_the_orders_permission_no_receiver_is_told(shop: Shop) -> None:
    product = await shop.product()
    async with desk.at(shop) as staff, desk.at(shop, "orders") as without:
        await staff.make(quantity=1, product_ids=[product.id])
        [card] = await staff.printed()
        ok(await desk.redeem(shop, card, product.id), 201)
        page = await page_of(without, card.number)
        assert page["orders"] == []
        assert page["entries"][0]["kind"] == "redeemed"
        assert not any(word in str(page) for word in ("张三", "13812345678", "文三路"))
        assert (await page_of(staff, card.number))["orders"][0]["receiver"]["name"] == "张三"


async def test_who_may_not_see_a_card_sees_no_history(shop: Shop, other_shop: Shop) -> None:
    async with desk.at(shop) as staff, desk.at(shop, "cards") as without, desk.at(other_shop) as foreign:
        await staff.make(quantity=2)
        await staff.do("void", serial_from=2)
        await staff.do("delete")
        [left] = await staff.cards()
        gone = (await desk.rows(shop))[1].id
        path = "/api/m/reports/cards"
        assert code(await without.client.get(f"{path}/{left['id']}")) == "permission_missing"
        assert code(await foreign.client.get(f"{path}/{left['id']}")) == "card_not_found"
        assert code(await staff.client.get(f"{path}/{gone}")) == "card_not_found"


async def test_wrong_tries_are_told_of_the_card_they_meant(shop: Shop) -> None:
    """Look-alikes mean the same card; a number that there is not tells nothing of any card."""
    async with desk.at(shop) as staff:
        await staff.import_table(table([("LO01A", "123456"), ("LO02A", "123456")]))
        for typed in ("l0-oi a", "1001A", "LO01A", "LO03A"):
            assert code(await desk.check(shop, Card(typed, "999999"))) == "card_or_password_wrong"
        first, second = [await page_of(staff, number) for number in ("LO01A", "LO02A")]
    assert [entry["kind"] for entry in first["entries"]].count("wrong_try") == 3
    assert [entry["kind"] for entry in second["entries"]] == ["made"]
    assert second["entries"][0]["text"].startswith("导入")


async def test_each_card_of_a_scattered_set_has_its_own_history(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row of history for many cards: those among them are told of, those between them are not."""
    for name, value in {"CHUNK": 12, "SPAN": 30, "_MOST_RUNS": 4, "_SCATTERED": 5}.items():
        monkeypatch.setattr(changing, name, value)
    async with desk.at(shop) as staff:
        await staff.make(quantity=60, status="inactive")
        for serial in range(2, 61, 3):
            [card] = await staff.cards(serial_from=serial, serial_to=serial)
            ok(await staff.client.post(f"/api/m/cards/{card['id']}/status", json={"action": "activate"}))
        job = await staff.do("edit", {"remark": "已激活的"}, status="active")
        assert job["result"]["changed"] == 20
        await staff.do("void", serial_from=20, serial_to=40)
        cards = await staff.cards()
        for card in cards[::4] + cards[::7]:
            serial = card["serial"]
            expected = ["made"]
            expected += ["activated", "edited"] if serial % 3 == 2 else []
            expected += ["voided"] if 20 <= serial <= 40 else []
            assert [entry["kind"] for entry in await staff.history(card["id"])][::-1] == expected, serial
    scattered = [change for change in await desk.changes(shop, job["id"]) if change.members is not None]
    assert scattered
    held = sorted(serial for change in scattered for serial in BitMap64.deserialize(change.members or b""))
    assert set(held) <= set(range(2, 61, 3))


async def test_the_values_before_are_kept_for_every_kind_of_set(shop: Shop) -> None:
    """What the job changed can be told later, card by card: names, dates, products, distributor, state."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=3, name="甲", remark="一")
        await staff.make(quantity=3, name="乙")
        job = await staff.do("edit", {"name": "丙"})
        await staff.do("void", serial_from=2, serial_to=5)
        await staff.do("restore", serial_from=2, serial_to=2)
        texts = {
            card["serial"]: [entry["text"] for entry in await staff.history(card["id"])][::-1][1:]
            for card in await staff.cards()
        }
    assert texts == {
        1: ["修改：名称 甲 → 丙"],
        2: ["修改：名称 甲 → 丙", "作废", "恢复"],
        3: ["修改：名称 甲 → 丙", "作废"],
        4: ["修改：名称 乙 → 丙", "作废"],
        5: ["修改：名称 乙 → 丙", "作废"],
        6: ["修改：名称 乙 → 丙"],
    }
    edits = await desk.changes(shop, job["id"])
    assert [(change.first_serial, change.last_serial, change.count) for change in edits] == [(1, 3, 3), (4, 6, 3)]
    voids = [change for change in await desk.changes(shop) if change.action == "voided"]
    assert {change.before["status"] for change in voids} == {"active"}


async def test_the_job_keeps_what_explains_it(shop: Shop) -> None:
    """The filter, the set and the counts are still there when the cards have changed since."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=5)
        job = await staff.do("void", serial_from=2, serial_to=4)
        await staff.do("delete")

    async def work(session: Session) -> tuple[Any, Any]:
        row = (await session.scalars(select(JobRow).where(JobRow.merchant_id == shop.id, JobRow.id == job["id"]))).one()
        query = select(CardSelection).where(CardSelection.merchant_id == shop.id, CardSelection.job_id == job["id"])
        return row, (await session.scalars(query)).one()

    row, selection = await shop.run(work)
    assert row.input["filter"] == selection.filter == {"serial_from": 2, "serial_to": 4}
    assert list(BitMap64.deserialize(selection.serials)) == [2, 3, 4]
    assert (selection.count, selection.will_change, selection.findings) == (3, 3, [])
    assert (row.created_by, row.address, row.staff_id) == ("店主", "127.0.0.1", shop.owner_id)
