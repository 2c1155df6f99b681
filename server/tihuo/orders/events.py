"""What the room announces; both carry {"order": OrderNews}. Staff with the permission see them live."""

PLACED = "order_placed"
SHIPPED = "order_shipped"
PERMISSIONS = {PLACED: "orders", SHIPPED: "orders"}
