import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, ascii_text, merchant_key, primary_key


class AuditEntry(Base):
    """Who did what, when, from where; only ever added to."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    staff_id: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(ascii_text(64))
    action: Mapped[str] = mapped_column(ascii_text(40))
    subject: Mapped[str] = mapped_column(ascii_text(40))
    subject_id: Mapped[int | None] = mapped_column(BigId)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(None, "merchant_id", "id"),
        Index(None, "merchant_id", "subject", "subject_id", "id"),
    )
