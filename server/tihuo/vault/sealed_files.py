"""Files at rest, encrypted: exports and imports hold passwords (spec N).

Each file has a data key of its own, wrapped under a key of its merchant with the merchant's id and the file's name
as associated data. The content is sealed in segments; a segment's nonce is its place and whether it is the last
(STREAM: Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015), so that cutting off, adding, swapping and repeating
are all noticed.

Layout: magic with version · length of the key's id · key's id · nonce and wrapped data key · segments.
"""

import contextlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tihuo.vault.card_passwords import NONCE_BYTES, Owner
from tihuo.vault.key_ring import KEY_BYTES, KeyRing

SEGMENT_BYTES = 1024 * 1024
_PURPOSE = b"tihuo sealed file"
_MAGIC = b"tihuo file\x01"
_TAG_BYTES = 16
_WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + _TAG_BYTES
_LONGEST_HEADER = len(_MAGIC) + 1 + 255 + _WRAPPED_BYTES


class FileDamaged(Exception):
    """The file was cut or changed, was sealed for another merchant or name, or is none of ours."""


class FileVault:
    """Seals and opens files of any length, holding a few segments of 1 MiB in memory.

    A segment takes 0.1 ms to seal or open, so that no thread is worth its hand-over.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def seal(self, owner: Owner, name: str, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """The sealed file. It opens for the same owner and `name` only. `chunks` is closed at the end."""
        key_id = self._ring.current.encode()
        key = AESGCM.generate_key(KEY_BYTES * 8)
        head = _MAGIC + bytes([len(key_id)]) + key_id
        nonce = secrets.token_bytes(NONCE_BYTES)
        wrapping = AESGCM(self._ring.derive(self._ring.current, owner.salt, _PURPOSE))
        cipher = AESGCM(key)
        async with _closing(chunks), contextlib.aclosing(_segments(chunks, SEGMENT_BYTES)) as segments:
            yield head + nonce + wrapping.encrypt(nonce, key, _bound_to(head, owner, name))
            async for place, segment in segments:
                yield cipher.encrypt(place, segment, None)

    async def open(self, owner: Owner, name: str, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """The content, each part given out only after it proved genuine. `chunks` is closed at the end.

        Raises FileDamaged, at the latest after the last part: until then the file may have been cut off. Raises
        KeysMissing where the master key is not in the ring.
        """
        async with _closing(chunks):
            held = bytearray()
            while len(held) < _LONGEST_HEADER and (chunk := await anext(chunks, None)) is not None:
                held += chunk
            cipher = self._unwrapped(owner, name, held)
            async with contextlib.aclosing(_segments(chunks, SEGMENT_BYTES + _TAG_BYTES, held)) as segments:
                async for place, segment in segments:
                    yield _opened(cipher, place, segment, None)

    def _unwrapped(self, owner: Owner, name: str, held: bytearray) -> AESGCM:
        """The cipher of the file's own key; its header is taken off `held`."""
        if len(held) <= len(_MAGIC) or not held.startswith(_MAGIC):
            raise FileDamaged("not a sealed file")
        key_at = len(_MAGIC) + 1
        wrapped_at = key_at + held[len(_MAGIC)]
        head = bytes(held[:wrapped_at])
        wrapped = bytes(held[wrapped_at : wrapped_at + _WRAPPED_BYTES])
        if len(wrapped) < _WRAPPED_BYTES:
            raise FileDamaged("cut off in its header")
        del held[: wrapped_at + _WRAPPED_BYTES]
        key_id = head[key_at:].decode("utf-8", "replace")
        wrapping = AESGCM(self._ring.derive(key_id, owner.salt, _PURPOSE))
        return AESGCM(
            _opened(wrapping, wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound_to(head, owner, name)),
        )


def _bound_to(head: bytes, owner: Owner, name: str) -> bytes:
    return head + f"{owner.merchant_id}\0{name}".encode()


def _opened(cipher: AESGCM, nonce: bytes, sealed: bytes, bound_to: bytes | None) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, bound_to)
    except InvalidTag:
        raise FileDamaged("cut, changed, or sealed for another merchant or name") from None


async def _segments(
    chunks: AsyncIterator[bytes], size: int, held: bytearray | None = None
) -> AsyncGenerator[tuple[bytes, bytes], None]:
    """`held` and `chunks` in pieces of `size`, each with its nonce; the last one may be short, even empty."""
    held = bytearray() if held is None else held
    number = 0
    while True:
        while len(held) > size:
            yield _place(number, last=False), bytes(held[:size])
            del held[:size]
            number += 1
        chunk = await anext(chunks, None)
        if chunk is None:
            break
        held += chunk
    yield _place(number, last=True), bytes(held)


def _place(number: int, *, last: bool) -> bytes:
    return number.to_bytes(NONCE_BYTES - 1, "big") + bytes([last])


@contextlib.asynccontextmanager
async def _closing(chunks: AsyncIterator[bytes]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
