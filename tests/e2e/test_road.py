"""The whole road in a browser: a merchant's first day, a customer's redemption, a parcel sent.

Admin and H5 stand side by side; nothing is reloaded by hand.
"""

import io
import re
from pathlib import Path

from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.conftest import CAPTCHA, PASSWORD, Site, Watch

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1440, "height": 900}


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


def redeem(page: Page, site: Site, number: str, password: str, product: str) -> str:
    """A customer scans the card's link and types the rest; answers the order number."""
    page.goto(f"{site.url}/c/{site.slug}/{number}")
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="选择商品")).to_be_visible()
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


def choose_region(page: Page, *names: str) -> None:
    """The three-level picker."""
    page.locator("#region").click()
    for name in names:
        page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def test_the_whole_road(browser: Browser, site: Site, watch: Watch, tmp_path: Path) -> None:
    desk = watch.on(browser.new_context(viewport=DESK, locale="zh-CN").new_page())
    sign_in(desk, site)
    for step in ("提货商品", "创建卡券", "全局设置"):
        expect(desk.get_by_role("main").get_by_text(step).first).to_be_visible()

    add_product(desk, "苹果", picture(tmp_path / "apple.png"))
    add_product(desk, "桃子")
    add_product(desk, "苹果桃子礼盒")

    menu(desk, "创建卡券")
    desk.get_by_text("完整设置").click()
    for name in ("苹果", "桃子", "苹果桃子礼盒"):
        desk.locator("label").filter(has=desk.get_by_text(name, exact=True)).click()
        expect(desk.get_by_role("checkbox", name=name, exact=True)).to_be_checked()
    desk.get_by_label("生成数量").fill("3")
    desk.get_by_label("卡号名称").fill("388 卡")
    desk.get_by_label("卡号前缀").fill("A588")
    desk.get_by_label("卡券面值").fill("388")
    desk.get_by_role("button", name="提交，创建卡券").click()
    expect(desk.get_by_role("heading", name="已创建 3 张卡券")).to_be_visible()
    expect(desk.get_by_text("A58800000001").first).to_be_visible()

    desk.get_by_role("button", name="导出卡券数据").click()
    desk.get_by_label("您的登录密码").fill(PASSWORD)
    with desk.expect_download() as download:
        desk.get_by_role("button", name="导出 Excel").click()
    sheet = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    cards = [(str(row[1]), str(row[2])) for row in rows]
    assert rows[0][3] == f"{site.url}/c/{site.slug}/A58800000001"

    menu(desk, "卡券列表")
    desk.get_by_role("button", name="批量激活", exact=True).click()
    desk.get_by_role("button", name="确认激活 3 张").click()
    expect(desk.get_by_role("table").get_by_text("已激活")).to_have_count(3)

    menu(desk, "全局设置")
    desk.get_by_label("提货名称").fill("果园鲜礼")
    desk.get_by_role("switch", name="前台提货开关").press("Space")
    desk.get_by_role("button", name="保存设置").click()
    expect(desk.get_by_text(re.compile("已保存")).first).to_be_visible()

    menu(desk, "订单列表")
    second = watch.on(desk.context.new_page())
    second.set_viewport_size(DESK)
    second.goto(f"{site.url}/admin/")
    expect(second.get_by_role("heading", name="首页")).to_be_visible()
    expect(second.get_by_text("实时连接正常").or_(second.get_by_text("实时", exact=True)).first).to_be_visible()

    phone = watch.on(browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, is_mobile=True).new_page())
    number, password = cards[0]
    order = redeem(phone, site, number, password, "苹果")
    assert re.fullmatch(r"\d{16}", order)

    expect(desk.get_by_text(order).first).to_be_visible()
    expect(second.get_by_text("王小明").first).to_be_visible()
    expect(desk.get_by_text(re.compile("新订单")).first).to_be_visible()

    tracking = desk.get_by_label(f"{order} 运单号")
    desk.get_by_label(f"{order} 物流公司").select_option(label="顺丰速运")
    tracking.fill("SF1234567890")
    tracking.press("Enter")
    expect(desk.get_by_role("status").filter(has_text="已保存").first).to_be_visible()

    phone.get_by_role("button", name="再提一张卡").click()
    phone.goto(f"{site.url}/c/{site.slug}/{number}")
    phone.get_by_label("密码", exact=True).fill(password)
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_text(order)).to_be_visible()
    expect(phone.get_by_text("SF1234567890")).to_be_visible()
    expect(phone.get_by_text("顺丰速运")).to_be_visible()


def test_a_wrong_password_says_so_and_keeps_what_was_typed(browser: Browser, site: Site, watch: Watch) -> None:
    phone = watch.on(browser.new_context(viewport=PHONE, locale="zh-CN").new_page())
    phone.goto(f"{site.url}/c/{site.slug}")
    phone.get_by_label("卡号").fill("a588-0000 0002")
    phone.get_by_label("密码", exact=True).fill("0000000000")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_text("卡号或密码不正确，请核对后重试")).to_be_visible()
    expect(phone.get_by_label("卡号")).to_have_value("a588-0000 0002")
