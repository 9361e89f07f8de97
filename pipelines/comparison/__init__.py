"""Two classifiers on the same samples."""
