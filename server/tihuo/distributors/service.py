"""Distributors: those who sell cards on for the merchant (manual: 券商管理)."""

from collections.abc import Collection

from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.db import Session, now
from tihuo.distributors import models, queries
from tihuo.distributors.errors import DistributorNotFound
from tihuo.distributors.schemas import Distributor, DistributorIn, DistributorName


async def list_all(session: Session, merchant_id: int) -> list[Distributor]:
    """All of the merchant's, oldest first."""
    return [Distributor.model_validate(row) for row in await queries.of_merchant(session, merchant_id)]


async def create(session: Session, merchant_id: int, body: DistributorIn, actor: Actor) -> Distributor:
    """Add a distributor. Raises DistributorNameTaken."""
    row = models.Distributor(merchant_id=merchant_id, created_at=now(), **body.model_dump())
    await queries.save(session, merchant_id, row)
    await audit.record(session, merchant_id, actor, "created", "distributors", row.id, name=row.name)
    return Distributor.model_validate(row)


async def change(
    session: Session, merchant_id: int, distributor_id: int, body: DistributorIn, actor: Actor
) -> Distributor:
    """Change a distributor. Raises DistributorNotFound, DistributorNameTaken."""
    row = await queries.one(session, merchant_id, distributor_id)
    if row is None:
        raise DistributorNotFound()
    before = {}
    for name, value in body.model_dump().items():
        if getattr(row, name) != value:
            before[name] = getattr(row, name)
            setattr(row, name, value)
    await queries.save(session, merchant_id, row)
    if before:
        after = {name: getattr(row, name) for name in before}
        await audit.record(session, merchant_id, actor, "changed", "distributors", row.id, before=before, after=after)
    return Distributor.model_validate(row)


async def find(session: Session, merchant_id: int, distributor_id: int) -> Distributor | None:
    """The distributor with this id, None where the merchant has none."""
    row = await queries.one(session, merchant_id, distributor_id)
    return Distributor.model_validate(row) if row is not None else None


async def names(session: Session, merchant_id: int, ids: Collection[int]) -> dict[int, DistributorName]:
    """Those of the ids that are the merchant's, with their names."""
    rows = await queries.many(session, merchant_id, ids) if ids else []
    return {row.id: DistributorName(id=row.id, name=row.name) for row in rows}
