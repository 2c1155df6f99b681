"""A day with a quota, wanted by more people than it has places (spec G, issue "appointments")."""

import datetime as dt
from collections import Counter

from tests.concurrency import ledger
from tests.concurrency.fleet import Fleet
from tests.concurrency.volley import Shot, codes, fire
from tests.factories.shops import Shop, key, redemption

QUOTA = 100
HOLDERS = 1000


async def test_a_thousand_holders_want_a_day_with_a_hundred_places(fleet: Fleet, shop: Shop) -> None:
    """A hundred orders on it, nine hundred refusals that name the next free day, whose cards are as good as before."""
    product = await shop.product()
    await shop.days(quota=QUOTA)
    wanted = await shop.today() + dt.timedelta(days=4)
    nearest = (await shop.today()).isoformat()
    cards = await shop.cards(HOLDERS, product_ids=[product.id])
    path = f"{shop.customer_api}/redemptions"
    shots = [
        Shot(fleet.url(turn), path, redemption(card, product.id, ship_on=wanted.isoformat()), key())
        for turn, card in enumerate(cards)
    ]
    answers = await fire(shots)
    assert Counter(codes(answers)) == {"201": QUOTA, "409 day_full": HOLDERS - QUOTA}
    assert await ledger.places_taken(shop, wanted) == {0: QUOTA, product.id: QUOTA}
    assert await ledger.totals(shop) == (QUOTA, QUOTA, QUOTA)
    refused = [(card, answer) for card, answer in zip(cards, answers, strict=True) if answer.is_error]
    for _, answer in refused:
        error = answer.json()["error"]
        assert error["data"]["nearest"] == nearest
        assert f"{wanted.month}月{wanted.day}日已约满" in error["message"]
    for card, _ in refused[:10]:
        assert ledger.untouched(await ledger.entry_of(shop, card))
