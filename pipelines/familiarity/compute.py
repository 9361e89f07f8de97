"""Computes `familiarity`: log-likelihoods under Gaussian mixtures, of all samples and of each label."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines import embeddings
from pipelines.contract import Rows, TableSpec
from pipelines.embeddings import Samples
from pipelines.errors import ContractError
from pipelines.familiarity.mixtures import Gap, Points, gap, mixture, reduction, score
from pipelines.familiarity.spec import GAPS, LABELS, MIXTURES, SAMPLES
from pipelines.tool import Job, Output

_Pair = tuple[tuple[str, Points], tuple[str, Points]]
"""Two parts with their names: whom the mixtures are fitted to, and who is set beside them."""


@dataclass(frozen=True)
class _Fitted:
    """The mixture of some samples and its scores of all; `fitted` is None where they were too few."""

    label: str | None
    chosen: NDArray[np.bool_]
    fitted: Any
    scores: Points


def compute(job: Job) -> Output:
    """Return the tables that the samples allow: those by label or part only where these are known."""
    found = embeddings.samples(job)
    vectors, other = embeddings.with_vectors(job, found), _other(job)
    _check_count(job, len(vectors))
    if other is not None:
        _check_count(job, len(other))
    with job.steps.step("pca", len(vectors)):
        reduce = reduction(vectors, job.parameters["dimensions"])
        points = reduce(vectors)
        strangers = None if other is None else _alike(job, vectors, reduce, other)
    with job.steps.step("mixtures"):
        whole = _fit(job, points, None, np.ones(len(points), bool))
        familiar = None if strangers is None else _among_others(job, points, strangers)
    by_label = _by_label(job, found, points)
    tables = [_samples(job, found, whole, by_label, familiar), _mixtures([whole, *by_label])]
    if any(each.fitted is not None for each in by_label):
        tables.append(_labels(job, found, by_label))
    if strangers is not None or job.parameters["compare"] in found.known:
        pairs = [*_parts(job, found, points), *_datasets(job, points, strangers)]
        tables.append(_gaps(job, pairs))
    return Output(tuple(tables), libraries=("numpy", "pyarrow", "scikit-learn"))


def _other(job: Job) -> NDArray[np.float32] | None:
    """Return the embeddings of the other dataset, None where none is named."""
    if "other" not in job.tables:
        return None
    return embeddings.vectors(job.name, job.tables["other"][job.column("other", "embedding")])


def _alike(
    job: Job,
    vectors: NDArray[np.float32],
    reduce: Callable[[NDArray[np.float32]], Points],
    other: NDArray[np.float32],
) -> Points:
    if other.shape[1] != vectors.shape[1]:
        what = f"embeddings have {vectors.shape[1]} numbers, those of the other dataset {other.shape[1]}"
        raise ContractError(job.name, what, "name embeddings of the same layer of the same model")
    return reduce(other)


def _among_others(job: Job, points: Points, others: Points) -> Points:
    return score(mixture(others, job.parameters["components"], job.parameters["seed"]), points)


def _check_count(job: Job, count: int) -> None:
    where = "parameters.minimum_rows"
    minimum, components = job.parameters["minimum_rows"], job.parameters["components"]
    if minimum < 2 * components:
        what = f"is {minimum}, too few for {components} components"
        raise ContractError(where, what, f"at least {2 * components} are needed, or fewer components")
    if count < minimum:
        what = f"is {minimum}, and there are {count} samples"
        raise ContractError(where, what, "give a smaller one")


def _fit(job: Job, points: Points, label: str | None, chosen: NDArray[np.bool_]) -> _Fitted:
    if chosen.sum() < job.parameters["minimum_rows"]:
        return _Fitted(label, chosen, None, np.full(len(points), np.nan))
    fitted = mixture(points[chosen], job.parameters["components"], job.parameters["seed"])
    return _Fitted(label, chosen, fitted, score(fitted, points))


def _by_label(job: Job, found: Samples, points: Points) -> list[_Fitted]:
    """Return the mixture of every label, in the labels' order, also of those with too few samples."""
    if "label" not in found.known:
        return []
    codes, names = found.codes("label")
    made = []
    with job.steps.step("mixtures by label", len(names)) as advance:
        for code, name in enumerate(names):
            made.append(_fit(job, points, name, codes == code))
            advance(code + 1)
    return made


