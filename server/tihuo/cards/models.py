import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, ascii_text, binary, merchant_key, primary_key


class SerialCounter(Base):
    """The last serial of a merchant. Its lock makes the merchant's batches wait for each other."""

    __tablename__ = "serial_counters"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    last_serial: Mapped[int] = mapped_column(BigId)

    __table_args__ = (UniqueConstraint("merchant_id"),)


class NumberCounter(Base):
    """Where the next sequential batch with this prefix and number of digits goes on."""

    __tablename__ = "number_counters"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    prefix: Mapped[str] = mapped_column(ascii_text(12))
    digits: Mapped[int] = mapped_column(SmallInteger)
    last_number: Mapped[int] = mapped_column(BigId)

    __table_args__ = (UniqueConstraint("merchant_id", "prefix", "digits"),)


class ProductSet(Base):
    """A distinct choice of products, shared by all cards that have it; `digest`: hash of the sorted ids."""

    __tablename__ = "product_sets"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    digest: Mapped[bytes] = mapped_column(binary(32))

    __table_args__ = (UniqueConstraint("merchant_id", "digest"),)


class ProductSetItem(Base):
    __tablename__ = "product_set_items"

    set_id: Mapped[int] = mapped_column(BigId, ForeignKey("product_sets.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(BigId, ForeignKey("products.id"), primary_key=True)
    merchant_id: Mapped[int] = merchant_key()


class Batch(Base):
    """The cards made in one go, as they were asked for."""

    __tablename__ = "batches"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    code: Mapped[str] = mapped_column(ascii_text(20))
    name: Mapped[str] = mapped_column(String(64))
    prefix: Mapped[str] = mapped_column(ascii_text(12))
    number_length: Mapped[int] = mapped_column(SmallInteger)
    start_number: Mapped[int | None] = mapped_column(BigId)
    order: Mapped[str] = mapped_column(ascii_text(12))
    password_length: Mapped[int] = mapped_column(SmallInteger)
    password_alphabet: Mapped[str] = mapped_column(ascii_text(16))
    quantity: Mapped[int]
    first_serial: Mapped[int] = mapped_column(BigId)
    last_serial: Mapped[int] = mapped_column(BigId)
    first_number: Mapped[str] = mapped_column(ascii_text(32))
    last_number: Mapped[str] = mapped_column(ascii_text(32))
    product_set_id: Mapped[int] = mapped_column(BigId, ForeignKey("product_sets.id"))
    face_value_fen: Mapped[int | None] = mapped_column(BigId)
    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_until: Mapped[dt.date | None] = mapped_column(Date)
    remark: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("merchant_id", "code"), Index(None, "merchant_id", "id"))


class Card(Base):
    """A card. Number and password never change; the password is kept only as in vault/card_passwords."""

    __tablename__ = "cards"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    batch_id: Mapped[int] = mapped_column(BigId, ForeignKey("batches.id"))
    serial: Mapped[int] = mapped_column(BigId)
    number: Mapped[str] = mapped_column(ascii_text(32))
    password_mac: Mapped[bytes] = mapped_column(binary(32))
    password_sealed: Mapped[bytes] = mapped_column(binary(64))
    key_id: Mapped[str] = mapped_column(ascii_text(16))
    status: Mapped[str] = mapped_column(ascii_text(8))
    status_before_void: Mapped[str | None] = mapped_column(ascii_text(8))
    uses_total: Mapped[int] = mapped_column(SmallInteger)
    uses_left: Mapped[int] = mapped_column(SmallInteger)
    product_set_id: Mapped[int] = mapped_column(BigId, ForeignKey("product_sets.id"))
    name: Mapped[str] = mapped_column(String(64))
    face_value_fen: Mapped[int | None] = mapped_column(BigId)
    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_until: Mapped[dt.date | None] = mapped_column(Date)
    remark: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    activated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    redeemed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("merchant_id", "number"),
        UniqueConstraint("merchant_id", "serial"),
        Index(None, "merchant_id", "id"),
        Index(None, "merchant_id", "batch_id", "id"),
        Index(None, "merchant_id", "status", "id"),
    )
