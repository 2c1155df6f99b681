# ruff: noqa: S608 - numbers of our own in SQL
"""The card list out of ten million cards: any filter offered, alone and with others, and pages further down."""

import random
import time
from typing import Any

import httpx

from tests.services.mariadb import DatabaseServer

from .figures import Figure, percentile
from .merchant import DATABASE

TEN_MILLION = 10_000_000
A_BATCH = 500_000
ROUNDS = 3
_PAIRS = 60
_DEEP = 20


def measure_lists(database: DatabaseServer, client: httpx.Client) -> list[Figure]:
    seed = _Seed(database)
    seed.fill()
    client.get("/cards").raise_for_status()
    alone: list[float] = []
    slowest = ("", 0.0)
    for _ in range(ROUNDS):
        for asked in seed.filters():
            seconds = _page(client, asked)
            alone.append(seconds)
            slowest = max(slowest, (str(asked), seconds), key=lambda one: one[1])
    together = [_page(client, asked) for asked in seed.combinations(_PAIRS)]
    deep = [_page(client, {**asked, "after": seed.somewhere()}) for asked in seed.filters()[:_DEEP]]
    begun = time.perf_counter()
    counted = client.get("/cards/statistics").raise_for_status().json()
    exact = time.perf_counter() - begun
    if counted["total"] < TEN_MILLION:
        raise RuntimeError(f"{counted['total']} cards counted")
    return [
        Figure("cards.list_p95", percentile([*alone, *together, *deep], 0.95) * 1000, "ms", "<= 50"),
        Figure("cards.list_alone_p95", percentile(alone, 0.95) * 1000, "ms"),
        Figure(f"cards.list_alone_slowest {slowest[0]}", slowest[1] * 1000, "ms"),
        Figure("cards.list_together_p95", percentile(together, 0.95) * 1000, "ms"),
        Figure("cards.list_deep_p95", percentile(deep, 0.95) * 1000, "ms"),
        Figure("cards.statistics_of_all", exact, "s"),
    ]


def _page(client: httpx.Client, asked: dict[str, Any]) -> float:
    begun = time.perf_counter()
    answer = client.get("/cards", params={**asked, "limit": 50})
    seconds = time.perf_counter() - begun
    if answer.is_error:
        raise RuntimeError(f"{asked}: {answer.status_code} {answer.text}")
    return seconds


