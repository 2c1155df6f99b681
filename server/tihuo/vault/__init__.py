"""Secrets: master keys, card passwords, staff passwords."""

from tihuo.vault.card_passwords import CardVault, Owner, SealedPassword
from tihuo.vault.key_ring import KeyRing, KeysMissing

__all__ = ["CardVault", "KeyRing", "KeysMissing", "Owner", "SealedPassword"]
