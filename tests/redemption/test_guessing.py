"""Before the right password nothing about a card can be learnt, and guessing ends soon (spec G, Guessing)."""

import asyncio
import datetime as dt
import hmac
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import redis as sync_redis
from redis.asyncio import connection as redis_connection
from sqlalchemy import event, update
from tornado.ioloop import IOLoop

from tests.concurrency import fleet as fleets
from tests.concurrency.volley import Shot, codes, fire
from tests.conftest import Server
from tests.factories.shops import PASSWORD, Card, Shop, client, key, redemption, unique
from tihuo.cards.queries import making
from tihuo.db import Session, now
from tihuo.redemption import service as redemptions
from tihuo.redemption.models import WrongTry
from tihuo.settings import Settings
from tihuo.shapes import unmistakable
from tihuo.vault import card_passwords
from tihuo.web.handler import Handler

WRONG = "0" * 10
LIMIT = 5
WITHOUT_CAPTCHAS = {"captcha_after": 1_000_000, "numbers_per_address": 1_000_000}
NEVER = {"tries_per_card": 1_000_000, "tries_per_address": 1_000_000}
FROM_PROXY = {"trusted_proxies": ["127.0.0.1/32"]}


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """The usual settings, with what a test's own parameter changes in them. Captchas: see test_guarding.py."""
    changed: dict[str, Any] = {**WITHOUT_CAPTCHAS, **getattr(request, "param", {})}
    return Settings.model_validate({**settings.model_dump(), "tries_per_card": LIMIT, **changed})


@dataclass
class Seen:
    """All that the server does for one request, in words that don't depend on the values."""

    statements: list[str] = field(default_factory=list)
    hmacs: list[str] = field(default_factory=list)
    counting: list[str] = field(default_factory=list)


# Set within a request, so that what the relay does at the same moment is not taken for the request's.
_request: ContextVar[Seen | None] = ContextVar("request", default=None)


