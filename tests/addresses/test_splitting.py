"""Pasted addresses: what is found, what is said to be missing or unsure, and that no text does harm."""

import sys
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.addresses.samples import LANE, NANSHAN, SAMPLES, M
from tihuo.addresses import service as addresses
from tihuo.addresses.schemas import SplitAddress
from tihuo.addresses.service.divisions import divisions, path_of

PIECES = [
    *(
        "广东省",
        "深圳市",
        "南山区",
        "深圳",
        "北京市",
        "北京",
        "重庆市",
        "县",
        "忠县",
        "吉林",
        "吉林市",
        "海南",
        "东莞市",
        "长安镇",
    ),
    *(
        "市中区",
        "河南蒙古族自治县",
        "省直辖县",
        "仙桃市",
        "新疆兵团第八师",
        "石河子",
        "阿里",
        "和平区",
        "市辖区",
        "香港",
    ),
    *("收货人：", "收件人", "电话：", "手机号码", "详细地址：", "所在地区：", "地址", "邮编", "备注：", "省：", "区："),
    *("张三", "欧阳娜娜", "张 三", "买买提·吐尔逊", "Tom Lee", "陈女士", "(收)", "收", "谢谢", "寄到"),
    *(
        M,
        "138-0013-8000",
        "+86",
        "17012345678-1234",
        "转1234",
        "[1234]",
        "0755-12345678",
        "518000",
        "1380013800",
        "１３",
    ),
    *(
        "科技园1栋201",
        "人民路1号",
        "1-2-301",
        " ",
        "\n",
        "，",
        "、",
        "。",
        "/",
        "-",
        "【",
        "】",
        "(",
        ")",
        "\x00",
        "\u200b",
        "\x01",
        "\x02",
    ),
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=20).map("".join),
    st.text(max_size=500),
)
HOSTILE = [
    *(
        "1",
        "138",
        "1 3 ",
        "13-",
        " ",
        "\n",
        "北京",
        "北京市",
        "重庆市县",
        "广东省深圳市",
        "广东省深圳市南山区",
        "吉林 ",
        "东莞市-",
    ),
    *(
        "地址：",
        "收货人 ",
        "地址:北京 ",
        "[",
        "[123]",
        "(0",
        "-",
        "1-",
        "a ",
        "A",
        "张",
        "张 ",
        "张·",
        "+86 ",
        "转",
        f"{M} ",
    ),
    *(
        "寄请",
        "河南蒙古族自治县",
        "市中区",
        "新疆兵团",
        "[收货人]",
        "请",
        "号张三",
        "(张三",
        "\x01",
        "\x02",
        "·",
        "//",
        "\u200b",
    ),
]


def squeezed(text: str) -> str:
    """A text as far as a part may differ from it: width, spaces."""
    return "".join(
        chr(ord(letter) - 0xFEE0) if 0xFF01 <= ord(letter) <= 0xFF5E else letter
        for letter in text.replace("\u200b", "")
        if not letter.isspace()
    )


@pytest.mark.parametrize(("text", "name", "mobile", "region_code", "address"), SAMPLES)
def test_samples(text: str, name: str, mobile: str, region_code: str, address: str) -> None:
    found = addresses.split(text)
    assert (found.name, found.mobile, found.region_code, found.address) == (name, mobile, region_code, address)
    consistent(found)


def test_there_are_samples_of_every_province() -> None:
    """The table is read in full: its regions lie in many provinces, and no text stands in it twice."""
    assert len({text for text, *_ in SAMPLES}) == len(SAMPLES) > 100
    assert len({code[:2] for _, _, _, code, _ in SAMPLES if code}) >= 24


def consistent(found: SplitAddress) -> None:
    """What holds for every answer."""
    names = divisions().names
    named = [found.province, found.city, found.district]
    path = path_of(found.region_code)
    assert [names[code] for code in path] == named[: len(path)]
    assert not any(named[len(path) :])
    assert (found.region_code != "") == addresses.known(found.region_code)
    if found.district:
        assert addresses.resolve(*named) == found.region_code
    parts = {part: getattr(found, part) for part in ("name", "mobile", "province", "city", "district", "address")}
    assert set(found.missing) <= {part for part, value in parts.items() if not value}
    assert {part for part, value in parts.items() if not value} - set(found.missing) <= {"district"}
    assert not set(found.missing) & set(found.unsure)
    for listed in (found.missing, found.unsure):
        assert all(list(parts).index(one) < list(parts).index(other) for one, other in pairwise(listed))
    assert not found.mobile or (len(found.mobile) == 11 and found.mobile.isascii() and found.mobile.isdigit())


@given(TEXTS)
def test_whatever_is_pasted_gives_an_answer_that_fits_the_code_list_and_the_text(text: str) -> None:
    found = addresses.split(text)
    consistent(found)
    whole = squeezed(text)
    digits = "".join(letter for letter in whole if letter.isascii() and letter.isdigit())
    assert found.mobile in digits
    assert found.extension in digits
    assert set(squeezed(found.phone)) <= {*whole, "-"}
    for mark in "\x01\x02\x03":
        assert mark not in found.name + found.address
    assert set(squeezed(found.name)) <= {*whole, *"[],-"}
    # Brackets and Chinese stops are made plain, and taken as the ends of pieces.
    for piece in found.address.split():
        assert set(piece) <= {*whole, *"-"}, piece


