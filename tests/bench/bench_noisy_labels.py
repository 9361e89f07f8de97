"""Scores of labels on images with real human mistakes, beside cleanlab's; and what wins on images held out.

The images come from a file that is not in the project: `SITEGEN_NOISY_LABELS` names it, else it lies beside.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines import runner
from pipelines.label_errors.spec import SCORES
from tests.bench.report import Report, Verdict

DATA = Path(__file__).parents[3] / "shared" / "data" / "cifar10n-shared.parquet"
LABELS = ("human_aggregate", "human_worst")
SEEDS = range(3)
DEFAULT = "quality"
NEAR = 0.005
SETTINGS = """
[datasets.images]
source = "{source}"
roles = {{ id = "id", image = "image", label = "{label}", split = "split" }}

[models.cnn]
source = "cnn"
width = 8
epochs = 8
seed = {seed}

[tools.labels]
tool = "label_errors"
dataset = "images"
model = "cnn"

[tools.labels.parameters]
folds = 3
seed = {seed}
truth = "label"
"""
Found = Mapping[str, NDArray[np.float64]]
"""Of each score: what was measured with each seed."""


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Train by folds on either set of labels, and say how well each score finds what is wrong."""
    data = Path(os.environ.get("SITEGEN_NOISY_LABELS", DATA))
    if not data.is_file() or find_spec("cleanlab") is None:
        what = f"needs cleanlab and {data.name}, or what SITEGEN_NOISY_LABELS names"
        yield Report("noisy labels", [""], [], notes=[what])
        return
    tables = {name: [_samples(folder, data, name, seed) for seed in SEEDS] for name in LABELS}
    for name, found in tables.items():
        yield _compared(name, found)
    yield _held_out(tables)


def _samples(folder: Path, data: Path, label: str, seed: int) -> pa.Table:
    """Return the samples that have such a label, with their scores and cleanlab's own default."""
    from cleanlab.rank import get_label_quality_scores

    root = folder / "noisy_labels" / f"{label}-{seed}"
    root.mkdir(parents=True, exist_ok=True)
    runner.run(tomllib.loads(SETTINGS.format(source=data, label=label, seed=seed)), root)
    table = pq.read_table(root / "artifacts" / "labels" / "samples.parquet")
    held = pq.read_table(root / "artifacts" / "labels" / "probabilities.parquet")
    table = table.filter(table["wrong"].is_valid())
    places = {key: place for place, key in enumerate(held["id"].to_pylist())}
    rows = [places[key] for key in table["id"].to_pylist()]
    given = np.stack(held["probabilities"].to_numpy()[rows]).astype(np.float64)
    classes = sorted(set(table[label].to_pylist()))
    codes = np.array([classes.index(name) for name in table[label].to_pylist()])
    return table.append_column("cleanlab", pa.array(get_label_quality_scores(codes, given)))


def _compared(label: str, tables: list[pa.Table]) -> Report:
    areas, precisions, hits = (_all(tables, measure) for measure in (_auroc, _auprc, _at_errors))
    rows = [
        [name, *(_told(found[name]) for found in (areas, precisions, hits))] for name in (*SCORES, "cleanlab")
    ]
    verdicts = []
    for what, found in (("AUROC", areas), ("AUPRC", precisions)):
        ours, theirs = float(found[DEFAULT].mean()), float(found["cleanlab"].mean())
        best = max(float(found[name].mean()) for name in SCORES)
        verdicts += [
            Verdict(f"{what} of cleanlab's default over ours", theirs / ours, 1.0, "times"),
            Verdict(f"{what} that the best score is ahead", best - ours, NEAR, ""),
        ]
    wrong = np.mean([np.mean(table["wrong"].to_numpy(zero_copy_only=False)) for table in tables])
    count = f"{tables[0].num_rows:,} images, {wrong:.0%} wrong, {len(tables)} seeds"
    return Report(
        f"noisy labels: {label}, {count}",
        ["", "AUROC", "AUPRC", "precision at errors"],
        rows,
        verdicts,
        ["mean ± standard deviation over the seeds"],
    )


def _held_out(tables: Mapping[str, list[pa.Table]]) -> Report:
    """Choose the score on one half of the images, and judge the choice on the other."""
    rows, verdicts = [], []
    for label, found in tables.items():
        is_first = np.random.default_rng(0).permutation(found[0].num_rows) % 2 == 0
        halves = [[table.filter(pa.array(chosen)) for table in found] for chosen in (is_first, ~is_first)]
        first, second = ({name: each[name].mean() for name in SCORES} for each in _both(halves))
        chosen = max(first, key=lambda name: float(first[name]))
        best = max(second.values())
        rows.append([label, chosen, f"{first[chosen]:.4f}", f"{second[chosen]:.4f}", f"{best:.4f}"])
        verdicts.append(Verdict(f"{label}: the choice is the default", float(chosen != DEFAULT), 0, ""))
        ahead = float(best - second[DEFAULT])
        verdicts.append(Verdict(f"{label}: AUPRC that the best is ahead of it", ahead, NEAR, ""))
    header = ["", "chosen on one half", "its AUPRC there", "on the other half", "best there"]
    return Report("noisy labels: a score chosen on half of the images", header, rows, verdicts)


def _both(halves: list[list[pa.Table]]) -> list[Found]:
    return [_all(half, _auprc) for half in halves]


def _all(tables: list[pa.Table], measure: Any) -> Found:
    wrong = [table["wrong"].to_numpy(zero_copy_only=False).astype(bool) for table in tables]
    names = (*SCORES, "cleanlab")
    return {
        name: np.array(
            [measure(table[name].to_numpy(), bad) for table, bad in zip(tables, wrong, strict=True)]
        )
        for name in names
    }


def _auroc(values: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(wrong, -values))


def _auprc(values: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(wrong, -values))


def _at_errors(values: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    return float(wrong[np.argsort(values, kind="stable")[: wrong.sum()]].mean())


def _told(values: NDArray[np.float64]) -> str:
    return f"{values.mean():.4f} ± {values.std(ddof=1):.4f}"
