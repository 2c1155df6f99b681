import datetime as dt

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, ascii_text, binary, merchant_key, primary_key


class Redemption(Base):
    """One use of a card, and the request that used it.

    The unique use is the second guard behind the card's own (design.md, "Hot path"). `use_number` is None once the
    order was cancelled. The same `request_key` with the same `fingerprint` (a MAC of the body) is the same request.
    """

    __tablename__ = "redemptions"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("cards.id"))
    use_number: Mapped[int | None] = mapped_column(SmallInteger)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    request_key: Mapped[str | None] = mapped_column(ascii_text(64))
    fingerprint: Mapped[bytes | None] = mapped_column(binary(32))
    redeemed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("card_id", "use_number"), UniqueConstraint("merchant_id", "request_key"))


class WrongTry(Base):
    """A wrong password, or a number that there is not: noted alike, so that nothing can be learnt from it.

    `address` is the network that counts as one client: of an IPv6 address its first half.
    """

    __tablename__ = "wrong_tries"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    number_key: Mapped[str] = mapped_column(ascii_text(64))
    address: Mapped[str] = mapped_column(ascii_text(64))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = (Index(None, "merchant_id", "number_key", "id"), Index(None, "merchant_id", "at"))


class BlockedAddress(Base):
    """A network from which a merchant takes no tries at its cards until then, or until it was lifted."""

    __tablename__ = "blocked_addresses"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    network: Mapped[str] = mapped_column(ascii_text(64))
    reason: Mapped[str] = mapped_column(String(200))
    blocked_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    blocked_until: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    lifted_by: Mapped[str | None] = mapped_column(String(64))
    lifted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "merchant_id", "blocked_until"),)
