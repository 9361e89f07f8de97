"""Computes `duplicates`: exact and near ones, their groups, and what leaks between splits by them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines import embeddings
from pipelines.contract import Column, Rows
from pipelines.duplicates import leakage
from pipelines.duplicates.edges import Edges
from pipelines.duplicates.hashes import exact_groups
from pipelines.duplicates.near import Near, near_duplicates
from pipelines.duplicates.spec import ACCURACY, GROUPS, LEAKAGE, NEIGHBORS, SAMPLES, THRESHOLDS
from pipelines.embeddings import Samples
from pipelines.errors import ContractError
from pipelines.tool import Job, Output

Places = NDArray[np.int64]
LIBRARIES = ("numpy", "pyarrow", "scipy")


def compute(job: Job) -> Output:
    """Return the tables that the samples allow: those of splits, labels, predictions where these are."""
    found = embeddings.samples(job)
    exact = _exact(job)
    near = _near(job, found)
    if near is None and not exact:
        what = "has nothing to compare: neither embeddings nor images, sounds, texts or columns of values"
        raise ContractError(job.name, what, 'name embeddings: inputs = { embeddings = "…" }')
    kinds = {**exact, **({} if near is None else {"near": near.of(job.parameters["rule"])})}
    tables = [_groups(found, kinds)]
    leak = None
    if "split" in found.known and found.codes("split")[1]:
        repeated = _repeats(found, exact, kinds.get("near"))
        leak = leakage.leaks(*found.codes("split"), repeated)
        tables += _audit(found, repeated, leak)
    tables.append(_samples(job, found, kinds, near, leak))
    if near is not None:
        tables += [_neighbors(found, near.edges), _thresholds(near, job.parameters["rule"])]
    searched = () if near is None or near.is_exact else ("pynndescent",)
    return Output(tuple(tables), libraries=(*LIBRARIES, *searched))


def _exact(job: Job) -> dict[str, Places]:
    if job.dataset is None:
        return {}
    with job.steps.step("exact", len(job.dataset.rows)) as advance:
        return exact_groups(job.dataset, advance)


def _near(job: Job, found: Samples) -> Near | None:
    if found.vectors is None:
        return None
    return near_duplicates(found.vectors, job.parameters, job.device, job.steps)


def _repeats(found: Samples, exact: Mapping[str, Places], near: Places | None) -> leakage.Repeats:
    """Return what is repeated where; of exact kinds the last says most: equal bytes are equal pixels too."""
    splits, names = found.codes("split")
    same = list(exact.values())[-1] if exact else None
    return leakage.repeats(splits, len(names), same, near)


# Tables -------------------------------------------------------------------------------------------


def _samples(
    job: Job,
    found: Samples,
    kinds: Mapping[str, Places],
    near: Near | None,
    leak: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None,
) -> Rows:
    columns: dict[str, pa.Array] = {
        f"duplicates_{kind}": pa.array(groups, pa.int32()) for kind, groups in kinds.items()
    }
    if near is not None:
        columns["nearest_distance"] = pa.array(near.nearest, mask=np.isnan(near.nearest))
    if leak is not None:
        splits, names = found.codes("split")
        words = np.select(leak, ["exact", "near"], "none")
        learned = (splits < 0) | np.append(leakage.is_training(names), False)[splits]
        columns["leak"] = pa.array(words, pa.string(), mask=learned).dictionary_encode()
    return Rows(SAMPLES, embeddings.by_id(job, found, columns), (found.key,))


def _neighbors(found: Samples, edges: Edges) -> Rows:
    columns = {
        "sample": found.ids.take(pa.array(edges.first)),
        "neighbor": found.ids.take(pa.array(edges.second)),
        "distance": pa.array(edges.distance),
        "relative": pa.array(edges.relative),
        "rank": pa.array(edges.rank, pa.int16()),
        "rank_back": pa.array(edges.rank_back, pa.int16()),
    }
    ids = (
        replace(found.key, name="sample", role="sample", description="id of one of the two"),
        replace(found.key, name="neighbor", role="neighbor", description="id of the other"),
    )
    return Rows(NEIGHBORS, pa.table(columns), ids)


def _thresholds(near: Near, used: str) -> Rows:
    lines = list(near.groups)
    distances = np.array([line.distance for line in lines], np.float32)
    relative = np.array([line.relative for line in lines], np.float32)
    columns = {
        "rule": pa.array([line.rule for line in lines]).dictionary_encode(),
        "is_used": pa.array([line.rule == used for line in lines]),
        "distance": pa.array(distances, mask=np.isnan(distances)),
        "relative": pa.array(relative, mask=np.isinf(relative)),
        "flagged": pa.array([int((groups >= 0).sum()) for groups in near.groups.values()], pa.int32()),
        "groups": pa.array([int(groups.max(initial=-1)) + 1 for groups in near.groups.values()], pa.int32()),
        "usual": _constant(near.usual, len(lines)),
        "dimension": _constant(near.dimension, len(lines)),
        "is_exact": pa.array([near.is_exact] * len(lines)),
        "closed": pa.array([near.closed] * len(lines), pa.int32()),
    }
    return Rows(THRESHOLDS, pa.table(columns))


def _constant(value: float, count: int) -> pa.Array:
    return pa.array([None if math.isnan(value) else value] * count, pa.float32())


def _audit(
    found: Samples, repeated: leakage.Repeats, leak: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> list[Rows]:
    splits, names = found.codes("split")
    columns = leakage.matrix(splits, names, repeated)
    tables = [Rows(LEAKAGE, _typed(columns, LEAKAGE.columns))]
    if found.known.keys() >= {"label", "prediction"}:
        correct = _correct(found)
        accuracies = leakage.accuracies(splits, names, correct, *leak)
        tables.append(Rows(ACCURACY, _typed(accuracies, ACCURACY.columns)))
    return tables


def _correct(found: Samples) -> NDArray[np.float64]:
    labels, predictions = found.known["label"], found.known["prediction"]
    equal = pc.equal(labels, predictions).cast(pa.float64())
    return np.asarray(equal.to_numpy(zero_copy_only=False), np.float64)


def _typed(columns: Mapping[str, list[object]], told: tuple[Column, ...]) -> pa.Table:
    """Return the columns in the types that a table declares."""
    arrays = {}
    for column in told:
        if column.type == "dictionary":
            arrays[column.name] = pa.array(columns[column.name], pa.string()).dictionary_encode()
        else:
            arrays[column.name] = pa.array(columns[column.name], pa.type_for_alias(column.type))
    return pa.table(arrays)


# Groups -------------------------------------------------------------------------------------------


def _groups(found: Samples, kinds: Mapping[str, Places]) -> Rows:
    made = [_of_kind(found, kind, groups) for kind, groups in kinds.items()]
    representative = replace(
        found.key, name="representative", role="sample", description="id of the member nearest to their mean"
    )
    return Rows(GROUPS, pa.concat_tables(made), (representative,))


def _of_kind(found: Samples, kind: str, groups: Places) -> pa.Table:
    members = np.flatnonzero(groups >= 0)
    order = members[np.argsort(groups[members], kind="stable")]
    parts = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1) if len(order) else []
    spreads, middle = _spreads(found, parts)
    labels, splits = _distinct(found, "label", parts), _distinct(found, "split", parts)
    columns = {
        "kind": pa.array([kind] * len(parts), pa.string()).dictionary_encode(),
        "group": pa.array(range(len(parts)), pa.int32()),
        "representative": found.ids.take(pa.array(middle, pa.int64())),
        "size": pa.array([len(part) for part in parts], pa.int32()),
        "spread": pa.array(spreads, pa.float32()),
        "labels": pa.array(labels, pa.int32()),
        "labels_disagree": pa.array([_is_several(count) for count in labels], pa.bool_()),
        "splits": pa.array(splits, pa.int32()),
        "crosses_splits": pa.array([_is_several(count) for count in splits], pa.bool_()),
    }
    return pa.table(columns)


def _spreads(found: Samples, parts: list[Places]) -> tuple[list[float | None], list[int]]:
    """Return each group's mean distance to its mean, and the member nearest to that: the first if equal."""
    if found.vectors is None:
        return [None] * len(parts), [int(part[0]) for part in parts]
    spreads: list[float | None] = []
    middle = []
    for part in parts:
        members = found.vectors[part].astype(np.float64)
        far = np.linalg.norm(members - members.mean(axis=0), axis=1)
        spreads.append(float(far.mean()))
        # Rounding of the mean must not choose among members that are equally near.
        middle.append(int(part[np.flatnonzero(far <= far.min() * (1 + 1e-9))[0]]))
    return spreads, middle


def _distinct(found: Samples, role: str, parts: list[Places]) -> list[int | None]:
    if role not in found.known:
        return [None] * len(parts)
    codes, _ = found.codes(role)
    return [len(set(codes[part].tolist()) - {-1}) for part in parts]


def _is_several(count: int | None) -> bool | None:
    return None if count is None else count > 1
