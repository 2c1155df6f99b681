"""Which numbers a batch gets (spec D). Jobs of one merchant take turns, so that what is free here stays free."""

import secrets
from collections.abc import Iterator

from pyroaring import BitMap64

from tihuo.cards.queries import making
from tihuo.cards.schemas import BatchIn
from tihuo.db import Session
from tihuo.errors import InvalidRequest, invalid_field
from tihuo.shapes import unmistakable

# Values from first to last, written with so many digits.
Segment = tuple[int, int, int]
_AT_ONCE = 50_000
# A range with fewer numbers is drawn from by listing what is free, whatever is in use.
_LISTED = 2_000_000
# Rounds of drawing and looking whether it is free, before the free ones are listed in a wider range too.
_TRIES = 20


def text(prefix: str, value: int, digits: int) -> str:
    """A card's number."""
    return f"{prefix}{value:0{digits}d}"


def bounds(prefix: str, digits: int) -> tuple[int, int]:
    """The lowest and highest value. Without a prefix the first digit is not 0: spreadsheets drop leading zeros."""
    return (1 if prefix else 10 ** (digits - 1) + 1), 10**digits - 1


def expand(prefix: str, segments: list[Segment], skip: int, count: int) -> Iterator[str]:
    """`count` numbers of the segments after the first `skip`."""
    for first, last, digits in segments:
        size = last - first + 1
        if skip >= size:
            skip -= size
            continue
        for value in range(first + skip, min(last, first + skip + count - 1) + 1):
            yield text(prefix, value, digits)
            count -= 1
        skip = 0
        if count == 0:
            return


def by_length(first: int, last: int) -> list[Segment]:
    """The values from first to last, apart by how many digits they have."""
    segments = []
    while first <= last:
        digits = len(str(first))
        end = min(last, 10**digits - 1)
        segments.append((first, end, digits))
        first = end + 1
    return segments


async def sequential(session: Session, merchant_id: int, prefix: str, digits: int, quantity: int) -> list[Segment]:
    """The next free values after the last batch's. Raises InvalidRequest when there is not enough room."""
    lowest, highest = bounds(prefix, digits)
    cursor = max(await making.last_number(session, merchant_id, prefix, digits) + 1, lowest)
    segments: list[Segment] = []
    missing = quantity
    while missing and cursor <= highest:
        end = min(cursor + missing - 1, highest)
        used = await _used(session, merchant_id, prefix, cursor, end, digits)
        for value in [*used, end + 1]:
            if cursor < value:
                segments.append((cursor, value - 1, digits))
                missing -= value - cursor
            cursor = value + 1
        cursor = end + 1
    if missing:
        raise no_room(prefix, digits, quantity - missing, quantity)
    return segments


async def _used(session: Session, merchant_id: int, prefix: str, first: int, last: int, digits: int) -> BitMap64:
    """The values in use."""
    start = len(prefix)
    end = _key(prefix, last, digits)
    used = BitMap64()
    low = _key(prefix, first, digits)
    while True:
        keys = await making.keys_between(session, merchant_id, low, end, _AT_ONCE)
        used |= BitMap64(int(key[start:]) for key in keys)
        if len(keys) < _AT_ONCE or used.max() >= last:
            return used
        low = _key(prefix, used.max() + 1, digits)


def _key(prefix: str, value: int, digits: int) -> str:
    return unmistakable(text(prefix, value, digits))


async def check_start(session: Session, merchant_id: int, prefix: str, start: int, quantity: int) -> list[Segment]:
    """Manual: 起始号 10000 gives 10001 first; the length has no say. Raises InvalidRequest if one is in use."""
    segments = by_length(start + 1, start + quantity)
    for first, last, digits in segments:
        keys = await making.keys_between(
            session, merchant_id, _key(prefix, first, digits), _key(prefix, last, digits), 1
        )
        if keys:
            taken = sum(
                [
                    await making.count_between(session, merchant_id, _key(prefix, a, digits), _key(prefix, b, digits))
                    for a, b, digits in segments
                ]
            )
            raise invalid_field(
                "start_number",
                "numbers_taken",
                f"从 {prefix}{start + 1} 到 {prefix}{start + quantity} 有 {taken} 个卡号已被使用（如 {keys[0]}），"
                f"请换一个起始号（如 {start + quantity}）或前缀",
            )
    return segments


async def check_room(session: Session, merchant_id: int, body: BatchIn, ever_made: int) -> None:
    """Raise InvalidRequest unless the numbers' length has room. `ever_made`: the merchant's last serial."""
    prefix, digits = body.prefix, body.number_length
    lowest, highest = bounds(prefix, digits)
    if body.order == "sequential":
        lowest = max(await making.last_number(session, merchant_id, prefix, digits) + 1, lowest)
    room = highest - lowest + 1
    promised = await making.pending(session, merchant_id, prefix, digits)
    if room - promised - ever_made >= body.quantity:
        return
    used = 0
    if room > 0:
        used = await making.count_between(
            session, merchant_id, _key(prefix, lowest, digits), _key(prefix, highest, digits)
        )
    left = max(room - used - promised, 0)
    if left < body.quantity:
        raise no_room(prefix, digits, left, body.quantity)


class Drawing:
    """Draws a batch's numbers at random from those that are free.

    Where much of the range is in use, drawing until one is free could take for ever: then the free ones are listed
    once, as a bitmap, and drawn from. The batch is the only one of the merchant's that is being filled meanwhile.
    """

    def __init__(self, merchant_id: int, prefix: str, digits: int) -> None:
        self._merchant_id = merchant_id
        self._prefix = prefix
        self._digits = digits
        self._lowest, self._highest = bounds(prefix, digits)
        self._free: BitMap64 | None = None

    async def draw(self, session: Session, count: int, missing: int) -> list[str]:
        """`count` free numbers, of the `missing` that the batch still lacks. Raises InvalidRequest."""
        room = self._highest - self._lowest + 1
        if self._free is None and room > _LISTED:
            drawn: set[int] = set()
            for _ in range(_TRIES):
                tried = {self._lowest + secrets.randbelow(room) for _ in range(count - len(drawn))} - drawn
                keys = {_key(self._prefix, value, self._digits): value for value in tried}
                used = await making.in_use(session, self._merchant_id, list(keys))
                drawn.update(value for key, value in keys.items() if key not in used)
                if len(drawn) == count:
                    return [text(self._prefix, value, self._digits) for value in drawn]
        return await self._from_free(session, count, missing)

    async def _from_free(self, session: Session, count: int, missing: int) -> list[str]:
        if self._free is None:
            self._free = BitMap64()
            self._free.add_range(self._lowest, self._highest + 1)
            self._free -= await _used(
                session, self._merchant_id, self._prefix, self._lowest, self._highest, self._digits
            )
        if len(self._free) < missing:
            raise no_room(self._prefix, self._digits, len(self._free), missing)
        chosen: list[int] = []
        for _ in range(count):
            value = self._free[secrets.randbelow(len(self._free))]
            self._free.discard(value)
            chosen.append(value)
        return [text(self._prefix, value, self._digits) for value in chosen]


def no_room(prefix: str, digits: int, left: int, quantity: int) -> InvalidRequest:
    """The refusal of a quantity that the numbers' length has no room for."""
    named = f"前缀 {prefix}、" if prefix else ""
    return invalid_field(
        "quantity",
        "number_range_full",
        f"{named}长度 {digits} 还能生成 {left} 个卡号，不够 {quantity} 张；请加大卡号长度、减少生成数量，或换一个前缀",
    )
