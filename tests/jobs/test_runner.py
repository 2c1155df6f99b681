"""Jobs: each done once, in its lane's order, by whoever holds it; and what becomes of one that fails or is stopped."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import fakeredis
import pytest
from sqlalchemy import select, update
from tornado.ioloop import IOLoop

from tests.cards import desk
from tests.factories.shops import Shop
from tihuo.audit.service import Actor
from tihuo.db import Session, engine, migrate, now, outbox
from tihuo.db.outbox import EventRow
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.errors import AppError
from tihuo.jobs import events, queries, queue, task
from tihuo.jobs.errors import JobEnded, JobNotCancellable, JobNotFound
from tihuo.jobs.models import JobRow
from tihuo.jobs.runner import MOST_ATTEMPTS, Runner
from tihuo.jobs.task import Kind, Task, nothing_to_undo
from tihuo.merchants import service as merchants
from tihuo.merchants.schemas import MerchantIn

HOST = Actor(None, "host", "test")
MAY = ("cards",)
PAUSE = 0.02
Run = Callable[[Task], Awaitable[None]]


class NoLuck(AppError):
    status = 409
    message = "第 {number} 张不行"


class Desk:
    """Two merchants' jobs in a database of their own, and two processes that may do them."""

    def __init__(self, units: list[UnitOfWork], merchant_ids: list[int]) -> None:
        self.units = units
        self.merchant_ids = merchant_ids
        self._redis = fakeredis.FakeServer()

    def runner(self, run: Run, undo: Run = nothing_to_undo, *, process: int = 0) -> Runner:
        """One process's runner, which knows a single kind of job."""
        redis = fakeredis.FakeAsyncRedis(server=self._redis)
        return Runner(self.units[process], redis, [Kind("test", run, undo)])

    async def ask(self, lane: str = "lane", *, merchant: int = 0, total: int = 1, **fields: Any) -> int:
        merchant_id = self.merchant_ids[merchant]

        async def work(session: Session) -> int:
            job = await queue.add(
                session,
                merchant_id,
                kind="test",
                lane=lane,
                permission="cards",
                title="test",
                total=total,
                input={},
                staff_id=None,
                created_by="host",
                address="test",
                **{"cancellable": True, **fields},
            )
            return job.id

        return await self.units[0].run(work)

    async def row(self, job_id: int) -> JobRow:
        async def work(session: Session) -> JobRow:
            for merchant_id in self.merchant_ids:
                if found := await queries.one(session, merchant_id, job_id):
                    return found
            raise LookupError(job_id)

        return await self.units[0].run(work, writes=False)

    async def ended(self, *job_ids: int) -> list[JobRow]:
        """The jobs after their end."""
        async with asyncio.timeout(30):
            while True:
                rows = [await self.row(job_id) for job_id in job_ids]
                if all(row.finished_at is not None for row in rows):
                    return rows
                await asyncio.sleep(PAUSE)

    async def change(self, job_id: int, **values: Any) -> None:
        async def work(session: Session) -> None:
            await session.execute(update(JobRow).where(JobRow.id == job_id).values(**values))

        await self.units[0].run(work)

    async def lapse(self, job_id: int) -> None:
        """Have whatever the job waits for, a lease or a pause, run out."""
        await self.change(job_id, lease_until=now() - dt.timedelta(seconds=1))

    async def cancel(self, job_id: int) -> None:
        await self.units[0].run(lambda session: queue.cancel(session, self.merchant_ids[0], MAY, job_id))

    async def events(self, kind: str) -> list[dict[str, Any]]:
        async def work(session: Session) -> list[dict[str, Any]]:
            query = select(EventRow.data).where(EventRow.kind == kind).order_by(EventRow.id)
            return list(await session.scalars(query))

        return await self.units[0].run(work, writes=False)

    async def steps(self) -> list[tuple[int, str]]:
        """The steps that were committed, in their order: job and what it noted."""
        return [(data["job"], data["note"]) for data in await self.events("stepped")]


@pytest.fixture
def url(new_database: Callable[[str], str]) -> str:
    """A database in which there are no other jobs. Made before io_loop: migrating runs a loop of its own."""
    made = new_database("jobs")
    migrate.upgrade(made)
    return made


async def merchant(unit: UnitOfWork, slug: str) -> int:
    body = MerchantIn(slug=slug, name="商家")
    return await unit.run(lambda session: merchants.create(session, body, "Asia/Shanghai", HOST))


