"""Nearest neighbours of 48,000 embeddings, beside the fastest exact search, and near twins among them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.duplicates.near import near_duplicates
from pipelines.duplicates.neighbors import BLOCK
from pipelines.progress import Steps
from pipelines.registry import Registry
from tests.bench.neighbor_search import METHODS
from tests.bench.process import measure
from tests.bench.report import Report, Verdict, megabytes

ROWS, DIMENSIONS = 48_000, 512
TWINS = 476
ROUNDS = 2
"""Ours and faiss take turns; the fastest of each is compared."""
SLOWER = 1.0
"""Times faiss's seconds, at most."""


@dataclass(frozen=True)
class Search:
    """What one method found, and took."""

    places: Any
    distances: Any
    seconds: float
    peak: int


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Search with each method in a process of its own, then look for planted twins by the default rule."""
    where = folder / "duplicates"
    where.mkdir(parents=True, exist_ok=True)
    vectors, has_twin = embeddings(ROWS, DIMENSIONS, TWINS)
    np.save(where / "vectors.npy", vectors)
    yield _compared(where, has_twin)
    yield _twins(vectors, has_twin)


def embeddings(rows: int, dimensions: int, twins: int) -> tuple[Any, Any]:
    """Return float32 embeddings in clusters of a decaying spectrum, and which have a planted near twin."""
    random = np.random.default_rng(0)
    spectrum = 4 / np.sqrt(1 + np.arange(dimensions))
    middles = random.normal(size=(50, dimensions)) * spectrum
    points = random.normal(size=(rows, dimensions)) * spectrum + middles[random.integers(0, 50, rows)]
    pairs = random.permutation(rows)[: 2 * twins].reshape(2, -1)
    points[pairs[1]] = points[pairs[0]] + random.normal(size=(twins, dimensions)) * 1e-3
    has_twin = np.zeros(rows, bool)
    has_twin[pairs] = True
    return points.astype(np.float32), has_twin


def search(where: Path, method: str) -> Search:
    """Search with a method in a process of its own."""
    result = where / "result.npz"
    command = [
        sys.executable,
        "-m",
        "tests.bench.neighbor_search",
        method,
        str(where / "vectors.npy"),
        str(result),
    ]
    measure(command)
    with np.load(result) as found:
        seconds, peak = float(found["seconds"]), int(found["peak"])
        return Search(found["places"], found["distances"], seconds, peak)


def _compared(where: Path, has_twin: Any) -> Report:
    there = [name for name in METHODS if name != "faiss flat" or find_spec("faiss")]
    found = {name: search(where, name) for name in there}
    peer = "faiss flat" if "faiss flat" in found else "scikit-learn brute"
    for _ in range(ROUNDS - 1):
        for name in ("sitegen", peer):
            found[name] = min(found[name], search(where, name), key=lambda each: each.seconds)
    truth, rows = found["scikit-learn brute"].places, []
    base = found["nothing"].peak
    for name, each in found.items():
        if name != "nothing":
            shares = (f"{recall(each.places, truth):.4f}", f"{_planted(each, has_twin):.4f}")
            rows.append(
                [name, f"{each.seconds:.1f}", *shares, megabytes(each.peak), megabytes(each.peak - base)]
            )
    ours = found["sitegen"]
    results = len(truth) * (10 + 14) * 12
    working = (ours.peak - base - results) / (4 * BLOCK * len(truth))
    approximate = 1 - recall(found["sitegen, above 200,000 rows"].places, truth)
    verdicts = [
        Verdict(f"seconds against {peer}", ours.seconds / found[peer].seconds, SLOWER, "times"),
        Verdict(f"memory against {peer}", ours.peak / found[peer].peak, 1.0, "times"),
        Verdict("memory beyond vectors and results", working, 1.0, "blocks of rows by all rows"),
        Verdict("neighbours missed by ours", 1 - recall(ours.places, truth), 0.0005, "of all"),
        Verdict("neighbours missed by the approximate search", approximate, 0.01, "of all"),
    ]
    header = ["", "seconds", "recall@10", "twins found", "peak memory", "beyond vectors"]
    title = f"duplicates: 10 nearest neighbours of {ROWS:,} by {DIMENSIONS} float32, each in its own process"
    notes = ["recall is against scikit-learn; what differs are neighbours equally near in single precision"]
    return Report(title, header, rows, verdicts, notes)


def recall(places: Any, truth: Any) -> float:
    """Return the share of the true neighbours that were found."""
    together = np.concatenate([places, truth], axis=1)
    together.sort(axis=1)
    return float((np.diff(together, axis=1) == 0).sum() / truth.size)


def _planted(found: Search, has_twin: Any) -> float:
    """Return the share of the planted twins whose nearest neighbour is a planted one."""
    return float(has_twin[found.places[has_twin, 0]].mean())


def _twins(vectors: Any, has_twin: Any) -> Report:
    parameters = {item.name: item.default for item in Registry().spec("duplicates").parameters}
    rows, verdicts = [], []
    plain = vectors[~has_twin]
    for name, given, truth in (("twins", vectors, has_twin), ("none", plain, np.zeros(len(plain), bool))):
        near = near_duplicates(given, parameters, "cpu", Steps("near", lambda: 0.0, lambda _: None))
        flagged = near.of("gap") >= 0
        right = int((flagged & truth).sum())
        rows.append([name, f"{truth.sum():,}", f"{flagged.sum():,}", f"{right:,}"])
        verdicts.append(
            Verdict(f"{name}: rows flagged that are none", float((flagged & ~truth).sum()), 0, "rows")
        )
        verdicts.append(Verdict(f"{name}: twins missed", float((~flagged & truth).sum()), 0, "rows"))
    title = f"duplicates: planted near twins among {ROWS:,} embeddings, by the default rule"
    return Report(title, ["", "have a twin", "flagged", "of which right"], rows, verdicts)
