"""Small encoded images and sounds for the tests of datasets."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np
from PIL import Image

Pixels = np.ndarray[Any, Any]


def encode(pixels: Pixels, kind: str = "PNG", **options: Any) -> bytes:
    """Return an image in a format of Pillow's."""
    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, kind, **options)
    return sink.getvalue()


def noise(count: int, *shape: int) -> list[Pixels]:
    """Return images of random pixels, always the same."""
    random = np.random.default_rng(1)
    return [random.integers(0, 256, shape, np.uint8) for _ in range(count)]


def tone(seconds: float = 0.1, rate: int = 8000) -> bytes:
    """Return a sound as WAV, 16 bits, one channel."""
    samples = (np.sin(np.arange(int(seconds * rate)) * 0.2) * 10_000).astype("<i2")
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return sink.getvalue()
