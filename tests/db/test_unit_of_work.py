"""One request, one transaction, committed before the first byte of the answer."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.conftest import Server
from tests.factories.shops import HOST, Shop
from tihuo.catalog import service as catalog
from tihuo.catalog.schemas import ProductIn
from tihuo.db import Session, engine
from tihuo.db.unit_of_work import UnitOfWork


async def test_whatever_work_raises_undoes_all_of_it(shop: Shop) -> None:
    async def work(session: Session) -> None:
        await catalog.create(session, shop.id, ProductIn(name="半成品"), HOST)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await shop.run(work)
    assert await shop.run(lambda session: catalog.count(session, shop.id)) == 0


async def test_a_failed_commit_reaches_the_client_as_a_failure(
    shop: Shop, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(_session: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception(2006, "gone away"))

    async with await shop.staff() as staff:
        with monkeypatch.context() as patch:
            patch.setattr("sqlalchemy.ext.asyncio.AsyncSession.commit", failing)
            # Reading who asks commits too, so the handler's own work is called by itself.
            with pytest.raises(OperationalError):
                await shop.run(lambda session: catalog.create(session, shop.id, ProductIn(name="苹果"), HOST))
        assert (await staff.get("/api/m/products")).json()["items"] == []


async def test_a_deadlock_is_tried_again_and_then_given_up(shop: Shop) -> None:
    tries = 0

    async def deadlocked(session: Session) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OperationalError("UPDATE", {}, Exception(1213, "Deadlock found"))
        return await catalog.count(session, shop.id)

    assert await shop.run(deadlocked) == 0
    assert tries == 3

    async def hopeless(_session: Session) -> None:
        raise OperationalError("UPDATE", {}, Exception(1213, "Deadlock found"))

    with pytest.raises(OperationalError):
        await shop.run(hopeless)


@pytest.mark.sqlite_only
async def test_work_that_is_cancelled_gives_the_writers_lock_back_at_once(tmp_path: Path) -> None:
    """In the middle of a statement too: what is left of it may live on in a traceback, its transaction does not."""
    path = tmp_path / "cancelled.db"
    unit_of_work = UnitOfWork(engine.create(f"sqlite+aiosqlite:///{path}", 8))
    under_way = asyncio.Event()

    async def slow(session: Session) -> None:
        await session.execute(text("CREATE TABLE half_done (id INTEGER)"))
        raw = await (await session.connection()).get_raw_connection()
        loop = asyncio.get_running_loop()
        assert raw.driver_connection is not None
        await raw.driver_connection.create_function("begun", 0, lambda: loop.call_soon_threadsafe(under_way.set))
        await session.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000000)"
                " SELECT begun() UNION ALL SELECT count(*) FROM n"
            )
        )

    working = asyncio.create_task(unit_of_work.run(slow))
    await under_way.wait()
    working.cancel()
    (cancelled,) = await asyncio.gather(working, return_exceptions=True)
    assert isinstance(cancelled, asyncio.CancelledError)
    with contextlib.closing(sqlite3.connect(path, timeout=0)) as another:
        another.execute("BEGIN IMMEDIATE")
        assert another.execute("SELECT name FROM sqlite_master").fetchall() == []
    await unit_of_work.close()


async def test_an_unknown_error_is_a_bare_500(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_arguments: object) -> None:
        raise RuntimeError("the secret inner workings")

    monkeypatch.setattr("tihuo.catalog.service.list_page", broken)
    staff = await shop.staff()
    async with staff, httpx.AsyncClient(base_url=shop.base_url, cookies=staff.cookies) as plain:
        response = await plain.get("/api/m/products")
    assert response.status_code == 500
    error = response.json()["error"]
    assert error["code"] == "internal_error"
    assert "secret" not in response.text
    assert error["request_id"] == response.headers["x-request-id"]
    assert error["request_id"] in error["message"]
