"""The code list: where it comes from, codes by names, names by code, what an area covers."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.lib import divisions as script
from tihuo.addresses import service as addresses
from tihuo.addresses.service.divisions import FILE, HEADINGS, divisions, path_of

CODES = st.sampled_from(list(divisions().names))


def test_the_committed_list_is_what_the_installed_package_gives() -> None:
    """On failure run scripts/lib/divisions.py; h5 must be installed (npm ci)."""
    assert script.FILE == FILE
    assert FILE.read_text("utf-8") == script.written(script.SOURCE.read_text("utf-8"))


def test_a_package_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match=r"index\.js"):
        script.written(script.SOURCE.read_text("utf-8").replace('"', "'"))


def test_the_list_is_whole_and_of_today() -> None:
    names = json.loads(FILE.read_text("utf-8"))
    assert list(names) == sorted(names)
    levels = Counter("province" if c.endswith("0000") else "city" if c.endswith("00") else "district" for c in names)
    assert levels == {"province": 34, "city": 369, "district": 3479}
    today = {
        "330113": "临平区",
        "330114": "钱塘区",
        "659012": "白杨市",
        "540481": "米林市",
        "653228": "和康县",
        "653229": "和安县",
    }
    assert {code: names[code] for code in today} == today


@pytest.mark.parametrize(
    ("province", "city", "district", "code"),
    [
        ("广东省", "深圳市", "南山区", "440305"),
        ("广东", "深圳", "南山", "440305"),
        (" 广东省 ", "深圳市", "南 山区", "440305"),
        ("广东省", "深圳市", "", "440300"),
        ("广东省", "", "", "440000"),
        ("广东省", "", "南山区", "440305"),
        ("", "深圳市", "南山区", "440305"),
        ("北京市", "北京市", "东城区", "110101"),
        ("北京", "北京", "东城", "110101"),
        ("北京市", "市辖区", "东城区", "110101"),
        ("北京市", "东城区", "", "110101"),
        ("北京市", "北京市", "", "110100"),
        ("重庆市", "重庆市", "渝中区", "500103"),
        ("重庆市", "县", "忠县", "500233"),
        ("重庆市", "重庆市", "忠县", "500233"),
        ("湖北省", "省直辖县", "仙桃市", "429004"),
        ("湖北省", "省直辖县级行政区划", "仙桃市", "429004"),
        ("湖北省", "仙桃市", "", "429004"),
        ("湖北省", "仙桃市", "仙桃市", "429004"),
        ("海南省", "文昌市", "", "469005"),
        ("新疆维吾尔自治区", "自治区直辖县级行政区划", "石河子市", "659001"),
        ("新疆", "石河子", "", "659001"),
        ("广东省", "东莞市", "", "441900"),
        ("广东省", "东莞市", "东莞市", "441900"),
        ("广东省", "东莞市", "长安镇", "441904"),
        ("广东省", "东莞市", "南城区", "441903"),
        ("甘肃省", "嘉峪关市", "市辖区", "620201"),
        ("吉林", "延边", "延吉", "222401"),
        ("吉林省", "吉林市", "船营区", "220204"),
        ("吉林", "吉林", "船营", "220204"),
        ("湖北省", "恩施州", "恩施市", "422801"),
        ("青海省", "海南藏族自治州", "共和县", "632521"),
        ("台湾省", "台北市", "大安区", "710105"),
        ("香港特别行政区", "香港岛", "中西区", "810101"),
        ("浙江省", "杭州市", "江干区", "330100"),
        ("浙江省", "没有市", "西湖区", "330000"),
        ("没有省", "深圳市", "南山区", None),
        ("", "", "", None),
        ("", "", "南山区", None),
        ("省直辖县", "", "", None),
    ],
)
def test_codes_by_names(province: str, city: str, district: str, code: str | None) -> None:
    assert addresses.resolve(province, city, district) == code


def test_every_code_is_found_by_the_names_of_its_path() -> None:
    """Headings, which are no places, give their province."""
    names = divisions().names
    for code in names:
        province, city, district = [*(names[step] for step in path_of(code)), "", ""][:3]
        found = addresses.resolve(province, city, district)
        assert found == (f"{code[:2]}0000" if code in HEADINGS else code)


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_any_names_give_a_known_code_or_none(province: str, city: str, district: str) -> None:
    code = addresses.resolve(province, city, district)
    assert code is None or addresses.known(code)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("440305", "广东省深圳市南山区"),
        ("440300", "广东省深圳市"),
        ("440000", "广东省"),
        ("110101", "北京市东城区"),
        ("110100", "北京市"),
        ("429004", "湖北省仙桃市"),
        ("500233", "重庆市忠县"),
        ("429000", "湖北省省直辖县"),
        ("441904", "广东省东莞市长安镇"),
        ("711493", "台湾省桃园市桃园市"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("330104", None),
        ("", None),
        ("44", None),
        ("广东省", None),
    ],
)
def test_names_by_code(code: str, name: str | None) -> None:
    assert addresses.name_of(code) == name
    assert addresses.known(code) == (name is not None)


@pytest.mark.parametrize(
    ("area", "region", "covered"),
    [
        ("440000", "440305", True),
        ("440000", "440300", True),
        ("440000", "440000", True),
        ("440000", "450000", False),
        ("440300", "440305", True),
        ("440300", "440300", True),
        ("440300", "440000", False),
        ("440300", "440605", False),
        ("440305", "440305", True),
        ("440305", "440300", False),
        ("440305", "440306", False),
        ("441900", "441904", True),
        ("441904", "441900", False),
        ("420000", "429004", True),
        ("429000", "429004", True),
        ("429004", "429005", False),
        ("469000", "460100", False),
        ("650000", "659012", True),
        ("500100", "500233", False),
        ("500000", "500233", True),
        ("330100", "330104", True),
        ("", "", False),
        ("440000", "", False),
        ("44", "440305", False),
        ("440000", "44030x", False),
        ("４４００００", "440305", False),
    ],
)
def test_what_an_area_covers(area: str, region: str, covered: bool) -> None:
    assert addresses.covers(area, region) is covered


@given(CODES, CODES)
def test_an_area_covers_itself_and_what_is_below_and_nothing_above(area: str, region: str) -> None:
    assert addresses.covers(area, area)
    assert addresses.covers(f"{region[:2]}0000", region)
    assert addresses.covers(f"{region[:4]}00", region) or region.endswith("0000")
    if area != region:
        assert not (addresses.covers(area, region) and addresses.covers(region, area))
