"""Exports: what is in them, who gets them, how often, and for how long (spec E)."""

import datetime as dt
import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import zxingcpp
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import select, update

from tests.cards import desk
from tests.cards.desk import Desk, code, ok, rows_of
from tests.factories.shops import PASSWORD, Card, Shop, client
from tihuo.audit import service as audit
from tihuo.cards.models import Batch
from tihuo.cards.models import Card as CardRow
from tihuo.cards.service import exporting
from tihuo.db import Session, now
from tihuo.jobs.models import JobFile
from tihuo.jobs.queue import OUTPUT
from tihuo.web.sessions import COOKIE

ALL = {
    "serial": "卡序号",
    "number": "卡号",
    "password": "密码",
    "link": "提货链接",
    "qr_file": "二维码文件",
    "name": "卡券名称",
    "products": "对应商品",
    "face_value": "面值（元）",
    "valid_from": "有效期开始",
    "valid_until": "有效期结束",
    "status": "状态",
    "uses_total": "可提次数",
    "uses_left": "剩余次数",
    "distributor": "券商",
    "batch": "批次号",
    "remark": "备注",
    "made_at": "生成时间",
    "activated_at": "激活时间",
    "redeemed_at": "兑换时间",
}
PLAIN = [name for name in ALL if name not in ("password", "qr_file")]


def clock(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> dt.datetime:
    """What a clock shows, without its zone, as a sheet holds it."""
    return dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC).replace(tzinfo=None)


async def file_of(shop: Shop, job_id: int) -> JobFile:
    async def work(session: Session) -> JobFile:
        query = select(JobFile).where(
            JobFile.merchant_id == shop.id, JobFile.job_id == job_id, JobFile.purpose == OUTPUT
        )
        return (await session.scalars(query)).one()

    found: JobFile = await shop.run(work)
    return found


async def change_file(shop: Shop, file_id: int, **values: Any) -> None:
    async def work(session: Session) -> None:
        await session.execute(
            update(JobFile).where(JobFile.merchant_id == shop.id, JobFile.id == file_id).values(**values)
        )

    await shop.run(work)


def kept(shop: Shop, row: JobFile) -> Path:
    """Where the store keeps a file."""
    return shop.app.context.settings.data_dir / "files" / row.store_key


async def test_columns_come_as_chosen_with_what_the_cards_are(shop: Shop) -> None:
    """Every column, its heading and its value; numbers as numbers, days as days, times as the merchant's clock."""
    apple, pear = await shop.product("苹果"), await shop.product("梨")
    async with desk.at(shop) as staff:
        seller = ok(await staff.client.post("/api/m/distributors", json={"name": "券商甲"}), 201)
        batch = await staff.make(
            quantity=2,
            name="中秋卡",
            face_value_fen=38_850,
            valid_from="2026-01-01",
            valid_until="2099-12-31",
            remark="礼盒",
            uses=3,
            product_ids=[apple.id, pear.id],
            distributor_id=seller["id"],
            status="inactive",
        )
        await staff.do("activate", serial_to=1)
        [first] = await staff.printed(serial_to=1)
        assert (await desk.redeem(shop, first, pear.id)).status_code == 201
        moments = {
            "made_at": dt.datetime(2026, 3, 4, 16, 30, 1, tzinfo=dt.UTC),
            "activated_at": dt.datetime(2026, 3, 5, 15, 59, 59, 999_999, tzinfo=dt.UTC),
            "redeemed_at": dt.datetime(2026, 6, 30, 16, 0, 0, tzinfo=dt.UTC),
        }
        await set_moments(shop, batch["id"], moments)
        job = await staff.export(PLAIN, batch_id=batch["id"])
        content = (await staff.download(job["id"])).content
    head, one, two = rows_of(content)
    assert list(head) == [ALL[name] for name in PLAIN]
    found = dict(zip(PLAIN, one, strict=True))
    assert found == {
        "serial": 1,
        "number": first.number,
        "link": f"{shop.app.context.settings.origin}/c/{shop.slug}/{first.number}",
        "name": "中秋卡",
        "products": "苹果、梨",
        "face_value": 388.5,
        "valid_from": clock(2026, 1, 1),
        "valid_until": clock(2099, 12, 31),
        "status": "已激活",
        "uses_total": 3,
        "uses_left": 2,
        "distributor": "券商甲",
        "batch": batch["code"],
        "remark": "礼盒",
        "made_at": clock(2026, 3, 5, 0, 30, 1),
        "activated_at": clock(2026, 3, 5, 23, 59, 59),
        "redeemed_at": clock(2026, 7, 1, 0, 0, 0),
    }
    other = dict(zip(PLAIN, two, strict=True))
    assert (other["status"], other["uses_left"], other["activated_at"], other["redeemed_at"]) == (
        "未激活",
        3,
        None,
        None,
    )
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    kinds = {name: (cell.data_type, cell.number_format) for name, cell in zip(PLAIN, sheet[2], strict=True)}
    assert kinds["number"] == ("s", "@")
    assert kinds["serial"][0] == kinds["face_value"][0] == "n"
    assert kinds["valid_from"] == ("d", "yyyy-mm-dd")


