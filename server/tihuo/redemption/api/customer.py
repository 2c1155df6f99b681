from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tihuo.errors import IdempotencyKeyReused, TooManyTries
from tihuo.merchants.errors import StorefrontClosed, StorefrontNotFound
from tihuo.redemption import service as redemption
from tihuo.redemption.errors import (
    CardAlreadyRedeemed,
    CardExpired,
    CardInactive,
    CardNotYetValid,
    CardOrPasswordWrong,
    CardVoid,
    ProductNotAvailable,
)
from tihuo.redemption.schemas import CardView, CheckIn, RedeemIn, RedeemOut
from tihuo.shapes import unmistakable
from tihuo.web.address import network_of
from tihuo.web.endpoint import IdempotencyKey, endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route


class GuardedHandler(Handler):
    """Counts and notes wrong passwords per card number, known or not, and per address (spec G, Guessing)."""

    @asynccontextmanager
    async def guarded(self, slug: str, number: str) -> AsyncGenerator[None, None]:
        context, settings = self.context, self.context.settings
        async with context.tries.watch(
            CardOrPasswordWrong,
            f"card:{slug.lower()}:{unmistakable(number)}",
            f"address:{network_of(self.address)}",
            per_subject=settings.tries_per_card,
            per_address=settings.tries_per_address,
        ):
            try:
                yield
            except CardOrPasswordWrong:
                await context.unit_of_work.run(
                    lambda session: redemption.note_wrong_try(session, slug, number, self.address)
                )
                raise


class CheckHandler(GuardedHandler):
    @endpoint(
        allows="customer",
        raises=(StorefrontNotFound, CardOrPasswordWrong, TooManyTries, StorefrontClosed),
    )
    async def post(self, slug: str, body: CheckIn) -> CardView:
        """Check a card: number and password give the card, its products and its orders."""
        context = self.context
        async with self.guarded(slug, body.number):
            return await context.unit_of_work.run(
                lambda session: redemption.check(session, context.vault, slug, body), writes=False
            )


class RedemptionsHandler(GuardedHandler):
    @endpoint(
        allows="customer",
        status=201,
        raises=(
            StorefrontNotFound,
            CardOrPasswordWrong,
            TooManyTries,
            StorefrontClosed,
            CardAlreadyRedeemed,
            CardInactive,
            CardVoid,
            CardExpired,
            CardNotYetValid,
            ProductNotAvailable,
            IdempotencyKeyReused,
        ),
    )
    async def post(self, slug: str, body: RedeemIn, idempotency_key: IdempotencyKey) -> RedeemOut:
        """Redeem a card for a product; the same request again gives the same order."""
        context = self.context
        async with self.guarded(slug, body.number):
            order = await context.unit_of_work.run(
                lambda session: redemption.redeem(session, context.vault, slug, body, idempotency_key)
            )
        return RedeemOut(order=order)


routes = [
    Route("/api/c/{slug}/cards/check", CheckHandler),
    Route("/api/c/{slug}/redemptions", RedemptionsHandler),
]
