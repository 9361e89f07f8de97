"""What becomes of a model when labels are corrected."""
