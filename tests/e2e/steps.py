"""What staff and customers do on the screens, one step each."""

import datetime as dt
import io
import re
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.e2e.conftest import CAPTCHA, PASSWORD, Site, Watch

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1440, "height": 900}
# Made by the thousand on a busy machine, cards take longer than a page does.
JOB_MS = 60_000


def desk_of(browser: Browser, watch: Watch) -> Page:
    return watch.on(browser.new_context(viewport=DESK, locale="zh-CN").new_page())


def phone_of(browser: Browser, watch: Watch) -> Page:
    """A customer's phone that has not been here before."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, is_mobile=True)
    return watch.on(context.new_page())


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/")
    expect(page.get_by_role("img", name="验证码图片")).to_be_visible()
    page.get_by_label("登录账号").fill(site.account)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("验证码", exact=True).fill(CAPTCHA)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="首页")).to_be_visible()


def menu(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True).first).to_be_visible()


def picture(path: Path) -> Path:
    Image.new("RGB", (600, 600), (206, 44, 40)).save(path)
    return path


def add_product(page: Page, name: str, file: Path | None = None) -> None:
    menu(page, "提货商品")
    page.get_by_role("button", name="添加商品").first.click()
    expect(page.get_by_role("heading", name="添加商品")).to_be_visible()
    page.get_by_label("商品名称").fill(name)
    if file is not None:
        page.locator("input[type=file]").first.set_input_files(file)
        expect(page.get_by_role("img", name="商品图片 1")).to_be_visible()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("table").get_by_text(name, exact=True)).to_be_visible()


def open_storefront(page: Page, name: str) -> None:
    menu(page, "全局设置")
    page.get_by_label("提货名称").fill(name)
    save_settings(page)
    page.get_by_role("link", name="提货设置", exact=True).click()
    page.get_by_role("switch", name="前台提货开关").press("Space")
    save_settings(page)


def save_settings(page: Page) -> None:
    """With Ctrl+S; then nothing is unsaved."""
    page.keyboard.press("Control+s")
    expect(page.get_by_text(re.compile("^已保存")).last).to_be_visible()


def add_distributor(page: Page, name: str) -> None:
    menu(page, "券商管理")
    page.get_by_role("button", name="添加券商").first.click()
    page.get_by_role("dialog").get_by_label("券商名称").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("table").get_by_text(name, exact=True)).to_be_visible()


def tick(place: Page | Locator, *names: str) -> None:
    """Check boxes, with the keyboard."""
    for name in names:
        box = place.get_by_role("checkbox", name=name, exact=True)
        box.press("Space")
        expect(box).to_be_checked()


def choose(page: Page, box: Locator, option: str) -> None:
    """An option of one of the admin's own drop-downs."""
    box.click()
    page.get_by_role("option", name=option, exact=True).click()


def pick_day(box: Locator, day: dt.date) -> None:
    box.fill(day.isoformat())
    box.press("Enter")


def search_serials(page: Page, first: int, last: int) -> None:
    """The range by itself: whatever else was set is cleared."""
    menu(page, "卡券列表")
    page.get_by_label("卡序号最小号").fill(str(first))
    page.get_by_label("卡序号最大号").fill(str(last))
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("status").filter(has_text=f"卡序号 {first}–{last} 共 {last - first + 1} 张")
    ).to_be_visible()
    counted(page, last - first + 1)


def counted(page: Page, cards: int) -> None:
    """The list says that it found so many."""
    expect(page.get_by_role("group", name="统计").get_by_role("button", name="全部")).to_contain_text(f"{cards:,} 张")


def dialog(page: Page, title: str) -> Locator:
    shown = page.get_by_role("dialog", name=title, exact=True)
    expect(shown).to_be_visible()
    return shown


def close(shown: Locator) -> None:
    shown.get_by_role("button", name="关闭", exact=True).click()
    expect(shown).to_be_hidden()


def redeem(page: Page, site: Site, number: str, password: str, product: str) -> str:
    """A customer scans the card's link and types the rest; answers the order number."""
    show_card(page, site, number, password)
    return order(page, product)


