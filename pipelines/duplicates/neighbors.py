"""The nearest neighbours of every embedding: exact by blocked matrix products, approximate for very many.

All distances are Euclidean. What comes back is recomputed from the differences of the vectors themselves,
because |a|² + |b|² - 2ab, by which neighbours are found, loses all digits where two vectors are nearly equal.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Vectors = NDArray[np.float32]
Places = NDArray[np.int64]

MOST_EXACT = 200_000
"""Rows up to which every pair is compared: beyond, the time grows with their square."""
BLOCK = 1024  # rows of a block: the products of two, 4 MB, stay in the processor's cache
SPARE = 4  # candidates beyond k, so that rounding among the last of them decides nothing
SEEN_FIRST = 512  # samples that give every row a first limit, so that few candidates are ever kept
DIRECT = 128  # rows whose differences are taken at once: a few MB
TIE = 1e-4  # relative difference of squared distances below which neighbours are as near as each other
DENSER = 3  # times k: so many neighbours the approximate index keeps, for a recall of 0.99
THREADS = os.cpu_count() or 1


@dataclass(frozen=True)
class Neighbors:
    """For each row its nearest other rows, nearest first: places and distances of shape (rows, k).

    Of neighbours equally near, the earlier row comes first. `k` is less than asked where there are few rows.
    """

    places: Places
    distances: NDArray[np.float32]


@dataclass
class _Candidates:
    """The nearest of those seen so far of each row, in no order, and what a further one must exceed.

    `closeness` is minus half the squared distance, as the products give it: larger is nearer.
    """

    closeness: NDArray[np.float32]
    places: Places
    limits: NDArray[np.float32]

    def add(self, rows: Places, places: Places, closeness: NDArray[np.float32]) -> None:
        """Take in what was found for `rows`, which ascend; forget what is then not among the nearest."""
        if not len(rows):
            return
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        counts = np.diff(starts, append=len(rows))
        touched, keep = rows[starts], self.places.shape[1]
        wide = np.full((len(touched), keep + counts.max()), -np.inf, np.float32)
        there = np.zeros(wide.shape, np.int64)
        wide[:, :keep], there[:, :keep] = self.closeness[touched], self.places[touched]
        at = (
            np.repeat(np.arange(len(touched)), counts),
            keep + np.arange(len(rows)) - np.repeat(starts, counts),
        )
        wide[at], there[at] = closeness, places
        chosen = np.argpartition(wide, wide.shape[1] - keep, axis=1)[:, -keep:]
        self.closeness[touched] = np.take_along_axis(wide, chosen, axis=1)
        self.places[touched] = np.take_along_axis(there, chosen, axis=1)
        self.limits[touched] = np.maximum(self.limits[touched], self.closeness[touched].min(axis=1))


def nearest(
    vectors: Vectors,
    k: int,
    device: str = "cpu",
    seed: int = 0,
    advance: Callable[[int], None] = lambda _: None,
) -> Neighbors:
    """Return the k nearest neighbours: exact up to `MOST_EXACT` rows, from an approximate index above."""
    if len(vectors) > MOST_EXACT:
        return approximate(vectors, k, seed)
    return exact(vectors, k, device, advance)


def exact(
    vectors: Vectors, k: int, device: str = "cpu", advance: Callable[[int], None] = lambda _: None
) -> Neighbors:
    """Return the k nearest neighbours by comparing every pair; `advance` is told the rows done.

    On a CPU the products of each pair of blocks serve both. Beyond the vectors and the result, memory is that
    of one block. Neighbours within 0.005 % of the same distance may stand for each other.
    """
    keep = min(k + SPARE, len(vectors) - 1)
    if keep <= 0:
        return Neighbors(np.zeros((len(vectors), 0), np.int64), np.zeros((len(vectors), 0), np.float32))
    if device == "cpu":
        found = _compared(vectors, keep, advance)
        neighbors, farthest = direct(vectors, found.places, min(k, keep)), found.closeness.min(axis=1)
        lengths = _lengths(vectors)
    else:
        from pipelines.duplicates.accelerated import compared

        there = compared(vectors, keep, min(k, keep), device, advance)
        neighbors, farthest = Neighbors(there.places, there.distances), there.closeness.min(axis=1)
        lengths = there.lengths
    if keep == len(vectors) - 1:
        return neighbors
    rounding = _rounding(lengths, neighbors.distances[:, -1], vectors.shape[1])
    unsure = _unsure(farthest + rounding, neighbors)
    places = neighbors.places
    places[unsure] = _in_double_precision(vectors, unsure, places.shape[1])
    neighbors.distances[unsure] = _distances(vectors, unsure, places[unsure])
    return neighbors


# Every pair ---------------------------------------------------------------------------------------


def _compared(vectors: Vectors, keep: int, advance: Callable[[int], None]) -> _Candidates:
    count = len(vectors)
    found = _Candidates(
        np.full((count, keep), -np.inf, np.float32),
        np.zeros((count, keep), np.int64),
        np.full(count, -np.inf, np.float32),
    )
    centre = _centre(vectors)
    _limit(vectors, centre, found, keep)
    products = np.empty((min(BLOCK, count), min(BLOCK, count)), np.float32)
    # Each thread multiplies alone: BLAS's own threads wait for each other at every product.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(THREADS) as workers:
        for first in _blocks(count):
            left = _extended(vectors[first], centre)
            for second in _blocks(count, first.start):
                right = _turned(left if second == first else _extended(vectors[second], centre))
                pair = _Pair(left, right, products[: len(left), : len(right)], first.start, second.start)
                _take(found, pair, workers)
            advance(first.stop)
    return found


def _blocks(count: int, start: int = 0) -> Iterator[slice]:
    for begin in range(start, count, BLOCK):
        yield slice(begin, min(begin + BLOCK, count))


def _centre(vectors: Vectors) -> NDArray[np.float32]:
    """Return the mean: with it taken away, lengths and with them the errors of rounding are smallest."""
    return np.asarray(vectors.mean(axis=0, dtype=np.float64), np.float32)


def _extended(block: Vectors, centre: NDArray[np.float32]) -> Vectors:
    """Return centred vectors with two columns more: minus half the squared length, and one.

    The product with `_turned` ones is then ab - |a|²/2 - |b|²/2, which is minus half the squared distance.
    """
    extended = np.empty((len(block), block.shape[1] + 2), np.float32)
    centred = np.subtract(block, centre, out=extended[:, :-2])
    extended[:, -2] = np.einsum("ij,ij->i", centred, centred) / -2
    extended[:, -1] = 1
    return extended


def _turned(extended: Vectors) -> Vectors:
    """Return extended vectors with their last two columns exchanged."""
    turned = extended.copy()
    turned[:, -2:] = extended[:, :-3:-1]
    return turned


def _limit(vectors: Vectors, centre: NDArray[np.float32], found: _Candidates, keep: int) -> None:
    """Set each row's first limit: among a few samples of all rows, so many are nearer as are to be kept."""
    count = len(vectors)
    if count < 2 * SEEN_FIRST or keep >= SEEN_FIRST:
        return
    seen = np.sort(np.random.Generator(np.random.PCG64(0)).choice(count, SEEN_FIRST, replace=False))
    few = _turned(_extended(vectors[seen], centre)).T
    for rows in _blocks(count):
        extended = _extended(vectors[rows], centre)
        closeness = extended @ few
        closeness[rows.start + np.arange(len(extended))[:, None] == seen] = -np.inf
        last = np.partition(closeness, -keep, axis=1)[:, -keep]
        lengths = np.sqrt(-2 * extended[:, -2])
        found.limits[rows] = last - _rounding(lengths, np.sqrt(np.maximum(-2 * last, 0)), vectors.shape[1])


