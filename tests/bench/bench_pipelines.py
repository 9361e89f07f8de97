"""What the demo's pipelines take, and asking a PyTorch program: seconds of each step, and memory."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from pipelines.contract import Manifest, read_manifest, read_table
from tests.bench.process import Cost, measure
from tests.bench.report import Report, megabytes
from tests.pipelines.media import encode

TOOLS = ("digits", "digits-projection")
IMAGES, SIDE = 4000, 32
PROGRAM = """
[site]
title = "A program"
[datasets.images]
source = "images.parquet"
[models.float32]
source = "net.pt2"
precision = "float32"
input = { range = [-1, 1] }
[models.mixed]
source = "net.pt2"
input = { range = [-1, 1] }
[tools.float32]
tool = "classification"
dataset = "images"
model = "float32"
[tools.mixed]
tool = "classification"
dataset = "images"
model = "mixed"
"""


def run(folder: Path, gpu: bool = False) -> Iterator[Report]:
    """Run the demo's tools anew; with ``gpu`` classification alone, on CUDA."""
    import torch

    if gpu and not torch.cuda.is_available():
        yield Report("pipelines: no GPU on this machine", ["nothing was measured"], [])
        return
    report = folder / "pipelines"
    shutil.rmtree(report, ignore_errors=True)
    report.mkdir(parents=True)
    shutil.copy("sitegen.toml", report)
    tools = TOOLS[:1] if gpu else TOOLS
    device = "cuda" if gpu else "cpu"
    costs = {tool: measure(_command(report, tool, device)) for tool in tools}
    yield _report(report, costs, device)
    yield _programs(folder / "program", device)


def _programs(report: Path, device: str) -> Report:
    """Ask an exported network about images, in float32 and, on a GPU, in mixed precision too."""
    _write_program(report)
    precisions = ("float32", "auto") if device == "cuda" else ("float32",)
    rows = []
    for precision in precisions:
        name = precision.replace("auto", "mixed")
        cost = measure(_command(report, name, device))
        manifest = read_manifest(report / "artifacts" / name)
        rate = IMAGES / manifest.seconds["predict"]
        used = manifest.parameters["model"]["precision"]
        rows.append(
            [used, f"{cost.seconds:.1f}", megabytes(cost.peak), f"{rate:,.0f}", _agreement(report, name)]
        )
    title = f"a PyTorch program on {device}, {IMAGES:,} images of {SIDE} by {SIDE} pixels"
    return Report(title, ["", "whole process, s", "peak memory", "images/s", "same prediction"], rows)


def _write_program(report: Path) -> None:
    """Write a report with random images, an untrained network and a tool for each precision."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    import torch

    from pipelines.models.cnn import build

    shutil.rmtree(report, ignore_errors=True)
    report.mkdir(parents=True)
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (IMAGES, SIDE, SIDE, 3), np.uint8)
    images = [encode(pixels, compress_level=1) for pixels in noise]
    pq.write_table(pa.table({"image": images}), report / "images.parquet")
    torch.manual_seed(0)
    network = build((SIDE, SIDE, 3), 10, 64).eval()
    batch = ({0: torch.export.Dim("batch")},)
    program = torch.export.export(network, (torch.zeros(2, 3, SIDE, SIDE),), dynamic_shapes=batch)
    torch.export.save(program, report / "net.pt2")
    (report / "sitegen.toml").write_text(PROGRAM)


def _agreement(report: Path, name: str) -> str:
    """Return the share of images whose prediction is that of float32."""
    found = [
        read_table(folder, read_manifest(folder).table("samples"))["prediction"].to_pylist()
        for folder in (report / "artifacts" / name, report / "artifacts" / "float32")
    ]
    same = sum(one == other for one, other in zip(*found, strict=True))
    return f"{same / IMAGES:.1%}"


def _command(report: Path, tool: str, device: str) -> list[str]:
    return [sys.executable, "-m", "sitegen", "-C", str(report), "run", tool, "--device", device]


def _report(report: Path, costs: dict[str, Cost], device: str) -> Report:
    rows = []
    for tool, cost in costs.items():
        manifest = read_manifest(report / "artifacts" / tool)
        rows.append([tool, f"{cost.seconds:.1f}", megabytes(cost.peak), _steps(manifest)])
    title = f"pipelines: the demo's tools on {device}, seconds"
    return Report(title, ["", "whole process", "peak memory", "of which"], rows)


def _steps(manifest: Manifest) -> str:
    return ", ".join(f"{step} {seconds:.1f}" for step, seconds in manifest.seconds.items())
