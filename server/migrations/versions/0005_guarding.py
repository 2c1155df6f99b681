"""Blocked addresses, wrong tries by time"""

import sqlalchemy as sa
from alembic import op

from tihuo.db.base import BigId, UtcDateTime, ascii_text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocked_addresses",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("network", ascii_text(64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("blocked_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("blocked_until", UtcDateTime(), nullable=False),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_blocked_addresses_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocked_addresses")),
    )
    op.create_index(op.f("ix_blocked_addresses_blocked_until"), "blocked_addresses", ["blocked_until"])
    op.create_index(
        op.f("ix_blocked_addresses_merchant_id_blocked_until"), "blocked_addresses", ["merchant_id", "blocked_until"]
    )
    op.create_index(op.f("ix_wrong_tries_merchant_id_at"), "wrong_tries", ["merchant_id", "at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_wrong_tries_merchant_id_at"), "wrong_tries")
    op.drop_table("blocked_addresses")
