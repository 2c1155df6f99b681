"""Actions on what a filter found: the dry run, the confirmation, the job, and only these cards (spec E)."""

import asyncio
import datetime as dt
import random
from typing import Any

import pytest
from pyroaring import BitMap64
from sqlalchemy import update
from tornado.ioloop import IOLoop

from tests.cards import desk
from tests.cards.desk import Desk, Fields, code, ok
from tests.cards.seeds import seed
from tests.conftest import Server
from tests.factories.shops import PASSWORD, Shop, key
from tihuo.audit import service as audit
from tihuo.cards.models import Card, CardSelection
from tihuo.cards.service import changing
from tihuo.db import Session, now


def reasons(findings: list[Fields]) -> dict[str, int]:
    """How many cards stay, by the code of the reason; each has a sentence."""
    assert all(finding["message"] for finding in findings)
    return {finding["code"]: finding["count"] for finding in findings}


async def states(staff: Desk) -> dict[int, str]:
    return {card["serial"]: card["status"] for card in await staff.cards()}


@pytest.fixture
def idle(io_loop: IOLoop, server: Server) -> Server:
    """The server, whose jobs wait until a test asks for their end."""
    server.jobs.cancel()
    io_loop.run_sync(lambda: asyncio.wait({server.jobs}))
    return server


async def prepared(shop: Shop, staff: Desk) -> int:
    """Serials 1–2 inactive, 3–5 active, 6 redeemed, 7 half used, 8–9 void; answers the product."""
    product = await shop.product()
    own = {"product_ids": [product.id]}
    await staff.make(quantity=2, status="inactive", **own)
    await staff.make(quantity=4, **own)
    await staff.make(quantity=1, uses=2, **own)
    await staff.make(quantity=2, status="inactive", **own)
    printed = await staff.printed()
    for place in (5, 6):
        assert (await desk.redeem(shop, printed[place], product.id)).status_code == 201
    await staff.do("void", serial_from=8)
    return product.id


@pytest.mark.parametrize(
    ("action", "changed", "stay"),
    [
        ("activate", [1, 2], {"already_active": 5, "is_void": 2}),
        ("deactivate", [3, 4, 5, 7], {"not_active": 2, "used_up": 1, "is_void": 2}),
        ("void", [1, 2, 3, 4, 5], {"redeemed": 2, "already_void": 2}),
        ("restore", [8, 9], {"not_void": 7}),
        ("delete", [8, 9], {"only_void_deleted": 7}),
    ],
)
async def test_a_dry_run_says_what_the_job_then_does(
    shop: Shop, action: str, changed: list[int], stay: dict[str, int]
) -> None:
    """How many change, how many stay and why; a dry run alone changes nothing; the job changes just these."""
    async with desk.at(shop) as staff:
        await prepared(shop, staff)
        before = await states(staff)
        selection = await staff.select(action)
        assert (selection["count"], selection["will_change"]) == (9, len(changed))
        assert reasons(selection["unchanged"]) == stay
        assert (selection["first_serial"], selection["last_serial"]) == (1, 9)
        assert selection["needs_password"] is (action == "delete")
        assert await states(staff) == before
        job = await staff.finish(selection)
        assert job["status"] == "done"
        assert job["result"]["changed"] == len(changed)
        assert reasons(job["result"]["unchanged"]) == stay
        after = await states(staff)
    become = {"activate": "active", "deactivate": "inactive", "void": "void", "restore": "inactive", "delete": None}
    for serial, status in before.items():
        assert after.get(serial) == (become[action] if serial in changed else status), serial


