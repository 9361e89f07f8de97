"""Groups of samples by what their columns hold: values, ranges of numbers, and what is missing.

A group is told in words and as a filter expression, which a page understands.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.contract import Column
from pipelines.errors import ContractError, nearest

Codes: TypeAlias = NDArray[np.int64]

MOST_VALUES = 200
"""Values of one column that are groups of their own; a column of more is none to group by."""
FEW_VALUES = 24
"""Values that a column has at most to be taken without being named."""
FEW_NUMBERS = 12
"""Different whole numbers that are groups of their own; more are put into ranges."""
LARGEST_CODE = 2**62
LARGEST_TABLE = 2**22
"""Codes that are looked up in a table; more are sorted."""

TOLD = ("label", "split", "group")
ANSWERS = ("id", "image", "text", "audio", "media_type", "embedding", "prediction", "probability")
APART = (*ANSWERS, "confidence", "correct", "margin", "entropy", "sheet", "x", "y", "loss", "score")
"""Roles of columns that say which sample it is, or what a model says of it: grouped by where named."""


@dataclass(frozen=True)
class Feature:
    """One column to group by: the value of each sample as an index into what it may be.

    `words` are in the form `label = 3`; `tests` are the same as filter expressions.
    """

    name: str
    codes: Codes
    words: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def size(self) -> int:
        """The number of values, ranges and what is missing together."""
        return len(self.words)


@dataclass(frozen=True)
class Grouping:
    """The groups that some columns together make; only those that have samples.

    `index` is each sample's group, `members` the value of each group in each of the columns, shape
    (groups, columns).
    """

    features: tuple[Feature, ...]
    index: Codes
    members: Codes

    @property
    def size(self) -> int:
        """The number of groups."""
        return len(self.members)

    def words(self, group: int) -> str:
        """Return a group in words; all samples together are one group without any."""
        return in_words(self.features, self.members[group])

    def expression(self, group: int) -> str:
        """Return a group as a filter expression."""
        return as_expression(self.features, self.members[group])


def in_words(features: Sequence[Feature], members: Sequence[int] | Codes) -> str:
    """Return what a group's samples have in common, in words."""
    said = (feature.words[code] for feature, code in zip(features, members, strict=True))
    return ", ".join(said) or "all"


def as_expression(features: Sequence[Feature], members: Sequence[int] | Codes) -> str:
    """Return the same as a filter expression of a page; `true` for all samples."""
    tests = (feature.tests[code] for feature, code in zip(features, members, strict=True))
    return " && ".join(tests) or "true"


# What settings say --------------------------------------------------------------------------------


def names_in(text: str) -> list[str]:
    """Return the names that a text lists, with commas between them; one with a comma is in double quotes."""
    rows = list(csv.reader([text], skipinitialspace=True)) if text.strip() else []
    return [name.strip() for row in rows for name in row if name.strip()]


def edges_in(where: str, text: str) -> dict[str, tuple[float, ...]]:
    """Return the edges of ranges by column, from `age = 18 65, income = 1000`."""
    edges: dict[str, tuple[float, ...]] = {}
    for item in names_in(text):
        name, sign, numbers = item.rpartition("=")
        try:
            listed = tuple(float(number) for number in numbers.split())
        except ValueError:
            listed = ()
        is_rising = all(low < high for low, high in pairwise(listed))
        if not (sign and listed and is_rising and np.isfinite(listed).all()):
            what = f'edges "{item}" are no rising numbers of a column'
            raise ContractError(where, what, 'write edges = "age = 18 65, income = 1000"')
        edges[name.strip()] = listed
    return edges


def features(
    where: str,
    table: pa.Table,
    columns: Sequence[Column],
    names: Sequence[str],
    edges: Mapping[str, tuple[float, ...]],
    bins: int,
) -> tuple[Feature, ...]:
    """Return the columns called `names` as features, or without any name those that say something of samples.

    `bins` is the number of ranges of a column of numbers without edges, each with about as many samples.
    Raise `ContractError` with every column that cannot be grouped by.
    """
    told = {column.name: column for column in columns}
    chosen = list(names) or _chosen(table, columns)
    problems = [
        ContractError(where, f'there is no column "{name}"', nearest(name, told))
        for name in dict.fromkeys([*chosen, *edges])
        if name not in told
    ]
    found: list[Feature] = []
    for name in dict.fromkeys(chosen):
        if name in told:
            try:
                found.append(feature(where, name, table[name], edges.get(name), bins))
            except ContractError as error:
                problems.append(error)
    if problems:
        raise ContractError.together(problems)
    if not found:
        raise ContractError(where, "has no column to group by", 'name some: columns = "split, label"')
    return tuple(found)


def _chosen(table: pa.Table, columns: Sequence[Column]) -> list[str]:
    """Return the columns of few values, those with a role first."""
    free = [column for column in columns if column.role not in APART and _is_grouped(table[column.name].type)]
    few = [
        column for column in free if 2 <= pc.count_distinct(_plain(table[column.name])).as_py() <= FEW_VALUES
    ]
    return [column.name for column in sorted(few, key=lambda column: column.role not in TOLD)]


def _is_grouped(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_dictionary(kind) or types.is_string(kind) or types.is_boolean(kind) or types.is_integer(kind)
    )


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


# Columns ------------------------------------------------------------------------------------------


def feature(
    where: str, name: str, column: pa.ChunkedArray, edges: tuple[float, ...] | None, bins: int
) -> Feature:
    """Return a column of texts, truths or numbers as a feature."""
    kind = _plain(column).type
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if edges is not None and not is_number:
        raise ContractError(where, f'column "{name}" is {kind}: only numbers have edges')
    if is_number:
        is_whole = pa.types.is_integer(kind)
        if edges is not None or not is_whole or pc.count_distinct(column).as_py() > FEW_NUMBERS:
            return _ranges(name, column, edges, bins)
    elif not (pa.types.is_string(kind) or pa.types.is_boolean(kind)):
        hint = "name columns of texts, of truths or of numbers"
        raise ContractError(where, f'column "{name}" is {kind}: it makes no groups', hint)
    return _values(where, name, _plain(column))


