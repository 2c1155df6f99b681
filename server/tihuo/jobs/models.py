import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, ascii_text, merchant_key, primary_key


class JobRow(Base):
    """Work that no request waits for. `state`: where it goes on after a crash, saved with each step's own changes.

    `lane`: jobs of one merchant in one lane run one after the other, in the order in which they were asked for.
    """

    __tablename__ = "jobs"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    kind: Mapped[str] = mapped_column(ascii_text(32))
    lane: Mapped[str] = mapped_column(ascii_text(16))
    permission: Mapped[str] = mapped_column(ascii_text(32))
    title: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(ascii_text(12))
    cancellable: Mapped[bool]
    cancel_asked: Mapped[bool]
    input: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    total: Mapped[int] = mapped_column(BigId)
    done: Mapped[int] = mapped_column(BigId)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    lease: Mapped[str | None] = mapped_column(ascii_text(32))
    lease_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    staff_id: Mapped[int | None] = mapped_column(BigId)
    created_by: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(ascii_text(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "merchant_id", "id"), Index(None, "status", "id"))


class JobFile(Base):
    """A file that a job made or will read, encrypted in the store until it is erased."""

    __tablename__ = "job_files"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    job_id: Mapped[int | None] = mapped_column(BigId)
    staff_id: Mapped[int | None] = mapped_column(BigId)
    purpose: Mapped[str] = mapped_column(ascii_text(16))
    store_key: Mapped[str] = mapped_column(ascii_text(128))
    name: Mapped[str] = mapped_column(String(128))
    media_type: Mapped[str] = mapped_column(ascii_text(80))
    size: Mapped[int] = mapped_column(BigId)
    once: Mapped[bool]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "merchant_id", "job_id"), Index(None, "erased_at", "expires_at"))
