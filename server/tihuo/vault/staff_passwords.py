"""Staff passwords, kept with Argon2id (spec A)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
# Compared against when there is no such account, so that a wrong name takes as long as a wrong password.
_nobody = _hasher.hash("nobody's password")
# Each hashing takes 64 MiB; more at once would only queue for the cores.
_turns = ThreadPoolExecutor(2, thread_name_prefix="argon2")


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    return _hasher.hash(password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether the password fits; with `stored` None it takes as long and is False."""
    return await asyncio.get_running_loop().run_in_executor(_turns, _matches, password, stored)


def _matches(password: str, stored: str | None) -> bool:
    try:
        return _hasher.verify(stored or _nobody, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
