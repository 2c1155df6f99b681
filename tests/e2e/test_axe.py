"""Every page of the H5 under axe: WCAG 2 A and AA and its best practices, narrow and wide, light and dark."""

import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site, Watch
from tests.e2e.steps import choose_region, desk_of, ready_shop
from tests.services.tihuo_processes import ROOT

AXE = ROOT / "h5/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands: each rule with the elements concerned."""
    # Colours on their way from one to another would be measured half-way.
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)))")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("rules => axe.run({ runOnly: rules })", RULES)
    assert found["passes"], "axe looked at nothing"
    return [
        f"{one['id']}: {node['target']} {node['any'][0]['message'] if node['any'] else node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_every_page(browser: Browser, site: Site, watch: Watch, width: int, scheme: Literal["light", "dark"]) -> None:
    desk = desk_of(browser, watch)
    number, password = ready_shop(desk, site, 1)[0]
    desk.context.close()
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN", color_scheme=scheme)
    page = watch.on(context.new_page())
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found[name] = violations(page)

    page.goto(f"{site.url}/c/{site.slug}/o/nothing-here")
    expect(page.get_by_role("heading", name="没有找到这个订单")).to_be_visible()
    look("an order that isn't there")
    page.goto(f"{site.url}/c/{site.slug}")
    page.get_by_label("卡号").fill(number)
    look("enter")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("请填写密码")).to_be_visible()
    look("enter, refused")
    page.get_by_role("button", name="扫码").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("scan")
    page.get_by_role("button", name="关闭").click()
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="选择商品")).to_be_visible()
    look("card")
    page.get_by_role("button", name="看详情：梨").click()
    expect(page.get_by_role("heading", name="商品详情")).to_be_visible()
    look("product")
    page.get_by_role("button", name="选这个").click()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("请填写收货人姓名")).to_be_visible()
    look("form, refused")
    page.get_by_label("收货人").fill("王小明")
    page.get_by_label("手机号").fill("13812345678")
    page.locator("#region").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="浙江省")).to_be_visible()
    look("region picker")
    page.get_by_role("button", name="关闭").click()
    choose_region(page, "浙江省", "杭州市", "西湖区")
    page.get_by_label("详细地址").fill("文三路 1 号")
    page.locator("#ship-on").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("calendar")
    page.get_by_role("dialog").locator("button[data-day]:not([aria-disabled=true])").first.click()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="核对信息")).to_be_visible()
    look("confirm")
    page.get_by_role("button", name="确认提货").click()
    expect(page.get_by_role("heading", name="提货成功")).to_be_visible()
    look("done")
    page.get_by_role("button", name="查看订单").click()
    order = page.get_by_role("article", name=re.compile("^订单 "))
    expect(order).to_be_visible()
    look("card, redeemed")
    order.get_by_role("button", name="修改收货信息").click()
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_text("请填写手机号")).to_be_visible()
    look("correct the receiver")
    page.get_by_role("button", name="返回").click()
    order.get_by_role("button", name="修改发货日期").click()
    expect(page.locator("#ship-on")).to_be_visible()
    look("correct the day")
    page.get_by_role("button", name="返回").click()
    page.goto(shared_link(page))
    expect(page.get_by_role("heading", name="待发货")).to_be_visible()
    look("an order by its link")
    context.close()
    assert {name: rules for name, rules in found.items() if rules} == {}


def shared_link(page: Page) -> str:
    """The link that an order's copy button copies."""
    page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text }")
    page.get_by_role("button", name="复制：进度链接").click()
    expect(page.get_by_role("button", name="已复制：进度链接")).to_be_visible()
    return str(page.evaluate("window.copied"))
