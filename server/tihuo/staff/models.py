import datetime as dt

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, UtcDateTime, ascii_text, merchant_key, primary_key


class StaffAccount(Base):
    """A back-office account. `restrictions`: the permissions that were taken away (manual: 勾选即限制)."""

    __tablename__ = "staff_accounts"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    account: Mapped[str] = mapped_column(ascii_text(32), unique=True)
    name: Mapped[str] = mapped_column(String(32))
    mobile: Mapped[str] = mapped_column(ascii_text(16))
    password_hash: Mapped[str] = mapped_column(ascii_text(128))
    restrictions: Mapped[list[str]] = mapped_column(JSON)
    is_owner: Mapped[bool]
    disabled: Mapped[bool]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
