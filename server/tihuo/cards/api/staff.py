from tihuo.audit.service import Actor
from tihuo.cards import service as cards
from tihuo.cards.errors import (
    BatchNotFound,
    CardActionRefused,
    CardNotFound,
    ExportTooLarge,
    NothingSelected,
    NothingToChange,
    NothingToExport,
    SavedFilterNameTaken,
    SavedFilterNotFound,
    SelectionDiffers,
    SelectionExpired,
    SelectionNotFound,
    TooManySavedFilters,
    UploadNotFound,
)
from tihuo.cards.schemas import (
    Batch,
    BatchIn,
    BatchMade,
    BatchPage,
    Card,
    CardExportIn,
    CardFilter,
    CardPage,
    CardQuery,
    CardStatistics,
    CardStatusIn,
    ImportIn,
    SavedFilter,
    SavedFilterIn,
    SavedFilterList,
    Selection,
    SelectionApplyIn,
    SelectionIn,
    UploadedFile,
)
from tihuo.db import Session
from tihuo.errors import IdempotencyKeyReused, PasswordAsked, PasswordWrong, PermissionMissing, TooManyTries
from tihuo.jobs.schemas import JobView
from tihuo.shapes import Paged
from tihuo.web.confirm import confirm_password
from tihuo.web.endpoint import File, IdempotencyKey, endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal
from tihuo.web.upload import StreamedBody, UploadHandler

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_UPLOAD = 64 * 1024 * 1024


class BatchesHandler(Handler):
    @endpoint(allows="staff", permission="cards")
    async def get(self, session: Session, principal: Principal, query: Paged) -> BatchPage:
        """Batches, newest first."""
        return await cards.list_batches(session, principal.merchant_id, query)

    @endpoint(allows="staff", permission="cards", status=201, raises=(IdempotencyKeyReused,))
    async def post(
        self, session: Session, principal: Principal, body: BatchIn, idempotency_key: IdempotencyKey
    ) -> BatchMade:
        """Have a batch of cards made; products and quantity are enough (快速创建)."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await cards.make_batch(session, principal.merchant_id, body, idempotency_key, actor)


class BatchHandler(Handler):
    @endpoint(allows="staff", permission="cards", raises=(BatchNotFound,))
    async def get(self, session: Session, principal: Principal, batch_id: int) -> Batch:
        """One batch."""
        return await cards.get_batch(session, principal.merchant_id, batch_id)


class CardsHandler(Handler):
    @endpoint(allows="staff", permission="cards")
    async def get(self, session: Session, principal: Principal, query: CardQuery) -> CardPage:
        """Cards that the filter finds, newest first, with their count."""
        return await cards.list_cards(session, principal.merchant_id, query)


class CardStatisticsHandler(Handler):
    @endpoint(allows="staff", permission="cards")
    async def get(self, principal: Principal, query: CardFilter) -> CardStatistics:
        """Exact figures by status of what the filter finds."""
        return await cards.statistics(self.context.unit_of_work, principal.merchant_id, query)


class CardHandler(Handler):
    @endpoint(allows="staff", permission="cards", raises=(CardNotFound,))
    async def get(self, session: Session, principal: Principal, card_id: int) -> Card:
        """One card."""
        return await cards.get_card(session, principal.merchant_id, card_id)


class CardStatusHandler(Handler):
    @endpoint(allows="staff", permission="cards", raises=(CardNotFound, CardActionRefused))
    async def post(self, session: Session, principal: Principal, card_id: int, body: CardStatusIn) -> Card:
        """Activate, deactivate, void or restore one card."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await cards.change_status(session, principal.merchant_id, card_id, body.action, actor)


class SelectionsHandler(Handler):
    @endpoint(allows="staff", permission="cards", status=201, raises=(NothingSelected,))
    async def post(self, principal: Principal, body: SelectionIn) -> Selection:
        """Dry run: set down which cards the filter finds, how many the action would change and why not the others."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await cards.select(self.context.unit_of_work, principal.merchant_id, body, actor)


class SelectionApplyHandler(Handler):
    @endpoint(
        allows="staff",
        permission="cards",
        status=201,
        raises=(
            SelectionNotFound,
            SelectionExpired,
            SelectionDiffers,
            NothingToChange,
            PasswordAsked,
            PasswordWrong,
            TooManyTries,
        ),
    )
    async def post(self, principal: Principal, selection_id: int, body: SelectionApplyIn) -> JobView:
        """Do the action to the cards that were set down, as a job; asked again, it answers the same job."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        run = self.context.unit_of_work.run
        needed = await run(
            lambda session: cards.needs_password(session, principal.merchant_id, selection_id), writes=False
        )
        if needed:
            await confirm_password(self, principal, body.password)
        return await run(
            lambda session: cards.apply(session, principal.merchant_id, selection_id, body.expected, actor)
        )


