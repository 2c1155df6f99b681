"""Files at rest open whole, unchanged and where they belong, or not at all (spec N)."""

import random
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

import pytest

from tihuo.vault import FileDamaged, FileVault, KeyRing, KeysMissing, Owner
from tihuo.vault.sealed_files import SEGMENT_BYTES

VAULT = FileVault(KeyRing("k1", {"k1": b"1" * 32}))
SHOP = Owner(1, b"salt of shop one")
OTHER = Owner(2, b"salt of shop two")
NAME = "export:17"
SEALED_SEGMENT = SEGMENT_BYTES + 16


async def in_chunks(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def sealed(content: bytes, size: int = 100_000, name: str = NAME, vault: FileVault = VAULT) -> bytes:
    return b"".join([part async for part in vault.seal(SHOP, name, in_chunks(content, size))])


async def opened(file: bytes, size: int = 100_000, name: str = NAME, owner: Owner = SHOP) -> bytes:
    return b"".join([part async for part in VAULT.open(owner, name, in_chunks(file, size))])


async def taken_apart(content: bytes) -> list[bytes]:
    """A sealed file's header and its segments."""
    return [part async for part in VAULT.seal(SHOP, NAME, in_chunks(content))]


def content(length: int) -> bytes:
    return random.Random(length).randbytes(length)


@pytest.mark.parametrize(
    "length", [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES, 3_333_333]
)
@pytest.mark.parametrize(("sealing", "opening"), [(100_000, 77_777), (5_000_000, 1_000), (SEGMENT_BYTES, 5_000_000)])
async def test_what_was_sealed_opens(length: int, sealing: int, opening: int) -> None:
    """Any length, in chunks of any size."""
    assert await opened(await sealed(content(length), sealing), opening) == content(length)


async def test_a_sealed_file_shows_nothing_and_looks_different_each_time() -> None:
    clear = b"A588000001 1234567890 " * 1000
    first, second = await sealed(clear), await sealed(clear)
    for part in (clear[:10], clear[100:110]):
        assert part not in first
    assert len(first) == len(second)
    assert sum(a == b for a, b in zip(first[20:], second[20:], strict=True)) < len(first) // 50


@pytest.mark.parametrize(
    ("owner", "name"),
    [(OTHER, NAME), (SHOP, "export:18"), (Owner(2, SHOP.salt), NAME), (Owner(1, OTHER.salt), NAME)],
)
async def test_a_file_moved_to_another_merchant_or_name_does_not_open(owner: Owner, name: str) -> None:
    file = await sealed(b"number and password")
    with pytest.raises(FileDamaged):
        await opened(file, owner=owner, name=name)


async def refused(parts: Sequence[bytes]) -> bytes:
    """What came out before the refusal."""
    came = bytearray()

    async def take() -> None:
        async for part in VAULT.open(SHOP, NAME, in_chunks(b"".join(parts))):
            came.extend(part)

    with pytest.raises(FileDamaged):
        await take()
    return bytes(came)


async def test_a_file_that_was_cut_off_is_noticed() -> None:
    """At the end of any segment, and in its middle."""
    clear = content(3 * SEGMENT_BYTES + 5)
    whole = await taken_apart(clear)
    for kept in range(len(whole)):
        came = await refused(whole[:kept])
        assert clear.startswith(came)
        assert len(came) <= max(0, kept - 2) * SEGMENT_BYTES
    await refused([*whole[:2], whole[2][:500_000]])
    await refused([*whole[:-1], whole[-1][:-1]])


async def test_a_short_file_that_was_cut_off_anywhere_is_noticed() -> None:
    file = await sealed(b"1234567890")
    for length in range(len(file)):
        with pytest.raises((FileDamaged, KeysMissing)):
            await opened(file[:length])


async def test_segments_that_were_swapped_dropped_repeated_or_added_are_noticed() -> None:
    head, one, two, three = await taken_apart(content(3 * SEGMENT_BYTES))
    _, *strange = await taken_apart(content(3 * SEGMENT_BYTES))
    assert await refused([head, two, one, three]) == b""
    assert await refused([head, two, three]) == b""
    for changed in (
        [one, three, two],
        [one, three],
        [one, one, two, three],
        [one, two, two, three],
        [one, two, three, three],
        [one, two, three, b"\0"],
        [one, two, three, bytes(SEALED_SEGMENT)],
        [one, strange[1], three],
        [one, two, strange[2]],
    ):
        await refused([head, *changed])


async def test_any_flipped_bit_is_noticed() -> None:
    file = await sealed(b"1234567890")
    for place in range(len(file)):
        for bit in range(8):
            changed = bytearray(file)
            changed[place] ^= 1 << bit
            with pytest.raises((FileDamaged, KeysMissing)):
                await opened(bytes(changed))


@pytest.mark.parametrize("file", [b"", b"PK\x03\x04", b"tihuo file\x02", content(1000), b"tihuo file\x01\xff"])
async def test_what_is_no_sealed_file_is_refused(file: bytes) -> None:
    with pytest.raises(FileDamaged):
        await opened(file)


async def test_old_files_open_after_a_new_key_became_current() -> None:
    rotated = FileVault(KeyRing("k2", {"k1": b"1" * 32, "k2": b"2" * 32}))
    old = await sealed(b"old")
    assert b"".join([part async for part in rotated.open(SHOP, NAME, in_chunks(old))]) == b"old"
    with pytest.raises(KeysMissing):
        await opened(await sealed(b"new", vault=rotated))


async def test_without_the_master_key_nothing_opens() -> None:
    thief = FileVault(KeyRing("k1", {"k1": b"guessed key of thirty-two bytes!"}))
    file = await sealed(b"1234567890")
    with pytest.raises(FileDamaged):
        [part async for part in thief.open(SHOP, NAME, in_chunks(file))]


async def test_a_large_file_takes_a_few_segments_of_memory() -> None:
    async def large() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield bytes(SEGMENT_BYTES)

    length = 0
    tracemalloc.start()
    try:
        async for part in VAULT.open(SHOP, NAME, VAULT.seal(SHOP, NAME, large())):
            length += len(part)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert length == 64 * SEGMENT_BYTES
    assert most < 16 * SEGMENT_BYTES


async def test_who_stops_reading_closes_the_source() -> None:
    closed = []

    async def source() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield bytes(100_000)
        finally:
            closed.append(True)

    parts = VAULT.open(SHOP, NAME, VAULT.seal(SHOP, NAME, source()))
    assert len(await anext(parts)) == SEGMENT_BYTES
    await parts.aclose()
    assert closed == [True]


async def test_a_source_that_breaks_is_not_taken_for_the_end() -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"some"
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk is gone"):
        [part async for part in VAULT.seal(SHOP, NAME, breaking())]
