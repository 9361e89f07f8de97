"""Sprite sheets: many small images in few WebP files, so that a page fetches a handful."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

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


def pack(images: Images, count: int) -> Sprites:
    """Lay `count` images out row by row; one sheet of pixels is in memory at a time."""
    width, height = _tile_size(images.shape)
    columns = min(LARGEST_SIDE // width, math.ceil(math.sqrt(count * height / width)))
    rows = min(LARGEST_SIDE // height, math.ceil(count / columns))
    lossless = images.lossless and width * height <= LOSSLESS_AREA and (height, width) == images.shape[:2]
    sheets = []
    for index, tiles in enumerate(_grouped(images, columns * rows, (width, height))):
        content, size = _draw(tiles, columns, lossless)
        sheets.append(Sheet(f"images-{index}.webp", content, *size, width, height))
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


def _grouped(images: Images, size: int, tile: tuple[int, int]) -> Iterator[list[Pixels]]:
    group: list[Pixels] = []
    for batch in images.batches():
        for pixels in batch:
            group.append(_scaled(pixels, tile))
            if len(group) == size:
                yield group
                group = []
    if group:
        yield group


def _scaled(pixels: Pixels, tile: tuple[int, int]) -> Pixels:
    """Return the image as (height, width, 3) of the tile's size."""
    colour: Pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    if (pixels.shape[1], pixels.shape[0]) == tile:
        return colour
    smaller = Image.fromarray(np.ascontiguousarray(colour)).resize(tile, Image.Resampling.LANCZOS)
    return np.asarray(smaller, np.uint8)


def _draw(tiles: list[Pixels], columns: int, lossless: bool) -> tuple[bytes, tuple[int, int]]:
    height, width, _ = tiles[0].shape
    rows = math.ceil(len(tiles) / columns)
    canvas = np.zeros((rows * height, columns * width, 3), np.uint8)
    for index, tile in enumerate(tiles):
        top, left = index // columns * height, index % columns * width
        canvas[top : top + height, left : left + width] = tile
    sink = io.BytesIO()
    Image.fromarray(canvas).save(sink, "WEBP", lossless=lossless, exact=True, quality=QUALITY, method=4)
    return sink.getvalue(), (columns * width, rows * height)
