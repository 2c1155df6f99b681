"""Spec D and E over HTTP: making cards, their list, their states, their export."""

import datetime as dt
import io
import re
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from tests.factories.shops import PASSWORD, Shop, key
from tihuo.audit import service as audit
from tihuo.cards import service as cards
from tihuo.cards.models import CardSelection
from tihuo.db import now
from tihuo.jobs.schemas import JobView


async def made(
    client: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str] | None = None
) -> httpx.Response:
    return await client.post("/api/m/batches", json=body, headers=headers or key())


async def ready(shop: Shop, client: httpx.AsyncClient, response: httpx.Response) -> dict[str, Any]:
    """The batch that was asked for, when its job has ended."""
    assert response.status_code == 201, response.text
    asked = response.json()
    assert (asked["batch"]["status"], asked["batch"]["job_id"]) == ("making", asked["job"]["id"])
    job = await shop.finished(asked["job"]["id"])
    assert job.status == "done", job
    batch: dict[str, Any] = (await client.get(f"/api/m/batches/{asked['batch']['id']}")).json()
    assert batch["status"] == "ready"
    return batch


def field(response: httpx.Response) -> tuple[str, str]:
    assert response.status_code == 422, response.text
    first = response.json()["error"]["data"]["fields"][0]
    assert response.json()["error"]["message"] == first["message"]
    return first["field"], first["message"]


async def numbers(client: httpx.AsyncClient, batch: dict[str, Any]) -> list[str]:
    found: list[str] = []
    after: int | None = None
    while True:
        params = {"batch_id": batch["id"], "limit": 200, **({"after": after} if after else {})}
        page = (await client.get("/api/m/cards", params=params)).json()
        found += [card["number"] for card in page["items"]]
        after = page["next"]
        if after is None:
            return sorted(found)


async def test_quick_create_takes_products_and_quantity_alone(shop: Shop) -> None:
    product = await shop.product("苹果")
    async with await shop.staff() as staff:
        batch = await ready(shop, staff, await made(staff, {"product_ids": [product.id], "quantity": 3}))
        assert (batch["quantity"], batch["first_serial"], batch["last_serial"]) == (3, 1, 3)
        assert batch["products"] == [{"id": product.id, "name": "苹果"}]
        cards = (await staff.get("/api/m/cards", params={"batch_id": batch["id"]})).json()
    assert cards["count"] == {"value": 3, "exact": True}
    assert {card["status"] for card in cards["items"]} == {"inactive"}
    assert all(re.fullmatch(r"[1-9]\d{7}", card["number"]) for card in cards["items"])


async def test_start_number_10000_gives_10001_first(shop: Shop) -> None:
    product = await shop.product()
    body = {"product_ids": [product.id], "quantity": 2, "start_number": 10000, "number_length": 3}
    async with await shop.staff() as staff:
        batch = await ready(shop, staff, await made(staff, body))
        assert await numbers(staff, batch) == ["10001", "10002"]
        again = await ready(shop, staff, await made(staff, {**body, "prefix": "Z"}))
    assert (again["first_number"], again["last_number"]) == ("Z10001", "Z10002")


async def test_prefix_a588_with_length_8_gives_a588_and_eight_digits(shop: Shop) -> None:
    product = await shop.product()
    body = {"product_ids": [product.id], "quantity": 5, "prefix": "A588", "number_length": 8}
    async with await shop.staff() as staff:
        first = await ready(shop, staff, await made(staff, body))
        assert await numbers(staff, first) == [f"A588{value:08d}" for value in range(1, 6)]
        second = await ready(shop, staff, await made(staff, body))
        assert second["first_number"] == "A58800000006"
        scattered = await ready(shop, staff, await made(staff, {**body, "order": "random", "quantity": 50}))
        drawn = await numbers(staff, scattered)
    assert len(set(drawn)) == 50
    assert all(re.fullmatch(r"A588\d{8}", number) for number in drawn)


