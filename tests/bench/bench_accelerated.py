"""What a GPU gives: neighbours, products and learning on it, beside the processor of the same machine."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.contract import read_manifest, read_table
from pipelines.duplicates.neighbors import exact
from pipelines.pfa.accelerated import product_on
from pipelines.pfa.moments import product
from tests.bench.bench_duplicates import embeddings, recall
from tests.bench.process import measure
from tests.bench.report import Report, Verdict, megabytes
from tests.pipelines.media import encode

SIZES = ((48_000, 512), (200_000, 512))
NEIGHBORS = 10
BY_HAND = 4096  # rows whose distances to all others a program by hand holds at once
UNITS, SAMPLES = 2048, 32_768
IMAGES, SIDE, EPOCHS = 12_000, 32, 2
Found = tuple[Any, float, int]
LEARNER = """
[site]
title = "A learner"
[datasets.images]
source = "images.parquet"
[models.small]
source = "cnn"
epochs = {epochs}
[tools.learned]
tool = "classification"
dataset = "images"
model = "small"
"""


def run(folder: Path, gpu: bool = False) -> Iterator[Report]:
    """Measure on CUDA and on the processor, in turns; without a GPU there is nothing to compare."""
    import torch

    if not (gpu and torch.cuda.is_available()):
        yield Report("accelerated: no GPU was asked for, or there is none", ["nothing was measured"], [])
        return
    exact(embeddings(2048, 512, 10)[0], NEIGHBORS, "cuda")  # what starts once is not counted
    for rows, dimensions in SIZES:
        yield _neighbors(rows, dimensions)
    yield _products()
    yield _learning(folder / "learning")


def _timed(work: Callable[[], Any]) -> Found:
    """Return what was made, the seconds it took, and the most memory that it held on the GPU, in bytes."""
    import torch

    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    started = time.perf_counter()
    made = work()
    torch.cuda.synchronize()
    return made, time.perf_counter() - started, torch.cuda.max_memory_allocated()


def _neighbors(rows: int, dimensions: int) -> Report:
    vectors, _ = embeddings(rows, dimensions, 10)
    ours = min(
        (_timed(lambda: exact(vectors, NEIGHBORS, "cuda")) for _ in range(3)), key=lambda found: found[1]
    )
    hand = min((_timed(lambda: _by_hand(vectors)) for _ in range(3)), key=lambda found: found[1])
    here = _timed(lambda: exact(vectors, NEIGHBORS))
    truth = here[0].places
    named = {
        "sitegen on cuda": (ours[0].places, *ours[1:]),
        "torch.cdist and topk by hand": hand,
        "sitegen on cpu": (truth, *here[1:]),
    }
    table = [
        [name, f"{seconds:.2f}", f"{recall(places, truth):.5f}", megabytes(peak)]
        for name, (places, seconds, peak) in named.items()
    ]
    verdicts = [
        Verdict("seconds against cpu", ours[1] / here[1], 1.0, "times"),
        Verdict("neighbours that differ from cpu's", 1 - recall(ours[0].places, truth), 0.0005, "of all"),
    ]
    title = f"{NEIGHBORS} nearest neighbours of {rows:,} by {dimensions} float32, exact"
    return Report(title, ["", "seconds", "as on cpu", "memory of the GPU"], table, verdicts)


def _by_hand(vectors: Any) -> Any:
    import torch

    with torch.inference_mode():
        given = torch.from_numpy(vectors).cuda()
        parts = [
            torch.cdist(part, given).topk(NEIGHBORS + 1, largest=False).indices[:, 1:].cpu()
            for part in given.split(BY_HAND)
        ]
    return torch.cat(parts).numpy()


def _products() -> Report:
    rows = np.random.default_rng(0).normal(100, 1, (SAMPLES, UNITS))
    there = min((_timed(lambda: product_on("cuda")(rows)) for _ in range(3)), key=lambda found: found[1])
    here = min((_timed(lambda: product(rows)) for _ in range(3)), key=lambda found: found[1])
    error = float(np.abs(there[0] / here[0] - 1).max())
    table = [
        ["cuda", f"{there[1] * 1000:.0f}", megabytes(there[2])],
        ["cpu", f"{here[1] * 1000:.0f}", megabytes(0)],
    ]
    verdicts = [
        Verdict("ms against cpu", there[1] / here[1], 1.0, "times"),
        Verdict("relative difference", error / 1e-12, 1.0, "e-12"),
    ]
    title = f"the product of {SAMPLES:,} rows of {UNITS:,} units with themselves, float64"
    return Report(title, ["", "ms", "memory of the GPU"], table, verdicts)


def _learning(report: Path) -> Report:
    """Train the bundled network on both devices: samples a second, and how well it has learned."""
    _write_learner(report)
    rows, rates = [], {}
    for device in ("cuda", "cpu"):
        cost = measure(
            [sys.executable, "-m", "sitegen", "-C", str(report), "run", "--device", device, "--force"]
        )
        manifest = read_manifest(report / "artifacts" / "learned")
        rates[device] = IMAGES * EPOCHS / manifest.seconds["train"]
        accuracy = _accuracy(report)
        steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in manifest.seconds.items())
        rows.append([device, f"{cost.seconds:.1f}", f"{rates[device]:,.0f}", f"{accuracy:.3f}", steps])
    verdicts = [Verdict("seconds of training against cpu", rates["cpu"] / rates["cuda"], 1.0, "times")]
    title = f"the bundled network, {EPOCHS} epochs of {IMAGES:,} images of {SIDE} by {SIDE} pixels"
    return Report(title, ["", "whole process, s", "images/s", "accuracy", "of which"], rows, verdicts)


def _accuracy(report: Path) -> float:
    folder = report / "artifacts" / "learned"
    samples = read_table(folder, read_manifest(folder).table("samples"))
    return float(np.mean(samples["correct"].to_numpy(zero_copy_only=False)))


def _write_learner(report: Path) -> None:
    """Write a report with images of four classes: which quarter of the noise is the brightest."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    shutil.rmtree(report, ignore_errors=True)
    report.mkdir(parents=True)
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, IMAGES)
    images = []
    for label in labels:
        pixels = random.integers(0, 200, (SIDE, SIDE, 3), np.uint8)
        across, down = label % 2 * SIDE // 2, label // 2 * SIDE // 2
        pixels[down : down + SIDE // 2, across : across + SIDE // 2] += 30
        images.append(encode(pixels, compress_level=1))
    names = [f"quarter {label}" for label in labels]
    pq.write_table(pa.table({"image": images, "label": names}), report / "images.parquet")
    (report / "sitegen.toml").write_text(LEARNER.format(epochs=EPOCHS))
