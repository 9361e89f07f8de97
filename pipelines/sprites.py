"""Sprite sheets: many small images in few WebP files, so that a page fetches a handful."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipelines.contract import Sheet
from pipelines.images import Images, Pixels

LARGEST_SIDE = 2048  # pixels of a sheet: what every browser can decode and draw
LARGEST_TILE = 96  # pixels: larger images are shown smaller
LOSSLESS_AREA = 28 * 28  # pixels: above it the lossless file is several times the size for no visible gain
QUALITY = 90


@dataclass(frozen=True)
class Sprites:
    """The sheets, and for each image in order its sheet's index and its tile's top-left pixel."""

    sheets: tuple[Sheet, ...]
    sheet: NDArray[np.int16]
    x: NDArray[np.int16]
    y: NDArray[np.int16]


def pack(images: Images, count: int, advance: Callable[[int], None] = lambda _: None) -> Sprites:
    """Lay `count` images out row by row, and tell `advance` how many are done.

    While one sheet is encoded, on a thread of its own, the next is filled: two of them are in memory.
    """
    width, height = _tile_size(images.shape)
    columns = min(LARGEST_SIDE // width, math.ceil(math.sqrt(count * height / width)))
    rows = min(LARGEST_SIDE // height, math.ceil(count / columns))
    lossless = images.lossless and width * height <= LOSSLESS_AREA and (height, width) == images.shape[:2]
    sheets: list[Sheet] = []
    with ThreadPoolExecutor(1) as encoder:
        waiting: Future[bytes] | None = None
        for canvas in _canvases(images, (width, height), (columns, rows), count, advance):
            name = f"images-{len(sheets)}.webp"
            if waiting is not None:
                sheets[-1] = replace(sheets[-1], content=waiting.result())
            sheets.append(Sheet(name, b"", canvas.shape[1], canvas.shape[0], width, height))
            waiting = encoder.submit(_encode, canvas, lossless)
        if waiting is not None:
            sheets[-1] = replace(sheets[-1], content=waiting.result())
    place = np.arange(count) % (columns * rows)
    return Sprites(
        tuple(sheets),
        (np.arange(count) // (columns * rows)).astype(np.int16),
        (place % columns * width).astype(np.int16),
        (place // columns * height).astype(np.int16),
    )


def _tile_size(shape: tuple[int, int, int]) -> tuple[int, int]:
    height, width, _ = shape
    scale = min(1.0, LARGEST_TILE / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _canvases(
    images: Images,
    tile: tuple[int, int],
    grid: tuple[int, int],
    count: int,
    advance: Callable[[int], None],
) -> Iterator[Pixels]:
    """Yield the pixels of each sheet, as (height, width, 3); the last has only the rows that it needs."""
    (width, height), (columns, rows) = tile, grid
    done = 0
    canvas = np.zeros((0, 0, 3), np.uint8)
    for batch in images.batches():
        for pixels in _scaled(batch, tile):
            place = done % (columns * rows)
            if place == 0:
                left = min(rows, math.ceil((count - done) / columns))
                canvas = np.zeros((left * height, columns * width, 3), np.uint8)
            top, side = place // columns * height, place % columns * width
            canvas[top : top + height, side : side + width] = pixels
            done += 1
            if done % (columns * rows) == 0 or done == count:
                yield canvas
        advance(done)


def _scaled(batch: Pixels, tile: tuple[int, int]) -> Iterable[Pixels]:
    """Yield the images of a batch in the tile's size: (height, width, 1 or 3)."""
    if (batch.shape[2], batch.shape[1]) == tile:
        return batch
    return map(partial(_smaller, tile=tile), batch)


def _smaller(pixels: Pixels, tile: tuple[int, int]) -> Pixels:
    grey = pixels.shape[2] == 1
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if grey else pixels))
    small = np.asarray(image.resize(tile, Image.Resampling.LANCZOS), np.uint8)
    return small[:, :, None] if grey else small


def _encode(canvas: Pixels, lossless: bool) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(canvas).save(sink, "WEBP", lossless=lossless, exact=True, quality=QUALITY, method=4)
    return sink.getvalue()
