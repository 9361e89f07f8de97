"""The house: its sizes, its words, what is generated fresh."""
