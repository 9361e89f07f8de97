"""Which units of a network answer nothing."""
