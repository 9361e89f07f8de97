"""Class names: found, given or told by the source, and columns of classes written with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import ContractError, counted, nearest


def found_classes(where: str, columns: Iterable[pa.ChunkedArray]) -> tuple[str, ...]:
    """Return the distinct values of all columns together as names, numbers in their order."""
    values: set[object] = set()
    for column in columns:
        values |= set(_plain(column).unique().to_pylist()) - {None}
    numbers = [value for value in values if isinstance(value, int)]
    if numbers and len(numbers) < len(values):
        raise ContractError(where, "labels are numbers and predictions are names, or the other way round")
    return tuple(map(str, sorted(numbers))) if numbers else tuple(sorted(map(str, values)))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    if pa.types.is_floating(kind) and bool(pc.all(pc.equal(pc.round(column), column)).as_py()):
        return column.cast(pa.int64())  # what pandas makes of integers where one is missing
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    return column.cast(kind)


def class_column(
    where: str, name: str, column: pa.ChunkedArray, classes: Sequence[str], unknown_is_missing: bool = False
) -> pa.DictionaryArray:
    """Return the class name of each sample; integers are names where all are in `classes`, else indices.

    With `unknown_is_missing` the index -1 is null: Hugging Face's datasets hide labels so.
    """
    plain = _plain(column)
    if pa.types.is_floating(plain.type) or pa.types.is_nested(plain.type):
        raise ContractError(where, f'column "{name}" is {plain.type}: classes are strings or integers')
    if unknown_is_missing and pa.types.is_signed_integer(plain.type):
        plain = pc.if_else(pc.equal(plain, -1), pa.scalar(None, plain.type), plain)
    texts = plain.cast(pa.string())
    listed = pa.array(classes, pa.string())
    if pa.types.is_integer(plain.type) and not _is_all_in(texts, listed):
        inside = pc.and_(pc.greater_equal(plain, 0), pc.less(plain, len(classes)))
        texts = listed.take(pc.if_else(inside, plain, None).combine_chunks().cast(pa.int64()))
        texts = pc.if_else(inside, texts, pc.if_else(pc.is_null(plain), None, plain.cast(pa.string())))
    strange = pc.and_(pc.is_valid(texts), pc.invert(pc.is_in(texts, listed)))
    count = pc.sum(strange).as_py() or 0
    if count:
        first = str(pc.filter(texts, strange)[0])[:60]
        what = f'column "{name}" holds {counted(count, "value")} of no class, such as "{first}"'
        raise ContractError(where, what, nearest(first, list(classes)[:20]))
    chunks = texts if isinstance(texts, pa.Array) else texts.combine_chunks()
    return chunks.dictionary_encode()


def _is_all_in(texts: pa.ChunkedArray, listed: pa.Array) -> bool:
    return bool(pc.all(pc.or_kleene(pc.is_null(texts), pc.is_in(texts, listed))).as_py())
