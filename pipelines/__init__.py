"""Offline analyses of datasets and models; each writes an artifact that sitegen can show."""
