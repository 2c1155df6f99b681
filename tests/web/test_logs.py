"""Spec N: nothing secret in logs, whatever breaks."""

import json as jsons
from collections.abc import Iterator

import httpx
import pytest

from tests.factories.shops import Shop, key, redemption
from tests.web.large import serving
from tihuo import log
from tihuo.web.context import Context
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route


@pytest.fixture(autouse=True)
def afterwards_as_before() -> Iterator[None]:
    """Set up before capfd is, so that it ends after it: what capfd gave as stderr is closed by then."""
    yield
    log.configure(json=True, level="warning")


@pytest.mark.parametrize("json", [True, False], ids=["production", "demo"])
async def test_a_failure_is_logged_whole_and_without_the_password(
    shop: Shop, json: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def broken(_session: object, _vault: object, _slug: str, body: object, *_rest: object) -> None:
        raise RuntimeError(f"broken while {type(body).__name__} was under way")

    product = await shop.product()
    card = await shop.card(product_ids=[product.id], password_alphabet="letters_digits", password_length=16)
    monkeypatch.setattr("tihuo.redemption.service.redeem", broken)
    log.configure(json=json, level="info")
    async with httpx.AsyncClient(base_url=shop.base_url) as customer:
        response = await customer.post(
            f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key()
        )
    assert response.status_code == 500
    written = capfd.readouterr().err
    assert response.json()["error"]["request_id"] in written
    assert "broken while RedeemIn was under way" in written
    assert "Traceback" in written
    assert card.password not in written
    assert "13812345678" not in written


async def test_a_failure_is_logged_under_the_id_that_the_caller_is_told(
    context: Context, capfd: pytest.CaptureFixture[str]
) -> None:
    class Broken(Handler):
        @endpoint(allows="anyone", status=204)
        async def get(self) -> None:
            """Break."""
            raise RuntimeError("broken")

    log.configure(json=True, level="warning")
    async with serving(context, [Route("/broken", Broken)]) as port, httpx.AsyncClient() as customer:
        answer = await customer.get(f"http://127.0.0.1:{port}/broken")
    logged = [jsons.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [entry["request_id"] for entry in logged] == [answer.json()["error"]["request_id"]]
    assert answer.headers["x-request-id"] == answer.json()["error"]["request_id"]
