"""The cards' life as the merchant's manual tells it: made, printed, sold, given to distributors, changed, taken out."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import zxingcpp
from openpyxl import Workbook, load_workbook
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import PASSWORD, PUBLIC_URL, Site, Watch
from tests.e2e.steps import (
    JOB_MS,
    add_distributor,
    add_product,
    choose,
    close,
    counted,
    desk_of,
    dialog,
    download_once,
    give_password,
    menu,
    open_storefront,
    order,
    phone_of,
    pick_day,
    redeem,
    search_serials,
    show_card,
    sign_in,
    tick,
    workbook,
)

TODAY = dt.datetime.now(dt.UTC).date()
MADE, SOLD_FIRST, SOLD_LAST = 300, 101, 300
# The second batch: good for two pickups each.
TWICE_FIRST, TWICE_LAST = 301, 303
LAST_DAY = TODAY + dt.timedelta(days=900)


def make_first_batch(desk: Page) -> None:
    """Every field there is."""
    menu(desk, "创建卡券")
    desk.get_by_text("完整设置").click()
    tick(desk, "苹果", "桃子")
    desk.get_by_label("生成数量").fill(str(MADE))
    desk.get_by_label("卡号名称").fill("388 卡")
    desk.get_by_label("卡号前缀").fill("A588")
    desk.get_by_label("卡号长度").fill("6")
    desk.get_by_text("顺序生成（建议）").click()
    desk.get_by_label("密码长度").fill("12")
    desk.get_by_text("字母 + 数字", exact=True).click()
    desk.get_by_text("未激活（建议）").click()
    desk.get_by_label("卡券面值").fill("388")
    pick_day(desk.get_by_role("combobox", name="有效期开始"), TODAY - dt.timedelta(days=1))
    pick_day(desk.get_by_role("combobox", name="有效期结束"), TODAY + dt.timedelta(days=365))
    desk.get_by_label("可提次数").fill("1")
    desk.get_by_label("卡券备注").fill("中秋团购")
    desk.get_by_role("button", name="提交，创建卡券").click()
    expect(desk.get_by_role("heading", name=f"已创建 {MADE} 张卡券")).to_be_visible(timeout=JOB_MS)
    expect(desk.get_by_text("A588000001 – A588000300")).to_be_visible()


def make_second_batch(desk: Page) -> None:
    """A start number of one's own, two pickups a card, active at once, given to a distributor from the beginning."""
    desk.get_by_role("button", name="再创建一批").click()
    desk.get_by_text("完整设置").click()
    tick(desk, "苹果")
    desk.get_by_label("生成数量").fill("3")
    desk.get_by_label("卡号前缀").fill("B")
    desk.get_by_label("起始号").fill("10000")
    desk.get_by_text("激活", exact=True).click()
    desk.get_by_label("可提次数").fill("2")
    choose(desk, desk.get_by_role("combobox", name="券商"), "乙商行")
    desk.get_by_role("button", name="提交，创建卡券").click()
    expect(desk.get_by_role("heading", name="已创建 3 张卡券")).to_be_visible(timeout=JOB_MS)
    expect(desk.get_by_text("B10001 – B10003")).to_be_visible()
    expect(desk.get_by_text("每张 2 次")).to_be_visible()


def export_for_the_printer(desk: Page, site: Site) -> dict[int, tuple[str, str]]:
    """All cards with passwords and pictures, out of the list; answers serial → number and password."""
    menu(desk, "卡券列表")
    counted(desk, TWICE_LAST)
    desk.get_by_role("button", name="导出卡券数据").click()
    exporting = dialog(desk, "导出卡券数据")
    exporting.get_by_text("PNG 图片").click()
    exporting.get_by_label("您的登录密码").fill(PASSWORD)
    exporting.get_by_role("button", name="开始导出").click()
    expect(exporting.get_by_text("已完成", exact=True)).to_be_visible(timeout=JOB_MS)
    with zipfile.ZipFile(download_once(desk, exporting)) as archive:
        book = load_workbook(io.BytesIO(archive.read("卡券.xlsx")))
        pictures = {name: archive.read(name) for name in archive.namelist() if name.endswith(".png")}
    close(exporting)
    headings, *rows = book["卡券"].iter_rows(values_only=True)
    assert headings == ("卡序号", "卡号", "密码", "提货链接", "二维码文件", "卡券名称", "面值（元）")
    assert [row[0] for row in rows] == list(range(1, TWICE_LAST + 1))
    assert len(pictures) == TWICE_LAST
    assert rows[0][1] == "A588000001"
    assert re.fullmatch(r"[A-Z2-9]{12}", str(rows[0][2]))
    assert rows[0][5:] == ("388 卡", 388)
    for _, number, _, link, file, *_ in (rows[0], rows[-1]):
        assert link == f"{PUBLIC_URL}/c/{site.slug}/{number}"
        code = zxingcpp.read_barcode(Image.open(io.BytesIO(pictures[f"二维码/{file}"])))
        assert code is not None
        assert code.text == link
    return {serial: (str(row[1]), str(row[2])) for serial, row in enumerate(rows, start=1)}


