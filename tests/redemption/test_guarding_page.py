"""Staff see who guesses at cards, live; they unlock cards and block addresses (spec G)."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.concurrency.screens import Screen
from tests.conftest import Server
from tests.factories.shops import Card, Shop, unique
from tests.redemption.guesses import FROM_PROXY, WRONG, captcha_of, code, failed, somewhere, tried
from tihuo.audit import service as audit
from tihuo.db import now
from tihuo.redemption import events
from tihuo.redemption import service as redemptions
from tihuo.settings import Settings

NEVER = 1_000_000
LIMITS = {
    **FROM_PROXY,
    "captcha_after": NEVER,
    "tries_per_card": 3,
    "tries_per_address": 4,
    "numbers_per_address": NEVER,
    "tries_per_prefix": 6,
    "addresses_per_prefix": 3,
    "tries_per_merchant": 9,
}


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Limits that few tries reach, clients behind a proxy; and what a test changes."""
    return Settings.model_validate({**settings.model_dump(), **LIMITS, **getattr(request, "param", {})})


async def page_of(shop: Shop, **query: Any) -> dict[str, Any]:
    async with await shop.staff() as staff:
        response = await staff.get("/api/m/guessing", params=query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def asked(shop: Shop, path: str, body: dict[str, Any]) -> httpx.Response:
    async with await shop.staff() as staff:
        return await staff.post(f"/api/m/guessing/{path}", json=body)


async def blocked(shop: Shop, address: str, hours: int = 1, reason: str = "") -> dict[str, Any]:
    response = await asked(shop, "blocks", {"address": address, "hours": hours, "reason": reason})
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def lifted(shop: Shop, block_id: int) -> int:
    async with await shop.staff() as staff:
        return (await staff.delete(f"/api/m/guessing/blocks/{block_id}")).status_code


async def deeds(shop: Shop) -> list[tuple[str, str, Any]]:
    """What the audit record tells of the room, newest first."""
    entries = await shop.run(lambda session: audit.newest(session, shop.id, 20))
    return [
        (entry.action, entry.name, entry.data)
        for entry in entries
        if entry.subject in ("blocked_addresses", "wrong_tries")
    ]


async def test_nothing_happened(shop: Shop) -> None:
    assert await page_of(shop) == {
        "alarm": False,
        "failures": 0,
        "locked": [],
        "prefixes": [],
        "addresses": [],
        "recent": [],
        "blocks": [],
    }


async def test_the_page_shows_who_tries_what(shop: Shop, other_shop: Shop) -> None:
    """Cards that are locked, known or not; addresses by failures; the newest tries; nothing of another merchant's."""
    card = await shop.card()
    busy, idle = somewhere(), somewhere()
    await failed(shop, card.number, 3, busy)
    await failed(shop, "T99999999", 3, idle)
    await failed(shop, "T99999998", 1, busy)
    page = await page_of(shop)
    async with await shop.staff() as staff:
        card_id = (await staff.get("/api/m/cards")).json()["items"][0]["id"]
    locked = {one["number"]: one for one in page["locked"]}
    assert set(locked) == {card.number, "T99999999"}
    for number, found in locked.items():
        assert 800 < found.pop("retry_after") <= 900
        known = card_id if number == card.number else None
        assert found == {"number": number, "card_id": known, "failures": 3, "paused": True}
    assert [(one["address"], one["failures"], one["numbers"]) for one in page["addresses"]] == [
        (busy, 4, 2),
        (idle, 3, 1),
    ]
    assert all(one["blocked_until"] is None for one in page["addresses"])
    assert [(one["number"], one["address"]) for one in page["recent"]] == [
        ("T99999998", busy),
        *[("T99999999", idle)] * 3,
        *[(card.number, busy)] * 3,
    ]
    assert page["addresses"][0]["last_at"] == page["recent"][0]["at"]
    # Seven failures, six of them and more at one prefix: from two addresses, which is no alarm.
    assert (page["failures"], page["alarm"], page["prefixes"]) == (7, False, [])
    assert (await page_of(other_shop))["recent"] == []


@pytest.mark.parametrize("settings", [{"captcha_after": 2}], indirect=True)
async def test_cards_that_only_ask_for_a_captcha_are_shown_too(shop: Shop) -> None:
    await failed(shop, "T99999999", 2)
    (found,) = (await page_of(shop))["locked"]
    assert (found["failures"], found["paused"]) == (2, False)
    card = await shop.card()
    await failed(shop, card.number, 2)
    assert code(await tried(shop, card, captcha=await captcha_of(shop))) == ""
    assert [one["number"] for one in (await page_of(shop))["locked"]] == ["T99999999"]


async def test_an_attack_is_shown_as_long_as_it_is_answered(shop: Shop) -> None:
    addresses = [somewhere() for _ in range(3)]
    for turn in range(9):
        await failed(shop, f"ABCD{turn:04d}", 1, addresses[turn % 3]) if turn < 6 else await failed(shop, unique("N"))
    page = await page_of(shop)
    assert (page["alarm"], page["failures"]) == (True, 9)
    (prefix,) = page["prefixes"]
    assert 800 < prefix.pop("retry_after") <= 900
    assert prefix == {"prefix": "ABCD", "failures": 6}


async def test_an_ipv6_customers_tries_are_shown_as_one_networks(shop: Shop) -> None:
    """And what the page shows can be blocked as it is."""
    first = f"2001:db8:{somewhere().split('.')[2]}:2"
    for turn in range(1, 4):
        await failed(shop, f"N{turn}", 1, f"{first}::{turn}")
    (found,) = (await page_of(shop))["addresses"]
    assert (found["failures"], found["numbers"]) == (3, 3)
    await blocked(shop, found["address"])
    card = await shop.card()
    assert code(await tried(shop, card, f"{first}:ffff::9")) == "address_blocked"
    assert code(await tried(shop, card, f"{first}1::9")) == ""


async def test_old_tries_are_not_counted(shop: Shop) -> None:
    """`hours` says how far back the addresses are counted."""
    await failed(shop, "T99999999")
    since = {"hours": 1}
    assert len((await page_of(shop, **since))["addresses"]) == 1
    for hours in (0, 169, "x"):
        async with await shop.staff() as staff:
            response = await staff.get("/api/m/guessing", params={"hours": hours})
        assert (response.status_code, code(response)) == (422, "invalid_request")


class TestUnlock:
    async def test_a_card_can_be_tried_again_at_once(self, shop: Shop, other_shop: Shop) -> None:
        """However its number is typed; on record; another merchant's staff unlock nothing of ours."""
        card = await shop.card()
        await failed(shop, card.number, 3)
        assert (await asked(other_shop, "unlock", {"number": card.number})).status_code == 204
        assert code(await tried(shop, card)) == "too_many_tries"
        typed = f" {card.number[:3].lower()}-{card.number[3:].replace('0', 'o')} "
        assert (await asked(shop, "unlock", {"number": typed})).status_code == 204
        assert code(await tried(shop, card)) == ""
        assert (await page_of(shop))["locked"] == []
        assert await deeds(shop) == [("unlocked", "店主", {"number": card.number.replace("O", "0")})]

    @pytest.mark.parametrize("body", [{}, {"number": ""}, {"number": "x" * 65}, {"number": 5}])
    async def test_without_a_number_nothing_is_unlocked(self, shop: Shop, body: dict[str, Any]) -> None:
        response = await asked(shop, "unlock", body)
        assert (response.status_code, code(response)) == (422, "invalid_request")
        assert "卡号" in response.json()["error"]["message"]


class TestBlocks:
    async def test_customers_there_are_sent_to_the_merchant(self, shop: Shop, other_shop: Shop) -> None:
        """Right or wrong, at every card of the merchant's and of nobody else's, until it is lifted; all on record."""
        card, elsewhere = await shop.card(), await other_shop.card()
        address = somewhere()
        before = now()
        made = await blocked(shop, address, 24, "试卡")
        assert (made["address"], made["reason"], made["by"]) == (address, "试卡", "店主")
        for password in (card.password, WRONG):
            response = await tried(shop, Card(card.number, password), address)
            assert (response.status_code, code(response)) == (403, "address_blocked")
            assert "联系商家" in response.json()["error"]["message"]
        assert code(await tried(shop, card)) == ""
        assert code(await tried(other_shop, elsewhere, address)) == ""
        page = await page_of(shop)
        assert page["blocks"] == [made]
        assert (await page_of(other_shop))["blocks"] == []
        assert page["recent"] == []
        assert await lifted(other_shop, made["id"]) == 404
        assert await lifted(shop, made["id"]) == 204
        assert await lifted(shop, made["id"]) == 204
        assert await lifted(shop, 2**40) == 404
        assert code(await tried(shop, card, address)) == ""
        assert (await page_of(shop))["blocks"] == []
        assert await deeds(shop) == [
            ("lifted", "店主", {"network": address}),
            ("blocked", "店主", {"network": address, "hours": 24, "reason": "试卡"}),
        ]
        assert made["created_at"] >= before.isoformat()[:19]

    async def test_a_block_ends_by_itself(self, server: Server, shop: Shop) -> None:
        """In Redis as on the page; a later one stands instead of the one before."""
        address = somewhere()
        await blocked(shop, address, 720)
        second = await blocked(shop, address, 2)
        key = f"guess:block:{shop.slug}:{address}"
        assert 7190 <= await server.app.context.redis.ttl(key) <= 7200
        assert [one["id"] for one in (await page_of(shop))["blocks"]] == [second["id"]]
        await failed(shop, "T99999999", 1, other := somewhere())
        await blocked(shop, other, 1)
        addresses = (await page_of(shop))["addresses"]
        assert [one["blocked_until"] is not None for one in addresses] == [True]

    async def test_staff_are_not_shut_out(self, shop: Shop) -> None:
        """Who serves customers at the counter does so from the shop's own address, whatever holds for it."""
        card, address = await shop.card(), somewhere()
        await blocked(shop, address)
        async with await shop.staff() as staff:
            response = await staff.post("/api/m/counter/check", json=card.typed(), headers={"X-Forwarded-For": address})
        assert response.status_code == 200

    async def test_an_emptied_redis_has_them_back(self, server: Server, shop: Shop) -> None:
        """The worker brings them each minute: those that hold, and none that was lifted."""
        card = await shop.card()
        held, lifted_one = somewhere(), somewhere()
        await blocked(shop, held, 3)
        gone = await blocked(shop, lifted_one, 3)
        context = server.app.context
        await context.redis.delete(f"guess:block:{shop.slug}:{held}")
        assert code(await tried(shop, card, held)) == ""
        assert await lifted(shop, gone["id"]) == 204
        # As if the worker had read the block just before it was lifted, and written it just after.
        await context.guard.mirror(shop.slug, lifted_one, 3600)
        assert code(await tried(shop, card, lifted_one)) == "address_blocked"
        for block in await context.unit_of_work.run(redemptions.mirrored, writes=False):
            await context.guard.mirror(*block)
        assert code(await tried(shop, card, held)) == "address_blocked"
        assert code(await tried(shop, card, lifted_one)) == ""
        assert 3 * 3600 - 60 < await context.redis.ttl(f"guess:block:{shop.slug}:{held}") <= 3 * 3600

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"address": "somewhere"}, "IP 地址"),
            ({"address": "198.51.100.0/24"}, "IP 地址"),
            ({"address": ""}, "IP 地址"),
            ({"address": "2001:db8::/48"}, "IP 地址"),
            ({"hours": 0}, "小时数"),
            ({"hours": 721}, "小时数"),
            ({"reason": "长" * 201}, "原因"),
        ],
    )
    async def test_what_is_no_address_is_not_blocked(self, shop: Shop, changed: dict[str, Any], words: str) -> None:
        response = await asked(shop, "blocks", {"address": "198.51.100.1", "hours": 1, "reason": "", **changed})
        assert (response.status_code, code(response)) == (422, "invalid_request")
        assert words in response.json()["error"]["message"]
        assert (await page_of(shop))["blocks"] == []

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("::ffff:100.64.0.1", "100.64.0.1"),
            ("100.64.0.1/32", "100.64.0.1"),
            ("2001:DB8:0:7::9", "2001:db8:0:7::/64"),
            ("2001:db8:0:7::9/64", "2001:db8:0:7::/64"),
        ],
    )
    async def test_an_address_is_blocked_as_it_is_counted(self, shop: Shop, typed: str, meant: str) -> None:
        assert (await blocked(shop, typed))["address"] == meant


