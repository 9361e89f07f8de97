"""Copies the images of a few samples out of their sheets, into sheets of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from pipelines.contract import Sheet

SIDE = 2048
"""Pixels of a sheet's side at most."""


@dataclass(frozen=True)
class Tile:
    """Where an image is: a sheet's file, left, top, width and height in pixels."""

    file: Path
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Placed:
    """New sheets, and where in them each image is: sheet, left and top."""

    sheets: tuple[Sheet, ...]
    places: tuple[tuple[int, int, int], ...]


def tile_sheets(tiles: Sequence[Tile | None]) -> Placed | None:
    """Return the images in new sheets, a blank for each that has none; None where none has one."""
    sizes = [(tile.width, tile.height) for tile in tiles if tile]
    if not sizes:
        return None
    width, height = max(size[0] for size in sizes), max(size[1] for size in sizes)
    across, down = max(1, SIDE // width), max(1, SIDE // height)
    each = across * down
    places = [
        (at // each, at % each % across * width, at % each // across * height) for at in range(len(tiles))
    ]
    count = -(-len(tiles) // each)
    columns, lines = min(across, len(tiles)), min(down, -(-len(tiles) // across))
    sheets = [Image.new("RGBA", (columns * width, lines * height)) for _ in range(count)]
    # One sheet is unpacked at a time, whatever the order of the samples.
    order = sorted((at for at, tile in enumerate(tiles) if tile), key=lambda at: str(tiles[at]))
    opened: tuple[Path, Image.Image] | None = None
    for at in order:
        tile = tiles[at]
        if tile is None:
            continue
        if opened is None or opened[0] != tile.file:
            with Image.open(tile.file) as source:
                opened = (tile.file, source.convert("RGBA"))
        box = (tile.x, tile.y, tile.x + tile.width, tile.y + tile.height)
        sheet, x, y = places[at]
        sheets[sheet].paste(opened[1].crop(box), (x, y))
    written = (_sheet(index, sheet, (width, height)) for index, sheet in enumerate(sheets))
    return Placed(tuple(written), tuple(places))


def _sheet(index: int, image: Image.Image, tile: tuple[int, int]) -> Sheet:
    content = BytesIO()
    image.save(content, "WEBP", lossless=True)
    return Sheet(f"images-{index}.webp", content.getvalue(), *image.size, *tile)
