"""A report of many places: seeded points in crowds, a scatter view of them and a histogram beside it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.contract import Column, Manifest, Rows, TableSpec, write_artifact

SEED = 11
CLASSES = 12
NOWHERE = 12
"""Rows without a place: null, NaN or infinite, by turns."""
COLUMNS = (
    Column("id", "int32", "id"),
    Column("projection_x", "float32", "projection_x", nullable=True),
    Column("projection_y", "float32", "projection_y", nullable=True),
    Column("label", "string", "label"),
    Column("correct", "bool", "correct"),
    Column("score", "float32", unit="points", description="Score"),
)
SCORE = {
    "data": {"name": "crowd/samples"},
    "mark": "bar",
    "encoding": {
        "x": {"field": "score", "bin": {"maxbins": 30}, "type": "quantitative"},
        "y": {"aggregate": "count", "type": "quantitative"},
    },
}
POINTS = {
    "data": {"name": "crowd/samples"},
    "mark": "point",
    "encoding": {
        "x": {"field": "projection_x", "type": "quantitative"},
        "y": {"field": "projection_y", "type": "quantitative"},
        "color": {"field": "label", "type": "nominal"},
    },
}


def places(rows: int) -> pa.Table:
    """Return seeded rows: each class is a crowd of its own size and width, and a few rows have no place."""
    random = np.random.default_rng(SEED)
    shares = np.arange(CLASSES, 0, -1) / sum(range(1, CLASSES + 1))
    classes = random.choice(CLASSES, rows, p=shares)
    middles = random.uniform(-10, 10, (CLASSES, 2))
    widths = random.uniform(0.4, 1.6, CLASSES)
    xy = (middles[classes] + random.normal(0, 1, (rows, 2)) * widths[classes, None]).astype(np.float32)
    lost = random.choice(rows, NOWHERE, replace=False)
    xy[lost[0::3], 0] = np.nan
    xy[lost[1::3], 1] = np.inf
    missing = np.zeros(rows, bool)
    missing[lost[2::3]] = True
    return pa.table(
        {
            "id": np.arange(rows, dtype=np.int32),
            "projection_x": pa.array(xy[:, 0], mask=missing),
            "projection_y": pa.array(xy[:, 1]),
            "label": [f"class {number}" for number in classes],
            "correct": random.random(rows) < 0.9,
            "score": (random.gamma(3, 10, rows) + classes).astype(np.float32),
        }
    )


def write_report(folder: Path, rows: int, theme: str, *, peer: bool = False) -> None:
    """Write a report whose one page shows ``rows`` places, as plain Vega points for the peer."""
    artifact = folder / "artifacts" / "crowd"
    if not (artifact / "manifest.json").is_file():
        facts = Manifest(name="crowd", tool="bench", title="Crowd", dataset="crowd", seed=SEED)
        samples = TableSpec("samples", "Places", COLUMNS, entity=True)
        write_artifact(artifact, facts, [Rows(samples, places(rows))])
    (folder / "sitegen.toml").write_text(f'[site]\ntitle = "Crowd"\ntheme = "{theme}"\n')
    (folder / "content").mkdir(exist_ok=True)
    scatter = "```view scatter id=map width=8\n```" if not peer else _chart("map", 8, POINTS)
    blocks = ["```view toolbar id=toolbar\n```", "## Places", scatter, _chart("scores", 4, SCORE)]
    page = "---\ntitle: Crowd\ntable: crowd/samples\n---\n\n" + "\n\n".join(blocks) + "\n"
    (folder / "content" / "index.md").write_text(page)


def _chart(id_: str, width: int, spec: dict[str, object]) -> str:
    return f"```vega-lite id={id_} width={width} height=420\n{json.dumps(spec)}\n```"
