"""A database with cards in it is brought to 0002, and says the same of each of them as before."""

import asyncio
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from tihuo.cards.models import Batch, Card, CardTerms
from tihuo.cards.queries import lookup, terms
from tihuo.cards.queries.terms import Attributes
from tihuo.db import migrate
from tihuo.db.base import table
from tihuo.redemption.models import Redemption

ORCHARD, TEAHOUSE = 1, 2
NOON = "2026-01-10 04:00:00.000000"
Row = dict[str, Any]

SETS = {1: ORCHARD, 2: ORCHARD, 3: TEAHOUSE}
PLAIN = {
    "name": "388 卡",
    "product_set_id": 1,
    "face_value_fen": 38_800,
    "valid_from": "2026-01-01",
    "valid_until": "2027-12-31",
    "remark": "",
}
BARE = {"name": "", "product_set_id": 2, "face_value_fen": None, "valid_from": None, "valid_until": None, "remark": ""}

BATCHES: list[Row] = [
    {
        "id": 11,
        "merchant_id": ORCHARD,
        "first_serial": 1,
        "last_serial": 5,
        "prefix": "OIL",
        "number_length": 8,
        **PLAIN,
    },
    {"id": 12, "merchant_id": ORCHARD, "first_serial": 6, "last_serial": 8, "prefix": "", "number_length": 8, **BARE},
    # Another merchant's, alike in everything: its terms are its own.
    {
        **PLAIN,
        "id": 13,
        "merchant_id": TEAHOUSE,
        "first_serial": 1,
        "last_serial": 2,
        "prefix": "OIL",
        "number_length": 8,
        "product_set_id": 3,
    },
]

UNUSED: Row = {"status": "inactive", "uses_left": 1}
# Half past four in the afternoon in UTC: the next day in Shanghai (+8), the same day in Ürümqi (+6).
LATE = "2026-03-01 16:30:00.000001"
# The last moment of a day in Shanghai.
LAST_MOMENT = "2026-03-01 15:59:59.999999"

CARDS: list[Row] = [
    {"id": 101, "batch_id": 11, "serial": 1, "number": "OIL00000001", **PLAIN, **UNUSED},
    {
        "id": 102,
        "batch_id": 11,
        "serial": 2,
        "number": "OIL00000002",
        **PLAIN,
        "status": "active",
        "activated_at": LATE,
    },
    {
        **PLAIN,
        "id": 103,
        "batch_id": 11,
        "serial": 3,
        "number": "OIL00000003",
        "status": "active",
        "uses_left": 0,
        "activated_at": LAST_MOMENT,
        "redeemed_at": LATE,
    },
    {
        **PLAIN,
        "id": 104,
        "batch_id": 11,
        "serial": 4,
        "number": "OIL00000004",
        "status": "void",
        "status_before_void": "active",
        "activated_at": LATE,
    },
    # Void before it ever was active, and with other attributes than the rest of its batch.
    {
        **PLAIN,
        "id": 105,
        "batch_id": 11,
        "serial": 5,
        "number": "OIL00000005",
        "status": "void",
        "status_before_void": "inactive",
        "remark": "样卡",
        "valid_until": "2026-06-30",
    },
    {"id": 106, "batch_id": 12, "serial": 6, "number": "10000002", **BARE, **UNUSED},
    {"id": 107, "batch_id": 12, "serial": 7, "number": "10000003", **BARE, **UNUSED},
    # Of another batch, and alike in everything that is shared.
    {"id": 108, "batch_id": 12, "serial": 8, "number": "10000004", **PLAIN, **UNUSED},
    {
        **PLAIN,
        "id": 201,
        "batch_id": 13,
        "serial": 1,
        "number": "OIL00000001",
        "product_set_id": 3,
        "status": "active",
        "activated_at": LATE,
    },
    {"id": 202, "batch_id": 13, "serial": 2, "number": "OIL00000002", **PLAIN, "product_set_id": 3, **UNUSED},
]


def insert(connection: Connection, into: str, /, **values: Any) -> None:
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column) for column in values)
    binds = ", ".join(f":{column}" for column in values)
    connection.execute(text(f"INSERT INTO {into} ({columns}) VALUES ({binds})"), values)  # noqa: S608


def batch_row(values: Row) -> Row:
    return {
        "code": f"20260110-{values['id']}",
        "start_number": None,
        "order": "sequential",
        "password_length": 10,
        "password_alphabet": "digits",
        "quantity": values["last_serial"] - values["first_serial"] + 1,
        "first_number": "first",
        "last_number": "last",
        "created_by": "店主",
        "created_at": NOON,
        **values,
    }


def card_row(values: Row) -> Row:
    return {
        "merchant_id": next(batch["merchant_id"] for batch in BATCHES if batch["id"] == values["batch_id"]),
        "password_mac": bytes([values["id"] % 256]) * 32,
        "password_sealed": bytes([values["serial"]]) * 48,
        "key_id": "k1",
        "status_before_void": None,
        "uses_total": 1,
        "uses_left": 1,
        "made_at": NOON,
        "activated_at": None,
        "redeemed_at": None,
        **values,
    }


