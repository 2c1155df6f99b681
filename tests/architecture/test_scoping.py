"""The check that holds every statement of every test to one merchant does see."""

import pytest

from tests.factories.scoping import SCOPED, UnscopedStatement, check


def test_the_merchants_tables_are_known() -> None:
    assert {"cards", "orders", "products", "redemptions", "shipments", "audit_entries"} <= SCOPED


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT cards.id FROM cards WHERE cards.number = ?",
        "UPDATE orders SET status=? WHERE orders.number = ?",
        "DELETE FROM shipments WHERE shipments.order_id = ?",
        "SELECT orders.merchant_id FROM orders WHERE orders.id = ?",
    ],
)
def test_a_statement_without_the_merchant_is_seen(statement: str) -> None:
    with pytest.raises(UnscopedStatement):
        check(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT cards.id FROM cards WHERE cards.merchant_id = ? AND cards.number = ?",
        "INSERT INTO cards (merchant_id) VALUES (?)",
        "SELECT merchants.id FROM merchants WHERE merchants.slug = ?",
    ],
)
def test_a_statement_with_the_merchant_passes(statement: str) -> None:
    check(statement)
