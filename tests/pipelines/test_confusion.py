"""Confusion against scikit-learn on the same rows: flat labels, hierarchies and several labels at once."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    multilabel_confusion_matrix,
    precision_recall_fscore_support,
)
from sklearn.preprocessing import MultiLabelBinarizer

from pipelines import contract, runner
from pipelines.confusion import compute
from pipelines.contract import Column, ContractError, Manifest
from pipelines.progress import Steps
from pipelines.registry import Registry
from pipelines.tool import Job

DEFAULTS = {item.name: item.default for item in Registry().spec("confusion").parameters}


def confused(rows: pa.Table, **parameters: Any) -> tuple[Any, Any]:
    steps = Steps("confused", lambda: 0.0, lambda _: None)
    roles = {"label", "prediction"}
    columns = [Column(name, "string", name if name in roles else None) for name in rows.column_names]
    told = ({"samples": rows}, {**DEFAULTS, **parameters}, "cpu", steps, {"samples": columns})
    job = Job("confused", None, None, *told)
    counts, measures = (made.data.to_pandas() for made in compute.compute(job).tables)
    return counts, measures


def exact(measures: Any) -> Any:
    return measures[(measures.counted == "exact") & measures.leaf].set_index("node")


def proportion_interval(hits: int, trials: int, level: float) -> tuple[float, float]:
    found = binomtest(int(hits), int(trials)).proportion_ci(level, method="wilson")
    return float(found.low), float(found.high)


def flat(seed: int = 3, rows: int = 500) -> pa.Table:
    """Return labels of which "gone" is never predicted and "new" is only predicted."""
    random = np.random.default_rng(seed)
    labels = random.choice(["cat", "dog", "gone", "owl: barn"], rows)
    predictions = np.where(random.random(rows) < 0.7, labels, random.choice(["cat", "dog", "new"], rows))
    predictions = np.where(predictions == "gone", "dog", predictions)
    return pa.table({"label": labels, "prediction": predictions})


def test_flat_counts_and_measures_are_scikit_learns() -> None:
    rows = flat()
    counts, measures = confused(rows, separator="")
    labels, predictions = (rows[name].to_pylist() for name in ("label", "prediction"))
    classes = sorted({*labels, *predictions})
    expected = pd.DataFrame(confusion_matrix(labels, predictions, labels=classes), classes, classes)
    found = counts.pivot_table(index="actual", columns="predicted", values="n", aggfunc="sum")
    found = found.reindex(index=classes, columns=classes).fillna(0).astype(int)
    assert (found.to_numpy() == expected.to_numpy()).all()
    table = exact(measures)
    assert list(table.index) == classes
    four = multilabel_confusion_matrix(labels, predictions, labels=classes)
    assert (table[["tn", "fp", "fn", "tp"]].to_numpy() == four.reshape(-1, 4)).all()
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predictions, labels=classes, zero_division=np.nan
    )
    assert np.array_equal(table.labelled, support)
    for name, values in {"precision": precision, "recall": recall}.items():
        assert np.allclose(table[name], values, equal_nan=True)
    assert np.allclose(table.f1, f1)
    root = measures[measures.node.isna()].set_index("counted")
    assert root.loc["exact", "recall"] == pytest.approx(accuracy_score(labels, predictions))
    assert root.loc["within", "recall"] == 1


def test_no_class_vanishes_and_what_is_undefined_stays_missing() -> None:
    _, measures = confused(flat(), separator="")
    table = exact(measures)
    assert pd.isna(table.loc["new", "recall"])
    assert pd.isna(table.loc["gone", "precision"])
    assert table.loc["new", "precision"] == 0
    assert table.loc["new", "labelled"] == 0
    assert pd.isna(table.loc["new", "recall_low"])


def test_true_negatives_are_those_of_one_against_the_rest_where_neo_counts_the_other_hits() -> None:
    rows = flat()
    _, measures = confused(rows, separator="")
    labels, predictions = (np.array(rows[name].to_pylist()) for name in ("label", "prediction"))
    right = int((labels == predictions).sum())
    for name, node in exact(measures).iterrows():
        expected = int(((labels != name) & (predictions != name)).sum())
        neo = right - node.tp
        assert node.tn == expected
        assert node.tp + node.fp + node.fn + node.tn == len(labels) == node.n
        assert neo < expected
        assert node.accuracy == pytest.approx(np.mean((labels == name) == (predictions == name)))


def test_intervals_are_wilsons() -> None:
    _, measures = confused(flat(), separator="", level=0.9)
    for _, node in exact(measures).iterrows():
        for name, hits, trials in (
            ("precision", node.tp, node.tp + node.fp),
            ("recall", node.tp, node.tp + node.fn),
            ("specificity", node.tn, node.tn + node.fp),
            ("accuracy", node.tp + node.tn, node.n),
        ):
            if trials:
                low, high = proportion_interval(hits, trials, 0.9)
                assert (node[f"{name}_low"], node[f"{name}_high"]) == pytest.approx((low, high), abs=1e-9)
        if node.tp + node.fp + node.fn:
            low, high = proportion_interval(node.tp, node.tp + node.fp + node.fn, 0.9)
            assert node.f1_low == pytest.approx(2 * low / (1 + low), abs=1e-9)
            assert node.f1_high == pytest.approx(2 * high / (1 + high), abs=1e-9)


def test_an_inner_node_has_both_kinds_of_hits() -> None:
    random = np.random.default_rng(5)
    leaves = ["animal:cat", "animal:dog:poodle", "animal:dog:pug", "tool:saw"]
    labels, predictions = random.choice(leaves, 400), random.choice(leaves, 400)
    _, measures = confused(pa.table({"label": labels, "prediction": predictions}))
    nodes = measures.set_index(["node", "counted"])
    for node, depth in (("animal", 1), ("animal:dog", 2)):
        inside = [np.char.startswith(each, node) for each in (labels, predictions)]
        both = inside[0] & inside[1]
        same = both & (labels == predictions)
        within, very = nodes.loc[(node, "within")], nodes.loc[(node, "exact")]
        (tn, fp), (fn, tp) = confusion_matrix(*inside)
        assert tuple(within[["tp", "fp", "fn", "tn"]]) == (tp, fp, fn, tn)
        assert (very.tp, very.fp, very.fn) == (
            same.sum(),
            inside[1].sum() - same.sum(),
            inside[0].sum() - same.sum(),
        )
        assert very.tn == tn
        assert very.accuracy == pytest.approx((same.sum() + tn) / 400)
        assert 0 <= very.specificity <= 1
        assert (within.depth, within.leaf) == (depth, False)
    assert measures[measures.leaf].groupby("node").size().eq(2).all()
    leaf = measures[measures.leaf].drop(columns="counted")
    assert leaf.drop_duplicates().groupby("node").size().eq(1).all()


def test_several_labels_at_once_are_scikit_learns() -> None:
    random = np.random.default_rng(7)
    tags = np.array(["a", "b", "c", "d"])
    labels, predictions = ([list(tags[random.random(4) < p]) for _ in range(300)] for p in (0.4, 0.5))
    counts, measures = confused(pa.table({"label": labels, "prediction": predictions}))
    binary = MultiLabelBinarizer(classes=tags).fit([tags])
    four = multilabel_confusion_matrix(binary.transform(labels), binary.transform(predictions))
    assert (exact(measures)[["tn", "fp", "fn", "tp"]].to_numpy() == four.reshape(-1, 4)).all()
    assert counts.n.sum() == 300
    assert "{}" in set(counts.actual)
    assert "{a, c}" in set(counts.actual)


def test_rows_without_label_or_prediction_are_counted_and_not_measured() -> None:
    counts, measures = confused(pa.table({"label": ["a", None, "b", ""], "prediction": ["a", "a", None, ""]}))
    assert counts.n.sum() == 4
    assert counts.actual.isna().sum() == 1
    assert set(measures.n) == {2}
    assert set(measures[measures.depth == 1].node) == {"a", ""}


def test_several_outputs_stand_one_after_the_other() -> None:
    rows = pa.table(
        {"colour": ["red", "blue"], "size, cm": [1, 2], "guess": ["red", "red"], "guessed size": [1, 1]}
    )
    counts, measures = confused(rows, labels='colour, "size, cm"', predictions="guess, guessed size")
    assert counts.groupby("output").n.sum().to_dict() == {"colour": 2, "size, cm": 2}
    assert set(measures[measures.output == "size, cm"].node.dropna()) == {"1", "2"}


def test_refuses_columns_that_are_not_there_all_at_once() -> None:
    with pytest.raises(ContractError) as caught:
        confused(flat(), labels="lable, label", predictions="predictoin")
    assert 'there is no column "lable"\n  did you mean "label"?' in str(caught.value)
    assert 'there is no column "predictoin"' in str(caught.value)
    assert "2 columns of labels and 1 of predictions" in str(caught.value)


def test_runs_on_a_datasets_own_columns_and_on_a_classification(tmp_path: Path) -> None:
    with (tmp_path / "told.csv").open("w", newline="") as file:
        rows = list(zip(*flat().to_pydict().values(), strict=True))
        csv.writer(file).writerows([("species", "prediction"), *rows])
    report = {
        "datasets": {"told": {"source": "told.csv", "roles": {"label": "species"}}},
        "models": {"own": {"source": "columns"}},
        "tools": {
            "own": {"tool": "classification", "dataset": "told", "model": "own"},
            "plain": {"tool": "confusion", "dataset": "told"},
            "after": {"tool": "confusion", "inputs": {"samples": "own/samples"}},
        },
    }
    made: dict[str, Manifest] = {item.name: item for item in runner.run(report, tmp_path, device="cpu")}
    tables = [
        contract.read_table(tmp_path / "artifacts" / name, made[name].table("measures")).to_pandas()
        for name in ("plain", "after")
    ]
    pd.testing.assert_frame_equal(*tables)
    assert made["plain"].table("counts").entity is None
