"""Computes `comparison`: the outcome of every sample, and paired differences of classes and groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.answers import chosen, coded, grouped
from pipelines.arrow import type_name
from pipelines.comparison.spec import DIFFERENCES, SAMPLES
from pipelines.contract import Column, Rows
from pipelines.errors import ContractError
from pipelines.proportions import Values, benjamini_hochberg, mcnemar, paired_difference, ratio
from pipelines.subgroups import Codes, Grouping, feature, grouping, groupings
from pipelines.tool import Job, Output

ID = "the sample's own name, the same in every table of the dataset"
COUNTS = ("both", "only_first", "only_second", "neither")
MOST_GROUPS = 20_000


@dataclass(frozen=True)
class Pair:
    """Labels and both predictions of the first table's samples, as codes of `classes`; -1 is missing."""

    classes: tuple[str, ...]
    label: Codes
    first: Codes
    second: Codes

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Whether a sample has all three."""
        return np.asarray((self.label >= 0) & (self.first >= 0) & (self.second >= 0))

    @property
    def outcome(self) -> Codes:
        """The place of each sample's outcome in `COUNTS`."""
        return np.asarray(2 * (self.first != self.label) + (self.second != self.label), np.int64)


def compute(job: Job) -> Output:
    """Return the tables `samples` and `differences`."""
    names = _names(job)
    with job.steps.step("samples", 1):
        pair = _pair(job)
    with job.steps.step("differences", 1):
        found = list(_kinds(job, pair))
        differences = pa.concat_tables(
            [_differences(kind, groups, pair, names, least) for kind, groups, least in found]
        )
    tables = (_samples(job, pair, names), Rows(DIFFERENCES, differences))
    return Output(tables, classes=pair.classes, libraries=("numpy", "pyarrow", "scipy"))


def _names(job: Job) -> tuple[str, str]:
    first, second = (str(job.parameters[f"{place}_name"]).strip() for place in ("first", "second"))
    if not first or not second or first == second:
        where = f"tools.{job.name}.parameters"
        raise ContractError(where, "both models have the same name or none", "give each a name of its own")
    return first, second


# Both models --------------------------------------------------------------------------------------


def _pair(job: Job) -> Pair:
    table = job.tables["first"]
    label = table[chosen(job, "first", "label", str(job.parameters["label"]))]
    first = table[chosen(job, "first", "prediction", str(job.parameters["prediction"]))]
    classes, (labels, firsts, seconds) = coded(label, first, _second(job))
    pair = Pair(classes, labels, firsts, seconds)
    if not pair.kept.any():
        where = f"tools.{job.name}"
        raise ContractError(where, "no sample has a label and a prediction of both models")
    return pair


def _second(job: Job) -> pa.ChunkedArray:
    """Return the second model's predictions in the order of the first table, null where it has none."""
    where, name = f"tools.{job.name}", str(job.parameters["second_prediction"])
    if "second" not in job.tables:
        if not name:
            hint = 'name its table as inputs.second, or parameters.second_prediction = "…"'
            raise ContractError(where, "is given no second model", hint)
        return job.tables["first"][chosen(job, "first", "second_prediction", name)]
    column = chosen(job, "second", "prediction", name)
    ids, others = (job.tables[place][job.column(place, "id")] for place in ("first", "second"))
    if ids.type != others.type:
        raise ContractError(where, f"ids are {ids.type} in one table and {others.type} in the other")
    return job.tables["second"][column].take(pc.index_in(ids, value_set=others.combine_chunks()))


def _samples(job: Job, pair: Pair, names: tuple[str, str]) -> Rows:
    key = job.column("first", "id")
    ids = job.tables["first"][key]
    words = pa.array(["both", f"only {names[0]}", f"only {names[1]}", "neither"])
    outcome = words.take(pa.array(pair.outcome, mask=~pair.kept)).dictionary_encode()
    is_answered = (pair.first >= 0) & (pair.second >= 0)
    agree = pa.array(pair.first == pair.second, mask=~is_answered)
    described = Column(key, type_name(ids.type), "id", None, ID)
    return Rows(SAMPLES, pa.table({key: ids, "outcome": outcome, "agree": agree}), (described,))


# Where they differ --------------------------------------------------------------------------------


def _kinds(job: Job, pair: Pair) -> Iterator[tuple[str, list[Grouping], int]]:
    """Yield all samples, the classes and the groups, each with the fewest samples that are told."""
    rows = int(pair.kept.sum())
    yield "all", [grouping((), rows)], 1
    name = chosen(job, "first", "label", str(job.parameters["label"]))
    labels = job.tables["first"][name].filter(pa.array(pair.kept))
    yield (
        "class",
        [grouping((feature(f"tools.{job.name}.parameters.label", name, labels, None, 2),), rows)],
        1,
    )
    columns = grouped(job, "first", pair.kept)
    found: list[Grouping] = []
    for groups in groupings(columns, int(job.parameters["depth"]), rows):
        if groups.features and [each.name for each in groups.features] != [name]:
            found.append(groups)
        if sum(each.size for each in found) > MOST_GROUPS:
            what = f"the columns make more than {MOST_GROUPS} groups"
            where = f"tools.{job.name}.parameters.columns"
            raise ContractError(where, what, "name fewer columns or ranges")
    if found:
        yield "group", found, int(job.parameters["minimum"])


def _differences(
    kind: str, found: list[Grouping], pair: Pair, names: tuple[str, str], least: int
) -> pa.Table:
    outcome = pair.outcome[pair.kept]
    parts = [
        np.bincount(groups.index * 4 + outcome, minlength=groups.size * 4).reshape(-1, 4) for groups in found
    ]
    told = [(groups, at) for groups in found for at in range(groups.size)]
    counts = np.concatenate(parts).astype(np.float64)
    kept = np.flatnonzero(counts.sum(axis=1) >= least)
    counts, told = counts[kept], [told[at] for at in kept]
    measured = _measured(counts)
    order = np.lexsort((-np.abs(measured["difference"]), measured["p_mid"]))
    ordered = [told[at] for at in order]
    size, columns = len(order), pa.list_(pa.string())
    return pa.table(
        {
            "kind": pa.array([kind] * size).dictionary_encode(),
            "rank": pa.array(np.arange(1, size + 1), pa.int32()),
            "group": pa.array([groups.words(at) for groups, at in ordered], pa.string()),
            "columns": pa.array([[each.name for each in groups.features] for groups, _ in ordered], columns),
            "expression": pa.array([groups.expression(at) for groups, at in ordered], pa.string()),
            "n": pa.array(counts[order].sum(axis=1).astype(np.int32)),
            **{name: pa.array(counts[order, at].astype(np.int32)) for at, name in enumerate(COUNTS)},
            **{name: pa.array(values[order]) for name, values in measured.items()},
            "better": pa.array(_better(measured["difference"][order], names), pa.string()),
        }
    ).unify_dictionaries()


def _measured(counts: Values) -> dict[str, Values]:
    both, first, second, neither = counts.T
    n = counts.sum(axis=1)
    away, low, high = paired_difference(both, first, second, neither)
    exact, mid = mcnemar(first, second)
    return {
        "first": ratio(both + first, n),
        "second": ratio(both + second, n),
        "difference": away,
        "low": low,
        "high": high,
        "p": exact,
        "p_mid": mid,
        "q": benjamini_hochberg(mid),
    }


def _better(away: Values, names: tuple[str, str]) -> list[str]:
    return [names[0] if each > 0 else names[1] if each < 0 else "same" for each in away.tolist()]
