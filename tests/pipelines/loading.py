"""A source read as a dataset, as the runner reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines import datasets
from pipelines.datasets import Dataset
from pipelines.sources.source import Source


def load(root: Path, address: str, **settings: Any) -> Dataset:
    return datasets.load(Source("data", address, **settings), root)
