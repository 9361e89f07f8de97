"""A report of many classes: seeded samples, mostly mistaken within groups, and a confusion matrix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.contract import Column, Manifest, Rows, TableSpec, write_artifact

SEED = 17
CLASSES, GROUP, ROWS = 1000, 20, 60_000
COLUMNS = (
    Column("id", "int32", "id"),
    Column("label", "dictionary", "label"),
    Column("prediction", "dictionary", "prediction"),
    Column("split", "dictionary", "split"),
)


def samples(rows: int = ROWS, classes: int = CLASSES) -> pa.Table:
    """Return seeded rows: seven of ten are right, most mistakes stay in the group, some go anywhere."""
    random = np.random.default_rng(SEED)
    labels = random.integers(0, classes, rows)
    near = labels // GROUP * GROUP + random.integers(0, GROUP, rows)
    mistaken = np.where(random.random(rows) < 0.8, near, random.integers(0, classes, rows))
    predictions = np.where(random.random(rows) < 0.7, labels, np.minimum(mistaken, classes - 1))
    # Names in no order of the groups, so that an order has to be found.
    shuffled = random.permutation(classes)
    names = np.array(
        [f"class {shuffled[number]:04d}, with a name of some length" for number in range(classes)]
    )
    return pa.table(
        {
            "id": np.arange(rows, dtype=np.int32),
            "label": pa.array(names[labels]).dictionary_encode(),
            "prediction": pa.array(names[predictions]).dictionary_encode(),
            "split": pa.array(np.where(random.random(rows) < 0.8, "train", "test")).dictionary_encode(),
        }
    )


def write_report(folder: Path, theme: str, rows: int = ROWS) -> None:
    """Write a report whose one page shows a matrix of a thousand classes and a bar chart of the parts."""
    facts = Manifest(name="labels", tool="bench", title="Labels", dataset="labels", seed=SEED)
    spec = TableSpec("samples", "Samples", COLUMNS, entity=True)
    write_artifact(folder / "artifacts" / "labels", facts, [Rows(spec, samples(rows))])
    (folder / "sitegen.toml").write_text(f'[site]\ntitle = "Labels"\ntheme = "{theme}"\n')
    (folder / "content").mkdir(exist_ok=True)
    blocks = [
        "```view toolbar id=toolbar\n```",
        "## Classes",
        '```view confusion-matrix id=matrix width=12 title="Which of 1,000 classes are taken for which?"\n'
        "order: cluster\n```",
    ]
    page = "---\ntitle: Labels\ntable: labels/samples\n---\n\n" + "\n\n".join(blocks) + "\n"
    (folder / "content" / "index.md").write_text(page)
