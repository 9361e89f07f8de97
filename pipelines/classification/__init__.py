"""How a classifier answers for each sample."""
