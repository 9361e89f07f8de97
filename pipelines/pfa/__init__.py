"""Which units of a layer say the same, and how many would do."""
