"""China's divisions: codes, names, and the names that people write instead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import orjson

FILE = Path(__file__).parents[1] / "divisions.json"

# Headings of the code list, no places: what lies below them belongs to the province itself.
HEADINGS = frozenset({"419000", "429000", "469000", "500200", "659000"})
# Cities without districts; the code list has their towns instead, and an address is complete without one.
WITHOUT_DISTRICTS = frozenset({"441900", "442000", "460400", "620200"})
# What is written in place of a division where there is none.
FILLERS = (
    "自治区直辖县级行政区划",
    "省直辖县级行政区划",
    "省直辖县级行政单位",
    "省直辖行政单位",
    "省直辖县",
    "市辖区",
    "市辖县",
    "直辖县",
    "县",
)
_PEOPLES = (
    "蒙古族|蒙古|回族|藏族|维吾尔族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克|傣族|"
    "黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|"
    "仡佬族|锡伯族|锡伯|普米族|塔吉克族|塔吉克|怒族|鄂温克族|保安族|裕固族|独龙族|鄂伦春族|各族"
)
_AUTONOMOUS = re.compile(rf"^(.{{2,8}}?)(?:{_PEOPLES})+自治([州县旗])$")
_PLAIN = re.compile(r"^(.{2,}?)(?:特别行政区|自治[区县旗]|街道办事处|地区|新区|林区|特区|街道|[省市区县旗盟镇乡])$")
_EXTRA = {
    "150000": ("内蒙",),
    "450000": ("广西省",),
    "540000": ("西藏省",),
    "640000": ("宁夏省",),
    "650000": ("新疆省",),
    "810000": ("香港特区",),
    "820000": ("澳门特区",),
    "152500": ("锡盟",),
    "622926": ("东乡县", "东乡"),
    "150723": ("鄂伦春旗", "鄂伦春"),
    "150724": ("鄂温克旗", "鄂温克"),
    "652700": ("博州",),
    "652800": ("巴州",),
    "653000": ("克州",),
    "532800": ("版纳",),
}


@dataclass(frozen=True)
class Called:
    """A division under one of its names. `full`: the name says what it is (市, 区 …) and needs nothing around it."""

    code: str
    full: bool


@dataclass
class Names:
    """Divisions by name, to be found at a place of a text."""

    by_name: dict[str, list[Called]] = field(default_factory=dict)
    longest: int = 0
    first: set[str] = field(default_factory=set)

    def add(self, name: str, called: Called) -> None:
        """Let a division be found under `name`."""
        known = self.by_name.setdefault(name, [])
        if all(other.code != called.code for other in known):
            known.append(called)
        self.longest = max(self.longest, len(name))
        self.first.add(name[0])

    def at(self, text: str, start: int) -> Iterator[tuple[int, list[Called]]]:
        """Every name that begins at `start`, the longest first: its length, and who has it."""
        if start >= len(text) or text[start] not in self.first:
            return
        for length in range(min(self.longest, len(text) - start), 1, -1):
            if known := self.by_name.get(text[start : start + length]):
                yield length, known


@dataclass(frozen=True)
class Divisions:
    """All divisions. `names`: by code. `below`: by the code above; `alone`: those known without the one above."""

    names: dict[str, str]
    below: dict[str, Names]
    alone: Names


@cache
def divisions() -> Divisions:
    """The divisions, read once."""
    names: dict[str, str] = orjson.loads(FILE.read_bytes())
    below: dict[str, Names] = {}
    alone = Names()
    own = {(code[:4], name) for code, name in names.items()}
    for code in names:
        for name, full in _called(code, names):
            if name != names[code] and (code[:4], name) in own and _is_zone(code, names[code]):
                # 苏州 has both 工业园区 and 苏州工业园区 in the list.
                continue
            called = Called(code, full)
            for above in _above(code):
                below.setdefault(above, Names()).add(name, called)
            if _stands_alone(code, name, full, names):
                alone.add(name, called)
    return Divisions(names, below, alone)


def path_of(code: str) -> list[str]:
    """The codes of a division and of those above it, the province first; headings are left in. Empty if unknown."""
    names = divisions().names
    steps = dict.fromkeys((f"{code[:2]}0000", f"{code[:4]}00", code))
    return [step for step in steps if step in names] if code in names else []


def names_below(code: str) -> Names | None:
    """Who lies below a division, and, below a province, whose cities may be left out; None if nothing does.

    Of a municipality's city the municipality's: 重庆市 重庆市 忠县 is what people write.
    """
    every = divisions()
    province = f"{code[:2]}0000"
    same = code.endswith("00") and every.names.get(code) == every.names.get(province)
    return every.below.get(province if same else code)


def short(name: str) -> str:
    """A division's name without the word for what it is: 深圳 of 深圳市, 延边 of 延边朝鲜族自治州."""
    if match := _AUTONOMOUS.match(name):
        return match[1]
    if match := _PLAIN.match(name):
        return re.sub(r"(?:维吾尔|壮族|回族)$", "", match[1]) or name
    return name


def _called(code: str, names: dict[str, str]) -> Iterator[tuple[str, bool]]:
    name = names[code]
    if code in HEADINGS:
        return
    yield name, True
    base, city = short(name), short(names.get(f"{code[:4]}00", ""))
    if match := _AUTONOMOUS.match(name):
        yield f"{base}{match[2]}", True
        yield f"{base}自治{match[2]}", True
    if name.endswith(("街道", "街道办事处")):
        yield from ((f"{base}{word}", True) for word in ("街道", "街道办", "街道办事处", "区", "镇"))
        if base.endswith("区"):
            yield base, True
    if _is_zone(code, name):
        if name.startswith(city) and len(name) - len(city) > 2:
            yield name.removeprefix(city).removeprefix("市"), True
    elif base != name and not base.endswith(("区", "市", "县")) and base not in ("市中", "城中"):
        yield base, False
    for extra in _EXTRA.get(code, ()):
        yield extra, len(extra) > 2


def _above(code: str) -> tuple[str, ...]:
    if code.endswith("0000"):
        return ()
    if code.endswith("00"):
        return (f"{code[:2]}0000",)
    return (f"{code[:4]}00", f"{code[:2]}0000")


def _stands_alone(code: str, name: str, full: bool, names: dict[str, str]) -> bool:
    """Whether a name says enough without the division above it."""
    if code.endswith("00"):
        # 阿里 is far more often the company.
        return name != "阿里"
    if code[:2] in ("71", "81", "82") or f"{code[:4]}00" in WITHOUT_DISTRICTS:
        return False
    if names[code].endswith("市"):
        return True
    unnamed = _is_zone(code, name) and not name.startswith(short(names[f"{code[:4]}00"]))
    return full and len(name) > 2 and not unnamed


def _is_zone(code: str, name: str) -> bool:
    """A development zone; of those every other city has one."""
    return code[:2] != "71" and code[4:] >= "70" and code[4:] != "00" and name[-1] in "区城会"
