"""Spec A and J over HTTP: signing in, permissions, accounts."""

from typing import Any

import httpx
import pytest

from tests.conftest import CAPTCHA
from tests.factories.shops import PASSWORD, Shop, client, unique
from tihuo.web.sessions import COOKIE


async def sign_in(customer: httpx.AsyncClient, account: str, password: str, answer: str = CAPTCHA) -> httpx.Response:
    captcha = (await customer.post("/api/m/captchas")).json()
    body = {"account": account, "password": password, "captcha_id": captcha["id"], "captcha_answer": answer}
    return await customer.post("/api/m/sessions", json=body)


def code(response: httpx.Response) -> str:
    found: str = response.json()["error"]["code"]
    return found


async def test_signing_in_and_out(shop: Shop) -> None:
    async with client(shop.base_url) as browser:
        assert (await browser.get("/api/m/session")).status_code == 401
        response = await sign_in(browser, shop.owner_account.upper(), PASSWORD)
        assert response.status_code == 201
        cookie = response.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert PASSWORD not in response.text
        me = (await browser.get("/api/m/session")).json()
        assert (me["staff"]["is_owner"], me["merchant"]["slug"]) == (True, shop.slug)
        stolen = browser.cookies[COOKIE]
        assert (await browser.delete("/api/m/session")).status_code == 204
    async with client(shop.base_url, {COOKIE: stolen}) as thief:
        assert code(await thief.get("/api/m/session")) == "not_signed_in"


async def test_a_captcha_serves_once_and_is_answered_in_its_own_words(shop: Shop) -> None:
    async with client(shop.base_url) as browser:
        assert code(await sign_in(browser, shop.owner_account, PASSWORD, "0000")) == "captcha_wrong"
        captcha = (await browser.post("/api/m/captchas")).json()
        assert captcha["image"].startswith("data:image/png;base64,")
        body = {
            "account": shop.owner_account,
            "password": "wrong",
            "captcha_id": captcha["id"],
            "captcha_answer": CAPTCHA,
        }
        assert code(await browser.post("/api/m/sessions", json=body)) == "sign_in_failed"
        assert code(await browser.post("/api/m/sessions", json={**body, "password": PASSWORD})) == "captcha_wrong"


async def test_a_wrong_name_and_a_wrong_password_read_the_same(shop: Shop) -> None:
    async with client(shop.base_url) as browser:
        answers = [
            (await sign_in(browser, account, password)).json()["error"]
            for account, password in [(shop.owner_account, "wrong"), ("nobody1", PASSWORD), ("无名氏", PASSWORD)]
        ]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1] == answers[2]


async def test_failed_sign_ins_are_limited_per_account(shop: Shop) -> None:
    limit = shop.app.context.settings.tries_per_account
    async with client(shop.base_url) as browser:
        for _ in range(limit):
            assert code(await sign_in(browser, shop.owner_account, "wrong")) == "sign_in_failed"
        refused = await sign_in(browser, shop.owner_account, PASSWORD)
        assert (refused.status_code, code(refused)) == (429, "too_many_tries")
        assert 0 < refused.json()["error"]["data"]["retry_after"] <= shop.app.context.settings.tries_window + 1
        assert refused.headers["retry-after"]


async def test_checked_permissions_are_taken_away(shop: Shop) -> None:
    async with await shop.staff("cards", "staff") as staff:
        assert code(await staff.get("/api/m/cards")) == "permission_missing"
        assert code(await staff.get("/api/m/staff")) == "permission_missing"
        assert (await staff.get("/api/m/orders")).status_code == 200
        held = (await staff.get("/api/m/session")).json()["staff"]["permissions"]
    assert held == ["products", "card_passwords", "orders", "shipping", "redeeming", "settings"]


def account(**changed: Any) -> dict[str, Any]:
    return {
        "account": unique("clerk"),
        "name": "小李",
        "mobile": "13700000000",
        "password": "Passw0rd1",
        "restrictions": ["staff"],
        **changed,
    }


def change(**changed: Any) -> dict[str, Any]:
    return {"name": "小李", "mobile": "13700000000", "restrictions": [], "disabled": False, **changed}


