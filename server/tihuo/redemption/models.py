import datetime as dt

from sqlalchemy import ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, BigId, UtcDateTime, merchant_key, primary_key


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