class CardExportsHandler(Handler):
    @endpoint(
        allows="staff",
        permission="cards",
        status=201,
        raises=(ExportTooLarge, NothingToExport, PermissionMissing, PasswordAsked, PasswordWrong, TooManyTries),
    )
    async def post(self, principal: Principal, body: CardExportIn) -> JobView:
        """Export what the filter finds, as a job; passwords need a permission and the account's password."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        if "password" in body.columns:
            if "card_passwords" not in principal.permissions:
                raise PermissionMissing()
            await confirm_password(self, principal, body.password)
        return await cards.ask_for_export(self.context.unit_of_work, principal.merchant_id, body, actor)


class ImportTemplateHandler(Handler):
    @endpoint(allows="staff", permission="cards", media_type=XLSX)
    async def get(self, principal: Principal) -> File:
        """The empty table to fill in with numbers and passwords."""
        return File(cards.import_template(), XLSX, "卡券导入模板.xlsx")


class ImportFilesHandler(UploadHandler):
    @endpoint(allows="staff", permission="cards", status=201, max_bytes=MAX_UPLOAD)
    async def post(self, principal: Principal, streamed: StreamedBody) -> UploadedFile:
        """Upload a filled-in table (the file itself is the body); it lies encrypted until it was imported."""
        return await cards.keep_upload(
            self.context.files, principal.merchant_id, principal.staff_id, streamed.chunks(), streamed.size
        )


class ImportsHandler(Handler):
    @endpoint(allows="staff", permission="cards", status=201, raises=(UploadNotFound, IdempotencyKeyReused))
    async def post(
        self, session: Session, principal: Principal, body: ImportIn, idempotency_key: IdempotencyKey
    ) -> BatchMade:
        """Import an uploaded table, as a job: checked whole first, then all of it or nothing."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await cards.import_batch(session, principal.merchant_id, body, idempotency_key, actor)


class SavedFiltersHandler(Handler):
    @endpoint(allows="staff", permission="cards")
    async def get(self, session: Session, principal: Principal) -> SavedFilterList:
        """The filters that the account keeps."""
        return await cards.saved_filters(session, principal.merchant_id, principal.staff_id)

    @endpoint(allows="staff", permission="cards", status=201, raises=(SavedFilterNameTaken, TooManySavedFilters))
    async def post(self, session: Session, principal: Principal, body: SavedFilterIn) -> SavedFilter:
        """Keep a filter under a name."""
        return await cards.save_filter(session, principal.merchant_id, principal.staff_id, body)


class SavedFilterHandler(Handler):
    @endpoint(allows="staff", permission="cards", status=204, raises=(SavedFilterNotFound,))
    async def delete(self, session: Session, principal: Principal, filter_id: int) -> None:
        """Forget a kept filter."""
        await cards.forget_filter(session, principal.merchant_id, principal.staff_id, filter_id)


routes = [
    Route("/api/m/batches", BatchesHandler),
    Route("/api/m/batches/{batch_id}", BatchHandler),
    Route("/api/m/cards", CardsHandler),
    Route("/api/m/cards/statistics", CardStatisticsHandler),
    Route("/api/m/cards/selections", SelectionsHandler),
    Route("/api/m/cards/selections/{selection_id}/apply", SelectionApplyHandler),
    Route("/api/m/cards/exports", CardExportsHandler),
    Route("/api/m/cards/imports", ImportsHandler),
    Route("/api/m/cards/imports/template", ImportTemplateHandler),
    Route("/api/m/cards/imports/files", ImportFilesHandler),
    Route("/api/m/cards/filters", SavedFiltersHandler),
    Route("/api/m/cards/filters/{filter_id}", SavedFilterHandler),
    Route("/api/m/cards/{card_id}", CardHandler),
    Route("/api/m/cards/{card_id}/status", CardStatusHandler),
]
