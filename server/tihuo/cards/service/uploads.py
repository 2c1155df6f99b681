"""Tables that staff upload to be imported (manual: 卡券导入)."""

from collections.abc import AsyncIterator

from tihuo.cards.schemas import UploadedFile
from tihuo.jobs.files import JobFiles
from tihuo.shapes import compact
from tihuo.sheets import template

NUMBER, PASSWORD = "卡号", "密码"
COLUMNS = (NUMBER, PASSWORD)
MAX_ROWS = 1_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_NUMBER, _SHORTEST_NUMBER = 30, 4
_LONGEST_PASSWORD, _SHORTEST_PASSWORD = 32, 6
_RULES = (
    "每行一张卡：第一列卡号，第二列密码；不要改动第一行的表头。",
    f"卡号：{_SHORTEST_NUMBER} 到 {_LONGEST_NUMBER} 位字母或数字，第一位不能是 0；不分大小写，空格和短横会被忽略。",
    f"密码：{_SHORTEST_PASSWORD} 到 {_LONGEST_PASSWORD} 位字母或数字，建议 10 位以上；不分大小写。",
    "卡号在本商家内不能重复，也不能与已作废或已删除的卡重复；字母 O、I、L 与数字 0、1 视为相同。",
    "单元格请保持文本格式：表格把 16 位以上的数字存成 15 位，会丢失末位。",
    f"一次最多导入 {MAX_ROWS:,} 张。对应商品、有效期等在上传时统一选择。",
)


def import_template() -> bytes:
    """The empty table to fill in."""
    columns = (
        (NUMBER, 24, f"{_SHORTEST_NUMBER}–{_LONGEST_NUMBER} 位字母或数字，第一位不能是 0，不能重复"),
        (PASSWORD, 24, f"{_SHORTEST_PASSWORD}–{_LONGEST_PASSWORD} 位字母或数字"),
    )
    return template("卡券", columns, _RULES, [("A58800000001", "6283917405")])


async def keep_upload(
    files: JobFiles, merchant_id: int, staff_id: int, chunks: AsyncIterator[bytes], size: int
) -> UploadedFile:
    """Keep an uploaded table, encrypted, for its import to read."""
    row = await files.keep_upload(merchant_id, staff_id, chunks, "卡券导入.xlsx", XLSX)
    return UploadedFile(file_id=row.id, size=size, expires_at=row.expires_at)


def wrong_number(typed: str) -> str | None:
    """What is wrong with a card number, in words that follow “卡号”; None where nothing is."""
    if not typed:
        return "没有填写"
    number = compact(typed)
    if not (number.isascii() and number.isalnum()):
        return "只能用字母和数字"
    if not _SHORTEST_NUMBER <= len(number) <= _LONGEST_NUMBER:
        return f"须为 {_SHORTEST_NUMBER} 到 {_LONGEST_NUMBER} 位"
    return "第一位不能是 0" if number.startswith("0") else None


def wrong_password(typed: str) -> str | None:
    """What is wrong with a card password, in words that follow “密码”; None where nothing is."""
    if not typed:
        return "没有填写"
    password = compact(typed)
    if not (password.isascii() and password.isalnum()):
        return "只能用字母和数字"
    if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        return f"须为 {_SHORTEST_PASSWORD} 到 {_LONGEST_PASSWORD} 位"
    return None
