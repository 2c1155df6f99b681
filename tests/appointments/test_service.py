"""Rules, days and figures over HTTP."""

import datetime as dt
from typing import Any

import pytest

from tests.appointments.rules import NOTHING, save, written
from tests.cards.desk import code, ok
from tests.factories.shops import Shop
from tihuo.appointments import service as appointments
from tihuo.appointments.service import offering
from tihuo.audit import service as audit
from tihuo.db import Session
from tihuo.merchants import service as merchants

PATH = "/api/m/settings/appointments"
# A Monday, ten in the morning in Shanghai.
MONDAY = dt.datetime(2027, 5, 10, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The room believes that it is Monday."""
    monkeypatch.setattr(offering, "now", lambda: MONDAY)


async def take(shop: Shop, product_id: int, day: str, times: int = 1) -> None:
    async def work(session: Session) -> None:
        own = await merchants.get(session, shop.id)
        wish = dt.date.fromisoformat(day)
        place = await appointments.place(session, own, product_id=product_id, region_code=None, ship_on=wish)
        assert place is not None
        await appointments.take(session, shop.id, place)

    for _ in range(times):
        await shop.run(work)


async def test_a_rule_is_saved_as_it_was_written_and_is_on_record(shop: Shop) -> None:
    product = await shop.product()
    full = written(
        required=True,
        earliest_days=2,
        latest_days=20,
        cutoff="16:30",
        first="2027-06-01",
        last="2027-06-30",
        closed_dates=[{"first": "2027-05-20", "last": "2027-05-22"}],
        extra_dates=["2027-05-21"],
        weekdays=[1, 3, 5],
        quota=100,
        product_quotas=[{"product_id": product.id, "quota": 10}],
        product_lead_days=[{"product_id": product.id, "days": 3}],
        region_lead_days=[{"code": "650000", "days": 7}],
        note="节前请尽早预约",
    )
    async with await shop.staff() as staff:
        assert ok(await staff.get(PATH)) == NOTHING
        for _ in range(2):
            assert ok(await staff.put(PATH, json=full)) == full
        assert ok(await staff.get(PATH)) == full
        less = {**full, "quota": None, "weekdays": [5, 3, 3, 1]}
        assert ok(await staff.put(PATH, json=less)) == {**full, "quota": None}
    entries = await shop.run(lambda session: audit.newest(session, shop.id))
    told = [entry.data for entry in entries if entry.subject == "appointment_rules"]
    assert len(told) == 2
    assert told[0] == {"before": {"quota": 100}, "after": {"quota": None}}
    assert told[1]["before"]["mode"] == "none"
    assert told[1]["after"]["region_lead_days"] == [{"code": "650000", "days": 7}]


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"mode": "always"}, "mode", "预约方式须为以下之一：'none', 'window' or 'range'"),
        ({"earliest_days": 366}, "earliest_days", "最早天数不能大于 365"),
        ({"earliest_days": 5, "latest_days": 4}, "latest_days", "最晚天数：不能小于最早天数 5"),
        ({"cutoff": "24:00"}, "cutoff", "截单时间的格式不正确"),
        ({"mode": "range"}, "first", "开始日期：请选择日期"),
        ({"mode": "range", "first": "2027-05-10"}, "last", "结束日期：请选择日期"),
        ({"mode": "range", "first": "2027-05-10", "last": "2027-05-09"}, "last", "结束日期：不能早于开始日期"),
        ({"mode": "range", "first": "2027-05-10", "last": "2030-05-11"}, "last", "结束日期：与开始日期最多相隔三年"),
        ({"weekdays": []}, "weekdays", "可发货的星期：请至少选择一天，否则没有日期可选"),
        ({"weekdays": [8]}, "weekdays.0", "可发货的星期第 1 项不能大于 7"),
        (
            {"closed_dates": [{"first": "2027-05-10", "last": "2027-05-09"}]},
            "closed_dates.0.last",
            "结束日期：不能早于开始日期",
        ),
        ({"extra_dates": ["2027-02-29"]}, "extra_dates.0", "额外开放日期第 1 项须为日期，如 2026-01-31"),
        ({"quota": 0}, "quota", "每日限量不能小于 1"),
        (
            {"product_quotas": [{"product_id": 1, "quota": 1}] * 2},
            "product_quotas",
            "商品每日限量：有重复的商品，请只留一项",
        ),
        (
            {"region_lead_days": [{"code": "330000", "days": 1}, {"code": "650000", "days": 31}]},
            "region_lead_days",
            "地区备货天数：第 2 项超过最晚天数 30，会没有日期可选",
        ),
        ({"region_lead_days": [{"code": "33", "days": 1}]}, "region_lead_days.0.code", "地区的格式不正确"),
        (
            {"region_lead_days": [{"code": "999999", "days": 1}]},
            "region_lead_days.0.code",
            "地区备货天数第 1 项：没有这个地区，请重新选择",
        ),
        ({"note": "长" * 201}, "note", "预约说明最多 200 个字"),
    ],
)
async def test_a_wrong_rule_is_refused_with_the_field_and_the_remedy(
    shop: Shop, changed: dict[str, Any], field: str, message: str
) -> None:
    async with await shop.staff() as staff:
        response = await staff.put(PATH, json=written(**changed))
        assert code(response) == "invalid_request"
        found = response.json()["error"]["data"]["fields"][0]
        assert (found["field"], found["message"]) == (field, message)
        assert ok(await staff.get(PATH)) == NOTHING


async def test_what_another_way_of_choosing_needs_is_not_asked_for(shop: Shop) -> None:
    """The fields that a form hides can't be wrong."""
    async with await shop.staff() as staff:
        for mode, changed in (
            ("none", {"earliest_days": 5, "latest_days": 1, "weekdays": []}),
            ("range", {"earliest_days": 5, "latest_days": 1, "first": "2027-05-10", "last": "2027-05-10"}),
            ("window", {"first": "2027-05-10", "last": "2027-05-09"}),
        ):
            body = written(mode=mode, **changed)
            assert ok(await staff.put(PATH, json=body)) == body


async def test_another_merchants_product_is_no_product(shop: Shop, other_shop: Shop) -> None:
    own, foreign = await shop.product(), await other_shop.product()
    for name, what in (("product_quotas", "quota"), ("product_lead_days", "days")):
        body = written(**{name: [{"product_id": own.id, what: 3}, {"product_id": foreign.id, what: 3}]})
        async with await shop.staff() as staff:
            response = await staff.put(PATH, json=body)
        assert response.status_code == 422
        fields = response.json()["error"]["data"]["fields"]
        assert [(found["field"], found["code"]) for found in fields] == [(f"{name}.1.product_id", "product_unknown")]


async def test_customers_see_the_days_and_how_full_they_are(shop: Shop) -> None:
    product, other = await shop.product(), await shop.product()
    await save(
        shop,
        latest_days=3,
        required=True,
        note="请预约",
        quota=4,
        product_quotas=[{"product_id": product.id, "quota": 2}],
        region_lead_days=[{"code": "650000", "days": 3}],
    )
    await take(shop, product.id, "2027-05-11", 2)
    await take(shop, other.id, "2027-05-12", 1)
    path = f"{shop.customer_api}/days"
    async with shop.customer() as customer:
        own = ok(await customer.get(path, params={"product_id": product.id}))
        assert own == {
            "mode": "window",
            "required": True,
            "note": "请预约",
            "days": [
                {"day": "2027-05-10", "open": False, "fullness": None, "reason": "too_early"},
                {"day": "2027-05-11", "open": False, "fullness": 100, "reason": "full"},
                {"day": "2027-05-12", "open": True, "fullness": 25, "reason": None},
                {"day": "2027-05-13", "open": True, "fullness": 0, "reason": None},
            ],
            "nearest": "2027-05-12",
        }
        others = ok(await customer.get(path, params={"product_id": other.id}))
        assert [day["fullness"] for day in others["days"]] == [None, 50, 25, 0]
        assert others["nearest"] == "2027-05-11"
        far = ok(await customer.get(path, params={"product_id": other.id, "region_code": "650102"}))
        assert [day["open"] for day in far["days"]] == [False, False, False, True]
        assert code(await customer.get(path)) == "invalid_request"
        missing = await customer.get("/api/c/no-such-shop/days", params={"product_id": 1})
        assert (missing.status_code, code(missing)) == (404, "storefront_not_found")


async def test_a_preview_shows_an_unsaved_rule_with_the_days_as_they_are(shop: Shop) -> None:
    product = await shop.product()
    await save(shop, latest_days=2)
    await take(shop, product.id, "2027-05-11", 3)
    async with await shop.staff() as staff:
        body = {"rule": written(latest_days=3, quota=3), "product_id": product.id}
        shown = ok(await staff.post(f"{PATH}/preview", json=body))
        assert [(day["open"], day["fullness"]) for day in shown["days"]] == [
            (False, None),
            (False, 100),
            (True, 0),
            (True, 0),
        ]
        assert shown["nearest"] == "2027-05-12"
        lead = written(latest_days=3, region_lead_days=[{"code": "330000", "days": 3}])
        shown = ok(await staff.post(f"{PATH}/preview", json={"rule": lead, "region_code": "330106"}))
        assert shown["nearest"] == "2027-05-13"
        wrong = await staff.post(f"{PATH}/preview", json={"rule": written(earliest_days=9, latest_days=8)})
        assert wrong.json()["error"]["data"]["fields"][0]["field"] == "rule.latest_days"
        assert ok(await staff.get(PATH)) == written(latest_days=2)


async def test_staff_see_what_each_day_holds(shop: Shop, other_shop: Shop) -> None:
    product, other = await shop.product("苹果"), await shop.product("梨")
    await save(shop, latest_days=5, quota=9, product_quotas=[{"product_id": product.id, "quota": 7}])
    await take(shop, product.id, "2027-05-11", 1)
    await take(shop, other.id, "2027-05-11", 2)
    await take(shop, product.id, "2027-05-13", 1)
    query = {"first": "2027-05-11", "last": "2027-05-13"}
    async with await shop.staff() as staff:
        items = ok(await staff.get("/api/m/appointments", params=query))["items"]
        assert [(item["day"], item["taken"], item["quota"]) for item in items] == [
            ("2027-05-11", 3, 9),
            ("2027-05-12", 0, 9),
            ("2027-05-13", 1, 9),
        ]
        apple = {"product_id": product.id, "name": "苹果", "taken": 1, "quota": 7}
        pear = {"product_id": other.id, "name": "梨", "taken": 2, "quota": None}
        assert [item["products"] for item in items] == [[pear, apple], [], [apple]]
        for last, message in (
            ("2027-05-10", "结束日期：不能早于开始日期"),
            ("2027-08-11", "结束日期：一次最多查看 92 天"),
        ):
            refused = await staff.get("/api/m/appointments", params={**query, "last": last})
            assert refused.json()["error"]["message"] == message
        assert len(ok(await staff.get("/api/m/appointments", params={**query, "last": "2027-08-10"}))["items"]) == 92
    async with await other_shop.staff() as foreign:
        items = ok(await foreign.get("/api/m/appointments", params=query))["items"]
        assert [(item["taken"], item["products"]) for item in items] == [(0, [])] * 3
