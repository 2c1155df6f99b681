from tihuo.db import Session
from tihuo.reports import service as reports
from tihuo.reports.schemas import Home
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


routes = [Route("/api/m/home", HomeHandler)]
