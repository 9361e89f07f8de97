"""Samples to measure views of: seeded classes, predictions of which seven in ten are right, and places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.contract import Column, Manifest, Rows, TableSpec, write_artifact

SEED = 23
CLASSES = tuple(f"class {letter}" for letter in "ABCDEFGHIJ")
COLUMNS = (
    Column("id", "int32", "id"),
    Column("label", "dictionary", "label"),
    Column("prediction", "dictionary", "prediction"),
    Column("correct", "bool", "correct"),
    Column("confidence", "float32", "confidence"),
    Column("split", "dictionary", "split"),
    Column("familiarity", "float64", "familiarity", "nats"),
    Column("x", "float32", "projection_x"),
    Column("y", "float32", "projection_y"),
)


def write_report(folder: Path, table: pa.Table, title: str, page: str) -> None:
    """Write a report whose one page shows these samples: the table ``TITLE/samples``, in small letters."""
    name = title.lower()
    facts = Manifest(name=name, tool="bench", title=title, dataset=name, seed=SEED)
    spec = TableSpec("samples", "Samples", COLUMNS, entity=True)
    write_artifact(folder / "artifacts" / name, facts, [Rows(spec, table)])
    theme = Path("themes/default").resolve()
    (folder / "sitegen.toml").write_text(f'[site]\ntitle = "{title}"\ntheme = "{theme}"\n')
    (folder / "content").mkdir()
    (folder / "content" / "index.md").write_text(page)


def samples(rows: int) -> pa.Table:
    """Return seeded samples of a classifier that is right in seven of ten."""
    random = np.random.default_rng(SEED)
    labels = random.integers(0, len(CLASSES), rows)
    is_right = random.random(rows) < 0.7
    predictions = np.where(is_right, labels, random.integers(0, len(CLASSES), rows))
    names = np.array(CLASSES)
    centres = random.normal(0, 6, (len(CLASSES), 2))
    points = centres[labels] + random.normal(0, 1.5, (rows, 2))
    splits = np.where(random.random(rows) < 0.8, "train", "test")
    return pa.table(
        {
            "id": np.arange(rows, dtype=np.int32),
            "label": pa.array(names[labels]).dictionary_encode(),
            "prediction": pa.array(names[predictions]).dictionary_encode(),
            "correct": predictions == labels,
            "confidence": random.beta(4, 1.5, rows).astype(np.float32),
            "split": pa.array(splits).dictionary_encode(),
            "familiarity": random.normal(-40, 8, rows),
            "x": points[:, 0].astype(np.float32),
            "y": points[:, 1].astype(np.float32),
        }
    )


def charts(table: str) -> str:
    """Return two charts of a page: how many samples of each class are right, and how sure the model is."""
    return CHARTS.replace("TABLE", table)


CHARTS = """```vega-lite id=accuracy title="Which class is hardest?"
{
  "data": {"name": "TABLE"},
  "mark": "bar",
  "encoding": {
    "x": {"field": "label", "type": "nominal"},
    "y": {"aggregate": "count", "type": "quantitative"},
    "color": {"field": "correct", "type": "nominal"}
  }
}
```

```vega-lite id=confidence title="How sure is it?"
{
  "data": {"name": "TABLE"},
  "mark": "bar",
  "encoding": {
    "x": {"field": "confidence", "type": "quantitative", "bin": {"maxbins": 20}},
    "y": {"aggregate": "count", "type": "quantitative"}
  }
}
```

"""
