"""Finding in a text the words that name a division."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tihuo.addresses.service.divisions import FILLERS, HEADINGS, Called, divisions, names_below, path_of, short

_GAPS = " ,-/\n|>·."
_EDGES = _GAPS + "\x01\x02\x03;:[]()\"'"
# A short name with one of these behind it is another name: 南京路, 海南大厦, 长沙县.
_OTHER_NAME = re.compile(
    "[路街巷弄村站桥门区县市镇乡州旗盟里湖江河港]"
    "|大道|胡同|大厦|广场|公园|大学|学院|医院|中学|小学|师范|公司|银行|饭店|酒店"
)
# Xinjiang's corps stands before its cities: 新疆生产建设兵团第八师石河子市.
_CORPS = re.compile("(?:新疆)?(?:生产建设)?兵团(?:第?[一二三四五六七八九十0-9]{1,3}师)?")


@dataclass(frozen=True)
class Place:
    """A division named in a text, from `start` to before `end`.

    `words`: how many names say so. `full`: how many of them with 省, 市, 区 … `loose`: the last is short and something
    is written right behind it. `edge`: whether it begins where a word does.
    """

    start: int
    end: int
    code: str
    words: int
    full: int
    loose: bool
    edge: bool

    @property
    def depth(self) -> int:
        """1 for a province, 2 for a city, 3 for a district."""
        return 1 if self.code.endswith("0000") else 2 if self.code.endswith("00") else 3

    def agrees(self, other: "Place") -> bool:
        """Whether one lies in the other."""
        return other.code in path_of(self.code) or self.code in path_of(other.code)


def places(text: str) -> Iterator[Place]:
    """The best reading at each place of a text where one begins."""
    alone = divisions().alone
    for start, letter in enumerate(text):
        if letter not in alone.first:
            continue
        read = [
            place
            for length, known in alone.at(text, start)
            for called in _candidates(known)
            if (place := _read(text, start, start + length, called)) is not None
        ]
        if read:
            yield max(read, key=lambda place: (place.depth, place.full, place.end))


def deepen(text: str, start: int, code: str) -> Place | None:
    """A division below `code` that is named in full at `start`."""
    below = names_below(code)
    for length, known in below.at(text, start) if below else ():
        called = _one(known)
        if called and called.full:
            return Place(start, start + length, called.code, 1, 1, False, True)
    return None


def repeated(text: str, start: int, code: str) -> int:
    """Where the text goes on if at `start` it says the region once more; `start` if it does not."""
    names = divisions().names
    position = until = start
    for step in path_of(code):
        if step in HEADINGS:
            continue
        for name in _own_names(step):
            if text.startswith(name, position):
                position = _over_gaps(text, position + len(name))
                # A short name counts only with a full one behind it: 深圳市南山大道 keeps its 南山.
                until = position if name == names[step] else until
                break
    return until


def _candidates(known: list[Called]) -> list[Called]:
    """Who may be meant by a name alone: a province, then a city, or a district whose name nobody shares."""
    provinces = [called for called in known if called.code.endswith("0000")]
    high = provinces or [called for called in known if called.code.endswith("00")]
    return high or (known if len(known) == 1 else [])


def _read(text: str, start: int, end: int, first: Called) -> Place | None:
    edge = start == 0 or text[start - 1] in _EDGES or text[max(0, start - 2) : start] == "中国"
    if not first.full and _OTHER_NAME.match(text, end):
        return None
    words, full, last = 1, int(first.full), first
    while (found := _next(text, end, last.code)) is not None:
        end, last = found
        words += 1
        full += last.full
    end = _over_repeats(text, end, last.code)
    if not edge and words == 1 and not full:
        return None
    loose = not last.full and end < len(text) and text[end] not in _EDGES
    return Place(start, end, last.code, words, full, loose, edge)


def _next(text: str, end: int, code: str) -> tuple[int, Called] | None:
    """The division below `code` that is named after `end`, and where that name ends."""
    below = names_below(code)
    if below is None:
        return None
    starts = [_over_gaps(text, end)]
    # Headings, and the name of the level above once more, may stand between.
    for word in (*FILLERS, *_own_names(code)):
        if text.startswith(word, starts[0]):
            starts.append(_over_gaps(text, starts[0] + len(word)))
    if corps := _CORPS.match(text, starts[0]):
        starts.append(corps.end())
    if text[end - 1] == "市":
        # 济南市中区: one 市 for both.
        starts.append(end - 1)
    for start in starts:
        for length, known in below.at(text, start):
            called = _one(known)
            if called is None or called.code == code or (called.code in path_of(code)):
                continue
            behind = start + length
            if called.full or not _OTHER_NAME.match(text, behind):
                return behind, called
    return None


def _over_repeats(text: str, end: int, code: str) -> int:
    """Past headings and the last division's own name, when they stand there without anything deeper."""
    start = _over_gaps(text, end)
    for word in (*FILLERS[:-1], *_own_names(code)):
        if not text.startswith(word, start):
            continue
        behind = start + len(word)
        whole = word in FILLERS or word == divisions().names[code]
        if whole or behind == len(text) or text[behind] in _EDGES:
            return behind
    return end


def _own_names(code: str) -> list[str]:
    name = divisions().names[code]
    return list(dict.fromkeys((name, short(name))))


def _one(known: list[Called]) -> Called | None:
    high = [called for called in known if called.code.endswith("00")] or known
    return high[0] if len(high) == 1 else None


def _over_gaps(text: str, start: int) -> int:
    """Past at most three characters that may stand between two names."""
    end = start
    while end < len(text) and end < start + 3 and text[end] in _GAPS:
        end += 1
    return end
