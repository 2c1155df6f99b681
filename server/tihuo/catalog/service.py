"""Products: what cards can be redeemed for."""

from collections.abc import Sequence
from typing import Any

import nh3

from tihuo.addresses import service as addresses
from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.catalog import models, queries
from tihuo.catalog.errors import ProductNotFound
from tihuo.catalog.schemas import Picture, Product, ProductAttribute, ProductIn, ProductPage, ProductQuery
from tihuo.db import Session, now
from tihuo.db.base import AnyRow
from tihuo.db.direct import Ask
from tihuo.errors import invalid_field
from tihuo.shapes import page
from tihuo.storage import url

_TAGS = {
    "p", "br", "strong", "b", "em", "i", "u", "s", "h1", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "hr", "img"
}  # fmt: skip


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Pictures only from our own store: another host's would tell it who looks at what."""
    return value if (tag, name) != ("img", "src") or value.startswith("/files/") else None


def clean_html(raw: str) -> str:
    """Rich text with nothing in it that could run or load from elsewhere."""
    return nh3.clean(
        raw,
        tags=_TAGS,
        attributes={"img": {"src", "alt"}},
        attribute_filter=_attribute,
        url_schemes=set(),
        link_rel=None,
    )


async def create(session: Session, merchant_id: int, body: ProductIn, actor: Actor) -> Product:
    """Add a product. Raises ProductNameTaken."""
    row = models.Product(merchant_id=merchant_id, created_at=now(), **_values(merchant_id, body))
    await queries.save(session, merchant_id, row)
    await audit.record(session, merchant_id, actor, "created", "products", row.id, name=row.name)
    return _product(row)


async def change(session: Session, merchant_id: int, product_id: int, body: ProductIn, actor: Actor) -> Product:
    """Change a product; orders keep showing it as it was when ordered. Raises ProductNotFound, ProductNameTaken."""
    row = await _one(session, merchant_id, product_id)
    changed = []
    for name, value in _values(merchant_id, body).items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    await queries.save(session, merchant_id, row)
    await audit.record(session, merchant_id, actor, "changed", "products", row.id, fields=sorted(changed))
    return _product(row)


async def put_on_shelf(session: Session, merchant_id: int, product_id: int, on_shelf: bool, actor: Actor) -> Product:
    """Put a product on the shelf or take it off; off it can't be chosen any more. Raises ProductNotFound."""
    row = await _one(session, merchant_id, product_id)
    if row.on_shelf != on_shelf:
        row.on_shelf = on_shelf
        row.updated_at = now()
        await queries.save(session, merchant_id, row)
        action = "put_on_shelf" if on_shelf else "taken_off_shelf"
        await audit.record(session, merchant_id, actor, action, "products", row.id)
    return _product(row)


async def get(session: Session, merchant_id: int, product_id: int) -> Product:
    """One product. Raises ProductNotFound."""
    return _product(await _one(session, merchant_id, product_id))


async def get_many(session: Session, merchant_id: int, product_ids: Sequence[int]) -> list[Product]:
    """Those of the products that are the merchant's, in the order of their ids."""
    return [_product(row) for row in await queries.many(session, merchant_id, sorted(product_ids))]


def get_many_ahead(merchant_id: int, product_ids: Sequence[int]) -> list[Ask]:
    """What `get_many` would ask, where that is one question."""
    return [queries.many_ahead(merchant_id, sorted(product_ids))] if 0 < len(product_ids) <= queries.AT_ONCE else []


async def list_page(session: Session, merchant_id: int, query: ProductQuery) -> ProductPage:
    """Products, newest first."""
    on_shelf = {"all": None, "on": True, "off": False}[query.shelf]
    rows = list(await queries.page(session, merchant_id, on_shelf, query.q, query.after, query.limit))
    shown, following = page(rows, query.limit)
    return ProductPage(items=[_product(row) for row in shown], next=following)


async def count(session: Session, merchant_id: int) -> int:
    """How many products the merchant has."""
    return await queries.count(session, merchant_id)


async def _one(session: Session, merchant_id: int, product_id: int) -> models.Product:
    row = await queries.one(session, merchant_id, product_id)
    if row is None:
        raise ProductNotFound()
    return row


def _values(merchant_id: int, body: ProductIn) -> dict[str, Any]:
    for key in body.picture_keys:
        if not key.startswith(f"{merchant_id}/"):
            raise invalid_field("picture_keys", "picture_unknown", "商品图片不存在，请重新上传")
    addresses.check_areas(body.undeliverable, "undeliverable")
    values = body.model_dump()
    values["picture_keys"] = list(dict.fromkeys(body.picture_keys))
    values["detail_html"] = clean_html(body.detail_html)
    values["updated_at"] = now()
    return values


def _product(row: models.Product | AnyRow) -> Product:
    return Product(
        id=row.id,
        name=row.name,
        code=row.code,
        erp_code=row.erp_code,
        pictures=[Picture(key=key, url=url(key) or "") for key in row.picture_keys],
        contents=row.contents,
        detail_html=row.detail_html,
        attributes=[ProductAttribute(**attribute) for attribute in row.attributes],
        undeliverable=addresses.areas(row.undeliverable),
        undeliverable_note=row.undeliverable_note,
        on_shelf=row.on_shelf,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
