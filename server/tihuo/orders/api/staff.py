from tihuo.db import Session
from tihuo.orders import service as orders
from tihuo.orders.errors import OrderNotFound
from tihuo.orders.schemas import OrderDetail, OrderPage, OrderQuery
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal


class OrdersHandler(Handler):
    @endpoint(allows="staff", permission="orders")
    async def get(self, session: Session, principal: Principal, query: OrderQuery) -> OrderPage:
        """Orders, newest first."""
        return await orders.list_page(session, principal.merchant_id, query)


class OrderHandler(Handler):
    @endpoint(allows="staff", permission="orders", raises=(OrderNotFound,))
    async def get(self, session: Session, principal: Principal, order_id: int) -> OrderDetail:
        """One order, with all that was changed of it."""
        return await orders.detail(session, principal.merchant_id, order_id)


routes = [
    Route("/api/m/orders", OrdersHandler),
    Route("/api/m/orders/{order_id}", OrderHandler),
]
