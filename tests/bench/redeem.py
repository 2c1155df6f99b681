# ruff: noqa: S608 - column names cannot be bound; these come from the database itself
"""Checking and redeeming cards over HTTP: two web processes and a worker on MariaDB and Redis."""

import http
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.services.mariadb import DatabaseServer
from tests.services.staff_client import Staff

from .bare import COPIES, Marks, Row, Written, columns, connect, make_copies
from .figures import Figure, percentile
from .load import Connection, at_a_time, run
from .merchant import DATABASE, Card, exported_cards, stage

AT_A_TIME = 64
WARM_UP = 300
ROUNDS = 3
CARDS_A_ROUND = 1200
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
    rate: float = 0.0
    check: list[float] = field(default_factory=list)
    redeem: list[float] = field(default_factory=list)


def measure() -> list[Figure]:
    with stage(web=2) as on:
        with Staff(on.processes.urls[0], on.demo["staff"]) as staff:
            product_id = staff.product_id()
            batch_id = staff.make_cards(WARM_UP + ROUNDS * CARDS_A_ROUND)
            cards = exported_cards(staff.export(batch_id))
        slug = on.demo["storefront"].rstrip("/").rpartition("/")[2]
        ports = on.processes.ports
        run(_redeem_all(cards[:WARM_UP], ports, slug, product_id))
        rounds: list[Round] = []
        bare: list[float] = []
        statements = 0
        for index in range(ROUNDS):
            start = WARM_UP + index * CARDS_A_ROUND
            chosen = cards[start : start + CARDS_A_ROUND]
            before = _cards_by_number(on.database, chosen)
            marks, asked = Marks(on.database), _questions(on.database)
            rounds.append(run(_redeem_all(chosen, ports, slug, product_id)))
            statements += _questions(on.database) - asked
            changes = Changes(on.database, before, _cards_by_number(on.database, chosen))
            bare.append(run(_bare(on.database, changes, marks.written_since())))
    rate = _median([one.rate for one in rounds])
    bare_rate = _median(bare)
    check = [seconds for one in rounds for seconds in one.check]
    redeem = [seconds for one in rounds for seconds in one.redeem]
    return [
        Figure("redeem.rate", rate, "redemptions/s", ">= 280", bare_rate),
        Figure("redeem.p50", percentile(redeem, 0.50) * 1000, "ms"),
        Figure("redeem.p99", percentile(redeem, 0.99) * 1000, "ms", "<= 250"),
        Figure("redeem.check_p50", percentile(check, 0.50) * 1000, "ms"),
        Figure("redeem.check_p99", percentile(check, 0.99) * 1000, "ms"),
        Figure("redeem.ratio", rate / bare_rate, "of the bare driver", ">= 0.35"),
        Figure("redeem.statements", statements / (ROUNDS * CARDS_A_ROUND), "per card"),
    ]


async def _redeem_all(cards: Sequence[Card], ports: Sequence[int], slug: str, product_id: int) -> Round:
    done = Round()
    connections = [Connection("127.0.0.1", ports[lane % len(ports)]) for lane in range(AT_A_TIME)]

    async def one(lane: int, card: Card) -> None:
        connection, secret = connections[lane], {"number": card.number, "password": card.password}
        check = await connection.post(f"/api/c/{slug}/cards/check", secret)
        if check.status != http.HTTPStatus.OK:
            raise RuntimeError(f"check: {check.status} {check.body.decode()}")
        redemption = {"product_id": product_id, "receiver": RECEIVER, "remark": "", "source": "h5"}
        key = f"Idempotency-Key: {secrets.token_urlsafe(18)}\r\n"
        redeem = await connection.post(f"/api/c/{slug}/redemptions", secret | redemption, key)
        if redeem.status != http.HTTPStatus.CREATED:
            raise RuntimeError(f"redeem: {redeem.status} {redeem.body.decode()}")
        done.check.append(check.seconds)
        done.redeem.append(redeem.seconds)

    done.rate = len(cards) / await at_a_time(AT_A_TIME, cards, one)
    for connection in connections:
        await connection.close()
    return done


class Changes:
    """What the redemptions changed in the cards' own rows."""

    def __init__(self, database: DatabaseServer, before: list[Row], after: list[Row]) -> None:
        self.columns = columns(database, "cards")
        self.before, self.after = before, after
        pairs = list(zip(before[0], after[0], strict=True))
        self.changed = [index for index, (old, new) in enumerate(pairs) if old != new]
        if not self.changed:
            raise RuntimeError("redeeming changed nothing in the cards' rows: what guards them?")
        self.id = self.columns.index("id")
        self.merchant_id = self.columns.index("merchant_id")
        self.number = self.columns.index("number_key")

    @property
    def update(self) -> str:
        """Conditional, as the product's must be: on the old value of the first column that changes."""
        names = [self.columns[index] for index in self.changed]
        return f"UPDATE cards SET {', '.join(f'`{name}` = %s' for name in names)} WHERE id = %s AND `{names[0]}` <=> %s"


async def _bare(database: DatabaseServer, changes: Changes, written: Sequence[Written]) -> float:
    """For each card the two SELECTs, the UPDATE and the same new rows, in a transaction; answers the rate."""
    make_copies(database, ["cards", *(one.table for one in written)])
    numbers = ", ".join(str(row[changes.id]) for row in changes.before)
    # The cards as they were, by way of the product's rows: only what changed must be put back.
    listed = ", ".join(f"`{column}`" for column in changes.columns)
    database.execute(
        f"INSERT INTO cards ({listed}) SELECT {listed} FROM `{DATABASE}`.cards WHERE id IN ({numbers})", COPIES
    )
    names = [changes.columns[index] for index in changes.changed]
    connections = [await connect(database) for _ in range(AT_A_TIME)]
    async with connections[0].cursor() as cursor:
        back = f"UPDATE cards SET {', '.join(f'`{name}` = %s' for name in names)} WHERE id = %s"
        await connections[0].begin()
        for row in changes.before:
            await cursor.execute(back, [*(row[index] for index in changes.changed), row[changes.id]])
        await connections[0].commit()
    count = len(changes.before)
    select = "SELECT * FROM cards WHERE merchant_id = %s AND number_key = %s"

    async def one(lane: int, index: int) -> None:
        connection, old, new = connections[lane], changes.before[index], changes.after[index]
        key = (old[changes.merchant_id], old[changes.number])
        async with connection.cursor() as cursor:
            await cursor.execute(select, key)
            await cursor.fetchone()
            await connection.begin()
            await cursor.execute(select, key)
            await cursor.fetchone()
            new_values = [new[changed] for changed in changes.changed]
            if not await cursor.execute(changes.update, [*new_values, old[changes.id], old[changes.changed[0]]]):
                raise RuntimeError("the bare UPDATE hit no row")
            for table in written:
                for row in table.rows[index::count]:
                    await cursor.execute(table.insert, row)
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


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
