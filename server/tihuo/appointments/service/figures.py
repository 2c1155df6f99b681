"""How full the merchant's days are, for staff."""

import datetime as dt

from tihuo.appointments.queries import slots
from tihuo.appointments.schemas import DayFigures, ProductFigures
from tihuo.appointments.service import rules
from tihuo.catalog import service as catalog
from tihuo.db import Session


async def figures(session: Session, merchant_id: int, first: dt.date, last: dt.date) -> list[DayFigures]:
    """Every day from `first` to `last`, with the places taken and today's quotas; products by the most taken."""
    calendar = await rules.calendar(session, merchant_id)
    shop: dict[dt.date, int] = {}
    products: dict[dt.date, list[tuple[int, int]]] = {}
    counted = await slots.counted(session, merchant_id)
    for row in await slots.sums(session, merchant_id, counted, first, last):
        if row.product_id == 0:
            shop[row.day] = int(row.taken)
        elif row.taken:
            products.setdefault(row.day, []).append((row.product_id, int(row.taken)))
    named = sorted({product_id for entries in products.values() for product_id, _ in entries})
    found = await catalog.get_many(session, merchant_id, named) if named else []
    names = {product.id: product.name for product in found}
    return [
        DayFigures(
            day=day,
            taken=shop.get(day, 0),
            quota=calendar.rule.quota,
            products=[
                ProductFigures(
                    product_id=product_id, name=names[product_id], taken=taken, quota=calendar.quota_of(product_id)
                )
                for product_id, taken in sorted(products.get(day, []), key=lambda entry: (-entry[1], entry[0]))
            ],
        )
        for day in (first + dt.timedelta(days=count) for count in range((last - first).days + 1))
    ]
