import datetime as dt

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from tihuo.db.base import Base, UtcDateTime, merchant_key, primary_key


class Product(Base):
    """Something a card can be redeemed for; a gift box of several things is one product (manual: 提货商品).

    `undeliverable`: codes of areas to which this product is not sent.
    """

    __tablename__ = "products"

    id: Mapped[int] = primary_key()
    merchant_id: Mapped[int] = merchant_key()
    name: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(64))
    erp_code: Mapped[str] = mapped_column(String(64))
    picture_keys: Mapped[list[str]] = mapped_column(JSON)
    contents: Mapped[list[str]] = mapped_column(JSON)
    detail_html: Mapped[str] = mapped_column(Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"))
    attributes: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    undeliverable: Mapped[list[str]] = mapped_column(JSON)
    undeliverable_note: Mapped[str] = mapped_column(String(200))
    on_shelf: Mapped[bool]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("merchant_id", "name"), Index(None, "merchant_id", "id"))
