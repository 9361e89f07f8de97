"""Pairs of near samples, each once and nearest first, and the groups that they make."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipelines.duplicates.neighbors import BLOCK, Neighbors, Vectors
from pipelines.duplicates.thresholds import usual_ratio

Places = NDArray[np.int64]
Floats = NDArray[np.float32]

MOST_CLOSED = 10  # neighbours' lists that members of a closed group would fill


@dataclass(frozen=True)
class Edges:
    """Pairs of samples, sorted by distance; `first` is the earlier row of each.

    `rank` says which neighbour the second is of the first, from 1, and `rank_back` the first of the second;
    0 where it is not among the k nearest. `relative` is the distance in units of what is usual around both.
    """

    first: Places
    second: Places
    distance: Floats
    relative: Floats
    rank: Places
    rank_back: Places

    def within(self, distance: float, relative: float) -> tuple[Places, Places]:
        """Return the pairs that are at most so far apart, and so far for where they lie, or identical."""
        chosen = (self.distance <= distance) & (self.relative <= relative) | (self.distance == 0)
        return self.first[chosen], self.second[chosen]

    def take(self, places: Places) -> Edges:
        """Return the pairs at some places, in their order."""
        return Edges(
            self.first[places],
            self.second[places],
            self.distance[places],
            self.relative[places],
            self.rank[places],
            self.rank_back[places],
        )


def identical(vectors: Vectors) -> Places:
    """Return, for each row, the first row that holds the same numbers, which may be itself."""
    first: dict[bytes, int] = {}
    found = np.empty(len(vectors), np.int64)
    for start in range(0, len(vectors), BLOCK):
        plain = vectors[start : start + BLOCK] + np.float32(0)  # turns -0 into 0
        for row, values in enumerate(plain, start):
            found[row] = first.setdefault(hashlib.blake2b(values, digest_size=16).digest(), row)
    return found


def from_neighbors(
    neighbors: Neighbors, joins: Joins, scales: Floats, kept: Places, first_equal: Places
) -> Edges:
    """Return the pairs of neighbours, those that join them, and of each row with the first identical to it.

    `neighbors`, `joins` and `scales` are of the rows `kept`, the first of each set of identical ones.
    """
    k = neighbors.places.shape[1]
    row = np.concatenate([np.repeat(np.arange(len(kept)), k), joins.first])
    column = np.concatenate([neighbors.places.ravel(), joins.second])
    rank = np.concatenate([np.tile(np.arange(1, k + 1), len(kept)), np.zeros(len(joins.first), np.int64)])
    distance = np.concatenate([neighbors.distances.ravel(), joins.distance])
    low, high = np.minimum(row, column), np.maximum(row, column)
    order = np.lexsort((row, high, low))
    low, high, row, rank = low[order], high[order], row[order], rank[order]
    distance = distance[order]
    is_new = np.diff(low, prepend=-1).astype(bool) | np.diff(high, prepend=-1).astype(bool)
    at = np.cumsum(is_new) - 1
    ranks = np.zeros((2, int(is_new.sum())), np.int64)
    ranks[(row != low).astype(int), at] = rank
    low, high, distance = low[is_new], high[is_new], distance[is_new]
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(distance > 0, distance / np.minimum(scales[low], scales[high]), 0)
    twins = np.flatnonzero(first_equal != np.arange(len(first_equal)))
    nothing = np.zeros(len(twins))
    edges = Edges(
        np.concatenate([first_equal[twins], kept[low]]),
        np.concatenate([twins, kept[high]]),
        np.concatenate([nothing, distance]).astype(np.float32),
        np.concatenate([nothing, relative]).astype(np.float32),
        np.concatenate([nothing, ranks[0]]).astype(np.int64),
        np.concatenate([nothing, ranks[1]]).astype(np.int64),
    )
    return edges.take(np.lexsort((edges.second, edges.first, edges.distance)))


def connected(count: int, first: Places, second: Places) -> Places:
    """Return a group number for each row: rows that a chain of pairs joins are one group, -1 is alone.

    Groups are numbered by size, the largest 0; of equal ones, the one with the earliest row first.
    """
    return numbered(_components(count, first, second))


def numbered(codes: Places) -> Places:
    """Return codes renumbered by how many rows have each, the most frequent 0; -1 for those of one row."""
    _, earliest, inverse, sizes = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((earliest, -sizes))
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.arange(len(order))
    return np.asarray(np.where(sizes[inverse] > 1, numbers[inverse], -1), np.int64)


def closed_rows(neighbors: Neighbors) -> NDArray[np.bool_]:
    """Return which rows stand in a group that the lists of neighbours of its members never lead out of.

    Such a group has more than k members. Only those of at most `MOST_CLOSED` k count: large ones are what
    classes look like.
    """
    count, k = neighbors.places.shape
    first, second = np.repeat(np.arange(count), k), neighbors.places.ravel()
    graph = coo_array((np.ones(count * k, np.int8), (first, second)), shape=(count, count))
    parts = connected_components(graph, connection="strong")[1]
    sizes = np.bincount(parts, minlength=1)
    is_closed = (sizes <= MOST_CLOSED * k) & (sizes < count)
    is_closed[parts[first[parts[first] != parts[second]]]] = False
    return np.asarray(is_closed[parts])


# What lists of neighbours leave apart ----------------------------------------------------------------


@dataclass(frozen=True)
class Joins:
    """Pairs of rows, in no order, and how far the two are from each other."""

    first: Places
    second: Places
    distance: Floats

    def and_(self, other: Joins) -> Joins:
        """Return the pairs of both."""
        return Joins(
            np.concatenate([self.first, other.first]),
            np.concatenate([self.second, other.second]),
            np.concatenate([self.distance, other.distance]),
        )


NO_JOINS = Joins(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))


def joins(vectors: Vectors, neighbors: Neighbors, line: float) -> Joins:
    """Return pairs within the line that make groups whole which the lists of neighbours leave in parts.

    Two rows that near miss in both lists only where each has k others that are as near: so only such rows
    are compared, and of each part with the row nearest to it outside, until no part has one within the line.
    """
    crowded = (
        np.flatnonzero(neighbors.distances[:, -1] <= line) if neighbors.distances.size else NO_JOINS.first
    )
    found = NO_JOINS
    parts = _parts(neighbors, line)[crowded]
    while len(crowded) and (parts != parts[0]).any():
        new = _nearest_outside(vectors, crowded, parts, line)
        if not len(new.first):
            break
        found = found.and_(new)
        places = np.searchsorted(crowded, new.first), np.searchsorted(crowded, new.second)
        parts = _joined(parts, parts[places[0]], parts[places[1]])
    return found


def _parts(neighbors: Neighbors, line: float) -> Places:
    """Return a number for each row: rows that a chain of neighbours within the line joins have the same."""
    rows, ranks = np.nonzero(neighbors.distances <= line)
    return _components(len(neighbors.places), rows, neighbors.places[rows, ranks])


def _components(count: int, first: Places, second: Places) -> Places:
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _joined(parts: Places, first: Places, second: Places) -> Places:
    return _components(int(parts.max()) + 1, first, second)[parts]


def _nearest_outside(vectors: Vectors, crowded: Places, parts: Places, line: float) -> Joins:
    """Return, for each part, its pair with the nearest row of another part, where it is within the line."""
    centre = vectors.mean(axis=0, dtype=np.float64)
    nearest, at = np.full(len(crowded), np.inf), np.zeros(len(crowded), np.int64)
    for start in range(0, len(crowded), BLOCK):
        rows = slice(start, start + BLOCK)
        inside = vectors[crowded[rows]] - centre
        for begin in range(0, len(crowded), BLOCK):
            others = slice(begin, begin + BLOCK)
            squared = _squared(inside, vectors[crowded[others]] - centre)
            squared[parts[rows, None] == parts[others]] = np.inf
            least = squared.argmin(axis=1)
            value = squared[np.arange(len(squared)), least]
            at[rows] = np.where(value < nearest[rows], begin + least, at[rows])
            nearest[rows] = np.minimum(value, nearest[rows])
    order = np.lexsort((nearest, parts))
    firsts = order[np.flatnonzero(np.diff(parts[order], prepend=-1))]
    first, second = crowded[firsts], crowded[at[firsts]]
    # Their distance itself: that of products has lost its digits.
    distance = np.linalg.norm(vectors[first].astype(np.float64) - vectors[second], axis=1).astype(np.float32)
    is_near = np.isfinite(nearest[firsts]) & (distance <= line)
    return Joins(first[is_near], second[is_near], distance[is_near])


def _squared(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squared distance of each row of the one to each of the other, by products."""
    lengths = np.einsum("ij,ij->i", inside, inside)[:, None]
    return np.asarray(lengths + np.einsum("ij,ij->i", outside, outside) - 2 * inside @ outside.T, np.float64)


