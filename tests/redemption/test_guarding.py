"""Guessing is answered in steps: nothing, a captcha, a pause; and honest customers never notice (spec G)."""

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import connection as redis_connection

from tests.concurrency.volley import Shot, codes, fire
from tests.conftest import Server
from tests.factories.shops import Card, Shop, client, key, redemption, unique
from tests.redemption.guesses import FROM_PROXY, WRONG, captcha_of, code, failed, somewhere, tried
from tests.services.redis_server import RedisServer, redis_server
from tihuo import app as apps
from tihuo.redemption import service as redemptions
from tihuo.settings import Settings
from tihuo.shapes import unmistakable
from tihuo.vault import CardVault
from tihuo.web.sessions import COOKIE

NEVER = 1_000_000
STEPS = {"captcha_after": 3, "tries_per_card": 5, "tries_per_address": NEVER, "numbers_per_address": NEVER}


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Clients behind a proxy, a captcha after three failures, a pause after five; and what a test changes."""
    changed: dict[str, Any] = {**STEPS, **FROM_PROXY, **getattr(request, "param", {})}
    return Settings.model_validate({**settings.model_dump(), **changed})


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("tihuo_card_tries_total", {"outcome": outcome}) or 0.0


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
class TestSteps:
    """At one card, from a new address each time."""

    async def test_after_three_failures_a_captcha_is_asked_for(self, shop: Shop, known: bool) -> None:
        """Whatever the password is; with it the right one is let through, and the count begins anew."""
        card = await shop.card()
        number = card.number if known else "T99999999"
        await failed(shop, number, 3)
        for password in (WRONG, card.password):
            response = await tried(shop, Card(number, password))
            assert (response.status_code, code(response)) == (403, "captcha_needed")
            assert response.json()["error"]["data"] == {}
            assert "验证码" in response.json()["error"]["message"]
        response = await tried(shop, Card(number, card.password), captcha=await captcha_of(shop))
        assert code(response) == ("" if known else "card_or_password_wrong")
        if known:
            await failed(shop, number, 3)
            assert code(await tried(shop, card)) == "captcha_needed"

    async def test_a_captcha_serves_once(self, shop: Shop, known: bool) -> None:
        """Right or wrong it is used up, and a failure with a right one counts as any other."""
        card = await shop.card()
        number = card.number if known else "T99999999"
        await failed(shop, number, 3)
        wrong = await captcha_of(shop, "9999")
        refused = await tried(shop, Card(number, WRONG), captcha=wrong)
        assert (refused.status_code, code(refused)) == (403, "captcha_wrong")
        assert code(await tried(shop, Card(number, WRONG), captcha={**wrong, "answer": "1234"})) == "captcha_wrong"
        right = await captcha_of(shop)
        assert code(await tried(shop, Card(number, WRONG), captcha=right)) == "card_or_password_wrong"
        assert code(await tried(shop, Card(number, WRONG), captcha=right)) == "captcha_wrong"
        assert code(await tried(shop, Card(number, WRONG), captcha=await captcha_of(shop))) == "card_or_password_wrong"
        paused = await tried(shop, Card(number, card.password), captcha=await captcha_of(shop))
        assert (paused.status_code, code(paused)) == (429, "too_many_tries")
        wait = paused.json()["error"]["data"]["retry_after"]
        assert 800 < wait <= 900
        assert paused.headers["Retry-After"] == str(wait)


async def test_a_captcha_that_was_not_asked_for_changes_nothing(shop: Shop) -> None:
    """A page may send the one it still has: nobody looks at it."""
    card = await shop.card()
    assert code(await tried(shop, card, captcha={"id": "unknown", "answer": "0000"})) == ""


async def test_a_redemption_goes_the_same_way(shop: Shop) -> None:
    """Asked for a captcha, the same form with the same key and a captcha redeems; once more it gives the same order."""
    product = await shop.product()
    card = await shop.card(product_ids=[product.id])
    await failed(shop, card.number, 3)
    headers, body = {**key(), "X-Forwarded-For": somewhere()}, redemption(card, product.id)
    async with shop.customer() as customer:
        url = f"{shop.customer_api}/redemptions"
        assert code(await customer.post(url, json=body, headers=headers)) == "captcha_needed"
        with_captcha = {**body, "captcha": await captcha_of(shop)}
        first = await customer.post(url, json=with_captcha, headers=headers)
        again = await customer.post(url, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


async def test_an_address_is_asked_too(shop: Shop) -> None:
    """Three failures at different cards; other addresses are not asked at the same cards."""
    cards, address = await shop.cards(4), somewhere()
    for card in cards[:3]:
        await failed(shop, card.number, 1, address)
    assert code(await tried(shop, cards[3], address)) == "captcha_needed"
    assert code(await tried(shop, cards[3], address, captcha=await captcha_of(shop))) == ""
    assert code(await tried(shop, cards[3])) == ""


async def test_two_customers_behind_one_address(shop: Shop) -> None:
    """One mistypes and gets it right; the other notices nothing."""
    (first, second), address = await shop.cards(2), somewhere()
    await failed(shop, first.number, 2, address)
    assert code(await tried(shop, second, address)) == ""
    assert code(await tried(shop, first, address)) == ""
    assert code(await tried(shop, second, address)) == ""


class TestDevice:
    """What a browser says of itself can only add to what stands against it."""

    async def test_a_device_is_asked_wherever_it_is(self, shop: Shop) -> None:
        cards, device = await shop.cards(4), unique("device-device-")
        for card in cards[:3]:
            await failed(shop, card.number, 1, device=device)
        assert code(await tried(shop, cards[3], device=device)) == "captcha_needed"
        assert code(await tried(shop, cards[3], device=unique("another-device-"))) == ""
        assert code(await tried(shop, cards[3])) == ""

    @pytest.mark.parametrize("settings", [{"tries_per_device": 2, "captcha_after": NEVER}], indirect=True)
    async def test_a_device_is_paused(self, shop: Shop) -> None:
        card, device = await shop.card(), unique("device-device-")
        for _ in range(2):
            await failed(shop, unique("N"), 1, device=device)
        response = await tried(shop, card, device=device)
        assert (response.status_code, code(response)) == (429, "too_many_tries")
        assert 800 < response.json()["error"]["data"]["retry_after"] <= 900

    @pytest.mark.parametrize("settings", [{"tries_per_device": 1}], indirect=True)
    @pytest.mark.parametrize("device", ["short", "x" * 65, "with a space in it", "semi;colon;and;more"])
    async def test_what_is_no_name_of_a_device_is_none(self, shop: Shop, device: str) -> None:
        for _ in range(3):
            await failed(shop, unique("N"), 1, device=device)

    @pytest.mark.parametrize("settings", [{"tries_per_address": 3, "captcha_after": NEVER}], indirect=True)
    async def test_a_new_name_each_time_lifts_nothing(self, shop: Shop) -> None:
        address = somewhere()
        for _ in range(3):
            await failed(shop, unique("N"), 1, address, device=unique("device-device-"))
        assert code(await tried(shop, await shop.card(), address, device=unique("device-"))) == "too_many_tries"


@pytest.mark.parametrize("settings", [{"numbers_per_address": 3, "captcha_after": NEVER}], indirect=True)
async def test_an_address_that_tries_many_numbers_is_paused(shop: Shop, other_shop: Shop) -> None:
    """Different numbers, at whichever merchants; the same one again is not another."""
    card, address = await shop.card(), somewhere()
    for _ in range(4):
        await failed(shop, "N10000001", 1, address)
    await failed(shop, "N10000002", 1, address)
    assert code(await tried(shop, card, address)) == ""
    await failed(other_shop, "N10000001", 1, address)
    response = await tried(shop, card, address)
    assert (response.status_code, code(response)) == (429, "too_many_tries")
    assert 800 < response.json()["error"]["data"]["retry_after"] <= 900
    assert code(await tried(shop, card)) == ""


@pytest.mark.parametrize(
    "settings", [{"tries_per_prefix": 6, "addresses_per_prefix": 3, "captcha_after": NEVER}], indirect=True
)
class TestPrefix:
    """Many addresses over the numbers of one batch."""

    async def test_few_addresses_are_no_attack(self, shop: Shop) -> None:
        card = await shop.card()
        here, there = somewhere(), somewhere()
        for turn in range(12):
            await failed(shop, f"{card.number[:-4]}{turn:04d}", 1, here if turn % 2 else there)
        assert code(await tried(shop, card)) == ""

    async def test_many_addresses_are(self, shop: Shop, other_shop: Shop) -> None:
        """Everybody is asked at these numbers and nobody is paused; at others nobody is asked."""
        cards = await shop.cards(9)
        other = await shop.card(prefix="Z")
        prefix = cards[0].number[:-4]
        addresses = [somewhere() for _ in range(3)]
        for turn in range(6):
            await failed(shop, f"{prefix}9{turn:03d}", 1, addresses[turn % 3])
        assert code(await tried(shop, cards[0])) == "captcha_needed"
        assert code(await tried(shop, cards[0], captcha=await captcha_of(shop))) == ""
        assert code(await tried(shop, other)) == ""
        assert code(await tried(other_shop, cards[0])) == "card_or_password_wrong"
        for turn in range(20):
            wrong = Card(f"{prefix}8{turn:03d}", WRONG)
            assert code(await tried(shop, wrong, captcha=await captcha_of(shop))) == "card_or_password_wrong"
        assert code(await tried(shop, cards[1])) == "captcha_needed"
        assert code(await tried(shop, cards[1], captcha=await captcha_of(shop))) == ""


@pytest.mark.parametrize("settings", [{"tries_per_merchant": 4, "tries_window": 3}], indirect=True)
async def test_a_merchant_under_attack_asks_everybody_and_shuts_out_nobody(shop: Shop, other_shop: Shop) -> None:
    """Until the window has passed; the merchant next door is not concerned."""
    card, elsewhere = await shop.card(), await other_shop.card()
    for turn in range(4):
        await failed(shop, f"{turn}{unique('N')}")
    assert code(await tried(shop, card)) == "captcha_needed"
    assert code(await tried(shop, card, captcha=await captcha_of(shop))) == ""
    assert code(await tried(other_shop, elsewhere)) == ""
    await asyncio.sleep(3.2)
    assert code(await tried(shop, card)) == ""


@pytest.mark.parametrize("settings", [{"tries_per_address": 60, "numbers_per_address": 20}], indirect=True)
async def test_honest_requests_are_all_answered(shop: Shop) -> None:
    """Sixty-four cards redeemed at once from one address, and fifty times the same one looked at."""
    product = await shop.product()
    cards = await shop.cards(65, product_ids=[product.id])
    address = {"X-Forwarded-For": somewhere()}
    redeeming = [
        Shot(shop.base_url, f"{shop.customer_api}/redemptions", redemption(card, product.id), {**key(), **address})
        for card in cards[:64]
    ]
    looking = [Shot(shop.base_url, f"{shop.customer_api}/cards/check", cards[64].typed(), address) for _ in range(50)]
    found = Counter(codes(await fire([*redeeming, *looking])))
    assert found == {"201": 64, "200": 50}


@pytest.mark.parametrize(
    "settings", [{"tries_per_address": 8, "numbers_per_address": NEVER, "captcha_after": NEVER}], indirect=True
)
async def test_right_and_wrong_at_once_from_one_address(shop: Shop) -> None:
    """The wrong ones get no more looks than the limit; those that came in time are answered, the others paused."""
    cards, address = await shop.cards(40), somewhere()
    shots = [
        Shot(
            shop.base_url,
            f"{shop.customer_api}/cards/check",
            card.typed() if turn % 2 else {"number": card.number, "password": WRONG},
            {"X-Forwarded-For": address},
        )
        for turn, card in enumerate(cards)
    ]
    found = Counter(codes(await fire(shots)))
    assert set(found) <= {"200", "403 card_or_password_wrong", "429 too_many_tries"}
    assert found["403 card_or_password_wrong"] == 8


@pytest.mark.parametrize(
    "settings", [{"tries_per_address": 2, "tries_window": 1, "captcha_after": NEVER}], indirect=True
)
async def test_a_pause_that_ends_lets_everybody_in_again(shop: Shop) -> None:
    """The turns that a pause made short are long again."""
    cards, address = await shop.cards(12), somewhere()
    for turn in range(2):
        await failed(shop, cards[turn].number, 1, address)
    assert code(await tried(shop, cards[0], address)) == "too_many_tries"
    await asyncio.sleep(1.2)
    path, headers = f"{shop.customer_api}/cards/check", {"X-Forwarded-For": address}
    found = codes(await fire([Shot(shop.base_url, path, card.typed(), headers) for card in cards]))
    assert found == ["200"] * 12


async def words_with_redis(monkeypatch: pytest.MonkeyPatch, shop: Shop, card: Card) -> list[str]:
    """What is said to Redis for one try that is right."""
    said: list[str] = []
    send, pack = redis_connection.AbstractConnection.send_command, redis_connection.AbstractConnection.pack_commands

    async def sent(self: Any, *arguments: Any, **named: Any) -> Any:
        said.append(str(arguments[0]))
        return await send(self, *arguments, **named)

    def packed(self: Any, commands: Any) -> Any:
        said.append("+".join(str(command[0]) for command in commands))
        return pack(self, commands)

    with monkeypatch.context() as patch:
        patch.setattr(redis_connection.AbstractConnection, "send_command", sent)
        patch.setattr(redis_connection.AbstractConnection, "pack_commands", packed)
        assert code(await tried(shop, card)) == ""
    return [words for words in said if words not in ("SUBSCRIBE", "BLPOP", "BRPOP")]


async def test_a_try_with_nothing_against_it_asks_redis_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says nothing afterwards; after a failure the card's count is taken away, in one go."""
    card = await shop.card()
    await tried(shop, card)
    assert await words_with_redis(monkeypatch, shop, card) == ["MGET"]
    await failed(shop, card.number)
    assert await words_with_redis(monkeypatch, shop, card) == ["MGET", "DEL+ZREM"]
    assert await words_with_redis(monkeypatch, shop, card) == ["MGET"]


