"""The database's tables, brought to what this version of the code needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def config(url: str) -> Config:
    """Alembic's configuration for one database."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["url"] = url
    return made


def upgrade(url: str) -> None:
    """Bring the database to the newest revision. Call it outside a running event loop."""
    command.upgrade(config(url), "head")


def head() -> str | None:
    """The newest revision that the code knows."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


class NotMigrated(Exception):
    """The database has other tables than the code expects; `tihuo migrate` mends it."""


async def check(session: AsyncSession) -> None:
    """Raise NotMigrated unless the database is at the newest revision."""
    found = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    if found != head():
        raise NotMigrated(f"database at {found}, code at {head()}; run: tihuo migrate")
