"""What the demo's pipelines take: seconds of each step, and memory."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from pipelines.contract import Manifest, read_manifest
from tests.bench.process import Cost, measure
from tests.bench.report import Report, megabytes

TOOLS = ("digits", "digits-projection")


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
