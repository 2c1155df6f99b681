"""Redeeming cards: checked, used up, corrected, guarded against guessing. The room's front door."""

from tihuo.redemption.service.checking import check, check_at_counter
from tihuo.redemption.service.correcting import cancel, correct
from tihuo.redemption.service.guarding import (
    block,
    forget_wrong_tries,
    guessing,
    lift,
    mirrored,
    note_unlock,
    note_wrong_try,
    wrong_tries,
)
from tihuo.redemption.service.redeeming import hand_over, redeem

__all__ = [
    "block",
    "cancel",
    "check",
    "check_at_counter",
    "correct",
    "forget_wrong_tries",
    "guessing",
    "hand_over",
    "lift",
    "mirrored",
    "note_unlock",
    "note_wrong_try",
    "redeem",
    "wrong_tries",
]
