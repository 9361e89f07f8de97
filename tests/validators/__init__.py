"""What others wrote to judge what we write, where it cannot live beside our own libraries."""
