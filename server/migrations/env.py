"""Alembic's entry: runs migrations on the database whose URL tihuo.db.migrate handed over."""

import asyncio
from pathlib import Path

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tihuo.db.registry import metadata


def run(connection: Connection) -> None:
    if connection.dialect.name in ("mysql", "mariadb"):
        charset = connection.execute(text("SELECT @@character_set_database")).scalar_one()
        if charset != "utf8mb4":
            raise SystemExit("make the database with CHARACTER SET utf8mb4, else names with rare characters are lost")
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    url = make_url(context.config.attributes["url"])
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(main())
