"""Two models on the same samples: paired numbers against pandas and scipy, outcomes, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from pipelines import runner
from pipelines.contract import ContractError, read_table
from tests.pipelines.judging import run, table, written

ROWS = 500
NOBODY = table({"prediction": pa.array([None], pa.string())})
NAMES = ("ant", "bee", "cat")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Labels and what two models say; the second is worse among bees in the north."""
    random = np.random.default_rng(0)
    label = random.choice(["ant", "bee", "cat"], ROWS)
    place = random.choice(["north", "south"], ROWS)
    first = np.where(random.random(ROWS) < 0.85, label, "ant")
    chance = np.where((label == "bee") & (place == "north"), 0.2, 0.85)
    second = np.where(random.random(ROWS) < chance, label, "cat")
    return pd.DataFrame({"label": label, "place": place, "first": first, "second": second})


def compare(frame: pd.DataFrame, **parameters: Any) -> dict[str, pd.DataFrame]:
    columns = frame[["label", "place"]].to_dict("list")
    first = table({**columns, "prediction": list(frame["first"])})
    other = table({"prediction": pa.array(frame["second"], pa.string(), from_pandas=True)})
    backwards = (other[0].take(pa.array(range(len(frame)))[::-1]), other[1])  # ids join, not rows
    settings = {"columns": "place, label"} | parameters
    output = run("comparison", {"first": first, "second": backwards}, **settings)
    return {rows.spec.name: rows.data.to_pandas() for rows in output.tables}


def test_every_sample_has_its_outcome(frame: pd.DataFrame) -> None:
    samples = compare(frame, first_name="small", second_name="large")["samples"]
    a, b = frame["first"] == frame.label, frame["second"] == frame.label
    expected = np.select([a & b, a, b], ["both", "only small", "only large"], "neither")
    assert list(samples.outcome) == list(expected)
    assert list(samples.agree) == list(frame["first"] == frame["second"])


def test_differences_are_those_of_the_same_samples(frame: pd.DataFrame) -> None:
    told = compare(frame)["differences"]
    assert list(told.kind.unique()) == ["all", "class", "group"]
    assert set(told[told.kind == "class"].group) == {"label = ant", "label = bee", "label = cat"}
    assert set(told[told.kind == "group"].group) == {
        *(f"place = {place}" for place in ("north", "south")),
        *(f"place = {place}, label = {name}" for place in ("north", "south") for name in NAMES),
    }
    for row in told.itertuples():
        rows = frame
        for part in row.group.split(", ") if row.group != "all" else []:
            name, _, value = part.partition(" = ")
            rows = rows[rows[name] == value]
        a, b = rows["first"] == rows.label, rows["second"] == rows.label
        assert (row.both, row.only_first, row.only_second, row.neither) == (
            (a & b).sum(),
            (a & ~b).sum(),
            (~a & b).sum(),
            (~a & ~b).sum(),
        )
        assert (row.first, row.second) == pytest.approx((a.mean(), b.mean()))
        assert row.difference == pytest.approx(a.mean() - b.mean())
        exact = stats.binomtest(row.only_first, row.only_first + row.only_second).pvalue
        assert row.p == pytest.approx(exact, rel=1e-9)
        assert row.p_mid <= row.p
        assert row.low <= row.difference <= row.high


def test_the_most_significant_comes_first_and_many_tests_are_accounted_for(frame: pd.DataFrame) -> None:
    told = compare(frame)["differences"]
    groups = told[told.kind == "group"]
    assert groups.iloc[0].group == "place = north, label = bee"
    assert groups.iloc[0].better == "A"
    assert groups.q.to_numpy() == pytest.approx(stats.false_discovery_control(groups.p_mid))
    assert (groups.p_mid.diff().dropna() >= 0).all()
    assert list(groups["rank"]) == list(range(1, len(groups) + 1))


def test_samples_without_an_answer_of_both_have_no_outcome(frame: pd.DataFrame) -> None:
    gaps = frame.assign(second=frame["second"].where(frame.index >= 10, None))
    tables = compare(gaps)
    assert tables["samples"].outcome.isna().sum() == 10
    assert tables["differences"].n.iloc[0] == ROWS - 10


def test_predictions_may_stand_in_one_table(frame: pd.DataFrame, tmp_path: Path) -> None:
    values = {**frame[["label", "place", "second"]].to_dict("list"), "prediction": list(frame["first"])}
    output = run("comparison", {"first": table(values)}, second_prediction="second", columns="place")
    (samples, differences) = (rows.data.to_pandas() for rows in output.tables)
    whole = compare(frame)
    assert list(samples.outcome) == list(whole["samples"].outcome)
    assert differences.difference[0] == pytest.approx(whole["differences"].difference[0])
    assert {item.name for item in written(output, tmp_path / "judged").tables} == {"samples", "differences"}


@pytest.mark.parametrize(
    ("tables", "parameters", "said"),
    [
        ({"first": table({"label": ["a"], "prediction": ["a"]})}, {}, "is given no second model"),
        (
            {"first": table({"label": ["a"], "prediction": ["a"]}), "second": NOBODY},
            {},
            "no sample has a label and a prediction of both models",
        ),
        (
            {"first": table({"label": ["a"], "prediction": ["a"]})},
            {"first_name": "x", "second_name": "x", "second_prediction": "prediction"},
            "the same name",
        ),
    ],
)
def test_refuses_what_cannot_be_compared(tables: Any, parameters: Any, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        run("comparison", tables, **parameters)


def test_the_runner_hands_over_two_artifacts_and_their_columns(tmp_path: Path) -> None:
    text = "id,label,group,prediction\n" + "".join(
        f"{at},{'ab'[at % 2]},{'xy'[at // 2 % 2]},{'ab'[at % 2 if at % 5 else 0]}\n" for at in range(80)
    )
    (tmp_path / "one.csv").write_text(text, "utf-8")
    tools = {name: {"tool": "classification", "dataset": "one", "model": "own"} for name in ("one", "two")}
    settings: dict[str, Any] = {
        "datasets": {"one": {"source": "one.csv"}},
        "models": {"own": {"source": "columns"}},
        "tools": {
            **tools,
            "both": {"tool": "comparison", "inputs": {"first": "one/samples", "second": "two/samples"}},
            "fair": {"tool": "fairness", "inputs": {"samples": "one/samples"}},
            "worse": {"tool": "slices", "inputs": {"samples": "one/samples"}},
        },
    }
    manifests = {each.name: each for each in runner.run(settings, tmp_path, device="cpu")}
    folder = tmp_path / "artifacts" / "both"
    differences = read_table(folder, manifests["both"].table("differences")).to_pandas()
    assert (differences.difference == 0).all()
    assert set(differences.better) == {"same"}
    assert manifests["both"].table("samples").entity == "one"
    assert manifests["fair"].dataset == "one"
    settings["tools"]["fair"]["inputs"]["samples"] = "one/sample"
    with pytest.raises(ContractError, match='"one/sample" is no table that classification writes'):
        runner.run(settings, tmp_path, device="cpu")
