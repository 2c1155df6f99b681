"""Splitting a pasted address into its parts, in whatever order they stand.

First phone numbers are taken out, then what labels name; the region is the best reading anywhere in the rest; of what
then remains one piece is the name and the others are the street.
"""

import bisect
import re
from dataclasses import dataclass, field

from tihuo.addresses.schemas import Part, SplitAddress
from tihuo.addresses.service import labels, people, phones
from tihuo.addresses.service.divisions import WITHOUT_DISTRICTS, divisions, path_of
from tihuo.addresses.service.places import Place, deepen, places, repeated

_PHONE, _PLACE, _CUT = phones.MARK, "\x02", "\x03"
_FORM = str.maketrans(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009\u202f\t"), " ")
    | dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
    | dict.fromkeys(
        map(ord, "\u200b\u200c\u200d\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"), None
    )
    | dict.fromkeys(map(ord, "【〔「『《"), "[")
    | dict.fromkeys(map(ord, "】〕」』》"), "]")
    | dict.fromkeys(map(ord, "。、"), ",")
    | dict.fromkeys(map(ord, "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
    | dict.fromkeys((code for code in range(32) if code not in (9, 10, 11, 12, 13, 28, 29, 30)), " ")
)
_SEPARATORS = r"\s,;|\[\]\"<>\x01\x02\x03"
_PIECE = re.compile(
    # 张 三, John Smith: a name that a space divides.
    rf"[\u4e00-\u9fff] [\u4e00-\u9fff]{{1,2}}(?=[{_SEPARATORS}]|$)"
    rf"|[A-Za-z][A-Za-z.']*(?: [A-Za-z][A-Za-z.']*){{1,3}}(?=[{_SEPARATORS}]|$)"
    rf"|[^{_SEPARATORS}]+"
)
_POSTCODE = re.compile(r"\(?[0-8][0-9]{5}\)?")
# No part of a street: a mistyped phone number, an order's number.
_LONG_NUMBER = re.compile(r"\+?[0-9]{7,}")
_PLEASE = re.compile(r"^(?:麻烦|请|帮我|帮忙)*(?:寄到|寄给|寄往|发到|发给|发往|送到|送给|邮寄到|寄|发)[至:]?")
_TRIMMED = " /-_:.#=~*+'`"
_NOISE = re.compile(r"\(?(?:亲?收|收件|收货)\)?|谢谢您?|[你您]好|麻烦|请|中国|默认|家|公司|男|女|[寄发至到]")
# An order takes as much.
_LONGEST_NAME, _LONGEST_ADDRESS = 32, 128
# Points: a surname and two or three letters give 7, a phone number beside them 3 more.
_NAME_FROM, _NAME_SURE = 6, 8


@dataclass
class _Draft:
    """What is known so far. `text`: what remains, marks for what is gone; `spans`: what is labelled as address."""

    name: str = ""
    phone: str = ""
    text: str = ""
    spans: list[tuple[int, int]] = field(default_factory=list)
    unsure: set[Part] = field(default_factory=set)

    def labelled(self, position: int) -> bool:
        """Whether a position of `text` lies in a labelled part."""
        before = bisect.bisect_right(self.spans, (position, len(self.text))) - 1
        return before >= 0 and position < self.spans[before][1]


@dataclass
class _Piece:
    """A piece of what remains. `behind`: not before the region; `beside`: to a phone number; `glued`: to the region."""

    text: str
    behind: bool
    labelled: bool
    beside: bool
    glued: bool


def split(text: str) -> SplitAddress:
    """Read name, mobile, region and street from a pasted address; never raises, whatever the text.

    Takes time in proportion to the text's length; callers bound that. Parts are as written, with full-width letters
    and digits made half-width.
    """
    written = re.sub(" +", " ", text.translate(_FORM))
    if written.count("/") > 2:
        # 张三/13800138000/广东省/深圳市; in a street there are fewer.
        written = written.replace("/", ",")
    found = phones.take(written)
    draft = _by_label(found.rest)
    if found.others:
        draft.phone = found.others[0]
    if found.extension or found.mobiles > 1:
        draft.unsure.add("mobile")
    region = _region(draft)
    code, pieces = _pieces(draft, region)
    if not draft.name:
        _take_name(draft, pieces)
    if any(not (piece.behind or piece.labelled) for piece in pieces):
        draft.unsure.add("address")
    address = " ".join(piece.text for piece in sorted(pieces, key=lambda piece: not piece.behind))
    return _answer(draft, found, code, address)


def _by_label(text: str) -> _Draft:
    draft = _Draft()
    for kind, stretch in labels.labelled(text):
        start = len(draft.text)
        if kind == "name":
            name, rest = _first_piece(stretch)
            draft.name = draft.name or people.bare(name)
            draft.text += f"{_CUT}{rest}{_CUT}"
        elif kind == "phone":
            before, mark, rest = stretch.rpartition(_PHONE)
            digits = re.sub(r"[ -]", "", rest)
            if not mark and re.fullmatch(r"[0-9]{7,8}", digits):
                draft.phone = digits
                rest = ""
            elif re.fullmatch(r"[0-9+*xX()]*", digits):
                rest = ""
            draft.text += f"{_CUT}{before if mark else ''}{mark}{rest}{_CUT}"
        elif kind == "dropped":
            rest = _first_piece(stretch)[1]
            draft.text += f"{_CUT}{rest if _PHONE in stretch or _POSTCODE.match(stretch) else ''}{_CUT}"
        elif kind is None:
            draft.text += stretch
        else:
            draft.text += f"\n{stretch}\n"
            draft.spans.append((start, len(draft.text)))
    return draft


def _first_piece(stretch: str) -> tuple[str, str]:
    match = _PIECE.search(stretch)
    if match is None or stretch[: match.start()].strip():
        return "", stretch
    return match[0].replace(" ", "") if not match[0].isascii() else match[0], stretch[match.end() :]


def _region(draft: _Draft) -> Place | None:
    """The region that the text names best; its words are taken out of what remains."""
    found = list(places(draft.text))
    if not found:
        return None

    def weight(place: Place) -> int:
        return (
            10 * place.depth
            + 3 * place.words
            + 3 * place.full
            + (4 if place.edge else 0)
            + (8 if draft.labelled(place.start) else 0)
            + (5 if place.words > 1 and place.full else 0)
        )

    best = max(found, key=lambda place: (weight(place), -place.start))
    rivals = [place for place in found if place.edge and place.words > 1 and place.full and place.depth > 1]
    if any((rival.start >= best.end or rival.end <= best.start) and not rival.agrees(best) for rival in rivals):
        draft.unsure.add("province")
    if best.words == 1 and not (best.full and best.edge):
        draft.unsure |= {"province", "city"}
    if best.loose:
        draft.unsure.add("district" if best.depth == 3 else "city" if best.depth == 2 else "province")
    draft.text = _without(draft.text, best.start, best.end)
    return best


def _without(text: str, start: int, end: int) -> str:
    return text[:start] + _PLACE * (end - start) + text[end:]


def _pieces(draft: _Draft, region: Place | None) -> tuple[str, list[_Piece]]:
    """The region's code, and what remains beside the region, its repeats, postcodes and noise."""
    code = region.code if region else ""
    pieces: list[_Piece] = []
    matches = list(_PIECE.finditer(draft.text))
    ends = [0, *(match.end() for match in matches)]
    starts = [*(match.start() for match in matches), len(draft.text)]
    for index, match in enumerate(matches):
        start, end, written = match.start(), match.end(), match[0]
        if code:
            if code.endswith("00") and (deeper := deepen(written, 0, code)):
                code, written = deeper.code, written[deeper.end :]
            written = written[repeated(written, 0, code) :]
        glued = start > 0 and draft.text[start - 1] == _PLACE
        written = written.strip(_TRIMMED)
        if not glued:
            written = _PLEASE.sub("", written)
        if not any(map(str.isalnum, written)) or _NOISE.fullmatch(written) or _POSTCODE.fullmatch(written):
            continue
        if _LONG_NUMBER.fullmatch(written):
            if not draft.phone and re.fullmatch(r"[2-9][0-9]{6,7}", written):
                draft.phone = written
            else:
                draft.unsure.add("address")
            continue
        beside = _PHONE in draft.text[ends[index] : start] or _PHONE in draft.text[end : starts[index + 1]]
        behind = region is None or start >= region.start
        pieces.append(_Piece(written, behind, draft.labelled(start), beside, glued))
    return code, pieces


def _take_name(draft: _Draft, pieces: list[_Piece]) -> None:
    """Move the piece that looks most like a name out of the pieces."""
    alone = divisions().alone.by_name
    ranked: list[tuple[int, int]] = []
    for index, piece in enumerate(pieces):
        points = 0 if piece.labelled else people.likeness(_closed(piece.text))
        if points <= 0:
            continue
        points += 3 if piece.beside else 0
        points += 2 if index in (0, len(pieces) - 1) else 0
        points -= 6 if piece.glued else 0
        points -= 3 if piece.text in alone else 0
        ranked.append((points, -index))
    ranked.sort(reverse=True)
    if ranked and ranked[0][0] >= _NAME_FROM:
        chosen = pieces.pop(-ranked[0][1])
        draft.name = people.bare(_closed(chosen.text))
        close = len(ranked) > 1 and ranked[1][0] >= ranked[0][0] - 1
        if close or ranked[0][0] < _NAME_SURE or not (chosen.beside or people.titled(draft.name)):
            draft.unsure.add("name")
        return
    for piece in pieces:
        street, name = people.behind_street(piece.text)
        if name and (piece.beside or piece is pieces[-1]):
            draft.name, piece.text = name, street
            draft.unsure.add("name")
            return


def _closed(name: str) -> str:
    """张 三 is 张三; John Smith stays."""
    return name if name.isascii() else name.replace(" ", "")


def _answer(draft: _Draft, found: phones.Phones, code: str, address: str) -> SplitAddress:
    names = divisions().names
    path = path_of(code)
    if len(path) == 1 and (only := _only_city(path[0])):
        path.append(only)
    parts: dict[Part, str] = {
        "name": draft.name,
        "mobile": found.mobile,
        "province": names[path[0]] if path else "",
        "city": names[path[1]] if len(path) > 1 else "",
        "district": names[path[2]] if len(path) > 2 else "",
        "address": address if len(address) > 1 else "",
    }
    missing: list[Part] = [part for part, value in parts.items() if not value]
    unsure = set(draft.unsure)
    if "district" in missing and path and path[-1] in WITHOUT_DISTRICTS:
        missing.remove("district")
        unsure.add("district")
    if len(draft.name) > _LONGEST_NAME:
        unsure.add("name")
    if len(address) > _LONGEST_ADDRESS:
        unsure.add("address")
    return SplitAddress(
        **parts,
        extension=found.extension,
        phone=draft.phone,
        region_code=path[-1] if path else "",
        missing=missing,
        unsure=[part for part in parts if part in unsure and part not in missing],
    )


def _only_city(province: str) -> str | None:
    """The city of a province that has but one: of Beijing, Tianjin, Shanghai."""
    names = divisions().names
    cities = [code for code in names if code[:2] == province[:2] and code.endswith("00") and code != province]
    return cities[0] if len(cities) == 1 else None