async def test_staff_are_counted_as_themselves(shop: Shop) -> None:
    """Whoever types for others is asked for no captcha and marks no address; a locked card is locked for them too."""
    card, other = await shop.cards(2)
    address = {"X-Forwarded-For": somewhere()}
    async with await shop.staff() as staff:
        for turn in range(5):
            body = {"number": card.number, "password": WRONG}
            path = "/api/m/counter/check" if turn % 2 else f"{shop.customer_api}/cards/check"
            if not turn % 2:
                body["source"] = "phone"
            response = await staff.post(path, json=body, headers=address)
            assert code(response) == "card_or_password_wrong", response.text
        locked = await staff.post("/api/m/counter/check", json=card.typed(), headers=address)
        assert (locked.status_code, code(locked)) == (429, "too_many_tries")
        assert code(await staff.post("/api/m/counter/check", json=other.typed(), headers=address)) == ""
    assert code(await tried(shop, other, address["X-Forwarded-For"])) == ""
    assert code(await tried(shop, card)) == "too_many_tries"


@pytest.mark.parametrize("settings", [{"tries_per_address": 2}], indirect=True)
async def test_an_account_that_only_fails_is_paused(shop: Shop) -> None:
    """By the limit that an address has; another account is not."""
    card = await shop.card()
    second = await shop.app.context.sessions.open(await shop.account())
    async with await shop.staff() as staff:
        for _ in range(2):
            body = {"number": unique("N"), "password": WRONG}
            assert code(await staff.post("/api/m/counter/check", json=body)) == "card_or_password_wrong"
        assert code(await staff.post("/api/m/counter/check", json=card.typed())) == "too_many_tries"
    async with client(shop.base_url, {COOKIE: second}) as colleague:
        assert code(await colleague.post("/api/m/counter/check", json=card.typed())) == ""


