"""Terms and product sets: written once, shared, never changed."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace

import orjson
from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.cards.models import CardTerms, ProductSet, ProductSetItem
from tihuo.db.base import table


@dataclass(frozen=True)
class Attributes:
    """What a card has besides number, password and state; equal attributes are one row of terms."""

    name: str
    product_set_id: int
    face_value_fen: int | None
    valid_from: dt.date | None
    valid_until: dt.date | None
    remark: str
    distributor_id: int | None

    def but(self, **changed: object) -> "Attributes":
        """These with some changed."""
        return replace(self, **changed)  # type: ignore[arg-type]  # each caller names fields of its own


_FIELDS = tuple(Attributes.__dataclass_fields__)
_SET_PRODUCTS = (
    select(ProductSetItem.product_id)
    .where(ProductSetItem.merchant_id == bindparam("merchant_id"), ProductSetItem.set_id == bindparam("set_id"))
    .order_by(ProductSetItem.product_id)
)


async def set_products(session: AsyncSession, merchant_id: int, set_id: int) -> list[int]:
    """The ids of a product set's products."""
    return list(await session.scalars(_SET_PRODUCTS, {"merchant_id": merchant_id, "set_id": set_id}))


async def products_of_sets(session: AsyncSession, merchant_id: int, set_ids: Iterable[int]) -> dict[int, list[int]]:
    """The ids of the products of several sets."""
    rows = await session.execute(
        select(ProductSetItem.set_id, ProductSetItem.product_id)
        .where(ProductSetItem.merchant_id == merchant_id, ProductSetItem.set_id.in_(set(set_ids)))
        .order_by(ProductSetItem.product_id)
    )
    found: dict[int, list[int]] = {}
    for set_id, product_id in rows:
        found.setdefault(set_id, []).append(product_id)
    return found


async def product_set(session: AsyncSession, merchant_id: int, product_ids: Sequence[int]) -> int:
    """The id of the set with just these products, made if there is none."""
    distinct = sorted(set(product_ids))
    digest = hashlib.sha256(",".join(map(str, distinct)).encode()).digest()
    found = await session.scalar(
        select(ProductSet.id).where(ProductSet.merchant_id == merchant_id, ProductSet.digest == digest)
    )
    if found is not None:
        return found
    row = ProductSet(merchant_id=merchant_id, digest=digest)
    session.add(row)
    await session.flush()
    items = [{"set_id": row.id, "product_id": item, "merchant_id": merchant_id} for item in distinct]
    await session.execute(insert(table(ProductSetItem)), items)
    return row.id


async def of(session: AsyncSession, merchant_id: int, attributes: Attributes) -> int:
    """The id of the terms with just these attributes, made if there are none."""
    digest = hashlib.sha256(orjson.dumps(asdict(attributes))).digest()
    found = await session.scalar(
        select(CardTerms.id).where(CardTerms.merchant_id == merchant_id, CardTerms.digest == digest)
    )
    if found is not None:
        return found
    row = CardTerms(merchant_id=merchant_id, digest=digest, **asdict(attributes))
    session.add(row)
    await session.flush()
    return row.id


async def many(session: AsyncSession, merchant_id: int, ids: Collection[int]) -> dict[int, Attributes]:
    """The attributes of several terms."""
    wanted = list(set(ids))
    found: dict[int, Attributes] = {}
    for start in range(0, len(wanted), 1000):
        query = select(CardTerms).where(
            CardTerms.merchant_id == merchant_id, CardTerms.id.in_(wanted[start : start + 1000])
        )
        for row in await session.scalars(query):
            found[row.id] = Attributes(**{name: getattr(row, name) for name in _FIELDS})
    return found


async def matching(
    session: AsyncSession,
    merchant_id: int,
    *,
    name: str,
    product_id: int | None,
    face_value_fen: int | None,
    distributor_id: int | None,
    expired: bool | None,
    today: dt.date,
) -> list[int]:
    """The ids of the terms with these attributes. `name`: somewhere in it; `distributor_id`: 0 for none."""
    query = select(CardTerms.id).where(CardTerms.merchant_id == merchant_id)
    if name:
        query = query.where(CardTerms.name.contains(name, autoescape=True))
    if product_id is not None:
        sets = select(ProductSetItem.set_id).where(
            ProductSetItem.merchant_id == merchant_id, ProductSetItem.product_id == product_id
        )
        query = query.where(CardTerms.product_set_id.in_(sets))
    if face_value_fen is not None:
        query = query.where(CardTerms.face_value_fen == face_value_fen)
    if distributor_id is not None:
        wanted = (
            CardTerms.distributor_id.is_(None) if distributor_id == 0 else CardTerms.distributor_id == distributor_id
        )
        query = query.where(wanted)
    if expired is not None:
        gone = CardTerms.valid_until < today
        query = query.where(gone if expired else or_(CardTerms.valid_until.is_(None), ~gone))
    return list(await session.scalars(query.order_by(CardTerms.id)))


async def with_distributors(session: AsyncSession, merchant_id: int) -> dict[int, tuple[int, dt.date | None]]:
    """The terms that name a distributor: which one, and their cards' last day."""
    query = select(CardTerms.id, CardTerms.distributor_id, CardTerms.valid_until).where(
        CardTerms.merchant_id == merchant_id, CardTerms.distributor_id.is_not(None)
    )
    return {row.id: (row.distributor_id, row.valid_until) for row in await session.execute(query)}