@pytest.mark.parametrize(
    ("changed", "name", "remedy"),
    [
        ({"prefix": "0A"}, "prefix", "第一位不能是数字 0"),
        ({"prefix": "A卡"}, "prefix", "只能用字母和数字"),
        ({"prefix": "A#1"}, "prefix", "只能用字母和数字"),
        ({"prefix": "A234567890123"}, "prefix", "最多 12 位"),
        ({"number_length": 3, "quantity": 1000}, "quantity", "请加大卡号长度"),
        ({"prefix": "A", "number_length": 3, "quantity": 1000}, "quantity", "还能生成 999 个卡号"),
        ({"number_length": 3, "quantity": 1000, "order": "random"}, "quantity", "请加大卡号长度"),
        ({"start_number": 10, "order": "random"}, "start_number", "改为顺序生成"),
        ({"start_number": -1}, "start_number", "起始号不能小于 0"),
        ({"quantity": 0}, "quantity", "生成数量不能小于 1"),
        ({"quantity": 1_000_001}, "quantity", "生成数量不能大于 1000000"),
        ({"quantity": "many"}, "quantity", "生成数量须为整数"),
        ({"quantity": 1.5}, "quantity", "生成数量须为整数"),
        ({"password_length": 5}, "password_length", "密码长度不能小于 6"),
        ({"password_alphabet": "emoji"}, "password_alphabet", "密码规则须为以下之一"),
        ({"product_ids": []}, "product_ids", "对应商品至少选 1 项"),
        ({"product_ids": [2**53 - 1]}, "product_ids", "对应商品"),
        ({"product_ids": ["x"]}, "product_ids.0", "须为整数"),
        ({"valid_from": "2030-02-01", "valid_until": "2030-01-31"}, "valid_until", "不能早于有效期开始"),
        ({"valid_until": "2030-02-30"}, "valid_until", "有效期结束须为日期"),
        ({"face_value_fen": -1}, "face_value_fen", "卡券面值不能小于 0"),
        ({"uses": 0}, "uses", "可提次数不能小于 1"),
        ({"uses": 101}, "uses", "可提次数不能大于 100"),
        ({"distributor_id": 2**53 - 1}, "distributor_id", "没有这个券商"),
        ({"colour": "red"}, "colour", "不认识的字段"),
    ],
)
async def test_a_wrong_field_is_named_with_its_remedy_and_no_card_is_made(
    shop: Shop, changed: dict[str, Any], name: str, remedy: str
) -> None:
    product = await shop.product()
    async with await shop.staff() as staff:
        response = await made(staff, {"product_ids": [product.id], "quantity": 1, **changed})
        found, message = field(response)
        assert found == name
        assert remedy in message
        for path in ("batches", "jobs", "cards"):
            assert (await staff.get(f"/api/m/{path}")).json()["items"] == [], path
    assert (await shop.batch(1)).first_serial == 1


async def test_another_merchants_product_can_not_be_bound(shop: Shop, other_shop: Shop) -> None:
    foreign = await other_shop.product()
    async with await shop.staff() as staff:
        found, _ = field(await made(staff, {"product_ids": [foreign.id], "quantity": 1}))
    assert found == "product_ids"


async def test_a_start_number_in_use_is_refused_with_one_that_is_free(shop: Shop) -> None:
    product = await shop.product()
    body = {"product_ids": [product.id], "quantity": 10, "start_number": 10000}
    async with await shop.staff() as staff:
        await ready(shop, staff, await made(staff, body))
        _, message = field(await made(staff, {**body, "start_number": 10005}))
        assert "10006" in message
        suggested = re.search(r"换一个起始号（如 (\d+)）", message)
        assert suggested is not None
        await ready(shop, staff, await made(staff, {**body, "start_number": int(suggested[1])}))


async def test_a_number_is_unique_whatever_prefix_it_came_from(shop: Shop) -> None:
    """`1` + 0000002 and 10000002 read the same: the later batch steps around it."""
    product = await shop.product()
    async with await shop.staff() as staff:
        prefixed = {"product_ids": [product.id], "quantity": 3, "prefix": "1", "number_length": 7}
        first = await ready(shop, staff, await made(staff, prefixed))
        second = await ready(shop, staff, await made(staff, {"product_ids": [product.id], "quantity": 3}))
        drawn = await numbers(staff, first) + await numbers(staff, second)
    assert len(set(drawn)) == 6


