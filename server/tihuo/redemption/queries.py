import datetime as dt
from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.db.base import AnyRow, now, rowcount, table
from tihuo.db.direct import Ask, Direct, insert_into
from tihuo.redemption.models import BlockedAddress, Redemption, WrongTry

REDEMPTIONS = table(Redemption)
_INSERT = Direct(insert_into(REDEMPTIONS))
_EVER = Direct(
    select(REDEMPTIONS.c.id)
    .where(REDEMPTIONS.c.merchant_id == bindparam("merchant_id"), REDEMPTIONS.c.card_id == bindparam("card_id"))
    .limit(1)
)
_BY_REQUEST = Direct(
    select(REDEMPTIONS.c.order_id, REDEMPTIONS.c.fingerprint).where(
        REDEMPTIONS.c.merchant_id == bindparam("merchant_id"), REDEMPTIONS.c.request_key == bindparam("key")
    )
)
_WRONG = insert(table(WrongTry))


async def add(
    session: AsyncSession,
    merchant_id: int,
    *,
    card_id: int,
    use_number: int,
    order_id: int,
    request_key: str,
    fingerprint: bytes,
) -> None:
    await _INSERT.later(
        session,
        merchant_id=merchant_id,
        card_id=card_id,
        use_number=use_number,
        order_id=order_id,
        request_key=request_key,
        fingerprint=fingerprint,
        redeemed_at=now(),
    )


def by_request_ahead(merchant_id: int, key: str) -> Ask:
    return _BY_REQUEST.ahead(merchant_id=merchant_id, key=key)


async def by_request(session: AsyncSession, merchant_id: int, key: str) -> AnyRow | None:
    """What a request with this key made before: `order_id` and `fingerprint`."""
    found: AnyRow | None = await _BY_REQUEST.first(session, merchant_id=merchant_id, key=key)
    return found


async def ever_redeemed(session: AsyncSession, merchant_id: int, card_id: int) -> bool:
    """Whether a card ever was, even if its orders were cancelled since."""
    return await _EVER.first(session, merchant_id=merchant_id, card_id=card_id) is not None


def ever_redeemed_ahead(merchant_id: int, card_id: int) -> Ask:
    return _EVER.ahead(merchant_id=merchant_id, card_id=card_id)


async def free_use(session: AsyncSession, merchant_id: int, card_id: int, order_id: int) -> None:
    """Give up the use that an order was; the card's other uses stay numbered from 1 on without a gap."""
    mine = REDEMPTIONS.c.merchant_id == merchant_id, REDEMPTIONS.c.card_id == card_id
    query = select(REDEMPTIONS.c.use_number).where(*mine, REDEMPTIONS.c.order_id == order_id)
    freed = (await session.execute(query)).scalar_one_or_none()
    if freed is None:
        return
    await session.execute(update(REDEMPTIONS).where(*mine, REDEMPTIONS.c.order_id == order_id).values(use_number=None))
    last = (await session.execute(select(func.max(REDEMPTIONS.c.use_number)).where(*mine))).scalar_one()
    if last is not None and last > freed:
        await session.execute(
            update(REDEMPTIONS).where(*mine, REDEMPTIONS.c.use_number == last).values(use_number=freed)
        )


async def add_wrong_try(session: AsyncSession, merchant_id: int, number_key: str, address: str) -> None:
    values = {"merchant_id": merchant_id, "number_key": number_key, "address": address, "at": now()}
    await session.execute(_WRONG, values)


async def wrong_tries(session: AsyncSession, merchant_id: int, number_key: str, limit: int) -> Sequence[WrongTry]:
    """The newest wrong tries at a number."""
    query = (
        select(WrongTry)
        .where(WrongTry.merchant_id == merchant_id, WrongTry.number_key == number_key)
        .order_by(WrongTry.id.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def forget_wrong_tries(session: AsyncSession, before: dt.datetime, limit: int) -> int:
    """Take out up to `limit` of all merchants' older than `before`; answers how many."""
    ids = (await session.scalars(select(WrongTry.id).where(WrongTry.at < before).limit(limit))).all()
    if not ids:
        return 0
    return rowcount(await session.execute(delete(WrongTry).where(WrongTry.id.in_(ids))))


async def newest_wrong_tries(session: AsyncSession, merchant_id: int, limit: int) -> Sequence[WrongTry]:
    query = (
        select(WrongTry)
        .where(WrongTry.merchant_id == merchant_id)
        .order_by(WrongTry.at.desc(), WrongTry.id.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def wrong_tries_by_address(
    session: AsyncSession, merchant_id: int, since: dt.datetime, most: int, limit: int
) -> Sequence[AnyRow]:
    """`address`, `failures`, `numbers` and `last_at` of those who failed most; of no more than the newest `most`."""
    newest = (
        select(WrongTry.address, WrongTry.number_key, WrongTry.at)
        .where(WrongTry.merchant_id == merchant_id, WrongTry.at >= since)
        .order_by(WrongTry.at.desc(), WrongTry.id.desc())
        .limit(most)
        .subquery()
    )
    failures = func.count().label("failures")
    query = (
        select(
            newest.c.address,
            failures,
            func.count(newest.c.number_key.distinct()).label("numbers"),
            func.max(newest.c.at).label("last_at"),
        )
        .group_by(newest.c.address)
        .order_by(failures.desc(), newest.c.address)
        .limit(limit)
    )
    return (await session.execute(query)).all()


async def add_block(session: AsyncSession, merchant_id: int, block: BlockedAddress) -> None:
    block.merchant_id = merchant_id
    session.add(block)
    await session.flush()


async def block(session: AsyncSession, merchant_id: int, block_id: int) -> BlockedAddress | None:
    query = select(BlockedAddress).where(BlockedAddress.merchant_id == merchant_id, BlockedAddress.id == block_id)
    return (await session.scalars(query)).one_or_none()


async def blocks(
    session: AsyncSession, merchant_id: int, at: dt.datetime, network: str | None = None
) -> Sequence[BlockedAddress]:
    """The blocks that hold at a moment, those that end last first; all, or a network's."""
    query = select(BlockedAddress).where(
        BlockedAddress.merchant_id == merchant_id,
        BlockedAddress.blocked_until > at,
        BlockedAddress.lifted_at.is_(None),
    )
    if network is not None:
        query = query.where(BlockedAddress.network == network)
    return (await session.scalars(query.order_by(BlockedAddress.blocked_until.desc(), BlockedAddress.id))).all()


async def blocks_to_mirror(session: AsyncSession, at: dt.datetime, lifted_after: dt.datetime) -> Sequence[AnyRow]:
    """Of all merchants: `merchant_id`, `network`, `blocked_until`, `lifted_at` of what holds or was lifted of late."""
    query = select(
        BlockedAddress.merchant_id,
        BlockedAddress.network,
        BlockedAddress.blocked_until,
        BlockedAddress.lifted_at,
    ).where(
        BlockedAddress.blocked_until > at,
        or_(BlockedAddress.lifted_at.is_(None), BlockedAddress.lifted_at > lifted_after),
    )
    return (await session.execute(query)).all()
