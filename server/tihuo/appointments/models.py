import datetime as dt

from sqlalchemy import Date, ForeignKey, Integer, PrimaryKeyConstraint, SmallInteger, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, merchant_key


class AppointmentRule(Base):
    """A merchant's rule for choosing days, as JSON; no row means that none are chosen."""

    __tablename__ = "appointment_rules"

    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"), primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"))


class AppointmentDay(Base):
    """How many orders hold a place on a day, for a product or (`product_id` 0) the whole shop.

    A day is several slots, each with a share of the quota, so that its orders don't queue for one row's lock. A slot
    that nobody took from yet has no row.
    """

    __tablename__ = "appointment_days"

    merchant_id: Mapped[int] = merchant_key()
    product_id: Mapped[int] = mapped_column(BigId)
    day: Mapped[dt.date] = mapped_column(Date)
    slot: Mapped[int] = mapped_column(SmallInteger)
    taken: Mapped[int] = mapped_column(Integer)

    # No other index: a slot's UPDATE that took its way through one would lock the rows of the whole day.
    __table_args__ = (PrimaryKeyConstraint("merchant_id", "product_id", "day", "slot"),)
