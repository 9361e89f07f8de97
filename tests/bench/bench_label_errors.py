"""Scores and joints of labels beside cleanlab's, on the same probabilities, each in its own process."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.process import measure
from tests.bench.report import Report, Verdict, megabytes

SMALL, LARGE, LARGEST = (50_000, 10), (200_000, 100), (1_000_000, 1000)
ROUNDS = 3
"""Ours and cleanlab take turns; the fastest of each is compared."""
EQUAL = 1e-9


@dataclass(frozen=True)
class Scored:
    """What one method took, beyond imports and reading, and what it found."""

    seconds: float
    peak: int
    scores: Any


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Score data of two sizes beside cleanlab, then more than fits into memory by ours alone."""
    where = folder / "label_errors"
    where.mkdir(parents=True, exist_ok=True)
    for shape in (SMALL, LARGE):
        _made(where, shape, np.float64)
        yield _compared(where, shape)
    _made(where, LARGEST, np.float32)
    yield _streamed(where)


def _made(where: Path, shape: tuple[int, int], kind: type) -> None:
    """Write probabilities and labels, block by block."""
    rows, classes = shape
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, rows)
    held = np.lib.format.open_memmap(where / "held.npy", "w+", kind, shape)
    for start in range(0, rows, 10_000):
        block = random.standard_exponential((min(10_000, rows - start), classes), np.float32)
        # Three of four labels are likely ones.
        is_right = random.random(len(block)) < 0.75
        block[np.flatnonzero(is_right), labels[start : start + len(block)][is_right]] += classes
        block = block.astype(np.float64)
        held[start : start + len(block)] = block / block.sum(axis=1, keepdims=True)
    held.flush()
    np.save(where / "labels.npy", labels)


def _scored(where: Path, method: str) -> Scored:
    result = where / "result"
    measure([sys.executable, "-m", "tests.bench.label_scores", method, str(where), str(result)])
    told = json.loads(result.with_suffix(".json").read_text())
    found = result.with_suffix(".npy")
    return Scored(told["seconds"], told["peak"], np.load(found) if found.exists() else None)


def _compared(where: Path, shape: tuple[int, int]) -> Report:
    title = f"label_errors: thresholds, confident joint and five scores of {shape[0]:,} by {shape[1]}"
    if find_spec("cleanlab") is None:
        return Report(title, [""], [], [Verdict("cleanlab is not installed", 1, 0, "")])
    found: dict[str, Scored] = {}
    for _ in range(ROUNDS):
        for method in ("sitegen", "cleanlab"):
            each = _scored(where, method)
            found[method] = min(found.get(method, each), each, key=lambda scored: scored.seconds)
    base = _scored(where, "nothing").peak
    ours, theirs = found["sitegen"], found["cleanlab"]
    whole = _scored(where, "everything")
    rows = [
        [name, f"{each.seconds:.3f}", megabytes(each.peak), megabytes(each.peak - base)]
        for name, each in {**found, "sitegen, with the noise matrix": whole}.items()
    ]
    verdicts = [
        Verdict("seconds against cleanlab", ours.seconds / theirs.seconds, 1.0, "times"),
        Verdict("memory against cleanlab", ours.peak / theirs.peak, 1.0, "times"),
        Verdict(
            "largest difference of a score in units of 10⁻⁹",
            float(np.abs(ours.scores - theirs.scores).max()) / EQUAL,
            1.0,
            "",
        ),
        *([Verdict("seconds of everything", whole.seconds, 1.0, "s")] if shape == SMALL else []),
    ]
    return Report(title, ["", "seconds", "peak memory", "beyond the data"], rows, verdicts)


def _streamed(where: Path) -> Report:
    found = _scored(where, "everything")
    base = _scored(where, "nothing, mapped")
    results = 7 * 8 * LARGEST[0]
    working = (found.peak - base.peak - results) / 1e6
    rows = [["sitegen", f"{found.seconds:.1f}", megabytes(found.peak), f"{working:.0f} MB"]]
    data = LARGEST[0] * LARGEST[1] * 4
    title = (
        f"label_errors: everything of {LARGEST[0]:,} by {LARGEST[1]}, {data / 1e9:.0f} GB mapped from a file"
    )
    verdicts = [Verdict("memory that is the process's own", found.peak / 1e6, 256, "MB")]
    return Report(title, ["", "seconds", "own memory", "beyond results"], rows, verdicts)
