import asyncio

from tihuo.audit.service import Actor
from tihuo.cards import service as cards
from tihuo.cards.errors import (
    BatchNotFound,
    CardActionRefused,
    CardNotFound,
    ExportTooLarge,
    NothingToExport,
    SelectionChanged,
    SelectionTooLarge,
)
from tihuo.cards.schemas import (
    Batch,
    BatchIn,
    BatchPage,
    Card,
    CardExportIn,
    CardPage,
    CardQuery,
    CardsStatusIn,
    CardsStatusOut,
    CardStatusIn,
)
from tihuo.db import Session
from tihuo.errors import IdempotencyKeyReused, TooManyTries
from tihuo.merchants import service as merchants
from tihuo.shapes import Paged
from tihuo.sheets import Value, workbook
from tihuo.staff import service as staff
from tihuo.staff.errors import PasswordWrong
from tihuo.vault import staff_passwords
from tihuo.web.address import network_of
from tihuo.web.endpoint import File, IdempotencyKey, endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BatchesHandler(Handler):
    @endpoint(allows="staff", permission="cards")
    async def get(self, session: Session, principal: Principal, query: Paged) -> BatchPage:
        """Batches, newest first."""
        return await cards.list_batches(session, principal.merchant_id, query)

    @endpoint(allows="staff", permission="cards", status=201, raises=(IdempotencyKeyReused,))
    async def post(
        self, session: Session, principal: Principal, body: BatchIn, idempotency_key: IdempotencyKey
    ) -> Batch:
        """Make a batch of cards; products and quantity are enough (快速创建)."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await cards.make_batch(session, self.context.vault, principal.merchant_id, body, idempotency_key, actor)


class BatchHandler(Handler):
    @endpoint(allows="staff", permission="cards", raises=(BatchNotFound,))
    async def get(self, session: Session, principal: Principal, batch_id: int) -> Batch:
        """One batch."""
        return await cards.get_batch(session, principal.merchant_id, batch_id)


class CardsHandler(Handler):
    @endpoint(allows="staff", permission="cards")
    async def get(self, session: Session, principal: Principal, query: CardQuery) -> CardPage:
        """Cards that the filter finds, with their count."""
        return await cards.list_cards(session, principal.merchant_id, query)


class CardStatusHandler(Handler):
    @endpoint(allows="staff", permission="cards", raises=(CardNotFound, CardActionRefused))
    async def post(self, session: Session, principal: Principal, card_id: int, body: CardStatusIn) -> Card:
        """Activate, deactivate, void or restore one card."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await cards.change_status(session, principal.merchant_id, card_id, body.action, actor)


class CardsStatusHandler(Handler):
    @endpoint(allows="staff", permission="cards", raises=(SelectionChanged, SelectionTooLarge))
    async def post(self, session: Session, principal: Principal, body: CardsStatusIn) -> CardsStatusOut:
        """Activate, deactivate, void or restore what the filter finds, if it is what was confirmed."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await cards.change_status_of_all(
            session, principal.merchant_id, body.filter, body.action, body.expected, actor
        )


class CardExportsHandler(Handler):
    @endpoint(
        allows="staff",
        permission="card_passwords",
        media_type=XLSX,
        raises=(PasswordWrong, TooManyTries, ExportTooLarge, NothingToExport),
    )
    async def post(self, principal: Principal, body: CardExportIn) -> File:
        """Cards with passwords and links as .xlsx; asks for the account's password, and is on record."""
        context = self.context
        account = await context.unit_of_work.run(
            lambda session: staff.enabled(session, principal.staff_id), writes=False
        )
        async with context.tries.watch(
            PasswordWrong,
            f"confirming:{principal.staff_id}",
            f"confirming-from:{network_of(self.address)}",
            per_subject=context.settings.tries_per_account,
            per_address=context.settings.tries_per_address,
        ):
            if not await staff_passwords.matches(body.password, account.password_hash if account else None):
                raise PasswordWrong()
        actor = Actor(principal.staff_id, principal.name, self.address)

        async def work(session: Session) -> list[tuple[Value, ...]]:
            shop = await merchants.get(session, principal.merchant_id)
            origin = context.settings.origin
            return list(await cards.export(session, context.vault, shop, body.filter, origin, actor))

        rows = await context.unit_of_work.run(work)
        sheet = await asyncio.to_thread(workbook, "卡券", cards.EXPORT_COLUMNS, rows)
        return File(sheet, XLSX, f"卡券-{rows[0][0]}-{rows[-1][0]}.xlsx")


routes = [
    Route("/api/m/batches", BatchesHandler),
    Route("/api/m/batches/{batch_id}", BatchHandler),
    Route("/api/m/cards", CardsHandler),
    Route("/api/m/cards/status", CardsStatusHandler),
    Route("/api/m/cards/exports", CardExportsHandler),
    Route("/api/m/cards/{card_id}/status", CardStatusHandler),
]
