"""Master keys, kept in a file outside the database; each merchant's keys are derived from them (spec N)."""

import base64
import json
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


class KeysMissing(Exception):
    """The file of master keys is absent or unreadable; without it no card can be checked."""


class KeyRing:
    """Master keys by id. New secrets use `current`; old ones keep the id they were made with."""

    def __init__(self, current: str, keys: dict[str, bytes]) -> None:
        if current not in keys:
            raise KeysMissing(f"the current key {current!r} is not among the keys")
        if any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeysMissing(f"every key has {KEY_BYTES} bytes")
        self.current = current
        self._keys = keys
        self._derived = lru_cache(maxsize=4096)(self._derive)

    def derive(self, key_id: str, salt: bytes, purpose: bytes) -> bytes:
        """The 32-byte key of one merchant (its `salt`) for one purpose (HKDF-SHA256, RFC 5869)."""
        return self._derived(key_id, salt, purpose)

    def _derive(self, key_id: str, salt: bytes, purpose: bytes) -> bytes:
        if key_id not in self._keys:
            raise KeysMissing(f"key {key_id!r} is not in the file of keys")
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=purpose).derive(self._keys[key_id])

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Read the ring from `path`; raises KeysMissing with what to do."""
        try:
            content = json.loads(path.read_text("utf-8"))
            keys = {key_id: base64.b64decode(key) for key_id, key in content["keys"].items()}
            return cls(content["current"], keys)
        except FileNotFoundError:
            raise KeysMissing(f"no master keys at {path}; make them once with: tihuo keys init") from None
        except (KeyError, TypeError, ValueError) as error:
            raise KeysMissing(f"the file of master keys {path} can't be read: {error}") from None

    @staticmethod
    def create(path: Path) -> None:
        """Write a new ring with one key, readable by its owner only; never over an existing file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"current": "k1", "keys": {"k1": key}}, file, indent=2)
