from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.db.base import AnyRow, now, table
from tihuo.db.direct import Ask, Direct
from tihuo.merchants.errors import SlugTaken
from tihuo.merchants.models import Merchant, Storefront

_SHOP = select(
    Merchant.id,
    Merchant.slug,
    Merchant.salt,
    Merchant.timezone,
    Merchant.name.label("merchant_name"),
    *(column for column in table(Storefront).c if column.name != "merchant_id"),
).join(Storefront, Storefront.merchant_id == Merchant.id)


_STAMP = Direct(
    select(Merchant.id, Merchant.slug, Merchant.salt, Storefront.version)
    .join(Storefront, Storefront.merchant_id == Merchant.id)
    .where(Merchant.id == bindparam("id"))
)
_SHOP_BY_SLUG = Direct(_SHOP.where(Merchant.slug == bindparam("slug")))


async def shop_by_slug(session: AsyncSession, slug: str) -> AnyRow | None:
    # MariaDB refuses to compare an ASCII column with other characters.
    found: AnyRow | None = await _SHOP_BY_SLUG.first(session, slug=slug if slug.isascii() else "")
    return found


async def shop(session: AsyncSession, merchant_id: int) -> AnyRow | None:
    return (await session.execute(_SHOP.where(Merchant.id == merchant_id))).first()


async def stamp(session: AsyncSession, merchant_id: int) -> AnyRow | None:
    """What tells whether a merchant's row is the one that is known: id, slug, salt, version."""
    found: AnyRow | None = await _STAMP.first(session, id=merchant_id)
    return found


def stamp_ahead(merchant_id: int) -> Ask:
    """What `stamp` would ask."""
    return _STAMP.ahead(id=merchant_id)


async def add(session: AsyncSession, merchant: dict[str, Any], storefront: dict[str, Any]) -> int:
    """Insert a merchant with its storefront. Raises SlugTaken."""
    try:
        result = await session.execute(insert(table(Merchant)).values(created_at=now(), **merchant))
    except IntegrityError:
        raise SlugTaken(slug=merchant["slug"]) from None
    merchant_id = int(result.inserted_primary_key[0])  # type: ignore[attr-defined]  # an INSERT's result has it
    await session.execute(insert(table(Storefront)).values(merchant_id=merchant_id, **storefront))
    return merchant_id


async def change_storefront(session: AsyncSession, merchant_id: int, values: dict[str, Any]) -> None:
    await session.execute(
        update(table(Storefront))
        .where(table(Storefront).c.merchant_id == merchant_id)
        .values(version=table(Storefront).c.version + 1, **values)
    )