def order(page: Page, product: str) -> str:
    """From the products that a card shows to the order; answers its number."""
    page.get_by_role("button", name=f"选这个：{product}", exact=True).click()
    expect(page.get_by_role("heading", name="填写收货信息")).to_be_visible()
    page.get_by_label("收货人").fill("王小明")
    page.get_by_label("手机号").fill("138 1234 5678")
    choose_region(page, "浙江省", "杭州市", "西湖区")
    page.get_by_label("详细地址").fill("文三路 1 号 2 单元 301")
    page.get_by_label("备注").fill("周末送")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="核对信息")).to_be_visible()
    expect(page.get_by_text("浙江省")).to_be_visible()
    page.get_by_role("button", name="确认提货").click()
    expect(page.get_by_role("heading", name="提货成功")).to_be_visible()
    return page.locator(".done__number strong").inner_text()


def show_card(page: Page, site: Site, number: str, password: str) -> None:
    """A customer scans a card's link and types the password: the products are there to choose from."""
    page.goto(f"{site.url}/c/{site.slug}/{number}")
    give_password(page, password)


def give_password(page: Page, password: str) -> None:
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="选择商品")).to_be_visible()


def choose_region(page: Page, *names: str) -> None:
    """The three-level picker."""
    page.locator("#region").click()
    for name in names:
        page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def download_once(page: Page, place: Locator) -> Path:
    """What a job made, with passwords in it: asked about first, given out, and then no more."""
    place.get_by_role("button", name="下载").click()
    with page.expect_download() as download, page.expect_response(re.compile(r"/api/m/jobs/\d+/file$")) as answer:
        page.get_by_role("dialog", name="现在下载？").get_by_role("button", name="下载", exact=True).click()
    expect(place.get_by_text("文件已经下载过或已超过一小时")).to_be_visible()
    assert page.request.post(answer.value.url).status == HTTPStatus.GONE
    return Path(download.value.path())


def workbook(file: Path) -> Workbook:
    """A downloaded table; Playwright keeps it under a name without an ending."""
    return load_workbook(io.BytesIO(file.read_bytes()))


class Card(NamedTuple):
    """A card as printed."""

    number: str
    password: str


def ready_shop(desk: Page, site: Site, cards: int) -> list[Card]:
    """Over the API that the screens use: two products, days to choose from, the switch on, and new active cards.

    Leaves what an earlier call made as it is.
    """
    sign_in(desk, site)

    def ask(method: str, path: str, content: dict[str, Any] | None = None) -> Any:
        headers = {"Origin": site.url, "Idempotency-Key": secrets.token_hex(16)}
        answer = desk.request.fetch(f"{site.url}/api/m{path}", method=method, headers=headers, data=content)
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
        return answer.json()

    products = ask("GET", "/products")["items"]
    for name in ("梨", "枣"):
        if not any(one["name"] == name for one in products):
            products.append(ask("POST", "/products", {"name": name, "contents": ["5 斤"], "detail_html": "<p>甜</p>"}))
    rule = ask("GET", "/settings/appointments")
    ask("PUT", "/settings/appointments", {**rule, "mode": "window", "required": False, "note": "当天现摘"})
    storefront = ask("GET", "/settings/storefront")
    del storefront["logo_url"], storefront["banner_url"]
    ask("PUT", "/settings/storefront", {**storefront, "name": "果园鲜礼", "contact_phone": "400-000-0000"})
    pickup = ask("GET", "/settings/pickup")
    ask("PUT", "/settings/pickup", {**pickup, "open": True, "undeliverable": []})
    chosen = [one["id"] for one in products if one["name"] in ("梨", "枣")]
    batch = {"quantity": cards, "product_ids": chosen, "status": "active", "number_length": 12, "order": "random"}
    made = ask("POST", "/batches", batch)
    finish(ask, made["job"]["id"])
    wanted = {"filter": {"batch_id": made["batch"]["id"]}, "columns": ["number", "password"], "password": PASSWORD}
    job = ask("POST", "/cards/exports", wanted)["id"]
    finish(ask, job)
    file = desk.request.post(f"{site.url}/api/m/jobs/{job}/file", headers={"Origin": site.url})
    assert file.ok, file.text()
    sheet = load_workbook(io.BytesIO(file.body()))["卡券"]
    return [Card(str(number), str(password)) for number, password in sheet.iter_rows(min_row=2, values_only=True)]


def finish(ask: Callable[[str, str], Any], job: int) -> None:
    """Wait until a job is done."""
    until = time.monotonic() + JOB_MS / 1000
    while (state := ask("GET", f"/jobs/{job}"))["status"] != "done":
        assert state["finished_at"] is None, state
        assert time.monotonic() < until, state
        time.sleep(0.1)
