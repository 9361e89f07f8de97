"""Computes `confusion`: counts of label and prediction, and measures of every class and node."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrow import type_name
from pipelines.confusion.spec import COUNTS, MEASURES
from pipelines.contract import Rows
from pipelines.errors import ContractError, nearest
from pipelines.proportions import share
from pipelines.tool import Job, Output

Labels = frozenset[str]
"""The labels of one sample: one, or any number where a column holds lists."""
Pairs = Mapping[tuple[Labels | None, Labels | None], int]
"""Samples by their labels and predictions; None where there is no value."""
Node = str | None
"""A class or an inner node of a hierarchy; None for all together."""
Interval = tuple[float | None, float | None, float | None]
"""A share with the ends of its interval; None where there is nothing to divide."""
COUNTED = ("exact", "within")


def compute(job: Job) -> Output:
    """Return the tables `counts` and `measures`, the outputs one after the other."""
    rows = _rows(job)
    pairs = _column_pairs(job, rows)
    separator, level = job.parameters["separator"], job.parameters["level"]
    counts: list[dict[str, object]] = []
    measures: list[dict[str, object]] = []
    with job.steps.step("count", len(pairs)) as advance:
        for number, (label, prediction) in enumerate(pairs, 1):
            found = count_pairs(rows[label], rows[prediction])
            counts += [{"output": label, **each} for each in _counts(found)]
            measures += [{"output": label, **each} for each in node_measures(found, separator, level)]
            advance(number)
    tables = tuple(
        Rows(spec, pa.Table.from_pylist(made, _schema(spec.columns)))
        for spec, made in ((COUNTS, counts), (MEASURES, measures))
    )
    return Output(tables, classes=job.dataset.classes if job.dataset else (), libraries=("pyarrow",))


# Which columns ------------------------------------------------------------------------------------


def _rows(job: Job) -> pa.Table:
    if "samples" in job.tables:
        return job.tables["samples"]
    if job.dataset is None:
        hint = 'give the tool a dataset, or inputs = { samples = "NAME/samples" }'
        raise ContractError(job.name, "has neither a dataset nor a table of samples", hint)
    return job.dataset.rows


def _column_pairs(job: Job, rows: pa.Table) -> list[tuple[str, str]]:
    """Return the columns of labels with those of their predictions; refuse what does not fit, all at once."""
    chosen = [_named(job, role) for role in ("labels", "predictions")]
    problems = [
        ContractError(job.name, f'there is no column "{name}"', nearest(name, rows.column_names))
        for name in (*chosen[0], *chosen[1])
        if name not in rows.column_names
    ]
    if len(chosen[0]) != len(chosen[1]):
        what = f"has {len(chosen[0])} columns of labels and {len(chosen[1])} of predictions"
        problems.append(ContractError(job.name, what, "name as many of the one as of the other"))
    if problems:
        raise ContractError.together(problems)
    return list(zip(*chosen, strict=True))


def _named(job: Job, parameter: str) -> list[str]:
    written = job.parameters[parameter]
    if written:
        return [name.strip() for name in next(csv.reader([written], skipinitialspace=True))]
    role = parameter.removesuffix("s")
    if "samples" in job.tables:
        return [job.column("samples", role)]
    known = job.dataset.roles if job.dataset else {}
    if role in known:
        return [known[role]]
    hint = f'write {parameter} = "NAME" among its parameters'
    raise ContractError(job.name, f"its dataset has no column with the role {role}", hint)


# Counting -----------------------------------------------------------------------------------------


def count_pairs(labels: pa.ChunkedArray, predictions: pa.ChunkedArray) -> Pairs:
    """Return how many rows there are of each label, or set of labels, with each prediction."""
    columns = [_countable(each) for each in (labels, predictions)]
    table = pa.table(dict(zip(("actual", "predicted"), columns, strict=True)))
    grouped = table.group_by(["actual", "predicted"]).aggregate([([], "count_all")])
    sets = [
        [_labels(value, is_list) for value in grouped[name].to_pylist()]
        for name, is_list in zip(("actual", "predicted"), map(_is_list, (labels, predictions)), strict=True)
    ]
    found: Counter[tuple[Labels | None, Labels | None]] = Counter()
    for actual, predicted, n in zip(*sets, grouped["count_all"].to_pylist(), strict=True):
        found[actual, predicted] += n
    return found


def _is_list(column: pa.ChunkedArray) -> bool:
    return type_name(column.type).startswith("list")


def _countable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values as texts that can be grouped: a list as JSON, NaN as missing."""
    if _is_list(column):
        texts = [None if value is None else json.dumps(_texts(value)) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return column.cast(pa.string())


def _texts(values: Iterable[object]) -> list[str]:
    """Return the distinct values of a list as texts, in order; a missing one is none of its labels."""
    return sorted({str(value) for value in values if value is not None})


def _labels(text: str | None, is_list: bool) -> Labels | None:
    if text is None:
        return None
    return frozenset(json.loads(text)) if is_list else frozenset([text])


def _counts(pairs: Pairs) -> Iterator[dict[str, object]]:
    """Yield the rows of `counts`, the largest first."""
    written = [(_written(actual), _written(predicted), n) for (actual, predicted), n in pairs.items()]
    isset = any(len(labels) != 1 for pair in pairs for labels in pair if labels is not None)
    if isset:
        written = [(_braced(actual), _braced(predicted), n) for (actual, predicted), n in pairs.items()]
    for actual, predicted, n in sorted(written, key=lambda row: (-row[2], row[0] or "", row[1] or "")):
        yield {"actual": actual, "predicted": predicted, "n": n}


def _written(labels: Labels | None) -> str | None:
    return None if labels is None else ", ".join(sorted(labels))


def _braced(labels: Labels | None) -> str | None:
    """Return a set of labels as pages write it: {a, b}."""
    return None if labels is None else f"{{{_written(labels)}}}"


# Measuring ----------------------------------------------------------------------------------------


@dataclass
class Tally:
    """Samples by node: labelled in it, predicted in it, both, and with the very same label in it."""

    labelled: Counter[Node]
    predicted: Counter[Node]
    both: Counter[Node]
    hits: Counter[Node]
    n: int = 0


def tally(pairs: Pairs, separator: str) -> Tally:
    """Count samples with label and prediction for every node that either names."""
    found = Tally(Counter(), Counter(), Counter(), Counter())
    for (actual, predicted), n in pairs.items():
        if actual is None or predicted is None:
            continue
        found.n += n
        above, below = _nodes(actual, separator), _nodes(predicted, separator)
        hit = _nodes(actual & predicted, separator) if actual & predicted else frozenset[Node]()
        for counter, nodes in (
            (found.labelled, above),
            (found.predicted, below),
            (found.both, above & below),
            (found.hits, hit),
        ):
            for node in nodes:
                counter[node] += n
    return found


def _nodes(labels: Labels, separator: str) -> frozenset[Node]:
    """Return the labels with every node above them."""
    return frozenset[Node]({None}).union(*(_path(label, separator) for label in labels))


def _path(label: str, separator: str) -> Iterator[str]:
    parts = label.split(separator) if separator else [label]
    return (separator.join(parts[: depth + 1]) for depth in range(len(parts)))


def node_measures(pairs: Pairs, separator: str, level: float) -> Iterator[dict[str, object]]:
    """Yield the rows of `measures`: a parent before its children, each counted in both ways.

    Of "within", and of leaves, TP + FP + FN + TN = n. Of "exact" a sample that stays inside an inner node
    with another label is both one of FP and one of FN; TN are still those that have nothing to do with it.
    """
    found = tally(pairs, separator)
    nodes = sorted(found.labelled.keys() | found.predicted.keys(), key=lambda node: _order(node, separator))
    inner = {above for node in nodes if node is not None for above in list(_path(node, separator))[:-1]}
    for node in nodes:
        is_leaf = node is not None and node not in inner
        depth = 0 if node is None else len(list(_path(node, separator)))
        for counted in COUNTED:
            yield {
                **{"node": node, "depth": depth, "leaf": is_leaf, "counted": counted},
                **_measured(found, node, found.hits if counted == "exact" else found.both, level),
            }


def _order(node: Node, separator: str) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(node.split(separator)) if separator else (node,)


def _measured(found: Tally, node: Node, hits: Counter[Node], level: float) -> dict[str, object]:
    z = NormalDist().inv_cdf(0.5 + level / 2)
    n, labelled, predicted = found.n, found.labelled[node], found.predicted[node]
    tp, tn = hits[node], found.n - labelled - predicted + found.both[node]
    shares = {
        "precision": share(tp, predicted, z),
        "recall": share(tp, labelled, z),
        "specificity": share(tn, n - labelled, z),
        "f1": f1_score(tp, labelled + predicted, z),
        "accuracy": share(tp + tn, n, z),
    }
    ends = ("", "_low", "_high")
    return {
        **{"n": n, "labelled": labelled, "predicted": predicted},
        **{"tp": tp, "fp": predicted - tp, "fn": labelled - tp, "tn": tn},
        **{
            name + end: value
            for name, measured in shares.items()
            for end, value in zip(ends, measured, strict=True)
        },
    }


def f1_score(hits: int, both: int, z: float) -> Interval:
    """Return F1, 2 TP / (labelled + predicted), with the interval of TP / (TP + FP + FN) carried over.

    F1 is no share of independent samples, yet it rises with one that is: F1 = 2 J / (1 + J).
    """
    _, low, high = share(hits, both - hits, z)
    if low is None or high is None:
        return None, None, None
    return 2 * hits / both, 2 * low / (1 + low), 2 * high / (1 + high)


def _schema(columns: Iterable[object]) -> pa.Schema:
    kinds = {
        **{"dictionary": pa.dictionary(pa.int32(), pa.string()), "string": pa.string(), "bool": pa.bool_()},
        **{"int16": pa.int16(), "int64": pa.int64(), "float64": pa.float64()},
    }
    return pa.schema([(column.name, kinds[column.type]) for column in columns])  # type: ignore[attr-defined]
