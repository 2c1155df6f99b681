import json
import stat
from pathlib import Path

import pytest

from tihuo.vault import KeyRing, KeysMissing


def test_a_ring_is_written_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "inner" / "keys.json"
    KeyRing.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    with pytest.raises(FileExistsError):
        KeyRing.create(path)
    assert path.read_text() == before


def test_keys_differ_by_merchant_and_purpose(tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "keys.json")
    ring = KeyRing.load(tmp_path / "keys.json")
    derived = {ring.derive("k1", salt, purpose) for salt in (b"a", b"b") for purpose in (b"check", b"export")}
    assert len(derived) == 4
    assert KeyRing.load(tmp_path / "keys.json").derive("k1", b"a", b"check") in derived


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        json.dumps({"current": "k1", "keys": {}}),
        json.dumps({"current": "k1", "keys": {"k1": "c2hvcnQ="}}),
    ],
)
def test_a_broken_file_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(KeysMissing):
        KeyRing.load(path)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match="tihuo keys init"):
        KeyRing.load(tmp_path / "none.json")
