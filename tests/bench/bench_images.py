"""Images per second from a folder to sprite sheets, beside a plain Pillow loop that does the same."""

from __future__ import annotations

import io
import math
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipelines import datasets, sprites
from pipelines.sources.source import Source
from tests.bench.report import Report, Verdict

ROUNDS = 5
BUDGET = 1.1
"""Times the plain loop's seconds, at most: of tiny images, the look at all headers is a part of the work."""


@dataclass(frozen=True)
class Corpus:
    """Some images of one size in one format."""

    name: str
    count: int
    width: int
    height: int
    ending: str


CORPORA = (
    Corpus("2,000 PNG of 28 by 28", 2000, 28, 28, "png"),
    Corpus("4,000 JPEG of 32 by 32", 4000, 32, 32, "jpg"),
    Corpus("300 JPEG of 640 by 480", 300, 640, 480, "jpg"),
)


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Write each corpus once, then lay it out both ways in turn; the fastest rounds are compared."""
    rows, verdicts = [], []
    for corpus in CORPORA:
        root = folder / "images" / f"{corpus.width}-{corpus.ending}"
        _write(root, corpus)
        ours, plain = _both(root)
        rows.append([corpus.name, _rate(corpus.count, ours), _rate(corpus.count, plain)])
        verdicts.append(Verdict(f"{corpus.name}, against the plain loop", ours / plain, BUDGET, "times"))
    notes = [
        "ours looks at every header first: for unreadable files, and the one size that all are decoded to"
    ]
    title = "images: from a folder to sprite sheets, images/s"
    yield Report(title, ["", "sitegen", "plain Pillow loop"], rows, verdicts, notes)


def _both(root: Path) -> tuple[float, float]:
    """Return the least seconds of ours and of the plain loop, which take turns."""
    ours: list[float] = []
    plain: list[float] = []
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: _ours(root)))
        plain.append(_seconds(lambda: _plain(root)))
    return min(ours), min(plain)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}"


def _ours(root: Path) -> sprites.Sprites:
    data = datasets.load(Source("images", str(root)), Path())
    assert data.images is not None
    return sprites.pack(data.images, data.rows.num_rows)


def _plain(root: Path) -> list[bytes]:
    """Open, convert, shrink and paste one image after the other, and save each full sheet."""
    paths = sorted(root.rglob("*.*"))
    with Image.open(paths[0]) as first:
        scale = min(1.0, sprites.LARGEST_TILE / max(first.size))
        lossless = first.format == "PNG" and first.width * first.height <= sprites.LOSSLESS_AREA
        width, height = (max(1, round(side * scale)) for side in first.size)
    columns = min(sprites.LARGEST_SIDE // width, math.ceil(math.sqrt(len(paths) * height / width)))
    rows = min(sprites.LARGEST_SIDE // height, math.ceil(len(paths) / columns))
    sheets = []
    for start in range(0, len(paths), columns * rows):
        chosen = paths[start : start + columns * rows]
        sheet = Image.new("RGB", (columns * width, math.ceil(len(chosen) / columns) * height))
        for index, path in enumerate(chosen):
            with Image.open(path) as image:
                tile = image.convert("RGB")
            if tile.size != (width, height):
                tile = tile.resize((width, height), Image.Resampling.LANCZOS)
            sheet.paste(tile, (index % columns * width, index // columns * height))
        sink = io.BytesIO()
        sheet.save(sink, "WEBP", lossless=lossless, exact=True, quality=sprites.QUALITY, method=4)
        sheets.append(sink.getvalue())
    return sheets


def _write(root: Path, corpus: Corpus) -> None:
    """Write pictures of smooth random colours, which compress about as photographs do."""
    shutil.rmtree(root, ignore_errors=True)
    random = np.random.default_rng(0)
    for index in range(corpus.count):
        folder = root / f"class-{index % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(random.integers(0, 256, (12, 16, 3), np.uint8))
        image = coarse.resize((corpus.width, corpus.height), Image.Resampling.BICUBIC)
        noisy = np.asarray(image, np.int16) + random.integers(-8, 9, (corpus.height, corpus.width, 3))
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(folder / f"{index:05}.{corpus.ending}")
