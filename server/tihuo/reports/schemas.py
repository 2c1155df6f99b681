import datetime as dt

from tihuo.cards.schemas import CardFigures
from tihuo.distributors.schemas import Distributor
from tihuo.orders.schemas import Order
from tihuo.shapes import Out


class HistoryEntry(Out):
    """One thing that happened to a card. `kind`: a verb; `text` says it in words; `by`: who; `address`: from where."""

    kind: str
    text: str
    by: str
    address: str
    at: dt.datetime
    job_id: int | None
    order_id: int | None


class CardHistory(Out):
    """All that happened to a card, newest first, and its orders, oldest first."""

    entries: list[HistoryEntry]
    orders: list[Order]


class DistributorRow(Out):
    """A distributor and what became of its cards (spec F)."""

    distributor: Distributor
    assigned: int
    activated: int
    redeemed: int
    left: int
    expired: int


class DistributorFigures(Out):
    items: list[DistributorRow]


class Today(Out):
    orders: int
    shipped: int


class Waiting(Out):
    to_ship: int


class Steps(Out):
    """How far a new merchant is: product, cards, settings (manual: 只需经过三步操作)."""

    products: int
    cards: int
    storefront_named: bool
    storefront_open: bool


class Home(Out):
    today: Today
    waiting: Waiting
    cards: CardFigures
    steps: Steps
    newest_orders: list[Order]
    event_number: int
