import functools
from collections.abc import Sequence

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.catalog.errors import ProductNameTaken
from tihuo.catalog.models import Product
from tihuo.db.base import AnyRow, table
from tihuo.db.direct import Ask, Direct

AT_ONCE = 50


async def page(
    session: AsyncSession, merchant_id: int, on_shelf: bool | None, q: str, after: int | None, limit: int
) -> Sequence[Product]:
    """Newest first; one row more than `limit`, which says that there are others."""
    query = select(Product).where(Product.merchant_id == merchant_id)
    if on_shelf is not None:
        query = query.where(Product.on_shelf.is_(on_shelf))
    if q:
        query = query.where(Product.name.contains(q, autoescape=True) | Product.code.contains(q, autoescape=True))
    if after is not None:
        query = query.where(Product.id < after)
    return (await session.scalars(query.order_by(Product.id.desc()).limit(limit + 1))).all()


async def one(session: AsyncSession, merchant_id: int, product_id: int) -> Product | None:
    return (
        await session.scalars(select(Product).where(Product.merchant_id == merchant_id, Product.id == product_id))
    ).one_or_none()


@functools.cache
def _many(count: int) -> Direct:
    """A statement for so many ids: a list of any length would have to be put together anew each time."""
    products = table(Product)
    wanted = [products.c.id == bindparam(f"id{index}") for index in range(count)]
    return Direct(
        select(products).where(products.c.merchant_id == bindparam("merchant_id"), or_(*wanted)).order_by(products.c.id)
    )


def many_ahead(merchant_id: int, product_ids: Sequence[int]) -> Ask:
    """What `many` would ask of up to fifty."""
    ids = {f"id{index}": product_id for index, product_id in enumerate(product_ids)}
    return _many(len(ids)).ahead(merchant_id=merchant_id, **ids)


async def many(session: AsyncSession, merchant_id: int, product_ids: Sequence[int]) -> Sequence[AnyRow]:
    """Those of the products that are the merchant's, by id."""
    found: list[AnyRow] = []
    for start in range(0, len(product_ids), AT_ONCE):
        ids = {f"id{index}": product_id for index, product_id in enumerate(product_ids[start : start + AT_ONCE])}
        found += await _many(len(ids)).all(session, merchant_id=merchant_id, **ids)
    return found


async def count(session: AsyncSession, merchant_id: int) -> int:
    query = select(func.count()).select_from(Product).where(Product.merchant_id == merchant_id)
    return (await session.execute(query)).scalar_one()


async def save(session: AsyncSession, merchant_id: int, product: Product) -> Product:
    """Insert or update. Raises ProductNameTaken."""
    assert product.merchant_id == merchant_id
    # A flush that failed leaves a changed row's attributes unreadable.
    name = product.name
    session.add(product)
    try:
        await session.flush()
    except IntegrityError:
        raise ProductNameTaken(name=name) from None
    return product
