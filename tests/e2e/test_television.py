"""The whole road on a television: a remote's arrows, OK and "back", and digits for what must be typed."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.e2e.conftest import Site, Watch
from tests.e2e.steps import Card, desk_of, ready_shop

SCREEN: ViewportSize = {"width": 1920, "height": 1080}
# Far more than any page of ours needs to get from one control to another.
PRESSES = 60


@pytest.fixture
def cards(browser: Browser, site: Site, watch: Watch) -> list[Card]:
    """An open shop with two products, an appointment to make, and cards for both."""
    desk = desk_of(browser, watch)
    made = ready_shop(desk, site, 2)
    desk.context.close()
    return made


def television(browser: Browser, watch: Watch) -> Page:
    return watch.on(browser.new_context(viewport=SCREEN, locale="zh-CN").new_page())


def go_to(page: Page, target: Locator, key: str = "ArrowDown") -> None:
    """Press an arrow until the control has the focus; it must then be seen, with a ring around it."""
    expect(target).to_be_visible()
    for _ in range(PRESSES):
        if target.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press(key)
    expect(target).to_be_focused()
    expect(target).to_be_in_viewport(ratio=0.9)
    assert target.evaluate("element => parseFloat(getComputedStyle(element).outlineWidth)") >= 3


def ok(page: Page, target: Locator, key: str = "ArrowDown") -> None:
    go_to(page, target, key)
    page.keyboard.press("Enter")


def ok_in_grid(page: Page, target: Locator) -> None:
    """An option of a grid: down to its row, then sideways."""
    expect(target).to_be_visible()
    for _ in range(PRESSES):
        here = page.evaluate(
            "(() => { const box = document.activeElement.getBoundingClientRect(); return [box.x, box.y]; })()"
        )
        box = target.bounding_box()
        assert box is not None
        across, along = box["x"] - here[0], box["y"] - here[1]
        if abs(across) < 1 and abs(along) < 1:
            break
        if abs(along) >= 1:
            page.keyboard.press("ArrowDown" if along > 0 else "ArrowUp")
        else:
            page.keyboard.press("ArrowRight" if across > 0 else "ArrowLeft")
    go_to(page, target)
    page.keyboard.press("Enter")


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, exact=True, level=1)


def test_a_remote_is_enough(browser: Browser, site: Site, watch: Watch, cards: list[Card]) -> None:
    page = television(browser, watch)
    page.goto(f"{site.url}/c/{site.slug}")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('label')).fontSize)") >= 24

    go_to(page, page.get_by_label("卡号"))
    page.keyboard.type(cards[0].number)
    go_to(page, page.get_by_label("密码", exact=True))
    page.keyboard.type(cards[0].password)
    ok(page, page.get_by_role("button", name="下一步"))

    expect(heading(page, "选择商品")).to_be_focused()
    ok(page, page.get_by_role("button", name="看详情：梨"))
    expect(heading(page, "商品详情")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="看详情：梨")).to_be_focused()
    ok(page, page.get_by_role("button", name="选这个：梨"), "ArrowRight")

    expect(heading(page, "填写收货信息")).to_be_focused()
    go_to(page, page.get_by_label("收货人"))
    page.keyboard.type("1024")
    go_to(page, page.get_by_label("手机号"))
    page.keyboard.type("13812345678")
    region = page.locator("#region")
    ok(page, region)
    for name in ("浙江省", "杭州市"):
        ok_in_grid(page, page.get_by_role("dialog").get_by_role("button", name=name, exact=True))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(region).to_be_focused()
    page.keyboard.press("Enter")
    for name in ("浙江省", "杭州市", "西湖区"):
        ok_in_grid(page, page.get_by_role("dialog").get_by_role("button", name=name, exact=True))
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(region).to_be_focused()
    go_to(page, page.get_by_label("详细地址"))
    page.keyboard.type("1024 301")
    ok(page, page.locator("#ship-on"))
    calendar = page.get_by_role("dialog")
    day = calendar.locator("button[data-day]:not([aria-disabled=true])").nth(2)
    chosen = day.get_attribute("data-day")
    ok_in_grid(page, day)
    expect(calendar).to_be_hidden()
    assert chosen is not None
    expect(page.locator("#ship-on")).to_contain_text(f"{int(chosen[5:7])}月{int(chosen[8:])}日")
    ok(page, page.get_by_role("button", name="下一步"))

    expect(heading(page, "核对信息")).to_be_focused()
    ok(page, page.get_by_role("button", name="确认提货"))
    expect(heading(page, "提货成功")).to_be_focused()
    ok(page, page.get_by_role("button", name="查看订单"))

    order = page.get_by_role("article", name=re.compile("^订单 "))
    expect(order.get_by_role("listitem").filter(has_text="待发货")).to_have_attribute("aria-current", "step")
    ok(page, order.get_by_role("button", name="修改收货信息"))
    expect(heading(page, "修改收货信息")).to_be_focused()
    expect(page.get_by_label("收货人")).to_have_value("1024")
    go_to(page, page.get_by_label("手机号"))
    page.keyboard.type("13912345678")
    ok(page, page.get_by_role("button", name="保存修改"))
    expect(order.get_by_text("139****5678")).to_be_visible()


def test_back_has_many_names(browser: Browser, site: Site, watch: Watch, cards: list[Card]) -> None:
    page = television(browser, watch)
    page.goto(f"{site.url}/c/{site.slug}/{cards[1].number}")
    go_to(page, page.get_by_label("密码", exact=True))
    page.keyboard.type(cards[1].password)
    submit = page.get_by_role("button", name="下一步")
    for key, code in (("GoBack", 461), ("XF86Back", 10009), ("Unidentified", 10009)):
        ok(page, submit)
        expect(heading(page, "选择商品")).to_be_focused()
        page.evaluate(
            """([key, code]) => {
              const init = { key, keyCode: code, bubbles: true, cancelable: true };
              document.activeElement.dispatchEvent(new KeyboardEvent('keydown', init));
            }""",
            [key, code],
        )
        expect(submit).to_be_focused()