class _Seed:
    """Ten million cards of the merchant's, in twenty batches over two years, in all states."""

    def __init__(self, database: DatabaseServer) -> None:
        self._database = database
        self._draw = random.Random(7)
        self.merchant_id = self._one("SELECT MAX(id) FROM merchants")
        self.first = self._one("SELECT MAX(last_serial) FROM serial_counters") + 1
        self.distributors: list[int] = []
        self.products: list[int] = []
        self.batches: list[int] = []

    def _one(self, query: str) -> int:
        return int(self._database.execute(query, DATABASE)[0][0])

    def fill(self) -> None:
        run = self._database.execute
        set_id = self._one("SELECT MIN(id) FROM product_sets")
        self.products = [int(row[0]) for row in run("SELECT id FROM products", DATABASE)]
        for name in range(10):
            run(
                "INSERT INTO distributors (merchant_id, name, contact, phone, remark, closed, created_at)"
                f" VALUES ({self.merchant_id}, '券商{name}', '', '', '', 0, '2025-01-01')",
                DATABASE,
            )
        self.distributors = [int(row[0]) for row in run("SELECT id FROM distributors", DATABASE)]
        for number in range(TEN_MILLION // A_BATCH):
            self._batch(number, set_id)
        last = self.first + TEN_MILLION - 1
        run(f"UPDATE serial_counters SET last_serial = {last} WHERE merchant_id = {self.merchant_id}", DATABASE)
        run("ANALYZE TABLE cards", DATABASE)

    def _batch(self, number: int, set_id: int) -> None:
        run = self._database.execute
        terms = []
        for distributor in (None, *self.distributors):
            run(
                "INSERT INTO card_terms (merchant_id, digest, name, product_set_id, face_value_fen, valid_until,"
                f" remark, distributor_id) VALUES ({self.merchant_id}, UNHEX(SHA2('{number}/{distributor}', 256)),"
                f" '{100 + number % 7 * 100} 卡', {set_id}, {(1 + number % 5) * 10000},"
                f" {'NULL' if number % 3 else repr('2026-01-31')}, '', {distributor or 'NULL'})",
                DATABASE,
            )
            terms.append(self._one("SELECT MAX(id) FROM card_terms"))
        first = self.first + number * A_BATCH
        made = f"DATE_ADD('2024-11-20 03:00:00', INTERVAL {number * 36} DAY)"
        low, high = f"Z{number:02d}{1:08d}", f"Z{number:02d}{A_BATCH:08d}"
        run(
            "INSERT INTO batches (merchant_id, code, status, source, prefix, number_length, `order`, password_length,"
            " password_alphabet, uses, card_status, quantity, first_serial, last_serial, first_number, last_number,"
            f" lowest_key, highest_key, terms_id, created_by, created_at) VALUES ({self.merchant_id}, 'S{number:02d}',"
            f" 'ready', 'made', 'Z{number:02d}', 8, 'sequential', 10, 'digits', 1, 'inactive', {A_BATCH}, {first},"
            f" {first + A_BATCH - 1}, '{low}', '{high}', '{low}', '{high}', {terms[0]}, 'bench', {made})",
            DATABASE,
        )
        batch_id = self._one("SELECT MAX(id) FROM batches")
        self.batches.append(batch_id)
        # Distributors have stretches of 20,000; four fifths are active, sold in stretches of 5,000 a day; half of
        # those are redeemed, here and there; one in a thousand is void, one in ten thousand was deleted.
        activated = f"DATE_ADD({made}, INTERVAL (seq DIV 5000) DAY)"
        active = "seq MOD 100000 < 80000"
        redeemed = f"{active} AND MOD(seq * 7919, 100) < 50"
        for start in range(1, A_BATCH + 1, 50_000):
            run(
                "INSERT INTO cards (merchant_id, batch_id, terms_id, serial, number, number_key, password_mac,"
                " password_sealed, key_id, status, uses_total, uses_left, activated_at, activated_day, redeemed_at,"
                f" redeemed_day) SELECT {self.merchant_id}, {batch_id}, ELT(1 + (seq DIV 20000) MOD {len(terms)},"
                f" {', '.join(map(str, terms))}), {first - 1} + seq, CONCAT('Z{number:02d}', LPAD(seq, 8, '0')),"
                f" CONCAT('Z{number:02d}', LPAD(seq, 8, '0')), UNHEX(SHA2(seq, 256)), REPEAT('x', 38), 'k1',"
                f" CASE WHEN MOD(seq, 10000) = 77 THEN 'deleted' WHEN MOD(seq, 1000) = 5 THEN 'void'"
                f" WHEN {active} THEN 'active' ELSE 'inactive' END, 1, IF({redeemed}, 0, 1),"
                f" IF({active}, {activated}, NULL), IF({active}, DATE({activated}), NULL),"
                f" IF({redeemed}, DATE_ADD({activated}, INTERVAL MOD(seq, 60) DAY), NULL),"
                f" IF({redeemed}, DATE(DATE_ADD({activated}, INTERVAL MOD(seq, 60) DAY)), NULL)"
                f" FROM seq_{start}_to_{start + 49_999}",
                DATABASE,
            )

    def somewhere(self) -> int:
        """A serial to page on from."""
        return self.first + self._draw.randrange(TEN_MILLION)

    def filters(self) -> list[dict[str, Any]]:
        """Each filter that the list offers, alone, with common, rare and absent values."""
        serial = self.first + TEN_MILLION // 2
        found: list[dict[str, Any]] = [
            {},
            *({"batch_id": batch} for batch in (self.batches[0], self.batches[-1])),
            *({"name": name} for name in ("100 卡", "卡", "没有")),
            *({"number": number} for number in ("Z", "Z05", "Z0500001", "Z0500000123", "Q")),
            {"serial_from": serial, "serial_to": serial + 200},
            {"serial_from": self.first, "serial_to": serial},
            *({"status": status} for status in ("inactive", "active", "void")),
            *({"redeemed": flag} for flag in ("true", "false")),
            *({"usage": usage} for usage in ("unused", "partly", "used_up")),
            *({"uses": uses} for uses in (1, 6)),
            *({"expired": flag} for flag in ("true", "false")),
            *({"distributor_id": one} for one in (0, self.distributors[0], self.distributors[-1])),
            *({"product_id": product} for product in self.products[:2]),
            *({"face_value_fen": value} for value in (10000, 30000, 12345)),
            {"made_from": "2025-03-01", "made_to": "2025-06-30"},
            {"activated_from": "2025-03-01", "activated_to": "2025-03-07"},
            {"activated_from": "2025-01-01", "activated_to": "2025-12-31"},
            {"activated_to": "2024-12-31"},
            {"redeemed_from": "2025-03-01", "redeemed_to": "2025-03-07"},
            {"redeemed_from": "2025-01-01", "redeemed_to": "2025-12-31"},
            {"redeemed_from": "2026-12-01"},
        ]
        return found

    def combinations(self, count: int) -> list[dict[str, Any]]:
        """Two or three of them together, by chance."""
        ones = self.filters()[1:]
        found = []
        for _ in range(count):
            together: dict[str, Any] = {}
            for one in self._draw.sample(ones, self._draw.choice((2, 2, 3))):
                together |= one
            found.append(together)
        return found
