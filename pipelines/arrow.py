"""Column types between Arrow's names and the contract's, and columns brought from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.types import IN_LISTS, LARGEST_INTEGER, NUMBERS, TYPES

DOUBLE_DIGITS = 15
NUL_PICTURE = "\u2400"
_ARROW = {pa.type_for_alias(name): name for name in ("bool", *NUMBERS, "string", "binary", "date32")}
_ARROW[pa.date32()] = "date"


def type_name(kind: pa.DataType) -> str:
    """Return the contract's name of an Arrow type; raise `ValueError` with the reason if it is refused."""
    if kind in _ARROW:
        return _ARROW[kind]
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        return "dictionary"
    if pa.types.is_timestamp(kind) and kind.tz == "UTC":
        return "timestamp"
    if pa.types.is_list(kind) and _ARROW.get(kind.value_type) in IN_LISTS:
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


def _is_list(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _normal(kind: pa.DataType) -> pa.DataType:
    """Return the one Arrow type that types of equal meaning are written as."""
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    if _is_list(kind):
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


# Reading texts --------------------------------------------------------------------------------------


def parsed_times(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return texts in ISO 8601 as times in UTC, where none or all say a zone; None where one is no time."""
    for kind in (*map(pa.timestamp, ("s", "us", "ns")), pa.timestamp("us", "UTC")):
        try:
            return _as_utc(texts.cast(kind))
        except pa.ArrowInvalid:
            continue
    return None


def as_type(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a column's values as the type of this name; raise `ValueError` where one has no such value."""
    if name == "timestamp":
        found = parsed_times(column) if _is_text(column.type) else _as_utc(column.cast(pa.timestamp("us")))
        if found is None:
            message = "not a time in ISO 8601"
            raise ValueError(message)
        return found
    written = pc.utf8_trim_whitespace(column) if _is_text(column.type) and name != "string" else column
    return written.cast(pa.type_for_alias({"date": "date32"}.get(name, name)))


# Taking tables in -----------------------------------------------------------------------------------


def with_names(table: pa.Table) -> pa.Table:
    """Give columns without a name one: pandas writes the index of a table so, in front."""
    names = table.column_names
    made = ["index" if index == 0 else f"column_{index}" for index in range(len(names))]
    return table.rename_columns([name or other for name, other in zip(names, made, strict=True)])


def in_one_layout(table: pa.Table) -> pa.Table:
    """Return the table with its texts and bytes as Arrow's plain ones, not large ones or views.

    pandas writes the former and polars the latter, and not every computation knows them.
    """
    # All at once: each column that is set by itself copies the list of all columns.
    columns, fields = list(table.columns), list(table.schema)
    for index, item in enumerate(table.schema):
        target = _normal(item.type) if _has_layout(item.type) else item.type
        if target != item.type:
            chunks = [_cast(chunk, target) for chunk in columns[index].chunks]
            columns[index] = pa.chunked_array(chunks, target)
            fields[index] = pa.field(item.name, target)
    schema = pa.schema(fields, table.schema.metadata)
    return table if schema == table.schema else pa.Table.from_arrays(columns, schema=schema)


def without_nul(table: pa.Table) -> tuple[pa.Table, dict[str, str]]:
    """Show the character NUL, which no HTML can hold, as its picture; say of each column in how many."""
    said: dict[str, str] = {}
    for index, item in enumerate(table.schema):
        found = _pictured(table[index])
        if found is not None:
            shown, count = found
            table = table.set_column(index, item.name, shown)
            said[item.name] = f"shown with {NUL_PICTURE} for the character NUL, in {count:,} of its values"
    return table, said


def _pictured(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int] | None:
    """Return texts or lists of texts with NUL as its picture, and the number of texts, if any has one."""
    kind = column.type
    if _is_list(kind) and _is_list(kind.value_type):
        return None  # refused as a whole, for what it is
    if _is_list(kind):
        flat = [_pictured(pa.chunked_array([pc.list_flatten(chunk)])) for chunk in column.chunks]
        count = sum(found[1] for found in flat if found)
        pairs = zip(column.chunks, flat, strict=True)
        lists = [_relisted(each, found[0].combine_chunks()) if found else each for each, found in pairs]
        kind = pa.large_list(pa.string())
        return (pa.chunked_array([each.cast(kind) for each in lists]), count) if count else None
    if not _is_text(kind.value_type if pa.types.is_dictionary(kind) else kind):
        return None
    texts = column.cast(pa.string())
    count = pc.sum(pc.match_substring(texts, "\0")).as_py()
    return (pc.replace_substring(texts, "\0", NUL_PICTURE), count) if count else None


def _has_layout(kind: pa.DataType) -> bool:
    """Whether a type is one of texts or bytes, of which Arrow has several layouts, or lists of them."""
    types = pa.types
    if types.is_dictionary(kind) or types.is_list(kind) or types.is_large_list(kind):
        return _has_layout(kind.value_type)
    return _is_text(kind) or bool(
        types.is_large_binary(kind) or types.is_binary_view(kind) or types.is_fixed_size_binary(kind)
    )


def _cast(chunk: pa.Array, target: pa.DataType) -> pa.Array:
    if not pa.types.is_dictionary(target):
        return chunk.cast(target)
    indices, values = chunk.indices.cast(target.index_type), chunk.dictionary.cast(target.value_type)
    return pa.DictionaryArray.from_arrays(indices, values)


def admitted(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of somebody's table in the nearest of the contract's types, as `normalised` does.

    Half floats and decimals become floats; decimals that a float does not hold to all their digits and
    integers beyond ±(2^53 - 1) text, as `lossy` finds them; times without a zone UTC, times of day text,
    durations seconds, and lists of large integers lists of small ones or of text. Raise `ValueError` for a
    type that has no such neighbour.
    """
    plain = _neighbour(column)
    kind = plain.type
    if _is_list(kind):
        plain = pa.chunked_array([_list_of_neighbours(chunk) for chunk in plain.chunks] or [_empty(kind)])
    taken = normalised(plain)
    type_name(taken.type)
    return taken


def _neighbour(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _neighbour(column.cast(kind.storage_type))
    if pa.types.is_dictionary(kind) and not _is_text(kind.value_type):
        return _neighbour(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        return _as_utc(column)
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    if pa.types.is_decimal(kind):
        return _floats(column) if lossy(column) is None else _written_out(column)
    if pa.types.is_time(kind):
        return column.cast(pa.string())
    if pa.types.is_duration(kind):
        return pc.divide(column.cast(pa.int64()).cast(pa.float64(), safe=False), _TICKS[kind.unit])
    return column if lossy(column) is None else column.cast(pa.string())


_TICKS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _as_utc(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return instants in UTC; a time that says no zone is taken as UTC, and parts of a microsecond go."""
    return column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.timestamp("us", "UTC"))


@dataclass(frozen=True)
class Exact:
    """Numbers that are kept as the texts that are written: the first that loses digits, and all rounded."""

    first: str
    rounded: pa.ChunkedArray
    is_whole: bool = False


def lossy(column: pa.ChunkedArray) -> str | None:
    """Return the first number of a column that loses digits as a JavaScript number; None where none does."""
    if pa.types.is_decimal(column.type):
        # Any 15 digits come back from a double as they went in.
        is_kept = None if column.type.precision <= DOUBLE_DIGITS else _is_kept(column)
    elif column.type in (pa.int64(), pa.uint64()):
        is_kept = pc.and_(
            pc.less_equal(column, LARGEST_INTEGER),
            True if column.type == pa.uint64() else pc.greater_equal(column, -LARGEST_INTEGER),
        )
    else:
        is_kept = None
    place = -1 if is_kept is None else pc.index(is_kept, False).as_py()
    return None if place < 0 else format(column[place].as_py(), "f" if _is_decimal(column) else "d")


def _is_decimal(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_decimal(column.type))


def _is_kept(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return whether the shortest text that means a decimal's double, which pages show, means the decimal."""
    shown = _floats(column).cast(pa.string())
    kind = pa.decimal256(76, column.type.scale)
    try:
        return pc.equal(shown.cast(kind), column.cast(kind))
    except pa.ArrowInvalid:  # some text has more digits than fit
        pairs = zip(shown.to_pylist(), column.to_pylist(), strict=True)
        kept = [None if exact is None else Decimal(text) == exact for text, exact in pairs]
        return pa.chunked_array([pa.array(kept, pa.bool_())])


def _floats(decimals: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the nearest doubles; Arrow's own cast is not the nearest for many digits."""
    return decimals.cast(pa.string()).cast(pa.float64())


def _written_out(decimals: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return decimals as texts with all their digits, and no exponent."""
    texts = [None if value is None else format(value, "f") for value in decimals.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])


def _list_of_neighbours(chunk: pa.Array) -> pa.Array:
    """Return a chunk of lists, null lists kept, whose values have types that a list may hold."""
    return _relisted(chunk, _small(_neighbour(pa.chunked_array([pc.list_flatten(chunk)])).combine_chunks()))


def _relisted(chunk: pa.Array, values: pa.Array) -> pa.Array:
    """Return the lists of a chunk, null lists kept, with other values in the place of its own."""
    lengths = pc.fill_null(pc.list_value_length(chunk), 0).cast(pa.int64())
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), pc.cumulative_sum(lengths)])
    return pa.LargeListArray.from_arrays(offsets, values, mask=chunk.is_null())


def _small(values: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        return values.cast(pa.string())
    if values.type not in (pa.int64(), pa.uint64()):
        return values
    try:
        return values.cast(pa.int32())
    except pa.ArrowInvalid:
        return values.cast(pa.string())  # exact, where a float would round


def _empty(kind: pa.DataType) -> pa.Array:
    return _list_of_neighbours(pa.array([], kind))
