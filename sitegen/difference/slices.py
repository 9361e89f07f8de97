"""Compares two tables of samples slice by slice: rows, and those that are predicted correctly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.contract import Column
from sitegen.catalog import quote
from sitegen.difference.findings import Slice
from sitegen.difference.intervals import independent, paired
from sitegen.difference.matching import Matching, Pair, plain
from sitegen.numbers import UNDEFINED

SLICED = ("label", "split", "group")
"""Roles of the columns whose values are slices."""
MOST_VALUES = 1000
"""Distinct values above which a column is no slicing."""

Counts = tuple[int, int | None]
"""Rows, and those that are right."""


@dataclass(frozen=True)
class _Sliced:
    """A column's slices: counts of both sides, and of the samples that both have in the same slice."""

    before: dict[str, Counts]
    after: dict[str, Counts]
    matched: dict[str, tuple[int, int, int, int]]
    """Right on both sides, only before, only after, on neither."""


def compare_slices(matching: Matching, pair: Pair) -> Iterator[Slice]:
    """Yield the slices of a table, all rows first; its tables are open. A table without classes has none."""
    columns = [one for one in pair.shared if one.role in SLICED and _is_category(one)]
    if not pair.before.is_samples or not (columns or _right(pair)):
        return
    for column in (None, *columns):
        found = _sliced(matching, pair, column)
        if found is not None:
            for value in dict.fromkeys([*found.before, *found.after]):
                yield _slice(pair.after.name, column.name if column else "", value, found)


def _is_category(column: Column) -> bool:
    return not column.type.startswith(("float", "list", "binary", "timestamp", "date"))


def _right(pair: Pair) -> str | None:
    """Return the condition that a row is predicted correctly; None where the tables do not say."""
    roles = {column.role: quote(column.name) for column in reversed(pair.shared) if column.role}
    if "correct" in roles:
        return roles["correct"]
    return f"{roles['label']} = {roles['prediction']}" if {"label", "prediction"} <= roles.keys() else None


def _sliced(matching: Matching, pair: Pair, column: Column | None) -> _Sliced | None:
    """Return the counts of a column's slices; None where it has too many values."""
    value = f"CAST({quote(column.name)} AS VARCHAR)" if column else "'all'"
    right = _right(pair)
    counted = f"count(*) FILTER (WHERE {right})" if right else "NULL"
    sides: list[dict[str, Counts]] = []
    for name in ("before", "after"):
        asked = f"SELECT {value} AS value, count(*), {counted} FROM {name} GROUP BY 1 ORDER BY 1"
        rows = matching.ask(f"{asked} LIMIT {MOST_VALUES + 1}")
        if len(rows) > MOST_VALUES:
            return None
        sides.append({_said(found): (int(n), k if k is None else int(k)) for found, n, k in rows})
    matched = _matched(matching, pair.key, value, right) if pair.key and right else {}
    return _Sliced(sides[0], sides[1], matched)


def _said(value: object) -> str:
    return UNDEFINED if value is None else str(plain(value))


def _matched(matching: Matching, key: str, value: str, right: str) -> dict[str, tuple[int, int, int, int]]:
    kinds = ("a.k AND b.k", "a.k AND NOT b.k", "NOT a.k AND b.k", "NOT a.k AND NOT b.k")
    counts = ", ".join(f"count(*) FILTER (WHERE {kind})" for kind in kinds)
    sides = [
        f"(SELECT {quote(key)} AS id, {value} AS value, coalesce({right}, false) AS k FROM {name}) AS {alias}"
        for name, alias in (("before", "a"), ("after", "b"))
    ]
    same = "a.value IS NOT DISTINCT FROM b.value"
    asked = f"SELECT a.value, {counts} FROM {sides[0]} JOIN {sides[1]} ON a.id = b.id AND {same} GROUP BY 1"
    return {_said(found): (int(w), int(x), int(y), int(z)) for found, w, x, y, z in matching.ask(asked)}


def _slice(table: str, column: str, value: str, found: _Sliced) -> Slice:
    (n, k), (m, j) = found.before.get(value, (0, None)), found.after.get(value, (0, None))
    if k is None or j is None or not n or not m:
        return Slice(table, column, value, n, m, k, j)
    counts = found.matched.get(value, (0, 0, 0, 0))
    is_paired = sum(counts) == n == m
    low, high = paired(*counts) if is_paired else independent(k, n, j, m)
    return Slice(table, column, value, n, m, k, j, low, high, is_paired)
