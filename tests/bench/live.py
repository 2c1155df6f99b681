"""An order reaches a screen on every web process within a second of its answer (spec H)."""

import asyncio
import json
import time

import httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.services.staff_client import Staff

from .figures import Figure, percentile
from .merchant import Card, exported_cards, stage

ORDERS = 200


def measure() -> list[Figure]:
    with stage(web=2) as built:
        urls = built.processes.urls
        with Staff(urls[0], built.demo["staff"]) as staff:
            cards = exported_cards(staff.export(staff.make_cards(ORDERS)))
            product, cookies = staff.product_id(), staff.cookies
        taken = asyncio.run(_orders(urls, cards, product, cookies))
    milliseconds = [seconds * 1000 for seconds in taken]
    return [
        Figure("live.p50", percentile(milliseconds, 0.5), "ms"),
        Figure("live.p99", percentile(milliseconds, 0.99), "ms", "<= 1000"),
        Figure("live.missed", ORDERS * len(urls) - len(taken), "events", "<= 0"),
    ]


async def _orders(urls: list[str], cards: list[Card], product: int, cookies: dict[str, str]) -> list[float]:
    """For each order and each screen: seconds from the customer's answer to the event."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    screens = [
        await websocket_connect(HTTPRequest(url.replace("http", "ws", 1) + "/api/m/live", headers={"Cookie": cookie}))
        for url in urls
    ]
    for screen in screens:
        await _event(screen, "hello")
    taken: list[float] = []
    receiver = {"name": "张三", "mobile": "13812345678", "province": "浙江省", "city": "杭州市", "address": "文三路"}
    async with httpx.AsyncClient(timeout=30) as customer:
        for turn, card in enumerate(cards):
            body = {"number": card.number, "password": card.password, "product_id": product, "receiver": receiver}
            answer = await customer.post(
                f"{urls[turn % len(urls)]}/api/c/demo/redemptions",
                json=body,
                headers={"Idempotency-Key": f"bench-of-live-{turn}"},
            )
            answer.raise_for_status()
            began = time.perf_counter()
            for screen in screens:
                await _event(screen, "event")
                taken.append(time.perf_counter() - began)
    for screen in screens:
        screen.close()
    return taken


async def _event(screen: WebSocketClientConnection, kind: str) -> None:
    async with asyncio.timeout(30):
        while True:
            frame = await screen.read_message()
            if frame is None:
                raise RuntimeError("the screen was closed")
            if json.loads(frame)["type"] == kind:
                return