def sell_a_range(desk: Page) -> None:
    """Manual, 批量激活: 200 cards to one company. Fill in first and last serial, look, activate."""
    search_serials(desk, SOLD_FIRST, SOLD_LAST)
    change(desk, "批量激活", "激活", 200, of=200)
    expect(desk.get_by_role("table").get_by_text("未激活")).to_have_count(0)
    # Asked again over a wider range, the dry run tells these apart from the others; nothing is done.
    search_serials(desk, 51, SOLD_LAST)
    desk.get_by_role("button", name="批量激活", exact=True).click()
    shown = dialog(desk, "批量激活")
    expect(shown.get_by_text("筛选到 250 张：50 张将激活")).to_be_visible()
    expect(shown.get_by_role("listitem").filter(has_text="已经是激活状态")).to_contain_text("200")
    shown.get_by_role("button", name="取消").click()


def change(desk: Page, button: str, verb: str, cards: int, *, of: int) -> None:
    """An action on what the list found: looked at first, then done, to the end."""
    desk.get_by_role("button", name=button, exact=True).click()
    shown = dialog(desk, button)
    if button == "分配券商":
        choose(desk, shown.get_by_role("combobox", name="券商"), "甲门店")
        shown.get_by_role("button", name="核对").click()
    elif button == "批量删除":
        delete_with_password(desk, cards)
    expect(shown.get_by_text(f"筛选到 {of} 张：{cards} 张将{verb}")).to_be_visible()
    shown.get_by_role("button", name=f"{verb} {cards} 张", exact=True).click()
    expect(shown.get_by_text(f"已{verb} {cards} 张")).to_be_visible(timeout=JOB_MS)
    close(shown)


def delete_with_password(desk: Page, cards: int) -> None:
    """Deleting can't be undone: the account's password is asked, and a wrong one is refused."""
    shown = dialog(desk, "批量删除")
    expect(shown.get_by_text("删除后不能恢复")).to_be_visible()
    shown.get_by_label("您的登录密码").fill("not-the-password")
    shown.get_by_role("button", name=f"删除 {cards} 张").click()
    expect(shown.get_by_text("您的登录密码不正确")).to_be_visible()
    shown.get_by_label("您的登录密码").fill(PASSWORD)


def see_the_distributors(desk: Page) -> None:
    """Manual, 券商管理: who has how many, and which."""
    menu(desk, "券商管理")
    row = desk.get_by_role("row").filter(has_text="甲门店")
    expect(row.get_by_role("cell").nth(2)).to_have_text("200")
    assert [row.get_by_role("cell").nth(at).inner_text() for at in range(2, 7)] == ["200", "200", "0", "200", "0"]
    other = desk.get_by_role("row").filter(has_text="乙商行")
    assert [other.get_by_role("cell").nth(at).inner_text() for at in range(2, 7)] == ["3", "3", "0", "3", "0"]
    row.get_by_role("cell").nth(5).get_by_role("link").click()
    expect(desk.get_by_role("list", name="已设的条件").get_by_role("listitem")).to_have_text(
        ["券商 甲门店", "可用（未作废、未提完）", "未过期"]
    )
    counted(desk, 200)


def begin_edit(desk: Page) -> Locator:
    desk.get_by_role("button", name="修改属性", exact=True).click()
    shown = dialog(desk, "修改属性")
    expect(shown.get_by_role("checkbox", name="对应商品")).to_be_focused()
    return shown


