"""Every SQL expression of the room, by subject."""
