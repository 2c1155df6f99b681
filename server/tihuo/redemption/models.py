import datetime as dt

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, ascii_text, merchant_key, primary_key


class Redemption(Base):
    """One use of a card. The unique use is the second guard behind the card's own (design.md, "Hot path")."""

    __tablename__ = "redemptions"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    card_id: Mapped[int] = mapped_column(BigId, ForeignKey("cards.id"))
    use_number: Mapped[int | None] = mapped_column(SmallInteger)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    redeemed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("card_id", "use_number"),)


class WrongTry(Base):
    """A wrong password, or a number that there is not: noted alike, so that nothing can be learnt from it."""

    __tablename__ = "wrong_tries"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    number_key: Mapped[str] = mapped_column(ascii_text(64))
    address: Mapped[str] = mapped_column(ascii_text(64))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = (Index(None, "merchant_id", "number_key", "id"),)
