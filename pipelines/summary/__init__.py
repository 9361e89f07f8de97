"""What every column of a dataset holds, in numbers."""
