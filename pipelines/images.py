"""Images of a dataset: decoded to one size, batch by batch."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.engine import map_batches
from pipelines.errors import ContractError

Pixels = NDArray[np.uint8]
BATCH = 256
MIXED_SIDE = 64  # pixels: what images of different sizes are fitted into
LARGEST_SIDE = 128  # pixels: larger images are decoded smaller, so that batches and training fit in memory


class Images(Protocol):
    """All images of a dataset, in its order, as uint8 of one shape."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels (1 or 3) of every image."""

    @property
    def lossless(self) -> bool:
        """Whether the source keeps pixels exactly, so that showing them must too."""

    def batches(self) -> Iterator[Pixels]:
        """Yield arrays of shape (some images, height, width, channels)."""


@dataclass(frozen=True)
class ArrayImages:
    """Images that are in memory: `pixels` has shape (images, height, width, channels)."""

    pixels: Pixels
    lossless: bool = True

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        _, height, width, channels = self.pixels.shape
        return height, width, channels

    def batches(self) -> Iterator[Pixels]:
        """Yield views of the array."""
        for start in range(0, len(self.pixels), BATCH):
            yield self.pixels[start : start + BATCH]


@dataclass(frozen=True)
class ParquetImages:
    """Encoded images in a column of Parquet parts: binary, or Hugging Face's struct with `bytes`."""

    parts: tuple[Path, ...]
    column: str
    shape: tuple[int, int, int]
    lossless: bool

    def batches(self) -> Iterator[Pixels]:
        """Decode batch by batch; at the end raise `ContractError` with the count of those that fail."""
        failed: list[int] = []
        done = 0
        for contents in map_batches(self._contents, self.parts, BATCH, columns=[self.column]):
            yield np.stack([self._decode(item, done + index, failed) for index, item in enumerate(contents)])
            done += len(contents)
        if failed:
            raise _undecodable(self.parts[0], self.column, failed, done)

    def _contents(self, batch: pa.RecordBatch) -> list[bytes | None]:
        return encoded(batch.column(0))

    def _decode(self, content: bytes | None, row: int, failed: list[int]) -> Pixels:
        pixels = decode(content, self.shape)
        if pixels is None:
            failed.append(row)
            return np.zeros(self.shape, np.uint8)
        return pixels


def encoded(column: pa.Array) -> list[bytes | None]:
    """Return the encoded images of a column: binary, or a struct with `bytes`."""
    items: list[Any] = (column.field("bytes") if pa.types.is_struct(column.type) else column).to_pylist()
    return items


def is_image_type(kind: pa.DataType) -> bool:
    """Whether a column of this type can hold encoded images."""
    if pa.types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0 and is_image_type(kind.field("bytes").type)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def survey(parts: Sequence[Path], column: str) -> ParquetImages:
    """Look at every image's header to decide the one size and the channels that all are decoded to."""
    sizes: Counter[tuple[int, int]] = Counter()
    colour = jpeg = False
    for headers in map_batches(_headers, parts, BATCH, columns=[column]):
        for size, mode, kind in headers:
            sizes[size] += 1
            colour |= mode not in ("1", "L", "LA", "I", "I;16")
            jpeg |= kind == "JPEG"
    if not sizes:
        raise ContractError(str(parts[0]), f'none of the images in column "{column}" can be decoded')
    width, height = next(iter(sizes)) if len(sizes) == 1 else (MIXED_SIDE, MIXED_SIDE)
    scale = min(1.0, LARGEST_SIDE / max(width, height))
    shape = (max(1, round(height * scale)), max(1, round(width * scale)), 3 if colour else 1)
    lossless = not jpeg and len(sizes) == 1 and scale == 1
    return ParquetImages(tuple(parts), column, shape, lossless)


def _headers(batch: pa.RecordBatch) -> list[tuple[tuple[int, int], str, str]]:
    from PIL import Image

    found = []
    for content in encoded(batch.column(0)):
        try:
            with Image.open(io.BytesIO(content or b"")) as image:
                found.append((image.size, image.mode, image.format or ""))
        except _decode_errors():
            continue  # counted and named when the pixels are decoded
    return found


def decode(content: bytes | None, shape: tuple[int, int, int]) -> Pixels | None:
    """Return the image as uint8 of `shape`, centred on black if its size differs; None if undecodable."""
    from PIL import Image, ImageOps

    height, width, channels = shape
    try:
        with Image.open(io.BytesIO(content or b"")) as image:
            image.load()
            plain = image.convert("RGB" if channels == 3 else "L")
    except _decode_errors():
        return None
    if plain.size != (width, height):
        plain = ImageOps.pad(plain, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(plain, np.uint8).reshape(shape)


def _decode_errors() -> tuple[type[Exception], ...]:
    from PIL import Image

    warning = Image.DecompressionBombWarning  # raised where warnings are errors
    return (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, warning)


def _undecodable(path: Path, column: str, failed: Sequence[int], total: int) -> ContractError:
    rows = ", ".join(map(str, failed[:5])) + (", …" if len(failed) > 5 else "")
    what = f'{len(failed)} of {total} images in column "{column}" cannot be decoded: rows {rows}'
    return ContractError(
        str(path), what, "leave these rows out, or write the images again as PNG, JPEG or WebP"
    )
