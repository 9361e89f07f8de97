"""A dataset as it is, without a model."""