async def test_captchas_are_not_made_without_end(shop: Shop) -> None:
    """Sixty a minute for one address; pictures cost us more than asking for them costs."""
    headers = {"X-Forwarded-For": somewhere()}
    path = f"{shop.customer_api}/captchas"
    async with shop.customer() as customer:
        for _ in range(60):
            assert (await customer.post(path, headers=headers)).status_code == 201
        response = await customer.post(path, headers=headers)
        assert (response.status_code, code(response)) == (429, "too_many_tries")
        assert 1 <= response.json()["error"]["data"]["retry_after"] <= 60
        assert (await customer.post(path, headers={"X-Forwarded-For": somewhere()})).status_code == 201


async def test_tries_are_counted_in_the_metrics(shop: Shop) -> None:
    outcomes = ("right", "wrong", "captcha", "paused")
    before = {outcome: counted(outcome) for outcome in outcomes}
    card = await shop.card()
    await tried(shop, card)
    await failed(shop, card.number, 3)
    await tried(shop, card)
    await tried(shop, card, captcha=await captcha_of(shop, "9999"))
    for _ in range(2):
        await tried(shop, Card(card.number, WRONG), captcha=await captcha_of(shop))
    await tried(shop, card)
    assert {outcome: counted(outcome) - before[outcome] for outcome in outcomes} == {
        "right": 1,
        "wrong": 5,
        "captcha": 2,
        "paused": 1,
    }
    async with shop.customer() as customer:
        page = (await customer.get("/metrics")).text
    assert 'tihuo_card_tries_total{outcome="paused"}' in page
    assert 'tihuo_guessing_alarms_total{scope="card"}' in page


