"""Card holders on screens of every width, on a bad line, and coming back; an operator and the counter."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.conftest import Site, Watch
from tests.e2e.steps import Card, desk_of, menu, phone_of, ready_shop, show_card, sign_in

PASTED = "收货人：王小明，手机：138-1234-5678，浙江省杭州市西湖区文三路１号２单元301"
# About what a phone has in a cellar: 400 ms there and back, 50 kB/s.
BAD_LINE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 25_000}
ENOUGH_CARDS = 12


@pytest.fixture(scope="module")
def cards() -> list[Card]:
    """What is left of the shop's cards, filled by the first who needs one."""
    return []


@pytest.fixture
def card(browser: Browser, site: Site, cards: list[Card]) -> Card:
    """A card of an open shop whose customers choose a day."""
    if not cards:
        desk = desk_of(browser, Watch())
        cards += ready_shop(desk, site, ENOUGH_CARDS)
        desk.context.close()
    return cards.pop()


def fill_form(page: Page) -> None:
    """By pasting the whole address."""
    expect(page.get_by_role("heading", name="填写收货信息")).to_be_visible()
    page.get_by_role("button", name="粘贴整段地址，自动识别").click()
    page.get_by_label("整段地址").fill(PASTED)
    page.get_by_role("button", name="识别", exact=True).click()
    page.get_by_role("button", name="填入", exact=True).click()
    expect(page.get_by_label("收货人")).to_have_value("王小明")
    expect(page.get_by_label("手机号")).to_have_value("13812345678")
    expect(page.locator("#region")).to_contain_text("西湖区")
    expect(page.get_by_label("详细地址")).to_have_value("文三路1号2单元301")


def choose(page: Page, product: str = "梨") -> None:
    page.get_by_role("button", name=f"选这个：{product}", exact=True).click()


def fits(page: Page) -> None:
    """Nothing sticks out sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [320, 360, 768, 1440, 1920])
def test_a_day_is_chosen_on_every_screen(browser: Browser, site: Site, watch: Watch, card: Card, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
    page = watch.on(context.new_page())
    show_card(page, site, card.number, card.password)
    fits(page)
    choose(page)
    fill_form(page)
    page.locator("#ship-on").click()
    calendar = page.get_by_role("dialog")
    fits(page)
    day = calendar.locator("button[data-day]:not([aria-disabled=true])").nth(1)
    chosen = dt.date.fromisoformat(day.get_attribute("data-day") or "")
    day.click()
    words = f"{chosen.month}月{chosen.day}日"
    expect(page.locator("#ship-on")).to_contain_text(words)
    fits(page)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="核对信息")).to_be_visible()
    expect(page.get_by_text(words).first).to_be_visible()
    fits(page)
    page.get_by_role("button", name="确认提货").click()
    expect(page.get_by_role("heading", name="提货成功")).to_be_visible()
    fits(page)
    context.close()


def test_a_bad_line_says_so_and_redeems_once(browser: Browser, site: Site, watch: Watch, card: Card) -> None:
    """On a throttled line, with the first answer lost on the way: the same order, once."""
    page = phone_of(browser, watch)
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", BAD_LINE)
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        answer = route.fetch()
        if lost:
            route.fulfill(response=answer)
        else:
            lost.append(answer.json()["order"]["number"])
            route.abort()

    page.route("**/redemptions", lose_the_first)
    show_card(page, site, card.number, card.password)
    choose(page)
    fill_form(page)
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="确认提货").click()
    expect(page.get_by_text("网络不通")).to_be_visible()
    page.get_by_role("button", name=re.compile("确认提货|重试")).first.click()
    expect(page.get_by_role("heading", name="提货成功")).to_be_visible()
    assert [page.locator(".done__number strong").inner_text()] == lost
    watch.errors = [error for error in watch.errors if "net::ERR_FAILED" not in error]


def test_what_was_typed_is_there_tomorrow(browser: Browser, site: Site, watch: Watch, card: Card) -> None:
    page = phone_of(browser, watch)
    show_card(page, site, card.number, card.password)
    choose(page, "枣")
    fill_form(page)
    page.get_by_label("备注").fill("放门卫")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="核对信息")).to_be_visible()
    # A tab that is closed takes its session with it; what is left is what the browser keeps.
    again = watch.on(page.context.new_page())
    page.close()
    show_card(again, site, card.number, card.password)
    kept = str(again.evaluate("JSON.stringify(localStorage)"))
    assert "王小明" in kept
    assert card.password not in kept
    choose(again, "枣")
    expect(again.get_by_text("已恢复上次填写的内容")).to_be_visible()
    expect(again.get_by_label("收货人")).to_have_value("王小明")
    expect(again.get_by_label("备注")).to_have_value("放门卫")
    expect(again.locator("#region")).to_contain_text("西湖区")


def test_an_operator_fills_the_form_in_for_a_caller(browser: Browser, site: Site, watch: Watch, card: Card) -> None:
    desk = desk_of(browser, watch)
    sign_in(desk, site)
    with desk.context.expect_page() as opened:
        desk.get_by_role("navigation").get_by_role("link", name=re.compile("^电话提货")).click()
    page = watch.on(opened.value)
    expect(page.get_by_role("region", name="电话提货")).to_be_visible()
    page.get_by_label("卡号").fill(card.number)
    page.get_by_label("密码", exact=True).fill(card.password)
    page.keyboard.press("Enter")
    choose(page)
    fill_form(page)
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="确认提货").click()
    expect(page.get_by_role("heading", name="提货成功")).to_be_visible()
    number = page.locator(".done__number strong").inner_text()
    page.get_by_role("button", name="下一位").click()
    expect(page.get_by_label("卡号")).to_be_focused()
    expect(page.get_by_label("卡号")).to_have_value("")
    # Its link carries the number of orders that wait.
    desk.get_by_role("navigation").get_by_role("link", name=re.compile("^订单列表")).click()
    desk.get_by_text(number).first.click()
    expect(desk.get_by_role("dialog").get_by_text(re.compile("电话")).first).to_be_visible()


def test_the_counter_by_keyboard_alone(browser: Browser, site: Site, watch: Watch, card: Card) -> None:
    """A scanner types the card's link and Enter; two screens, and the next card."""
    desk = desk_of(browser, watch)
    sign_in(desk, site)
    menu(desk, "到店提货")
    expect(desk.get_by_label("卡号")).to_be_focused()
    desk.keyboard.type(f"http://cards.example.test/c/{site.slug}/{card.number}")
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("密码", exact=True)).to_be_focused()
    desk.keyboard.type(card.password)
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("梨", exact=True).first).to_be_visible()
    desk.keyboard.press("1")
    # An Enter that comes with the screen itself is the scanner's.
    desk.wait_for_timeout(800)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name=re.compile("^下一张"))).to_be_visible()
    desk.wait_for_timeout(800)
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("卡号")).to_be_focused()
    expect(desk.get_by_label("卡号")).to_have_value("")
