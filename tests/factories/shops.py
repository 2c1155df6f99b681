"""Merchants, staff, products and cards, made through the services as the host and staff would."""

import asyncio
import datetime as dt
import itertools
import os
import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from tests import openapi_check
from tihuo.app import App, kinds
from tihuo.appointments import service as appointments
from tihuo.appointments.schemas import Rule
from tihuo.audit.service import Actor
from tihuo.cards import service as cards
from tihuo.cards.schemas import Batch, BatchIn, BatchMade, CardFilter
from tihuo.catalog import service as catalog
from tihuo.catalog.schemas import Product, ProductIn
from tihuo.db import Session
from tihuo.jobs import queue
from tihuo.jobs.runner import Runner
from tihuo.jobs.schemas import JobView
from tihuo.merchants import service as merchants
from tihuo.merchants.schemas import MerchantIn, PickupIn, StorefrontIn
from tihuo.staff import service as staff
from tihuo.staff.schemas import Permission, StaffNew
from tihuo.staff.service import PERMISSIONS
from tihuo.web.sessions import COOKIE

HOST = Actor(None, "host", "test")
PASSWORD = "Passw0rd-of-tests"
ANY_DAY: dict[str, Any] = {
    "mode": "window",
    "required": False,
    "earliest_days": 0,
    "latest_days": 30,
    "cutoff": None,
    "first": None,
    "last": None,
    "closed_dates": [],
    "extra_dates": [],
    "weekdays": [1, 2, 3, 4, 5, 6, 7],
    "quota": None,
    "product_quotas": [],
    "product_lead_days": [],
    "region_lead_days": [],
    "note": "",
}
_numbers = itertools.count()


def unique(prefix: str) -> str:
    """A name that no other test of any run uses."""
    return f"{prefix}{os.getpid()}x{next(_numbers)}{secrets.token_hex(2)}"


@dataclass(frozen=True)
class Card:
    """A card with its password, as printed."""

    number: str
    password: str

    def typed(self) -> dict[str, str]:
        return {"number": self.number, "password": self.password}


@dataclass(frozen=True)
class Shop:
    """A merchant under test."""

    app: App
    base_url: str
    id: int
    slug: str
    owner_id: int
    owner_account: str

    @property
    def customer_api(self) -> str:
        return f"/api/c/{self.slug}"

    async def run(self, work: Any) -> Any:
        return await self.app.context.unit_of_work.run(work)

    def customer(self) -> httpx.AsyncClient:
        """A customer's client; every answer is held against the OpenAPI document."""
        return client(self.base_url)

    async def staff(self, *restrictions: Permission) -> httpx.AsyncClient:
        """A client signed in as the owner, or as somebody from whom `restrictions` were taken."""
        staff_id = await self.account(*restrictions) if restrictions else self.owner_id
        token = await self.app.context.sessions.open(staff_id)
        return client(self.base_url, {COOKIE: token})

    async def account(self, *restrictions: Permission, name: str = "小王") -> int:
        """Another account of the merchant; its password is PASSWORD."""
        account = unique("staff")

        async def work(session: Session) -> int:
            body = StaffNew(
                account=account, name=name, mobile="13900000000", password=PASSWORD, restrictions=list(restrictions)
            )
            return (await staff.create(session, self.id, body, HOST)).id

        made: int = await self.run(work)
        return made

    async def today(self) -> dt.date:
        """The day it is at the merchant's."""
        found = await self.run(lambda session: merchants.get(session, self.id))
        day: dt.date = found.today()
        return day

    async def days(self, **rule: Any) -> None:
        """Let customers choose any of the thirty days from today on, or as `rule` says."""
        chosen = Rule(**{**ANY_DAY, **rule})
        await self.run(lambda session: appointments.change_rule(session, self.id, chosen, HOST))

    async def product(self, name: str = "", **fields: Any) -> Product:
        body = ProductIn(name=name or unique("商品"), **fields)
        made: Product = await self.run(lambda session: catalog.create(session, self.id, body, HOST))
        return made

    async def batch(self, quantity: int = 1, **fields: Any) -> Batch:
        """A batch of active cards; `fields` as in spec D."""
        products = fields.pop("product_ids", None) or [(await self.product()).id]
        body = BatchIn(**{"quantity": quantity, "status": "active", "prefix": "T", "product_ids": products, **fields})

        made: BatchMade = await self.run(
            lambda session: cards.make_batch(session, self.id, body, secrets.token_hex(16), HOST)
        )
        await self.finished(made.job.id)
        ready: Batch = await self.run(lambda session: cards.get_batch(session, self.id, made.batch.id))
        return ready

    async def finished(self, job_id: int) -> JobView:
        """A job after its end; it is done here unless a worker does it."""
        context = self.app.context
        runner = Runner(context.unit_of_work, context.redis, kinds(context))
        while True:
            await runner.drain()
            job: JobView = await self.run(lambda session: queue.get(session, self.id, PERMISSIONS, job_id))
            if job.finished_at is not None:
                return job
            await asyncio.sleep(0.02)

    async def printed(self, batch: Batch) -> list[Card]:
        """A batch's cards as the printing house gets them."""
        context = self.app.context
        wanted = CardFilter(batch_id=batch.id)
        rows = await cards.printed(context.unit_of_work, context.vault, self.id, wanted, "http://test")
        return [Card(str(number), str(password)) for _, number, password in rows]

    async def cards(self, quantity: int = 1, **fields: Any) -> list[Card]:
        return await self.printed(await self.batch(quantity, **fields))

    async def card(self, **fields: Any) -> Card:
        return (await self.cards(1, **fields))[0]


async def create_shop(app: App, base_url: str, *, open: bool = True) -> Shop:
    """A new merchant with an owner, and a storefront that is open."""
    slug, account = unique("shop"), unique("owner")

    async def work(session: Session) -> tuple[int, int]:
        body = MerchantIn(slug=slug, name="测试商家")
        merchant_id = await merchants.create(session, body, "Asia/Shanghai", HOST)
        owner = StaffNew(account=account, name="店主", mobile="13800000000", password=PASSWORD)
        made = await staff.create(session, merchant_id, owner, HOST, is_owner=True)
        await merchants.change_storefront(
            session, merchant_id, StorefrontIn(name="测试提货", theme_color="#07C160"), HOST
        )
        await merchants.change_pickup(session, merchant_id, PickupIn(open=open), HOST)
        return merchant_id, made.id

    merchant_id, owner_id = await app.context.unit_of_work.run(work)
    return Shop(app, base_url, merchant_id, slug, owner_id, account)


def client(base_url: str, cookies: dict[str, str] | None = None) -> httpx.AsyncClient:
    """An HTTP client whose every answer is held against the OpenAPI documents."""

    async def checked(response: httpx.Response) -> None:
        await response.aread()
        openapi_check.check(response)

    return httpx.AsyncClient(base_url=base_url, cookies=cookies, timeout=30, event_hooks={"response": [checked]})


def receiver(**changed: Any) -> dict[str, Any]:
    """A receiver as customers type one."""
    return {
        "name": "张三",
        "mobile": "13812345678",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "address": "文三路 1 号 2 单元 301",
        **changed,
    }


def redemption(card: Card, product_id: int, **changed: Any) -> dict[str, Any]:
    """The body that redeems `card`."""
    return {**card.typed(), "product_id": product_id, "receiver": receiver(), "remark": "", **changed}


def key() -> dict[str, str]:
    """A header with a new Idempotency-Key."""
    return {"Idempotency-Key": secrets.token_hex(12)}
