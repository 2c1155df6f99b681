"""Spec N: two copies, keyed and encrypted, under keys that are not in the database."""

import itertools

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from tihuo.vault import CardVault, KeyRing, KeysMissing, Owner, SealedPassword

RING = KeyRing("k1", {"k1": b"1" * 32})
VAULT = CardVault(RING)
SHOP = Owner(1, b"salt of shop one")
OTHER = Owner(2, b"salt of shop two")


@given(number=st.text("ABC0123456789", min_size=1, max_size=32), password=st.text(min_size=1, max_size=32))
def test_a_sealed_password_matches_and_opens(number: str, password: str) -> None:
    sealed = VAULT.seal(SHOP, number, password)
    assert VAULT.matches(SHOP, number, password, sealed)
    assert VAULT.open(SHOP, number, sealed) == password
    assert password.encode() not in sealed.mac + sealed.sealed or len(password) < 3
    assert not VAULT.matches(SHOP, number, password + "x", sealed)


def test_the_same_password_looks_different_on_every_card_and_at_every_shop() -> None:
    seals = [VAULT.seal(owner, number, "1234567890") for owner, number in itertools.product((SHOP, OTHER), "AB")]
    seals.append(VAULT.seal(SHOP, "A", "1234567890"))
    assert len({seal.mac for seal in seals}) == 4
    assert len({seal.sealed for seal in seals}) == 5


def test_a_ciphertext_moved_to_another_card_or_shop_does_not_open() -> None:
    sealed = VAULT.seal(SHOP, "A1", "1234567890")
    for owner, number in ((SHOP, "A2"), (OTHER, "A1")):
        assert not VAULT.matches(owner, number, "1234567890", sealed)
        with pytest.raises(InvalidTag):
            VAULT.open(owner, number, sealed)


def test_there_is_no_match_without_a_card() -> None:
    assert not VAULT.matches(SHOP, "A1", "1234567890", None)


def test_old_cards_keep_working_after_a_new_key_became_current() -> None:
    old = VAULT.seal(SHOP, "A1", "1234567890")
    rotated = CardVault(KeyRing("k2", {"k1": b"1" * 32, "k2": b"2" * 32}))
    assert rotated.matches(SHOP, "A1", "1234567890", old)
    assert rotated.open(SHOP, "A1", old) == "1234567890"
    assert rotated.seal(SHOP, "A1", "1234567890").key_id == "k2"


def test_without_the_key_nothing_opens_and_nothing_matches() -> None:
    """All that a database holds: the salt, both copies, the key's id."""
    sealed = VAULT.seal(SHOP, "A1", "123456")
    thief = CardVault(KeyRing("k1", {"k1": b"guessed key of thirty-two bytes!"}))
    assert not any(thief.matches(SHOP, "A1", f"{guess:06d}", sealed) for guess in range(123400, 123500))
    with pytest.raises(InvalidTag):
        thief.open(SHOP, "A1", sealed)
    with pytest.raises(KeysMissing):
        CardVault(KeyRing("k9", {"k9": b"9" * 32})).open(SHOP, "A1", sealed)


def test_a_tampered_row_does_not_open() -> None:
    sealed = VAULT.seal(SHOP, "A1", "1234567890")
    flipped = SealedPassword(sealed.mac, sealed.sealed[:-1] + bytes([sealed.sealed[-1] ^ 1]), sealed.key_id)
    with pytest.raises(InvalidTag):
        VAULT.open(SHOP, "A1", flipped)
