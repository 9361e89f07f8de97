"""Sprite sheets: limits, order, and lossless only where it is worth it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipelines import sprites
from pipelines.images import ArrayImages


def noise(count: int, height: int, width: int, channels: int = 3) -> ArrayImages:
    shape = (count, height, width, channels)
    return ArrayImages(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def test_continues_on_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sprites, "LARGEST_SIDE", 32)
    images = noise(40, 8, 8, 1)
    packed = sprites.pack(images, 40)
    assert packed.sheet.tolist() == [0] * 16 + [1] * 16 + [2] * 8
    sheets = [np.asarray(Image.open(io.BytesIO(sheet.content))) for sheet in packed.sheets]
    assert [sheet.shape[:2] for sheet in sheets] == [(32, 32), (32, 32), (16, 32)]
    for index, pixels in enumerate(images.pixels):
        x, y = packed.x[index], packed.y[index]
        assert (sheets[packed.sheet[index]][y : y + 8, x : x + 8] == pixels).all()


def test_shrinks_large_images_and_keeps_their_shape() -> None:
    (sheet,) = sprites.pack(noise(2, 100, 200), 2).sheets
    assert (sheet.tile_width, sheet.tile_height) == (96, 48)
    assert max(sheet.width, sheet.height) <= sprites.LARGEST_SIDE


def test_is_lossy_for_images_that_are_not_tiny() -> None:
    images = noise(4, 32, 32)
    (sheet,) = sprites.pack(images, 4).sheets
    pixels = np.asarray(Image.open(io.BytesIO(sheet.content)))
    assert not np.array_equal(pixels[:32, :32], images.pixels[0])
    assert len(sheet.content) < images.pixels.nbytes


def test_same_images_give_the_same_bytes() -> None:
    assert sprites.pack(noise(9, 5, 7), 9).sheets == sprites.pack(noise(9, 5, 7), 9).sheets
