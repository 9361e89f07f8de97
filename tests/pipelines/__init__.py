"""The analyses, from sources to artifacts."""
