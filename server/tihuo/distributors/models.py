import datetime as dt

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, UtcDateTime, merchant_key, primary_key


class Distributor(Base):
    """Somebody who sells cards on for the merchant (券商; spec F). One that is closed is not offered any more."""

    __tablename__ = "distributors"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    name: Mapped[str] = mapped_column(String(64))
    contact: Mapped[str] = mapped_column(String(32))
    phone: Mapped[str] = mapped_column(String(32))
    remark: Mapped[str] = mapped_column(String(200))
    closed: Mapped[bool]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("merchant_id", "name"), Index(None, "merchant_id", "id"))
