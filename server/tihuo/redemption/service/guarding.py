"""Wrong tries at cards: noted, shown, forgotten; and the addresses from which none are taken any more."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.cards import service as cards
from tihuo.db import Session, now, outbox
from tihuo.merchants import service as merchants
from tihuo.redemption import events, queries
from tihuo.redemption.errors import BlockNotFound
from tihuo.redemption.models import BlockedAddress
from tihuo.redemption.schemas import Block, BlockIn, TryingAddress, WrongTryView
from tihuo.shapes import unmistakable

if TYPE_CHECKING:
    from tihuo.redemption.models import WrongTry

_RECENT = 50
_ADDRESSES = 50
# Of so many wrong tries the addresses are counted: a page may cost no more while somebody tries thousands.
_COUNTED = 20_000
# As long as the mirror of a block that was lifted is looked after.
_LIFTED = dt.timedelta(hours=1)


class Findings(NamedTuple):
    """What is on record about guessing. `card_ids`: of the numbers that were asked about, those that cards have."""

    card_ids: dict[str, int]
    addresses: list[TryingAddress]
    recent: list[WrongTryView]
    blocks: list[Block]


class Mirrored(NamedTuple):
    """A network, and for how many seconds more a merchant has it blocked (0: no longer)."""

    slug: str
    network: str
    seconds: int


async def note_wrong_try(
    session: Session, slug: str, number: str, address: str, alarms: Sequence[tuple[str, str, int]] = ()
) -> None:
    """Note a wrong password or an unknown number, alike, for staff to see. Raises StorefrontNotFound.

    `alarms`: scope, subject and failures of each limit that it reached; staff hear of it at once.
    """
    shop = await merchants.by_slug(session, slug)
    key = unmistakable(number) if number.isascii() else ""
    await queries.add_wrong_try(session, shop.id, key, address)
    for scope, subject, failures in alarms:
        data = {"permission": events.PERMISSION, "scope": scope, "subject": subject, "failures": failures}
        await outbox.announce(session, shop.id, events.ALARM, data)


async def wrong_tries(session: Session, merchant_id: int, number: str, limit: int) -> "Sequence[WrongTry]":
    """The newest wrong tries at a card's number."""
    return await queries.wrong_tries(session, merchant_id, unmistakable(number), limit)


async def forget_wrong_tries(session: Session, before: dt.datetime) -> int:
    """Take out some of all merchants' older than `before`; answers how many."""
    return await queries.forget_wrong_tries(session, before, 1000)


async def guessing(session: Session, merchant_id: int, hours: int, numbers: Sequence[str]) -> Findings:
    """What is on record: who failed most in the last hours, the newest wrong tries, the blocks that hold."""
    moment = now()
    active = await queries.blocks(session, merchant_id, moment)
    until = {block.network: block.blocked_until for block in reversed(active)}
    found = await queries.wrong_tries_by_address(
        session, merchant_id, moment - dt.timedelta(hours=hours), _COUNTED, _ADDRESSES
    )
    addresses = [
        TryingAddress(
            address=row.address,
            failures=row.failures,
            numbers=row.numbers,
            last_at=row.last_at,
            blocked_until=until.get(row.address),
        )
        for row in found
    ]
    recent = [
        WrongTryView(number=wrong.number_key, address=wrong.address, at=wrong.at)
        for wrong in await queries.newest_wrong_tries(session, merchant_id, _RECENT)
    ]
    card_ids = {}
    for number in numbers:
        if number.isascii() and (card := await cards.find(session, merchant_id, number)) is not None:
            card_ids[number] = card.id
    return Findings(card_ids, addresses, recent, [_view(block) for block in active])


async def note_unlock(session: Session, merchant_id: int, number: str, actor: Actor) -> str:
    """Put on record that a card's failures are forgotten; answers the merchant's short name."""
    shop = await merchants.get(session, merchant_id)
    await audit.record(session, merchant_id, actor, "unlocked", "wrong_tries", number=unmistakable(number))
    return shop.slug


async def block(
    session: Session, merchant_id: int, network: str, body: BlockIn, actor: Actor
) -> tuple[Block, Mirrored]:
    """Block a network for so many hours, instead of what held it before; answers the block and how to mirror it."""
    moment = now()
    for before in await queries.blocks(session, merchant_id, moment, network):
        before.lifted_at, before.lifted_by = moment, actor.name
    made = BlockedAddress(
        network=network,
        reason=body.reason,
        blocked_by=actor.name,
        created_at=moment,
        blocked_until=moment + dt.timedelta(hours=body.hours),
    )
    await queries.add_block(session, merchant_id, made)
    await audit.record(
        session,
        merchant_id,
        actor,
        "blocked",
        "blocked_addresses",
        made.id,
        network=network,
        hours=body.hours,
        reason=body.reason,
    )
    shop = await merchants.get(session, merchant_id)
    return _view(made), Mirrored(shop.slug, network, body.hours * 3600)


async def lift(session: Session, merchant_id: int, block_id: int, actor: Actor) -> Mirrored:
    """Lift a block; once more changes nothing. Answers how to mirror its network. Raises BlockNotFound."""
    found = await queries.block(session, merchant_id, block_id)
    if found is None:
        raise BlockNotFound()
    moment = now()
    if found.lifted_at is None:
        found.lifted_at, found.lifted_by = moment, actor.name
        await audit.record(session, merchant_id, actor, "lifted", "blocked_addresses", block_id, network=found.network)
        await session.flush()
    shop = await merchants.get(session, merchant_id)
    left = await queries.blocks(session, merchant_id, moment, found.network)
    return Mirrored(shop.slug, found.network, _seconds(left[0].blocked_until, moment) if left else 0)


async def mirrored(session: Session) -> list[Mirrored]:
    """All merchants' blocks as Redis should know them, and networks whose block was lifted of late."""
    moment = now()
    until: dict[tuple[int, str], dt.datetime] = {}
    for row in await queries.blocks_to_mirror(session, moment, moment - _LIFTED):
        key = (row.merchant_id, row.network)
        lasting = row.blocked_until if row.lifted_at is None else moment
        until[key] = max(until.get(key, moment), lasting)
    slugs = {merchant_id: (await merchants.get(session, merchant_id)).slug for merchant_id in {key[0] for key in until}}
    return [
        Mirrored(slugs[merchant_id], network, _seconds(ends, moment)) for (merchant_id, network), ends in until.items()
    ]


def _seconds(until: dt.datetime, moment: dt.datetime) -> int:
    return -int((moment - until).total_seconds() // 1)


def _view(row: BlockedAddress) -> Block:
    return Block(
        id=row.id,
        address=row.network,
        reason=row.reason,
        by=row.blocked_by,
        created_at=row.created_at,
        blocked_until=row.blocked_until,
    )
