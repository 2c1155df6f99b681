"""A stolen database gives no password, however much computing is spent: the key is not in it (spec N)."""

import hashlib
import hmac
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from tornado.ioloop import IOLoop

from tests.cards import desk
from tests.concurrency import fleet as fleets
from tests.factories.shops import HOST, PASSWORD, Card, Shop, create_shop, redemption
from tihuo import app as apps
from tihuo.cards import service as cards
from tihuo.cards.models import Card as CardRow
from tihuo.cards.schemas import CardExportIn, CardFilter
from tihuo.db import Session
from tihuo.db.registry import metadata
from tihuo.redemption import service as redeeming
from tihuo.redemption.schemas import RedeemIn
from tihuo.settings import Settings
from tihuo.vault import card_passwords

PURPOSES = (card_passwords._CHECK, card_passwords._EXPORT, card_passwords._REQUEST, b"tihuo sealed file", b"")

Dump = dict[str, list[dict[str, Any]]]


@pytest.fixture
def own_settings(settings: Settings, new_database: Callable[[str], str]) -> Settings:
    """A database of this test's own, so that all that is in it is known."""
    return fleets.on_its_own_database(settings, new_database("dump"))


@pytest.fixture
def app(io_loop: IOLoop, own_settings: Settings) -> Iterator[apps.App]:
    with fleets.host(io_loop, own_settings) as built:
        yield built


def flat(value: Any) -> bytes:
    """A value as it would be searched for in a dump."""
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()


async def dumped(app: apps.App) -> Dump:
    """Every row of every table."""

    async def work(session: Session) -> Dump:
        return {
            table.name: [dict(row._mapping) for row in await session.execute(select(table))]
            for table in metadata.sorted_tables
        }

    return await app.context.unit_of_work.run(work, writes=False)


def keys_from(dump: Dump) -> list[bytes]:
    """Every key that can be derived from what is in the dump: each value, and pairs with the salt, in several ways."""
    values = {flat(value) for rows in dump.values() for row in rows for value in row.values() if value is not None}
    values = {value for value in values if len(value) <= 4096} | {b"", b"k1", bytes(32)}
    salts = [row["salt"] for row in dump["merchants"]] + [b""]
    found: set[bytes] = set()
    for value, salt in itertools.product(values, salts):
        found |= {hashlib.sha256(value + salt).digest(), hmac.digest(salt or b"\0", value, "sha256")}
        for purpose in PURPOSES:
            found.add(HKDF(algorithm=SHA256(), length=32, salt=salt or None, info=purpose).derive(value))
    found |= {value for value in values if len(value) == 32}
    return sorted(found)


def mac_messages(row: CardRow, merchant_id: int, password: str) -> list[bytes]:
    """The texts that could stand under the MAC, the true one first."""
    number = row.number
    return [
        f"{merchant_id}\0{number}\0{password}".encode(),
        password.encode(),
        f"{number}{password}".encode(),
        f"{number}\0{password}".encode(),
    ]


def opens(key: bytes, row: CardRow, merchant_id: int, password: str) -> bool:
    """Whether the key gives anything away: the MAC of the true password, or the password itself."""
    for message in mac_messages(row, merchant_id, password):
        if hmac.digest(key, message, "sha256") == row.password_mac:
            return True
    try:
        card = f"{merchant_id}\0{row.number}".encode()
        return AESGCM(key).decrypt(row.password_sealed[:12], row.password_sealed[12:], card) == password.encode()
    except InvalidTag:
        return False


async def test_a_dump_without_the_key_file_gives_no_password(app: apps.App) -> None:
    """Made, exported, redeemed, wrongly tried, imported: nothing in any table helps; with the key file all opens."""
    shop = await create_shop(app, "")
    product = await shop.product()
    batch = await shop.batch(12, product_ids=[product.id], password_length=10)
    known = await shop.printed(batch)
    await use_them(shop, known, product.id)
    dump = await dumped(app)

    assert len(dump["cards"]) == 12
    assert {len(card.password) for card in known} == {10}
    secrets_known = [*(card.password for card in known), PASSWORD]
    for table, rows in dump.items():
        for row in rows:
            for column, value in row.items():
                content = flat(value)
                for secret in secrets_known:
                    assert secret.encode() not in content, f"{table}.{column} holds a password"
                    assert bytes.hex(secret.encode()).encode() not in content.lower()
                    for plain in (
                        hashlib.md5,
                        hashlib.sha1,
                        hashlib.sha256,
                        hashlib.sha512,
                    ):  # what a table is made for
                        digest = plain(secret.encode())
                        assert digest.digest() not in content, f"{table}.{column} holds a plain hash"
                        assert digest.hexdigest().encode() not in content.lower()

    tried = keys_from(dump)
    assert len(tried) > 500
    stored = {row.number: row for row in await desk.rows(shop)}
    for card in known[:4]:
        for key in tried:
            assert not opens(key, stored[card.number], shop.id, card.password)

    # The same attack with the key file succeeds, by either copy: the test can see a key that works.
    ring = app.context.vault._ring
    salt = (await desk.owner_of(shop)).salt
    master = ring._keys[ring.current]
    for card in known:
        kept = stored[card.number]
        derived = {
            purpose: HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(master) for purpose in PURPOSES
        }
        assert opens(derived[card_passwords._CHECK], kept, shop.id, card.password)
        assert opens(derived[card_passwords._EXPORT], kept, shop.id, card.password)
        assert not opens(derived[card_passwords._CHECK], kept, shop.id, "0000000000")
        assert (await desk.opened(shop, kept)) == card


async def use_them(shop: Shop, known: list[Card], product_id: int) -> None:
    """Leave all the traces that cards can leave."""
    context = shop.app.context
    for card in known[:2]:
        body = RedeemIn.model_validate(redemption(card, product_id, source="h5"))
        await shop.run(
            lambda session, body=body, card=card: redeeming.redeem(
                session, context.vault, shop.slug, body, f"key-of-{card.number}"
            )
        )
    await shop.run(lambda session: redeeming.note_wrong_try(session, shop.slug, known[2].number, "198.51.100.1"))
    wanted = CardExportIn(filter=CardFilter(), columns=["number", "password"], password=PASSWORD)
    job = await cards.ask_for_export(context.unit_of_work, shop.id, wanted, HOST)
    assert (await shop.finished(job.id)).status == "done"


async def test_two_cards_with_one_password_look_different(app: apps.App) -> None:
    """Nothing in a dump tells that passwords are equal, nor that a card's password came again."""
    shop = await create_shop(app, "")
    owner = await desk.owner_of(shop)
    vault = app.context.vault
    one = vault.seal(owner, "T1", "1234567890")
    two = vault.seal(owner, "T2", "1234567890")
    again = vault.seal(owner, "T1", "1234567890")
    assert len({one.mac, two.mac}) == 2
    assert len({one.sealed, two.sealed, again.sealed}) == 3
    assert vault.matches(owner, "T1", "1234567890", one)
    assert not vault.matches(owner, "T1", "1234567890", two)
