"""Staff and customers at work over HTTP, for the tests of cards."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from tests.factories.shops import PASSWORD, Card, Shop, key, redemption
from tihuo.cards.models import Card as CardRow
from tihuo.cards.models import CardChange
from tihuo.db import Session
from tihuo.merchants import service as merchants
from tihuo.staff.schemas import Permission
from tihuo.vault import Owner, SealedPassword

Fields = dict[str, Any]


def code(response: httpx.Response) -> str:
    """The stable code of a refusal."""
    assert response.status_code >= 400, response.text
    found: str = response.json()["error"]["code"]
    return found


def ok(response: httpx.Response, status: int = 200) -> Any:
    """The content of an answer that is no refusal."""
    assert response.status_code == status, response.text
    return response.json()


@dataclass(frozen=True)
class Desk:
    """A signed-in account of a merchant's."""

    shop: Shop
    client: httpx.AsyncClient

    async def ask(self, **fields: Any) -> Fields:
        """Ask for a batch; answers it with its job, which may still wait."""
        body = {"quantity": 1, "status": "active", "prefix": "T", **fields}
        if "product_ids" not in body:
            body["product_ids"] = [(await self.shop.product()).id]
        made: Fields = ok(await self.client.post("/api/m/batches", json=body, headers=key()), 201)
        return made

    async def make(self, **fields: Any) -> Fields:
        """A batch that is ready."""
        asked = await self.ask(**fields)
        job = await self.ended(asked["job"]["id"])
        assert job["status"] == "done", job
        return await self.batch(asked["batch"]["id"])

    async def batch(self, batch_id: int) -> Fields:
        found: Fields = ok(await self.client.get(f"/api/m/batches/{batch_id}"))
        return found

    async def job(self, job_id: int) -> Fields:
        found: Fields = ok(await self.client.get(f"/api/m/jobs/{job_id}"))
        return found

    async def ended(self, job_id: int) -> Fields:
        """A job after its end."""
        await self.shop.finished(job_id)
        return await self.job(job_id)

    async def page(self, **query: Any) -> Fields:
        found: Fields = ok(await self.client.get("/api/m/cards", params=query))
        return found

    async def cards(self, **query: Any) -> list[Fields]:
        """All that a filter finds, newest first, page after page."""
        found: list[Fields] = []
        after: int | None = None
        while True:
            page = await self.page(limit=200, **query, **({"after": after} if after else {}))
            found += page["items"]
            after = page["next"]
            if after is None:
                return found

    async def card(self, number: str) -> Fields:
        return next(card for card in await self.cards(number=number) if card["number"] == number)

    async def statistics(self, **query: Any) -> Fields:
        found: Fields = ok(await self.client.get("/api/m/cards/statistics", params=query))
        return found

    async def select(self, action: str, edit: Fields | None = None, **wanted: Any) -> Fields:
        """A dry run."""
        body = {"filter": wanted, "action": action, **({"edit": edit} if edit is not None else {})}
        found: Fields = ok(await self.client.post("/api/m/cards/selections", json=body), 201)
        return found

    async def apply(self, selection: Fields, **body: Any) -> httpx.Response:
        """Ask for what a dry run showed; `body` in place of what the screen would send."""
        sent = {"expected": selection["will_change"], **body}
        return await self.client.post(f"/api/m/cards/selections/{selection['id']}/apply", json=sent)

    async def do(self, action: str, edit: Fields | None = None, **wanted: Any) -> Fields:
        """Dry run, confirmation, job; answers the job after its end."""
        selection = await self.select(action, edit, **wanted)
        return await self.finish(selection)

    async def finish(self, selection: Fields) -> Fields:
        """Confirm a dry run; answers the job after its end."""
        password = {"password": PASSWORD} if selection["needs_password"] else {}
        asked = ok(await self.apply(selection, **password), 201)
        return await self.ended(asked["id"])

    async def history(self, card_id: int) -> list[Fields]:
        """What happened to a card, newest first."""
        found: list[Fields] = ok(await self.client.get(f"/api/m/reports/cards/{card_id}"))["entries"]
        return found

    async def export(self, columns: list[str], *, pictures: str = "none", **wanted: Any) -> Fields:
        """An export's job after its end."""
        password = {"password": PASSWORD} if "password" in columns else {}
        body = {"filter": wanted, "columns": columns, "pictures": pictures, **password}
        asked = ok(await self.client.post("/api/m/cards/exports", json=body), 201)
        return await self.ended(asked["id"])

    async def download(self, job_id: int) -> httpx.Response:
        return await self.client.post(f"/api/m/jobs/{job_id}/file")

    async def exported(self, columns: list[str], **wanted: Any) -> list[tuple[Any, ...]]:
        """An export's rows, without their head."""
        job = await self.export(columns, **wanted)
        assert job["status"] == "done", job
        answer = await self.download(job["id"])
        assert answer.status_code == 200, answer.text
        return rows_of(answer.content)[1:]

    async def printed(self, **wanted: Any) -> list[Card]:
        """Numbers and passwords, as the printing house gets them."""
        return [
            Card(str(number), str(password))
            for number, password in await self.exported(["number", "password"], **wanted)
        ]

    async def upload(self, content: bytes) -> httpx.Response:
        return await self.client.post("/api/m/cards/imports/files", content=content)

    async def ask_for_import(self, file_id: int, **fields: Any) -> httpx.Response:
        body = {"file_id": file_id, "status": "active", **fields}
        if "product_ids" not in body:
            body["product_ids"] = [(await self.shop.product()).id]
        return await self.client.post("/api/m/cards/imports", json=body, headers=key())

    async def import_table(self, content: bytes, **fields: Any) -> Fields:
        """Upload and import; answers the job after its end."""
        uploaded = ok(await self.upload(content), 201)
        asked = ok(await self.ask_for_import(uploaded["file_id"], **fields), 201)
        return await self.ended(asked["job"]["id"])


