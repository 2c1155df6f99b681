"""Every statement on a merchant's table names the merchant, or the test that ran it fails."""

import re
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from tihuo.db.registry import metadata

SCOPED = {table.name for table in metadata.sorted_tables if "merchant_id" in table.c}

# Statements that serve all merchants on purpose, by what they hold.
ACROSS_MERCHANTS = (
    # The relay and the live hub number and carry everybody's events; screens get only their merchant's.
    r"events\.number IS NULL",
    r"events\.number > \S+ AND events\.number <= ",
    r"UPDATE events SET number=",
    # Accounts are unique among all merchants; a session names its account by id.
    r"staff_accounts\.account = ",
    r"WHERE staff_accounts\.id = ",
    # The merchant itself, found by its slug or id.
    r"JOIN storefronts ON storefronts\.merchant_id = merchants\.id",
    # A changed object written back: it was loaded by a statement that this check let through.
    r"^UPDATE (\w+) SET .*\sWHERE \1\.id = \S+$",
    # A condition that nothing meets takes the merchant's with it.
    r"WHERE (false|0) = 1",
    # Housekeeping.
    r"events\.at < ",
    r"idempotency_keys\.created_at < ",
    r"DELETE FROM (events|idempotency_keys|wrong_tries|card_selections) WHERE \S+\.id IN",
    r"job_files\.erased_at IS NULL AND \(job_files\.expires_at",
    r"wrong_tries\.at < ",
    r"card_selections\.created_at < ",
    # Redis is told again of everybody's blocks, each under its merchant.
    r"blocked_addresses\.blocked_until > .* AND \(blocked_addresses\.lifted_at IS NULL OR",
    # The worker looks for anybody's next job; what it then does names the job's merchant.
    r"jobs\.status IN .* AND NOT \(EXISTS",
)


class UnscopedStatement(AssertionError):
    """A statement on a merchant's table that does not say whose rows it means."""


def check(statement: str) -> None:
    """Raise UnscopedStatement for a statement that could reach another merchant's rows."""
    if re.match(r"\s*INSERT", statement):
        return
    touched = {name for name in SCOPED if re.search(rf"\b(FROM|JOIN|UPDATE)\s+{name}\b", statement)}
    if not touched or any(re.search(pattern, statement, re.DOTALL) for pattern in ACROSS_MERCHANTS):
        return
    condition = statement.partition("WHERE")[2]
    if "merchant_id" not in condition:
        raise UnscopedStatement(statement)


def watch(engine: AsyncEngine) -> None:
    """Check every statement that runs on the engine."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _before(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        check(statement)