@contextmanager
def everything_seen(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    """Note SQL as it is sent, each keyed hash and comparison, and each word with Redis, which counts tries."""
    seen = Seen()
    engine = server.app.context.unit_of_work.engine.sync_engine
    prepare, send = Handler.prepare, redis_connection.AbstractConnection.send_command

    def begun(handler: Handler) -> None:
        _request.set(seen)
        prepare(handler)

    def statement(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if _request.get() is seen:
            seen.statements.append(text)

    def ended(_connection: Any) -> None:
        if _request.get() is seen:
            seen.statements.append("ROLLBACK")

    class Watched:
        """The module hmac as the vault uses it."""

        @staticmethod
        def digest(*arguments: Any) -> bytes:
            seen.hmacs.append("digest")
            return hmac.digest(*arguments)

        @staticmethod
        def compare_digest(*arguments: Any) -> bool:
            seen.hmacs.append("compare")
            return hmac.compare_digest(*arguments)

    async def sent(self: Any, *arguments: Any, **named: Any) -> Any:
        if _request.get() is seen:
            seen.counting.append(arguments[0])
        return await send(self, *arguments, **named)

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "rollback", ended)
    with monkeypatch.context() as patch:
        patch.setattr(Handler, "prepare", begun)
        patch.setattr(card_passwords, "hmac", Watched)
        patch.setattr(redis_connection.AbstractConnection, "send_command", sent)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", statement)
            event.remove(engine, "rollback", ended)


async def what_strangers_try(shop: Shop, other_shop: Shop) -> dict[str, Card]:
    """Cards in every state, each as somebody without its password types it at `shop`."""
    product = await shop.product()

    async def made(**fields: Any) -> Card:
        return await shop.card(product_ids=[product.id], **fields)

    untouched, inactive, void, used, deleted, long = (
        await made(),
        await made(status="inactive"),
        await made(),
        await made(),
        await made(),
        await made(password_length=32, password_alphabet="letters_digits"),
    )
    unready = await being_made(shop)
    elsewhere = await other_shop.card(prefix="E")
    async with await shop.staff() as staff, shop.customer() as customer:
        for card in (void, deleted):
            found = (await staff.get("/api/m/cards", params={"number": card.number})).json()["items"][0]
            assert (await staff.post(f"/api/m/cards/{found['id']}/status", json={"action": "void"})).status_code == 200
        body = {"filter": {"number": deleted.number}, "action": "delete"}
        chosen = (await staff.post("/api/m/cards/selections", json=body)).json()
        asked = await staff.post(
            f"/api/m/cards/selections/{chosen['id']}/apply", json={"expected": 1, "password": PASSWORD}
        )
        assert (await shop.finished(asked.json()["id"])).result["changed"] == 1
        body = redemption(used, product.id)
        assert (await customer.post(f"{shop.customer_api}/redemptions", json=body, headers=key())).status_code == 201
    return {
        "wrong password": Card(untouched.number, WRONG),
        "unknown number": Card("T99999999", WRONG),
        "another merchant's card, its own password": elsewhere,
        "inactive": Card(inactive.number, WRONG),
        "void": Card(void.number, WRONG),
        "redeemed": Card(used.number, WRONG),
        "deleted, its own password": deleted,
        "of a batch that is still being made, its own password": unready,
        "typed with look-alikes": Card(untouched.number.replace("0", "O").replace("1", "l"), WRONG),
        "one character too few": Card(untouched.number, untouched.password[:-1]),
        "one character too many": Card(untouched.number, untouched.password + "0"),
        "another card's password": Card(untouched.number, void.password),
        "a long password": Card(long.number, WRONG),
        "a number that no card can have": Card("卡'\"\\%_;--😀", WRONG),
        "a long number": Card("9" * 64, WRONG),
    }


async def being_made(shop: Shop) -> Card:
    """A card whose row is there and whose batch is not ready, as while a job is in the middle of it."""
    batch = await shop.batch(1)
    (card,) = await shop.printed(batch)

    async def work(session: Session) -> None:
        await making.change_batch(session, shop.id, batch.id, status="making")

    await shop.run(work)
    return card


def trying(shop: Shop, card: Card, way: str, product_id: int = 1) -> dict[str, Any]:
    """What a client's `post` is given to try a card in one of the two ways."""
    if way == "check":
        return {"url": f"{shop.customer_api}/cards/check", "json": card.typed()}
    return {"url": f"{shop.customer_api}/redemptions", "json": redemption(card, product_id), "headers": key()}


def without_request_id(response: httpx.Response) -> str:
    return response.text.replace(response.json()["error"]["request_id"], "")


def refused(response: httpx.Response) -> str:
    found: str = response.json()["error"]["code"]
    return found


@pytest.mark.parametrize("settings", [NEVER], indirect=True)
@pytest.mark.parametrize("way", ["check", "redeem"])
async def test_no_card_can_be_told_from_another_before_the_right_password(
    server: Server, shop: Shop, other_shop: Shop, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Same status, same bytes, same headers; same statements, keyed hashes and counting, in the same order."""
    strangers = await what_strangers_try(shop, other_shop)
    answers: dict[str, Any] = {}
    async with shop.customer() as customer:
        # Connections and scripts are made ready first: a new one costs statements of its own.
        await customer.post(**trying(shop, Card("WARM", WRONG), way))
        for name, card in strangers.items():
            with everything_seen(server, monkeypatch) as seen:
                response = await customer.post(**trying(shop, card, way))
            names = sorted(response.headers.keys())
            answers[name] = (response.status_code, without_request_id(response), names, seen)
            length = response.headers["content-length"]
            assert length == str(len(response.content))
    first = answers["wrong password"]
    assert first[0] == 403
    assert "card_or_password_wrong" in first[1]
    assert first[3].hmacs == ["digest", "compare"]
    assert any("FROM cards" in statement for statement in first[3].statements)
    assert first[3].counting == ["MGET", "EVALSHA"]
    assert any("INSERT INTO wrong_tries" in statement for statement in first[3].statements)
    for name, answer in answers.items():
        assert answer == first, name


@pytest.mark.parametrize("settings", [NEVER], indirect=True)
@pytest.mark.parametrize("way", ["check", "redeem"])
async def test_wrong_tries_are_noted_alike(shop: Shop, other_shop: Shop, way: str) -> None:
    """One note for each, under the number as it is kept, known or not; none for the right password."""
    product = await shop.product()
    card = await shop.card(product_ids=[product.id], prefix="OIL")
    noted: dict[str, list[Any]] = {}
    async with shop.customer() as customer:
        tried = {
            card.number: [card.number, card.number.lower().replace("o", "0"), f" {card.number[:4]}-{card.number[4:]}"],
            "T99999999": ["T99999999", "t9999 9999", "T-99999999"],
        }
        for number, forms in tried.items():
            for form in forms:
                response = await customer.post(**trying(shop, Card(form, WRONG), way, product.id))
                assert refused(response) == "card_or_password_wrong"
            found = await shop.run(lambda session, number=number: redemptions.wrong_tries(session, shop.id, number, 10))
            noted[number] = [(one.merchant_id, one.address) for one in found]
            assert {one.number_key for one in found} == {unmistakable(number)}
        assert noted[card.number] == noted["T99999999"] == [(shop.id, "127.0.0.1")] * 3
        right = await customer.post(**trying(shop, card, way, product.id))
        assert right.is_success, right.text
    after = await shop.run(lambda session: redemptions.wrong_tries(session, shop.id, card.number, 10))
    assert len(after) == 3
    elsewhere = await shop.run(lambda session: redemptions.wrong_tries(session, other_shop.id, card.number, 10))
    assert list(elsewhere) == []


async def test_old_wrong_tries_are_forgotten(shop: Shop) -> None:
    """They tell from where somebody came: kept no longer than they serve."""
    card = await shop.card()
    for _ in range(2):
        await shop.run(lambda session: redemptions.note_wrong_try(session, shop.slug, card.number, "198.51.100.1"))
    before = await shop.run(lambda session: redemptions.wrong_tries(session, shop.id, card.number, 10))
    aged = update(WrongTry).where(WrongTry.merchant_id == shop.id, WrongTry.id == before[-1].id)
    year_ago = now() - dt.timedelta(days=365)
    await shop.run(lambda session: session.execute(aged.values(at=year_ago)))
    while await shop.run(lambda session: redemptions.forget_wrong_tries(session, now() - dt.timedelta(days=100))):
        pass
    after = await shop.run(lambda session: redemptions.wrong_tries(session, shop.id, card.number, 10))
    assert [one.id for one in after] == [before[0].id]


@pytest.mark.parametrize("way", ["check", "redeem"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
async def test_wrong_tries_at_a_number_end_soon(shop: Shop, way: str, known: bool) -> None:
    """After the limit nothing is tried any more, not even the right password; an unknown number reads alike."""
    product = await shop.product()
    card = await shop.card(product_ids=[product.id]) if known else Card("T99999999", "1234567890")
    wrong = Card(card.number, WRONG)
    async with shop.customer() as customer:
        for _ in range(LIMIT):
            assert refused(await customer.post(**trying(shop, wrong, way))) == "card_or_password_wrong"
        for typed in (wrong, card):
            for either in ("check", "redeem"):
                response = await customer.post(**trying(shop, typed, either, product.id))
                assert (response.status_code, refused(response)) == (429, "too_many_tries")
                wait = response.json()["error"]["data"]["retry_after"]
                assert 1 <= wait <= 901
                assert response.headers["Retry-After"] == str(wait)
                assert "分钟" in response.json()["error"]["message"]


async def test_a_locked_card_costs_the_database_nothing(
    server: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While locked neither database nor vault is asked, so that time tells nothing either."""
    cards = {"known": await shop.card(), "unknown": Card("T99999999", WRONG)}
    seen: dict[str, Seen] = {}
    async with shop.customer() as customer:
        for name, card in cards.items():
            for _ in range(LIMIT):
                await customer.post(**trying(shop, Card(card.number, WRONG), "check"))
            with everything_seen(server, monkeypatch) as seen[name]:
                assert (await customer.post(**trying(shop, card, "check"))).status_code == 429
    assert seen["known"] == seen["unknown"]
    assert (seen["known"].statements, seen["known"].hmacs) == ([], [])


async def test_however_a_number_is_typed_it_is_one_number(shop: Shop, other_shop: Shop) -> None:
    """Spaces, case, look-alikes, full-width forms give no more tries; another shop's count is its own."""
    card = await shop.card(prefix="AB")
    forms = [card.number, card.number.lower(), " ".join(card.number), card.number.replace("A", "Ａ")]
    forms.append(f"-{card.number.replace('0', 'o').replace('1', 'L')}")
    async with shop.customer() as customer:
        for turn, form in enumerate(forms):
            slug = shop.slug.upper() if turn % 2 else shop.slug
            response = await customer.post(f"/api/c/{slug}/cards/check", json={"number": form, "password": WRONG})
            assert refused(response) == "card_or_password_wrong"
        assert refused(await customer.post(**trying(shop, card, "check"))) == "too_many_tries"
        assert refused(await customer.post(**trying(other_shop, card, "check"))) == "card_or_password_wrong"


async def test_the_right_password_in_time_clears_the_count(shop: Shop) -> None:
    """Whoever mistypes now and then is never locked out."""
    card = await shop.card()
    wrong = Card(card.number, WRONG)
    async with shop.customer() as customer:
        for _ in range(3):
            for _ in range(LIMIT - 1):
                assert refused(await customer.post(**trying(shop, wrong, "check"))) == "card_or_password_wrong"
            assert (await customer.post(**trying(shop, card, "check"))).status_code == 200


@pytest.mark.parametrize("settings", [{"tries_window": 1, "tries_per_card": 2}], indirect=True)
async def test_a_locked_card_opens_again_when_it_said(shop: Shop) -> None:
    """`retry_after` is the truth."""
    card = await shop.card()
    async with shop.customer() as customer:
        for _ in range(2):
            await customer.post(**trying(shop, Card(card.number, WRONG), "check"))
        response = await customer.post(**trying(shop, card, "check"))
        assert response.status_code == 429
        await asyncio.sleep(response.json()["error"]["data"]["retry_after"])
        assert (await customer.post(**trying(shop, card, "check"))).status_code == 200


async def tried_from(shop: Shop, forwarded: list[str]) -> list[str]:
    """A wrong try at a number of its own for each X-Forwarded-For; answers the codes."""
    found = []
    async with shop.customer() as customer:
        for named in forwarded:
            headers = {"X-Forwarded-For": named} if named else {}
            body = {"number": unique("N"), "password": WRONG}
            response = await customer.post(f"{shop.customer_api}/cards/check", json=body, headers=headers)
            found.append(refused(response))
    return found


def counted_as_one(found: list[str], limit: int) -> bool:
    return found == ["card_or_password_wrong"] * limit + ["too_many_tries"] * (len(found) - limit)


@pytest.fixture
def forget_addresses(server: Server, io_loop: IOLoop) -> Iterator[None]:
    """What tests count for 127.0.0.1 and for invented addresses in a shared Redis is forgotten before and after."""

    async def forget() -> None:
        redis = server.app.context.redis
        keys = [key for kind in ("address", "numbers", "tried") async for key in redis.scan_iter(f"guess:{kind}:*")]
        if keys:
            await redis.delete(*keys)

    io_loop.run_sync(forget)
    yield
    io_loop.run_sync(forget)


@pytest.mark.usefixtures("forget_addresses")
class TestAddress:
    """Tries from one address over many cards."""

    @pytest.mark.parametrize("settings", [{"tries_per_address": 4}], indirect=True)
    async def test_tries_over_many_cards_end_too(self, shop: Shop) -> None:
        """A limit for the address, over cards and over both ways; right passwords don't clear it."""
        product = await shop.product()
        cards = await shop.cards(4, product_ids=[product.id])
        async with shop.customer() as customer:
            for turn, card in enumerate(cards):
                way = "redeem" if turn % 2 else "check"
                wrong = await customer.post(**trying(shop, Card(card.number, WRONG), way))
                assert refused(wrong) == "card_or_password_wrong"
                if turn < 3:
                    assert (await customer.post(**trying(shop, card, "check"))).status_code == 200
            response = await customer.post(**trying(shop, await shop.card(), "check"))
        assert (response.status_code, refused(response)) == (429, "too_many_tries")
        assert response.headers["Retry-After"] == str(response.json()["error"]["data"]["retry_after"])

    @pytest.mark.parametrize("settings", [{"tries_per_address": 4}], indirect=True)
    async def test_nobody_can_invent_an_address(self, shop: Shop) -> None:
        """X-Forwarded-For from whoever is no trusted proxy changes nothing."""
        named = ["", "198.51.100.1", "198.51.100.2, 198.51.100.3", "2001:db8::1", "unknown", "127.0.0.1"]
        assert counted_as_one(await tried_from(shop, named), 4)

    @pytest.mark.parametrize("settings", [{"tries_per_address": 2, **FROM_PROXY}], indirect=True)
    async def test_a_trusted_proxys_clients_count_apart(self, shop: Shop) -> None:
        """Behind the proxy each client has a limit of its own."""
        for named in ("198.51.100.1", "198.51.100.2"):
            assert counted_as_one(await tried_from(shop, [named] * 3), 2)

    @pytest.mark.parametrize("settings", [{"tries_per_address": 4, **FROM_PROXY}], indirect=True)
    async def test_what_a_client_puts_before_its_own_address_changes_nothing(self, shop: Shop) -> None:
        """A proxy appends the true address: the last one that no trusted proxy has is the client's."""
        named = [
            "198.51.100.9",
            "203.0.113.1, 198.51.100.9",
            "203.0.113.2,203.0.113.3 , 198.51.100.9",
            "203.0.113.4, 198.51.100.9, 127.0.0.1",
            "nonsense, 198.51.100.9",
            "198.51.100.9",
        ]
        assert counted_as_one(await tried_from(shop, named), 4)

    @pytest.mark.parametrize("settings", [{"tries_per_address": 4, **FROM_PROXY}], indirect=True)
    async def test_an_ipv6_customers_whole_network_counts_as_one(self, shop: Shop) -> None:
        """One customer holds 2⁶⁴ addresses; the neighbour's network counts apart."""
        named = [f"2001:db8:1:2:{turn:x}::{turn:x}" for turn in range(1, 7)]
        assert counted_as_one(await tried_from(shop, named), 4)
        assert await tried_from(shop, ["2001:db8:1:3::1"]) == ["card_or_password_wrong"]

    @pytest.mark.parametrize("settings", [{"tries_per_address": 2, **FROM_PROXY}], indirect=True)
    async def test_ipv4_addresses_in_ipv6_form_are_still_ipv4(self, shop: Shop) -> None:
        """A proxy that listens on both writes ::ffff:198.51.100.1: one client, not the whole of IPv4."""
        assert counted_as_one(await tried_from(shop, ["198.51.100.1", "::ffff:198.51.100.1", "::ffff:c633:6401"]), 2)
        assert await tried_from(shop, ["::ffff:198.51.100.2"]) == ["card_or_password_wrong"]

    @pytest.mark.parametrize("settings", [{"tries_per_address": 20, **FROM_PROXY}], indirect=True)
    async def test_a_burst_over_many_cards_gets_no_more_looks_than_the_limit(self, shop: Shop) -> None:
        """Two hundred guesses at two hundred cards at once, from one address."""
        shots = [
            Shot(
                shop.base_url,
                f"{shop.customer_api}/cards/check",
                {"number": f"B{turn}", "password": WRONG},
                {"X-Forwarded-For": "198.51.100.77"},
            )
            for turn in range(200)
        ]
        found = Counter(codes(await fire(shots)))
        assert set(found) == {"403 card_or_password_wrong", "429 too_many_tries"}
        assert found["403 card_or_password_wrong"] <= 20


async def test_a_burst_gets_no_more_looks_than_the_limit(shop: Shop) -> None:
    """Two hundred guesses at one card at once: counting can't be outrun."""
    card = await shop.card()
    shots = [
        Shot(
            shop.base_url,
            f"{shop.customer_api}/cards/check",
            {"number": card.number, "password": f"{turn:010d}"},
        )
        for turn in range(200)
    ]
    found = Counter(codes(await fire(shots)))
    assert found == {"403 card_or_password_wrong": LIMIT, "429 too_many_tries": 200 - LIMIT}


@pytest.mark.mariadb_only
class TestProcesses:
    """Several processes count in one Redis."""

    async def test_a_burst_over_processes_gets_few_looks(self, io_loop: IOLoop, settings: Settings, shop: Shop) -> None:
        """Each process may be looking once at the moment when the limit is reached, not more."""
        card = await shop.card()
        with fleets.running(settings, web=3) as fleet:
            shots = [
                Shot(
                    fleet.url(turn),
                    f"{shop.customer_api}/cards/check",
                    {"number": card.number, "password": f"{turn:010d}"},
                )
                for turn in range(200)
            ]
            found = Counter(codes(await fire(shots)))
        assert set(found) == {"403 card_or_password_wrong", "429 too_many_tries"}
        assert LIMIT <= found["403 card_or_password_wrong"] < LIMIT + len(fleet.urls)

    async def test_the_limit_survives_a_restart_of_the_server(self, settings: Settings, shop: Shop) -> None:
        """Killed and started again the server still knows who guessed, and for how long."""
        card = await shop.card()
        wrong = Card(card.number, WRONG)
        with fleets.running(settings, web=1) as fleet:
            async with client(fleet.urls[0]) as customer:
                for _ in range(LIMIT - 1):
                    assert refused(await customer.post(**trying(shop, wrong, "check"))) == "card_or_password_wrong"
            fleet.webs[0].kill()
            fleet.webs[0].start()
            async with client(fleet.urls[0]) as customer:
                assert refused(await customer.post(**trying(shop, wrong, "check"))) == "card_or_password_wrong"
                assert refused(await customer.post(**trying(shop, card, "check"))) == "too_many_tries"
            fleet.webs[0].restart()
            async with client(fleet.urls[0]) as customer:
                response = await customer.post(**trying(shop, card, "redeem"))
        assert refused(response) == "too_many_tries"
        assert 1 <= response.json()["error"]["data"]["retry_after"] <= 901

    async def test_a_count_always_ends(self, shop: Shop, settings: Settings) -> None:
        """Every key that counts tries expires: nobody is locked out for ever."""
        card = await shop.card()
        async with shop.customer() as customer:
            await customer.post(**trying(shop, Card(card.number, WRONG), "check"))
        connection = sync_redis.Redis.from_url(settings.redis_url)
        try:
            keys = [*connection.scan_iter(f"guess:*{shop.slug}*"), *connection.scan_iter("guess:address:*")]
            lives = [connection.ttl(found) for found in keys]
        finally:
            connection.close()
        assert {key.decode().split(":")[1] for key in keys} == {"card", "merchant", "prefix", "sources", "address"}
        assert all(0 < life <= settings.tries_window + 1 for life in lives)
