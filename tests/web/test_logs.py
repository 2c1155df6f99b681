"""Spec N: nothing secret in logs, whatever breaks."""

import httpx
import pytest

from tests.factories.shops import Shop, key, redemption
from tihuo import log


@pytest.mark.parametrize("json", [True, False], ids=["production", "demo"])
async def test_a_failure_is_logged_whole_and_without_the_password(
    shop: Shop, json: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def broken(_session: object, _vault: object, _slug: str, body: object, _key: str) -> None:
        raise RuntimeError(f"broken while {type(body).__name__} was under way")

    product = await shop.product()
    card = await shop.card(product_ids=[product.id], password_alphabet="letters_digits", password_length=16)
    monkeypatch.setattr("tihuo.redemption.service.redeem", broken)
    log.configure(json=json, level="info")
    try:
        async with httpx.AsyncClient(base_url=shop.base_url) as customer:
            response = await customer.post(
                f"{shop.customer_api}/redemptions", json=redemption(card, product.id), headers=key()
            )
    finally:
        log.configure(json=True, level="warning")
    assert response.status_code == 500
    written = capfd.readouterr().err
    assert response.json()["error"]["request_id"] in written
    assert "broken while RedeemIn was under way" in written
    assert "Traceback" in written
    assert card.password not in written
    assert "13812345678" not in written
