"""The two copies of a card's password: one to compare with, one to export (manual: 双密码保存; spec N).

The first is an HMAC under a key that is not in the database: ten digits behind a plain hash fall to brute
force in seconds. The second is AES-GCM with the card itself as associated data, so that a ciphertext moved
to another card does not open.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tihuo.shapes import unmistakable
from tihuo.vault.key_ring import KeyRing

_CHECK = b"tihuo card password: check"
_EXPORT = b"tihuo card password: export"
_REQUEST = b"tihuo request fingerprint"
NONCE_BYTES = 12


@dataclass(frozen=True)
class Owner:
    """The merchant whose keys are meant."""

    merchant_id: int
    salt: bytes


@dataclass(frozen=True)
class SealedPassword:
    """What is stored: `mac` to compare with, `sealed` (nonce and ciphertext) to export, the key's id."""

    mac: bytes
    sealed: bytes
    key_id: str


class CardVault:
    """Seals, compares and opens card passwords."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    @property
    def key_id(self) -> str:
        """The id of the master key that new passwords are sealed under."""
        return self._ring.current

    def seal(self, owner: Owner, number: str, password: str) -> SealedPassword:
        """Both copies of a new card's password."""
        key_id = self._ring.current
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self._ring.derive(key_id, owner.salt, _EXPORT))
        sealed = nonce + cipher.encrypt(nonce, password.encode(), _card(owner, number))
        return SealedPassword(self._mac(owner, number, password, key_id), sealed, key_id)

    def seal_many(self, owner: Owner, cards: Sequence[tuple[str, str]]) -> list[SealedPassword]:
        """The same for many (number, password), at a tenth of the time for each."""
        key_id = self._ring.current
        cipher = AESGCM(self._ring.derive(key_id, owner.salt, _EXPORT))
        keyed = hmac.new(self._ring.derive(key_id, owner.salt, _CHECK), digestmod=hashlib.sha256)
        nonces = secrets.token_bytes(NONCE_BYTES * len(cards))
        sealed = []
        for place, (number, password) in enumerate(cards):
            nonce = nonces[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]
            card = _card(owner, number)
            mac = keyed.copy()
            mac.update(_checked(card, password))
            ciphertext = cipher.encrypt(nonce, password.encode(), card)
            sealed.append(SealedPassword(mac.digest(), nonce + ciphertext, key_id))
        return sealed

    def matches(self, owner: Owner, number: str, password: str, stored: SealedPassword | None) -> bool:
        """Whether the password is the card's. With `stored` None (no such card) it takes as long and is False."""
        key_id = stored.key_id if stored else self._ring.current
        mac = self._mac(owner, number, password, key_id)
        return hmac.compare_digest(mac, stored.mac if stored else b"\0" * len(mac)) and stored is not None

    def open(self, owner: Owner, number: str, stored: SealedPassword) -> str:
        """The password itself, for export only. Raises cryptography's InvalidTag if the row was tampered with."""
        cipher = AESGCM(self._ring.derive(stored.key_id, owner.salt, _EXPORT))
        nonce, ciphertext = stored.sealed[:NONCE_BYTES], stored.sealed[NONCE_BYTES:]
        return cipher.decrypt(nonce, ciphertext, _card(owner, number)).decode()

    def fingerprint(self, owner: Owner, content: bytes) -> bytes:
        """A keyed hash of a request that holds a password, to recognise the same request again."""
        return hmac.digest(self._ring.derive(self._ring.current, owner.salt, _REQUEST), content, hashlib.sha256)

    def _mac(self, owner: Owner, number: str, password: str, key_id: str) -> bytes:
        key = self._ring.derive(key_id, owner.salt, _CHECK)
        return hmac.digest(key, _checked(_card(owner, number), password), hashlib.sha256)


def _checked(card: bytes, password: str) -> bytes:
    """What is compared: a password misread as 0 for O is still the right one."""
    return card + b"\0" + unmistakable(password).encode()


def _card(owner: Owner, number: str) -> bytes:
    return f"{owner.merchant_id}\0{number}".encode()
