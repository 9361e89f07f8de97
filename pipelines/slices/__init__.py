"""Slices of the samples in which a classifier is wrong more often."""