async def test_random_numbers_in_a_full_range_end(shop: Shop) -> None:
    product = await shop.product()
    body = {"product_ids": [product.id], "prefix": "R", "number_length": 3, "order": "random"}
    async with await shop.staff() as staff:
        await ready(shop, staff, await made(staff, {**body, "quantity": 990}))
        last = await ready(shop, staff, await made(staff, {**body, "quantity": 9}))
        assert len(await numbers(staff, last)) == 9
        _, message = field(await made(staff, {**body, "quantity": 1}))
    assert "还能生成 0 个卡号" in message


async def test_the_same_key_makes_one_batch(shop: Shop) -> None:
    product = await shop.product()
    headers, body = key(), {"product_ids": [product.id], "quantity": 2}
    async with await shop.staff() as staff:
        answers = [(await made(staff, body, headers)).json() for _ in range(2)]
        assert answers[0]["batch"]["id"] == answers[1]["batch"]["id"]
        assert answers[0]["job"]["id"] == answers[1]["job"]["id"]
        await shop.finished(answers[0]["job"]["id"])
        # Long after the job has ended the same request still means the same batch.
        late = (await made(staff, body, headers)).json()
        assert (late["batch"]["id"], late["batch"]["status"]) == (answers[0]["batch"]["id"], "ready")
        assert late["job"]["id"] == answers[0]["job"]["id"]
        other = await made(staff, {**body, "quantity": 3}, headers)
        assert other.json()["error"]["code"] == "idempotency_key_reused"
        assert (await staff.get("/api/m/cards")).json()["count"]["value"] == 2
        assert len((await staff.get("/api/m/batches")).json()["items"]) == 1


async def test_serials_run_on_through_batches(shop: Shop) -> None:
    first, second = await shop.batch(3), await shop.batch(2)
    assert (first.first_serial, first.last_serial) == (1, 3)
    assert (second.first_serial, second.last_serial) == (4, 5)


async def test_filters_find_what_they_say(shop: Shop) -> None:
    active, inactive = await shop.batch(4), await shop.batch(3, status="inactive", prefix="X")
    wanted: list[tuple[dict[str, Any], int]] = [
        ({}, 7),
        ({"batch_id": active.id}, 4),
        ({"status": "inactive"}, 3),
        ({"number": "x"}, 3),
        ({"number": inactive.first_number}, 1),
        ({"serial_from": 2, "serial_to": 5}, 4),
        ({"serial_from": 2, "serial_to": 5, "status": "active"}, 3),
        ({"redeemed": "true"}, 0),
        ({"redeemed": "false", "status": "active"}, 4),
        ({"number": "%"}, 0),
        ({"number": "卡"}, 0),
    ]
    async with await shop.staff() as staff:
        for params, count in wanted:
            page = (await staff.get("/api/m/cards", params=params)).json()
            assert (page["count"]["value"], len(page["items"])) == (count, count), params


async def test_pages_hold_every_card_once(shop: Shop) -> None:
    batch = await shop.batch(23)
    async with await shop.staff() as staff:
        found: list[int] = []
        after: int | None = None
        for _ in range(10):
            params = {"batch_id": batch.id, "limit": 5, **({"after": after} if after else {})}
            page = (await staff.get("/api/m/cards", params=params)).json()
            found += [card["serial"] for card in page["items"]]
            after = page["next"]
            if after is None:
                break
    assert found == list(range(23, 0, -1))


async def test_a_card_goes_through_its_states(shop: Shop) -> None:
    await shop.batch(1, status="inactive")
    async with await shop.staff() as staff:
        card = (await staff.get("/api/m/cards")).json()["items"][0]
        url = f"/api/m/cards/{card['id']}/status"
        for action, status in [
            ("activate", "active"),
            ("void", "void"),
            ("restore", "active"),
            ("deactivate", "inactive"),
            ("void", "void"),
            ("restore", "inactive"),
        ]:
            changed = (await staff.post(url, json={"action": action})).json()
            assert changed["status"] == status, action
        for action in ("deactivate", "restore"):
            response = await staff.post(url, json={"action": action})
            assert response.status_code == 409
            assert response.json()["error"]["code"] == "card_action_refused"


