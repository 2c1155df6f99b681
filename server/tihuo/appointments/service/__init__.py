"""Appointments: which days customers may choose, and how many places are left. The room's front door."""

from tihuo.appointments.service.figures import figures
from tihuo.appointments.service.offering import days, preview
from tihuo.appointments.service.rules import change_rule, rule
from tihuo.appointments.service.taking import Place, Taken, give_back, move, place, place_ahead, take

__all__ = [
    "Place",
    "Taken",
    "change_rule",
    "days",
    "figures",
    "give_back",
    "move",
    "place",
    "place_ahead",
    "preview",
    "rule",
    "take",
]
