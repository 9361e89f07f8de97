"""How well scores find errors that are known, and how far scores agree with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from pipelines.label_errors.blocks import Floats
from pipelines.proportions import share

POINTS = 200  # of a curve at most


def measured(scores: Mapping[str, Floats], wrong: NDArray[np.bool_]) -> Iterator[dict[str, Any]]:
    """Yield for each score how well low values find what is wrong; null where all or none is."""
    errors = int(wrong.sum())
    for name, values in scores.items():
        hits = int(wrong[np.argsort(values, kind="stable")[:errors]].sum())
        precision, low, high = share(hits, errors)
        yield {
            "score": name,
            "samples": len(wrong),
            "errors": errors,
            "auroc": auroc(values, wrong),
            "auprc": auprc(values, wrong),
            "precision_at_errors": precision,
            "precision_low": low,
            "precision_high": high,
        }


def auroc(values: Floats, wrong: NDArray[np.bool_]) -> float | None:
    """Return the probability that an error scores below a right label, ties counting half."""
    errors, rest = int(wrong.sum()), int((~wrong).sum())
    if not errors or not rest:
        return None
    below = rankdata(-values)[wrong].sum() - errors * (errors + 1) / 2
    return float(below / (errors * rest))


def auprc(values: Floats, wrong: NDArray[np.bool_]) -> float | None:
    """Return the average precision of finding errors from the lowest score on; equal scores come together."""
    if not wrong.any():
        return None
    _, precision, recall = _steps(values, wrong)
    return float((precision * np.diff(recall, prepend=0)).sum())


def curves(scores: Mapping[str, Floats], wrong: NDArray[np.bool_]) -> Iterator[dict[str, Any]]:
    """Yield points of each score's precision and recall by how many samples are looked at."""
    if not wrong.any():
        return
    for name, values in scores.items():
        looked, precision, recall = _steps(values, wrong)
        chosen = np.unique(np.linspace(0, len(looked) - 1, min(POINTS, len(looked))).round().astype(int))
        for at in chosen:
            yield {
                "score": name,
                "flagged": int(looked[at]),
                "precision": float(precision[at]),
                "recall": float(recall[at]),
            }


def _steps(values: Floats, wrong: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return samples looked at, precision and recall after each distinct score."""
    order = np.argsort(values, kind="stable")
    last = np.append(np.flatnonzero(np.diff(values[order])), len(values) - 1)
    hits, looked = np.cumsum(wrong[order])[last], last + 1
    return looked, hits / looked, hits / wrong.sum()


def agreement(scores: Mapping[str, Floats], flagged: int) -> Iterator[dict[str, Any]]:
    """Yield for each pair of scores their rank correlation, and what they share among the first `flagged`."""
    ranks = {name: rankdata(values) for name, values in scores.items()}
    firsts = {
        name: set(np.argsort(values, kind="stable")[:flagged].tolist()) for name, values in scores.items()
    }
    for first, second in combinations(scores, 2):
        both = len(firsts[first] & firsts[second])
        yield {
            "first": first,
            "second": second,
            "correlation": _correlation(ranks[first], ranks[second]),
            "overlap": both / flagged if flagged else None,
        }


def _correlation(first: Floats, second: Floats) -> float | None:
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])
