"""The demo, whole."""
