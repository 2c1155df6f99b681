from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.staff.errors import AccountTaken
from tihuo.staff.models import StaffAccount


async def by_account(session: AsyncSession, account: str) -> StaffAccount | None:
    """Accounts are unique among all merchants: signing in asks for no merchant."""
    return (await session.scalars(select(StaffAccount).where(StaffAccount.account == account))).one_or_none()


async def by_id(session: AsyncSession, staff_id: int) -> StaffAccount | None:
    """The account of a session; the session is what names the merchant."""
    return await session.get(StaffAccount, staff_id)


async def one_for_update(session: AsyncSession, merchant_id: int, staff_id: int) -> StaffAccount | None:
    return (
        await session.scalars(
            select(StaffAccount)
            .where(StaffAccount.merchant_id == merchant_id, StaffAccount.id == staff_id)
            .with_for_update()
        )
    ).one_or_none()


async def of_merchant(session: AsyncSession, merchant_id: int) -> Sequence[StaffAccount]:
    rows = await session.scalars(
        select(StaffAccount).where(StaffAccount.merchant_id == merchant_id).order_by(StaffAccount.id)
    )
    return rows.all()


async def add(session: AsyncSession, account: StaffAccount) -> StaffAccount:
    """Insert an account. Raises AccountTaken."""
    session.add(account)
    try:
        await session.flush()
    except IntegrityError:
        raise AccountTaken(account=account.account) from None
    return account
