"""Benchmarks: every budget of the design, measured beside its peers in one run."""