def edit_validity(desk: Page) -> None:
    """Manual, 批量修改卡属性: only the box of 有效期结束 is ticked; all else stays."""
    menu(desk, "批次")
    desk.get_by_role("row").filter(has_text="388 卡").get_by_role("link", name="查看卡券").click()
    counted(desk, MADE)
    shown = begin_edit(desk)
    tick(shown, "有效期结束")
    pick_day(shown.get_by_role("combobox", name="有效期结束"), LAST_DAY)
    shown.get_by_role("button", name="核对").click()
    expect(shown.get_by_text(f"筛选到 {MADE} 张：{MADE} 张将修改")).to_be_visible()
    shown.get_by_role("button", name=f"修改 {MADE} 张").click()
    expect(shown.get_by_text(f"已修改 {MADE} 张")).to_be_visible(timeout=JOB_MS)
    close(shown)
    desk.get_by_role("link", name="A588000300", exact=True).click()
    expect(desk.get_by_text(f"修改：有效期结束 {TODAY + dt.timedelta(days=365)} → {LAST_DAY}")).to_be_visible()
    facts = desk.get_by_role("main")
    for words in ("388 卡", "¥388", "苹果、桃子", "甲门店", "中秋团购", "已激活"):
        expect(facts.get_by_text(words, exact=True).first).to_be_visible()


def change_products(desk: Page, phone: Page, site: Site, card: tuple[str, str]) -> None:
    """A card that is out in the world: the holder sees the new product the next time they look, and gets it."""
    show_card(phone, site, *card)
    expect(phone.get_by_role("button", name=re.compile("^选这个："))).to_have_count(2)
    search_serials(desk, SOLD_FIRST, SOLD_LAST)
    shown = begin_edit(desk)
    tick(shown, "对应商品", "苹果桃子礼盒")
    shown.get_by_role("button", name="核对").click()
    shown.get_by_role("button", name="修改 200 张").click()
    expect(shown.get_by_text("已修改 200 张")).to_be_visible(timeout=JOB_MS)
    close(shown)
    phone.get_by_role("button", name="换一张卡").click()
    phone.get_by_label("卡号").fill(card[0])
    give_password(phone, card[1])
    expect(phone.get_by_role("button", name=re.compile("^选这个："))).to_have_count(3)
    order(phone, "苹果桃子礼盒")


def void_and_delete(desk: Page, phone: Page, site: Site, twice: tuple[str, str]) -> None:
    """Manual, 批量作废 and 批量删除: only what was not redeemed is voided, only what is void is deleted."""
    redeem(phone, site, *twice, "苹果")
    search_serials(desk, TWICE_FIRST, TWICE_LAST)
    expect(desk.get_by_role("row").filter(has_text=twice[0])).to_contain_text("剩 1/2 次")
    change(desk, "批量作废", "作废", 2, of=3)
    search_serials(desk, 1, 10)
    change(desk, "批量作废", "作废", 10, of=10)
    expect(desk.get_by_role("table").get_by_text("已作废")).to_have_count(10)
    change(desk, "批量恢复", "恢复", 10, of=10)
    expect(desk.get_by_role("table").get_by_text("未激活")).to_have_count(10)
    change(desk, "批量作废", "作废", 10, of=10)
    change(desk, "批量删除", "删除", 10, of=10)
    expect(desk.get_by_text("没有符合条件的卡券")).to_be_visible()


