"""Codes by names, names by code, and what an area covers."""

import re

from tihuo.addresses.service.divisions import FILLERS, HEADINGS, divisions, names_below, path_of

_CODE = re.compile(r"[0-9]{6}")


def known(code: str) -> bool:
    """Whether the code list has this code."""
    return code in divisions().names


def name_of(code: str) -> str | None:
    """A division in words with those above it, 广东省深圳市南山区; None for an unknown code.

    What is no place of its own is left out: 北京市东城区, 湖北省仙桃市.
    """
    names = divisions().names
    words: list[str] = []
    for step in path_of(code):
        municipality = step.endswith("00") and names[step] in words
        if not municipality and (step not in HEADINGS or step == code):
            words.append(names[step])
    return "".join(words) or None


def covers(area_code: str, region_code: str) -> bool:
    """Whether an area (province, city or district) holds a region, which may itself be of any level.

    Codes alone decide, so that those of divisions since dissolved stay within their city. A province holds what lies
    under its headings (4290xx); a heading holds that and nothing else.
    """
    if not (_CODE.fullmatch(area_code) and _CODE.fullmatch(region_code)):
        return False
    if area_code.endswith("0000"):
        return region_code[:2] == area_code[:2]
    if area_code.endswith("00"):
        return region_code[:4] == area_code[:4]
    return region_code == area_code


def resolve(province: str, city: str, district: str) -> str | None:
    """The code of the deepest division that the names agree on; None if there is none.

    Names may be short (广东, 延边), and a name may stand again where a level has none of its own (北京市 北京市 东城区;
    湖北省 仙桃市; 东莞市 东莞市), as in the pickers of WeChat and of other shops. A name that the division above does
    not have (dissolved, misspelt) ends the search there: 浙江省 杭州市 江干区 is 330100.
    """
    code = ""
    for written in (province, city, district):
        name = "".join(written.split())
        if not name:
            continue
        deeper = _below(code, name) if code else _first(name)
        if deeper is not None:
            code = deeper
        elif not code:
            return None
        elif name not in FILLERS and not _is_called(code, name):
            break
    return code or None


def _first(name: str) -> str | None:
    found = divisions().alone.by_name.get(name, [])
    highest = [called.code for called in found if called.code.endswith("0000")] or [called.code for called in found]
    return highest[0] if len(highest) == 1 else None


def _below(code: str, name: str) -> str | None:
    below = names_below(code)
    found = [called.code for called in below.by_name.get(name, [])] if below else []
    cities = [one for one in found if one.endswith("00")] or found
    return cities[0] if len(cities) == 1 else None


def _is_called(code: str, name: str) -> bool:
    """Whether the division, or one above it, has this name."""
    every = divisions()
    for step in path_of(code):
        holders = [every.alone, *(every.below[above] for above in path_of(step)[:-1])]
        if any(called.code == step for names in holders for called in names.by_name.get(name, [])):
            return True
    return False