@pytest.fixture(scope="module")
def own_redis() -> Iterator[RedisServer]:
    """A Redis that may be stopped."""
    with redis_server() as started:
        yield started


class TestRedisAway:
    """Who can't count lets nobody in, and says so."""

    @pytest.fixture
    def settings(self, settings: Settings, own_redis: RedisServer) -> Settings:
        return Settings.model_validate({**settings.model_dump(), "redis_url": own_redis.url})

    @pytest.fixture(autouse=True)
    def there_again(self, server: Server, own_redis: RedisServer) -> Iterator[None]:
        """Before the application goes, which still speaks with Redis."""
        yield
        if not own_redis.answers():
            own_redis.start()

    async def test_customers_are_told_to_come_back(self, shop: Shop, own_redis: RedisServer) -> None:
        """Nothing is checked and nothing redeemed; when Redis is there again all goes on."""
        product = await shop.product()
        card = await shop.card(product_ids=[product.id])
        busy = counted("busy")
        own_redis.stop()
        async with shop.customer() as customer:
            asked: list[tuple[str, Any, dict[str, str]]] = [
                ("cards/check", card.typed(), {}),
                ("redemptions", redemption(card, product.id), key()),
                ("captchas", None, {}),
            ]
            for path, body, headers in asked:
                response = await customer.post(f"{shop.customer_api}/{path}", json=body, headers=headers)
                assert (response.status_code, code(response)) == (503, "service_busy")
                assert response.headers["Retry-After"] == "5"
                assert response.json()["error"]["message"] == "系统繁忙，请稍后再试"
        assert counted("busy") == busy + 3
        own_redis.start()
        view = await tried(shop, card)
        assert (view.status_code, view.json()["state"]) == (200, "redeemable")

    async def test_a_failure_that_was_not_counted_is_noted_and_not_told(
        self, shop: Shop, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Redis goes between the look and the count: the answer says nothing about the password."""
        card = await shop.card()
        matches = CardVault.matches

        def away_meanwhile(vault: CardVault, *arguments: Any) -> bool:
            own_redis.stop()
            return matches(vault, *arguments)

        monkeypatch.setattr(CardVault, "matches", away_meanwhile)
        response = await tried(shop, Card(card.number, WRONG))
        assert (response.status_code, code(response)) == (503, "service_busy")
        noted = await shop.run(lambda session: redemptions.wrong_tries(session, shop.id, card.number, 10))
        assert [one.number_key for one in noted] == [unmistakable(card.number)]

    async def test_a_redemption_that_was_done_stays_done(
        self, server: Server, shop: Shop, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Redis goes before the card's count is cleared: the order stands, and its answer is given."""
        product = await shop.product()
        card = await shop.card(product_ids=[product.id])
        await failed(shop, card.number)
        forget = server.app.context.guard._forget

        async def away_meanwhile(slug: str, number: str) -> None:
            own_redis.stop()
            await forget(slug, number)

        monkeypatch.setattr(server.app.context.guard, "_forget", away_meanwhile)
        async with shop.customer() as customer:
            response = await customer.post(
                f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key()
            )
        assert response.status_code == 201


async def test_an_emptied_redis_forgets_the_counts_and_nothing_breaks(server: Server, shop: Shop) -> None:
    """Scripts are loaded again, counting begins anew."""
    card = await shop.card()
    await failed(shop, card.number, 3)
    redis = server.app.context.redis
    found = [name async for name in redis.scan_iter("guess:*")]
    await redis.delete(*found)
    await redis.script_flush()
    await failed(shop, card.number, 3)
    assert code(await tried(shop, card)) == "captcha_needed"


@pytest.mark.mariadb_only
async def test_what_one_process_counted_stands_in_the_other(settings: Settings, shop: Shop) -> None:
    second = apps.build(settings)
    try:
        async with apps.listening(second, port=0) as port:
            card = await shop.card()
            await failed(shop, card.number, 3)
            elsewhere = dataclasses.replace(shop, base_url=f"http://127.0.0.1:{port}")
            assert code(await tried(elsewhere, card)) == "captcha_needed"
    finally:
        await second.close()
