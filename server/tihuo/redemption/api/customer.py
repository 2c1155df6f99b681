from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tihuo.appointments.errors import DayFull, DayMissing, DayNotOpen
from tihuo.audit.service import Actor
from tihuo.db import Session
from tihuo.errors import (
    AddressBlocked,
    CaptchaNeeded,
    CaptchaWrong,
    ForeignOrigin,
    IdempotencyKeyReused,
    NotSignedIn,
    PermissionMissing,
    ServiceBusy,
    TooManyTries,
)
from tihuo.merchants import service as merchants
from tihuo.merchants.errors import StorefrontClosed, StorefrontNotFound
from tihuo.orders import service as orders
from tihuo.orders.errors import OrderAlreadyShipped, OrderCancelled, OrderHandedOver, OrderNotFound
from tihuo.orders.schemas import CustomerOrder, PublicOrder
from tihuo.redemption import service as redemption
from tihuo.redemption.errors import (
    CardAlreadyRedeemed,
    CardExpired,
    CardInactive,
    CardNotYetValid,
    CardOrPasswordWrong,
    CardUsedMeanwhile,
    CardVoid,
    CorrectionNotAllowed,
    ProductNotAvailable,
    UndeliverableArea,
)
from tihuo.redemption.schemas import CaptchaOut, CardIn, CardView, CheckIn, CorrectionIn, RedeemIn, RedeemOut
from tihuo.web.address import network_of
from tihuo.web.endpoint import IdempotencyKey, endpoint
from tihuo.web.guard import Alarm, Answer, Attempt
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal

GUARDED = (CardOrPasswordWrong, CaptchaNeeded, CaptchaWrong, AddressBlocked, TooManyTries, ServiceBusy)
OPERATOR = (NotSignedIn, ForeignOrigin, PermissionMissing)
NOT_REDEEMABLE = (
    CardAlreadyRedeemed,
    CardInactive,
    CardVoid,
    CardExpired,
    CardNotYetValid,
    ProductNotAvailable,
)


class GuardedHandler(Handler):
    """Tries at cards are counted, noted, and answered in steps (spec G, Guessing; see web/guard.py)."""

    @asynccontextmanager
    async def guarded(self, slug: str, body: CardIn, operator: Principal | None = None) -> AsyncGenerator[None, None]:
        """What checks a password runs inside; tries of an `operator` count as the account's own. Raises GUARDED."""
        context, number, network = self.context, body.number, network_of(self.address)
        if operator is None:
            attempt = Attempt.of_customer(slug, number, network, self.request.headers.get("X-Tihuo-Device"))
        else:
            attempt = Attempt.of_staff(slug, number, operator.staff_id)
        captcha = body.captcha if isinstance(body, CheckIn) else None
        answer = Answer(captcha.id, captcha.answer) if captcha else None
        async with context.guard.watching(attempt, answer) as watched:
            try:
                yield
            except CardOrPasswordWrong:
                alarms: list[Alarm] = []
                try:
                    alarms = await watched.wrong()
                finally:
                    await context.unit_of_work.run(
                        lambda session: redemption.note_wrong_try(session, slug, number, network, alarms)
                    )
                raise
            await watched.right()


class CaptchasHandler(Handler):
    @endpoint(allows="customer", status=201, raises=(TooManyTries, ServiceBusy))
    async def post(self, slug: str) -> CaptchaOut:
        """A new image captcha, for when a try at a card asked for one; it lives three minutes and serves once."""
        captcha_id, image = await self.context.guard.captcha(network_of(self.address))
        return CaptchaOut(id=captcha_id, image=image)


class HolderHandler(GuardedHandler):
    """A card holder's request, or an operator's who types for a caller (电话提货)."""

    async def operator(self, slug: str, body: CheckIn) -> Principal | None:
        """Who types, for source "phone". Raises NotSignedIn, ForeignOrigin, PermissionMissing."""
        if body.source != "phone":
            return None
        principal = await self.principal()
        shop = await self.context.unit_of_work.run(lambda session: merchants.by_slug(session, slug), writes=False)
        if shop.id != principal.merchant_id:
            raise NotSignedIn()
        if "redeeming" not in principal.permissions:
            raise PermissionMissing()
        return principal

    def actor(self, operator: Principal | None) -> Actor:
        """In whose name something is done: the operator's, or the holder's, who has none."""
        if operator is None:
            return Actor(None, "", self.address)
        return Actor(operator.staff_id, operator.name, self.address)


class CheckHandler(HolderHandler):
    @endpoint(allows="customer", raises=(StorefrontNotFound, *GUARDED, *OPERATOR))
    async def post(self, slug: str, body: CheckIn) -> CardView:
        """Check a card: number and password give the card, its products and its orders."""
        context = self.context
        operator = await self.operator(slug, body)
        async with self.guarded(slug, body, operator):
            return await context.unit_of_work.run(
                lambda session: redemption.check(session, context.vault, slug, body), writes=False
            )


class RedemptionsHandler(HolderHandler):
    @endpoint(
        allows="customer",
        status=201,
        raises=(
            StorefrontNotFound,
            StorefrontClosed,
            *GUARDED,
            *OPERATOR,
            *NOT_REDEEMABLE,
            CardUsedMeanwhile,
            UndeliverableArea,
            DayMissing,
            DayNotOpen,
            DayFull,
            IdempotencyKeyReused,
        ),
    )
    async def post(self, slug: str, body: RedeemIn, idempotency_key: IdempotencyKey) -> RedeemOut:
        """Redeem a card for a product; the same request again gives the same order."""
        context = self.context
        operator = await self.operator(slug, body)
        typing = self.actor(operator) if operator else None
        async with self.guarded(slug, body, operator):
            order = await context.unit_of_work.run(
                lambda session: redemption.redeem(session, context.vault, slug, body, idempotency_key, typing)
            )
        return RedeemOut(order=order)


class CorrectionsHandler(HolderHandler):
    @endpoint(
        allows="customer",
        raises=(
            StorefrontNotFound,
            *GUARDED,
            *OPERATOR,
            OrderNotFound,
            CorrectionNotAllowed,
            OrderAlreadyShipped,
            OrderCancelled,
            OrderHandedOver,
            UndeliverableArea,
            DayMissing,
            DayNotOpen,
            DayFull,
        ),
    )
    async def post(self, slug: str, order_number: str, body: CorrectionIn) -> CustomerOrder:
        """Correct the address or the day of an order that has not been shipped."""
        context = self.context
        operator = await self.operator(slug, body)
        actor = self.actor(operator)
        async with self.guarded(slug, body, operator):
            return await context.unit_of_work.run(
                lambda session: redemption.correct(session, context.vault, slug, order_number, body, actor)
            )


class OrderHandler(Handler):
    @endpoint(allows="customer", raises=(StorefrontNotFound, OrderNotFound))
    async def get(self, session: Session, slug: str, token: str) -> PublicOrder:
        """An order by its link: its state and its parcels, nothing to find the receiver by."""
        shop = await merchants.by_slug(session, slug)
        return await orders.by_token(session, shop.id, token)


routes = [
    Route("/api/c/{slug}/captchas", CaptchasHandler),
    Route("/api/c/{slug}/cards/check", CheckHandler),
    Route("/api/c/{slug}/redemptions", RedemptionsHandler),
    Route("/api/c/{slug}/orders/{order_number}/changes", CorrectionsHandler),
    Route("/api/c/{slug}/orders/{token}", OrderHandler),
]
