"""Samples that are the same or nearly so, and what leaks from one split into another by them."""
