from tihuo.cards.schemas import CardFigures
from tihuo.orders.schemas import Order
from tihuo.shapes import Out


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
