"""Secrets: master keys, card passwords, staff passwords, sealed files."""

from tihuo.vault.card_passwords import CardVault, Owner, SealedPassword
from tihuo.vault.key_ring import KeyRing, KeysMissing
from tihuo.vault.sealed_files import FileDamaged, FileVault

__all__ = ["CardVault", "FileDamaged", "FileVault", "KeyRing", "KeysMissing", "Owner", "SealedPassword"]
