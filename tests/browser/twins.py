"""A report of images of which some are planted twice: exact, near, across splits, with other labels."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from tests.browser.driver import analysed_site

ROWS = 160
SETTINGS = """
[site]
title = "Twins"

[datasets.twins]
source = "twins.parquet"

[datasets.twins.roles]
id = "id"
image = "image"
label = "label"
prediction = "prediction"
split = "split"
embedding = "embedding"

[tools.twins]
tool = "dataset"
dataset = "twins"

[tools.twins-duplicates]
tool = "duplicates"
dataset = "twins"

[tools.twins-familiarity]
tool = "familiarity"
dataset = "twins"
"""
PAGE = """---
table: twins/samples
---
# Twins

```view toolbar id=toolbar
```

## Alike

```view duplicates id=duplicates
beside: twins-duplicates
groups: 5
```

```view samples id=images
```

```view familiarity id=familiarity
beside: [twins-familiarity/samples, twins-familiarity/gaps]
rows: 12
```
"""


def planted() -> pd.DataFrame:
    """Return 120 originals with embeddings, then copies of the first 40, exact and near by turns."""
    generator = np.random.default_rng(3)
    originals = [_original(generator, number) for number in range(ROWS - 40)]
    copies = [_copy(generator, originals[number], number) for number in range(40)]
    return pd.DataFrame([*originals, *copies])


def _original(generator: np.random.Generator, number: int) -> dict[str, Any]:
    label = "cat" if number % 8 == 7 else ("dog", "owl")[number % 2]
    return {
        "id": f"original {number}",
        "image": _png(generator.integers(0, 256, (8, 8, 3)).astype(np.uint8)),
        "label": label,
        "prediction": label if number % 5 else "dog",
        "split": "test" if number % 4 == 0 else "train",
        "embedding": generator.normal(size=12).astype(np.float32),
    }


def _copy(generator: np.random.Generator, original: dict[str, Any], number: int) -> dict[str, Any]:
    """Every second is near, the others exact; every third changes its split, every fifth its label."""
    near = generator.normal(scale=0.002, size=12).astype(np.float32) if number % 2 else np.float32(0)
    split = {"test": "train", "train": "test"}[original["split"]] if number % 3 == 0 else original["split"]
    changed = np.asarray(Image.open(io.BytesIO(original["image"]))).copy()
    changed[0, 0] = 255 - changed[0, 0]
    return {
        **original,
        "id": f"copy {number}",
        "image": _png(changed) if number % 2 else original["image"],
        "embedding": original["embedding"] + near,
        "split": split,
        "label": "cat" if number % 5 == 0 else original["label"],
    }


def _png(pixels: np.ndarray[Any, Any]) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, "PNG")
    return sink.getvalue()


def twins_report(report: Path) -> Path:
    """Write, analyse and build the report; return its site."""
    planted().to_parquet(report / "twins.parquet")
    return analysed_site(report, SETTINGS, PAGE)


def table(report: Path, name: str) -> pd.DataFrame:
    """Return a table of an artifact."""
    return pd.read_parquet(report / "artifacts" / f"{name}.parquet")


def closure(report: Path, distance: float, relative: float) -> list[set[str]]:
    """Return the groups that the pairs within a line make, by joining sets until nothing joins."""
    pairs = table(report, "twins-duplicates/neighbors")
    within = (pairs["distance"] <= distance) & (pairs["relative"] <= relative) | (pairs["distance"] == 0)
    groups: list[set[str]] = []
    for pair in pairs.loc[within, ["sample", "neighbor"]].itertuples(index=False):
        joined = set(pair)
        for group in [group for group in groups if group & joined]:
            groups.remove(group)
            joined |= group
        groups.append(joined)
    return sorted(groups, key=len, reverse=True)
