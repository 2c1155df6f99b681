import datetime as dt
from typing import Any

from sqlalchemy import JSON, Computed, Date, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, ascii_text, binary, blob, merchant_key, primary_key

UNUSED, PARTLY_USED, USED_UP = 0, 1, 2


class SerialCounter(Base):
    """The last serial of a merchant. Its lock puts the merchant's card jobs in an order."""

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


class CardTerms(Base):
    """All that can be edited of a card, shared by the cards that have the same; never changed once written.

    Editing a card gives it other terms: one small column for any number of attributes, and one index for
    finding cards by any of them (docs/decisions/0007). `digest`: hash of all of it.
    """

    __tablename__ = "card_terms"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    digest: Mapped[bytes] = mapped_column(binary(32))
    name: Mapped[str] = mapped_column(String(64))
    product_set_id: Mapped[int] = mapped_column(BigId, ForeignKey("product_sets.id"))
    face_value_fen: Mapped[int | None] = mapped_column(BigId)
    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_until: Mapped[dt.date | None] = mapped_column(Date)
    remark: Mapped[str] = mapped_column(String(200))
    distributor_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("distributors.id"))

    __table_args__ = (UniqueConstraint("merchant_id", "digest"),)


class Batch(Base):
    """The cards made or imported in one go, and how. Its cards are the serials from first to last, and only those.

    Until it is `ready` its cards are in the table but nowhere else: no list, no count, no redemption knows them.
    `lowest_key`, `highest_key`: bounds of its cards' number keys, known once it is ready.
    """

    __tablename__ = "batches"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    code: Mapped[str] = mapped_column(ascii_text(20))
    status: Mapped[str] = mapped_column(ascii_text(8))
    source: Mapped[str] = mapped_column(ascii_text(8))
    job_id: Mapped[int | None] = mapped_column(BigId)
    prefix: Mapped[str] = mapped_column(ascii_text(12))
    number_length: Mapped[int | None] = mapped_column(SmallInteger)
    start_number: Mapped[int | None] = mapped_column(BigId)
    order: Mapped[str | None] = mapped_column(ascii_text(12))
    password_length: Mapped[int | None] = mapped_column(SmallInteger)
    password_alphabet: Mapped[str | None] = mapped_column(ascii_text(16))
    uses: Mapped[int] = mapped_column(SmallInteger)
    card_status: Mapped[str] = mapped_column(ascii_text(8))
    quantity: Mapped[int]
    first_serial: Mapped[int] = mapped_column(BigId)
    last_serial: Mapped[int] = mapped_column(BigId)
    first_number: Mapped[str | None] = mapped_column(ascii_text(32))
    last_number: Mapped[str | None] = mapped_column(ascii_text(32))
    lowest_key: Mapped[str | None] = mapped_column(ascii_text(32))
    highest_key: Mapped[str | None] = mapped_column(ascii_text(32))
    terms_id: Mapped[int] = mapped_column(BigId, ForeignKey("card_terms.id"))
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("merchant_id", "code"),
        Index(None, "merchant_id", "id"),
        Index(None, "merchant_id", "status"),
    )


class Card(Base):
    """A card. Number and password never change; the password is kept only as in vault/card_passwords.

    `number_key`: the number with what looks alike made one (shapes.unmistakable), so that a misread one is found
    and no two numbers can be taken for each other. A deleted card keeps its row, without its password: its
    number stays retired. Lists and jobs go by serial, hence the serial at the end of each index.
    """

    __tablename__ = "cards"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    # No foreign keys here: MariaDB would lock the parent's row, and keep an index more, for every card.
    batch_id: Mapped[int] = mapped_column(BigId)
    terms_id: Mapped[int] = mapped_column(BigId)
    serial: Mapped[int] = mapped_column(BigId)
    number: Mapped[str] = mapped_column(ascii_text(32))
    number_key: Mapped[str] = mapped_column(ascii_text(32))
    password_mac: Mapped[bytes] = mapped_column(binary(32))
    password_sealed: Mapped[bytes] = mapped_column(binary(64))
    key_id: Mapped[str] = mapped_column(ascii_text(16))
    status: Mapped[str] = mapped_column(ascii_text(8))
    status_before_void: Mapped[str | None] = mapped_column(ascii_text(8))
    uses_total: Mapped[int] = mapped_column(SmallInteger)
    uses_left: Mapped[int] = mapped_column(SmallInteger)
    # Computed, hence never NULL, though MariaDB lets no computed column say so.
    used: Mapped[int] = mapped_column(
        SmallInteger,
        Computed("CASE WHEN uses_left >= uses_total THEN 0 WHEN uses_left > 0 THEN 1 ELSE 2 END", persisted=False),
        nullable=True,
    )
    activated_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    activated_day: Mapped[dt.date | None] = mapped_column(Date)
    redeemed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    redeemed_day: Mapped[dt.date | None] = mapped_column(Date)

    __table_args__ = (
        UniqueConstraint("merchant_id", "number_key"),
        UniqueConstraint("merchant_id", "serial"),
        # With the terms at its end this one alone tells figures and dry runs all they need.
        Index(None, "merchant_id", "status", "used", "serial", "terms_id"),
        Index(None, "merchant_id", "terms_id", "serial"),
        Index(None, "merchant_id", "activated_day", "serial"),
        Index(None, "merchant_id", "redeemed_day", "serial"),
    )


class CardChange(Base):
    """What was done to up to a chunk of cards, all of them alike before and after; only ever added to.

    `members`: the serials (a roaring bitmap) where they are not all from first to last.
    """

    __tablename__ = "card_changes"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    first_serial: Mapped[int] = mapped_column(BigId)
    last_serial: Mapped[int] = mapped_column(BigId)
    count: Mapped[int]
    members: Mapped[bytes | None] = mapped_column(blob())
    action: Mapped[str] = mapped_column(ascii_text(16))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    job_id: Mapped[int | None] = mapped_column(BigId)
    staff_id: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(ascii_text(64))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "merchant_id", "first_serial"), Index(None, "merchant_id", "job_id"))


class CardSelection(Base):
    """What a filter found when it was looked at, to the card; an action is done to this set and no other.

    `serials`: a roaring bitmap. `findings`: how many would not change and why. Kept with the job that used it.
    """

    __tablename__ = "card_selections"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    staff_id: Mapped[int | None] = mapped_column(BigId)
    filter: Mapped[dict[str, Any]] = mapped_column(JSON)
    action: Mapped[str] = mapped_column(ascii_text(16))
    edit: Mapped[dict[str, Any]] = mapped_column(JSON)
    serials: Mapped[bytes] = mapped_column(blob())
    count: Mapped[int]
    will_change: Mapped[int]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    job_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = (Index(None, "merchant_id", "id"),)


class SavedFilter(Base):
    """A filter of the card list that an account keeps under a name."""

    __tablename__ = "saved_filters"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    staff_id: Mapped[int] = mapped_column(BigId, ForeignKey("staff_accounts.id"))
    name: Mapped[str] = mapped_column(String(32))
    filter: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("merchant_id", "staff_id", "name"),)
