from tihuo.audit.service import Actor
from tihuo.db import Session
from tihuo.errors import IdempotencyKeyReused, ServiceBusy
from tihuo.merchants import service as merchants
from tihuo.orders.errors import OrderAlreadyShipped, OrderCancelled, OrderHandedOver, OrderNotFound
from tihuo.orders.schemas import OrderDetail
from tihuo.redemption import service as redemption
from tihuo.redemption.api.customer import GUARDED, NOT_REDEEMABLE, GuardedHandler
from tihuo.redemption.errors import BlockNotFound
from tihuo.redemption.schemas import (
    AttackedPrefix,
    Block,
    BlockIn,
    CardIn,
    CardView,
    CounterIn,
    CounterOut,
    Guessing,
    GuessingQuery,
    LockedCard,
    NumberIn,
)
from tihuo.web.address import network_of
from tihuo.web.endpoint import IdempotencyKey, endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal


class CounterHandler(GuardedHandler):
    """A card at the counter (到店提货)."""

    async def slug(self, principal: Principal) -> str:
        """The short name under which the merchant's tries are counted."""
        run = self.context.unit_of_work.run
        return (await run(lambda session: merchants.get(session, principal.merchant_id), writes=False)).slug


class CounterCheckHandler(CounterHandler):
    @endpoint(allows="staff", permission="redeeming", raises=GUARDED)
    async def post(self, principal: Principal, body: CardIn) -> CardView:
        """Check a card at the counter: number and password give what it is good for."""
        context = self.context
        async with self.guarded(await self.slug(principal), body, principal):
            return await context.unit_of_work.run(
                lambda session: redemption.check_at_counter(session, context.vault, principal.merchant_id, body),
                writes=False,
            )


class CounterRedemptionsHandler(CounterHandler):
    @endpoint(
        allows="staff",
        permission="redeeming",
        status=201,
        raises=(*GUARDED, *NOT_REDEEMABLE, IdempotencyKeyReused),
    )
    async def post(self, principal: Principal, body: CounterIn, idempotency_key: IdempotencyKey) -> CounterOut:
        """Redeem a card at the counter: the order is complete at once. The same request gives the same order."""
        context = self.context
        actor = Actor(principal.staff_id, principal.name, self.address)
        async with self.guarded(await self.slug(principal), body, principal):
            order = await context.unit_of_work.run(
                lambda session: redemption.hand_over(
                    session, context.vault, principal.merchant_id, body, idempotency_key, actor
                )
            )
        return CounterOut(order=order)


class GuessingHandler(CounterHandler):
    @endpoint(allows="staff", permission="cards", raises=(ServiceBusy,))
    async def get(self, principal: Principal, query: GuessingQuery) -> Guessing:
        """How cards are guessed at: what is locked or under alarm now, who failed most, what is blocked."""
        context = self.context
        standing = await context.guard.standing(await self.slug(principal))
        numbers = [card.name for card in standing.cards]
        found = await context.unit_of_work.run(
            lambda session: redemption.guessing(session, principal.merchant_id, query.hours, numbers), writes=False
        )
        return Guessing(
            alarm=standing.attacked,
            failures=standing.failures,
            locked=[
                LockedCard(
                    number=card.name,
                    card_id=found.card_ids.get(card.name),
                    failures=card.failures,
                    paused=card.failures >= context.settings.tries_per_card,
                    retry_after=card.retry_after,
                )
                for card in standing.cards
            ],
            prefixes=[
                AttackedPrefix(prefix=held.name, failures=held.failures, retry_after=held.retry_after)
                for held in standing.prefixes
            ],
            addresses=found.addresses,
            recent=found.recent,
            blocks=found.blocks,
        )


class GuessingUnlockHandler(Handler):
    @endpoint(allows="staff", permission="cards", status=204, raises=(ServiceBusy,))
    async def post(self, principal: Principal, body: NumberIn) -> None:
        """Forget the wrong tries at a card: it can be tried again at once."""
        actor, number = Actor(principal.staff_id, principal.name, self.address), body.number
        slug = await self.context.unit_of_work.run(
            lambda session: redemption.note_unlock(session, principal.merchant_id, number, actor)
        )
        await self.context.guard.unlock(slug, number)


class BlocksHandler(Handler):
    @endpoint(allows="staff", permission="cards", status=201, raises=(ServiceBusy,))
    async def post(self, principal: Principal, body: BlockIn) -> Block:
        """Block an address: customers there can try no cards of the merchant's for so long."""
        actor, network = Actor(principal.staff_id, principal.name, self.address), network_of(body.address)
        made, mirrored = await self.context.unit_of_work.run(
            lambda session: redemption.block(session, principal.merchant_id, network, body, actor)
        )
        await self.context.guard.mirror(*mirrored)
        return made


class BlockHandler(Handler):
    @endpoint(allows="staff", permission="cards", status=204, raises=(BlockNotFound, ServiceBusy))
    async def delete(self, principal: Principal, block_id: int) -> None:
        """Lift a block."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        mirrored = await self.context.unit_of_work.run(
            lambda session: redemption.lift(session, principal.merchant_id, block_id, actor)
        )
        await self.context.guard.mirror(*mirrored)


class CancellationsHandler(Handler):
    @endpoint(
        allows="staff",
        permission="shipping",
        raises=(OrderNotFound, OrderAlreadyShipped, OrderCancelled, OrderHandedOver),
    )
    async def post(self, session: Session, principal: Principal, order_id: int) -> OrderDetail:
        """Cancel an order that has not been shipped: its card is good again, its day has the place back."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await redemption.cancel(session, principal.merchant_id, order_id, actor)


routes = [
    Route("/api/m/guessing", GuessingHandler),
    Route("/api/m/guessing/unlock", GuessingUnlockHandler),
    Route("/api/m/guessing/blocks", BlocksHandler),
    Route("/api/m/guessing/blocks/{block_id}", BlockHandler),
    Route("/api/m/counter/check", CounterCheckHandler),
    Route("/api/m/counter/redemptions", CounterRedemptionsHandler),
    Route("/api/m/orders/{order_id}/cancellation", CancellationsHandler),
]
