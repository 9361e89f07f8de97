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


def from_neighbors(neighbors: Neighbors, scales: Floats, kept: Places, first_equal: Places) -> Edges:
    """Return the pairs of neighbours, and of each row with the first that is identical to it.

    `neighbors` and `scales` are of the rows `kept`, the first of each set of identical ones.
    """
    k = neighbors.places.shape[1]
    row, column = np.repeat(np.arange(len(kept)), k), neighbors.places.ravel()
    rank, distance = np.tile(np.arange(1, k + 1), len(kept)), neighbors.distances.ravel()
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
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return numbered(np.asarray(connected_components(graph, directed=False)[1], np.int64))


def numbered(codes: Places) -> Places:
    """Return codes renumbered by how many rows have each, the most frequent 0; -1 for those of one row."""
    _, earliest, inverse, sizes = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((earliest, -sizes))
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.arange(len(order))
    return np.asarray(np.where(sizes[inverse] > 1, numbers[inverse], -1), np.int64)


# What is usual around a sample --------------------------------------------------------------------


def local_scales(vectors: Vectors, neighbors: Neighbors, near: float) -> Floats:
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
        for members in _clumps(neighbors, near, crowded):
            scales[members] = _distance_to_others(vectors, members) * usual
    return np.asarray(scales, np.float32)


def _clumps(neighbors: Neighbors, near: float, crowded: Places) -> list[Places]:
    """Return the members of each group of rows within `near` that has a crowded one among them."""
    rows, ranks = np.nonzero(neighbors.distances <= near)
    groups = connected(len(neighbors.places), rows, neighbors.places[rows, ranks])
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
        lengths = np.einsum("ij,ij->i", inside, inside)[:, None]
        for begin in range(0, len(vectors), BLOCK):
            outside = vectors[begin : begin + BLOCK] - centre
            far = lengths + np.einsum("ij,ij->i", outside, outside) - 2 * inside @ outside.T
            far[:, is_member[begin : begin + BLOCK]] = np.inf
            squared = min(squared, float(far.min()))
    return float(np.sqrt(max(squared, 0)))
