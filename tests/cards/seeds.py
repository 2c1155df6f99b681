"""Seeds for what tests draw at random."""

import logging
import os
import secrets

SEED = "TIHUO_TEST_SEED"


def seed() -> int:
    """A new seed, which the report of a test that fails shows; TIHUO_TEST_SEED gives the same again."""
    chosen = int(os.environ.get(SEED) or secrets.randbelow(10**9))
    logging.getLogger(__name__).warning("drawn with %s=%d", SEED, chosen)
    return chosen