def _parts(job: Job, found: Samples, points: Points) -> Iterator[_Pair]:
    """Yield every part of the samples beside every other."""
    role = job.parameters["compare"]
    if role not in found.known:
        return
    codes, names = found.codes(role)
    yield from permutations([(name, points[codes == code]) for code, name in enumerate(names)], 2)


def _datasets(job: Job, points: Points, others: Points | None) -> Iterator[_Pair]:
    """Yield this dataset beside the other, and the other beside this; nothing without another."""
    if others is None:
        return
    this, other = job.parameters["this_name"], job.parameters["other_name"]
    yield from permutations([(this, points), (other, others)], 2)


def _gaps(job: Job, pairs: list[_Pair]) -> Rows:
    settings = (job.parameters["components"], job.parameters["seed"])
    found: list[Gap | None] = []
    with job.steps.step("gaps", len(pairs)) as advance:
        for (_, one), (_, other) in pairs:
            is_enough = min(len(one), len(other)) >= job.parameters["minimum_rows"]
            found.append(gap(one, other, *settings) if is_enough else None)
            advance(len(found))
    return _gap_rows(pairs, found)


# Tables -------------------------------------------------------------------------------------------


def _entity(job: Job, spec: TableSpec, found: Samples, columns: dict[str, pa.Array]) -> Rows:
    return Rows(spec, embeddings.by_id(job, found, columns), (found.key,))


def _samples(
    job: Job, found: Samples, whole: _Fitted, by_label: list[_Fitted], familiar: Points | None
) -> Rows:
    columns = {"familiarity_embedding": pa.array(whole.scores)}
    if by_label:
        own = np.full(len(whole.scores), np.nan)
        for each in by_label:
            own[each.chosen] = each.scores[each.chosen]
        columns["familiarity_label"] = pa.array(own, mask=np.isnan(own))
    if familiar is not None:
        columns["familiarity_other"] = pa.array(familiar)
    return _entity(job, SAMPLES, found, columns)


def _labels(job: Job, found: Samples, by_label: list[_Fitted]) -> Rows:
    scores = np.column_stack([each.scores for each in by_label if each.fitted is not None])
    values = pa.array(scores.astype(np.float32).reshape(-1))
    lists = pa.FixedSizeListArray.from_arrays(values, scores.shape[1])
    return _entity(job, LABELS, found, {"split_familiarity": lists})


def _mixtures(made: list[_Fitted]) -> Rows:
    fitted = [each.fitted for each in made]
    is_placed = np.array([each.label is not None and each.fitted is not None for each in made])
    means = [None if each.fitted is None else float(each.scores[each.chosen].mean()) for each in made]
    columns = {
        "label": pa.array([each.label for each in made], pa.string()).dictionary_encode(),
        "rows": pa.array([int(each.chosen.sum()) for each in made], pa.int32()),
        "place": pa.array((np.cumsum(is_placed) - 1).astype(np.int32), mask=~is_placed),
        "mean": pa.array(means, pa.float64()),
        "iterations": pa.array([None if each is None else int(each.n_iter_) for each in fitted], pa.int32()),
        "converged": pa.array(
            [None if each is None else bool(each.converged_) for each in fitted], pa.bool_()
        ),
    }
    return Rows(MIXTURES, pa.table(columns))


def _gap_rows(pairs: list[_Pair], gaps: list[Gap | None]) -> Rows:
    def column(value: str) -> pa.Array:
        return pa.array([None if each is None else getattr(each, value) for each in gaps], pa.float64())

    columns = {
        "fitted": pa.array([name for (name, _), _ in pairs], pa.string()).dictionary_encode(),
        "scored": pa.array([name for _, (name, _) in pairs], pa.string()).dictionary_encode(),
        "fitted_rows": pa.array([len(points) for (_, points), _ in pairs], pa.int32()),
        "scored_rows": pa.array([len(points) for _, (_, points) in pairs], pa.int32()),
        "fitted_mean": column("fitted"),
        "scored_mean": column("scored"),
        **{value: column(value) for value in ("gap", "low", "high")},
    }
    return Rows(GAPS, pa.table(columns))