@asynccontextmanager
async def at(shop: Shop, *restrictions: Permission) -> AsyncIterator[Desk]:
    """The owner's desk, or that of somebody from whom `restrictions` were taken."""
    async with await shop.staff(*restrictions) as client:
        yield Desk(shop, client)


async def check(shop: Shop, card: Card) -> httpx.Response:
    """What the storefront says of a card."""
    async with shop.customer() as customer:
        return await customer.post(f"{shop.customer_api}/cards/check", json=card.typed())


async def redeem(shop: Shop, card: Card, product_id: int) -> httpx.Response:
    async with shop.customer() as customer:
        return await customer.post(f"{shop.customer_api}/redemptions", json=redemption(card, product_id), headers=key())


async def rows(shop: Shop) -> list[CardRow]:
    """The merchant's rows in the table of cards, whatever their state, by serial."""

    async def work(session: Session) -> list[CardRow]:
        query = select(CardRow).where(CardRow.merchant_id == shop.id).order_by(CardRow.serial)
        return list(await session.scalars(query))

    found: list[CardRow] = await shop.run(work)
    return found


async def changes(shop: Shop, job_id: int | None = None) -> list[CardChange]:
    """The merchant's rows of history, of one job or of all, oldest first."""

    async def work(session: Session) -> list[CardChange]:
        query = select(CardChange).where(CardChange.merchant_id == shop.id).order_by(CardChange.id)
        return list(await session.scalars(query if job_id is None else query.where(CardChange.job_id == job_id)))

    found: list[CardChange] = await shop.run(work)
    return found


async def opened(shop: Shop, row: CardRow) -> Card:
    """A card with its password, by the keys alone."""
    vault, owner = shop.app.context.vault, await owner_of(shop)
    password = vault.open(owner, row.number, SealedPassword(row.password_mac, row.password_sealed, row.key_id))
    return Card(row.number, password)


async def owner_of(shop: Shop) -> Owner:
    found: Owner = (await shop.run(lambda session: merchants.get(session, shop.id))).owner
    return found


def table(rows: list[tuple[object, ...]], head: tuple[str, ...] = ("卡号", "密码")) -> bytes:
    """An .xlsx as a spreadsheet program writes it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("卡券")
    for row in [head, *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(content: bytes, sheet: int = 0) -> list[tuple[Any, ...]]:
    """The rows of a sheet of an .xlsx."""
    book = load_workbook(io.BytesIO(content))
    found = book.worksheets[sheet]
    assert isinstance(found, Worksheet)
    return [tuple(row) for row in found.iter_rows(values_only=True)]
