"""What all tables share: naming, column types, the scope of a merchant."""

import datetime as dt
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    String,
    Table,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

# Rows and selections whose columns are named where they are used.
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]


class Base(DeclarativeBase):
    """Base of every table; constraint names follow one convention, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table(model: type[Base]) -> Table:
    """The table of a model, for statements that need no objects."""
    return cast(Table, model.__table__)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment, aware and in UTC in Python, without zone in the database, to the microsecond."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)


def rowcount(result: Any) -> int:
    """How many rows a statement changed."""
    assert isinstance(result, CursorResult)
    return result.rowcount


def ascii_text(length: int) -> TypeEngine[str]:
    """An ASCII text compared byte by byte: numbers, slugs, states. Small in an index, exact in case."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def binary(length: int) -> TypeEngine[bytes]:
    """Bytes of at most `length`, in the row itself."""
    return LargeBinary(length).with_variant(mysql.VARBINARY(length), "mysql", "mariadb")


def blob() -> TypeEngine[bytes]:
    """Bytes of any length, beside the row."""
    return LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


BigId = BigInteger().with_variant(Integer(), "sqlite")


def primary_key() -> Mapped[int]:
    """The id column of a table."""
    return mapped_column(BigId, primary_key=True, autoincrement=True)


def merchant_key() -> Mapped[int]:
    """The column that says whose row it is; every table of a merchant's has it."""
    return mapped_column(BigId, ForeignKey("merchants.id"))


def now() -> dt.datetime:
    """This moment in UTC."""
    return dt.datetime.now(dt.UTC)
