"""Compares the numbers of two runs: of small tables row by row, of samples their means."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.contract import Column
from sitegen.catalog import quote
from sitegen.difference.findings import Number, Rows, Sample
from sitegen.difference.matching import CONTENT, LISTED, Matching, Pair, is_number, plain

MOST_ROWS = 5000
"""Rows of a table whose numbers are compared one by one; of a larger one only which rows differ."""
NAMING = ("string", "dictionary", "bool", "date", "timestamp")
"""Types of columns that name a row."""
ROWS = "rows"

Table = dict[str, list[Any]]


def compare_headlines(matching: Matching, pair: Pair) -> Iterator[Number]:
    """Yield the numbers that tell of a whole table; its tables are open."""
    name = pair.after.name
    yield Number(name, ROWS, float(pair.before.rows), float(pair.after.rows), is_headline=True)
    if pair.after.is_samples:
        yield from _means(matching, pair)


def _means(matching: Matching, pair: Pair) -> Iterator[Number]:
    """Yield the mean of each column of numbers and the share of each of truth values."""
    columns = [one for one in pair.alike if _is_measured(one)]
    if not columns:
        return
    before, after = (_averages(matching, name, columns) for name in ("before", "after"))
    for column, first, second in zip(columns, before, after, strict=True):
        said = "share" if column.type == "bool" else "mean"
        yield Number(pair.after.name, f"{said} of {column.name}", first, second, is_headline=True)


def _is_measured(column: Column) -> bool:
    is_name = column.role in ("id", "duplicates", "sample", "neighbor", "time")
    return (is_number(column) or column.type == "bool") and not is_name


def _averages(matching: Matching, table: str, columns: Sequence[Column]) -> list[float | None]:
    values = []
    for column in columns:
        value = f"CAST({quote(column.name)} AS DOUBLE)"
        values.append(f"favg({value}) FILTER (WHERE isfinite({value}))")
    (row,) = matching.ask(f"SELECT {', '.join(values)} FROM {table}")
    # Sums depend on the order of their terms, which threads share out as they come.
    return [None if value is None else float(f"{value:.12g}") for value in row]


@dataclass(frozen=True)
class Results:
    """A small table on both sides, with its rows by the words that name them."""

    pair: Pair
    key: tuple[Column, ...]
    columns: tuple[Column, ...]
    before: Table
    after: Table

    @property
    def names(self) -> tuple[dict[str, int], dict[str, int]]:
        """The rows of both sides, by name."""
        first, second = (
            {name: row for row, name in enumerate(_names(self.key, table))}
            for table in (self.before, self.after)
        )
        return first, second

    def numbers(self) -> Iterator[Number]:
        """Yield each number of each row, named by the row's words."""
        first, second = self.names
        measured = [one for one in self.columns if is_number(one) and one not in self.key]
        for name in dict.fromkeys([*first, *second]):
            for column in measured:
                old = _finite(self.before[column.name][first[name]]) if name in first else None
                new = _finite(self.after[column.name][second[name]]) if name in second else None
                said = f"{column.name}, {name}" if name else column.name
                yield Number(self.pair.after.name, said, old, new)

    def rows(self) -> Rows:
        """Return how the rows differ; of those that changed only words are listed, for numbers are told."""
        first, second = self.names
        columns: Counter[str] = Counter()
        samples, changed = [], 0
        for name in first.keys() & second.keys():
            pairs = {
                one: (self.before[one.name][first[name]], self.after[one.name][second[name]])
                for one in self.columns
            }
            differing = {one: values for one, values in pairs.items() if not _is_same(*values)}
            changed += bool(differing)
            columns.update(one.name for one in differing)
            words = {one.name: values for one, values in differing.items() if not is_number(one)}
            if words:
                old, new = ({key: plain(values[side]) for key, values in words.items()} for side in (0, 1))
                samples.append(Sample("changed", name, old, new))
        added, removed = second.keys() - first.keys(), first.keys() - second.keys()
        samples.sort(key=lambda one: one.id)
        samples += [Sample("added", name, {}, {}) for name in second if name in added]
        samples += [Sample("removed", name, {}, {}) for name in first if name in removed]
        table = self.pair.after
        key = ", ".join(one.name for one in self.key) or CONTENT
        counts = (len(added), len(removed), changed)
        return Rows(
            table.name,
            self.pair.before.rows,
            table.rows,
            *counts,
            key,
            dict(columns),
            tuple(samples[:LISTED]),
        )


def read_results(matching: Matching, pair: Pair) -> Results | None:
    """Return a small table, read whole; None of a large one, of samples, and where no words name its rows."""
    if pair.after.is_samples or max(pair.before.rows, pair.after.rows) > MOST_ROWS:
        return None
    columns = tuple(one for one in pair.alike if is_number(one) or one.type.startswith(NAMING))
    before, after = (_read(matching, name, columns) for name in ("before", "after"))
    key = _key(columns, before, after)
    return None if key is None else Results(pair, tuple(key), columns, before, after)


def _is_same(first: Any, second: Any) -> bool:
    return bool(first == second or (first != first and second != second))


def _read(matching: Matching, table: str, columns: Sequence[Column]) -> Table:
    if not columns:
        return {}
    rows = matching.ask(f"SELECT {', '.join(quote(one.name) for one in columns)} FROM {table}")
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    return {column.name: list(found) for column, found in zip(columns, values, strict=True)}


def _count(table: Table) -> int:
    return len(next(iter(table.values()), []))


def _key(columns: Sequence[Column], *tables: Table) -> list[Column] | None:
    """Return the fewest columns whose values name each row, and that name most rows alike on both sides.

    Words may come first, or columns in their order: a rank is a poor name, and so is a verdict.
    """
    words = [one for one in columns if one.type.startswith(NAMING)]
    if all(_count(table) <= 1 for table in tables):
        return words
    whole = [one for one in columns if one.type.startswith(("int", "uint"))]
    in_order = [one for one in columns if one in words or one in whole]
    found = [key for key in (_first_unique(order, tables) for order in ([*words, *whole], in_order)) if key]
    return max(found, key=lambda key: (_shared(key, tables), -len(key)), default=None)


def _first_unique(columns: Sequence[Column], tables: Sequence[Table]) -> list[Column] | None:
    for end in range(1, len(columns) + 1):
        key = list(columns[:end])
        if all(len(set(_names(key, table))) == _count(table) for table in tables):
            return key
    return None


def _shared(key: Sequence[Column], tables: Sequence[Table]) -> int:
    first, second = (set(_names(key, table)) for table in tables)
    return len(first & second)


def _names(key: Sequence[Column], table: Table) -> list[str]:
    """Return what each row is called: ``split train, epoch 3``."""
    return [
        ", ".join(
            f"{column.name} {table[column.name][row]}"
            for column in key
            if table[column.name][row] is not None
        )
        for row in range(_count(table))
    ]


def _finite(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
