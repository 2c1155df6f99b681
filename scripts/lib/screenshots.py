"""One picture of each surface, of the demo as it stands, into docs/screenshots."""

import json
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.services.chromium import chromium_path
from tests.services.tihuo_processes import ROOT, run_tihuo, tihuo_processes

OUT = ROOT / "docs" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
PHONE: ViewportSize = {"width": 360, "height": 720}
DESK: ViewportSize = {"width": 1280, "height": 720}
CUSTOMERS = [
    ("王小明", "13812345678", "苹果桃子礼盒", "文三路 1 号 2 单元 301"),
    ("李秀英", "13987654321", "苹果", "学院路 88 号 5 幢 102"),
]


def open_card(page: Page, url: str, card: dict[str, str]) -> None:
    page.goto(f"{url}/c/demo/{card['number']}")
    page.get_by_label("密码", exact=True).fill(card["password"])
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("heading", name="选择商品").wait_for()
    page.wait_for_load_state("networkidle")


def redeem(page: Page, name: str, mobile: str, product: str, address: str) -> None:
    page.get_by_role("button", name=f"选这个：{product}", exact=True).click()
    page.get_by_label("收货人").fill(name)
    page.get_by_label("手机号").fill(mobile)
    page.locator("#region").click()
    for region in ("浙江省", "杭州市", "西湖区"):
        page.get_by_role("dialog").get_by_role("button", name=region, exact=True).click()
    page.get_by_label("详细地址").fill(address)
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="确认提货").click()
    page.get_by_role("heading", name="提货成功").wait_for()


def storefront(browser: Browser, url: str, cards: list[dict[str, str]]) -> None:
    for card, customer in zip(cards, CUSTOMERS, strict=False):
        page = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="zh-CN").new_page()
        open_card(page, url, card)
        if customer is CUSTOMERS[0]:
            page.screenshot(path=OUT / "h5.png")
        redeem(page, *customer)


def back_office(browser: Browser, url: str, staff: dict[str, str]) -> None:
    page = browser.new_context(viewport=DESK, locale="zh-CN").new_page()
    page.goto(f"{url}/admin/")
    page.get_by_role("img", name="验证码图片").wait_for()
    page.get_by_label("登录账号").fill(staff["account"])
    page.get_by_label("密码", exact=True).fill(staff["password"])
    page.get_by_label("验证码", exact=True).fill("1234")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="首页").wait_for()
    page.goto(f"{url}/admin/orders")
    page.get_by_text(CUSTOMERS[0][0]).wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=OUT / "admin.png")


def mini_program(browser: Browser) -> None:
    page = browser.new_context(viewport=PHONE, device_scale_factor=2).new_page()
    page.goto((ROOT / "miniprogram" / "build" / "screens" / "2-choose.html").as_uri())
    page.screenshot(path=OUT / "miniprogram.png")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = {"TIHUO_ENV": "test", "TIHUO_DATA_DIR": folder, "TIHUO_CAPTCHA_ANSWER": "1234"}
        run_tihuo(["demo"], settings)
        demo = json.loads((Path(folder) / "demo.json").read_text("utf-8"))
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        with tihuo_processes(settings, web=1, worker=0, web_command="run") as running:
            storefront(browser, running.urls[0], demo["cards"])
            back_office(browser, running.urls[0], demo["staff"])
        mini_program(browser)
        browser.close()


main()
