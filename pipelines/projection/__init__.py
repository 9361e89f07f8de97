"""Embeddings laid out in two dimensions."""
