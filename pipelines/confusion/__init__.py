"""Which labels are taken for which."""