# What is usual around a sample --------------------------------------------------------------------


def local_scales(vectors: Vectors, neighbors: Neighbors, joined: Joins, near: float) -> Floats:
    """Return what distance to a nearest neighbour would be usual around each row, without its duplicates.

    It is the distance to the last of the k neighbours, shrunk by `usual_ratio`. Where even the last is within
    `near`, the row is in a clump of more than k: then what counts is how far the clump is from everything
    else. A clump of copies stands apart, while the dense middle of a cloud goes on at its rim.
    """
    if not neighbors.distances.size:
        return np.zeros(len(vectors), np.float32)
    last = neighbors.distances[:, -1].astype(np.float64)
    usual = usual_ratio(neighbors.distances)
    scales = last * usual
    crowded = np.flatnonzero(last <= near)
    if len(crowded):
        for members in _clumps(neighbors, joined, near, crowded):
            scales[members] = _distance_to_others(vectors, members) * usual
    return np.asarray(scales, np.float32)


def _clumps(neighbors: Neighbors, joined: Joins, near: float, crowded: Places) -> list[Places]:
    """Return the members of each group of rows within `near` that has a crowded one among them."""
    rows, ranks = np.nonzero(neighbors.distances <= near)
    first = np.concatenate([rows, joined.first])
    second = np.concatenate([neighbors.places[rows, ranks], joined.second])
    groups = connected(len(neighbors.places), first, second)
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(groups.max() + 2))
    return [order[starts[group] : starts[group + 1]] for group in np.unique(groups[crowded])]


def _distance_to_others(vectors: Vectors, members: Places) -> float:
    """Return the distance from the nearest of some rows to the nearest of all others; infinite for none."""
    is_member = np.zeros(len(vectors), bool)
    is_member[members] = True
    centre = vectors[members].mean(axis=0)
    squared = np.inf
    for start in range(0, len(members), BLOCK):
        inside = vectors[members[start : start + BLOCK]] - centre
        for begin in range(0, len(vectors), BLOCK):
            far = _squared(inside, vectors[begin : begin + BLOCK] - centre)
            far[:, is_member[begin : begin + BLOCK]] = np.inf
            squared = min(squared, float(far.min()))
    return float(np.sqrt(max(squared, 0)))
