"""The first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from tihuo.db.base import BigId, UtcDateTime, ascii_text, binary

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_counter",
        sa.Column("id", BigId, autoincrement=False, nullable=False),
        sa.Column("last_number", BigId, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_counter")),
    )
    op.bulk_insert(sa.table("event_counter", sa.column("id"), sa.column("last_number")), [{"id": 1, "last_number": 0}])
    op.create_table(
        "merchants",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("slug", ascii_text(32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("salt", binary(32), nullable=False),
        sa.Column("timezone", ascii_text(40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchants")),
        sa.UniqueConstraint("slug", name=op.f("uq_merchants_slug")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("staff_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("address", ascii_text(64), nullable=False),
        sa.Column("action", ascii_text(40), nullable=False),
        sa.Column("subject", ascii_text(40), nullable=False),
        sa.Column("subject_id", BigId, nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_audit_entries_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entries_merchant_id_id"), ["merchant_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_entries_merchant_id_subject_subject_id_id"),
            ["merchant_id", "subject", "subject_id", "id"],
            unique=False,
        )

    op.create_table(
        "events",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("number", BigId, nullable=True),
        sa.Column("kind", ascii_text(40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_events_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("number", name=op.f("uq_events_number")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_merchant_id_number"), ["merchant_id", "number"], unique=False)

    op.create_table(
        "idempotency_keys",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("scope", ascii_text(20), nullable=False),
        sa.Column("key", ascii_text(64), nullable=False),
        sa.Column("fingerprint", binary(32), nullable=False),
        sa.Column("result_id", BigId, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_idempotency_keys_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("merchant_id", "scope", "key", name=op.f("uq_idempotency_keys_merchant_id_scope_key")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_keys_created_at"), ["created_at"], unique=False)

    op.create_table(
        "number_counters",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("prefix", ascii_text(12), nullable=False),
        sa.Column("digits", sa.SmallInteger(), nullable=False),
        sa.Column("last_number", BigId, nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_number_counters_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_counters")),
        sa.UniqueConstraint(
            "merchant_id", "prefix", "digits", name=op.f("uq_number_counters_merchant_id_prefix_digits")
        ),
    )
    op.create_table(
        "product_sets",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("digest", binary(32), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_product_sets_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_sets")),
        sa.UniqueConstraint("merchant_id", "digest", name=op.f("uq_product_sets_merchant_id_digest")),
    )
    op.create_table(
        "products",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("erp_code", sa.String(length=64), nullable=False),
        sa.Column("picture_keys", sa.JSON(), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column(
            "detail_html",
            sa.Text().with_variant(mysql.MEDIUMTEXT(), "mariadb").with_variant(mysql.MEDIUMTEXT(), "mysql"),
            nullable=False,
        ),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("on_shelf", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_products_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("merchant_id", "name", name=op.f("uq_products_merchant_id_name")),
    )
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_products_merchant_id_id"), ["merchant_id", "id"], unique=False)

    op.create_table(
        "serial_counters",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("last_serial", BigId, nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_serial_counters_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial_counters")),
        sa.UniqueConstraint("merchant_id", name=op.f("uq_serial_counters_merchant_id")),
    )
    op.create_table(
        "staff_accounts",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("account", ascii_text(32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("mobile", ascii_text(16), nullable=False),
        sa.Column("password_hash", ascii_text(128), nullable=False),
        sa.Column("restrictions", sa.JSON(), nullable=False),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_staff_accounts_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_accounts")),
        sa.UniqueConstraint("account", name=op.f("uq_staff_accounts_account")),
    )
    op.create_table(
        "storefronts",
        sa.Column("merchant_id", BigId, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("logo_key", ascii_text(80), nullable=True),
        sa.Column("banner_key", ascii_text(80), nullable=True),
        sa.Column("theme_color", ascii_text(7), nullable=False),
        sa.Column("welcome", sa.String(length=500), nullable=False),
        sa.Column("contact_phone", sa.String(length=32), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("closed_notice", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_storefronts_merchant_id")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_storefronts")),
    )
    op.create_table(
        "batches",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("code", ascii_text(20), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("prefix", ascii_text(12), nullable=False),
        sa.Column("number_length", sa.SmallInteger(), nullable=False),
        sa.Column("start_number", BigId, nullable=True),
        sa.Column("order", ascii_text(12), nullable=False),
        sa.Column("password_length", sa.SmallInteger(), nullable=False),
        sa.Column("password_alphabet", ascii_text(16), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("first_serial", BigId, nullable=False),
        sa.Column("last_serial", BigId, nullable=False),
        sa.Column("first_number", ascii_text(32), nullable=False),
        sa.Column("last_number", ascii_text(32), nullable=False),
        sa.Column("product_set_id", BigId, nullable=False),
        sa.Column("face_value_fen", BigId, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_batches_merchant_id")),
        sa.ForeignKeyConstraint(["product_set_id"], ["product_sets.id"], name=op.f("fk_batches_product_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("merchant_id", "code", name=op.f("uq_batches_merchant_id_code")),
    )
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batches_merchant_id_id"), ["merchant_id", "id"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("number", ascii_text(20), nullable=False),
        sa.Column("card_id", BigId, nullable=False),
        sa.Column("card_number", ascii_text(32), nullable=False),
        sa.Column("card_name", sa.String(length=64), nullable=False),
        sa.Column("product_id", BigId, nullable=False),
        sa.Column("product", sa.JSON(), nullable=False),
        sa.Column("source", ascii_text(12), nullable=False),
        sa.Column("status", ascii_text(12), nullable=False),
        sa.Column("receiver_name", sa.String(length=32), nullable=False),
        sa.Column("mobile", ascii_text(16), nullable=False),
        sa.Column("province", sa.String(length=32), nullable=False),
        sa.Column("city", sa.String(length=32), nullable=False),
        sa.Column("district", sa.String(length=32), nullable=False),
        sa.Column("region_code", ascii_text(6), nullable=True),
        sa.Column("address", sa.String(length=128), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("shipped_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_orders_merchant_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_orders_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("merchant_id", "number", name=op.f("uq_orders_merchant_id_number")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_card_id"), ["card_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_merchant_id_card_number"), ["merchant_id", "card_number"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_orders_merchant_id_id"), ["merchant_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_merchant_id_mobile"), ["merchant_id", "mobile"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_merchant_id_placed_at"), ["merchant_id", "placed_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_merchant_id_shipped_at"), ["merchant_id", "shipped_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_merchant_id_status_id"), ["merchant_id", "status", "id"], unique=False
        )

    op.create_table(
        "product_set_items",
        sa.Column("set_id", BigId, nullable=False),
        sa.Column("product_id", BigId, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_product_set_items_merchant_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_set_items_product_id")),
        sa.ForeignKeyConstraint(["set_id"], ["product_sets.id"], name=op.f("fk_product_set_items_set_id")),
        sa.PrimaryKeyConstraint("set_id", "product_id", name=op.f("pk_product_set_items")),
    )
    op.create_table(
        "cards",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("batch_id", BigId, nullable=False),
        sa.Column("serial", BigId, nullable=False),
        sa.Column("number", ascii_text(32), nullable=False),
        sa.Column("password_mac", binary(32), nullable=False),
        sa.Column("password_sealed", binary(64), nullable=False),
        sa.Column("key_id", ascii_text(16), nullable=False),
        sa.Column("status", ascii_text(8), nullable=False),
        sa.Column("status_before_void", ascii_text(8), nullable=True),
        sa.Column("uses_total", sa.SmallInteger(), nullable=False),
        sa.Column("uses_left", sa.SmallInteger(), nullable=False),
        sa.Column("product_set_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("face_value_fen", BigId, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("activated_at", UtcDateTime(), nullable=True),
        sa.Column("redeemed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_cards_batch_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_cards_merchant_id")),
        sa.ForeignKeyConstraint(["product_set_id"], ["product_sets.id"], name=op.f("fk_cards_product_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("merchant_id", "number", name=op.f("uq_cards_merchant_id_number")),
        sa.UniqueConstraint("merchant_id", "serial", name=op.f("uq_cards_merchant_id_serial")),
    )
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cards_merchant_id_batch_id_id"), ["merchant_id", "batch_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_cards_merchant_id_id"), ["merchant_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_cards_merchant_id_status_id"), ["merchant_id", "status", "id"], unique=False
        )

    op.create_table(
        "shipments",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("courier_code", ascii_text(20), nullable=False),
        sa.Column("courier_name", sa.String(length=32), nullable=False),
        sa.Column("tracking_number", ascii_text(40), nullable=False),
        sa.Column("shipped_by", sa.String(length=64), nullable=False),
        sa.Column("shipped_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_shipments_merchant_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
    )
    with op.batch_alter_table("shipments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_shipments_merchant_id_order_id"), ["merchant_id", "order_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_shipments_merchant_id_tracking_number"), ["merchant_id", "tracking_number"], unique=False
        )

    op.create_table(
        "redemptions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("card_id", BigId, nullable=False),
        sa.Column("use_number", sa.SmallInteger(), nullable=True),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("redeemed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_redemptions_card_id")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_redemptions_merchant_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_redemptions_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("card_id", "use_number", name=op.f("uq_redemptions_card_id_use_number")),
    )


def downgrade() -> None:
    op.drop_table("redemptions")
    with op.batch_alter_table("shipments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipments_merchant_id_tracking_number"))
        batch_op.drop_index(batch_op.f("ix_shipments_merchant_id_order_id"))

    op.drop_table("shipments")
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cards_merchant_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_cards_merchant_id_id"))
        batch_op.drop_index(batch_op.f("ix_cards_merchant_id_batch_id_id"))

    op.drop_table("cards")
    op.drop_table("product_set_items")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_merchant_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_orders_merchant_id_shipped_at"))
        batch_op.drop_index(batch_op.f("ix_orders_merchant_id_placed_at"))
        batch_op.drop_index(batch_op.f("ix_orders_merchant_id_mobile"))
        batch_op.drop_index(batch_op.f("ix_orders_merchant_id_id"))
        batch_op.drop_index(batch_op.f("ix_orders_merchant_id_card_number"))
        batch_op.drop_index(batch_op.f("ix_orders_card_id"))

    op.drop_table("orders")
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batches_merchant_id_id"))

    op.drop_table("batches")
    op.drop_table("storefronts")
    op.drop_table("staff_accounts")
    op.drop_table("serial_counters")
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_products_merchant_id_id"))

    op.drop_table("products")
    op.drop_table("product_sets")
    op.drop_table("number_counters")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_created_at"))

    op.drop_table("idempotency_keys")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_merchant_id_number"))
        batch_op.drop_index(batch_op.f("ix_events_at"))

    op.drop_table("events")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entries_merchant_id_subject_subject_id_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entries_merchant_id_id"))

    op.drop_table("audit_entries")
    op.drop_table("merchants")
    op.drop_table("event_counter")
