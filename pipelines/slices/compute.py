"""Computes `slices`: the search, and how sure each slice is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipelines.answers import grouped, judged
from pipelines.contract import Rows
from pipelines.proportions import benjamini_hochberg, cohens_h, difference, ratio, two_proportions, wilson
from pipelines.slices.search import Found, Scoring, conjunctions, search
from pipelines.slices.spec import FOUND
from pipelines.subgroups import Feature, as_expression, in_words
from pipelines.tool import Job, Output


def compute(job: Job) -> Output:
    """Return the table `slices`, the highest scores first; empty where nothing is worse than the whole."""
    given = judged(job, "samples")
    told = job.parameters
    level = int(told["level"])
    with job.steps.step("columns", 1):
        columns = grouped(job, "samples", given.kept)
    is_wrong = ~given.is_correct
    scoring = Scoring(len(is_wrong), int(is_wrong.sum()), float(told["alpha"]), int(told["minimum"]))
    with job.steps.step("search", level) as advance:
        found = search(columns, is_wrong, scoring, level, int(told["most"]), advance)
    data = _table(found, columns, scoring, conjunctions(columns, level))
    return Output((Rows(FOUND, data),), classes=given.classes, libraries=("numpy", "pyarrow", "scipy"))


def _table(found: Sequence[Found], columns: Sequence[Feature], scoring: Scoring, tests: int) -> pa.Table:
    n = np.array([each.n for each in found], np.float64)
    errors = np.array([each.errors for each in found], np.float64)
    counts = (errors, n, scoring.errors - errors, scoring.n - n)
    away, low, high = difference(*counts)
    error_low, error_high = wilson(errors, n)
    p = two_proportions(*counts)
    rest = ratio(counts[2], counts[3])
    numbers = {
        "share": n / scoring.n,
        "error_rate": ratio(errors, n),
        "error_low": error_low,
        "error_high": error_high,
        "rest": rest,
        "difference": away,
        "low": low,
        "high": high,
        "effect": cohens_h(ratio(errors, n), rest),
        "score": np.array([each.score for each in found], np.float64),
        "p": p,
        "q": benjamini_hochberg(p, tests),
    }
    return pa.table(
        {
            "rank": pa.array(np.arange(1, len(found) + 1), pa.int32()),
            **_names(found, columns),
            "n": pa.array(n.astype(np.int32)),
            "errors": pa.array(errors.astype(np.int32)),
            **{name: pa.array(values, from_pandas=True) for name, values in numbers.items()},
        }
    )


def _names(found: Sequence[Found], columns: Sequence[Feature]) -> dict[str, pa.Array]:
    used = [[columns[at] for at, _ in each.slice] for each in found]
    members = [[value for _, value in each.slice] for each in found]
    both = list(zip(used, members, strict=True))
    return {
        "slice": pa.array([in_words(*each) for each in both], pa.string()),
        "columns": pa.array([[column.name for column in each] for each in used], pa.list_(pa.string())),
        "level": pa.array([len(each) for each in used], pa.int8()),
        "expression": pa.array([as_expression(*each) for each in both], pa.string()),
    }
