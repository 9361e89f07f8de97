"""Which labels are wrong: of classes that are taken for each other, of single samples, and of near twins."""