def fill(connection: Connection, cards: list[Row]) -> None:
    """What 0001 knew of two merchants, their products, batches and cards, and of one redemption."""
    for merchant_id, slug, zone in ((ORCHARD, "orchard", "Asia/Shanghai"), (TEAHOUSE, "teahouse", "Asia/Urumqi")):
        insert(
            connection,
            "merchants",
            id=merchant_id,
            slug=slug,
            name=slug,
            salt=bytes([merchant_id]) * 32,
            timezone=zone,
            created_at=NOON,
        )
        insert(connection, "serial_counters", merchant_id=merchant_id, last_serial=8)
    insert(connection, "number_counters", merchant_id=ORCHARD, prefix="OIL", digits=8, last_number=5)
    for product_id, merchant_id in ((1, ORCHARD), (2, ORCHARD), (3, TEAHOUSE)):
        insert(
            connection,
            "products",
            id=product_id,
            merchant_id=merchant_id,
            name=f"商品 {product_id}",
            code="",
            erp_code="",
            picture_keys="[]",
            contents="[]",
            detail_html="",
            attributes="[]",
            on_shelf=True,
            created_at=NOON,
            updated_at=NOON,
        )
    for set_id, merchant_id in SETS.items():
        insert(connection, "product_sets", id=set_id, merchant_id=merchant_id, digest=bytes([set_id]) * 32)
        insert(connection, "product_set_items", set_id=set_id, product_id=set_id, merchant_id=merchant_id)
    for batch in BATCHES:
        insert(connection, "batches", **batch_row(batch))
    for card in cards:
        insert(connection, "cards", **card_row(card))
    order = {
        "id": 1,
        "merchant_id": ORCHARD,
        "number": "2026030100000001",
        "card_id": 103,
        "card_number": "OIL00000003",
        "card_name": "388 卡",
        "product_id": 1,
        "product": json.dumps({"name": "商品 1"}),
        "source": "h5",
        "status": "to_ship",
        "receiver_name": "张三",
        "mobile": "13812345678",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "region_code": None,
        "address": "文三路 1 号",
        "remark": "",
        "placed_at": LATE,
        "shipped_at": None,
    }
    insert(connection, "orders", **order)
    insert(connection, "redemptions", merchant_id=ORCHARD, card_id=103, use_number=1, order_id=1, redeemed_at=LATE)


def on(url: str, work: Callable[[Connection], Any]) -> Any:
    """Do `work` on the database, committed."""

    async def run() -> Any:
        engine = create_async_engine(url, poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def rows(url: str, model: Any, *order: Any) -> list[Row]:
    """All rows of a model's table."""
    found: list[Row] = on(
        url,
        lambda connection: [dict(row) for row in connection.execute(select(table(model)).order_by(*order)).mappings()],
    )
    return found


@pytest.fixture(scope="module")
def upgraded(new_database: Callable[[str], str]) -> str:
    url = new_database("upgraded")
    command.upgrade(migrate.config(url), "0001")
    on(url, lambda connection: fill(connection, CARDS))
    command.upgrade(migrate.config(url), "0002")
    return url


def moment(value: str | None) -> dt.datetime | None:
    return None if value is None else dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)