@pytest.fixture
def jobs(url: str, io_loop: IOLoop) -> Iterator[Desk]:
    """Two processes' ways into it, and two merchants."""

    async def build() -> Desk:
        units = [UnitOfWork(engine.create(url, 8)) for _ in range(2)]
        return Desk(units, [await merchant(units[0], slug) for slug in ("first", "second")])

    made: Desk = io_loop.run_sync(build)
    yield made
    for unit in made.units:
        io_loop.run_sync(unit.close)


async def noted(working: Task, note: str, **moved: Any) -> None:
    """A step that leaves a mark, so that one sees whether it was committed."""
    await working.step(
        lambda session: outbox.announce(session, working.merchant_id, "stepped", {"job": working.id, "note": note}),
        **moved,
    )


async def finished(working: Task) -> None:
    async def work(_: Session) -> dict[str, Any]:
        return {"by": "test"}

    await working.finish(work)


async def stopped(*running: "asyncio.Task[None]") -> None:
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def until(true: Callable[[], Awaitable[bool]] | Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            answer = true()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(PAUSE)


async def test_two_runners_do_each_job_once(jobs: Desk) -> None:
    """Jobs of many lanes over two processes: none is worked on twice, each of its steps is committed once."""
    at_work: set[int] = set()
    most = 0

    async def run(working: Task) -> None:
        nonlocal most
        assert working.id not in at_work
        at_work.add(working.id)
        most = max(most, len(at_work))
        for place in range(3):
            await noted(working, str(place), state={"place": place}, done=place)
            await asyncio.sleep(0)
        at_work.discard(working.id)
        await finished(working)

    ids = [await jobs.ask(f"lane{turn % 6}", merchant=turn % 2, total=3) for turn in range(24)]
    running = [asyncio.create_task(jobs.runner(run, process=process).run()) for process in range(2)]
    rows = await jobs.ended(*ids)
    await stopped(*running)
    assert {row.status for row in rows} == {"done"}
    assert {row.result["by"] for row in rows} == {"test"}
    assert most > 1
    for job_id in ids:
        assert [note for one, note in await jobs.steps() if one == job_id] == ["0", "1", "2"]


async def test_of_two_who_claim_at_once_one_gets_the_job(jobs: Desk) -> None:
    """Both have looked and seen it free, new or left by a worker that died: the claim itself decides."""
    job_id = await jobs.ask()
    for attempt in (1, 2):
        row = await jobs.row(job_id)
        until_then = now() + task.LEASE

        def claim(process: int, row: JobRow = row, until_then: dt.datetime = until_then) -> Awaitable[bool]:
            lease = f"lease of {process}"
            return jobs.units[process].run(lambda session: queries.claim(session, row, lease, until_then))

        assert sorted(await asyncio.gather(claim(0), claim(1))) == [False, True]
        assert (await jobs.row(job_id)).attempts == attempt
        await jobs.lapse(job_id)


async def test_a_lane_takes_turns_and_others_do_not_wait(jobs: Desk) -> None:
    """One merchant's lane goes in the order of asking; another lane and another merchant go on beside it."""
    first = await jobs.ask("cards")
    second = await jobs.ask("cards")
    elsewhere = await jobs.ask("exports")
    foreign = await jobs.ask("cards", merchant=1)
    third = await jobs.ask("cards")
    go_on = asyncio.Event()
    order: list[int] = []

    async def run(working: Task) -> None:
        order.append(working.id)
        if working.id == first:
            await go_on.wait()
        await finished(working)

    running = [asyncio.create_task(jobs.runner(run, process=process).run()) for process in range(2)]
    await jobs.ended(elsewhere, foreign)
    assert [(await jobs.row(job_id)).status for job_id in (first, second, third)] == ["running", "waiting", "waiting"]
    go_on.set()
    await jobs.ended(first, second, third)
    await stopped(*running)
    assert [job_id for job_id in order if job_id in (first, second, third)] == [first, second, third]
    assert len(order) == 5


async def test_a_runner_does_few_jobs_at_once(jobs: Desk) -> None:
    """More lanes than places: the rest waits, and follows without being asked for again."""
    ids = [await jobs.ask(f"lane{turn}") for turn in range(5)]
    go_on = asyncio.Event()
    at_work: set[int] = set()

    async def run(working: Task) -> None:
        at_work.add(working.id)
        await go_on.wait()
        at_work.discard(working.id)
        await finished(working)

    running = asyncio.create_task(jobs.runner(run).run())
    await until(lambda: len(at_work) == 2)
    assert [(await jobs.row(job_id)).status for job_id in ids] == ["running"] * 2 + ["waiting"] * 3
    assert len(at_work) == 2
    go_on.set()
    await jobs.ended(*ids)
    await stopped(running)


async def test_who_lost_the_lease_commits_nothing_more(jobs: Desk) -> None:
    """A worker that was thought dead comes back: its step and its end leave no trace."""
    job_id = await jobs.ask(total=2)
    wait, waiting = asyncio.Event(), asyncio.Event()
    raised: list[BaseException] = []

    async def slow(working: Task) -> None:
        await noted(working, "one", state={"done": 1}, done=1)
        waiting.set()
        await wait.wait()
        for late in (noted(working, "late", state={"done": 9}, done=9), finished(working), working.keep_alive()):
            try:
                await late
            except task.LeaseLost as lost:
                raised.append(lost)
        await noted(working, "later still")

    async def quick(working: Task) -> None:
        assert (working.state, working.done) == ({"done": 1}, 1)
        await noted(working, "two", state={"done": 2}, done=2)
        await finished(working)

    working = asyncio.create_task(jobs.runner(slow).drain())
    await waiting.wait()
    assert await jobs.runner(quick, process=1).drain() == 0
    await jobs.lapse(job_id)
    assert await jobs.runner(quick, process=1).drain() == 1
    ended = await jobs.row(job_id)
    wait.set()
    await working
    assert len(raised) == 3
    assert await jobs.steps() == [(job_id, "one"), (job_id, "two")]
    after = await jobs.row(job_id)
    assert (after.status, after.state, after.done, after.finished_at) == ("done", {"done": 2}, 2, ended.finished_at)
    assert (after.lease, after.lease_until) == (None, None)


async def test_a_long_step_keeps_its_lease(jobs: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the job's code works on, the lease is renewed again and again, without any step."""
    monkeypatch.setattr(task, "LEASE", dt.timedelta(seconds=0.9))
    job_id = await jobs.ask()
    go_on = asyncio.Event()

    async def run(working: Task) -> None:
        await go_on.wait()
        await finished(working)

    working = asyncio.create_task(jobs.runner(run).drain())
    seen: set[dt.datetime] = set()

    async def renewed() -> bool:
        if until_then := (await jobs.row(job_id)).lease_until:
            seen.add(until_then)
        return len(seen) >= 4

    await until(renewed)
    go_on.set()
    assert await working == 1


async def test_a_worker_that_is_told_to_stop_gives_its_job_back(jobs: Desk) -> None:
    """Another may go on at once, from the last step; being told to stop counts as no failure."""
    job_id = await jobs.ask(total=3)
    reached = asyncio.Event()

    async def endless(working: Task) -> None:
        await noted(working, f"{working.done}", state={"done": working.done + 1}, done=working.done + 1)
        reached.set()
        await asyncio.Event().wait()

    for _ in range(2):
        reached.clear()
        running = asyncio.create_task(jobs.runner(endless).run())
        await reached.wait()
        await stopped(running)
        row = await jobs.row(job_id)
        assert row.status == "running"
        assert row.lease_until is not None
        assert row.lease_until <= now()

    async def rest(working: Task) -> None:
        await noted(working, f"{working.done}", done=working.done + 1)
        await finished(working)

    assert await jobs.runner(rest, process=1).drain() == 1
    assert await jobs.steps() == [(job_id, "0"), (job_id, "1"), (job_id, "2")]
    assert (await jobs.row(job_id)).status == "done"


async def test_being_stopped_often_fails_no_job(jobs: Desk) -> None:
    """A long job without steps survives more restarts than a failing one may have attempts."""
    job_id = await jobs.ask()
    reached = asyncio.Event()

    async def endless(_: Task) -> None:
        reached.set()
        await asyncio.Event().wait()

    for _ in range(MOST_ATTEMPTS + 2):
        reached.clear()
        running = asyncio.create_task(jobs.runner(endless).run())
        await reached.wait()
        await stopped(running)
    assert await jobs.runner(finished).drain() == 1
    assert (await jobs.row(job_id)).status == "done"


@pytest.mark.parametrize("steps", ["none", "that only say how far it is"])
async def test_a_job_that_keeps_failing_is_undone_and_says_so(jobs: Desk, steps: str) -> None:
    """Tried again with growing pauses; after five attempts undone, with words for staff and none of the cause."""
    job_id = await jobs.ask(total=10)
    attempts = 0
    undone: list[int] = []

    async def run(working: Task) -> None:
        nonlocal attempts
        attempts += 1
        if steps != "none":
            # Begun anew each time, as an export is.
            await noted(working, "on the way", done=5)
        raise ValueError("a cause with a secret")

    async def undo(working: Task) -> None:
        undone.append(working.id)
        await working.undone()

    runner = jobs.runner(run, undo)
    pauses = []
    while (await jobs.row(job_id)).finished_at is None:
        before = now()
        assert await runner.drain() == 1
        row = await jobs.row(job_id)
        if row.finished_at is None:
            assert row.status == "running"
            assert row.lease_until is not None
            pauses.append(row.lease_until - before)
            assert await runner.drain() == 0
            await jobs.lapse(job_id)
        assert len(pauses) <= MOST_ATTEMPTS
    assert attempts == len(pauses) == MOST_ATTEMPTS
    assert pauses == sorted(pauses)
    assert undone == [job_id]
    assert row.status == "failed"
    assert row.error is not None
    assert row.error["code"] == "internal_error"
    assert "已全部撤销" in row.error["message"]
    assert "secret" not in str(row.error)


async def test_a_job_that_failed_now_and_then_is_done(jobs: Desk) -> None:
    """Each step that was kept makes the earlier failures forgotten."""
    job_id = await jobs.ask(total=8)
    failures = 0

    async def run(working: Task) -> None:
        nonlocal failures
        while working.done < 8:
            await noted(working, str(working.done), state={"done": working.done + 1}, done=working.done + 1)
            if working.done < 8:
                failures += 1
                raise ValueError
        await finished(working)

    runner = jobs.runner(run)
    while (await jobs.row(job_id)).finished_at is None:
        assert await runner.drain() == 1
        if (await jobs.row(job_id)).finished_at is None:
            await jobs.lapse(job_id)
    assert (await jobs.row(job_id)).status == "done"
    assert failures == 7
    assert await jobs.steps() == [(job_id, str(place)) for place in range(8)]


async def test_a_refusal_undoes_the_job_and_gives_its_words(jobs: Desk) -> None:
    job_id = await jobs.ask(total=2)

    async def run(working: Task) -> None:
        await noted(working, "one", state={"kept": 1}, done=1)
        raise NoLuck(number=2)

    async def undo(working: Task) -> None:
        assert working.state == {"kept": 1}
        await noted(working, "undoing")
        await working.undone(
            lambda session: outbox.announce(session, working.merchant_id, "stepped", {"job": job_id, "note": "undone"})
        )

    assert await jobs.runner(run, undo).drain() == 1
    row = await jobs.row(job_id)
    assert row.status == "failed"
    assert row.error == {"code": "no_luck", "message": "第 2 张不行", "data": {"number": 2}}
    assert [note for _, note in await jobs.steps()] == ["one", "undoing", "undone"]
    told = [data["job"]["status"] for data in await jobs.events(events.CHANGED)]
    assert told == ["waiting", "running", "undoing", "failed"]


async def test_undoing_goes_on_until_it_succeeds(jobs: Desk) -> None:
    """Whatever fails meanwhile, also more often than a job is tried; the reason stays the first one."""
    job_id = await jobs.ask()
    tries = 0

    async def run(_: Task) -> None:
        raise NoLuck(number=1)

    async def undo(working: Task) -> None:
        nonlocal tries
        tries += 1
        if tries <= MOST_ATTEMPTS + 2:
            raise ValueError
        await working.undone()

    runner = jobs.runner(run, undo)
    for _ in range(MOST_ATTEMPTS + 3):
        assert (await jobs.row(job_id)).finished_at is None
        assert await runner.drain() == 1
        await jobs.lapse(job_id)
    row = await jobs.row(job_id)
    assert row.status == "failed"
    assert row.error is not None
    assert row.error["code"] == "no_luck"


async def test_a_waiting_job_is_cancelled(jobs: Desk) -> None:
    job_id = await jobs.ask()
    undone: list[int] = []
    await jobs.cancel(job_id)

    async def run(working: Task) -> None:
        await noted(working, "never")
        await finished(working)

    async def undo(working: Task) -> None:
        undone.append(working.id)
        await working.undone()

    assert await jobs.runner(run, undo).drain() == 1
    row = await jobs.row(job_id)
    assert (row.status, row.error, row.result) == ("cancelled", None, {})
    assert undone == [job_id]
    assert await jobs.steps() == []


@pytest.mark.parametrize("at", ["step", "finish"])
async def test_a_running_job_is_cancelled_at_its_next_step(jobs: Desk, at: str) -> None:
    """The step, or the end, that comes after the request is not committed."""
    job_id = await jobs.ask(total=3)

    async def run(working: Task) -> None:
        await noted(working, "one", done=1)
        await jobs.cancel(job_id)
        if at == "step":
            await noted(working, "two", done=2)
        await finished(working)

    async def undo(working: Task) -> None:
        await noted(working, "undoing")
        await working.undone()

    assert await jobs.runner(run, undo).drain() == 1
    row = await jobs.row(job_id)
    assert (row.status, row.error, row.result) == ("cancelled", None, {})
    assert [note for _, note in await jobs.steps()] == ["one", "undoing"]
    with pytest.raises(JobEnded):
        await jobs.cancel(job_id)


async def test_what_can_not_be_cancelled_says_so(jobs: Desk) -> None:
    fixed = await jobs.ask(cancellable=False)
    with pytest.raises(JobNotCancellable, match="不能中途取消"):
        await jobs.cancel(fixed)
    assert await jobs.runner(finished).drain() == 1
    assert (await jobs.row(fixed)).status == "done"
    done = await jobs.ask()
    assert await jobs.runner(finished).drain() == 1
    with pytest.raises(JobEnded):
        await jobs.cancel(done)
    with pytest.raises(JobNotFound):
        await jobs.cancel(2**40)


async def test_screens_hear_of_progress_now_and_then_and_always_of_the_end(
    jobs: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four hundred steps in ten seconds of the job's clock: about ten events, and the last one says done."""
    job_id = await jobs.ask(total=400)
    clock = now()
    monkeypatch.setattr(task, "now", lambda: clock)

    async def run(working: Task) -> None:
        nonlocal clock
        while working.done < 400:
            await noted(working, "", done=working.done + 1)
            clock += dt.timedelta(seconds=0.025)
        await finished(working)

    assert await jobs.runner(run).drain() == 1
    told = [data["job"] for data in await jobs.events(events.CHANGED) if data["job"]["id"] == job_id]
    assert told[0]["status"] == "waiting"
    assert {job["status"] for job in told[1:-1]} == {"running"}
    assert 9 <= len(told[1:-1]) <= 11
    done = [job["done"] for job in told]
    assert done == sorted(done)
    assert (told[-1]["status"], told[-1]["done"]) == ("done", 400)


async def test_a_runner_survives_a_lost_database(jobs: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that fails is tried again; the job that was asked for meanwhile is done."""
    look = queries.next_open
    failures = [ConnectionError("away"), ConnectionError("still away")]

    async def failing(*arguments: Any) -> JobRow | None:
        if failures:
            raise failures.pop()
        return await look(*arguments)

    monkeypatch.setattr(queries, "next_open", failing)
    running = asyncio.create_task(jobs.runner(finished).run())
    job_id = await jobs.ask()
    assert (await jobs.ended(job_id))[0].status == "done"
    await stopped(running)
    assert not failures


async def test_a_runner_ends_whenever_it_is_cancelled(jobs: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the moment in which what it awaits has its answer: a worker that is told to stop does not hang."""

    async def nothing(_: Runner) -> None:
        await asyncio.sleep(0)

    # Without the database: what is cancelled here is the listening.
    monkeypatch.setattr(Runner, "_claim", nothing)
    for turns in range(60):
        running = asyncio.create_task(jobs.runner(finished).run())
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=10)
        assert done, turns


async def test_a_job_is_seen_with_its_permission_only(shop: Shop, other_shop: Shop) -> None:
    """Nobody else's account learns that there is one; nor does another merchant's."""
    async with desk.at(shop) as owner, desk.at(shop, "cards") as without, desk.at(other_shop) as foreign:
        made = await owner.ask(quantity=2)
        job_id = made["job"]["id"]
        await owner.ended(job_id)
        listed = desk.ok(await owner.client.get("/api/m/jobs"))
        assert [job["id"] for job in listed["items"]] == [job_id]
        assert listed["items"][0]["created_by"] == "店主"
        assert listed["next"] is None
        for stranger in (without, foreign):
            assert desk.ok(await stranger.client.get("/api/m/jobs"))["items"] == []
            for answer in (
                await stranger.client.get(f"/api/m/jobs/{job_id}"),
                await stranger.client.post(f"/api/m/jobs/{job_id}/cancel"),
                await stranger.client.post(f"/api/m/jobs/{job_id}/file"),
            ):
                assert (answer.status_code, desk.code(answer)) == (404, "job_not_found")
        assert desk.code(await owner.client.post(f"/api/m/jobs/{job_id}/cancel")) == "job_ended"


async def test_jobs_are_listed_newest_first_and_by_pages(shop: Shop) -> None:
    async with desk.at(shop) as owner:
        ids = [(await owner.ask(quantity=1))["job"]["id"] for _ in range(5)]
        for job_id in ids:
            await owner.ended(job_id)
        found, after = [], ""
        while True:
            page = desk.ok(await owner.client.get("/api/m/jobs", params={"limit": 2, "after": after}))
            found += [job["id"] for job in page["items"]]
            if page["next"] is None:
                break
            after = page["next"]
    assert found == ids[::-1]
