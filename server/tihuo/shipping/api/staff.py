from tihuo.audit.service import Actor
from tihuo.db import Session
from tihuo.orders.errors import OrderAlreadyShipped, OrderCancelled, OrderHandedOver, OrderNotFound
from tihuo.orders.schemas import Order
from tihuo.shipping import service as shipping
from tihuo.shipping.schemas import CourierList, ShipmentIn
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal


class CouriersHandler(Handler):
    @endpoint(allows="staff")
    async def get(self) -> CourierList:
        """The couriers to choose from."""
        return CourierList(items=list(shipping.COURIERS))


class ShipmentsHandler(Handler):
    @endpoint(
        allows="staff",
        permission="shipping",
        status=201,
        raises=(OrderNotFound, OrderAlreadyShipped, OrderCancelled, OrderHandedOver),
    )
    async def post(self, session: Session, principal: Principal, order_id: int, body: ShipmentIn) -> Order:
        """Ship an order: courier and tracking number."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await shipping.ship(session, principal.merchant_id, order_id, body, actor)


routes = [
    Route("/api/m/couriers", CouriersHandler),
    Route("/api/m/orders/{order_id}/shipments", ShipmentsHandler),
]
