"""What a network is made of: its layers, and how they are connected."""
