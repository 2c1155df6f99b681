# ruff: noqa: S608 - column names cannot be bound; these come from the database itself
"""Checking and redeeming cards over HTTP for a minute: two web processes and a worker on MariaDB and Redis.

Everybody wants the same day, which has a quota: the hardest case for whoever counts it.
"""

import datetime as dt
import http
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.factories.shops import ANY_DAY
from tests.services.mariadb import DatabaseServer
from tests.services.staff_client import Staff

from .bare import COPIES, Marks, Row, Written, columns, connect, make_copies
from .figures import Figure, percentile
from .load import Connection, at_a_time, run
from .merchant import DATABASE, Card, Stage, exported_cards, stage

TIME_LIMIT = 900.0
AT_A_TIME = 64
WARM_UP = 500
SECONDS = 60.0
# More than two processors can redeem in that time.
CARDS = 60_000
# Of the rows that were written, the bare driver writes so many again.
BARE = 10_000
RECEIVER = {
    "name": "王小明",
    "mobile": "13800138000",
    "province": "广东省",
    "city": "深圳市",
    "district": "南山区",
    "region_code": "440305",
    "address": "科技园路 1 号 2 栋 301",
}


@dataclass
class Round:
    seconds: float = 0.0
    cards: list[Card] = field(default_factory=list)
    check: list[float] = field(default_factory=list)
    redeem: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.cards) / self.seconds


