"""On a real GPU: what the same computations give on the processor. Elsewhere these are skipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pipelines import contract, runner
from pipelines.duplicates.neighbors import exact
from pipelines.pfa.accelerated import product_on
from tests.pipelines import clouds, networks
from tests.pipelines.asked import UNIT, analyse, ask, reference, with_factory
from tests.pipelines.conftest import DIGITS

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here"),
]
FACTORY = {"factory": "networks:small", **UNIT}


def save(root: Path) -> str:
    with_factory(root)
    torch.save(networks.small().state_dict(), root / "net.pt")
    return "net.pt"


@pytest.mark.parametrize(
    ("precision", "computed", "near"), [("float32", "float32", 1e-4), ("auto", "bfloat16", 0.05)]
)
def test_a_network_answers_as_it_does_on_the_processor(
    tmp_path: Path, precision: str, computed: str, near: float
) -> None:
    asked = ask(tmp_path, save(tmp_path), "hidden", device="cuda", **{**FACTORY, "precision": precision})
    probabilities, hidden = reference()
    assert (asked.manifest.device, asked.model["precision"]) == ("cuda", computed)
    assert np.abs(asked.embeddings - hidden).max() < near * max(1, np.abs(hidden).max())
    assert np.mean(asked.probabilities.argmax(1) == probabilities.argmax(1)) > 0.98


def test_an_exported_program_answers_as_it_does_on_the_processor(tmp_path: Path) -> None:
    batch = ({0: torch.export.Dim("batch")},)
    example = torch.zeros(2, 1, 8, 8)
    torch.export.save(
        torch.export.export(networks.small(), (example,), dynamic_shapes=batch), tmp_path / "net.pt2"
    )
    asked = ask(tmp_path, "net.pt2", "hidden", device="cuda", precision="float32", **UNIT)
    probabilities, hidden = reference()
    assert asked.manifest.device == "cuda"
    assert np.abs(asked.probabilities - probabilities).max() < 1e-4
    assert np.abs(asked.embeddings - hidden).max() < 1e-3


def test_batches_become_smaller_when_the_device_is_full(tmp_path: Path) -> None:
    source = save(tmp_path)
    code = (tmp_path / "networks.py").read_text()
    # Two gigabytes for each image: a whole batch of them is more than a card has.
    (tmp_path / "networks.py").write_text(
        f"{code}\n\ndef hungry():\n    network = small()\n    inner = network.forward\n\n"
        "    def forward(images):\n        torch.zeros(len(images), 512, 2**20, device=images.device)\n"
        "        return inner(images)\n\n    network.forward = forward\n    return network\n"
    )
    before = torch.cuda.memory_stats()["num_ooms"] if torch.cuda.is_initialized() else 0
    settings = {**FACTORY, "factory": "networks:hungry", "precision": "float32"}
    asked = ask(tmp_path, source, device="cuda", **settings)
    assert torch.cuda.memory_stats()["num_ooms"] > before
    assert np.abs(asked.probabilities - reference()[0]).max() < 1e-4


def test_learning_there_is_as_good(tmp_path: Path) -> None:
    found = {}
    for device in ("cuda", "cpu"):
        (manifest,) = runner.run(DIGITS, tmp_path / device, device=device)
        assert manifest.device == device
        samples = contract.read_table(tmp_path / device / "artifacts/digits", manifest.table("samples"))
        rows = samples.to_pandas()
        found[device] = rows.loc[rows["split"] == "test", "correct"].mean()
    assert found["cuda"] > 0.9
    assert found["cuda"] == pytest.approx(found["cpu"], abs=0.04)


@pytest.mark.parametrize("seed", [1, 2])
def test_neighbours_are_those_of_the_processor(seed: int) -> None:
    vectors = clouds.gaussian(np.random.default_rng(seed), 20_000).astype(np.float32)
    here, there = exact(vectors, 10), exact(vectors, 10, "cuda")
    np.testing.assert_allclose(there.distances, here.distances, rtol=1e-4)
    assert np.mean(there.places == here.places) > 0.9999


def test_products_are_in_double_precision() -> None:
    rows = np.random.default_rng(3).normal(1e3, 1, (4096, 300))
    np.testing.assert_allclose(product_on("cuda")(rows), rows.T @ rows, rtol=1e-12)


@pytest.mark.parametrize("tool", ["pfa", "inactive_units"])
def test_units_are_analysed_as_on_the_processor(tmp_path: Path, tool: str) -> None:
    found = {}
    for device in ("cuda", "cpu"):
        (tmp_path / device).mkdir()
        settings = {**FACTORY, "precision": "float32"}
        source = save(tmp_path / device)
        found[device] = analyse(tmp_path / device, tool, source, device=device, **settings)
        assert found[device].manifest.device == device
    for table in found["cpu"].manifest.tables:
        frames = [found[device].frame(table.name) for device in ("cuda", "cpu")]
        pd.testing.assert_frame_equal(*frames, rtol=1e-3, atol=1e-4)
