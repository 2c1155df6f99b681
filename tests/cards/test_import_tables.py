"""Imports: the template, the checks, the report, all or nothing, and files that mean harm (spec E)."""

import asyncio
import io
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from tests.cards import desk
from tests.cards.desk import Fields, code, ok, rows_of, table
from tests.cards.seeds import seed
from tests.factories.shops import Card, Shop, key
from tests.sheets.books import HEAD, book, compound_file, declare, parts, save, text, worksheet, zeros
from tihuo.cards.jobs import importing, make
from tihuo.db import Session
from tihuo.jobs.models import JobFile
from tihuo.jobs.task import Task

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def uploads(shop: Shop) -> list[JobFile]:
    """What became of the files that were uploaded, oldest first."""

    async def work(session: Session) -> list[JobFile]:
        query = select(JobFile).where(JobFile.merchant_id == shop.id, JobFile.purpose == "upload").order_by(JobFile.id)
        return list(await session.scalars(query))

    found: list[JobFile] = await shop.run(work)
    return found


async def erased(shop: Shop) -> None:
    """Wait until every uploaded file is out of the store: that is the last thing that a job does."""
    folder = shop.app.context.settings.data_dir / "files"
    async with asyncio.timeout(10):
        while True:
            if all(row.erased_at and not (folder / row.store_key).exists() for row in await uploads(shop)):
                return
            await asyncio.sleep(0.02)


async def nothing_left(shop: Shop) -> bool:
    """Whether there is no card and no batch to be seen; waits until no uploaded file is in the store."""
    await erased(shop)
    rows = await desk.rows(shop)
    async with desk.at(shop) as staff:
        batches = ok(await staff.client.get("/api/m/batches"))["items"]
    return not rows and not batches


def complaints(job: Fields) -> list[tuple[int, str]]:
    assert job["status"] == "failed", job
    assert job["error"]["code"] == "import_refused", job["error"]
    return [(row["row"], row["message"]) for row in job["error"]["data"]["rows"]]


async def test_the_template_is_filled_in_and_imported(shop: Shop) -> None:
    """Downloaded, two rows typed in, uploaded: two cards that the storefront knows."""
    async with desk.at(shop) as staff:
        answer = await staff.client.get("/api/m/cards/imports/template")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, XLSX)
        untouched = await staff.import_table(answer.content)
        assert (untouched["status"], untouched["error"]["code"]) == ("failed", "sheet_without_rows")
        filled = load_workbook(io.BytesIO(answer.content))
        sheet = filled.worksheets[0]
        for place, row in enumerate([("a588-0000 0001", " 6283917405 "), ("B77", "kkkkkk")], start=2):
            sheet.cell(place, 1, row[0])
            sheet.cell(place, 2, row[1])
        sheet.cell(3, 1, "B7777")
        out = io.BytesIO()
        filled.save(out)
        job = await staff.import_table(out.getvalue(), name="外来卡", face_value_fen=100, uses=2)
        assert job["status"] == "done", job
        assert job["result"]["quantity"] == 2
        cards = await staff.cards()
        printed = await staff.printed()
    assert [(card["number"], card["name"], card["face_value_fen"], card["uses_left"]) for card in cards[::-1]] == [
        ("A58800000001", "外来卡", 100, 2),
        ("B7777", "外来卡", 100, 2),
    ]
    assert printed == [Card("A58800000001", "6283917405"), Card("B7777", "KKKKKK")]
    for typed in (Card("A58800000001", "6283917405"), Card("b7777", "kkkkkk"), Card("a588 0000-0001", "628 391 7405")):
        assert ok(await desk.check(shop, typed))["state"] == "redeemable"


