"""Staff accounts: signing in, permissions, management."""

from typing import get_args

from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.db import Session, now
from tihuo.merchants import service as merchants
from tihuo.staff import queries
from tihuo.staff.errors import BeyondOwnPermissions, OwnerProtected, StaffNotFound
from tihuo.staff.models import StaffAccount
from tihuo.staff.schemas import Me, MeMerchant, MeStaff, Permission, Staff, StaffChange, StaffNew
from tihuo.vault.staff_passwords import hash_password

PERMISSIONS: tuple[Permission, ...] = get_args(Permission)


def permissions(account: StaffAccount) -> frozenset[Permission]:
    """What the account may do: everything but what was taken away."""
    taken = () if account.is_owner else account.restrictions
    return frozenset(name for name in PERMISSIONS if name not in taken)


async def enabled(session: Session, staff_id: int) -> StaffAccount | None:
    """The account of a session, None when it has been disabled or is gone."""
    account = await queries.by_id(session, staff_id)
    return account if account is not None and not account.disabled else None


async def candidate(session: Session, account: str) -> StaffAccount | None:
    """The enabled account of that name, if there is one; its password is yet to be compared."""
    found = await queries.by_account(session, account.strip().lower()) if account.isascii() else None
    return found if found is not None and not found.disabled else None


async def signed_in(session: Session, account: StaffAccount, address: str, origin: str) -> Me:
    """Note the sign-in; answers what the back office shows of the account."""
    actor = Actor(account.id, account.name, address)
    await audit.record(session, account.merchant_id, actor, "signed_in", "staff_accounts", account.id)
    return await me(session, account.id, origin)


async def me(session: Session, staff_id: int, origin: str) -> Me:
    """The account, its merchant and the storefront's address. Raises StaffNotFound."""
    account = await enabled(session, staff_id)
    if account is None:
        raise StaffNotFound()
    shop = await merchants.get(session, account.merchant_id)
    held = permissions(account)
    return Me(
        staff=MeStaff(
            id=account.id,
            account=account.account,
            name=account.name,
            is_owner=account.is_owner,
            permissions=[name for name in PERMISSIONS if name in held],
        ),
        merchant=MeMerchant(id=shop.id, name=shop.merchant_name, slug=shop.slug),
        storefront_url=merchants.storefront_url(origin, shop.slug),
    )


async def create(session: Session, merchant_id: int, body: StaffNew, actor: Actor, *, is_owner: bool = False) -> Staff:
    """Add an account. Raises AccountTaken, BeyondOwnPermissions."""
    if not is_owner:
        await _within_own(session, merchant_id, actor, frozenset(PERMISSIONS) - set(body.restrictions))
    account = await queries.add(
        session,
        StaffAccount(
            merchant_id=merchant_id,
            account=body.account,
            name=body.name,
            mobile=body.mobile,
            password_hash=hash_password(body.password),
            restrictions=list(dict.fromkeys(body.restrictions)),
            is_owner=is_owner,
            disabled=False,
            created_at=now(),
        ),
    )
    await audit.record(
        session,
        merchant_id,
        actor,
        "created",
        "staff_accounts",
        account.id,
        account=account.account,
        restrictions=account.restrictions,
    )
    return Staff.model_validate(account)


async def change(session: Session, merchant_id: int, staff_id: int, body: StaffChange, actor: Actor) -> Staff:
    """Change an account. Raises StaffNotFound, OwnerProtected, BeyondOwnPermissions."""
    account = await queries.one_for_update(session, merchant_id, staff_id)
    if account is None:
        raise StaffNotFound()
    if account.is_owner:
        if account.id != actor.staff_id or body.disabled or body.restrictions:
            raise OwnerProtected()
    else:
        await _within_own(session, merchant_id, actor, permissions(account))
        await _within_own(session, merchant_id, actor, frozenset(PERMISSIONS) - set(body.restrictions))
    before = {"name": account.name, "restrictions": account.restrictions, "disabled": account.disabled}
    account.name = body.name
    account.mobile = body.mobile
    account.restrictions = list(dict.fromkeys(body.restrictions))
    account.disabled = body.disabled
    if body.password is not None:
        account.password_hash = hash_password(body.password)
    after = {"name": account.name, "restrictions": account.restrictions, "disabled": account.disabled}
    await audit.record(
        session,
        merchant_id,
        actor,
        "changed",
        "staff_accounts",
        account.id,
        before=before,
        after=after,
        password_changed=body.password is not None,
    )
    return Staff.model_validate(account)


async def list_all(session: Session, merchant_id: int) -> list[Staff]:
    """All accounts of the merchant, oldest first."""
    return [Staff.model_validate(account) for account in await queries.of_merchant(session, merchant_id)]


async def _within_own(session: Session, merchant_id: int, actor: Actor, wanted: frozenset[Permission]) -> None:
    if actor.staff_id is None:
        return
    own = await queries.one_for_update(session, merchant_id, actor.staff_id)
    if own is None or not wanted <= permissions(own):
        raise BeyondOwnPermissions()