def _rounding(
    lengths: NDArray[np.float32], radii: NDArray[np.float32], dimensions: int
) -> NDArray[np.float32]:
    """Return how far a closeness may be off, by vectors of some lengths and others within some radii."""
    unit = float(np.finfo(np.float32).eps) * (math.sqrt(dimensions) + 8)
    return np.asarray(unit * (lengths + radii) ** 2, np.float32)


@dataclass(frozen=True)
class _Pair:
    """Two blocks of vectors, where they begin, and the place for their products."""

    left: Vectors
    right: Vectors
    products: Vectors
    first: int
    second: int

    def above(
        self, rows: slice, low: NDArray[np.float32], side: NDArray[np.float32]
    ) -> tuple[Places, Places]:
        """Multiply some rows; return which products reach their row's limit, and which their column's."""
        products = np.matmul(self.left[rows], self.right.T, out=self.products[rows])
        if self.first != self.second:
            start = rows.start * products.shape[1]
            by_row = np.flatnonzero(products >= low[rows, None])
            return start + by_row, start + np.flatnonzero(products >= side)
        own = np.arange(len(products))
        products[own, rows.start + own] = -np.inf
        return rows.start * products.shape[1] + np.flatnonzero(products >= low[rows, None]), own[:0]


def _take(found: _Candidates, pair: _Pair, workers: ThreadPoolExecutor) -> None:
    """Add what two blocks' products have above the limits: for the rows of the one, then of the other."""
    rows, columns = pair.products.shape
    low, side = (
        found.limits[pair.first : pair.first + rows],
        found.limits[pair.second : pair.second + columns],
    )
    step = math.ceil(rows / THREADS)
    parts = [slice(start, min(start + step, rows)) for start in range(0, rows, step)]
    flat = list(workers.map(lambda part: pair.above(part, low, side), parts))
    row, column = np.divmod(np.concatenate([by_row for by_row, _ in flat]), columns)
    found.add(pair.first + row, pair.second + column, pair.products[row, column])
    row, column = np.divmod(np.concatenate([by_column for _, by_column in flat]), columns)
    order = np.argsort(column, kind="stable")
    row, column = row[order], column[order]
    found.add(pair.second + column, pair.first + row, pair.products[row, column])


