"""Two models on one dataset: shown side by side, each by its own columns, filtering each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from pipelines import contract, runner
from tests.browser.driver import OpenTab, build_site, serving

CLASSES = ["low", "middle", "high"]
SETTINGS = """
[site]
title = "Two models"
[datasets.points]
source = "points.csv"
classes = ["low", "middle", "high"]
[models.plain]
source = "plain.pt2"
features = ["a", "b"]
[models.better]
source = "better.pt2"
features = ["a", "b"]
[tools.plain]
tool = "classification"
dataset = "points"
model = "plain"
[tools.better]
tool = "classification"
dataset = "points"
model = "better"
"""


def chart(name: str, table: str, encoding: object) -> str:
    spec = {"data": {"name": table}, "mark": "bar", "encoding": encoding}
    return f'```vega-lite id={name} width=6 title="{name}"\n{json.dumps(spec)}\n```\n'


def bars(field: str) -> dict[str, object]:
    return {"y": {"field": field}, "x": {"aggregate": "count"}}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("two")
    (root / "sitegen.toml").write_text(SETTINGS)
    random = np.random.default_rng(0)
    points = pd.DataFrame({"id": range(200), "a": random.normal(size=200), "b": random.normal(size=200)})
    points["label"] = np.digitize(points.a, [-0.5, 0.5]).astype(int)
    points["label"] = points.label.map(dict(enumerate(CLASSES)))
    points.to_csv(root / "points.csv", index=False)
    for name, slope in (("plain", 0.2), ("better", 2.0)):
        network = nn.Linear(2, 3)
        with torch.no_grad():
            network.weight.copy_(torch.tensor([[-slope, 0.1], [0.0, 0.0], [slope, 0.1]]))
            network.bias.copy_(torch.tensor([0.0, 0.1, 0.0]))
        shapes = ({0: torch.export.Dim("batch")},)
        torch.export.save(
            torch.export.export(network, (torch.zeros(2, 2),), dynamic_shapes=shapes), root / f"{name}.pt2"
        )
    runner.run(runner.config.load(root / "sitegen.toml"), root, device="cpu")
    (root / "content").mkdir()
    together = {
        "x": {"field": "prediction"},
        "y": {"field": "prediction_better"},
        "color": {"aggregate": "count"},
    }
    blocks = [
        "```view toolbar id=toolbar\n```\n",
        chart("plain", "plain/samples", bars("prediction")),
        chart("better", "better/samples", bars("prediction")),
        chart("label", "better/samples", bars("label")),
        chart("both", "plain/samples", together).replace('"bar"', '"rect"'),
    ]
    page = "---\ntable: plain/samples\n---\n# Two models\n\n" + "\n".join(blocks)
    (root / "content" / "index.md").write_text(page, "utf-8")
    build_site(root, root / "site")
    return root


@pytest.fixture(scope="module")
def truth(report: Path) -> pd.DataFrame:
    """Both models' samples, joined by pandas."""
    frames = {}
    for name in ("plain", "better"):
        folder = report / "artifacts" / name
        table = contract.read_manifest(folder).table("samples")
        frames[name] = contract.read_table(folder, table).to_pandas().set_index("id")
    return frames["plain"].join(frames["better"], suffixes=("_plain", "_better"))


@pytest.fixture(scope="module")
def address(report: Path) -> Iterator[str]:
    with serving(report / "site") as url:
        yield url


def counted(values: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in values.value_counts().items() if count}


def test_two_models_stand_side_by_side_and_filter_each_other(
    address: str, truth: pd.DataFrame, open_tab: OpenTab
) -> None:
    tab = open_tab(address).live()

    def shown(view: str) -> dict[str, int]:
        cells = [(row[0], row[-1]) for row in tab.data_table(view)]
        return {name: int(count) for name, count in cells if count != "0"}

    assert shown("plain") == counted(truth.prediction_plain)
    assert shown("better") == counted(truth.prediction_better)
    assert shown("plain") != shown("better")
    assert shown("label") == counted(truth.label_plain)
    pairs = truth.groupby(["prediction_plain", "prediction_better"], observed=True).size()
    assert {(row[0], row[1]): int(row[2]) for row in tab.data_table("both")} == {
        key: int(value) for key, value in pairs.items() if value
    }

    names = [row[0] for row in tab.data_table("plain")]
    tab.click(tab.marks("plain")[0])
    chosen = truth[truth.prediction_plain == names[0]]
    assert shown("better") == counted(chosen.prediction_better)
    assert shown("label") == counted(chosen.label_plain)
    assert tab.rows("better") == len(chosen)
    tab.press("[data-action=reset]")

    tab.filter("datum.prediction_better == 'high' && datum.correct_plain")
    rows = truth[(truth.prediction_better == "high") & truth.correct_plain.astype(bool)]
    assert tab.rows("plain") == tab.rows("better") == len(rows)
    tab.filter("datum.prediction == 'high'")
    (said,) = tab.texts(".toolbar-error")
    assert 'several tables of the page have a column "prediction"' in said
    assert "write prediction_plain or prediction_better" in said