def measure() -> list[Figure]:
    day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).date()
    with stage(web=2) as on:
        with Staff(on.processes.urls[0], on.demo["staff"]) as staff:
            product_id = staff.product_id()
            staff.choose_days({**ANY_DAY, "quota": 1_000_000})
            batch_id = staff.make_cards(WARM_UP + CARDS)
            cards = exported_cards(staff.export(batch_id))
        slug = on.demo["storefront"].rstrip("/").rpartition("/")[2]
        holders = Holders(on.processes.ports, slug, product_id, day)
        run(holders.redeem(cards[:WARM_UP], SECONDS))
        marks, asked = Marks(on.database), _questions(on.database)
        before = Split.now(on)
        done = run(holders.redeem(cards[WARM_UP:], SECONDS))
        split = Split.now(on).since(before)
        statements = _questions(on.database) - asked
        written = [Written(one.table, one.columns, one.rows[: BARE * 2]) for one in marks.written_since()]
        chosen = done.cards[: min(BARE, len(done.cards) // 2)]
        after = _cards_by_number(on.database, chosen)
        bare_rate = run(_bare(on.database, Changes(on.database, after), written, product_id, day))
    number = len(done.cards)
    return [
        Figure("redeem.rate", done.rate, "redemptions/s", ">= 280", bare_rate),
        Figure("redeem.p50", percentile(done.redeem, 0.50) * 1000, "ms"),
        Figure("redeem.p99", percentile(done.redeem, 0.99) * 1000, "ms", "<= 250"),
        Figure("redeem.check_p50", percentile(done.check, 0.50) * 1000, "ms"),
        Figure("redeem.check_p99", percentile(done.check, 0.99) * 1000, "ms"),
        Figure("redeem.ratio", done.rate / bare_rate, "of the bare driver", ">= 0.35"),
        Figure("redeem.statements", statements / number, "per card"),
        *(Figure(f"redeem.cpu_{who}", seconds * 1000 / number, "ms per card") for who, seconds in split.parts.items()),
    ]


@dataclass(frozen=True)
class Holders:
    """Those who redeem: 64 at a time, each first looking at the card as the pages do."""

    ports: Sequence[int]
    slug: str
    product_id: int
    day: dt.date

    async def redeem(self, cards: Sequence[Card], seconds: float) -> Round:
        done = Round()
        connections = [Connection("127.0.0.1", self.ports[lane % len(self.ports)]) for lane in range(AT_A_TIME)]
        began = time.perf_counter()

        async def one(lane: int, card: Card) -> None:
            if time.perf_counter() - began > seconds:
                return
            connection, secret = connections[lane], {"number": card.number, "password": card.password}
            check = await connection.post(f"/api/c/{self.slug}/cards/check", secret)
            if check.status != http.HTTPStatus.OK:
                raise RuntimeError(f"check: {check.status} {check.body.decode()}")
            wanted = {"product_id": self.product_id, "receiver": RECEIVER, "ship_on": self.day.isoformat()}
            key = f"Idempotency-Key: {secrets.token_urlsafe(18)}\r\n"
            redeem = await connection.post(f"/api/c/{self.slug}/redemptions", secret | wanted, key)
            if redeem.status != http.HTTPStatus.CREATED:
                raise RuntimeError(f"redeem: {redeem.status} {redeem.body.decode()}")
            done.check.append(check.seconds)
            done.redeem.append(redeem.seconds)
            done.cards.append(card)

        await at_a_time(AT_A_TIME, cards, one)
        done.seconds = time.perf_counter() - began
        for connection in connections:
            await connection.close()
        if done.seconds < seconds - 1 and len(cards) == CARDS:
            raise RuntimeError("the cards did not last")
        return done


@dataclass(frozen=True)
class Split:
    """Processor time in seconds by who spent it: where a redemption's time goes."""

    parts: dict[str, float]

    @classmethod
    def now(cls, on: Stage) -> "Split":
        pids = {
            "web": [web.pid for web in on.processes.webs],
            "worker": [worker.pid for worker in on.processes.workers],
            "mariadb": [on.database.pid],
            "redis": [on.redis.pid],
            "holders": [os.getpid()],
        }
        return cls({who: sum(_processor_seconds(pid) for pid in those) for who, those in pids.items()})

    def since(self, before: "Split") -> "Split":
        return Split({who: seconds - before.parts[who] for who, seconds in self.parts.items()})


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Changes:
    """What a redemption changes in a card's own row: here it is one use less."""

    def __init__(self, database: DatabaseServer, after: list[Row]) -> None:
        self.columns = columns(database, "cards")
        self.after = after
        self.id = self.columns.index("id")
        self.merchant_id = self.columns.index("merchant_id")
        self.number = self.columns.index("number_key")
        self.uses_left = self.columns.index("uses_left")
        self.terms_id = self.columns.index("terms_id")
        self.redeemed_at = self.columns.index("redeemed_at")
        self.redeemed_day = self.columns.index("redeemed_day")
        if any(row[self.uses_left] for row in after):
            raise RuntimeError("redeeming left the cards' uses as they were: what guards them?")


_CARD = (
    "SELECT c.*, t.* FROM cards c JOIN card_terms t ON t.id = c.terms_id JOIN batches b ON b.id = c.batch_id"
    " WHERE c.merchant_id = %s AND c.number_key = %s AND b.status = 'ready'"
)
_SHOP = "SELECT m.*, s.* FROM merchants m JOIN storefronts s ON s.merchant_id = m.id WHERE m.id = %s"
_PRODUCTS = "SELECT * FROM products WHERE merchant_id = %s AND id = %s"
_EVER = "SELECT id FROM redemptions WHERE merchant_id = %s AND card_id = %s LIMIT 1"
_REQUEST = "SELECT order_id, fingerprint FROM redemptions WHERE merchant_id = %s AND request_key = %s"
_RULE = "SELECT rule FROM appointment_rules WHERE merchant_id = %s"
_USE = (
    "UPDATE cards SET uses_left = uses_left - 1, redeemed_at = %s, redeemed_day = %s"
    " WHERE id = %s AND merchant_id = %s AND status = 'active' AND uses_left = 1 AND terms_id = %s"
)
_PLACE = (
    "UPDATE appointment_days SET taken = taken + 1"
    " WHERE merchant_id = %s AND product_id = %s AND day = %s AND slot = %s AND taken < 1000000"
)
_READ = ["merchants", "storefronts", "products", "card_terms", "batches", "appointment_rules", "appointment_days"]


async def _bare(
    database: DatabaseServer, changes: Changes, written: Sequence[Written], product_id: int, day: dt.date
) -> float:
    """For each card the reads, the conditional UPDATEs and the same new rows, in a transaction; answers the rate."""
    make_copies(database, ["cards", *_READ, *(one.table for one in written)])
    for table in _READ:
        listed = ", ".join(f"`{column}`" for column in columns(database, table))
        database.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM `{DATABASE}`.{table}", COPIES)
    numbers = ", ".join(str(row[changes.id]) for row in changes.after)
    listed = ", ".join(f"`{column}`" for column in changes.columns)
    database.execute(
        f"INSERT INTO cards ({listed}) SELECT {listed} FROM `{DATABASE}`.cards WHERE id IN ({numbers})", COPIES
    )
    database.execute("UPDATE cards SET uses_left = 1, redeemed_at = NULL, redeemed_day = NULL", COPIES)
    connections = [await connect(database) for _ in range(AT_A_TIME)]
    count = len(changes.after)

    async def one(lane: int, index: int) -> None:
        connection, card = connections[lane], changes.after[index]
        merchant_id = card[changes.merchant_id]
        looked_up = (merchant_id, card[changes.number])
        async with connection.cursor() as cursor:

            async def read(query: str, *values: object) -> None:
                await cursor.execute(query, values)
                await cursor.fetchall()

            await read(_SHOP, merchant_id)
            await read(_CARD, *looked_up)
            await read(_PRODUCTS, merchant_id, product_id)
            await read(_EVER, merchant_id, card[changes.id])
            await connection.begin()
            await read(_SHOP, merchant_id)
            await read(_CARD, *looked_up)
            await read(_REQUEST, merchant_id, secrets.token_urlsafe(18))
            await read(_PRODUCTS, merchant_id, product_id)
            await read(_RULE, merchant_id)
            used = card[changes.redeemed_at], card[changes.redeemed_day]
            if not await cursor.execute(_USE, [*used, card[changes.id], merchant_id, card[changes.terms_id]]):
                raise RuntimeError("the bare UPDATE hit no row")
            for table in written:
                for row in table.rows[index::count][:1]:
                    await cursor.execute(table.insert, row)
            for product in (product_id, 0):
                if not await cursor.execute(_PLACE, [merchant_id, product, day, secrets.randbelow(16)]):
                    raise RuntimeError("the bare UPDATE of the day hit no row")
            await connection.commit()

    seconds = await at_a_time(AT_A_TIME, range(count), one)
    for connection in connections:
        connection.close()
    return count / seconds


def _cards_by_number(database: DatabaseServer, cards: Sequence[Card]) -> list[Row]:
    numbers = ", ".join(f"'{card.number}'" for card in cards)
    listed = ", ".join(f"`{column}`" for column in columns(database, "cards"))
    return database.execute(f"SELECT {listed} FROM cards WHERE number IN ({numbers}) ORDER BY id", DATABASE)


def _questions(database: DatabaseServer) -> int:
    return int(database.execute("SHOW GLOBAL STATUS LIKE 'Questions'")[0][1])
