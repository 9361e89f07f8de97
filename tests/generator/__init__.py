"""The generator, from settings to files."""