def reference(name: str) -> str:
    """Return how a filter expression names a column."""
    return f"datum.{name}" if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else f"datum[{_quoted(name)}]"


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _values(where: str, name: str, column: pa.ChunkedArray) -> Feature:
    values = sorted(set(column.unique().to_pylist()) - {None}, key=natural)
    if len(values) > MOST_VALUES:
        what = f'column "{name}" has {len(values)} values, more than {MOST_VALUES}'
        raise ContractError(where, what, "name columns of fewer values")
    codes = pc.fill_null(pc.index_in(column, value_set=pa.array(values, column.type)), len(values))
    words = [f"{name} = {_said(value)}" for value in values]
    tests = [f"{reference(name)} == {_quoted(value)}" for value in values]
    if column.null_count:
        words.append(f"{name} is missing")
        tests.append(f"{reference(name)} == null")
    return Feature(name, _numpy(codes), tuple(words), tuple(tests))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "(empty)" if value == "" else str(value)


def _numpy(codes: pa.ChunkedArray) -> Codes:
    return np.asarray(codes.to_numpy(), np.int64)


def natural(value: object) -> tuple[tuple[int, float, str], ...]:
    """Return what sorts values as people do: `9` before `10`, `a9` before `a10`."""
    parts = re.findall(r"\d+|\D+", str(value)) if not isinstance(value, float | int) else [value]
    return tuple(
        (0, float(part), "") if not isinstance(part, str) or part.isdecimal() else (1, 0.0, part)
        for part in parts
    )


def _ranges(name: str, column: pa.ChunkedArray, edges: tuple[float, ...] | None, bins: int) -> Feature:
    """Return ranges that hold their lower end; null and NaN are missing."""
    values = np.asarray(column.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(), np.float64)
    is_missing = np.isnan(values)
    cuts = np.array(edges) if edges is not None else _quantiles(values[~is_missing], bins)
    codes = np.searchsorted(cuts, values, side="right").astype(np.int64)
    codes[is_missing] = len(cuts) + 1
    guard = f"isValid({reference(name)}) && " if is_missing.any() else ""
    told = [_range(name, low, high, guard) for low, high in zip([None, *cuts], [*cuts, None], strict=True)]
    if is_missing.any():
        told.append((f"{name} is missing", f"!isValid({reference(name)})"))
    return Feature(name, codes, tuple(words for words, _ in told), tuple(test for _, test in told))


def _quantiles(values: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Return the cuts between ranges of about as many samples each, rounded so that they can be read."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.array([])
    exact = np.quantile(finite, np.arange(1, bins) / bins, method="lower")
    spread = float(finite.max() - finite.min())
    digits = max(0, 3 - int(np.floor(np.log10(spread)))) if spread > 0 else 0
    cuts = np.unique(np.round(exact, digits))
    return np.asarray(cuts[cuts > finite.min()])


def _range(name: str, low: float | None, high: float | None, guard: str) -> tuple[str, str]:
    """Return a range in words, and as a filter expression."""
    column = reference(name)
    tests = [f"{column} >= {low!r}" for low in ([] if low is None else [float(low)])]
    tests += [f"{column} < {high!r}" for high in ([] if high is None else [float(high)])]
    test = guard + " && ".join(tests) if tests else f"isValid({column})"
    if low is None and high is None:
        return f"{name} is any number", test
    if low is None or high is None:
        return f"{name} {'<' if low is None else '≥'} {_number(high if low is None else low)}", test
    return f"{name} {_number(low)} to < {_number(high)}", test


def _number(value: float | None) -> str:
    return f"{value:.12g}"


# Groups -------------------------------------------------------------------------------------------


def combined(columns: Sequence[Feature]) -> tuple[Codes, int]:
    """Return one code for the values of all columns, and one more than the largest it can be.

    Codes are made dense on the way where they would not fit into 64 bits.
    """
    rows = len(columns[0].codes) if columns else 0
    codes, size = np.zeros(rows, np.int64), 1
    for column in columns:
        if size * column.size > LARGEST_CODE:
            found, codes = np.unique(codes, return_inverse=True)
            size = len(found)
        codes, size = codes * column.size + column.codes, size * column.size
    return codes, size


def grouping(columns: Sequence[Feature], rows: int) -> Grouping:
    """Return the groups of all values of `columns` that occur together; without columns one of all `rows`."""
    if not columns:
        return Grouping((), np.zeros(rows, np.int64), np.zeros((1, 0), np.int64))
    codes, size = combined(columns)
    first, index = _dense(codes, size)
    members = np.stack([column.codes[first] for column in columns], axis=1)
    return Grouping(tuple(columns), index, members)


def _dense(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Return a row of each code that occurs, and each row's place among them."""
    if size > LARGEST_TABLE:
        _, first, index = np.unique(codes, return_index=True, return_inverse=True)
        return first, index.astype(np.int64)
    row = np.full(size, -1, np.int64)
    row[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    found = np.flatnonzero(row >= 0)
    place = np.zeros(size, np.int64)
    place[found] = np.arange(len(found))
    return row[found], place[codes]


def groupings(columns: Sequence[Feature], depth: int, rows: int) -> Iterator[Grouping]:
    """Yield the groups of all samples, then those of each column, of every two, and so on up to `depth`."""
    for level in range(min(depth, len(columns)) + 1):
        for chosen in combinations(columns, level):
            yield grouping(chosen, rows)
