"""Computes `fairness`: groups, their metrics with intervals, and which of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.answers import Judged, grouped, judged
from pipelines.contract import Rows
from pipelines.errors import ContractError, nearest
from pipelines.fairness.compare import LOWER_IS_BETTER, Place, Share, against_rest, share, similar
from pipelines.fairness.metrics import Counts, Measure, cells, counts, means, of_all, of_each, of_one
from pipelines.fairness.spec import AVERAGES, GROUPS, MEASURES, METRICS, SIMILAR, SUGGESTED
from pipelines.subgroups import Grouping, groupings
from pipelines.tool import Job, Output

MOST_GROUPS = 20_000
"""Groups that are judged; more would be told apart by nobody."""
BLOCK = 1 << 20
"""Groups times classes that are counted at once."""


def compute(job: Job) -> Output:
    """Return the tables `groups`, `metrics`, `suggested` and `similar`."""
    given = judged(job, "samples")
    positive = _positive(job, given)
    rows = len(given.labels)
    with job.steps.step("groups", 1):
        columns = grouped(job, "samples", given.kept)
        found = _limited(job, groupings(columns, int(job.parameters["depth"]), rows))
    with job.steps.step("metrics", len(found)) as advance:
        parts: list[dict[str, Any]] = []
        first = 0
        for done, each in enumerate(found, 1):
            parts += _metrics(job, each, first, given, positive)
            first += each.size
            advance(done)
    metric = str(job.parameters["metric"])
    measured = share(given, metric, positive)
    with job.steps.step("compare", 2) as advance:
        suggested = _suggested(job, found, measured, metric)
        advance(1)
        pairs = _similar(job, found, measured, metric)
    groups = _groups(found, rows, int(job.parameters["minimum"]))
    tables = (
        Rows(GROUPS, groups),
        Rows(MEASURES, _measures(parts, groups, given.classes)),
        Rows(SUGGESTED, suggested),
        Rows(SIMILAR, pairs),
    )
    return Output(tables, classes=given.classes, libraries=("numpy", "pyarrow", "scipy"))


def _positive(job: Job, given: Judged) -> int | None:
    """Return the positive class: the one named, else the second of two; None for the classes of many."""
    named, metric = str(job.parameters["positive"]), job.parameters["metric"]
    if named:
        if named not in given.classes:
            where = f"tools.{job.name}.parameters.positive"
            raise ContractError(where, f'there is no class "{named}"', nearest(named, given.classes))
        return given.classes.index(named)
    if len(given.classes) == 2:
        return 1
    if metric != "accuracy":
        what = f"{metric} of {len(given.classes)} classes needs a positive one"
        where = f"tools.{job.name}.parameters.metric"
        raise ContractError(where, what, f'write positive = "{given.classes[0]}", or another')
    return None


def _limited(job: Job, found: Iterator[Grouping]) -> list[Grouping]:
    kept: list[Grouping] = []
    where, total = f"tools.{job.name}.parameters.columns", 0
    for groups in found:
        total += groups.size
        if total > MOST_GROUPS:
            what = f"the columns make more than {MOST_GROUPS} groups"
            hint = "name fewer columns, fewer ranges, or a smaller depth"
            raise ContractError(where, what, hint)
        kept.append(groups)
    return kept


# Groups and metrics -------------------------------------------------------------------------------


def _groups(found: Sequence[Grouping], rows: int, minimum: int) -> pa.Table:
    n = np.concatenate([np.bincount(groups.index, minlength=groups.size) for groups in found])
    named = [(groups, at) for groups in found for at in range(groups.size)]
    return pa.table(
        {
            "group": [groups.words(at) for groups, at in named],
            "columns": pa.array([_names(groups) for groups, _ in named], pa.list_(pa.string())),
            "level": pa.array([len(groups.features) for groups, _ in named], pa.int8()),
            "expression": [groups.expression(at) for groups, at in named],
            "n": pa.array(n, pa.int32()),
            "share": n / rows,
            "is_small": n < minimum,
        }
    )


def _names(groups: Grouping) -> list[str]:
    return [feature.name for feature in groups.features]


def _metrics(
    job: Job, groups: Grouping, first: int, given: Judged, positive: int | None
) -> Iterator[dict[str, Any]]:
    """Yield columns of a grouping's metrics, some groups at a time; they are numbered from `first`."""
    step = max(1, BLOCK // len(given.classes))
    for start in range(0, groups.size, step):
        end = min(start + step, groups.size)
        inside = (groups.index >= start) & (groups.index < end)
        at = slice(None) if inside.all() else inside
        index = groups.index[at] - start
        found = cells(index, given.labels[at], given.predictions[at], end - start, len(given.classes))
        told = counts(found)
        measured = [*of_all(told)]
        for average in ("macro", "weighted"):
            measured += means(told, found, average, str(job.parameters["undefined"]))
        measured += _by_class(job, told, positive)
        for each in measured:
            yield _columns(each, told, first + start, positive)


def _by_class(job: Job, told: Counts, positive: int | None) -> Iterator[Measure]:
    if positive is not None:
        yield from of_one(told, positive)
    if job.parameters["classes"] and not (positive is not None and told.hits.shape[1] == 2):
        yield from of_each(told)


def _columns(each: Measure, told: Counts, first: int, positive: int | None) -> dict[str, Any]:
    """Return a metric of every group as columns; a class that a group has nothing of is left out."""
    if each.average == "class":
        group, class_ = np.nonzero(told.is_present)
        kept: Any = (group, class_)
    else:
        kept = group = np.arange(len(each.value))
        class_ = np.full(len(group), positive if each.average == "binary" else -1)
    numbers = {"n": each.n, "value": each.value, "low": each.low, "high": each.high}
    return {
        "group": group + first,
        "metric": np.full(len(group), METRICS.index(each.metric)),
        "average": np.full(len(group), AVERAGES.index(each.average)),
        "class": class_,
        **{name: values[kept] for name, values in numbers.items()},
    }


def _measures(parts: Sequence[dict[str, Any]], groups: pa.Table, classes: Sequence[str]) -> pa.Table:
    """Return the table of all metrics: numbers of groups, metrics and classes become names."""
    told = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return pa.table(
        {
            "group": groups["group"].take(pa.array(told["group"])),
            "level": groups["level"].take(pa.array(told["group"])),
            "metric": _named(told["metric"], METRICS),
            "average": _named(told["average"], AVERAGES),
            "class": _named(told["class"], classes),
            **{name: pa.array(told[name], from_pandas=True) for name in ("n", "value", "low", "high")},
        }
    )


def _named(codes: Any, names: Sequence[str]) -> pa.DictionaryArray:
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def _repeated(text: str, size: int) -> pa.Array:
    return _named(np.zeros(size, np.int32), [text])


# Comparisons --------------------------------------------------------------------------------------


def _first(p_values: Any, effects: Any, most: int) -> Any:
    """Return the most significant comparisons in order; of equal ones the larger effect goes first."""
    return np.lexsort((-np.abs(effects), p_values))[:most]


def _suggested(job: Job, found: list[Grouping], measured: Share, metric: str) -> pa.Table:
    # All samples together have no rest: they come first among the groupings and never pass the minimum.
    places, compared = against_rest(found, measured, int(job.parameters["minimum"]))
    told = compared.columns()
    order = _first(told["p"], told["effect"], int(job.parameters["suggested"]))
    chosen = [(found[at], int(group)) for at, group in _places(places, order)]
    sign = -1 if metric in LOWER_IS_BETTER else 1
    return pa.table(
        {
            **_ranked(order),
            "group": pa.array([groups.words(at) for groups, at in chosen], pa.string()),
            "columns": pa.array([_names(groups) for groups, _ in chosen], pa.list_(pa.string())),
            "level": pa.array([len(groups.features) for groups, _ in chosen], pa.int8()),
            "expression": pa.array([groups.expression(at) for groups, at in chosen], pa.string()),
            "metric": _repeated(metric, len(order)),
            "n": pa.array(compared.n[order].astype(np.int32)),
            "rest": compared.other[order],
            "is_worse": sign * told["difference"][order] < 0,
            **{name: values[order] for name, values in told.items()},
        }
    )


def _similar(job: Job, found: list[Grouping], measured: Share, metric: str) -> pa.Table:
    pairs, compared = similar(found, measured, int(job.parameters["minimum"]))
    told = compared.columns()
    order = _first(told["p"], told["effect"], int(job.parameters["similar"]))
    first = [(found[at], int(group)) for at, group in _places(pairs.first, order)]
    second = [(found[at], int(group)) for at, group in _places(pairs.second, order)]
    names = [groups.features[pairs.column[row]].name for (groups, _), row in zip(first, order, strict=True)]
    texts = {
        "group": [groups.words(at) for groups, at in first],
        "other": [groups.words(at) for groups, at in second],
        "column": names,
        "expression": [groups.expression(at) for groups, at in first],
        "other_expression": [groups.expression(at) for groups, at in second],
    }
    return pa.table(
        {
            **_ranked(order),
            **{name: pa.array(values, pa.string()) for name, values in texts.items()},
            "metric": _repeated(metric, len(order)),
            "n": pa.array(compared.n[order].astype(np.int32)),
            "other_n": pa.array(compared.other_n[order].astype(np.int32)),
            "other_value": compared.other[order],
            **{name: values[order] for name, values in told.items()},
        }
    )


def _places(places: Place, order: Any) -> list[tuple[int, int]]:
    return list(zip(places.grouping[order].tolist(), places.group[order].tolist(), strict=True))


def _ranked(order: Any) -> dict[str, pa.Array]:
    return {"rank": pa.array(np.arange(1, len(order) + 1), pa.int32())}
