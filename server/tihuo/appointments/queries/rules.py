"""The merchant's rule, as text."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from tihuo.appointments.models import AppointmentRule
from tihuo.db.base import table
from tihuo.db.direct import Ask, Direct

RULES = table(AppointmentRule)

_INSERT_MYSQL, _INSERT_SQLITE = mysql.insert(RULES), sqlite.insert(RULES)
_SAVE_MYSQL = _INSERT_MYSQL.on_duplicate_key_update(rule=_INSERT_MYSQL.inserted.rule)
_SAVE_SQLITE = _INSERT_SQLITE.on_conflict_do_update(
    index_elements=[RULES.c.merchant_id], set_={"rule": _INSERT_SQLITE.excluded.rule}
)
_TEXT = Direct(select(RULES.c.rule).where(RULES.c.merchant_id == bindparam("merchant_id")))


async def text(session: AsyncSession, merchant_id: int) -> str | None:
    """The rule as it was saved; None where the merchant has none yet."""
    row = await _TEXT.first(session, merchant_id=merchant_id)
    return None if row is None else str(row.rule)


def text_ahead(merchant_id: int) -> Ask:
    return _TEXT.ahead(merchant_id=merchant_id)


async def text_for_update(session: AsyncSession, merchant_id: int) -> str | None:
    """The same, held against others who change it."""
    query = select(RULES.c.rule).where(RULES.c.merchant_id == merchant_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def save(session: AsyncSession, merchant_id: int, rule: str) -> None:
    """Write the rule, over the one that is there."""
    statement = _SAVE_SQLITE if session.get_bind().dialect.name == "sqlite" else _SAVE_MYSQL
    await session.execute(statement, {"merchant_id": merchant_id, "rule": rule})
