from tihuo.db import Session
from tihuo.orders import service as orders
from tihuo.orders.errors import OrderNotFound
from tihuo.orders.schemas import Order, OrderPage, OrderQuery
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
    async def get(self, session: Session, principal: Principal, order_id: int) -> Order:
        """One order."""
        return await orders.get(session, principal.merchant_id, order_id)


routes = [
    Route("/api/m/orders", OrdersHandler),
    Route("/api/m/orders/{order_id}", OrderHandler),
]
