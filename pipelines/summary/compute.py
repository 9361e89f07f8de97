"""Computes `summary`: counts, quantiles, frequent values and histograms of every column of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.contract import Column, Rows, TableSpec
from pipelines.summary.spec import COLUMNS, HISTOGRAMS, VALUES
from pipelines.tool import Job, Output

QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
ARROW = {"dictionary": pa.dictionary(pa.int32(), pa.string()), "string": pa.string()}

Record = Mapping[str, Any]


def compute(job: Job) -> Output:
    """Return the tables `columns`, `values` and `histograms` of the dataset's columns, media aside."""
    if job.dataset is None:
        message = "the runner gives summary a dataset"
        raise ValueError(message)
    columns: list[Record] = []
    values: list[Record] = []
    histograms: list[Record] = []
    with job.steps.step("columns", len(job.dataset.columns)) as advance:
        for number, column in enumerate(job.dataset.columns, start=1):
            array = job.dataset.rows[column.name]
            said = describe(column, array)
            columns.append(said)
            if _is_counted(array.type, said.get("distinct"), job.parameters["values"]):
                values += top_values(column.name, array, job.parameters["values"])
            if _is_number(array.type):
                histograms += histogram(column.name, finite(array), job.parameters["bins"])
            advance(number)
    tables = ((COLUMNS, columns), (VALUES, values), (HISTOGRAMS, histograms))
    return Output(
        tuple(Rows(spec, _table(spec, found)) for spec, found in tables), skipped=job.dataset.skipped
    )


def describe(column: Column, array: pa.ChunkedArray) -> Record:
    """Return the row of `columns` that says what an array holds."""
    said: dict[str, Any] = {
        "column": column.name,
        "type": column.type,
        "role": column.role,
        "unit": column.unit,
        "description": column.description,
        "rows": len(array),
        "missing": array.null_count,
        "not_finite": 0,
    }
    if _is_nested(array.type):
        return said
    plain = array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array
    if _is_number(plain.type):
        numbers = finite(plain)
        said |= {"not_finite": len(plain) - plain.null_count - len(numbers), **_of_numbers(numbers)}
        plain = pc.filter(plain, pc.fill_null(pc.is_finite(plain), False))
    if pa.types.is_string(plain.type):
        lengths = pc.min_max(pc.utf8_length(plain)).as_py()
        said |= {"shortest": lengths["min"], "longest": lengths["max"]}
    ends = pc.min_max(plain).as_py()
    said["distinct"] = pc.count_distinct(plain, mode="only_valid").as_py()
    return {**said, "least": _words(ends["min"]), "greatest": _words(ends["max"])}


def _of_numbers(numbers: NDArray[np.float64]) -> Record:
    if not len(numbers):
        return {}
    found = np.quantile(numbers, list(QUANTILES.values()))
    deviation = float(numbers.std(ddof=1)) if len(numbers) > 1 else None
    return {
        "mean": float(numbers.mean()),
        "deviation": deviation,
        **dict(zip(QUANTILES, found.tolist(), strict=True)),
    }


def finite(array: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return the numbers of an array that are neither missing nor NaN nor infinite, as float64."""
    numbers = np.asarray(array.drop_null().to_numpy(), np.float64)
    return numbers[np.isfinite(numbers)]


def top_values(name: str, array: pa.ChunkedArray, most: int) -> list[Record]:
    """Return rows of `values`: the most frequent first, equally frequent ones in the order of their names."""
    plain = array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array
    counted = pc.value_counts(plain.drop_null().combine_chunks())
    found = [(one["counts"].as_py(), one["values"].as_py()) for one in counted]
    found.sort(key=lambda one: (-one[0], one[1]))
    present = len(array) - array.null_count
    return [
        {"column": name, "rank": rank, "value": _words(value), "count": count, "share": count / present}
        for rank, (count, value) in enumerate(found[:most], start=1)
    ]


def histogram(name: str, numbers: NDArray[np.float64], bins: int) -> list[Record]:
    """Return rows of `histograms`: bins of equal width from the least number to the greatest.

    Equal numbers are one bin without a width.
    """
    if not len(numbers):
        return []
    low, high = numbers.min(), numbers.max()
    if low == high:
        counts, edges = np.array([len(numbers)]), np.array([low, high])
    else:
        # Weighted ends, as their difference may be beyond floats; fewer bins where floats lie too close.
        shares = np.linspace(0, 1, bins + 1)
        edges = np.unique(low * (1 - shares) + high * shares)
        counts, _ = np.histogram(numbers, edges)
    return [
        {"column": name, "bin": index, "low": float(low), "high": float(high), "count": int(count)}
        for index, (low, high, count) in enumerate(zip(edges[:-1], edges[1:], counts, strict=True))
    ]


def _table(spec: TableSpec, records: list[Record]) -> pa.Table:
    return pa.table(
        {
            column.name: pa.array(
                [record.get(column.name) for record in records],
                ARROW.get(column.type) or pa.type_for_alias(column.type),
            )
            for column in spec.columns
        }
    )


def _is_counted(kind: pa.DataType, distinct: int | None, most: int) -> bool:
    """Whether values are counted one by one: texts, truth values, and whole numbers where they are few."""
    if pa.types.is_integer(kind):
        return distinct is not None and distinct <= most
    return bool(pa.types.is_string(kind) or pa.types.is_dictionary(kind) or pa.types.is_boolean(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_binary(kind))


def _words(value: Any) -> str | None:
    """Return a value as it is read: of a time the date alone where the clock says midnight."""
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    return None if value is None else str(value)