def day(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def attributes(values: Row) -> Attributes:
    return Attributes(
        **{
            **{name: values[name] for name in PLAIN},
            "valid_from": day(values["valid_from"]),
            "valid_until": day(values["valid_until"]),
            "distributor_id": None,
        }
    )


def test_what_is_a_cards_own_stays(upgraded: str) -> None:
    """Number, password, key, state, uses and moments, under the same id."""
    kept = {
        "id",
        "merchant_id",
        "batch_id",
        "serial",
        "number",
        "password_mac",
        "password_sealed",
        "key_id",
        "status",
        "status_before_void",
        "uses_total",
        "uses_left",
    }
    found = rows(upgraded, Card, Card.id)
    before = [card_row(card) for card in CARDS]
    assert [{name: row[name] for name in kept} for row in found] == [
        {name: row[name] for name in kept} for row in before
    ]
    for row, old in zip(found, before, strict=True):
        assert (row["activated_at"], row["redeemed_at"]) == (moment(old["activated_at"]), moment(old["redeemed_at"]))


def test_terms_are_shared_and_say_what_each_card_said(upgraded: str) -> None:
    """As many terms as there are distinct attributes of a merchant, and those that making cards would find again."""
    found = {row["id"]: row for row in rows(upgraded, CardTerms, CardTerms.id)}
    owners = {batch["id"]: batch["merchant_id"] for batch in BATCHES}
    distinct = {(owners[card["batch_id"]], attributes(card)) for card in CARDS}
    assert len(found) == len(distinct) == 4
    cards = {row["id"]: row for row in rows(upgraded, Card, Card.id)}
    for card in CARDS:
        held = found[cards[card["id"]]["terms_id"]]
        assert held["merchant_id"] == owners[card["batch_id"]]
        assert {name: held[name] for name in Attributes.__dataclass_fields__} == vars(attributes(card))
    assert len({cards[card_id]["terms_id"] for card_id in (101, 102, 103, 104, 108)}) == 1
    for batch, row in zip(BATCHES, rows(upgraded, Batch, Batch.id), strict=True):
        held = found[row["terms_id"]]
        assert {name: held[name] for name in Attributes.__dataclass_fields__} == vars(attributes(batch))

    async def found_again() -> list[int]:
        engine = create_async_engine(upgraded, poolclass=NullPool)
        async with AsyncSession(engine) as session:
            ids = [await terms.of(session, owners[card["batch_id"]], attributes(card)) for card in CARDS]
        await engine.dispose()
        return ids

    assert asyncio.run(found_again()) == [cards[card["id"]]["terms_id"] for card in CARDS]


def test_days_are_the_merchants_own(upgraded: str) -> None:
    """What happened late in the UTC day happened on the next one in Shanghai, and on the same one in Ürümqi."""
    found = {row["id"]: row for row in rows(upgraded, Card, Card.id)}
    first, second = dt.date(2026, 3, 1), dt.date(2026, 3, 2)
    activated = {card_id: row["activated_day"] for card_id, row in found.items() if row["activated_day"]}
    assert activated == {102: second, 103: first, 104: second, 201: first}
    assert {card_id: row["redeemed_day"] for card_id, row in found.items() if row["redeemed_day"]} == {103: second}


def test_numbers_are_found_as_they_are_misread(upgraded: str) -> None:
    """O, I and L are 0, 1 and 1 in the number's key; the number itself stays as it is printed."""
    found = {row["id"]: row for row in rows(upgraded, Card, Card.id)}
    assert {card_id: (row["number"], row["number_key"]) for card_id, row in found.items() if card_id in (101, 107)} == {
        101: ("OIL00000001", "01100000001"),
        107: ("10000003", "10000003"),
    }
    assert all(row["number_key"] == row["number"].replace("OIL", "011") for row in found.values())

    async def looked_up() -> list[int]:
        engine = create_async_engine(upgraded, poolclass=NullPool)
        ids = []
        async with AsyncSession(engine) as session:
            for merchant_id in (ORCHARD, TEAHOUSE):
                row = await lookup.for_check(session, merchant_id, "0IL0000000I")
                assert row is not None
                ids.append(row.id)
        await engine.dispose()
        return ids

    assert asyncio.run(looked_up()) == [101, 201]


def test_use_is_computed(upgraded: str) -> None:
    assert {row["id"] for row in rows(upgraded, Card, Card.id) if row["used"] == 2} == {103}
    assert {row["used"] for row in rows(upgraded, Card, Card.id) if row["id"] != 103} == {0}


def test_batches_are_ready_and_know_their_bounds(upgraded: str) -> None:
    found = rows(upgraded, Batch, Batch.id)
    kept = {"id", "merchant_id", "code", "prefix", "number_length", "order", "password_length", "password_alphabet"}
    kept |= {"quantity", "first_serial", "last_serial", "first_number", "last_number", "created_by"}
    for row, batch in zip(found, BATCHES, strict=True):
        old = batch_row(batch)
        assert {name: row[name] for name in kept} == {name: old[name] for name in kept}
        assert row["created_at"] == moment(NOON)
        assert (row["status"], row["source"], row["uses"], row["job_id"]) == ("ready", "made", 1, None)
    assert [(row["lowest_key"], row["highest_key"]) for row in found] == [
        ("01100000001", "01100000005"),
        ("10000002", "10000004"),
        ("01100000001", "01100000002"),
    ]


def test_a_redemption_still_knows_its_card(upgraded: str) -> None:
    cards, redemptions = table(Card), table(Redemption)

    def look(connection: Connection) -> list[str]:
        joined = select(cards.c.number).join(redemptions, redemptions.c.card_id == cards.c.id)
        return list(connection.scalars(joined))

    assert on(upgraded, look) == ["OIL00000003"]


def test_numbers_go_on_where_they_were(upgraded: str) -> None:
    def look(connection: Connection) -> list[tuple[Any, ...]]:
        found = connection.execute(text("SELECT prefix, digits, last_number FROM number_counters"))
        return [tuple(row) for row in found]

    assert on(upgraded, look) == [("OIL", 8, 5)]


def test_numbers_of_one_merchant_that_look_alike_are_named_and_nothing_is_changed(
    new_database: Callable[[str], str],
) -> None:
    """0001 let a merchant have both: which of the two is meant can't be known from a misread one."""
    url = new_database("alike")
    command.upgrade(migrate.config(url), "0001")
    alike = {**CARDS[-1], "batch_id": 12, "id": 109, "serial": 9, "number": "0IL00000001", "product_set_id": 1}
    on(url, lambda connection: fill(connection, [*CARDS, alike]))
    with pytest.raises(SystemExit, match=r"look alike.*01100000001"):
        command.upgrade(migrate.config(url), "0002")
    assert "card_terms" not in on(url, lambda connection: inspect(connection).get_table_names())
    revision = text("SELECT version_num FROM alembic_version")
    assert on(url, lambda connection: connection.scalar(revision)) == "0001"
