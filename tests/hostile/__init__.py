"""What readers, data and authors should not be able to do: run something, or reach out of the report."""
