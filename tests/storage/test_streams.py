"""Files of any length, in a folder as in a store of objects, and never in public where they are private."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Server
from tests.factories.shops import Shop
from tihuo.storage import Store, read_chunks

KEY = "private/exports/17"
MIB = 1024 * 1024


@pytest.fixture(params=["folder", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A folder; and obstore's own store of objects, which puts parts together as S3 does."""
    return Store("" if request.param == "folder" else "memory:///", tmp_path)


async def chunks(content: bytes, size: int = 300_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def got(store: Store, key: str) -> bytes | None:
    found = await store.get_stream(key)
    return None if found is None else b"".join([piece async for piece in found])


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("length", [0, 1, 4 * MIB, 5 * MIB, 21 * MIB + 7])
async def test_what_was_put_can_be_got_in_pieces(store: Store, length: int) -> None:
    content = random.Random(length).randbytes(length)
    await store.put_stream(KEY, chunks(content))
    assert await got(store, KEY) == content
    found = await store.get_stream(KEY)
    assert found is not None
    assert all([len(piece) <= 4 * MIB async for piece in found])


async def test_the_same_key_again_replaces(store: Store) -> None:
    await store.put_stream(KEY, chunks(b"first, and longer"))
    await store.put_stream(KEY, chunks(b"second"))
    assert await got(store, KEY) == b"second"


async def test_what_breaks_off_leaves_nothing_and_changes_nothing(store: Store, tmp_path: Path) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield bytes(MIB)
        raise RuntimeError("the job was killed")

    with pytest.raises(RuntimeError, match="job was killed"):
        await store.put_stream(KEY, breaking())
    assert await got(store, KEY) is None
    assert files_below(tmp_path) == []
    await store.put_stream(KEY, chunks(b"whole"))
    with pytest.raises(RuntimeError):
        await store.put_stream(KEY, breaking())
    assert await got(store, KEY) == b"whole"


async def test_what_is_erased_is_gone_and_erasing_again_is_harmless(store: Store) -> None:
    await store.put_stream(KEY, chunks(bytes(6 * MIB)))
    reading = await store.get_stream(KEY)
    assert reading is not None
    await anext(reading)
    for _ in range(2):
        await store.delete(KEY)
        assert await store.get_stream(KEY) is None
    with pytest.raises(FileNotFoundError):
        await anext(reading)


async def test_a_private_file_is_no_public_one(store: Store) -> None:
    await store.put_stream(KEY, chunks(b"secret"))
    assert await store.get(KEY) is None


async def test_no_address_gives_a_private_file_out(server: Server, shop: Shop) -> None:
    store = server.app.context.store
    for key in ("private/17", "private/17.xlsx"):
        await store.put_stream(key, chunks(b"secret"))
    await store.put("7/17", b"public")
    async with httpx.AsyncClient() as anyone:
        for path in (
            b"private/17",
            b"private/17.xlsx",
            b"private%2F17",
            b"1/..%2fprivate%2f17",
            b"1/../private/17",
            b"1/%2e%2e/private/17",
            b"/private/17",
            b"./private/17",
            b"1%2f..%2fprivate/17",
        ):
            answer = await anyone.get(httpx.URL(server.base_url).copy_with(raw_path=b"/files/" + path))
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), path
        assert (await anyone.get(f"{server.base_url}/files/7/17")).content == b"public"


async def test_a_file_on_disk_is_read_in_chunks(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(2 * MIB + 5)
    path = tmp_path / "table.xlsx"
    path.write_bytes(content)
    assert [len(chunk) async for chunk in read_chunks(path)] == [MIB, MIB, 5]
    with path.open("rb") as file:
        for _ in range(2):
            assert b"".join([chunk async for chunk in read_chunks(file)]) == content