async def set_moments(shop: Shop, batch_id: int, moments: dict[str, dt.datetime]) -> None:
    async def work(session: Session) -> None:
        await session.execute(
            update(Batch)
            .where(Batch.merchant_id == shop.id, Batch.id == batch_id)
            .values(created_at=moments["made_at"])
        )
        await session.execute(
            update(CardRow)
            .where(CardRow.merchant_id == shop.id, CardRow.serial == 1)
            .values(activated_at=moments["activated_at"], redeemed_at=moments["redeemed_at"])
        )

    await shop.run(work)


async def test_few_columns_are_few_and_in_one_order(shop: Shop) -> None:
    """Whatever order the boxes were ticked in, a printer finds the columns where they always are."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=2)
        job = await staff.export(["link", "number", "serial"])
        rows = rows_of((await staff.download(job["id"])).content)
        assert rows[0] == ("卡序号", "卡号", "提货链接")
        assert [row[0] for row in rows[1:]] == [1, 2]
        for columns in ([], ["colour"], ["serial", "password_mac"]):
            answer = await staff.client.post("/api/m/cards/exports", json={"filter": {}, "columns": columns})
            assert (answer.status_code, code(answer)) == (422, "invalid_request")


async def test_user_text_that_looks_like_a_formula_stays_text(shop: Shop) -> None:
    """In names, remarks, products and distributors: text in its cell, to the character."""
    texts = ["=1+1", '=HYPERLINK("http://evil")', "+1", "-2", "@SUM(A1)", "=cmd|'/c calc'!A0"]
    async with desk.at(shop) as staff:
        for place, text in enumerate(texts):
            product = await shop.product(f"{text} {place}")
            seller = ok(await staff.client.post("/api/m/distributors", json={"name": text}), 201)
            await staff.make(quantity=1, name=text, remark=text, product_ids=[product.id], distributor_id=seller["id"])
        columns = ["name", "products", "distributor", "remark"]
        job = await staff.export(columns)
        content = (await staff.download(job["id"])).content
    rows = rows_of(content)[1:]
    assert rows == [(text, f"{text} {place}", text, text) for place, text in enumerate(texts)]
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} == {"s"}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = b"".join(archive.read(name) for name in archive.namelist() if "worksheets/" in name)
    assert b"<f>" not in parts
    assert b"<hyperlink" not in parts


async def test_the_check_sheet_agrees_with_the_rows(shop: Shop) -> None:
    """Count, first, last and checksum, computed anew by its own recipe; the job's result says the same."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=120, order="random", number_length=6)
        await staff.do("void", serial_from=40, serial_to=59)
        job = await staff.export(["number"], status="active")
        content = (await staff.download(job["id"])).content
    numbers = [number for (number,) in rows_of(content)[1:]]
    assert len(numbers) == 100
    told = dict(rows_of(content, sheet=1))
    digest = hashlib.sha256("".join(f"{number}\n" for number in numbers).encode()).hexdigest()
    assert told["卡券张数"] == 100
    assert (told["第一个卡号"], told["最后一个卡号"]) == (numbers[0], numbers[-1])
    assert told["卡号校验码（SHA-256）"] == digest
    assert job["result"] == {"count": 100, "first_number": numbers[0], "last_number": numbers[-1], "checksum": digest}


