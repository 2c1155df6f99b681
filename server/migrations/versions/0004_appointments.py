"""Appointments: the merchant's rule, and the places taken on each day"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from tihuo.db.base import BigId

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment_rules",
        sa.Column("merchant_id", BigId, autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_appointment_rules_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_appointment_rules")),
    )
    op.create_table(
        "appointment_days",
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("product_id", BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_appointment_days_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", "product_id", "day", "slot", name=op.f("pk_appointment_days")),
    )
