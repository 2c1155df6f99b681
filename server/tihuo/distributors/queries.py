from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.distributors.errors import DistributorNameTaken
from tihuo.distributors.models import Distributor


async def of_merchant(session: AsyncSession, merchant_id: int) -> Sequence[Distributor]:
    query = select(Distributor).where(Distributor.merchant_id == merchant_id).order_by(Distributor.id)
    return (await session.scalars(query)).all()


async def one(session: AsyncSession, merchant_id: int, distributor_id: int) -> Distributor | None:
    query = select(Distributor).where(Distributor.merchant_id == merchant_id, Distributor.id == distributor_id)
    return (await session.scalars(query)).one_or_none()


async def many(session: AsyncSession, merchant_id: int, ids: Collection[int]) -> Sequence[Distributor]:
    query = select(Distributor).where(Distributor.merchant_id == merchant_id, Distributor.id.in_(ids))
    return (await session.scalars(query)).all()


async def save(session: AsyncSession, merchant_id: int, distributor: Distributor) -> Distributor:
    """Insert or update. Raises DistributorNameTaken."""
    assert distributor.merchant_id == merchant_id
    # A flush that failed leaves a changed row's attributes unreadable.
    name = distributor.name
    session.add(distributor)
    try:
        await session.flush()
    except IntegrityError:
        raise DistributorNameTaken(name=name) from None
    return distributor
