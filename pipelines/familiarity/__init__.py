"""How usual each sample is among all others and among those of its label."""
