import datetime as dt

from sqlalchemy import JSON, Date, ForeignKey, String
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
    """What customers see of a merchant, and what they may do; one row each.

    `version` goes up with each change. `undeliverable`: codes of areas (province, city or district) to which nothing
    is sent.
    """

    __tablename__ = "storefronts"

    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(32))
    logo_key: Mapped[str | None] = mapped_column(ascii_text(80))
    banner_key: Mapped[str | None] = mapped_column(ascii_text(80))
    theme_color: Mapped[str] = mapped_column(ascii_text(7))
    page_color: Mapped[str] = mapped_column(ascii_text(7))
    welcome: Mapped[str] = mapped_column(String(500))
    announcement: Mapped[str] = mapped_column(String(500))
    contact_phone: Mapped[str] = mapped_column(String(32))
    contact_hours: Mapped[str] = mapped_column(String(64))
    contact_wechat: Mapped[str] = mapped_column(String(64))
    jump_url: Mapped[str] = mapped_column(String(500))
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    open: Mapped[bool]
    closed_notice: Mapped[str] = mapped_column(String(500))
    paused: Mapped[bool]
    pause_notice: Mapped[str] = mapped_column(String(500))
    resumes_on: Mapped[dt.date | None] = mapped_column(Date)
    address_correction: Mapped[bool]
    date_correction: Mapped[bool]
    undeliverable: Mapped[list[str]] = mapped_column(JSON)
    undeliverable_note: Mapped[str] = mapped_column(String(200))
