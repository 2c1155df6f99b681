"""Tries at cards from addresses and devices of one's choice."""

import random
from typing import Any

import httpx

from tests.conftest import CAPTCHA
from tests.factories.shops import Card, Shop

WRONG = "0" * 10
FROM_PROXY = {"trusted_proxies": ["127.0.0.1/32"]}
# Whatever a shared Redis still counts of other tests, of 127.0.0.1 above all, is no matter of these.
_addresses = random.Random()


def somewhere() -> str:
    """An address that no other test uses."""
    return f"100.{_addresses.randint(64, 127)}.{_addresses.randint(0, 255)}.{_addresses.randint(1, 254)}"


def code(response: httpx.Response) -> str:
    """The refusal's code, or "" for a card that was shown."""
    return "" if response.status_code == 200 else str(response.json()["error"]["code"])


async def tried(
    shop: Shop, card: Card, address: str = "", *, device: str = "", captcha: dict[str, str] | None = None
) -> httpx.Response:
    """Check a card, from somewhere else each time unless told from where."""
    headers = {"X-Forwarded-For": address or somewhere(), **({"X-Tihuo-Device": device} if device else {})}
    body: dict[str, Any] = {**card.typed(), **({"captcha": captcha} if captcha else {})}
    async with shop.customer() as customer:
        return await customer.post(f"{shop.customer_api}/cards/check", json=body, headers=headers)


async def failed(shop: Shop, number: str, times: int = 1, address: str = "", *, device: str = "") -> None:
    """Wrong tries at a number, each of them let through."""
    for _ in range(times):
        response = await tried(shop, Card(number, WRONG), address, device=device)
        assert code(response) == "card_or_password_wrong", response.text


async def captcha_of(shop: Shop, answer: str = CAPTCHA) -> dict[str, str]:
    """A new captcha with an answer, right unless told otherwise."""
    async with shop.customer() as customer:
        response = await customer.post(f"{shop.customer_api}/captchas", headers={"X-Forwarded-For": somewhere()})
    assert response.status_code == 201
    made = response.json()
    assert made["image"].startswith("data:image/png;base64,")
    return {"id": made["id"], "answer": answer}