async def test_some_thousand_rows_are_imported_in_their_order(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """In steps that don't fit the reader's chunks: every row once, its own password, serials in the table's order."""
    monkeypatch.setattr(make, "CHUNK", 700)
    draw = random.Random(seed())
    wanted: dict[str, str] = {}
    while len(wanted) < 3500:
        number = "N" + "".join(draw.choices(LETTERS, k=9))
        wanted[number] = "".join(draw.choices(LETTERS, k=draw.randrange(6, 33)))
    product = await shop.product()
    async with desk.at(shop) as staff:
        job = await staff.import_table(table(list(wanted.items())), product_ids=[product.id])
        assert job["status"] == "done", job
        assert (job["done"], job["total"]) == (3500, 3500)
        [batch] = ok(await staff.client.get("/api/m/batches"))["items"]
        assert (batch["source"], batch["quantity"], batch["prefix"], batch["order"]) == ("imported", 3500, "", None)
        assert (batch["first_serial"], batch["last_serial"]) == (1, 3500)
        assert [batch["first_number"], batch["last_number"]] == [next(iter(wanted)), list(wanted)[-1]]
        assert await staff.printed() == [Card(number, password) for number, password in wanted.items()]
        assert (await staff.page(number="N", limit=1))["items"][0]["serial"] == 3500
    for number in draw.sample(sorted(wanted), 10):
        assert ok(await desk.check(shop, Card(number, wanted[number])))["state"] == "redeemable"
        assert code(await desk.check(shop, Card(number, wanted[number] + "2"))) == "card_or_password_wrong"
    assert (await desk.redeem(shop, Card(number, wanted[number]), product.id)).status_code == 201
    await erased(shop)
    assert len(await uploads(shop)) == 1


BAD: list[tuple[tuple[object, object], str]] = [
    (("", "123456"), "卡号没有填写"),
    (("N100", ""), "密码没有填写"),
    (("N10", "123456"), "卡号须为 4 到 30 位"),
    (("N" * 31, "123456"), "卡号须为 4 到 30 位"),
    (("0123", "123456"), "卡号第一位不能是 0"),
    (("N-卡1", "123456"), "卡号只能用字母和数字"),
    (("N1'; DROP TABLE cards; --", "123456"), "卡号只能用字母和数字"),
    (("N101", "12345"), "密码须为 6 到 32 位"),
    (("N102", "1" * 33), "密码须为 6 到 32 位"),
    (("N103", "密码密码密码"), "密码只能用字母和数字"),
    ((12345678901234567890, "123456"), "末位可能已丢失"),
    ((True, "123456"), "不是文字"),
    (("GOOD2", "123456"), "卡号与第 3 行相同或形似"),
    (("good-2", "123456"), "卡号与第 3 行相同或形似"),
    (("ＧＯＯＤ２", "123456"), "卡号与第 3 行相同或形似"),
    (("GO0D2", "123456"), "卡号与第 3 行相同或形似"),
    (("HAVE1", "123456"), "卡号已存在"),
    (("v0id I", "123456"), "卡号已存在"),
    (("G0NEL", "123456"), "卡号已存在"),
]


async def test_each_kind_of_bad_row_is_named_and_nothing_is_imported(shop: Shop) -> None:
    """The row's number as the user sees it, in the error and in the report; the good rows are not imported either."""
    good: list[tuple[object, ...]] = [("GOOD1", "123456"), ("GOOD2", "123456")]
    async with desk.at(shop) as staff:
        had = await staff.import_table(table([("HAVE1", "111111"), ("VOID1", "111111"), ("GONE1", "111111")]))
        assert had["status"] == "done", had
        await staff.do("void", serial_from=2)
        await staff.do("delete", serial_from=3)
        job = await staff.import_table(table([*good, *(row for row, _ in BAD), ("GOOD3", "123456")]))
        found = complaints(job)
        assert [row for row, _ in found] == list(range(4, 4 + len(BAD)))
        for (_, words), (_, message) in zip(BAD, found, strict=True):
            assert words in message
        assert f"有 {len(BAD)} 处需要修改，没有导入任何卡" in job["error"]["message"]
        report = await staff.download(job["id"])
        head, *lines = rows_of(report.content)
        assert head == ("行号", "卡号", "需要修改")
        assert [(line[0], line[2]) for line in lines] == found
        assert [made.number for made in await desk.rows(shop)] == ["HAVE1", "VOID1", "GONE1"]
        again = await staff.import_table(table(good))
        assert again["status"] == "done"
        assert again["result"]["first_number"] == "GOOD1"
    await erased(shop)


@pytest.mark.parametrize("row", [("GOOD1", "123456"), ("HAVE1", "123456"), ("N100", "12345")])
async def test_one_bad_row_is_enough(shop: Shop, row: tuple[str, str]) -> None:
    """In the file, in the merchant's cards, in itself: nothing of a table with such a row is imported."""
    async with desk.at(shop) as staff:
        await staff.import_table(table([("HAVE1", "111111")]))
        job = await staff.import_table(table([("GOOD1", "123456"), ("GOOD2", "123456"), row]))
        assert [found for found, _ in complaints(job)] == [4]
        assert [made.number for made in await desk.rows(shop)] == ["HAVE1"]


async def test_all_bad_rows_are_in_the_report_and_the_first_in_the_answer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SHOWN", 3)
    rows: list[tuple[object, ...]] = [
        ("N10", "1"),
        *((f"N{value:05d}", "123456") for value in range(2500)),
        ("0999", ""),
    ]
    rows += [("N00003", "123456")] * 3
    async with desk.at(shop) as staff:
        job = await staff.import_table(table(rows))
        assert job["error"]["data"]["count"] == 7
        assert [row for row, _ in complaints(job)] == [2, 2, 2503]
        lines = rows_of((await staff.download(job["id"])).content)[1:]
        # Not for its exporter alone, and as often as wanted: it holds no password.
        assert (await staff.download(job["id"])).status_code == 200
    assert [line[0] for line in lines] == [2, 2, 2503, 2503, 2504, 2505, 2506]
    assert all("第 6 行" in line[2] for line in lines[4:])
    assert await nothing_left(shop)


def formula(path: Path) -> Path:
    return book(path, HEAD + '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>')


def links_elsewhere(path: Path) -> Path:
    return save(
        path,
        parts({"卡券": worksheet(HEAD + f'<row r="2">{text("A2", "N100")}{text("B2", "123456")}</row>')})
        | {"xl/externalLinks/externalLink1.xml": "<externalLink/>"},
    )


def seventeen_billion_cells(path: Path) -> Path:
    return book(path, HEAD + f'<row r="1048576">{text("XFD1048576", "x")}</row>')


def wrong_template(path: Path) -> Path:
    path.write_bytes(table([("N100", "123456")], head=("编号", "口令")))
    return path


def written(content: bytes) -> Callable[[Path], Path]:
    def make_file(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return make_file


HOSTILE: dict[str, tuple[Callable[[Path], Path], set[str]]] = {
    "zip bomb": (lambda path: zeros(path, 1500, 1500 * 1024 * 1024), {"sheet_inflates_too_far"}),
    "zip bomb that lies": (lambda path: zeros(path, 1500, 1000), {"sheet_inflates_too_far", "sheet_damaged"}),
    "17 billion cells": (seventeen_billion_cells, {"sheet_too_wide"}),
    "formula": (formula, {"cell_is_formula"}),
    "external link": (links_elsewhere, {"sheet_links_elsewhere"}),
    "wrong template": (wrong_template, {"sheet_columns_missing"}),
    "encrypted": (lambda path: compound_file(path, "EncryptedPackage"), {"sheet_encrypted"}),
    "old xls": (lambda path: compound_file(path, "Workbook"), {"sheet_old_xls"}),
    "renamed text": (written("卡号,密码\nN100,123456\n".encode()), {"sheet_not_xlsx"}),
    "nothing": (written(b""), {"sheet_not_xlsx", "sheet_damaged"}),
    "cut off": (written(table([("N100", "123456")])[:900]), {"sheet_damaged", "sheet_not_xlsx"}),
    "wrongly declared": (
        lambda path: declare(
            book(path, HEAD + f'<row r="2">{text("A2", "N100")}</row>'), "xl/worksheets/sheet1.xml", 2**31
        ),
        {"sheet_inflates_too_far", "sheet_damaged"},
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_file_gets_a_sentence_and_harms_nobody(shop: Shop, tmp_path: Path, kind: str) -> None:
    """Over HTTP: the job says what is wrong and what to do; the server goes on, and nothing is kept."""
    build, codes = HOSTILE[kind]
    content = build(tmp_path / "hostile.xlsx").read_bytes()
    async with desk.at(shop) as staff:
        job = await staff.import_table(content)
        assert job["status"] == "failed"
        assert job["error"]["code"] in codes, job["error"]
        assert any(remedy in job["error"]["message"] for remedy in ("请", "上传")), job["error"]
        assert (await staff.client.get("/healthz")).status_code == 200
        assert await nothing_left(shop)
        good = await staff.import_table(table([("AFTER1", "123456")]))
        assert good["status"] == "done"


@pytest.mark.parametrize(("declared", "megabytes"), [(True, 100), (False, 100)], ids=["length_named", "in_chunks"])
async def test_an_upload_of_a_hundred_megabytes_is_refused(shop: Shop, declared: bool, megabytes: int) -> None:
    """By the length that is named, and by what comes where none is; nothing of it is kept."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(megabytes):
            yield bytes(2**20)

    headers = {"Content-Length": str(megabytes * 2**20)} if declared else {}
    async with desk.at(shop) as staff:
        answer = await staff.client.post("/api/m/cards/imports/files", content=chunks(), headers=headers)
        assert (answer.status_code, code(answer)) == (413, "body_too_large")
        assert "64 MB" in answer.json()["error"]["message"]
        assert await uploads(shop) == []
        assert (await staff.import_table(table([("AFTER1", "123456")])))["status"] == "done"


async def test_an_uploaded_file_serves_one_import_of_its_own_merchant(shop: Shop, other_shop: Shop) -> None:
    """A second import, another merchant's, an unknown one, an expired one: each hears that there is no such file."""
    async with desk.at(shop) as staff, desk.at(other_shop) as foreign:
        uploaded = ok(await staff.upload(table([("N100", "123456")])), 201)
        stolen = await foreign.ask_for_import(uploaded["file_id"])
        assert (stolen.status_code, code(stolen)) == (404, "upload_not_found")
        asked = ok(await staff.ask_for_import(uploaded["file_id"]), 201)
        second = await staff.ask_for_import(uploaded["file_id"])
        assert (second.status_code, code(second)) == (404, "upload_not_found")
        assert (await staff.ended(asked["job"]["id"]))["status"] == "done"
        assert code(await staff.ask_for_import(uploaded["file_id"])) == "upload_not_found"
        assert code(await staff.ask_for_import(2**40)) == "upload_not_found"
        export = await staff.export(["number"])
        made = [row for row in await all_files(shop) if row.job_id == export["id"]]
        assert code(await staff.ask_for_import(made[0].id)) == "upload_not_found"
        # What was refused has left no batch and no job behind.
        assert len(ok(await staff.client.get("/api/m/batches"))["items"]) == 1
        assert ok(await foreign.client.get("/api/m/jobs"))["items"] == []


async def all_files(shop: Shop) -> list[JobFile]:
    async def work(session: Session) -> list[JobFile]:
        return list(await session.scalars(select(JobFile).where(JobFile.merchant_id == shop.id)))

    found: list[JobFile] = await shop.run(work)
    return found


async def test_the_same_request_again_imports_once(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        uploaded = ok(await staff.upload(table([("N100", "123456")])), 201)
        body = {"file_id": uploaded["file_id"], "product_ids": [(await shop.product()).id]}
        headers = key()
        answers = [
            ok(await staff.client.post("/api/m/cards/imports", json=body, headers=headers), 201) for _ in range(2)
        ]
        assert answers[0]["batch"]["id"] == answers[1]["batch"]["id"]
        await staff.ended(answers[0]["job"]["id"])
    assert len(await desk.rows(shop)) == 1


async def test_the_uploaded_file_lies_sealed_until_it_was_imported(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        content = table([("N100", "123456")])
        uploaded = ok(await staff.upload(content), 201)
        assert uploaded["size"] == len(content)
        [row] = await uploads(shop)
        kept = shop.app.context.settings.data_dir / "files" / row.store_key
        sealed = kept.read_bytes()
        assert not sealed.startswith(b"PK")
        assert content[:200] not in sealed
        assert (await staff.client.get(f"/files/{row.store_key}")).status_code == 404
        asked = ok(await staff.ask_for_import(uploaded["file_id"]), 201)
        await staff.ended(asked["job"]["id"])
        await erased(shop)
        assert not kept.exists()


async def test_an_import_needs_the_permission(shop: Shop) -> None:
    async with desk.at(shop, "cards") as without:
        for answer in (
            await without.client.get("/api/m/cards/imports/template"),
            await without.upload(table([("N100", "123456")])),
            await without.ask_for_import(1),
        ):
            assert (answer.status_code, code(answer)) == (403, "permission_missing")


async def test_an_import_cancelled_in_its_middle_leaves_neither_cards_nor_file(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until all are there none of its cards is known; cancelled between two steps it is undone, its table erased."""
    monkeypatch.setattr(make, "CHUNK", 700)
    seen: list[Any] = []
    step = Task.step

    async def watched(task: Task, work: Any, **moved: Any) -> Any:
        result = await step(task, work, **moved)
        if task.merchant_id == shop.id and task.done == 1000 and not seen:
            page = await staff.page()
            seen.extend([page["items"], page["count"], code(await desk.check(shop, Card("N00000", "123456")))])
            ok(await staff.client.post(f"/api/m/jobs/{task.id}/cancel"))
        return result

    monkeypatch.setattr(Task, "step", watched)
    async with desk.at(shop) as staff:
        job = await staff.import_table(table([(f"N{value:05d}", "123456") for value in range(2500)]))
    assert seen == [[], {"value": 0, "exact": True}, "card_or_password_wrong"]
    assert (job["status"], job["error"]) == ("cancelled", None)
    assert await nothing_left(shop)