async def test_restored_cards_are_what_they_were_before(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        await staff.make(quantity=2, status="inactive")
        await staff.make(quantity=2, status="active")
        before = await states(staff)
        assert (await staff.do("void"))["result"]["changed"] == 4
        assert set((await states(staff)).values()) == {"void"}
        assert (await staff.do("restore"))["result"]["changed"] == 4
        assert await states(staff) == before


async def test_the_job_takes_the_set_that_was_looked_at(idle: Server, shop: Shop) -> None:
    """Cards that match only since then are left alone; those that match no more are changed all the same."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=3, status="inactive", name="甲")
        selection = await staff.select("activate", name="甲")
        await staff.make(quantity=2, status="inactive", name="甲")
        await staff.do("edit", {"name": "乙"}, serial_from=1, serial_to=1)
        job = await staff.finish(selection)
        assert job["result"] == {"changed": 3, "unchanged": []}
        assert await states(staff) == {1: "active", 2: "active", 3: "active", 4: "inactive", 5: "inactive"}


async def test_a_card_that_was_redeemed_meanwhile_is_not_voided(idle: Server, shop: Shop) -> None:
    """Between the dry run and the job, and between asking and the job: it stays redeemed and is reported."""
    product = await shop.product()
    async with desk.at(shop) as staff:
        await staff.make(quantity=5, product_ids=[product.id])
        printed = await staff.printed()
        selection = await staff.select("void")
        assert selection["will_change"] == 5
        assert (await desk.redeem(shop, printed[1], product.id)).status_code == 201
        asked = ok(await staff.apply(selection), 201)
        assert asked["status"] == "waiting"
        assert (await desk.redeem(shop, printed[3], product.id)).status_code == 201
        await staff.client.post(
            f"/api/m/cards/{(await staff.card(printed[4].number))['id']}/status", json={"action": "void"}
        )
        job = await staff.ended(asked["id"])
        assert job["result"]["changed"] == 2
        assert reasons(job["result"]["unchanged"]) == {"redeemed": 2, "already_void": 1}
        found = {card["serial"]: (card["status"], card["redeemed"]) for card in await staff.cards()}
    assert found == {
        1: ("void", False),
        2: ("active", True),
        3: ("void", False),
        4: ("active", True),
        5: ("void", False),
    }


async def test_a_card_that_was_deleted_meanwhile_is_reported(idle: Server, shop: Shop) -> None:
    async with desk.at(shop) as staff:
        await staff.make(quantity=4)
        await staff.do("void", serial_from=3)
        selection = await staff.select("restore", serial_from=2)
        await staff.do("delete", serial_from=4)
        job = await staff.finish(selection)
        assert job["result"]["changed"] == 1
        assert reasons(job["result"]["unchanged"]) == {"not_void": 1, "changed_since": 1}
        assert await states(staff) == {1: "active", 2: "active", 3: "active"}


async def test_confirming_twice_gives_one_job(shop: Shop) -> None:
    """A double click, at the same moment or after the end, answers the job that there is."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=3)
        selection = await staff.select("void")
        answers = await asyncio.gather(*(staff.apply(selection) for _ in range(5)))
        assert len({ok(answer, 201)["id"] for answer in answers}) == 1
        job = await staff.ended(answers[0].json()["id"])
        again = ok(await staff.apply(selection), 201)
        assert (again["id"], again["status"]) == (job["id"], "done")
        jobs = ok(await staff.client.get("/api/m/jobs"))["items"]
    assert sum(job["kind"] == "change_cards" for job in jobs) == 1
    assert [change.action for change in await desk.changes(shop)] == ["voided"]


async def test_a_confirmation_that_does_not_fit_changes_nothing(shop: Shop, other_shop: Shop) -> None:
    """Another number than was shown, too late, nothing to change, somebody else's, or none at all."""
    async with desk.at(shop) as staff, desk.at(other_shop) as foreign:
        await staff.make(quantity=3)
        selection = await staff.select("void")
        differs = await staff.apply(selection, expected=2)
        assert (differs.status_code, code(differs)) == (409, "selection_differs")
        assert "核对的结果是 3 张" in differs.json()["error"]["message"]
        for answer in (
            await foreign.apply(selection),
            await staff.apply({**selection, "id": 2**40}),
        ):
            assert (answer.status_code, code(answer)) == (404, "selection_not_found")
        nothing = await staff.select("restore")
        assert nothing["will_change"] == 0
        assert code(await staff.apply(nothing, expected=1)) == "nothing_to_change"
        await move_back(shop, selection["id"], dt.timedelta(minutes=61))
        late = await staff.apply(selection)
        assert (late.status_code, code(late)) == (409, "selection_expired")
        assert set((await states(staff)).values()) == {"active"}
        empty = await staff.client.post(
            "/api/m/cards/selections", json={"filter": {"status": "void"}, "action": "restore"}
        )
        assert (empty.status_code, code(empty)) == (409, "nothing_selected")
        assert ok(await staff.client.get("/api/m/jobs"))["items"][0]["kind"] == "make_cards"


async def move_back(shop: Shop, selection_id: int, ago: dt.timedelta) -> None:
    """Have a dry run been made so long ago."""

    async def work(session: Session) -> None:
        await session.execute(
            update(CardSelection)
            .where(CardSelection.merchant_id == shop.id, CardSelection.id == selection_id)
            .values(created_at=now() - ago)
        )

    await shop.run(work)


async def test_an_edit_goes_with_the_action_edit_and_only_with_it(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        await staff.make(quantity=1)
        for body in (
            {"action": "edit"},
            {"action": "edit", "edit": {}},
            {"action": "void", "edit": {"name": "x"}},
            {"action": "edit", "edit": {"number": "T2"}},
            {"action": "edit", "edit": {"products": {"mode": "replace", "product_ids": [2**40]}}},
            {"action": "edit", "edit": {"distributor_id": 2**40}},
            {"action": "edit", "edit": {"valid_from": "2030-02-02", "valid_until": "2030-02-01"}},
            {"action": "burn"},
        ):
            answer = await staff.client.post("/api/m/cards/selections", json={"filter": {}, **body})
            assert (answer.status_code, code(answer)) == (422, "invalid_request"), body


async def test_deleting_asks_for_the_password_and_leaves_no_password(shop: Shop) -> None:
    """Missing, wrong, right; then both copies are gone, the number is nobody's again, and all is on record."""
    product = await shop.product()
    async with desk.at(shop) as staff:
        await staff.make(quantity=3, prefix="D", number_length=4, product_ids=[product.id])
        printed = await staff.printed()
        await staff.do("void", serial_from=2)
        selection = await staff.select("delete")
        missing = await staff.apply(selection)
        assert (missing.status_code, code(missing)) == (403, "password_asked")
        wrong = await staff.apply(selection, password="not the password")
        assert (wrong.status_code, code(wrong)) == (403, "password_wrong")
        assert len(await states(staff)) == 3
        job = await staff.finish(selection)
        assert job["result"]["changed"] == 2
        assert PASSWORD not in str(job)
        assert await states(staff) == {1: "active"}
        rows = await desk.rows(shop)
        assert [(row.serial, row.status, row.password_mac, row.password_sealed) for row in rows[1:]] == [
            (2, "deleted", b"", b""),
            (3, "deleted", b"", b""),
        ]
        assert rows[0].password_mac
        for gone in printed[1:]:
            assert code(await desk.check(shop, gone)) == "card_or_password_wrong"
            assert code(await desk.redeem(shop, gone, product.id)) == "card_or_password_wrong"
        entries = await shop.run(lambda session: audit.newest(session, shop.id))
        deleted = next(entry for entry in entries if entry.action == "deleted")
        assert (deleted.name, deleted.data["changed"], deleted.data["selected"]) == ("店主", 2, 3)
        [change] = [change for change in await desk.changes(shop) if change.action == "deleted"]
        assert (change.first_serial, change.last_serial, change.count, change.name) == (2, 3, 2, "店主")


async def test_a_deleted_number_stays_retired(shop: Shop) -> None:
    """Not made again, in sequence, from a start number or at random; not imported, nor what looks like it."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=3, prefix="DO", number_length=3)
        await staff.do("void")
        await staff.do("delete")
        assert (await staff.make(quantity=2, prefix="DO", number_length=3))["first_number"] == "DO004"
        body = {"quantity": 3, "product_ids": [(await shop.product()).id], "prefix": "DO", "start_number": 0}
        # From a start number the length is the number's own: DO1, DO2, DO3 are free.
        ok(await staff.client.post("/api/m/batches", json=body, headers=key()), 201)
        taken = await staff.client.post("/api/m/batches", json={**body, "prefix": "DO00"}, headers=key())
        assert "已被使用" in taken.json()["error"]["message"]
        await staff.make(quantity=994, prefix="DO", number_length=3, order="random")
        made = [row.number for row in await desk.rows(shop)]
        assert len(made) == len(set(made))
        job = await staff.import_table(desk.table([("D0-001", "123456"), ("do002", "123456"), ("FREE1", "123456")]))
        assert job["status"] == "failed"
        assert [row["row"] for row in job["error"]["data"]["rows"]] == [2, 3]


async def test_tries_at_the_password_are_limited(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        await staff.make(quantity=1)
        await staff.do("void")
        selection = await staff.select("delete")
        for _ in range(5):
            assert code(await staff.apply(selection, password="guess")) == "password_wrong"
        answer = await staff.apply(selection, password=PASSWORD)
        assert (answer.status_code, code(answer)) == (429, "too_many_tries")
        assert await states(staff) == {1: "void"}


async def test_a_bulk_action_is_on_record_with_its_filter_and_counts(shop: Shop) -> None:
    async with desk.at(shop) as staff:
        batch = await staff.make(quantity=4)
        await staff.do("void", serial_from=4)
        job = await staff.do("edit", {"face_value_fen": 1}, batch_id=batch["id"], status="active")
        assert job["title"] == "修改 3 张卡"
        assert (job["done"], job["total"], job["cancellable"]) == (3, 3, False)
    entries = await shop.run(lambda session: audit.newest(session, shop.id))
    entry = next(entry for entry in entries if entry.action == "edited")
    assert entry.data == {
        "job_id": job["id"],
        "filter": {"batch_id": batch["id"], "status": "active"},
        "edit": {"face_value_fen": 1},
        "selected": 3,
        "changed": 3,
        "unchanged": 0,
    }
    assert (entry.name, entry.address, entry.staff_id) == ("店主", "127.0.0.1", shop.owner_id)


async def test_a_set_of_many_pieces_is_changed_once_each(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contiguous, scattered and far apart serials, in chunks of every kind: each card once, no other."""
    for name, value in {"CHUNK": 40, "SPAN": 60, "_MOST_RUNS": 8, "_SCATTERED": 10}.items():
        monkeypatch.setattr(changing, name, value)
    draw = random.Random(seed())
    async with desk.at(shop) as staff:
        await staff.make(quantity=500, status="inactive")
        wanted = {serial for serial in range(1, 501) if serial < 90 or (serial < 300 and draw.random() < 0.4)}
        wanted |= set(range(460, 480)) | {500}
        await name_these(staff, shop, wanted)
        job = await staff.do("activate", name="这些")
        assert job["result"] == {"changed": len(wanted), "unchanged": []}
        assert {serial for serial, status in (await states(staff)).items() if status == "active"} == wanted
    changes = await desk.changes(shop, job["id"])
    assert len(changes) > 4
    covered: list[int] = []
    for change in changes:
        members = range(change.first_serial, change.last_serial + 1)
        held = list(BitMap64.deserialize(change.members)) if change.members is not None else list(members)
        assert len(held) == change.count
        assert (held[0], held[-1]) == (change.first_serial, change.last_serial)
        covered += held
    assert sorted(covered) == sorted(wanted)
    assert any(change.members is None for change in changes)
    assert any(change.members is not None for change in changes)


async def name_these(staff: Desk, shop: Shop, serials: set[int]) -> None:
    """Give just these cards a name by which a filter finds them."""
    await staff.do("edit", {"name": "这些"}, serial_from=1, serial_to=1)
    rows = await desk.rows(shop)
    named = rows[0].terms_id
    if 1 not in serials:
        raise AssertionError("the first card is always among them")

    async def work(session: Session) -> None:
        await session.execute(
            update(Card).where(Card.merchant_id == shop.id, Card.serial.in_(serials)).values(terms_id=named)
        )

    await shop.run(work)


async def test_range_actions_as_the_manual_sells_two_hundred_cards(shop: Shop) -> None:
    """First and last serial, look, activate: the 200 in between and no other."""
    async with desk.at(shop) as staff:
        await staff.make(quantity=400, status="inactive")
        selection = await staff.select("activate", serial_from=101, serial_to=300)
        assert (selection["will_change"], selection["first_serial"], selection["last_serial"]) == (200, 101, 300)
        assert (await staff.finish(selection))["result"]["changed"] == 200
        assert (await staff.statistics())["active"] == 200
        assert {serial for serial, status in (await states(staff)).items() if status == "active"} == set(
            range(101, 301)
        )


async def test_bulk_actions_need_the_permission_and_stay_with_the_merchant(shop: Shop, other_shop: Shop) -> None:
    async with desk.at(shop) as staff, desk.at(shop, "cards") as without, desk.at(other_shop) as foreign:
        batch = await staff.make(quantity=3)
        answer = await without.client.post("/api/m/cards/selections", json={"filter": {}, "action": "void"})
        assert (answer.status_code, code(answer)) == (403, "permission_missing")
        foreign_filter: dict[str, Any] = {"batch_id": batch["id"]}
        answer = await foreign.client.post("/api/m/cards/selections", json={"filter": foreign_filter, "action": "void"})
        assert code(answer) == "nothing_selected"
        await foreign.make(quantity=2)
        await foreign.do("void")
        assert set((await states(staff)).values()) == {"active"}