async def looked_at(client: httpx.AsyncClient, action: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """The dry run of an action on what a filter finds."""
    response = await client.post("/api/m/cards/selections", json={"filter": wanted, "action": action})
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


async def applied(client: httpx.AsyncClient, selection: dict[str, Any], expected: int) -> httpx.Response:
    return await client.post(f"/api/m/cards/selections/{selection['id']}/apply", json={"expected": expected})


async def test_an_action_on_all_found_changes_just_what_was_confirmed(shop: Shop) -> None:
    """A dry run changes nothing and says what would be; then those cards, that many, and no other."""
    batch, other = await shop.batch(5, status="inactive"), await shop.batch(5, status="inactive")
    chosen = {"serial_from": batch.first_serial + 1, "serial_to": batch.first_serial + 3}
    async with await shop.staff() as staff:
        dry = await looked_at(staff, "activate", chosen)
        assert (dry["count"], dry["will_change"], dry["unchanged"]) == (3, 3, [])
        wrong = await applied(staff, dry, 4)
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (409, "selection_differs")
        assert wrong.json()["error"]["data"] == {"count": 3}
        assert (await staff.get("/api/m/cards", params={"status": "active"})).json()["count"]["value"] == 0
        right = await applied(staff, dry, 3)
        assert right.status_code == 201, right.text
        job = await shop.finished(right.json()["id"])
        assert (job.status, job.result) == ("done", {"changed": 3, "unchanged": []})
        # Confirmed twice: the same job, and nothing more is done.
        assert (await applied(staff, dry, 3)).json()["id"] == job.id
        whole = await looked_at(staff, "activate", {"batch_id": batch.id})
        assert (whole["count"], whole["will_change"]) == (5, 2)
        stayed = {"code": "already_active", "message": "已经是激活状态", "count": 3}
        assert whole["unchanged"] == [stayed]
        job = await shop.finished((await applied(staff, whole, 2)).json()["id"])
        assert job.result == {"changed": 2, "unchanged": [stayed]}
        active = (await staff.get("/api/m/cards", params={"status": "active"})).json()
        assert {card["batch"]["id"] for card in active["items"]} == {batch.id}
        assert active["count"]["value"] == 5
        left = (await staff.get("/api/m/cards", params={"batch_id": other.id, "status": "inactive"})).json()
        assert left["count"]["value"] == 5
        nothing = await looked_at(staff, "activate", {"batch_id": batch.id})
        refused = await applied(staff, nothing, 1)
        assert refused.json()["error"]["code"] == "nothing_to_change"
    entries = await shop.run(lambda session: audit.newest(session, shop.id, 1))
    assert (entries[0].action, entries[0].staff_id) == ("activated", shop.owner_id)
    assert {name: entries[0].data[name] for name in ("job_id", "selected", "changed", "unchanged")} == {
        "job_id": job.id,
        "selected": 5,
        "changed": 2,
        "unchanged": 3,
    }


async def test_a_dry_run_that_nobody_confirmed_is_forgotten_and_one_that_was_is_kept(shop: Shop) -> None:
    """A job's selection says to which cards it was done, for as long as there is the job."""
    batch = await shop.batch(2)
    async with await shop.staff() as staff:
        wanted = {"batch_id": batch.id}
        used, left, fresh = [await looked_at(staff, "deactivate", wanted) for _ in range(3)]
        job_id = (await applied(staff, used, 2)).json()["id"]
        await shop.finished(job_id)
        aged = update(CardSelection).where(
            CardSelection.merchant_id == shop.id, CardSelection.id.in_([used["id"], left["id"]])
        )
        month_ago = now() - dt.timedelta(days=30)
        await shop.run(lambda session: session.execute(aged.values(created_at=month_ago)))
        assert (await applied(staff, left, 2)).json()["error"]["code"] == "selection_expired"
        while await shop.run(lambda session: cards.forget_selections(session, now() - dt.timedelta(days=7))):
            pass
        assert (await applied(staff, left, 2)).json()["error"]["code"] == "selection_not_found"
        assert (await applied(staff, used, 2)).json()["id"] == job_id
        assert (await applied(staff, fresh, 2)).status_code == 201


async def exported(shop: Shop, client: httpx.AsyncClient, columns: list[str], wanted: dict[str, Any]) -> JobView:
    """The job of an export that holds passwords, when it is done."""
    body = {"filter": wanted, "columns": columns, "password": PASSWORD}
    response = await client.post("/api/m/cards/exports", json=body)
    assert response.status_code == 201, response.text
    job = await shop.finished(response.json()["id"])
    assert job.status == "done", job
    return job


async def test_the_export_holds_numbers_passwords_and_links(shop: Shop) -> None:
    product = await shop.product()
    batch = await shop.batch(3, product_ids=[product.id], name="=1+1", face_value_fen=12345, remark="@cmd")
    printed = await shop.printed(batch)
    columns = ["serial", "number", "password", "link", "name", "face_value", "remark"]
    async with await shop.staff() as staff:
        job = await exported(shop, staff, columns, {"batch_id": batch.id})
        response = await staff.post(f"/api/m/jobs/{job.id}/file")
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("application/vnd.openxmlformats")
        again = await staff.post(f"/api/m/jobs/{job.id}/file")
        assert (again.status_code, again.json()["error"]["code"]) == (410, "file_gone")
    sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    assert head == ("卡序号", "卡号", "密码", "提货链接", "卡券名称", "面值（元）", "备注")
    assert [(row[1], row[2]) for row in rows] == [(card.number, card.password) for card in printed]
    assert rows[0][3] == f"{shop.app.context.settings.origin}/c/{shop.slug}/{printed[0].number}"
    assert (rows[0][4], rows[0][5], rows[0][6]) == ("=1+1", 123.45, "@cmd")
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert all(card.password not in str(rows[0][3]) for card in printed)
    assert (job.result["count"], job.result["first_number"]) == (3, printed[0].number)


async def test_the_export_wants_the_password_again_and_is_on_record(shop: Shop) -> None:
    """Asking for it is on record, and its doing is in each card's history. No password: no job."""
    batch = await shop.batch(1)
    body = {"filter": {"batch_id": batch.id}, "columns": ["number", "password"]}
    async with await shop.staff() as staff:
        wrong = await staff.post("/api/m/cards/exports", json={**body, "password": "not it"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "password_wrong")
        missing = await staff.post("/api/m/cards/exports", json=body)
        assert (missing.status_code, missing.json()["error"]["code"]) == (403, "password_asked")
        nothing = await staff.post(
            "/api/m/cards/exports", json={**body, "filter": {"number": "NONE"}, "password": PASSWORD}
        )
        assert nothing.json()["error"]["code"] == "nothing_to_export"
        kinds = [job["kind"] for job in (await staff.get("/api/m/jobs")).json()["items"]]
        assert kinds == ["make_cards"]
        job = await exported(shop, staff, ["number", "password"], {"batch_id": batch.id})
        card_id = (await staff.get("/api/m/cards")).json()["items"][0]["id"]
        history = (await staff.get(f"/api/m/reports/cards/{card_id}")).json()["entries"]

    entries = await shop.run(lambda session: audit.newest(session, shop.id, 10))
    asked = next(entry for entry in entries if entry.action == "asked_for_export")
    assert (asked.data["job_id"], asked.data["count"], asked.staff_id) == (job.id, 1, shop.owner_id)
    assert "password" in asked.data["columns"]
    told = next(entry for entry in history if entry["kind"] == "exported")
    assert (told["job_id"], told["by"], told["text"]) == (job.id, "店主", "导出（含密码）")


async def test_lists_never_show_passwords(shop: Shop) -> None:
    (card,) = await shop.cards(1)
    async with await shop.staff() as staff:
        found = (await staff.get("/api/m/cards")).json()["items"][0]["id"]
        paths = ("cards", f"cards/{found}", f"reports/cards/{found}", "batches", "jobs", "home")
        for path in (f"/api/m/{name}" for name in paths):
            text = (await staff.get(path)).text
            assert card.password not in text, path
            assert "mac" not in text, path