@pytest.mark.parametrize("kind", ["png", "svg"])
async def test_pictures_hold_the_links_and_match_the_rows(shop: Shop, kind: str) -> None:
    """A zip: the sheet, and for each row a picture whose name is in the sheet and that a scanner reads."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=6, prefix="QR", number_length=12, order="random")
        job = await staff.export(["serial", "number", "link", "qr_file"], pictures=kind, serial_from=2)
        assert job["file"]["name"] == "卡券-2-6.zip"
        answer = await staff.download(job["id"])
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        rows = rows_of(archive.read("卡券.xlsx"))[1:]
        names = [name for name in archive.namelist() if name.startswith("二维码/")]
        assert names == [f"二维码/{row[3]}" for row in rows]
        assert names == sorted(names)
        assert len(archive.namelist()) == len(rows) + 1 == 6
        for serial, number, link, name in rows:
            assert name == f"{int(serial):08d}_{number}.{kind}"
            content = archive.read(f"二维码/{name}")
            assert read_code(content, kind) == link
            assert number in link


def read_code(content: bytes, kind: str) -> str:
    """What a scanner reads in a picture."""
    image = Image.open(io.BytesIO(content)) if kind == "png" else drawn(content.decode())
    assert min(image.size) >= 200
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1
    return found[0].text


def drawn(svg: str) -> Image.Image:
    """An SVG whose path is all rectangles (M x y h … v … h … Z), drawn with ten dots a unit."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own server wrote it
    assert root.tag.endswith("svg")
    path = next(element for element in root.iter() if element.tag.endswith("path"))
    squares = re.findall(r"M\s*(\d+)[, ]\s*(\d+)\s*h\s*(\d+)\s*v\s*(\d+)\s*h\s*-\d+\s*[zZ]", path.attrib["d"])
    assert squares, path.attrib["d"][:200]
    side = int(root.attrib["width"])
    image = Image.new("L", (side * 10, side * 10), 255)
    for x, y, width, height in squares:
        image.paste(0, (int(x) * 10, int(y) * 10, (int(x) + int(width)) * 10, (int(y) + int(height)) * 10))
    return image


