"""``python -m tests.bench.neighbor_search METHOD VECTORS RESULT``: one search, alone in its process."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

NEIGHBORS = 10
Found = tuple[Any, Any]


def _ours() -> Callable[[Any], Found]:
    from pipelines.duplicates.neighbors import exact

    def search(vectors: Any) -> Found:
        found = exact(vectors, NEIGHBORS)
        return found.places, found.distances

    return search


def _ours_approximate() -> Callable[[Any], Found]:
    from pipelines.duplicates.neighbors import approximate

    def search(vectors: Any) -> Found:
        found = approximate(vectors, NEIGHBORS, 0)
        return found.places, found.distances

    return search


def _nothing() -> Callable[[Any], Found]:
    """Search for nothing: what the interpreter, its libraries and the vectors take by themselves."""
    import pipelines.duplicates.neighbors  # noqa: F401

    return lambda vectors: (np.zeros((len(vectors), 1), np.int64), np.zeros((len(vectors), 1), np.float32))


def _faiss() -> Callable[[Any], Found]:
    import faiss  # type: ignore[import-untyped, unused-ignore]

    def search(vectors: Any) -> Found:
        index = faiss.IndexFlatL2(vectors.shape[1])
        index.add(vectors)
        squared, places = index.search(vectors, NEIGHBORS + 1)
        return places[:, 1:], np.sqrt(np.maximum(squared[:, 1:], 0))

    return search


def _scikit_learn() -> Callable[[Any], Found]:
    from sklearn.neighbors import NearestNeighbors

    def search(vectors: Any) -> Found:
        distances, places = (
            NearestNeighbors(n_neighbors=NEIGHBORS, algorithm="brute").fit(vectors).kneighbors()
        )
        return places, distances

    return search


METHODS = {
    "nothing": _nothing,
    "sitegen": _ours,
    "faiss flat": _faiss,
    "scikit-learn brute": _scikit_learn,
    "sitegen, above 200,000 rows": _ours_approximate,
}


def main(method: str, vectors: str, result: str) -> None:
    """Search, and write what was found with the seconds that it took, imports and reading aside."""
    search = METHODS[method]()
    given = np.load(vectors)
    started = time.perf_counter()
    places, distances = search(given)
    seconds = time.perf_counter() - started
    np.savez(result, places=places, distances=distances, seconds=seconds, peak=_peak())


def _peak() -> int:
    """Return the most memory that this process held, in bytes; what it was forked from is not counted."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(*sys.argv[1:])
