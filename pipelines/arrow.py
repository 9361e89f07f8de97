"""The column types of an artifact, between Arrow's and the contract's names.

Few on purpose: what both DuckDBs and a browser read alike.
"""

from __future__ import annotations

import pyarrow as pa

_NUMBERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
_IN_LISTS = tuple(name for name in ("bool", *_NUMBERS, "string") if name not in ("int64", "uint64"))
TYPES = (
    *("bool", *_NUMBERS, "string", "dictionary", "date", "timestamp", "binary"),
    *(f"list<{name}>" for name in _IN_LISTS),
)
"""Every column type. `dictionary` is a string of few distinct values, `timestamp` is microseconds in UTC."""

_ARROW = {pa.type_for_alias(name): name for name in ("bool", *_NUMBERS, "string", "binary", "date32")}
_ARROW[pa.date32()] = "date"


def type_name(kind: pa.DataType) -> str:
    """Return the contract's name of an Arrow type; raise `ValueError` with the reason if it is refused."""
    if kind in _ARROW:
        return _ARROW[kind]
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        return "dictionary"
    if pa.types.is_timestamp(kind) and kind.tz == "UTC":
        return "timestamp"
    if pa.types.is_list(kind) and _ARROW.get(kind.value_type) in _IN_LISTS:
        return f"list<{_ARROW[kind.value_type]}>"
    message = f"type {kind} is refused{_refusal(kind)}"
    raise ValueError(message)


def _refusal(kind: pa.DataType) -> str:
    if pa.types.is_float16(kind):
        return ": browsers read it as bytes; cast it to float32"
    if pa.types.is_decimal(kind):
        return ": browsers read it wrongly; cast it to float64"
    if pa.types.is_list(kind):
        return ": browsers read lists of this wrongly; cast the values to int32, float32 or string"
    if pa.types.is_timestamp(kind):
        return ": a timestamp must be in UTC"
    return f": cast it to one of {', '.join(TYPES[:15])}"


def _normal(kind: pa.DataType) -> pa.DataType:
    """Return the one Arrow type that types of equal meaning are written as."""
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    if pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind):
        return pa.list_(_normal(kind.value_type))
    if pa.types.is_date64(kind):
        return pa.date32()
    if pa.types.is_timestamp(kind) and kind.tz in ("UTC", "Etc/UTC", "+00:00"):
        return pa.timestamp("us", "UTC")
    if pa.types.is_dictionary(kind):
        return pa.dictionary(pa.int32(), _normal(kind.value_type))
    return kind


def normalised(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return `column` as the contract writes it; raise `ValueError` when its type or a value cannot be."""
    target = _normal(column.type)
    if pa.types.is_dictionary(target):
        # Decoded and encoded afresh: equal values give equal bytes, whatever dictionary they came with.
        type_name(target)
        return column.cast(pa.string()).combine_chunks().dictionary_encode()
    return column.cast(target)
