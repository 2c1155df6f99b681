"""Every change is on record with who, when, from where."""

from tests.factories.shops import Shop
from tihuo.audit import service as audit


async def test_a_deed_is_recorded_with_who_when_and_from_where(shop: Shop) -> None:
    async with await shop.staff("staff") as clerk:
        made = await clerk.post("/api/m/products", json={"name": "苹果"})
    entry = (await shop.run(lambda session: audit.newest(session, shop.id, 1)))[0]
    assert (entry.name, entry.action, entry.subject) == ("小王", "created", "products")
    assert (entry.subject_id, entry.address) == (made.json()["id"], "127.0.0.1")
    assert entry.at.tzinfo is not None


async def test_what_was_refused_leaves_no_record(shop: Shop) -> None:
    before = await shop.run(lambda session: audit.newest(session, shop.id, 100))
    async with await shop.staff() as staff:
        await staff.post("/api/m/products", json={"name": ""})
        await staff.post("/api/m/cards/1/status", json={"action": "void"})
    after = await shop.run(lambda session: audit.newest(session, shop.id, 100))
    assert len(after) == len(before)


async def test_a_merchant_sees_its_own_record_only(shop: Shop, other_shop: Shop) -> None:
    await other_shop.product("桃子")
    entries = await shop.run(lambda session: audit.newest(session, shop.id, 100))
    assert {entry.merchant_id for entry in entries} == {shop.id}