# Distances themselves -----------------------------------------------------------------------------


def direct(vectors: Vectors, places: Places, k: int) -> Neighbors:
    """Return the k nearest among the candidates of each row, by the differences of the vectors themselves."""
    count = len(vectors)
    nearest_places = np.empty((count, k), np.int64)
    distances = np.empty((count, k), np.float32)

    def work(start: int) -> None:
        rows = np.arange(start, min(start + DIRECT, count))
        far = _distances(vectors, rows, places[rows])
        order = np.lexsort((places[rows], far))[:, :k]
        nearest_places[rows] = np.take_along_axis(places[rows], order, axis=1)
        distances[rows] = np.take_along_axis(far, order, axis=1)

    with ThreadPoolExecutor(THREADS) as workers:
        list(workers.map(work, range(0, count, DIRECT)))
    return Neighbors(nearest_places, distances)


def _distances(vectors: Vectors, rows: Places, places: Places) -> NDArray[np.float32]:
    differences = vectors[places]
    differences -= vectors[rows][:, None]
    return np.asarray(np.sqrt(np.einsum("ijk,ijk->ij", differences, differences)), np.float32)


def _lengths(vectors: Vectors) -> NDArray[np.float32]:
    """Return how long each vector is without the mean of all, shape (rows,)."""
    centre, lengths = _centre(vectors), np.empty(len(vectors), np.float32)
    for rows in _blocks(len(vectors)):
        centred = vectors[rows] - centre
        lengths[rows] = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    return lengths


def _unsure(farthest: NDArray[np.float32], neighbors: Neighbors) -> Places:
    """Return the rows for which one that was not kept may be nearer than the last neighbour.

    `farthest` is how close one that was not kept may be at most, shape (rows,). It happens where more vectors
    than were kept lie so close together that their distances are rounding.
    """
    last = neighbors.distances[:, -1]
    return np.flatnonzero(last**2 * (1 - TIE) > np.maximum(-2 * farthest, 0))


def _in_double_precision(vectors: Vectors, rows: Places, k: int) -> Places:
    """Return the places of the k nearest of some rows, from products in float64."""
    centre = vectors.mean(axis=0, dtype=np.float64)
    places = np.empty((len(rows), k), np.int64)
    step = BLOCK // 8  # their products with a block, in float64, are smaller than a block's in float32
    for start in range(0, len(rows), step):
        chosen = rows[start : start + step]
        left = vectors[chosen] - centre
        best, at = np.full((len(chosen), 0), 0.0), np.zeros((len(chosen), 0), np.int64)
        for other in _blocks(len(vectors)):
            right = vectors[other] - centre
            far = np.einsum("ij,ij->i", right, right) - 2 * left @ right.T
            there = np.arange(other.start, other.start + len(right))
            far[chosen[:, None] == there] = np.inf
            best, at = np.hstack([best, far]), np.hstack([at, np.broadcast_to(there, far.shape)])
            nearest_first = np.argsort(best, axis=1, kind="stable")[:, :k]
            best = np.take_along_axis(best, nearest_first, axis=1)
            at = np.take_along_axis(at, nearest_first, axis=1)
        order = np.lexsort((at, _distances(vectors, chosen, at)))
        places[start : start + step] = np.take_along_axis(at, order, axis=1)
    return places


# Many rows ----------------------------------------------------------------------------------------


def approximate(vectors: Vectors, k: int, seed: int) -> Neighbors:
    """Return nearly the k nearest neighbours, by NN-descent; it finds 99 of 100 of embeddings."""
    from pynndescent import NNDescent

    wanted = min(max(DENSER * k, k + 20), len(vectors) - 1)
    index = NNDescent(vectors, n_neighbors=wanted + 1, random_state=seed, compressed=False)
    places = np.asarray(index.neighbor_graph[0], np.int64)
    return direct(vectors, _without_self(places), min(k, wanted))


def _without_self(places: Places) -> Places:
    """Return each row's places without its own, or without its last where its own is not among them."""
    own = places == np.arange(len(places))[:, None]
    own[~own.any(axis=1), -1] = True
    return np.asarray(places[~own].reshape(len(places), -1), np.int64)
