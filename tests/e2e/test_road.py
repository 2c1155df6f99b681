"""The whole road in a browser: a merchant's first day, a customer's redemption, a parcel sent.

Admin and H5 stand side by side; nothing is reloaded by hand.
"""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import PASSWORD, PUBLIC_URL, Site, Watch
from tests.e2e.steps import (
    DESK,
    JOB_MS,
    add_product,
    close,
    desk_of,
    dialog,
    download_once,
    menu,
    open_storefront,
    phone_of,
    picture,
    redeem,
    search_serials,
    sign_in,
    tick,
    workbook,
)


def test_the_whole_road(browser: Browser, site: Site, watch: Watch, tmp_path: Path) -> None:
    desk = desk_of(browser, watch)
    sign_in(desk, site)
    for step in ("提货商品", "创建卡券", "全局设置"):
        expect(desk.get_by_role("main").get_by_text(step).first).to_be_visible()

    add_product(desk, "苹果", picture(tmp_path / "apple.png"))
    add_product(desk, "桃子")
    add_product(desk, "苹果桃子礼盒")

    menu(desk, "创建卡券")
    desk.get_by_text("完整设置").click()
    tick(desk, "苹果", "桃子", "苹果桃子礼盒")
    desk.get_by_label("生成数量").fill("3")
    desk.get_by_label("卡号名称").fill("388 卡")
    desk.get_by_label("卡号前缀").fill("A588")
    desk.get_by_label("卡券面值").fill("388")
    desk.get_by_role("button", name="提交，创建卡券").click()
    expect(desk.get_by_role("heading", name="已创建 3 张卡券")).to_be_visible(timeout=JOB_MS)
    expect(desk.get_by_text("A58800000001").first).to_be_visible()

    desk.get_by_role("button", name="导出卡券数据").click()
    exporting = dialog(desk, "导出卡券数据")
    exporting.get_by_label("您的登录密码").fill(PASSWORD)
    exporting.get_by_role("button", name="开始导出").click()
    expect(exporting.get_by_text("已完成", exact=True)).to_be_visible(timeout=JOB_MS)
    file = download_once(desk, exporting)
    close(exporting)
    sheet = workbook(file)["卡券"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    cards = [(str(row[1]), str(row[2])) for row in rows]
    assert len(cards) == 3
    assert rows[0][3] == f"{PUBLIC_URL}/c/{site.slug}/A58800000001"

    search_serials(desk, 1, 3)
    desk.get_by_role("button", name="批量激活", exact=True).click()
    activating = dialog(desk, "批量激活")
    expect(activating.get_by_text("筛选到 3 张：3 张将激活")).to_be_visible()
    activating.get_by_role("button", name="激活 3 张").click()
    expect(activating.get_by_text("已激活 3 张")).to_be_visible(timeout=JOB_MS)
    close(activating)
    expect(desk.get_by_role("table").get_by_text("已激活")).to_have_count(3)

    open_storefront(desk, "果园鲜礼")

    menu(desk, "订单列表")
    second = watch.on(desk.context.new_page())
    second.set_viewport_size(DESK)
    second.goto(f"{site.url}/admin/")
    expect(second.get_by_role("heading", name="首页")).to_be_visible()
    expect(second.get_by_text("实时连接正常").or_(second.get_by_text("实时", exact=True)).first).to_be_visible()

    phone = phone_of(browser, watch)
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
    phone = phone_of(browser, watch)
    phone.goto(f"{site.url}/c/{site.slug}")
    phone.get_by_label("卡号").fill("a588-0000 0002")
    phone.get_by_label("密码", exact=True).fill("0000000000")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_text("卡号或密码不正确，请核对后重试")).to_be_visible()
    expect(phone.get_by_label("卡号")).to_have_value("a588-0000 0002")
