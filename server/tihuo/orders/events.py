"""What the room announces; all carry {"order": OrderNews}. Staff with the permission see them live."""

PLACED = "order_placed"
CHANGED = "order_changed"
SHIPPED = "order_shipped"
PERMISSIONS = {PLACED: "orders", CHANGED: "orders", SHIPPED: "orders"}