async def test_pictures_need_a_column_to_match_them_by(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        await staff.make(quantity=1)
        for columns, pictures, words in (
            (["name"], "png", "请同时勾选卡号或二维码文件"),
            (["number", "qr_file"], "none", "请选择图片格式"),
        ):
            body = {"filter": {}, "columns": columns, "pictures": pictures}
            answer = await staff.client.post("/api/m/cards/exports", json=body)
            assert answer.status_code == 422
            assert words in answer.json()["error"]["message"]


async def test_passwords_need_their_permission_and_the_login_password(shop: Shop) -> None:
    """Without either there is no job; with both the passwords are the cards' own."""
    product = await shop.product()
    body: dict[str, Any] = {"filter": {}, "columns": ["number", "password"]}
    async with desk.at(shop) as staff, desk.at(shop, "card_passwords") as without:
        await staff.make(quantity=3, product_ids=[product.id])
        refused = await without.client.post("/api/m/cards/exports", json={**body, "password": PASSWORD})
        assert (refused.status_code, code(refused)) == (403, "permission_missing")
        assert code(await staff.client.post("/api/m/cards/exports", json=body)) == "password_asked"
        wrong = await staff.client.post("/api/m/cards/exports", json={**body, "password": "guess"})
        assert (wrong.status_code, code(wrong)) == (403, "password_wrong")
        kinds = [job["kind"] for job in ok(await staff.client.get("/api/m/jobs"))["items"]]
        assert kinds == ["make_cards"]
        job = await staff.export(["number", "password"])
        assert job["permission"] == "card_passwords"
        assert job["title"] == "导出 3 张卡（含密码）"
        assert PASSWORD not in str(job)
        answer = await without.client.post(f"/api/m/jobs/{job['id']}/file")
        assert (answer.status_code, code(answer)) == (404, "job_not_found")
        rows = rows_of((await staff.download(job["id"])).content)[1:]
        for number, password in rows:
            assert ok(await desk.check(shop, Card(number, password)))["state"] == "redeemable"
        # Without passwords the others' permission is enough.
        assert (await without.exported(["number"])) == [(number,) for number, _ in rows]


async def test_an_export_is_on_record_and_in_the_cards_history(shop: Shop) -> None:
    """Who, when, from where, what filter, which columns, which cards, with passwords or not."""
    async with desk.at(shop) as staff:
        batch = await staff.make(quantity=4)
        await staff.do("void", serial_from=2, serial_to=2)
        secret = await staff.export(["password", "number"], status="active")
        plain = await staff.export(["number"], batch_id=batch["id"])
        entries = await shop.run(lambda session: audit.newest(session, shop.id))
        asked = {entry.data["job_id"]: entry for entry in entries if entry.action == "asked_for_export"}
        assert asked[secret["id"]].data == {
            "job_id": secret["id"],
            "filter": {"status": "active"},
            "columns": ["number", "password"],
            "count": 3,
            "first_serial": 1,
            "last_serial": 4,
        }
        assert asked[plain["id"]].data["filter"] == {"batch_id": batch["id"]}
        assert {(entry.name, entry.address) for entry in asked.values()} == {("店主", "127.0.0.1")}
        cards = {card["serial"]: card["id"] for card in await staff.cards()}
        exported = {
            serial: [entry["text"] for entry in await staff.history(card_id) if entry["kind"] == "exported"]
            for serial, card_id in cards.items()
        }
    assert exported == {serial: ["导出（不含密码）", "导出（含密码）"] for serial in (1, 3, 4)} | {
        2: ["导出（不含密码）"]
    }


async def test_a_file_with_passwords_lies_sealed_and_is_given_once(shop: Shop) -> None:
    """In the store there is no number, no password and no sheet; the link serves once, and only who exported."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=30)
        job = await staff.export(["number", "password"])
        assert (job["file"]["once"], job["file"]["available"]) == (True, True)
        row = await file_of(shop, job["id"])
        sealed = kept(shop, row).read_bytes()
        assert not sealed.startswith(b"PK")
        public = await staff.client.get(f"/files/{row.store_key}")
        assert public.status_code == 404
        colleague_id = await shop.account("orders")
        token = await shop.app.context.sessions.open(colleague_id)
        async with client(shop.base_url, {COOKIE: token}) as colleague:
            refused = await Desk(shop, colleague).download(job["id"])
            assert (refused.status_code, code(refused)) == (403, "file_not_yours")
        answer = await staff.download(job["id"])
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert "filename*=UTF-8''%E5%8D%A1%E5%88%B8-1-30.xlsx" in answer.headers["Content-Disposition"]
        rows = rows_of(answer.content)[1:]
        assert len(rows) == 30
        assert len(answer.content) == job["file"]["size"]
        for number, password in rows:
            assert str(number).encode() not in sealed
            assert str(password).encode() not in sealed
        again = await staff.download(job["id"])
        assert (again.status_code, code(again)) == (410, "file_gone")
        assert (await staff.job(job["id"]))["file"]["available"] is False
        # Erased a while later, so that a slow download comes to its end.
        assert kept(shop, row).exists()
        await change_file(shop, row.id, taken_at=now() - dt.timedelta(hours=1))
        await erase_all(shop)
        assert not kept(shop, row).exists()


async def erase_all(shop: Shop) -> None:
    """What the worker does each minute."""
    while await shop.app.context.files.erase_some():
        pass


async def test_a_file_expires_after_an_hour_and_is_erased(shop: Shop) -> None:
    """Nobody took it: an hour later the link is gone, and then the file."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=2)
        job = await staff.export(["number", "password"])
        row = await file_of(shop, job["id"])
        hour = row.expires_at - row.created_at
        assert dt.timedelta(minutes=59) < hour < dt.timedelta(minutes=62)
        await erase_all(shop)
        assert kept(shop, row).exists()
        await change_file(shop, row.id, expires_at=now() - dt.timedelta(seconds=1))
        late = await staff.download(job["id"])
        assert (late.status_code, code(late)) == (410, "file_gone")
        assert "重新导出" in late.json()["error"]["message"]
        await erase_all(shop)
        assert not kept(shop, row).exists()
        assert (await file_of(shop, job["id"])).erased_at is not None
        shown = (await staff.job(job["id"]))["file"]
        assert shown["available"] is False
        assert code(await staff.download(job["id"])) == "file_gone"


async def test_a_file_without_passwords_is_given_within_the_hour_to_whoever_may(shop: Shop, other_shop: Shop) -> None:
    async with desk.at(shop) as staff, desk.at(shop, "orders") as colleague, desk.at(other_shop) as foreign:
        await staff.make(quantity=2)
        job = await staff.export(["number"])
        assert job["file"]["once"] is False
        contents = [(await one.download(job["id"])).content for one in (staff, staff, colleague)]
        assert len(set(contents)) == 1
        answer = await foreign.download(job["id"])
        assert (answer.status_code, code(answer)) == (404, "job_not_found")
        row = await file_of(shop, job["id"])
        assert kept(shop, row).read_bytes()[:2] != b"PK"
        await change_file(shop, row.id, expires_at=now())
        assert code(await colleague.download(job["id"])) == "file_gone"


async def test_a_file_of_another_kind_of_job_is_none(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        made = await staff.ask(quantity=1)
        await staff.ended(made["job"]["id"])
        answer = await staff.download(made["job"]["id"])
        assert (answer.status_code, code(answer)) == (410, "file_gone")


async def test_what_is_too_much_is_refused_with_the_limit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MAX_CARDS", 5)
    monkeypatch.setattr(exporting, "MAX_PICTURES", 3)

    async def asked(staff: Desk, pictures: str, last: int) -> Any:
        body = {"filter": {"serial_to": last}, "columns": ["number"], "pictures": pictures}
        return await staff.client.post("/api/m/cards/exports", json=body)

    async with desk.at(shop) as staff:
        await staff.make(quantity=6)
        for pictures, limit in (("none", 5), ("png", 3)):
            answer = await asked(staff, pictures, limit + 1)
            assert (answer.status_code, code(answer)) == (409, "export_too_large")
            assert f"一次最多导出 {limit} 张卡" in answer.json()["error"]["message"]
            job = ok(await asked(staff, pictures, limit), 201)
            assert (await staff.ended(job["id"]))["status"] == "done"
        nothing = await staff.client.post(
            "/api/m/cards/exports", json={"filter": {"status": "void"}, "columns": ["number"]}
        )
        assert (nothing.status_code, code(nothing)) == (409, "nothing_to_export")


async def test_cards_that_were_deleted_meanwhile_are_left_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check sheet and the history speak of what is in the file, not of what was looked for."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=4)
        await staff.do("void", serial_from=2, serial_to=3)
        read = exporting.read_chunk
        deleted: list[Any] = []

        async def late(*given: Any) -> Any:
            if not deleted:
                deleted.append(await staff.do("delete", serial_from=2, serial_to=2))
            return await read(*given)

        monkeypatch.setattr(exporting, "read_chunk", late)
        job = await staff.export(["serial"])
        content = (await staff.download(job["id"])).content
        assert [serial for (serial,) in rows_of(content)[1:]] == [1, 3, 4]
        assert job["result"]["count"] == 3
        assert dict(rows_of(content, sheet=1))["卡券张数"] == 3
