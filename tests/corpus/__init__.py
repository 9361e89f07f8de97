"""One corpus of values and charts for every engine that answers them."""
