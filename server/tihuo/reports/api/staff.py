from tihuo.cards.errors import CardNotFound
from tihuo.db import Session
from tihuo.reports import service as reports
from tihuo.reports.schemas import CardHistory, DistributorFigures, Home
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal


class HomeHandler(Handler):
    @endpoint(allows="staff")
    async def get(self, session: Session, principal: Principal) -> Home:
        """Today's figures, what waits, the newest orders, a new merchant's steps."""
        with_orders = "orders" in principal.permissions
        return await reports.home(session, principal.merchant_id, with_orders=with_orders)


class CardHistoryHandler(Handler):
    @endpoint(allows="staff", permission="cards", raises=(CardNotFound,))
    async def get(self, session: Session, principal: Principal, card_id: int) -> CardHistory:
        """All that happened to a card, newest first, and its orders."""
        with_orders = "orders" in principal.permissions
        return await reports.card_history(session, principal.merchant_id, card_id, with_orders=with_orders)


class DistributorFiguresHandler(Handler):
    @endpoint(allows="staff", permission="cards")
    async def get(self, principal: Principal) -> DistributorFigures:
        """Every distributor with how many cards it was given and what became of them."""
        items = await reports.distributor_figures(self.context.unit_of_work, principal.merchant_id)
        return DistributorFigures(items=items)


routes = [
    Route("/api/m/home", HomeHandler),
    Route("/api/m/reports/distributors", DistributorFiguresHandler),
    Route("/api/m/reports/cards/{card_id}", CardHistoryHandler),
]
