"""The record of who did what: written in the transaction of the deed, never without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tihuo.audit import queries
from tihuo.db import Session

if TYPE_CHECKING:
    from tihuo.audit.models import AuditEntry


@dataclass(frozen=True)
class Actor:
    """Who acts: a staff account, or (`staff_id` None) the host or a card holder; and from which address."""

    staff_id: int | None
    name: str
    address: str


async def record(
    session: Session,
    merchant_id: int,
    actor: Actor,
    action: str,
    subject: str,
    subject_id: int | None = None,
    **data: Any,
) -> None:
    """Note a deed. `action`: a verb of the trade; `subject`: the table it was done to; no secrets in `data`."""
    values = {
        "staff_id": actor.staff_id,
        "name": actor.name,
        "address": actor.address,
        "action": action,
        "subject": subject,
        "subject_id": subject_id,
        "data": data,
    }
    await queries.add(session, merchant_id, values)


async def newest(session: Session, merchant_id: int, limit: int = 50) -> "Sequence[AuditEntry]":
    """The merchant's newest entries."""
    return await queries.newest(session, merchant_id, limit)
