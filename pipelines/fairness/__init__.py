"""How a classifier does in each group of samples."""
