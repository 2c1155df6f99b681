"""Making cards as a job: all or nothing, hidden until ready, numbers and serials never twice."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tornado.ioloop import IOLoop

from tests.cards import desk
from tests.cards.desk import Desk, Fields, code, ok
from tests.conftest import Server
from tests.factories.shops import Shop, key
from tihuo.app import kinds
from tihuo.audit import service as audit
from tihuo.cards.jobs import make
from tihuo.cards.queries import making
from tihuo.cards.service import numbers
from tihuo.jobs.runner import Runner

CHUNK = 20


@pytest.fixture
def idle(io_loop: IOLoop, server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, whose jobs wait until a test does them; batches go in small steps."""
    server.jobs.cancel()
    io_loop.run_sync(lambda: asyncio.wait({server.jobs}))
    monkeypatch.setattr(make, "CHUNK", CHUNK)
    return server


def worker(server: Server) -> Runner:
    context = server.app.context
    return Runner(context.unit_of_work, context.redis, kinds(context))


async def begun(server: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Put in so many steps of the next batch's cards; then the worker is stopped."""
    add, done = making.add_cards, 0

    async def counted(session: AsyncSession, merchant_id: int, cards: Sequence[Any], common: dict[str, Any]) -> None:
        nonlocal done
        if merchant_id == shop.id:
            if done == steps:
                raise asyncio.CancelledError
            done += 1
        await add(session, merchant_id, cards, common)

    with monkeypatch.context() as patch:
        patch.setattr(making, "add_cards", counted)
        with pytest.raises(asyncio.CancelledError):
            await worker(server).drain()


async def answers_that_could_tell(staff: Desk, batch: Fields, card_id: int, number: str) -> list[Any]:
    """Everything over HTTP that must not know of cards that are being made."""
    client = staff.client
    lists = [
        {},
        {"batch_id": batch["id"]},
        {"number": number},
        {"number": number[:3]},
        {"serial_from": batch["first_serial"], "serial_to": batch["last_serial"]},
        {"status": "active"},
        {"redeemed": "false"},
        {"usage": "unused", "status": "active"},
        {"uses": 1},
        {"name": batch["name"]},
        {"product_id": batch["products"][0]["id"]},
        {"distributor_id": batch["distributor"]["id"]},
        {"made_from": "2000-01-01"},
        {"activated_from": "2000-01-01"},
    ]
    found: list[Any] = []
    for query in lists:
        page = await staff.page(**query)
        found.append((page["items"], page["count"], page["next"]))
        found.append(await staff.statistics(**query))
        dry_run = {"filter": query, "action": "void"}
        found.append(code(await client.post("/api/m/cards/selections", json=dry_run)))
        wanted = {"filter": query, "columns": ["number"]}
        found.append(code(await client.post("/api/m/cards/exports", json=wanted)))
    home = ok(await client.get("/api/m/home"))
    found += [home["cards"], home["steps"]["cards"]]
    [row] = ok(await client.get("/api/m/reports/distributors"))["items"]
    found.append({name: row[name] for name in ("assigned", "activated", "redeemed", "left", "expired")})
    found += [
        code(await client.get(f"/api/m/cards/{card_id}")),
        code(await client.get(f"/api/m/reports/cards/{card_id}")),
        code(await client.post(f"/api/m/cards/{card_id}/status", json={"action": "void"})),
    ]
    return found


def hidden_answers(count: int) -> list[Any]:
    """What they say where there are none."""
    nothing = dict.fromkeys(("total", "inactive", "active", "void", "redeemed", "unredeemed", "used_up", "expired"), 0)
    each: list[Any] = [([], {"value": 0, "exact": True}, None), nothing, "nothing_selected", "nothing_to_export"]
    return [
        *(each * count),
        {"total": 0, "active": 0, "redeemed": 0},
        0,
        dict.fromkeys(("assigned", "activated", "redeemed", "left", "expired"), 0),
        "card_not_found",
        "card_not_found",
        "card_not_found",
    ]


async def test_cards_that_are_being_made_are_nowhere(idle: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """No list, count, figure, export, action, check or redemption knows them; once ready, all of them do."""
    product = await shop.product()
    async with desk.at(shop) as staff:
        distributor = ok(await staff.client.post("/api/m/distributors", json={"name": "券商"}), 201)
        asked = await staff.ask(
            quantity=3 * CHUNK,
            name="正在生成",
            product_ids=[product.id],
            distributor_id=distributor["id"],
            prefix="HID",
        )
        assert asked["batch"]["status"] == "making"
        assert asked["job"]["status"] == "waiting"
        await begun(idle, shop, monkeypatch, 2)
        made = await desk.rows(shop)
        assert len(made) == 2 * CHUNK
        card = await desk.opened(shop, made[0])
        told = await answers_that_could_tell(staff, asked["batch"], made[0].id, card.number)
        assert told == hidden_answers(14)
        [listed] = ok(await staff.client.get("/api/m/batches"))["items"]
        assert (listed["status"], listed["first_number"]) == ("making", None)
        job = await staff.job(asked["job"]["id"])
        assert (job["status"], job["done"], job["total"]) == ("running", 2 * CHUNK, 3 * CHUNK)
        for answer in (await desk.check(shop, card), await desk.redeem(shop, card, product.id)):
            assert (answer.status_code, code(answer)) == (403, "card_or_password_wrong")

        assert (await staff.ended(asked["job"]["id"]))["status"] == "done"
        assert ok(await desk.check(shop, card))["state"] == "redeemable"
        assert (await desk.redeem(shop, card, product.id)).status_code == 201
        assert (await staff.page(batch_id=listed["id"]))["count"] == {"value": 3 * CHUNK, "exact": True}
        home = ok(await staff.client.get("/api/m/home"))
        assert home["cards"] == {"total": 3 * CHUNK, "active": 3 * CHUNK, "redeemed": 1}
        assert len(await staff.printed(batch_id=listed["id"])) == 3 * CHUNK


async def test_figures_leave_out_what_is_being_made_beside_what_is_ready(
    idle: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk.at(shop) as staff:
        ready = await staff.make(quantity=5, status="active")
        await staff.do("void", serial_from=ready["first_serial"], serial_to=ready["first_serial"])
        hidden = await staff.ask(quantity=2 * CHUNK)
        await begun(idle, shop, monkeypatch, 1)
        later = await staff.ask(quantity=1)
        assert ok(await staff.client.get("/api/m/home"))["cards"] == {"total": 5, "active": 4, "redeemed": 0}
        assert (await staff.statistics())["total"] == 5
        assert [card["serial"] for card in await staff.cards()] == [5, 4, 3, 2, 1]
        await staff.ended(later["job"]["id"])
        assert (await staff.job(hidden["job"]["id"]))["status"] == "done"
        assert (await staff.statistics())["total"] == 6 + 2 * CHUNK


async def test_a_batch_cancelled_in_its_middle_leaves_nothing(
    idle: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cards are taken out again, its numbers go to the next batch, its serials to nobody."""
    async with desk.at(shop) as staff:
        before = await staff.make(quantity=10, prefix="K", number_length=6)
        cancelled = await staff.ask(quantity=3 * CHUNK, prefix="K", number_length=6)
        job_id = cancelled["job"]["id"]
        await begun(idle, shop, monkeypatch, 2)
        assert len(await desk.rows(shop)) == 10 + 2 * CHUNK
        answer = ok(await staff.client.post(f"/api/m/jobs/{job_id}/cancel"))
        assert answer["cancellable"] is False
        job = await staff.ended(job_id)
        assert (job["status"], job["error"]) == ("cancelled", None)
        assert len(await desk.rows(shop)) == 10
        assert (await staff.batch(cancelled["batch"]["id"]))["status"] == "undone"
        assert [one["id"] for one in ok(await staff.client.get("/api/m/batches"))["items"]] == [before["id"]]
        after = await staff.make(quantity=5, prefix="K", number_length=6)
    assert (after["first_number"], after["last_number"]) == ("K000011", "K000015")
    assert after["first_serial"] == 10 + 3 * CHUNK + 1
    assert [row.number for row in await desk.rows(shop)] == [f"K{value:06d}" for value in range(1, 16)]


async def test_a_waiting_batch_that_is_cancelled_takes_no_number(idle: Server, shop: Shop) -> None:
    async with desk.at(shop) as staff:
        first = await staff.ask(quantity=3, prefix="W", number_length=4)
        second = await staff.ask(quantity=3, prefix="W", number_length=4)
        third = await staff.ask(quantity=3, prefix="W", number_length=4)
        ok(await staff.client.post(f"/api/m/jobs/{second['job']['id']}/cancel"))
        ends = [(await staff.ended(asked["job"]["id"]))["status"] for asked in (first, second, third)]
        assert ends == ["done", "cancelled", "done"]
        made = [(card["serial"], card["number"]) for card in await staff.cards()]
    assert made[::-1] == [*((n, f"W{n:04d}") for n in (1, 2, 3)), *((n + 3, f"W{n:04d}") for n in (4, 5, 6))]


async def test_a_worker_that_is_stopped_in_the_middle_loses_and_doubles_nothing(
    idle: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after each step, the batch is the same as one made in one go, in either order."""
    for order, prefix in (("sequential", "S"), ("random", "R")):
        async with desk.at(shop) as staff:
            asked = await staff.ask(quantity=3 * CHUNK + 7, prefix=prefix, order=order, number_length=5)
            for _ in range(3):
                await begun(idle, shop, monkeypatch, 1)
            assert (await staff.ended(asked["job"]["id"]))["status"] == "done"
            batch = await staff.batch(asked["batch"]["id"])
            printed = await staff.printed(batch_id=batch["id"])
            cards = await staff.cards(batch_id=batch["id"])
        assert len(printed) == len({card.number for card in printed}) == 3 * CHUNK + 7
        serials = [card["serial"] for card in cards][::-1]
        assert serials == list(range(batch["first_serial"], batch["last_serial"] + 1))
        assert printed[0].number == batch["first_number"]
        assert printed[-1].number == batch["last_number"]
        if order == "sequential":
            assert [card.number for card in printed] == [f"S{value:05d}" for value in range(1, 3 * CHUNK + 8)]
        assert ok(await desk.check(shop, printed[0]))["state"] == "redeemable"
        assert ok(await desk.check(shop, printed[-1]))["state"] == "redeemable"


@pytest.mark.parametrize("listed", [True, False], ids=["free_ones_listed", "drawn_until_free"])
async def test_random_numbers_in_a_nearly_full_range_end(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    """900 of 999 are in use: the last 99 are found, each once; then there is no room, and it says how much."""
    if not listed:
        monkeypatch.setattr(numbers, "_LISTED", 10)
    async with desk.at(shop) as staff:
        await staff.make(quantity=900, prefix="R", number_length=3, order="random")
        last = {"prefix": "R", "number_length": 3, "order": "random"}
        too_many = await staff.client.post(
            "/api/m/batches", json={"quantity": 100, "product_ids": [(await shop.product()).id], **last}, headers=key()
        )
        assert too_many.status_code == 422
        assert "还能生成 99 个卡号" in too_many.json()["error"]["message"]
        await staff.make(quantity=99, **last)
        full = await staff.client.post(
            "/api/m/batches", json={"quantity": 1, "product_ids": [(await shop.product()).id], **last}, headers=key()
        )
        assert "还能生成 0 个卡号" in full.json()["error"]["message"]
    made = [row.number for row in await desk.rows(shop)]
    assert sorted(made) == [f"R{value:03d}" for value in range(1, 1000)]
    assert made != sorted(made)


async def test_a_sequential_batch_steps_around_numbers_that_are_in_use(shop: Shop) -> None:
    """Imported, random or look-alike ones: none is given twice, the rest of the range is used up to its end."""
    async with desk.at(shop) as staff:
        job = await staff.import_table(desk.table([("Q003", "111111"), ("QO05", "111111"), ("Q999", "111111")]))
        assert job["status"] == "done", job
        await staff.make(quantity=100, prefix="Q", number_length=3, order="random")
        await staff.make(quantity=999 - 103, prefix="Q", number_length=3)
    keys = [row.number_key for row in await desk.rows(shop)]
    assert sorted(keys) == [f"Q{value:03d}" for value in range(1, 1000)]


async def test_two_batches_asked_for_at_once_follow_one_another(idle: Server, shop: Shop) -> None:
    """The same prefix, at the same moment: distinct numbers, in the order of the batches' serials."""
    product = await shop.product()
    async with desk.at(shop) as staff:
        asked = await asyncio.gather(
            *(staff.ask(quantity=30, prefix="P", number_length=5, product_ids=[product.id]) for _ in range(4))
        )
        for one in asked:
            assert (await staff.ended(one["job"]["id"]))["status"] == "done"
    rows = await desk.rows(shop)
    assert [(row.serial, row.number) for row in rows] == [(n, f"P{n:05d}") for n in range(1, 121)]
    assert sorted({row.batch_id for row in rows}) == sorted(one["batch"]["id"] for one in asked)


async def test_batches_that_wait_are_counted_when_room_is_looked_for(idle: Server, shop: Shop) -> None:
    """Two batches that each fit, but not both: the second is refused when it is asked for, not after a wait."""
    product = await shop.product()
    body = {"quantity": 600, "prefix": "L", "number_length": 3, "product_ids": [product.id]}
    async with desk.at(shop) as staff:
        first = await staff.ask(**body)
        second = await staff.client.post("/api/m/batches", json=body, headers=key())
        assert (second.status_code, code(second)) == (422, "invalid_request")
        assert "还能生成 399 个卡号" in second.json()["error"]["message"]
        third = await staff.ask(**{**body, "quantity": 399})
        for asked in (first, third):
            assert (await staff.ended(asked["job"]["id"]))["status"] == "done"
    assert len(await desk.rows(shop)) == 999


async def test_a_start_number_that_was_taken_meanwhile_fails_with_its_sentence(idle: Server, shop: Shop) -> None:
    """Both were free when they were asked for; the second names the number, and nothing of it is left."""
    async with desk.at(shop) as staff:
        first = await staff.ask(quantity=10, prefix="M", start_number=100)
        second = await staff.ask(quantity=10, prefix="M", start_number=105)
        assert (await staff.ended(first["job"]["id"]))["status"] == "done"
        job = await staff.ended(second["job"]["id"])
        assert job["status"] == "failed"
        assert job["error"]["code"] == "invalid_request"
        assert "有 5 个卡号已被使用（如 M106）" in job["error"]["message"]
        assert job["error"]["data"]["fields"][0]["field"] == "start_number"
        assert (await staff.batch(second["batch"]["id"]))["status"] == "undone"
        suggested = re.search(r"换一个起始号（如 (\d+)）", job["error"]["message"])
        assert suggested is not None
        third = await staff.make(quantity=10, prefix="M", start_number=int(suggested[1]))
    made = [row.number for row in await desk.rows(shop)]
    assert made == [f"M{value}" for value in (*range(101, 111), *range(116, 126))]
    assert third["first_serial"] == 21


async def test_serials_are_never_used_again(idle: Server, shop: Shop) -> None:
    """Not those of a cancelled batch, nor those of deleted cards, not even the last ones."""
    async with desk.at(shop) as staff:
        first = await staff.make(quantity=4)
        asked = await staff.ask(quantity=5)
        ok(await staff.client.post(f"/api/m/jobs/{asked['job']['id']}/cancel"))
        await staff.ended(asked["job"]["id"])
        second = await staff.make(quantity=3)
        await staff.do("void", batch_id=second["id"])
        assert (await staff.do("delete", batch_id=second["id"]))["result"]["changed"] == 3
        third = await staff.make(quantity=2)
    spans = [(batch["first_serial"], batch["last_serial"]) for batch in (first, second, third)]
    assert spans == [(1, 4), (10, 12), (13, 14)]


async def test_the_same_request_again_answers_the_same_batch_and_job(idle: Server, shop: Shop) -> None:
    product = await shop.product()
    body = {"quantity": 5, "product_ids": [product.id]}
    headers = key()
    async with desk.at(shop) as staff:
        answers = await asyncio.gather(
            *(staff.client.post("/api/m/batches", json=body, headers=headers) for _ in range(5))
        )
        first = ok(answers[0], 201)
        assert {ok(answer, 201)["batch"]["id"] for answer in answers} == {first["batch"]["id"]}
        await staff.ended(first["job"]["id"])
        again = ok(await staff.client.post("/api/m/batches", json=body, headers=headers), 201)
        assert (again["batch"]["id"], again["job"]["id"]) == (first["batch"]["id"], first["job"]["id"])
        assert again["job"]["status"] == "done"
        other = await staff.client.post("/api/m/batches", json={**body, "quantity": 6}, headers=headers)
        assert code(other) == "idempotency_key_reused"
    assert len(await desk.rows(shop)) == 5


async def test_the_result_and_the_record_say_what_was_made(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        asked = await staff.ask(quantity=7, prefix="Z", number_length=4)
        job = await staff.ended(asked["job"]["id"])
        assert job["result"]["ready_at"] is not None
        kept = {name: job["result"][name] for name in ("batch_id", "quantity", "first_number", "last_number")}
        assert kept == {
            "batch_id": asked["batch"]["id"],
            "quantity": 7,
            "first_number": "Z0001",
            "last_number": "Z0007",
        }
        assert (job["done"], job["total"], job["title"]) == (7, 7, f"生成 7 张卡（批次 {asked['batch']['code']}）")
    entries = await shop.run(lambda session: audit.newest(session, shop.id))
    made = [entry for entry in entries if entry.subject == "batches"]
    assert [entry.action for entry in made] == ["made", "asked_for"]
    assert {entry.name for entry in made} == {"店主"}
    assert {entry.address for entry in made} == {"127.0.0.1"}
    assert made[0].data["quantity"] == 7
