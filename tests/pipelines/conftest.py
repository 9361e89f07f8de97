"""Reports that the pipelines' tests share: one trained once, others tiny and told by their own columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines import runner
from pipelines.contract import Manifest

DIGITS: dict[str, Any] = {
    "datasets": {"digits": {"source": "digits"}},
    "models": {"small": {"source": "cnn", "epochs": 8}},
    "tools": {"digits": {"tool": "classification", "dataset": "digits", "model": "small"}},
}
TOLD: dict[str, Any] = {
    "datasets": {"told": {"source": "told.csv"}},
    "models": {"own": {"source": "columns"}},
    "tools": {"told": {"tool": "classification", "dataset": "told", "model": "own"}},
}


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    """The artifact folder of a classification of the digits, and its manifest."""
    root = tmp_path_factory.mktemp("digits")
    (manifest,) = runner.run(DIGITS, root, device="cpu")
    return root / "artifacts" / "digits", manifest


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Manifest]:
    """Classify a CSV file by its own predictions; keywords go to the runner."""

    def classify(text: str, settings: dict[str, Any] | None = None, **keywords: Any) -> Manifest:
        (tmp_path / "told.csv").write_text(text, "utf-8")
        (manifest,) = runner.run({**TOLD, **(settings or {})}, tmp_path, **keywords)
        return manifest

    return classify
