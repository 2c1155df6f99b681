"""Cards: making and importing them, finding, changing, exporting them, using them up. The room's front door."""

from tihuo.cards.service.changing import apply, change_status, forget_selections, needs_password, select
from tihuo.cards.service.exporting import ask_for_export, printed
from tihuo.cards.service.filters import forget_filter, save_filter, saved_filters
from tihuo.cards.service.history import changes_of
from tihuo.cards.service.listing import (
    distributor_figures,
    figures,
    get_batch,
    get_card,
    list_batches,
    list_cards,
    statistics,
)
from tihuo.cards.service.making import import_batch, make_batch
from tihuo.cards.service.redeeming import find, find_ahead, give_use_back, products, stored, take_use
from tihuo.cards.service.uploads import import_template, keep_upload

__all__ = [
    "apply",
    "ask_for_export",
    "change_status",
    "changes_of",
    "distributor_figures",
    "figures",
    "find",
    "find_ahead",
    "forget_filter",
    "forget_selections",
    "get_batch",
    "get_card",
    "give_use_back",
    "import_batch",
    "import_template",
    "keep_upload",
    "list_batches",
    "list_cards",
    "make_batch",
    "needs_password",
    "printed",
    "products",
    "save_filter",
    "saved_filters",
    "select",
    "statistics",
    "stored",
    "take_use",
]
