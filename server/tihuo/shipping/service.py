"""Shipping: couriers, and tracking numbers on orders."""

from tihuo.audit import service as audit
from tihuo.audit.service import Actor
from tihuo.db import Session
from tihuo.errors import invalid_field
from tihuo.orders import service as orders
from tihuo.orders.schemas import Order
from tihuo.shipping.schemas import Courier, ShipmentIn

# The couriers that everybody ships with; codes as Kdniao writes them.
COURIERS = (
    Courier(code="SF", name="顺丰速运"),
    Courier(code="ZTO", name="中通快递"),
    Courier(code="YTO", name="圆通速递"),
    Courier(code="STO", name="申通快递"),
    Courier(code="YD", name="韵达速递"),
    Courier(code="JTSD", name="极兔速递"),
    Courier(code="JD", name="京东快递"),
    Courier(code="EMS", name="EMS"),
    Courier(code="YZPY", name="邮政快递包裹"),
    Courier(code="DBL", name="德邦快递"),
)
_BY_CODE = {courier.code: courier for courier in COURIERS}


async def ship(session: Session, merchant_id: int, order_id: int, body: ShipmentIn, actor: Actor) -> Order:
    """Note courier and tracking number of an order (manual: 人工发货); it ships once.

    Raises OrderNotFound, OrderAlreadyShipped, OrderCancelled, InvalidRequest for an unknown courier.
    """
    courier = _BY_CODE.get(body.courier_code)
    if courier is None:
        raise invalid_field("courier_code", "courier_unknown", "没有这家物流公司，请从列表中选择")
    await orders.ship(
        session,
        merchant_id,
        order_id,
        courier_code=courier.code,
        courier_name=courier.name,
        tracking_number=body.tracking_number,
        by=actor.name,
    )
    await audit.record(
        session,
        merchant_id,
        actor,
        "shipped",
        "orders",
        order_id,
        courier=courier.code,
        tracking_number=body.tracking_number,
    )
    return await orders.get(session, merchant_id, order_id)
