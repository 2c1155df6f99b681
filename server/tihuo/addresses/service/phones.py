"""Phone numbers in a text: mobiles, virtual numbers with an extension, landlines."""

import re
from dataclasses import dataclass

# Every repetition is bounded, so that no text makes them slow.
_EXTENSION = (
    r"(?:\s?(?:转接?|分机号?|ext\.?|[-#*])\s?(?P<extension>\d{1,6})(?!\d)(?!-\d)"
    r"|(?<=\d)\[(?P<bracket>\d{3,4})\])?"
)
_MOBILE = re.compile(
    rf"(?<![\d.])(?:\(?(?:\+|00)?86\)?[- ]?)?(?P<number>1[3-9]\d(?:[- ]?\d){{8}})(?!\d){_EXTENSION}", re.IGNORECASE
)
_OTHER = re.compile(
    rf"(?<![\d.-])(?P<number>(?:\+|00)?8(?:5[23]|86)[- ]\d{{4}}[- ]?\d{{4,5}}"
    rf"|(?:(?:\+|00)?86[- ]?)?(?:\(0\d{{2,3}}\)[- ]?|0\d{{2,3}}[- ]?)\d{{7,8}}"
    rf"|09\d{{2}}-\d{{3}}-\d{{3}}"
    rf"|[48]00[- ]?\d{{3}}[- ]?\d{{4}})(?!\d){_EXTENSION}",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\[(\d{3,4})\]")
# 138 0013 8000, 1380 013 8000, 13800 138000; not 1 3 8 0 0.
_GROUPED = re.compile(r"\d{2,11}(?:[- ]\d{2,11}){0,3}")
# Stands in the text where a number was, so that its neighbours are still neighbours.
MARK = "\x01"


@dataclass(frozen=True)
class Phones:
    """What was found; `others` are landlines and further mobiles as written. `rest`: the text with MARKs for them."""

    mobile: str
    mobiles: int
    extension: str
    others: list[str]
    rest: str


def take(text: str) -> Phones:
    """The phone numbers of a text, and the text without them."""
    mobiles: list[tuple[str, str]] = []
    others: list[str] = []

    def mobile(match: re.Match[str]) -> str:
        if not _GROUPED.fullmatch(match["number"]):
            return match[0]
        digits = re.sub(r"\D", "", match["number"])
        mobiles.append((digits, match["extension"] or match["bracket"] or ""))
        return MARK

    def other(match: re.Match[str]) -> str:
        extension = match["extension"] or match["bracket"]
        others.append(match["number"].replace(" ", "") + (f"-{extension}" if extension else ""))
        return MARK

    rest = _MOBILE.sub(mobile, text)
    rest = _OTHER.sub(other, rest)
    first, extension = mobiles[0] if mobiles else ("", "")
    # Shops write a virtual number's extension behind the name and the street once more.
    if first and (bracketed := _BRACKET.search(rest)) and extension in ("", bracketed[1]):
        extension = bracketed[1]
        rest = rest.replace(bracketed[0], "")
    further = [digits for digits, _ in mobiles[1:] if digits != first]
    return Phones(first, 1 + len(further) if first else 0, extension, [*others, *further], rest)
