"""The search for slices: level by level, and no slice left out that could be among the best.

The score of a slice of s samples with e errors, of n samples with E errors, is that of SliceLine (Sagadeeva
and Boehm 2021): `alpha * ((e / s) / (E / n) - 1) - (1 - alpha) * (n / s - 1)`. A slice has at most as many
samples and errors as each slice that holds it, so the score of everything inside it has a bound. What cannot
reach the best that are known is not looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

import numpy as np
from numpy.typing import NDArray

from pipelines.proportions import Values
from pipelines.subgroups import Codes, Feature, combined

Slice = tuple[tuple[int, int], ...]
"""Pairs of a column's number and its value's, in the order of columns."""

LARGEST_TABLE = 1 << 23
"""Conjunctions that are counted in one array; of more only those that occur."""
SLACK = 1e-12
"""Scores nearer than this are equal: both sides of a comparison are rounded."""


@dataclass(frozen=True)
class Found:
    """A slice with its samples, errors and score."""

    slice: Slice
    n: int
    errors: int
    score: float


@dataclass(frozen=True)
class Scoring:
    """What scores depend on: all samples and errors, the weight of the error, and the fewest samples."""

    n: int
    errors: int
    alpha: float
    minimum: int

    def score(self, n: Values, errors: Values) -> Values:
        """Return the scores of slices."""
        worse = (errors / n) / (self.errors / self.n) - 1
        return np.asarray(self.alpha * worse - (1 - self.alpha) * (self.n / n - 1))

    def bound(self, n: Values, errors: Values) -> Values:
        """Return the highest score that a slice inside one of so many samples and errors can have.

        With s samples it has at most min(s, errors) errors. The score then rises with s up to `errors`, and
        beyond is monotone between there and `n`: one of the ends is the best.
        """
        few = np.minimum(np.maximum(errors, self.minimum), n)
        ends = [self.score(s, np.minimum(s, errors)) for s in (few, n)]
        return np.maximum(*ends)


def search(
    columns: Sequence[Feature],
    is_wrong: NDArray[np.bool_],
    scoring: Scoring,
    level: int,
    most: int,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Found]:
    """Return the slices with the `most` highest scores above 0; of equal ones the larger go first."""
    if not scoring.errors:
        return []
    best: list[Found] = []
    alive: set[Slice] = {()}
    rows: dict[Slice, tuple[int, int]] = {(): (scoring.n, scoring.errors)}
    for depth in range(1, min(level, len(columns)) + 1):
        counted: dict[Slice, tuple[int, int]] = {}
        for chosen, wanted in _candidates(columns, depth, alive, rows, scoring, _least(best, most)):
            counted |= _counted(columns, chosen, wanted, is_wrong, scoring.minimum)
        best = _ranked(best, counted, scoring, most)
        alive, rows = _alive(counted, scoring, _least(best, most)), counted
        advance(depth)
        if not alive:
            break
    return best


def conjunctions(columns: Sequence[Feature], level: int) -> int:
    """Return how many slices there can be: every choice of up to `level` columns, with every value."""
    sizes = [column.size for column in columns]
    levels = range(1, min(level, len(sizes)) + 1)
    return sum(prod(chosen) for depth in levels for chosen in combinations(sizes, depth))


def _least(best: Sequence[Found], most: int) -> float:
    """Return the score that a slice has to reach to be told."""
    return best[-1].score if len(best) == most else 0.0


def _candidates(
    columns: Sequence[Feature],
    depth: int,
    alive: set[Slice],
    rows: dict[Slice, tuple[int, int]],
    scoring: Scoring,
    least: float,
) -> Iterator[tuple[tuple[int, ...], set[Slice]]]:
    """Yield columns with the slices on them all of whose parents are alive and whose bound is high enough."""
    if depth == 1:
        for at, column in enumerate(columns):
            yield (at,), {((at, value),) for value in range(column.size)}
        return
    by_columns: dict[tuple[int, ...], list[Slice]] = {}
    for parent in alive:
        by_columns.setdefault(tuple(at for at, _ in parent), []).append(parent)
    for chosen in combinations(range(len(columns)), depth):
        parents = by_columns.get(chosen[:-1], [])
        values = range(columns[chosen[-1]].size) if parents else range(0)
        joined = ((*parent, (chosen[-1], value)) for parent, value in product(parents, values))
        wanted = _reachable([each for each in joined if _has_parents(each, alive)], rows, scoring, least)
        if wanted:
            yield chosen, wanted


def _has_parents(child: Slice, alive: set[Slice]) -> bool:
    return all(child[:at] + child[at + 1 :] in alive for at in range(len(child)))


def _reachable(
    children: Sequence[Slice], rows: dict[Slice, tuple[int, int]], scoring: Scoring, least: float
) -> set[Slice]:
    """Return the slices that can reach the score, by the smallest of their parents' counts."""
    if not children:
        return set()
    counts = np.array(
        [[rows[child[:at] + child[at + 1 :]] for at in range(len(child))] for child in children], np.float64
    ).min(axis=1)
    can = _can_reach(counts[:, 0], counts[:, 1], scoring, least)
    return {child for child, is_high in zip(children, can, strict=True) if is_high}


