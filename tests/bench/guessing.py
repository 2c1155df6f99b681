"""Wrong passwords take as long whatever the card (spec G): the medians of tries in random turn."""

import random
import statistics
import time

import httpx

from tests.services.staff_client import Staff

from .figures import Figure
from .merchant import exported_cards, stage

ROUNDS = 300
WRONG = "0000000000"


def measure() -> list[Figure]:
    limits = ("TRIES_PER_CARD", "TRIES_PER_ADDRESS", "TRIES_PER_MERCHANT", "CAPTCHA_AFTER")
    with stage(web=1, **{f"TIHUO_{limit}": "1000000" for limit in limits}) as built:
        url = built.processes.urls[0]
        with Staff(url, built.demo["staff"]) as staff:
            batch = staff.make_cards(4)
            active, void, inactive, redeemed = exported_cards(staff.export(batch))
            product = staff.product_id()
            staff.change_status(void.number, "void")
            staff.change_status(inactive.number, "deactivate")
        with httpx.Client(base_url=f"{url}/api/c/demo", timeout=30) as customer:
            receiver = {
                "name": "张三",
                "mobile": "13812345678",
                "province": "浙江省",
                "city": "杭州市",
                "address": "文三路",
            }
            body = {"number": redeemed.number, "password": redeemed.password, "product_id": product}
            headers = {"Idempotency-Key": "bench-of-guessing"}
            customer.post("/redemptions", json={**body, "receiver": receiver}, headers=headers).raise_for_status()
            unknown = str(10 ** len(active.number) - 1)
            numbers = {
                "active": active.number,
                "void": void.number,
                "inactive": inactive.number,
                "redeemed": redeemed.number,
                "unknown": unknown,
            }
            taken = _tries(customer, numbers)
    medians = {kind: statistics.median(times) * 1000 for kind, times in taken.items()}
    figures = [Figure(f"guessing.{kind}_p50", median, "ms") for kind, median in medians.items()]
    spread = max(medians.values()) / min(medians.values())
    return [*figures, Figure("guessing.spread", spread, "slowest/fastest", "<= 1.25")]


def _tries(customer: httpx.Client, numbers: dict[str, str]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {kind: [] for kind in numbers}
    kinds = list(numbers)
    for _ in range(ROUNDS):
        random.shuffle(kinds)
        for kind in kinds:
            began = time.perf_counter()
            answer = customer.post("/cards/check", json={"number": numbers[kind], "password": WRONG})
            taken[kind].append(time.perf_counter() - began)
            if answer.status_code != httpx.codes.FORBIDDEN:
                raise RuntimeError(f"{kind}: {answer.status_code} {answer.text}")
    return taken
