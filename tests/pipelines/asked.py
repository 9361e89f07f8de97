"""Asking one model of a report, as the tests of models do: settings in, tables out."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import contract, runner
from pipelines.contract import Manifest
from tests.pipelines import networks

UNIT = {"input": {"range": [0, 1]}}
DIGITS = {"source": "digits"}


@dataclass(frozen=True)
class Asked:
    """What a model answered."""

    folder: Path
    manifest: Manifest

    def column(self, table: str, name: str) -> Any:
        """Return a column as an array; lists as rows of it."""
        values = contract.read_table(self.folder, self.manifest.table(table))[name].to_pylist()
        return np.array(values)

    def frame(self, table: str) -> Any:
        """Return a table as pandas has it."""
        return contract.read_table(self.folder, self.manifest.table(table)).to_pandas()

    @property
    def probabilities(self) -> Any:
        """Probabilities, shape (samples, classes)."""
        return self.column("probabilities", "probabilities")

    @property
    def embeddings(self) -> Any:
        """Embeddings, shape (samples, dimensions)."""
        return self.column("embeddings", "embedding")

    @property
    def model(self) -> dict[str, Any]:
        """What the manifest says of the model."""
        return dict(self.manifest.parameters["model"])


def ask(
    root: Path,
    source: str,
    layer: str = "",
    dataset: dict[str, Any] | None = None,
    trust: bool = False,
    device: str = "cpu",
    **settings: Any,
) -> Asked:
    """Classify a dataset (the digits) with a model in the report's folder `root`."""
    return analyse(root, "classification", source, {"layer": layer}, dataset, trust, device, **settings)


def analyse(
    root: Path,
    tool: str,
    source: str,
    parameters: dict[str, Any] | None = None,
    dataset: dict[str, Any] | None = None,
    trust: bool = False,
    device: str = "cpu",
    **settings: Any,
) -> Asked:
    """Run a tool on a dataset (the digits) and a model in the report's folder `root`."""
    asked = {"tool": tool, "dataset": "data", "model": "net", "parameters": parameters or {}}
    report = {
        "datasets": {"data": dataset or DIGITS},
        "models": {"net": {"source": source, **settings}},
        "tools": {"asked": asked},
    }
    (manifest,) = runner.run(report, root, device=device, trust=trust)
    return Asked(root / "artifacts" / "asked", manifest)


def digits() -> Any:
    """Return the digits as the dataset has them: uint8 of shape (samples, 8, 8), with their labels."""
    from sklearn.datasets import load_digits

    levels = load_digits()
    return np.rint(levels.images * (255 / 16)).astype(np.uint8), levels.target


def reference() -> tuple[Any, Any]:
    """Return what PyTorch itself computes for the digits: probabilities and the output of `hidden`."""
    import torch

    network = networks.small()
    pixels = torch.from_numpy(digits()[0][:, None].astype(np.float32) / 255)
    with torch.no_grad():
        hidden = network.hidden(network.stage(pixels - 0.5))
        return network(pixels).double().softmax(1).numpy(), hidden.numpy()


def with_factory(root: Path) -> None:
    """Put the module that builds the network into a report."""
    shutil.copy(networks.__file__, root / "networks.py")
