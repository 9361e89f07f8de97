"""The column types of an artifact, by name: few on purpose, those that both DuckDBs and pages read alike."""

from __future__ import annotations

NUMBERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
IN_LISTS = tuple(name for name in ("bool", *NUMBERS, "string") if name not in ("int64", "uint64"))
"""The types that the values of a list may have."""
TYPES = (
    *("bool", *NUMBERS, "string", "dictionary", "date", "timestamp", "binary"),
    *(f"list<{name}>" for name in IN_LISTS),
)
"""Every column type. `dictionary` is a string of few distinct values, `timestamp` is microseconds in UTC."""

LARGEST_INTEGER = 2**53 - 1  # beyond it a JavaScript number loses digits