@given(st.sampled_from(SAMPLES), st.sampled_from(["\n", "，", " ; ", "|", "  ", "。"]))
def test_a_sample_is_read_the_same_with_other_separators(sample: tuple[str, ...], separator: str) -> None:
    text = f"{sample[1]}{separator}{sample[2]}{separator}广东省深圳市南山区{LANE}"
    found = addresses.split(text)
    assert (found.mobile, found.region_code, found.address) == (sample[2], NANSHAN, LANE)
    assert found.name == sample[1].replace(" ", "") or found.name == sample[1]


def test_every_district_is_found_by_its_whole_name() -> None:
    names = divisions().names
    for code in names:
        # 秦皇岛 has its 经济技术开发区 in the list twice.
        if code.endswith("00") or code == "130390":
            continue
        found = addresses.split(f"张三 {M} {addresses.name_of(code)}人民路1号")
        assert [found.province, found.city, found.district] == [names[step] for step in path_of(code)]
        assert (found.region_code, found.name, found.address) == (code, "张三", "人民路1号")


@pytest.mark.parametrize(
    ("text", "mobile", "extension", "phone"),
    [
        ("17012345678-1234", "17012345678", "1234", ""),
        ("17012345678转1234", "17012345678", "1234", ""),
        ("17012345678 转 1234", "17012345678", "1234", ""),
        ("张三[1234] 17012345678", "17012345678", "1234", ""),
        ("张三[1234] 17012345678转1234 人民路1号[1234]", "17012345678", "1234", ""),
        ("17012345678[1234]", "17012345678", "1234", ""),
        ("0755-12345678", "", "", "0755-12345678"),
        ("(0755)26543210转801", "", "", "(0755)26543210-801"),
        ("010-12345678", "", "", "010-12345678"),
        ("021 12345678", "", "", "02112345678"),
        ("0755-13800138", "", "", "0755-13800138"),
        ("电话：26543210", "", "", "26543210"),
        ("400-812-3123", "", "", "400-812-3123"),
        ("+852 2345 6789", "", "", "+85223456789"),
        ("0912-345-678", "", "", "0912-345-678"),
        (f"{M} 0755-26543210", M, "", "0755-26543210"),
        (f"{M}/13900139000", M, "", "13900139000"),
        (f"{M}，{M}", M, "", ""),
        ("202411241380013800012", "", "", ""),
        ("1 3 8 0 0 1 3 8 0 0 0", "", "", ""),
        ("1380013800", "", "", ""),
        ("12800138000", "", "", ""),
    ],
)
def test_phone_numbers(text: str, mobile: str, extension: str, phone: str) -> None:
    found = addresses.split(text)
    assert (found.mobile, found.extension, found.phone) == (mobile, extension, phone)
    assert ("mobile" in found.missing) == (mobile == "")


@pytest.mark.parametrize(
    ("text", "missing", "unsure"),
    [
        (f"张三 {M} 广东省深圳市南山区{LANE}", [], []),
        (f"收货人：张三 电话：{M} 地址：广东省深圳市南山区{LANE}", [], []),
        (f"张三 {M}", ["province", "city", "district", "address"], []),
        (f"张三 {M} 深圳市人民路1号", ["district"], []),
        (f"张三 {M} 重庆市人民路1号", ["city", "district"], []),
        # An address without a district is complete there; a town is better.
        (f"张三 {M} 东莞市鸿福路100号", [], ["district"]),
        # Short names with something right behind them; the name of a city alone.
        (f"张三 {M} 杭州西湖文化广场1号", [], ["district"]),
        (f"张三 {M} 义乌小商品城", [], ["province", "city", "district"]),
        # Two regions that contradict each other.
        (f"张三 {M} 北京市朝阳区建国路1号 广东省深圳市南山区{LANE}", [], ["province", "address"]),
        # A virtual number expires, and an order has room for one mobile.
        (f"张三 17012345678-1234 广东省深圳市南山区{LANE}", [], ["mobile"]),
        (f"张三 {M}/13900139000 广东省深圳市南山区{LANE}", [], ["mobile"]),
        # A name that nothing marks as one, or one of two.
        (f"广东省深圳市南山区科技园1号张三 {M}", [], ["name"]),
        # Words before the region may be a street or mere words.
        (f"旁边有个菜市场 张三 {M} 广东省深圳市南山区{LANE}", [], ["address"]),
        (f"张三 {M} 广东省深圳市南山区{'长' * 130}路", [], ["address"]),
    ],
)
def test_what_is_missing_and_what_is_unsure(text: str, missing: list[str], unsure: list[str]) -> None:
    found = addresses.split(text)
    assert (found.missing, found.unsure) == (missing, unsure)


def work_on(text: str) -> int:
    """How many calls a split makes: a measure that no busy machine disturbs."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        addresses.split(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_grows_with_the_text_and_no_faster(piece: str) -> None:
    addresses.split(piece)
    short = (piece * 500)[:500]
    assert work_on(short * 4) <= 4.4 * work_on(short) + 200


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_answered(piece: str) -> None:
    """Far longer than the form takes: a pattern that goes back and forth over it would not come to an end."""
    consistent(addresses.split((piece * 20_000)[:20_000]))
