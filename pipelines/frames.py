"""Tables from Python: pandas, polars, Arrow and whatever speaks their interfaces, as one Arrow table."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrow import in_one_layout, with_names
from pipelines.errors import ContractError

TAKEN = (
    "pandas and polars frames (lazy ones after .collect()), Arrow tables, batches and readers, mappings of "
    "columns, lists of rows"
)


def arrow_table(value: Any, where: str = "table") -> pa.Table:
    """Return anything that holds a table as an Arrow table with its own columns, in its own order.

    Taken are pandas and polars frames, Arrow tables, record batches and readers, everything with the Arrow
    stream interface or the dataframe interchange protocol, mappings of columns and lists of rows. A missing
    value of pandas is null, and an index that says something becomes a column. Raise `ContractError`, as of
    `where`, for anything else and for columns of no one type.
    """
    try:
        table = _converted(value)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        what = f"is no table that can be read: {' '.join(' '.join(map(str, error.args)).split())[:200]}"
        raise ContractError(
            where, what, "give each column a name of its own, and values of one type"
        ) from error
    if table is None:
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise ContractError(where, f"is {kind}, which is no table", f"taken are {TAKEN}")
    names = [str(name) for name in table.column_names]
    if repeated := sorted(name for name, count in Counter(names).items() if count > 1):
        what = f"has more than one column called {', '.join(repeated)}"
        raise ContractError(where, what, "give each a name of its own")
    named = table.rename_columns(names).replace_schema_metadata(_told_by_hugging_face(table))
    return in_one_layout(with_names(named))


def _converted(value: Any) -> pa.Table | None:
    if isinstance(value, pa.Table):
        return value
    pandas = sys.modules.get("pandas")  # who holds a frame of pandas has imported it
    if pandas is not None and isinstance(value, pandas.DataFrame):
        return _of_pandas(value)
    if hasattr(value, "__arrow_c_stream__"):
        return pa.table(value)
    if hasattr(value, "__arrow_c_array__"):
        return pa.Table.from_batches([pa.record_batch(value)])
    if hasattr(value, "__dataframe__"):
        from pyarrow.interchange import from_dataframe

        return from_dataframe(value)
    if isinstance(value, Mapping):
        return pa.table(dict(value))
    return _of_rows(value)


def _of_pandas(frame: Any) -> pa.Table:
    index = frame.index
    is_plain = type(index).__name__ == "RangeIndex" and index.name is None
    whole = frame if is_plain else frame.reset_index()
    whole = whole.set_axis([str(name) for name in whole.columns], axis=1)
    return pa.Table.from_pandas(whole, preserve_index=False)


def _of_rows(value: Any) -> pa.Table | None:
    """Return batches, or rows as mappings, as a table; None when the items are something else."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return None
    items = list(value)
    if items and all(isinstance(item, pa.RecordBatch) for item in items):
        return pa.Table.from_batches(items)
    if items and all(isinstance(item, Mapping) for item in items):
        names = dict.fromkeys(name for item in items for name in item)
        return pa.table({str(name): [item.get(name) for item in items] for name in names})
    return None


def _told_by_hugging_face(table: pa.Table) -> dict[bytes, bytes] | None:
    """Keep the one note that says something of the data; the others are of the library that made it."""
    told = (table.schema.metadata or {}).get(b"huggingface")
    return None if told is None else {b"huggingface": told}


# The digest of what a table holds -----------------------------------------------------------------


def content_digest(table: pa.Table) -> str:
    """Return a SHA-256 over names, types and values, whatever chunks, buffers and offsets hold them."""
    sink = hashlib.sha256()
    whole = table.combine_chunks()
    for name in whole.column_names:
        sink.update(f"{name}\0{whole[name].type}\0{whole.num_rows}\n".encode())
        for chunk in whole[name].chunks:
            _add(sink, chunk)
    return sink.hexdigest()


def _add(sink: Any, values: pa.Array) -> None:
    kind = values.type
    if isinstance(kind, pa.BaseExtensionType):
        return _add(sink, values.storage)
    if pa.types.is_dictionary(kind):
        return _add(sink, values.dictionary_decode())
    sink.update(np.packbits(np.asarray(values.is_valid())).tobytes())
    if pa.types.is_null(kind):
        return None
    if pa.types.is_struct(kind):
        for index in range(kind.num_fields):
            _add(sink, pc.struct_field(values, [index]))
        return None
    if _has_lengths(kind):
        return _add_lengths(sink, values)
    return _add_numbers(sink, values.drop_null())


def _has_lengths(kind: pa.DataType) -> bool:
    """Whether the values are lists, texts or bytes."""
    types = pa.types
    return any(
        check(kind)
        for check in (
            *(types.is_string, types.is_large_string, types.is_string_view, types.is_binary),
            *(types.is_large_binary, types.is_binary_view, types.is_list, types.is_large_list),
            *(types.is_fixed_size_list, types.is_fixed_size_binary),
        )
    )


def _add_lengths(sink: Any, values: pa.Array) -> None:
    """Add each length, then all values behind one another: no two lists of texts come out alike."""
    kind, there = values.type, values.drop_null()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        sink.update(np.asarray(pc.list_value_length(there).cast(pa.int64())).tobytes())
        return _add(sink, pc.list_flatten(there))
    plain = there.cast(pa.large_binary())
    lengths = np.asarray(pc.binary_length(plain).cast(pa.int64()))
    sink.update(lengths.tobytes())
    if lengths.any():
        _, offsets, data = plain.buffers()
        start = int(np.frombuffer(offsets, np.int64)[plain.offset])
        sink.update(data.slice(start, int(lengths.sum())))
    return None


def _add_numbers(sink: Any, values: pa.Array) -> None:
    kind = values.type
    if not pa.types.is_primitive(kind):  # decimals, intervals, maps: few, and without one layout
        return _add(sink, pa.array([str(value) for value in values.to_pylist()], pa.string()))
    if pa.types.is_boolean(kind):
        values = values.cast(pa.uint8())
    elif pa.types.is_temporal(kind):
        values = values.cast(pa.int64() if kind.bit_width == 64 else pa.int32())
    sink.update(np.ascontiguousarray(values.to_numpy(zero_copy_only=False)).tobytes())
    return None
