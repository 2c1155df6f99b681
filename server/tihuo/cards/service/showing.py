"""Rows of the tables as staff see them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tihuo.cards import models
from tihuo.cards.queries import terms
from tihuo.cards.queries.terms import Attributes
from tihuo.cards.schemas import Batch, BatchRef, Card, Usage
from tihuo.catalog import service as catalog
from tihuo.catalog.schemas import ProductName
from tihuo.db import Session
from tihuo.db.base import AnyRow
from tihuo.distributors import service as distributors
from tihuo.distributors.schemas import DistributorName

USAGES: tuple[Usage, ...] = ("unused", "partly", "used_up")


@dataclass(frozen=True)
class Names:
    """The attributes of terms, and the names of the products and distributors in them."""

    attributes: dict[int, Attributes]
    products: dict[int, list[ProductName]]
    distributors: dict[int, DistributorName]

    def products_of(self, terms_id: int) -> list[ProductName]:
        """The products that cards with these terms are good for."""
        return self.products[self.attributes[terms_id].product_set_id]

    def distributor_of(self, terms_id: int) -> DistributorName | None:
        """The distributor who has the cards with these terms."""
        return self.distributors.get(self.attributes[terms_id].distributor_id or 0)


async def names(session: Session, merchant_id: int, terms_ids: Iterable[int]) -> Names:
    """What is shown of several terms."""
    attributes = await terms.many(session, merchant_id, list(terms_ids))
    sets = await terms.products_of_sets(session, merchant_id, {one.product_set_id for one in attributes.values()})
    wanted = sorted({product_id for ids in sets.values() for product_id in ids})
    known = {
        product.id: ProductName(id=product.id, name=product.name)
        for product in await catalog.get_many(session, merchant_id, wanted)
    }
    return Names(
        attributes=attributes,
        products={set_id: [known[product_id] for product_id in ids] for set_id, ids in sets.items()},
        distributors=await distributors.names(
            session, merchant_id, {one.distributor_id for one in attributes.values() if one.distributor_id}
        ),
    )


async def batches(session: Session, merchant_id: int, rows: Sequence[models.Batch]) -> list[Batch]:
    """Batches as staff see them."""
    known = await names(session, merchant_id, {row.terms_id for row in rows})
    shown = []
    for row in rows:
        attributes = known.attributes[row.terms_id]
        shown.append(
            Batch(
                id=row.id,
                code=row.code,
                status=row.status,
                source=row.source,
                job_id=row.job_id,
                name=attributes.name,
                prefix=row.prefix,
                number_length=row.number_length,
                start_number=row.start_number,
                order=row.order,
                password_length=row.password_length,
                password_alphabet=row.password_alphabet,
                uses=row.uses,
                card_status=row.card_status,
                quantity=row.quantity,
                first_serial=row.first_serial,
                last_serial=row.last_serial,
                first_number=row.first_number,
                last_number=row.last_number,
                products=known.products_of(row.terms_id),
                face_value_fen=attributes.face_value_fen,
                valid_from=attributes.valid_from,
                valid_until=attributes.valid_until,
                remark=attributes.remark,
                distributor=known.distributor_of(row.terms_id),
                created_at=row.created_at,
                created_by=row.created_by,
            )
        )
    return shown


async def cards(session: Session, merchant_id: int, rows: Sequence[AnyRow], today: dt.date) -> list[Card]:
    """Cards as staff see them."""
    known = await names(session, merchant_id, {row.terms_id for row in rows})
    shown = []
    for row in rows:
        attributes = known.attributes[row.terms_id]
        shown.append(
            Card(
                id=row.id,
                serial=row.serial,
                number=row.number,
                name=attributes.name,
                batch=BatchRef(id=row.batch_id, code=row.batch_code),
                status=row.status,
                redeemed=row.uses_left < row.uses_total,
                usage=USAGES[row.used],
                uses_total=row.uses_total,
                uses_left=row.uses_left,
                expired=attributes.valid_until is not None and attributes.valid_until < today,
                products=known.products_of(row.terms_id),
                face_value_fen=attributes.face_value_fen,
                valid_from=attributes.valid_from,
                valid_until=attributes.valid_until,
                remark=attributes.remark,
                distributor=known.distributor_of(row.terms_id),
                made_at=row.made_at,
                activated_at=row.activated_at,
                redeemed_at=row.redeemed_at,
            )
        )
    return shown
