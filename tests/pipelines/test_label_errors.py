"""Scores, joints and annotators beside other implementations, planted errors and twins, and folds."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score, cohen_kappa_score, precision_recall_curve, roc_auc_score

from pipelines import contract, runner
from pipelines.contract import ContractError
from pipelines.label_errors import annotators, folding, joint, measures, noise, scores, twins

Array = np.ndarray[Any, Any]


def told(rows: int, classes: int, seed: int = 0, skew: float = 1.0) -> tuple[Array, Array]:
    """Return probabilities of classes of different shares, and labels that they often agree with."""
    random = np.random.default_rng(seed)
    found = random.dirichlet(np.linspace(0.1, skew, classes), rows)
    labels = np.array([random.choice(classes, p=row) for row in found])
    return found, labels


@pytest.mark.parametrize(("rows", "classes"), [(3000, 10), (400, 50), (200, 2), (1_500_000 // 7, 7)])
def test_scores_are_those_of_cleanlab(rows: int, classes: int) -> None:
    rank = pytest.importorskip("cleanlab.rank")
    found, labels = told(rows, classes) if rows < 5000 else _fast(rows, classes)
    ours = scores.scores(found, labels, scores.usual(found, labels))
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        theirs = rank.get_label_quality_scores(labels, found, method=method)
        assert np.abs(ours[method] - theirs).max() < 1e-9
    for method in ("self_confidence", "normalized_margin"):
        theirs = rank.get_label_quality_scores(labels, found, method=method, adjust_pred_probs=True)
        assert np.abs(ours[f"adjusted_{method}"] - theirs).max() < 1e-9


def _fast(rows: int, classes: int) -> tuple[Array, Array]:
    random = np.random.default_rng(0)
    return random.dirichlet(np.ones(classes), rows), random.integers(0, classes, rows)


@pytest.mark.parametrize(("rows", "classes"), [(3000, 10), (400, 50), (37, 4)])
def test_the_confident_joint_is_that_of_cleanlab(rows: int, classes: int) -> None:
    count = pytest.importorskip("cleanlab.count")
    found, labels = told(rows, classes, seed=3)
    limits = joint.thresholds(found, labels)
    assert np.abs(limits - count.get_confident_thresholds(labels, found)).max() < 1e-12
    confident_of, counts = joint.confident(found, labels, limits)
    theirs, off = count.compute_confident_joint(
        labels, found, calibrate=False, return_indices_of_off_diagonals=True
    )
    assert (counts == theirs).all()
    assert (np.flatnonzero((confident_of >= 0) & (confident_of != labels)) == off).all()
    assert (joint.calibrated(counts, labels) == count.compute_confident_joint(labels, found)).all()


def test_an_ensemble_is_weighted_as_cleanlab_does() -> None:
    rank = pytest.importorskip("cleanlab.rank")
    members = [told(500, 5, seed=seed)[0] for seed in range(3)]
    labels = told(500, 5)[1]
    weights = scores.accuracy_weights(scores.accuracies(members, labels))
    each = [scores.scores(member, labels, scores.usual(member, labels)) for member in members]
    ours = scores.weighted(each, weights)["self_confidence"]
    theirs = rank.get_label_quality_ensemble_scores(
        labels, members, method="self_confidence", weight_ensemble_members_by="accuracy", verbose=False
    )
    assert np.abs(ours - theirs).max() < 1e-9


def test_scores_of_a_case_worked_out_by_hand() -> None:
    found, labels = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.array([0, 1, 1])
    given = scores.usual(found, labels)
    assert given.thresholds == pytest.approx([0.9, 0.6])
    assert given.shares == pytest.approx([1.7 / 3, 1.3 / 3])
    ours = scores.scores(found, labels, given)
    assert ours["self_confidence"] == pytest.approx([0.9, 0.8, 0.4])
    assert ours["normalized_margin"] == pytest.approx([0.9, 0.8, 0.4])
    # 0.3 are added to the second class, whose threshold is 0.3 lower, and rows sum to 1.3.
    assert ours["adjusted_self_confidence"] == pytest.approx([0.9 / 1.3, 1.1 / 1.3, 0.7 / 1.3])
    evidence = ours["self_confidence"] / given.shares[labels] * ours["noise_posterior"] ** 2
    assert ours["quality"] == pytest.approx(evidence / (1 + evidence))


def test_the_noise_matrix_is_found_again_and_no_step_lessens_the_likelihood() -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 3, 6000)
    matrix = np.array([[0.9, 0.1, 0.0], [0.05, 0.9, 0.05], [0.3, 0.0, 0.7]])
    labels = np.array([random.choice(3, p=matrix[code]) for code in truth])
    found = np.full((6000, 3), 0.01)
    found[np.arange(6000), truth] = 0.98
    estimated = joint.calibrated(joint.confident(found, labels, joint.thresholds(found, labels))[1], labels)
    learned = noise.noise_matrix(found, labels, estimated)
    assert np.abs(learned - matrix).max() < 0.03
    assert learned.sum(axis=1) == pytest.approx([1, 1, 1])
    counts, likelihood = noise.expected(found, labels, learned)
    assert counts.sum(axis=1) == pytest.approx(np.bincount(labels))
    for _ in range(20):
        other = random.dirichlet(np.ones(3), 3)
        assert noise.expected(found, labels, other)[1] <= likelihood + 1e-9


def test_measures_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    values, wrong = random.random(500).round(2), random.random(500) < 0.3
    assert measures.auroc(values, wrong) == pytest.approx(roc_auc_score(wrong, -values))
    assert measures.auprc(values, wrong) == pytest.approx(average_precision_score(wrong, -values))
    precision, recall, _ = precision_recall_curve(wrong, -values)
    known = {(round(p, 9), round(r, 9)) for p, r in zip(precision, recall, strict=True)}
    ours = {
        (round(row["precision"], 9), round(row["recall"], 9)) for row in measures.curves({"a": values}, wrong)
    }
    assert ours <= known
    (row,) = measures.agreement({"a": values, "b": -values}, 10)
    assert row["correlation"] == pytest.approx(-1)
    assert measures.auroc(values, np.zeros(500, bool)) is None


def test_annotators_agree_as_pandas_and_scikit_learn_say_and_a_careless_one_is_found() -> None:
    random = np.random.default_rng(2)
    truth = random.integers(0, 4, 2000)
    given = np.stack([_mislabelled(truth, share, random) for share in (0.05, 0.1, 0.5)], axis=1)
    given[random.random(given.shape) < 0.2] = -1
    found = annotators.consensus(given, 4)
    known = (given >= 0).any(axis=1)
    assert (found.labels[~known] == -1).all()
    # A vote of three, of whom one is careless, is right less often than the consensus.
    vote = pd.DataFrame(np.where(given < 0, np.nan, given)).mode(axis=1)[0].to_numpy()
    assert (found.labels == truth)[known].mean() >= (vote == truth)[known].mean()
    rows = list(annotators.reliabilities(given, ("a", "b", "c"), found, ("k", "l", "m", "n")))
    assert [row["reliability"] for row in rows] == pytest.approx([0.95, 0.9, 0.5], abs=0.04)
    for row in annotators.pairs(given, ("a", "b", "c"), 4):
        one, other = given[:, "abc".index(row["first"])], given[:, "abc".index(row["second"])]
        both = (one >= 0) & (other >= 0)
        assert row["samples"] == both.sum()
        assert row["kappa"] == pytest.approx(cohen_kappa_score(one[both], other[both]))


def test_annotators_agreement_is_that_of_cleanlab() -> None:
    crowd = pytest.importorskip("cleanlab.multiannotator")
    random = np.random.default_rng(4)
    truth = random.integers(0, 3, 300)
    given = np.stack([_mislabelled(truth, share, random) for share in (0.1, 0.2, 0.3)], axis=1)
    known = np.full(300, 3)
    for annotator in range(3):
        theirs = crowd._get_single_annotator_agreement(given.astype(float), known, annotator)
        assert annotators.with_others(given, annotator) == pytest.approx(theirs, abs=1e-9)


def _mislabelled(truth: Array, share: float, random: np.random.Generator) -> Array:
    classes = int(truth.max()) + 1
    others = (truth + random.integers(1, classes, len(truth))) % classes
    return np.where(random.random(len(truth)) < share, others, truth)


def test_structural_similarity_is_its_definition_window_by_window() -> None:
    random = np.random.default_rng(0)
    one = random.integers(0, 256, (1, 16, 14)).astype(np.float32)
    other = np.clip(one + random.normal(size=one.shape) * 30, 0, 255).astype(np.float32)
    offsets = np.arange(-5, 6)
    line = np.exp(-(offsets**2) / (2 * 1.5**2))
    window = np.outer(line, line) / np.outer(line, line).sum()
    values = []
    for row in range(5, 11):
        for column in range(5, 9):
            a = one[0, row - 5 : row + 6, column - 5 : column + 6].astype(float)
            b = other[0, row - 5 : row + 6, column - 5 : column + 6].astype(float)
            ma, mb = (window * a).sum(), (window * b).sum()
            va, vb = (window * a * a).sum() - ma**2, (window * b * b).sum() - mb**2
            cov = (window * a * b).sum() - ma * mb
            top = (2 * ma * mb + 6.5025) * (2 * cov + 58.5225)
            values.append(top / ((ma**2 + mb**2 + 6.5025) * (va + vb + 58.5225)))
    assert twins.structural(one, other)[0] == pytest.approx(np.mean(values), abs=1e-9)
    assert twins.structural(one, one)[0] == pytest.approx(1)


# Whole runs ---------------------------------------------------------------------------------------


def png(pixels: Array) -> bytes:
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "PNG")
    return held.getvalue()


def planted_digits(share: float) -> tuple[pa.Table, Array]:
    """Return the digits with a share of their labels changed, and which."""
    levels, random = load_digits(), np.random.default_rng(0)
    pixels, truth = np.rint(levels.images * (255 / 16)).astype(np.uint8), levels.target
    wrong = np.zeros(len(truth), bool)
    wrong[random.permutation(len(truth))[: round(share * len(truth))]] = True
    labels = np.where(wrong, (truth + random.integers(1, 10, len(truth))) % 10, truth)
    columns = {
        "id": [f"d{number:04}" for number in range(len(truth))],
        "image": [png(each) for each in pixels],
        "label": [str(code) for code in labels],
        "truth": [str(code) for code in truth],
        "split": np.where(random.random(len(truth)) < 0.75, "train", "test").tolist(),
    }
    return pa.table(columns), wrong


def run(root: Path, table: pa.Table, **parts: Any) -> contract.Manifest:
    pq.write_table(table, root / "own.parquet")
    settings = {
        "datasets": {"own": {"source": "own.parquet", **parts.pop("dataset", {})}},
        "models": {"net": {"source": "cnn", "width": 8, "epochs": 6, **parts.pop("network", {})}},
        "tools": {"labels": {"tool": "label_errors", "dataset": "own", **parts.pop("tool", {})}, **parts},
    }
    return runner.run(settings, root, device="cpu")[-1]


def read(root: Path, manifest: contract.Manifest, table: str) -> pd.DataFrame:
    return contract.read_table(root / "artifacts" / "labels", manifest.table(table)).to_pandas()


def test_errors_planted_in_the_digits_are_ranked_first(tmp_path: Path) -> None:
    table, wrong = planted_digits(0.05)
    parameters = {"folds": 3, "truth": "truth"}
    manifest = run(tmp_path, table, tool={"model": "net", "parameters": parameters})
    samples = read(tmp_path, manifest, "samples")
    assert (samples["wrong"].to_numpy(bool) == wrong).all()
    assert roc_auc_score(wrong, -samples["quality"]) >= 0.98
    assert sorted(samples["rank"]) == list(range(1, len(table) + 1))
    measured = read(tmp_path, manifest, "measures").set_index("score")
    assert measured.loc["quality", "auroc"] == pytest.approx(roc_auc_score(wrong, -samples["quality"]))
    assert measured.loc["quality", "precision_at_errors"] > 0.9
    totals = read(tmp_path, manifest, "totals").set_index("way")["errors"]
    assert totals["known"] == wrong.sum()
    assert abs(totals["joint"] - wrong.sum()) < 0.5 * wrong.sum()
    pairs = read(tmp_path, manifest, "pairs")
    off = samples[samples["prediction"].astype(str) != samples["label"].astype(str)]
    assert pairs["samples"].sum() == len(off)
    assert pairs["summed"].sum() == pytest.approx(off["confidence"].sum(), rel=1e-5)
    assert not (tmp_path / "artifacts" / runner.UNFINISHED / "labels").exists()


def test_planted_twins_are_found_and_nothing_else(tmp_path: Path) -> None:
    table, _ = planted_digits(0.0)
    pixels = np.rint(load_digits().images * (255 / 16)).astype(np.uint8)
    random = np.random.default_rng(7)
    first = random.permutation(len(pixels))[:60]
    noisy = pixels[first] + random.normal(size=(60, 8, 8)) * np.repeat([0, 2, 4], 20)[:, None, None]
    copies = np.clip(noisy, 0, 255).astype(np.uint8)
    labels = [str((int(label) + 1) % 10) for label in table["label"].take(pa.array(first)).to_pylist()]
    more = pa.table(
        {
            "id": [f"copy{number}" for number in range(60)],
            "image": [png(each) for each in copies],
            "label": labels,
            "truth": table["truth"].take(pa.array(first)),
            "split": ["test"] * 60,
        }
    )
    together = pa.concat_tables([table, more])
    flat = np.concatenate([pixels, copies]).reshape(len(together), -1).astype(np.float32)
    embedding = pa.FixedSizeListArray.from_arrays(pa.array(flat.reshape(-1)), 64)
    told_of = np.full((len(together), 10), 0.02, np.float32)
    told_of[np.arange(len(together)), np.array(together["truth"].to_pylist(), int)] = 0.82
    probability = pa.FixedSizeListArray.from_arrays(pa.array(told_of.reshape(-1)), 10)
    carried = together.append_column("embedding", embedding).append_column("probability", probability)
    manifest = run(
        tmp_path,
        carried,
        dataset={"roles": {"probability": "probability", "embedding": "embedding"}},
        tool={"inputs": {"neighbors": "near/neighbors"}},
        near={"tool": "duplicates", "dataset": "own"},
    )
    found = read(tmp_path, manifest, "twins")
    wanted = {frozenset((f"d{row:04}", f"copy{number}")) for number, row in enumerate(first)}
    pairs = [frozenset(pair) for pair in zip(found["sample"], found["neighbor"], strict=True)]
    assert wanted <= set(pairs)
    assert len(wanted) / len(pairs) >= 0.99
    assert found["other_label"].all()
    samples = read(tmp_path, manifest, "samples").set_index("id")["twin"]
    assert set(samples[[f"copy{number}" for number in range(60)]]) <= {"label", "label and split"}


def test_a_run_that_is_cut_off_goes_on_with_the_next_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = planted_digits(0.05)[0].slice(0, 120)
    trained: list[int] = []
    whole = folding.held_out

    def counted(*given: Any) -> Any:
        if len(trained) == 2:
            trained.append(-1)
            raise KeyboardInterrupt
        trained.append(given[3])
        return whole(*given)

    monkeypatch.setattr(folding, "held_out", counted)
    parts: dict[str, Any] = {"tool": {"model": "net", "parameters": {"folds": 3}}, "network": {"epochs": 1}}
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, table, **{key: dict(value) for key, value in parts.items()})
    manifest = run(tmp_path, table, **{key: dict(value) for key, value in parts.items()})
    assert trained == [0, 1, -1, 2]
    samples = read(tmp_path, manifest, "samples")
    assert sorted(samples["fold"].unique()) == [0, 1, 2]


def test_another_network_is_trained_by_its_factory(tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text(
        "from torch import nn\n\n\n"
        "class Line(nn.Module):\n"
        "    def __init__(self, shape, classes):\n"
        "        super().__init__()\n"
        "        self.line = nn.Linear(shape[0] * shape[1] * shape[2], classes)\n\n"
        "    def forward(self, x):\n        return self.line(x.flatten(1))\n\n\n"
        "def line(shape, classes):\n    return Line(shape, classes)\n"
    )
    table, wrong = planted_digits(0.05)
    network = {"factory": "nets:line", "epochs": 3}
    tool = {"model": "net", "parameters": {"folds": 2, "repeats": 2}}
    manifest = run(tmp_path, table, network=network, tool=tool)
    assert any(name.endswith("models/net/factory") for name in manifest.inputs)
    assert len(read(tmp_path, manifest, "members")) == 2
    assert roc_auc_score(wrong, -read(tmp_path, manifest, "samples")["quality"]) > 0.9


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        ({}, "has no probabilities"),
        ({"parameters": {"truth": "trutn"}}, 'there is no column "trutn"'),
        (
            {"model": "net", "parameters": {"probabilities": "split"}},
            "names model and parameters.probabilities",
        ),
    ],
)
def test_says_what_is_missing_or_told_twice(tmp_path: Path, tool: dict[str, Any], said: str) -> None:
    table = planted_digits(0)[0].slice(0, 30)
    with pytest.raises(ContractError, match=said):
        run(tmp_path, table, tool=tool)


def test_large_matrices_are_walked_in_bounded_memory(tmp_path: Path) -> None:
    import tracemalloc

    random = np.random.default_rng(0)
    held = np.lib.format.open_memmap(tmp_path / "held.npy", "w+", np.float32, (100_000, 200))
    for start in range(0, 100_000, 10_000):
        held[start : start + 10_000] = random.dirichlet(np.ones(200), 10_000)
    labels = random.integers(0, 200, 100_000)
    tracemalloc.start()
    scores.scores(held, labels, scores.Usual(np.full(200, 0.005), np.full(200, 0.005), np.eye(200)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Seven scores of 0.8 MB and a few blocks of 8 MB; the matrix itself has 80 MB.
    assert peak < 64_000_000