class TestLive:
    async def test_each_limit_is_told_once(self, shop: Shop, other_shop: Shop) -> None:
        """A card, an address, a prefix, the merchant: one event when it is reached, none for each further try."""
        addresses = [somewhere() for _ in range(3)]
        without = await shop.account("cards")
        screen = await Screen.of(shop, kinds=[events.ALARM])
        foreign = await Screen.of(other_shop, kinds=[events.ALARM])
        unallowed = await Screen.of(shop, without, kinds=[events.ALARM])
        async with screen, foreign, unallowed:
            await failed(shop, "ABCD0001", 3, addresses[0])
            assert code(await tried(shop, Card("ABCD0001", WRONG), addresses[0])) == "too_many_tries"
            await failed(shop, "ABCD0002", 1, addresses[0])
            assert code(await tried(shop, Card("ABCD0003", WRONG), addresses[0])) == "too_many_tries"
            await failed(shop, "ABCD0004", 1, addresses[1])
            await failed(shop, "ABCD0005", 1, addresses[2])
            for turn in range(3):
                await failed(shop, f"{turn}{unique('N')}")
            for turn in range(3):
                wrong = Card(f"ABCD1{turn:03d}", WRONG)
                assert code(await tried(shop, wrong, captcha=await captcha_of(shop))) == "card_or_password_wrong"
            heard = [(await screen.event())["data"] for _ in range(4)]
            assert heard == [
                {"permission": "cards", "scope": "card", "subject": "ABCD0001", "failures": 3},
                {"permission": "cards", "scope": "address", "subject": addresses[0], "failures": 4},
                {"permission": "cards", "scope": "prefix", "subject": "ABCD", "failures": 6},
                {"permission": "cards", "scope": "merchant", "subject": "", "failures": 9},
            ]
            for silent in (screen, foreign, unallowed):
                with pytest.raises(TimeoutError):
                    await silent.frame(timeout=0.5)

    @pytest.mark.parametrize("settings", [{"numbers_per_address": 2}], indirect=True)
    async def test_an_address_that_tries_many_numbers_is_told_of(self, shop: Shop) -> None:
        address = somewhere()
        async with await Screen.of(shop, kinds=[events.ALARM]) as screen:
            for number in ("N1", "N1", "N2"):
                await failed(shop, number, 1, address)
            told = (await screen.event())["data"]
        assert (told["scope"], told["subject"], told["failures"]) == ("address", address, 3)

    @pytest.mark.parametrize("settings", [{"tries_window": 1}], indirect=True)
    async def test_the_next_window_tells_again(self, shop: Shop) -> None:
        async with await Screen.of(shop, kinds=[events.ALARM]) as screen:
            for _ in range(2):
                await failed(shop, "T99999999", 3)
                assert (await screen.event())["data"]["scope"] == "card"
                await asyncio.sleep(1.2)
