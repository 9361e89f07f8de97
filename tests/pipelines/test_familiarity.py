"""Familiarity: scikit-learn's own numbers, undefined where there are too few samples, and honest gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.special import logsumexp
from scipy.stats import norm
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from pipelines import contract, runner
from pipelines.contract import ContractError, Manifest
from pipelines.familiarity.mixtures import gap, mixture, reduction, score
from pipelines.roles import guess

Tables = dict[str, pd.DataFrame]


def run(root: Path, points: Any, parameters: dict[str, Any] | None = None, **columns: Any) -> Tables:
    lists = pa.array(np.asarray(points, np.float32).tolist(), pa.list_(pa.float32()))
    pq.write_table(pa.table({"embedding": lists, **columns}), root / "data.parquet")
    manifest = runner.run(report(parameters), root)[0]
    return {table.name: read(root, manifest, table.name) for table in manifest.tables}


def report(parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    tool = {"tool": "familiarity", "dataset": "data", "parameters": parameters or {}}
    return {"datasets": {"data": {"source": "data.parquet"}}, "tools": {"known": tool}}


def read(root: Path, manifest: Manifest, name: str) -> pd.DataFrame:
    folder = root / "artifacts" / "known"
    frame: pd.DataFrame = contract.read_table(folder, manifest.table(name)).to_pandas()
    return frame


def reference(points: Any) -> Any:
    settings = {"n_components": 5, "covariance_type": "diag", "tol": 1e-3, "max_iter": 200}
    return GaussianMixture(random_state=0, **settings).fit(points)


def test_scores_are_those_of_scikit_learn(tmp_path: Path) -> None:
    digits = load_digits()
    tables = run(tmp_path, digits.data, label=digits.target.astype(str))
    points = PCA(40, svd_solver="full").fit_transform(digits.data)
    whole = reference(points).score_samples(points)
    assert np.allclose(tables["samples"]["familiarity_embedding"], whole, rtol=1e-6)
    lists = np.stack(tables["labels"]["split_familiarity"].to_list())
    for label in range(10):
        own = digits.target == label
        expected = reference(points[own]).score_samples(points)
        assert np.allclose(lists[:, label], expected, rtol=1e-6)
        assert np.allclose(tables["samples"]["familiarity_label"][own], expected[own], rtol=1e-6)


def test_a_score_is_the_logarithm_of_a_density() -> None:
    points = np.random.default_rng(0).normal(size=(300, 3))
    fitted = mixture(points, 4, 0)
    densities = [
        np.log(weight) + norm.logpdf(points, mean, np.sqrt(variances)).sum(axis=1)
        for weight, mean, variances in zip(fitted.weights_, fitted.means_, fitted.covariances_, strict=True)
    ]
    assert np.allclose(score(fitted, points), logsumexp(densities, axis=0))


def test_what_is_farther_from_the_others_is_less_familiar() -> None:
    points = np.random.default_rng(1).normal(size=(500, 6))
    along = np.outer(np.linspace(0, 8, 9), np.ones(6))
    scores = score(mixture(points, 5, 0), along)
    assert (np.diff(scores) < 0).all()


def test_without_labels_there_are_no_scores_by_label(tmp_path: Path) -> None:
    tables = run(tmp_path, np.random.default_rng(1).normal(size=(60, 2)))
    assert tables.keys() == {"samples", "mixtures"}
    assert "familiarity_label" not in tables["samples"]


def test_a_label_of_too_few_samples_is_undefined(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    label = ["few"] * 49 + ["many"] * 50 + ["more"] * 60 + [None]
    tables = run(tmp_path, random.normal(size=(160, 4)), label=label)
    samples = tables["samples"]["familiarity_label"]
    assert samples.isna().tolist() == [True] * 49 + [False] * 110 + [True]
    mixtures = tables["mixtures"].set_index("label")
    assert mixtures["rows"].to_dict() == {np.nan: 160, "few": 49, "many": 50, "more": 60}
    assert mixtures.loc["few", ["place", "mean", "iterations", "converged"]].isna().all()
    assert mixtures.loc[["many", "more"], "place"].tolist() == [0, 1]
    assert {len(scores) for scores in tables["labels"]["split_familiarity"]} == {2}
    own = np.stack(tables["labels"]["split_familiarity"].to_list())[49:99, 0]
    assert mixtures.loc["many", "mean"] == pytest.approx(own.mean(), rel=1e-5)


def test_short_embeddings_stay_and_long_ones_are_forty_components() -> None:
    random = np.random.default_rng(3)
    short, long = (random.normal(size=(90, width)).astype(np.float32) for width in (40, 41))
    assert np.array_equal(reduction(short, 40)(short), short)
    expected = PCA(40, svd_solver="full").fit_transform(long.astype(np.float64))
    assert np.allclose(reduction(long, 40)(long), expected, atol=1e-6)
    assert reduction(long[:7], 40)(long[:7]).shape == (7, 7)


def test_parts_of_one_kind_have_no_gap_though_a_mixture_likes_its_own() -> None:
    random = np.random.default_rng(4)
    inside, flattered = 0, []
    for seed in range(40):
        one, other = random.normal(size=(150, 10)), random.normal(size=(150, 10))
        found = gap(one, other, 5, seed)
        inside += found.low <= 0 <= found.high
        fitted = mixture(one, 5, seed)
        flattered.append(score(fitted, one).mean() - score(fitted, other).mean())
    assert inside >= 35
    assert np.mean(flattered) > 0.5


def test_parts_that_differ_have_a_gap_below_zero(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    points = random.normal(size=(500, 5))
    points[300:] += 1
    split = ["train"] * 300 + ["test"] * 180 + ["tiny"] * 20
    gaps = run(tmp_path, points, split=split)["gaps"].set_index(["fitted", "scored"])
    found = gaps.loc[("train", "test")]
    assert found["high"] < 0
    assert found["gap"] == pytest.approx(found["scored_mean"] - found["fitted_mean"])
    # Two normal distributions one apart in each of five dimensions: 5/2 nats.
    assert found["low"] - 0.5 < -2.5 < found["high"] + 0.5
    assert gaps.loc[("train", "tiny"), ["gap", "low", "high", "fitted_mean"]].isna().all()
    assert gaps.loc[("train", "tiny"), ["fitted_rows", "scored_rows"]].tolist() == [300, 20]


def test_a_single_part_has_a_table_of_no_gaps(tmp_path: Path) -> None:
    points = np.random.default_rng(11).normal(size=(80, 3))
    assert run(tmp_path, points, split=["train"] * 80)["gaps"].empty


def beside(root: Path, points: Any, others: Any, **parameters: Any) -> Tables:
    """Set a dataset beside another, whose embeddings a table of a tool holds."""
    for name, rows in (("data", points), ("other", others)):
        lists = pa.array(np.asarray(rows, np.float32).tolist(), pa.list_(pa.float32()))
        told = {"embedding": lists, "prediction": ["a"] * len(rows)}
        pq.write_table(pa.table(told), root / f"{name}.parquet")
    settings = report(parameters)
    settings["datasets"]["other"] = {"source": "other.parquet"}
    settings["models"] = {"own": {"source": "columns"}}
    settings["tools"]["there"] = {"tool": "classification", "dataset": "other", "model": "own"}
    settings["tools"]["known"]["inputs"] = {"other": "there/embeddings"}
    manifest = runner.run(settings, root, ["known"])[-1]
    return {table.name: read(root, manifest, table.name) for table in manifest.tables}


def test_another_dataset_is_a_mixture_to_be_familiar_to(tmp_path: Path) -> None:
    random = np.random.default_rng(9)
    points, others = random.normal(size=(400, 50)), random.normal(size=(300, 50)) + 0.5
    tables = beside(tmp_path, points, others, this_name="new", other_name="known")
    components = PCA(40, svd_solver="full").fit(points.astype(np.float32).astype(np.float64))
    here, there = (components.transform(each.astype(np.float32)) for each in (points, others))
    scores = tables["samples"]["familiarity_other"]
    assert np.allclose(scores, reference(there).score_samples(here), rtol=1e-6)
    gaps = tables["gaps"].set_index(["fitted", "scored"])
    assert list(gaps.index) == [("new", "known"), ("known", "new")]
    expected = gap(there, here, 5, 0)
    assert gaps.loc[("known", "new"), ["gap", "low", "high"]].tolist() == pytest.approx(
        [expected.gap, expected.low, expected.high], rel=1e-5
    )
    assert gaps["high"].max() < 0
    assert gaps["fitted_rows"].tolist() == [400, 300]


@pytest.mark.parametrize(
    ("rows", "width", "message"),
    [
        (60, 3, "embeddings have 2 numbers, those of the other dataset 3"),
        (20, 2, "minimum_rows: is 50, and there are 20 samples"),
    ],
)
def test_refuses_another_dataset_that_cannot_be_compared(
    tmp_path: Path, rows: int, width: int, message: str
) -> None:
    random = np.random.default_rng(10)
    with pytest.raises(ContractError, match=message):
        beside(tmp_path, random.normal(size=(60, 2)), random.normal(size=(rows, width)))


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    points = np.random.default_rng(6).normal(size=(400, 50))
    run(tmp_path, points, label=["a", "b"] * 200, split=["train", "test"] * 200)
    once, again = (runner.run(report(), tmp_path, force=forced)[0] for forced in (False, True))
    assert once.tables == again.tables


def test_names_are_those_that_symphony_looks_for(tmp_path: Path) -> None:
    run(tmp_path, np.random.default_rng(7).normal(size=(60, 2)))
    manifest = runner.run(report(), tmp_path)[0]
    table = contract.read_table(tmp_path / "artifacts" / "known", manifest.table("samples"))
    roles = guess(table, (), ())
    assert roles["familiarity"].column == "familiarity_embedding"


def test_identical_samples_have_a_mixture(tmp_path: Path) -> None:
    samples = run(tmp_path, np.ones((60, 3)))["samples"]
    assert samples["familiarity_embedding"].nunique() == 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"minimum_rows": 9}, "minimum_rows: is 9, too few for 5 components"),
        ({"minimum_rows": 61}, "minimum_rows: is 61, and there are 60 samples"),
    ],
)
def test_refuses_what_cannot_be_fitted(tmp_path: Path, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        run(tmp_path, np.random.default_rng(8).normal(size=(60, 2)), parameters)


def test_needs_embeddings(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("label\na\nb\n")
    settings = report()
    settings["datasets"]["data"]["source"] = "data.csv"
    with pytest.raises(ContractError, match="needs embeddings"):
        runner.run(settings, tmp_path)
