"""Fairness: numbers as scikit-learn's on the same rows, right where the original is not, and suggestions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearn

from pipelines.contract import ContractError
from pipelines.fairness import metrics
from tests.pipelines.judging import judge, run, table, written

NAMES = {"precision": 0, "recall": 1, "f1": 2}


def answers(rows: int, classes: list[str], seed: int, right: float = 0.7) -> dict[str, Any]:
    """Return labels, predictions and two columns to group by."""
    random = np.random.default_rng(seed)
    label = random.choice(classes, rows)
    wrong = random.random(rows) > right
    return {
        "label": list(label),
        "prediction": list(np.where(wrong, random.choice(classes, rows), label)),
        "place": list(random.choice(["north", "south", "a b"], rows)),
        "age": random.integers(10, 90, rows).astype(float),
    }


@pytest.fixture(scope="module")
def many() -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    values = answers(600, ["ant", "bee", "cat", "dog"], seed=0)
    return values, judge("fairness", values, columns="place, age, label", edges="age = 18 65", depth=2)


def rows_of(values: dict[str, Any], group: str) -> pd.DataFrame:
    """Return the rows of a group, found by pandas from its words."""
    frame = pd.DataFrame(values)
    for said in group.split(", ") if group != "all" else []:
        name, _, value = said.partition(" = ")
        if value:
            frame = frame[frame[name] == value]
        elif said == "age < 18":
            frame = frame[frame.age < 18]
        elif said == "age ≥ 65":
            frame = frame[frame.age >= 65]
        else:
            assert said == "age 18 to < 65"
            frame = frame[(frame.age >= 18) & (frame.age < 65)]
    return frame


def test_there_is_a_group_of_every_value_and_of_every_two(many: tuple[Any, Any]) -> None:
    values, tables = many
    groups = tables["groups"]
    assert set(groups.level) == {0, 1, 2}
    assert len(groups[groups.level == 1]) == 3 + 3 + 4
    assert len(groups[groups.level == 2]) == 9 + 12 + 12
    for row in groups.itertuples():
        assert row.n == len(rows_of(values, row.group)), row.group
    assert (groups.is_small == (groups.n < 20)).all()


@pytest.mark.parametrize("undefined", ["omit", "zero"])
def test_means_of_classes_are_those_of_scikit_learn(many: tuple[Any, Any], undefined: str) -> None:
    values, _ = many
    told = judge("fairness", values, columns="place, age, label", edges="age = 18 65", undefined=undefined)
    found = told["metrics"].set_index(["group", "average", "metric"]).sort_index()
    division = np.nan if undefined == "omit" else 0
    for group in told["groups"].group:
        rows = rows_of(values, group)
        for average in ("micro", "macro", "weighted"):
            reference = sklearn.precision_recall_fscore_support(
                rows.label, rows.prediction, average=average, zero_division=division
            )
            for name, at in NAMES.items():
                value = found.loc[(group, average, name), "value"].item()
                assert value == pytest.approx(reference[at], abs=1e-12, nan_ok=True), (group, average, name)
        accuracy = sklearn.accuracy_score(rows.label, rows.prediction)
        assert found.loc[(group, "all", "accuracy"), "value"].item() == pytest.approx(accuracy)


def test_each_class_against_the_rest_is_that_of_scikit_learn(many: tuple[Any, Any]) -> None:
    values, tables = many
    found = tables["metrics"]
    for group in ("all", "place = south", "place = a b, label = bee"):
        rows = rows_of(values, group)
        of_group = found[(found.group == group) & (found.average == "class")]
        for class_ in sorted(set(rows.label) | set(rows.prediction)):
            tn, fp, fn, tp = sklearn.confusion_matrix(
                rows.label == class_, rows.prediction == class_, labels=[False, True]
            ).ravel()
            n = len(rows)
            expected = {
                "accuracy": (tp + tn, n),
                "base_rate": (tp + fn, n),
                "precision": (tp, tp + fp),
                "recall": (tp, tp + fn),
                "specificity": (tn, tn + fp),
                "npv": (tn, tn + fn),
                "fnr": (fn, tp + fn),
                "fpr": (fp, tn + fp),
                "fdr": (fp, tp + fp),
                "for": (fn, tn + fn),
                "f1": (2 * tp, 2 * tp + fp + fn),
            }
            of_class = of_group[of_group["class"] == class_].set_index("metric")
            assert set(of_class.index) == set(expected)
            for name, (above, below) in expected.items():
                row = of_class.loc[name]
                assert row.n == below
                if below:
                    assert row.value == pytest.approx(above / below)
                    assert 0 <= row.low <= row.value <= row.high <= 1
                else:
                    assert pd.isna(row[["value", "low", "high"]]).all()


def test_a_binary_task_is_told_of_its_positive_class() -> None:
    values = answers(300, ["no", "yes"], seed=1)
    found = judge("fairness", values, columns="place")["metrics"]
    rows = pd.DataFrame(values)
    binary = found[(found.group == "all") & (found.average == "binary")].set_index("metric")
    assert set(binary["class"]) == {"yes"}
    assert binary.loc["recall", "value"] == pytest.approx(
        sklearn.recall_score(rows.label, rows.prediction, pos_label="yes")
    )
    other = judge("fairness", values, columns="place", positive="no")["metrics"]
    turned = other[(other.group == "all") & (other.average == "binary")].set_index("metric")
    assert turned.loc["specificity", "value"] == pytest.approx(binary.loc["recall", "value"])


def test_where_the_original_is_wrong_ours_is_right() -> None:
    # "c" is never predicted, and "d" only predicted: macro precision was NaN, and "d" not among the classes;
    # macro F1 was the harmonic mean of macro precision and recall, and stood under the name of micro.
    label, prediction = list("aaaabbbcc"), list("aaabbbaad")
    found = judge("fairness", {"label": label, "prediction": prediction, "g": ["x"] * 9}, columns="g")
    told = found["metrics"][found["metrics"].group == "all"].set_index(["average", "metric"]).value
    macro = sklearn.f1_score(label, prediction, average="macro", zero_division=np.nan)
    micro = sklearn.f1_score(label, prediction, average="micro")
    assert told[("macro", "f1")] == pytest.approx(macro)
    assert told[("micro", "f1")] == pytest.approx(micro)
    assert macro != pytest.approx(micro, abs=0.05)
    precision, recall = told[("macro", "precision")], told[("macro", "recall")]
    assert np.isfinite([precision, recall]).all()
    harmonic = 2 * precision * recall / (precision + recall)
    assert told[("macro", "f1")] != pytest.approx(harmonic, abs=0.02)
    # Of a, b and d precision is defined, of c it is not.
    assert precision == pytest.approx((3 / 5 + 2 / 3 + 0) / 3)
    assert precision == pytest.approx(
        sklearn.precision_score(label, prediction, average="macro", zero_division=np.nan)
    )


def test_intervals_of_means_are_as_wide_as_resampling_makes_them() -> None:
    values = pd.DataFrame(answers(400, ["a", "b", "c"], seed=3, right=0.6))
    values.loc[values.label == "c", "prediction"] = "a"  # one class is never right, so shares differ
    found = judge("fairness", values.to_dict("list"), columns="place")["metrics"]
    told = found[found.group == "all"].set_index(["average", "metric"])
    random, draws = np.random.default_rng(0), 1500
    codes = {name: at for at, name in enumerate("abc")}
    label, said = (values[name].map(codes).to_numpy() for name in ("label", "prediction"))
    at = random.integers(0, len(values), (draws, len(values)))
    index = np.repeat(np.arange(draws), len(values))
    cells = metrics.cells(index, label[at].ravel(), said[at].ravel(), draws, 3)
    spread = {
        (average, each.metric): each.value.std()
        for average in ("macro", "weighted")
        for each in metrics.means(metrics.counts(cells), cells, average, "omit")
    }
    names = [("macro", name) for name in ("precision", "recall", "f1", "specificity", "npv", "for")]
    for name in [*names, ("weighted", "precision"), ("weighted", "f1")]:
        row = told.loc[name]
        assert (row.high - row.low) / (2 * 1.96) == pytest.approx(spread[name], rel=0.12), name


def test_an_interval_of_perfect_answers_is_not_a_point() -> None:
    values = {"label": list("ab") * 10, "prediction": list("ab") * 10, "g": ["x"] * 20}
    found = judge("fairness", values, columns="g")["metrics"]
    macro = found[(found.group == "all") & (found.average == "macro") & (found.metric == "f1")].iloc[0]
    assert (macro.value, macro.high) == (1, 1)
    assert 0.7 < macro.low < 0.9


def test_missing_values_are_a_group_and_unanswered_samples_are_left_out() -> None:
    values = {
        "label": ["a", "a", "b", None, "b", "a"],
        "prediction": ["a", "b", "b", "a", None, "a"],
        "colour": ["red", None, "red", "red", "red", ""],
        "size": [1.0, np.nan, 2.0, 3.0, 4.0, None],
    }
    groups = judge("fairness", values, columns="colour, size", edges="size = 2")["groups"].set_index("group")
    assert groups.n["all"] == 4
    assert groups.n["colour is missing"] == 1
    assert groups.n["colour = (empty)"] == 1
    assert groups.n["size is missing"] == 2
    assert groups.expression["size is missing"] == "!isValid(datum.size)"
    assert groups.expression["colour is missing"] == "datum.colour == null"
    assert groups.expression["size < 2"] == "isValid(datum.size) && datum.size < 2.0"


def test_suggested_groups_are_those_that_were_made_worse() -> None:
    values = answers(3000, ["a", "b"], seed=4, right=0.9)
    frame = pd.DataFrame(values)
    bad = (frame.place == "south") & (frame.age >= 65)
    flipped = np.where(frame.label == "a", "b", "a")
    frame.loc[bad, "prediction"] = np.where(np.arange(len(frame)) % 2, flipped, frame.label)[bad]
    tables = judge("fairness", frame.to_dict("list"), columns="place, age", edges="age = 18 65")
    first = tables["suggested"].iloc[0]
    assert first.group == "place = south, age ≥ 65"
    assert first.is_worse
    assert first.q < 1e-6
    right = frame.label == frame.prediction
    assert first.value == pytest.approx(right[bad].mean())
    assert first.rest == pytest.approx(right[~bad].mean())
    assert first.low <= first.difference <= first.high < 0
    assert (tables["suggested"].p.diff().dropna() >= 0).all()
    assert (tables["suggested"].q >= tables["suggested"].p).all()


def test_without_a_difference_hardly_anything_is_suggested() -> None:
    found = 0
    for seed in range(30):
        values = answers(600, ["a", "b"], seed=100 + seed)
        suggested = judge("fairness", values, columns="place, age", edges="age = 18 65", classes=False)
        found += bool((suggested["suggested"].q < 0.05).any())
    assert found <= 5  # of 30 runs with nothing in them, 5 % may find something


def test_similar_groups_differ_in_one_column(many: tuple[Any, Any]) -> None:
    _, tables = many
    similar = tables["similar"]
    pairs = zip(similar.group, similar.other, similar.column, strict=True)
    for group, other, column in pairs:
        first, second = (dict(part.split(" ", 1) for part in each.split(", ")) for each in (group, other))
        assert first.keys() == second.keys()
        assert [name for name in first if first[name] != second[name]] == [column]
    assert (similar.value <= similar.other_value).all()
    sizes = {"place": 3, "age": 3, "label": 4}
    groups = tables["groups"]
    large = groups[(groups.level == 1) & ~groups.is_small]
    assert len(large) == sum(sizes.values())
    alone = similar[~similar.group.str.contains(", ")]
    assert len(alone) <= sum(size * (size - 1) // 2 for size in sizes.values())


def test_a_metric_other_than_accuracy_needs_a_class_and_then_compares_by_it() -> None:
    values = answers(400, ["a", "b", "c"], seed=5)
    with pytest.raises(
        ContractError, match='recall of 3 classes needs a positive one\n  write positive = "a"'
    ):
        judge("fairness", values, columns="place", metric="recall")
    tables = judge("fairness", values, columns="place", metric="fnr", positive="b")
    rows = pd.DataFrame(values)
    for row in tables["suggested"].itertuples():
        inside = rows[(rows.place == row.group.removeprefix("place = ")) & (rows.label == "b")]
        assert row.n == len(inside)
        assert row.value == pytest.approx((inside.prediction != "b").mean())
        assert row.is_worse == (row.difference > 0)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"columns": "plase"}, 'there is no column "plase"\n  did you mean "place"'),
        ({"columns": "place", "edges": "age = old"}, "are no rising numbers"),
        ({"columns": "place", "edges": "place = 1 2"}, "only numbers have edges"),
        ({"columns": "place", "positive": "z"}, 'there is no class "z"'),
        ({"label": "lable"}, 'there is no column "lable"'),
    ],
)
def test_refuses_what_cannot_be_grouped(parameters: dict[str, str], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        judge("fairness", answers(60, ["a", "b"], seed=6), **parameters)


def test_names_with_commas_quotes_and_other_letters_work(tmp_path: Path) -> None:
    values = answers(100, ["a", "ü"], seed=7)
    names = {"a, b": values.pop("place"), 'größe "x"': values.pop("age")}
    output = run(
        "fairness",
        {"samples": table({**values, **names})},
        columns='"a, b", "größe ""x"""',
        edges='"größe ""x"" = 40"',
    )
    manifest = written(output, tmp_path / "judged")
    assert {item.name for item in manifest.tables} == {"groups", "metrics", "suggested", "similar"}
    expressions = output.tables[0].data["expression"].to_pylist()
    assert 'datum["größe \\"x\\""] < 40.0' in expressions
    assert 'datum["a, b"] == "north"' in expressions


def test_many_classes_and_rows_take_bounded_work() -> None:
    random = np.random.default_rng(8)
    rows = 20_000
    label = random.integers(0, 1000, rows)
    values = {
        "label": [str(code) for code in label],
        "prediction": [str(code) for code in np.where(random.random(rows) < 0.8, label, (label + 1) % 1000)],
        "g": [str(code) for code in random.integers(0, 5, rows)],
    }
    found = judge("fairness", values, columns="g", depth=1)["metrics"]
    macro = found[(found.group == "all") & (found.average == "macro") & (found.metric == "f1")].value.item()
    assert macro == pytest.approx(sklearn.f1_score(values["label"], values["prediction"], average="macro"))