def _can_reach(n: Values, errors: Values, scoring: Scoring, least: float) -> NDArray[np.bool_]:
    is_large = (n >= scoring.minimum) & (errors > 0)
    bound = scoring.bound(np.maximum(n, 1), errors)
    # Below 0 nothing is told, and at 0 neither; of equal scores the larger slice goes first, so equals stay.
    return np.asarray(is_large & (bound >= least - SLACK))


def _alive(counted: dict[Slice, tuple[int, int]], scoring: Scoring, least: float) -> set[Slice]:
    if not counted:
        return set()
    counts = np.array(list(counted.values()), np.float64)
    can = _can_reach(counts[:, 0], counts[:, 1], scoring, least)
    return {each for each, is_high in zip(counted, can, strict=True) if is_high}


def _counted(
    columns: Sequence[Feature],
    chosen: tuple[int, ...],
    wanted: set[Slice],
    is_wrong: NDArray[np.bool_],
    minimum: int,
) -> dict[Slice, tuple[int, int]]:
    """Return samples and errors of the wanted slices on some columns, by one pass over the rows."""
    used = [columns[at] for at in chosen]
    sizes = [column.size for column in used]
    codes, size = combined(used)
    if size <= LARGEST_TABLE and size == prod(sizes):
        n, errors = np.bincount(codes, minlength=size), np.bincount(codes[is_wrong], minlength=size)
        kept = np.flatnonzero(n >= minimum)
        members: Codes = np.stack(np.unravel_index(kept, sizes), axis=1)
    else:
        _, first, index = np.unique(codes, return_index=True, return_inverse=True)
        n, errors = np.bincount(index), np.bincount(index[is_wrong], minlength=len(first))
        kept = np.flatnonzero(n >= minimum)
        members = np.stack([column.codes[first[kept]] for column in used], axis=1)
    found = {}
    for values, at in zip(members.tolist(), kept.tolist(), strict=True):
        each = tuple(zip(chosen, values, strict=True))
        if each in wanted:
            found[each] = (int(n[at]), int(errors[at]))
    return found


def _ranked(
    best: Sequence[Found], counted: dict[Slice, tuple[int, int]], scoring: Scoring, most: int
) -> list[Found]:
    if not counted:
        return list(best)
    counts = np.array(list(counted.values()), np.float64)
    scores = scoring.score(counts[:, 0], counts[:, 1])
    told = [
        Found(each, n, errors, float(score))
        for (each, (n, errors)), score in zip(counted.items(), scores, strict=True)
        if score > 0
    ]
    return sorted([*best, *told], key=order)[:most]


def order(found: Found) -> tuple[float, int, int, Slice]:
    """Return what slices are sorted by: score, size, length, then columns and values."""
    return (-round(found.score, 9), -found.n, len(found.slice), found.slice)
