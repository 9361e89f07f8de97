"""Tests, by what they hold: a folder each."""
