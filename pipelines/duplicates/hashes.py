"""Samples that are exactly the same: files byte for byte, images by pixels, texts and rows by content."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.datasets import Dataset
from pipelines.duplicates.edges import numbered
from pipelines.images import digests

Places = NDArray[np.int64]

FEATURE_ROLES = (None, "group", "time")
"""Roles of the columns that make up a row of a table; the others name it, or say what is thought of it."""


def exact_groups(dataset: Dataset, advance: Callable[[int], None] = lambda _: None) -> dict[str, Places]:
    """Return groups of equal samples by kind, the strictest first: "bytes", "pixels", "content".

    Each is a group number for every sample, -1 for one that is alone. Images have bytes (where they are
    files) and pixels, sounds have bytes, texts content; so have rows that are nothing but columns.
    """
    if dataset.images is not None:
        found = digests(dataset.images, advance)
        of_bytes = {} if found.encoded is None else {"bytes": _grouped(found.encoded)}
        return {**of_bytes, "pixels": _grouped(found.pixels)}
    audio, text = dataset.role("audio"), dataset.role("text")
    if audio is not None:
        return {"bytes": _grouped(audio.to_pylist())}
    if text is not None:
        return {"content": _grouped(_normalised(text))}
    features = {item.name: dataset.rows[item.name] for item in dataset.columns if item.role in FEATURE_ROLES}
    return {"content": numbered(_row_codes(features))} if features else {}


def _grouped(values: Sequence[str | bytes | None]) -> Places:
    """Return the group of equal values that each belongs to; what is missing is alone."""
    first: dict[str | bytes, int] = {}
    codes = [place if value is None else first.setdefault(value, place) for place, value in enumerate(values)]
    return numbered(np.asarray(codes, np.int64))


def normalised(text: str) -> str:
    """Return a text in one spelling: composed letters, no capitals, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _normalised(column: pa.ChunkedArray) -> list[str | None]:
    return [None if text is None else normalised(text) for text in column.cast(pa.string()).to_pylist()]


def _row_codes(columns: Mapping[str, pa.ChunkedArray]) -> Places:
    """Return a number for each row, the same for rows whose values are the same."""
    codes = np.column_stack([_codes(column) for column in columns.values()])
    return np.asarray(np.unique(codes, axis=0, return_inverse=True)[1].ravel(), np.int64)


def _codes(column: pa.ChunkedArray) -> Places:
    """Return a number for each distinct value, missing ones being equal to each other."""
    kind = column.type
    plain = column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column
    if pa.types.is_string(plain.type):
        plain = pa.chunked_array([pa.array(_normalised(plain), pa.string())])
    elif pa.types.is_nested(plain.type):
        plain = pa.chunked_array([pa.array([repr(value) for value in plain.to_pylist()], pa.string())])
    elif pa.types.is_floating(plain.type):
        plain = pc.add(plain, pa.scalar(0, plain.type))  # turns -0 into 0
    encoded = plain.combine_chunks().dictionary_encode(null_encoding="encode")
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)
