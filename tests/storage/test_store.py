from pathlib import Path

from tihuo.storage import Store, url


async def test_what_was_put_can_be_got(tmp_path: Path) -> None:
    store = Store("", tmp_path)
    await store.put("1/abc.jpg", b"content")
    assert await store.get("1/abc.jpg") == (b"content", "image/jpeg")
    assert await store.get("1/none.jpg") is None
    assert (tmp_path / "1" / "abc.jpg").read_bytes() == b"content"


async def test_nothing_outside_the_folder_is_given_out(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    inner = tmp_path / "files"
    store = Store("", inner)
    for key in ("../secret.txt", "..%2Fsecret.txt", "1/../../secret.txt"):
        try:
            found = await store.get(key)
        except Exception:
            found = None
        assert found is None, key


def test_a_key_is_served_under_files() -> None:
    assert url("1/abc.jpg") == "/files/1/abc.jpg"
    assert url(None) is None
