"""A dataset of images and numbers, for models that are given both."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image


def pictured(root: Path, count: int = 7) -> tuple[str, Any, Any]:
    """Write 8 by 8 grey images with an age, a list of two numbers and a label; return file, pixels, ages."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (count, 8, 8)).astype(np.uint8)
    ages = generator.integers(1, 90, count)
    files = []
    for picture in pixels:
        sink = io.BytesIO()
        Image.fromarray(picture).save(sink, "PNG")
        files.append(sink.getvalue())
    places = generator.random((count, 2)).astype(np.float32)
    labels = ["no", "yes"] * count
    table = {"image": files, "age": ages, "place": list(map(list, places)), "label": labels[:count]}
    pq.write_table(pa.table(table), root / "pictured.parquet")
    return "pictured.parquet", pixels.astype(np.float32), ages
