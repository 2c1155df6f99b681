import datetime as dt
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, ascii_text, merchant_key, primary_key


class Order(Base):
    """What must be delivered, to whom, when. `product`: the product as it was when ordered.

    An order handed over at the counter has no receiver. `ship_on`: the day that the customer chose, with the slots
    of the day's quota that it took. `token`: of the link that shows the order without the card's password.
    """

    __tablename__ = "orders"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    number: Mapped[str] = mapped_column(ascii_text(20))
    card_id: Mapped[int] = mapped_column(BigId, index=True)
    card_number: Mapped[str] = mapped_column(ascii_text(32))
    card_name: Mapped[str] = mapped_column(String(64))
    product_id: Mapped[int] = mapped_column(BigId, ForeignKey("products.id"))
    product: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(ascii_text(12))
    status: Mapped[str] = mapped_column(ascii_text(12))
    receiver_name: Mapped[str] = mapped_column(String(32))
    mobile: Mapped[str] = mapped_column(ascii_text(16))
    province: Mapped[str] = mapped_column(String(32))
    city: Mapped[str] = mapped_column(String(32))
    district: Mapped[str] = mapped_column(String(32))
    region_code: Mapped[str | None] = mapped_column(ascii_text(6))
    address: Mapped[str] = mapped_column(String(128))
    remark: Mapped[str] = mapped_column(String(200))
    ship_on: Mapped[dt.date | None] = mapped_column(Date)
    shop_slot: Mapped[int | None] = mapped_column(SmallInteger)
    product_slot: Mapped[int | None] = mapped_column(SmallInteger)
    operator_id: Mapped[int | None] = mapped_column(BigId)
    operator_name: Mapped[str] = mapped_column(String(64))
    token: Mapped[str | None] = mapped_column(ascii_text(22))
    placed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    shipped_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("merchant_id", "number"),
        UniqueConstraint("merchant_id", "token"),
        Index(None, "merchant_id", "id"),
        Index(None, "merchant_id", "status", "id"),
        Index(None, "merchant_id", "card_number"),
        Index(None, "merchant_id", "mobile"),
        Index(None, "merchant_id", "placed_at"),
        Index(None, "merchant_id", "shipped_at"),
    )


class Shipment(Base):
    """Courier and tracking number of an order."""

    __tablename__ = "shipments"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    courier_code: Mapped[str] = mapped_column(ascii_text(20))
    courier_name: Mapped[str] = mapped_column(String(32))
    tracking_number: Mapped[str] = mapped_column(ascii_text(40))
    shipped_by: Mapped[str] = mapped_column(String(64))
    shipped_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(None, "merchant_id", "order_id"),
        Index(None, "merchant_id", "tracking_number"),
    )


class OrderChange(Base):
    """What was changed of an order after it was placed, and by whom; only ever added to."""

    __tablename__ = "order_changes"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    action: Mapped[str] = mapped_column(ascii_text(16))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    staff_id: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(ascii_text(64))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "merchant_id", "order_id"),)
