"""Finds all that differs between two editions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipelines.contract import Manifest
from sitegen.difference.editions import RUNS, Edition, aligned
from sitegen.difference.findings import ColumnChange, Difference, Number, Rows, Setting, Slice
from sitegen.difference.headlines import compare_headlines, read_results
from sitegen.difference.matching import Pair, opened
from sitegen.difference.slices import compare_slices

FACTS = (
    "tool",
    "tool_version",
    "dataset",
    "classes",
    "device",
    "seed",
    "skipped",
    "licence",
    "source",
    "code",
)
"""What a manifest says of how a run was made, beside parameters, inputs and libraries."""
NAMED = ("parameters", "inputs", "libraries")


def compare(before: Edition, after: Edition, tolerance: float = 0.0) -> Difference:
    """Return what differs; floats within ``tolerance``, a share of the greater, are the same.

    Raises when a run is compared with a site, or when a file cannot be read.
    """
    before = aligned(before, after)
    shared = [name for name in after.tables if name in before.tables]
    pairs = [Pair(before.tables[name], after.tables[name]) for name in shared]
    different = [pair for pair in pairs if pair.before.digest != pair.after.digest]
    numbers: list[Number] = [*_page_numbers(before, after)]
    slices: list[Slice] = []
    rows: list[Rows] = []
    with opened(tolerance) as matching:
        for pair in different:
            matching.open(pair)
            results = read_results(matching, pair)
            rows.append(results.rows() if results else matching.rows(pair))
            numbers += compare_headlines(matching, pair)
            numbers += results.numbers() if results else ()
            slices += compare_slices(matching, pair)
    columns = tuple(change for pair in pairs for change in _columns(pair))
    return Difference(
        before=before.name,
        after=after.name,
        kind=after.kind,
        added=tuple(_missing(after, before)),
        removed=tuple(_missing(before, after)),
        settings=tuple(_settings(before, after)),
        columns=columns,
        numbers=tuple(_changed(numbers, tolerance)),
        slices=tuple(_sorted([one for one in slices if not one.is_same])),
        compared=sum(one.low is not None for one in slices),
        rows=tuple(one for one in rows if not one.is_same),
        same=len(pairs) - len(different),
    )


def _missing(one: Edition, other: Edition) -> Iterator[str]:
    """Yield artifacts, tables of those that both have, and pages that only ``one`` has."""
    if one.kind == RUNS:
        yield from (name for name in one.manifests if name not in other.manifests)
    known = other.manifests if one.kind == RUNS else None
    for name in one.tables:
        if name not in other.tables and (known is None or name.partition("/")[0] in known):
            yield name
    yield from sorted(one.pages - other.pages)


def _settings(before: Edition, after: Edition) -> Iterator[Setting]:
    for name in dict.fromkeys([*before.facts, *after.facts]):
        if before.facts.get(name) != after.facts.get(name):
            yield Setting("", name, before.facts.get(name), after.facts.get(name))
    for name in after.manifests:
        if name in before.manifests:
            first, second = (_facts(edition.manifests[name]) for edition in (before, after))
            for key in dict.fromkeys([*first, *second]):
                if first.get(key) != second.get(key):
                    yield Setting(name, key, first.get(key), second.get(key))


def _facts(manifest: Manifest) -> dict[str, str]:
    """Return what a run was made with, each by a dotted name."""
    facts: dict[str, str] = {}
    for key in (*FACTS, *NAMED):
        facts |= dict(_flat(key, getattr(manifest, key)))
    return facts


def _flat(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(f"{key}.{name}", inner)
    elif isinstance(value, list | tuple):
        yield key, ", ".join(map(str, value))
    else:
        yield key, str(value)


def _columns(pair: Pair) -> Iterator[ColumnChange]:
    """Yield how the columns of a table differ."""
    table = pair.after.name
    first = {column.name: column for column in pair.before.columns}
    second = {column.name: column for column in pair.after.columns}
    for name, column in second.items():
        if name not in first:
            yield ColumnChange(table, name, "added", None, column.type)
            continue
        for what in ("type", "role", "unit"):
            old, new = getattr(first[name], what), getattr(column, what)
            if old != new:
                yield ColumnChange(table, name, what, old, new)
    for name, column in first.items():
        if name not in second:
            yield ColumnChange(table, name, "removed", column.type, None)


def _page_numbers(before: Edition, after: Edition) -> Iterator[Number]:
    """Yield the numbers of pages that both sites have, or one of them."""
    first = {(one.place, one.name): one for one in before.numbers}
    second = {(one.place, one.name): one for one in after.numbers}
    for key in dict.fromkeys([*first, *second]):
        if key[0] not in before.pages & after.pages:
            continue
        old, new = first.get(key), second.get(key)
        known = new or old
        if known:
            was, now = (one.after if one else None for one in (old, new))
            yield replace(known, before=was, after=now, note=_note(old, new))


def _note(before: Number | None, after: Number | None) -> str:
    """Return what else changed of a claim: that it does not hold any more, or holds again."""
    if before is None or after is None or before.note == after.note:
        return ""
    return after.note or "holds again"


def _changed(numbers: list[Number], tolerance: float) -> Iterator[Number]:
    for one in numbers:
        if one.note or not _is_near(one.before, one.after, tolerance):
            yield one


def _is_near(before: float | None, after: float | None, tolerance: float) -> bool:
    if before is None or after is None:
        return before is after
    return math.isclose(before, after, rel_tol=tolerance, abs_tol=0.0)


def _sorted(slices: list[Slice]) -> list[Slice]:
    """Return slices by table and column, the greatest change first: of the share, else of the rows."""
    places = {(one.table, one.column): index for index, one in reversed([*enumerate(slices)])}

    def rank(one: Slice) -> tuple[int, float, int]:
        return (
            places[one.table, one.column],
            -abs(one.difference or 0.0),
            -abs(one.rows_after - one.rows_before),
        )

    return sorted(slices, key=rank)