def import_cards(desk: Page, phone: Page, site: Site, tmp_path: Path) -> None:
    """Manual, 卡券导入: after the template; a deleted card's number is taken for ever; all rows good or none."""
    menu(desk, "卡券导入")
    with desk.expect_download() as download:
        desk.get_by_role("button", name="下载模板").click()
    template = workbook(Path(download.value.path()))
    assert [cell.value for cell in template["卡券"][1]] == ["卡号", "密码"]
    wrong = [("C000001", "6283917405"), ("A588000001", "6283917405"), ("0C00002", "123")]
    desk.locator("input[type=file]").set_input_files(filled(template, wrong, tmp_path / "卡券.xlsx"))
    tick(desk, "桃子")
    desk.get_by_text("激活", exact=True).click()
    desk.get_by_role("button", name="开始导入").click()
    expect(desk.get_by_role("heading", name="没有导入任何卡")).to_be_visible(timeout=JOB_MS)
    report = desk.get_by_role("table")
    expect(report.get_by_role("row")).to_have_text(
        [
            "行号卡号需要修改",
            re.compile("3A588000001卡号已存在"),
            re.compile("40C00002卡号第一位不能是 0"),
            re.compile("40C00002密码须为 6 到 32 位"),
        ]
    )
    with desk.expect_download() as download:
        desk.get_by_role("button", name="下载完整报告").click()
    whole = workbook(Path(download.value.path()))["需要修改的行"]
    assert [row[:2] for row in whole.iter_rows(min_row=2, values_only=True)] == [
        (3, "A588000001"),
        (4, "0C00002"),
        (4, "0C00002"),
    ]
    good = [("C000001", "6283917405"), ("C000002", "kiwi-2025-box")]
    desk.locator("input[type=file]").set_input_files(filled(template, good, tmp_path / "卡券.xlsx"))
    desk.get_by_role("button", name="开始导入").click()
    expect(desk.get_by_role("heading", name="已导入 2 张卡券")).to_be_visible(timeout=JOB_MS)
    desk.get_by_role("button", name="查看这批卡券").click()
    counted(desk, 2)
    for number, _ in good:
        expect(desk.get_by_role("link", name=number, exact=True)).to_be_visible()
    show_card(phone, site, *good[1])


def filled(book: Workbook, rows: list[tuple[str, str]], path: Path) -> Path:
    """The template with these rows in place of what stands in it."""
    sheet = book["卡券"]
    sheet.delete_rows(2, sheet.max_row)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_the_life_of_cards(browser: Browser, site: Site, watch: Watch, tmp_path: Path) -> None:
    desk = desk_of(browser, watch)
    sign_in(desk, site)
    desk.evaluate("window.neverReloaded = true")
    for product in ("苹果", "桃子", "苹果桃子礼盒"):
        add_product(desk, product)
    for distributor in ("甲门店", "乙商行"):
        add_distributor(desk, distributor)
    open_storefront(desk, "果园鲜礼")

    make_first_batch(desk)
    make_second_batch(desk)
    cards = export_for_the_printer(desk, site)
    sell_a_range(desk)
    search_serials(desk, SOLD_FIRST, SOLD_LAST)
    change(desk, "分配券商", "分配", 200, of=200)
    see_the_distributors(desk)
    edit_validity(desk)
    change_products(desk, phone_of(browser, watch), site, cards[SOLD_FIRST])
    void_and_delete(desk, phone_of(browser, watch), site, cards[TWICE_FIRST])
    import_cards(desk, phone_of(browser, watch), site, tmp_path)
    assert desk.evaluate("window.neverReloaded") is True


def make_plain(desk: Page, quantity: int) -> None:
    """Quick create: product and quantity alone."""
    tick(desk, "梨")
    desk.get_by_label("生成数量").fill(str(quantity))
    desk.get_by_role("button", name="提交，创建卡券").click()


def test_a_running_job_is_found_again_after_a_reload_and_cancelled(browser: Browser, site: Site, watch: Watch) -> None:
    desk = desk_of(browser, watch)
    sign_in(desk, site)
    add_product(desk, "梨")
    menu(desk, "卡券列表")
    before = desk.get_by_role("group", name="统计").get_by_role("button", name="全部")
    expect(before).to_contain_text(re.compile(r"\d"))
    cards = int(re.sub(r"\D", "", before.inner_text()))
    menu(desk, "创建卡券")
    make_plain(desk, 1_000_000)
    making = desk.get_by_role("heading", name="正在创建 1,000,000 张卡券")
    expect(making).to_be_visible()
    desk.reload()
    expect(making).to_be_visible()
    expect(desk.get_by_role("button", name="任务：1 个进行中")).to_be_visible()
    expect(desk.get_by_text(re.compile(r"已处理 [1-9][\d,]+ / 1,000,000，约剩 \d+ 秒"))).to_be_visible()
    desk.get_by_role("main").get_by_role("button", name="取消任务").click()
    desk.get_by_role("dialog", name="取消这个任务？").get_by_role("button", name="取消任务").click()
    expect(desk.get_by_role("heading", name="已取消创建，没有留下任何卡")).to_be_visible(timeout=JOB_MS)
    desk.get_by_role("button", name="返回修改").click()
    make_plain(desk, 60_000)
    expect(desk.get_by_role("heading", name="已创建 60,000 张卡券")).to_be_visible(timeout=JOB_MS)
    menu(desk, "卡券列表")
    counted(desk, cards + 60_000)