async def test_an_account_is_made_used_disabled_and_out_at_once(shop: Shop) -> None:
    new = account()
    async with await shop.staff() as owner, client(shop.base_url) as clerk:
        made = await owner.post("/api/m/staff", json=new)
        assert made.status_code == 201
        assert (await sign_in(clerk, new["account"], "Passw0rd1")).status_code == 201
        assert (await clerk.get("/api/m/home")).status_code == 200
        assert (await owner.post("/api/m/staff", json=new)).json()["error"]["code"] == "account_taken"
        url = f"/api/m/staff/{made.json()['id']}"
        disabled = await owner.put(url, json=change(disabled=True))
        assert disabled.json()["disabled"] is True
        assert code(await clerk.get("/api/m/home")) == "not_signed_in"
        assert code(await sign_in(clerk, new["account"], "Passw0rd1")) == "sign_in_failed"
        assert [found["name"] for found in (await owner.get("/api/m/staff")).json()["items"]] == ["店主", "小李"]


async def test_a_new_password_ends_the_sessions_made_with_the_old_one(shop: Shop) -> None:
    staff_id = await shop.account()
    token = await shop.app.context.sessions.open(staff_id)
    async with await shop.staff() as owner, client(shop.base_url, {COOKIE: token}) as clerk:
        assert (await clerk.get("/api/m/home")).status_code == 200
        await owner.put(f"/api/m/staff/{staff_id}", json=change(password="NewPassw0rd"))
        assert (await clerk.get("/api/m/home")).status_code == 401


async def test_the_owner_can_not_be_locked_out(shop: Shop) -> None:
    url = f"/api/m/staff/{shop.owner_id}"
    async with await shop.staff() as owner, await shop.staff("cards") as clerk:
        assert code(await owner.put(url, json=change(disabled=True))) == "owner_protected"
        assert code(await owner.put(url, json=change(restrictions=["cards"]))) == "owner_protected"
        assert code(await clerk.put(url, json=change(password="Hijacked1"))) == "owner_protected"
        assert (await owner.put(url, json=change(name="老板"))).json()["name"] == "老板"


async def test_nobody_gives_what_they_do_not_have(shop: Shop) -> None:
    stronger = await shop.account()
    async with await shop.staff("card_passwords") as clerk:
        assert code(await clerk.post("/api/m/staff", json=account(restrictions=[]))) == "beyond_own_permissions"
        same = await clerk.post("/api/m/staff", json=account(restrictions=["card_passwords"]))
        assert same.status_code == 201
        widened = await clerk.put(f"/api/m/staff/{same.json()['id']}", json=change(restrictions=[]))
        assert code(widened) == "beyond_own_permissions"
        taken = await clerk.put(f"/api/m/staff/{stronger}", json=change(restrictions=["card_passwords"]))
        assert code(taken) == "beyond_own_permissions"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"account": "小李"}, "account"),
        ({"account": "a-b"}, "account"),
        ({"account": "ab"}, "account"),
        ({"password": "short1"}, "password"),
        ({"password": "onlyletters"}, "password"),
        ({"password": "1234567890"}, "password"),
        ({"mobile": "12"}, "mobile"),
        ({"name": ""}, "name"),
        ({"restrictions": ["fly"]}, "restrictions.0"),
    ],
)
async def test_a_wrong_field_is_named(shop: Shop, changed: dict[str, Any], field: str) -> None:
    async with await shop.staff() as owner:
        response = await owner.post("/api/m/staff", json=account(**changed))
        assert response.json()["error"]["data"]["fields"][0]["field"] == field
        assert len((await owner.get("/api/m/staff")).json()["items"]) == 1


async def test_a_change_from_another_site_is_refused(shop: Shop) -> None:
    async with await shop.staff() as staff:
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
            response = await staff.post("/api/m/products", json={"name": "偷渡"}, headers=headers)
            assert (response.status_code, code(response)) == (403, "foreign_origin")
        form = await staff.post("/api/m/products", content=b'{"name":"x"}', headers={"Content-Type": "text/plain"})
        assert code(form) == "malformed_request"
        assert (await staff.get("/api/m/products")).json()["items"] == []
        own = {"Origin": shop.base_url, "Sec-Fetch-Site": "same-origin"}
        assert (await staff.post("/api/m/products", json={"name": "正常"}, headers=own)).status_code == 201
