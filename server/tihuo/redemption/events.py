"""What the room announces: a limit on guessing that was reached, once for each window.

{"scope": "card" | "address" | "prefix" | "merchant", "subject": which of them, "failures": how many,
"permission"}. Staff with the permission see it live.
"""

ALARM = "guessing_alarm"
PERMISSION = "cards"
