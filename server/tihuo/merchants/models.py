import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, ascii_text, binary, primary_key


class Merchant(Base):
    """A tenant. `salt`: its own, from which its keys are derived (spec N)."""

    __tablename__ = "merchants"

    id: Mapped[int] = primary_key()
    slug: Mapped[str] = mapped_column(ascii_text(32), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    salt: Mapped[bytes] = mapped_column(binary(32))
    timezone: Mapped[str] = mapped_column(ascii_text(40))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Storefront(Base):
    """What customers see of a merchant; one row each."""

    __tablename__ = "storefronts"

    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(32))
    logo_key: Mapped[str | None] = mapped_column(ascii_text(80))
    banner_key: Mapped[str | None] = mapped_column(ascii_text(80))
    theme_color: Mapped[str] = mapped_column(ascii_text(7))
    welcome: Mapped[str] = mapped_column(String(500))
    contact_phone: Mapped[str] = mapped_column(String(32))
    open: Mapped[bool]
    closed_notice: Mapped[str] = mapped_column(String(500))
