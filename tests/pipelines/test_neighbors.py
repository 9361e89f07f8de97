"""Nearest neighbours against scikit-learn's, and distances that are right down to zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from pipelines.duplicates import neighbors
from pipelines.duplicates.neighbors import Neighbors, Vectors, approximate, exact
from tests.pipelines import clouds


def reference(vectors: Vectors, k: int) -> tuple[Any, Any]:
    """Return scikit-learn's distances and places in double precision, itself left out."""
    doubles = vectors.astype(np.float64)
    found = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(doubles).kneighbors()
    return np.linalg.norm(doubles[found[1]] - doubles[:, None], axis=2), found[1]


def recall(found: Neighbors, places: Any) -> float:
    both = [len(set(ours) & set(theirs)) for ours, theirs in zip(found.places, places, strict=True)]
    return float(np.mean(both) / places.shape[1])


def cloud(count: int, seed: int = 0) -> Vectors:
    return clouds.gaussian(np.random.default_rng(seed), count).astype(np.float32)


@pytest.mark.parametrize("device", ["cpu", "torch"])
@pytest.mark.parametrize("count", [2, 11, 700, 2500])
def test_every_pair_is_compared(count: int, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if device == "torch":
        with_torch(monkeypatch)
    monkeypatch.setattr(neighbors, "BLOCK", 256)
    vectors = cloud(count)
    told: list[int] = []
    found = exact(vectors, 10, device, told.append)
    distances, places = reference(vectors, min(10, count - 1))
    assert found.places.shape == found.distances.shape == (count, min(10, count - 1))
    assert recall(found, places) == 1
    assert np.allclose(found.distances, distances, rtol=1e-5)
    assert (np.diff(found.distances, axis=1) >= 0).all()
    assert told[-1] == count


def with_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PyTorch compare, as it does on a GPU; here on the CPU."""
    from pipelines.duplicates import accelerated

    compared = accelerated.compared

    def on_cpu(vectors: Vectors, keep: int, k: int, device: str, advance: Any) -> Any:
        return compared(vectors, keep, k, "cpu", advance)

    for name, rows in (("BLOCK", 256), ("COLUMNS", 300), ("DIRECT", 100)):
        monkeypatch.setattr(accelerated, name, rows)
    monkeypatch.setattr(accelerated, "compared", on_cpu)


@pytest.mark.parametrize("device", ["cpu", "torch"])
@pytest.mark.parametrize("far", [0, 100, 10_000])
def test_distances_keep_their_digits_near_zero_and_far_from_the_origin(
    far: float, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if device == "torch":
        with_torch(monkeypatch)
    random = np.random.default_rng(1)
    points = clouds.gaussian(random, 600) + far
    clouds.with_twins(random, points, 0.2)
    vectors = points.astype(np.float32)
    distances, _ = reference(vectors, 5)
    found = exact(vectors, 5, device)
    assert np.allclose(found.distances, distances, rtol=1e-5, atol=0)
    assert not np.allclose(faster_and_wrong(vectors), distances[:, 0], rtol=0.1, atol=0)


def faster_and_wrong(vectors: Vectors) -> Any:
    """Return the nearest distance by |a|² + |b|² - 2ab in single precision."""
    squares = (vectors**2).sum(axis=1)
    far = squares[:, None] + squares - 2 * vectors @ vectors.T
    np.fill_diagonal(far, np.inf)
    return np.sqrt(np.maximum(far.min(axis=1), 0))


def test_neighbours_within_a_burst_of_copies_are_the_nearest_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    points = clouds.gaussian(random, 1500)
    points[:60] = 1000 + random.normal(size=(60, points.shape[1])) * 1e-2
    vectors = points.astype(np.float32)
    distances, _ = reference(vectors, 10)
    assert np.allclose(exact(vectors, 10).distances, distances, rtol=1e-4)
    monkeypatch.setattr(neighbors, "_unsure", lambda *_: np.zeros(0, np.int64))
    assert not np.allclose(exact(vectors, 10).distances, distances, rtol=1e-4)


def test_equal_input_gives_equal_neighbours_also_among_ties() -> None:
    vectors = np.random.default_rng(3).integers(0, 3, (1500, 6)).astype(np.float32)
    once, again = exact(vectors, 8), exact(vectors, 8)
    distances, _ = reference(vectors, 8)
    assert np.array_equal(once.places, again.places)
    assert np.allclose(once.distances, distances, rtol=1e-5)
    assert not (once.places == np.arange(len(vectors))[:, None]).any()


def test_one_sample_has_no_neighbours() -> None:
    assert exact(cloud(1), 10).places.shape == (1, 0)


def test_memory_is_that_of_a_block() -> None:
    import tracemalloc

    vectors = np.random.default_rng(4).normal(size=(8000, 64)).astype(np.float32)
    exact(vectors[:3000], 10)
    tracemalloc.start()
    found = exact(vectors, 10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    block = neighbors.BLOCK**2 * 4
    results = 3 * (found.places.nbytes + found.distances.nbytes)
    assert peak < 3 * block + results < 8000**2 * 4 / 4


@pytest.mark.slow
def test_the_approximate_search_finds_99_of_100_and_repeats_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors, "MOST_EXACT", 3000)
    random = np.random.default_rng(5)
    points = clouds.gaussian(random, 4000)
    has_twin = clouds.with_twins(random, points, 0.05)
    vectors = points.astype(np.float32)
    found = neighbors.nearest(vectors, 10, seed=1)
    distances, places = reference(vectors, 10)
    assert recall(found, places) >= 0.99
    assert np.allclose(found.distances[has_twin, 0], distances[has_twin, 0], rtol=1e-5)
    assert np.array_equal(found.places, approximate(vectors, 10, 1).places)
