"""Images of a dataset: decoded to one size, batch by batch, on several threads where that is faster."""

from __future__ import annotations

import hashlib
import io
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.errors import row_name
from pipelines.signatures import jpeg_header, png_header
from pipelines.unreadable import Unreadable, refusal

Pixels = NDArray[np.uint8]
Encoded: TypeAlias = Sequence[bytes | None]
Items: TypeAlias = Callable[[], Iterator[Encoded]]
Result = TypeVar("Result")

BATCH = 256
MIXED_SIDE = 96  # pixels: what images of different sizes are fitted into
LARGEST_SIDE = 128  # pixels: larger images are decoded smaller, so that batches and training fit in memory
THREADS = min(8, os.cpu_count() or 1)
THREADED_BYTES = 8_000  # of an encoded image: below it, starting a task costs more than it saves
TURNED = (5, 6, 7, 8)  # EXIF orientations whose width is the height shown
ORIENTATION = 0x0112
DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")  # more than eight bits a pixel
GREY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "F")


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

    def originals(self) -> Iterator[list[bytes]]:
        """Yield the bytes of some images as their source encodes them, or as PNG where it has pixels."""


@dataclass(frozen=True)
class Digests:
    """Digests of a dataset's images: of their bytes (None where not encoded) and of pixels.

    Pixels are those of the whole image, upright, before it is made smaller to be shown.
    """

    encoded: list[bytes] | None
    pixels: list[bytes]


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

    def originals(self) -> Iterator[list[bytes]]:
        """Yield the images as PNG, which keeps every pixel."""
        for batch in self.batches():
            yield [_png(pixels) for pixels in batch]


@dataclass(frozen=True)
class EncodedImages:
    """Encoded images, such as PNG or JPEG, that stay where they are until a batch is decoded.

    `items` starts anew at each call and yields the encoded images of each batch; `kept` says which of them
    belong to the dataset (all when None), and `name` calls an image by its place in the source.
    """

    where: str
    items: Items
    shape: tuple[int, int, int]
    lossless: bool
    name: Callable[[int], str] = row_name
    kept: NDArray[np.bool_] | None = None

    def batches(self) -> Iterator[Pixels]:
        """Decode batch by batch; at the end raise `ContractError` with the count of those that fail."""
        failed: list[Unreadable] = []
        with _workers() as workers:
            for rows, contents in self._batches():
                decoded = _each(workers, partial(decode, shape=self.shape), contents)
                failed += self._failures(rows, decoded)
                blank = np.zeros(self.shape, np.uint8)
                yield np.stack([blank if isinstance(item, str) else item for item in decoded])
        if failed:
            total = sum(len(contents) for _, contents in self._batches())
            raise refusal(self.where, failed, total)

    def originals(self) -> Iterator[list[bytes]]:
        """Yield the bytes of the images that belong to the dataset, as they are."""
        for _, contents in self._batches():
            yield [content or b"" for content in contents]

    def digests(self, advance: Callable[[int], None] = lambda _: None) -> Digests:
        """Decode every image whole; raise `ContractError` with the count of those that fail."""
        encoded: list[bytes] = []
        pixels: list[bytes] = []
        failed: list[Unreadable] = []
        with _workers() as workers:
            for rows, contents in self._batches():
                decoded = _each(workers, _pixels_digest, contents)
                failed += self._failures(rows, decoded)
                encoded += [_digest(content or b"") for content in contents]
                pixels += [b"" if isinstance(item, str) else item for item in decoded]
                advance(len(pixels))
        if failed:
            raise refusal(self.where, failed, len(pixels))
        return Digests(encoded, pixels)

    def _batches(self) -> Iterator[tuple[list[int], Encoded]]:
        """Yield the rows and the contents of those that are kept."""
        done = 0
        for contents in self.items():
            rows = range(done, done + len(contents))
            chosen = [row for row in rows if self.kept is None or self.kept[row]]
            if chosen:
                yield chosen, [contents[row - done] for row in chosen]
            done += len(contents)

    def _failures(self, rows: Sequence[int], decoded: Sequence[object]) -> list[Unreadable]:
        found = zip(rows, decoded, strict=True)
        return [Unreadable(self.name(row), item, row) for row, item in found if isinstance(item, str)]


def _png(pixels: Pixels) -> bytes:
    from PIL import Image

    held = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(held, "PNG")
    return held.getvalue()


def digests(images: Images, advance: Callable[[int], None] = lambda _: None) -> Digests:
    """Return what tells images apart; `advance` is told how many were looked at.

    Raise `ContractError` with the count of those that cannot be decoded.
    """
    if isinstance(images, EncodedImages):
        return images.digests(advance)
    pixels: list[bytes] = []
    for batch in images.batches():
        pixels += [_digest(image.tobytes()) for image in batch]
        advance(len(pixels))
    return Digests(None, pixels)


@dataclass
class Survey:
    """What one look at all images of a dataset found; `failed` are the rows of those that cannot be read."""

    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    colour: bool = False
    lossy: bool = False
    failed: dict[int, str] = field(default_factory=dict)

    def add(self, row: int, header: Header | str) -> None:
        """Take one image's header, or the reason why there is none, into account."""
        if isinstance(header, str):
            self.failed[row] = header
            return
        self.sizes[header.size] += 1
        self.colour |= header.mode not in GREY_MODES
        self.lossy |= header.kind in ("JPEG", "MPO")

    @property
    def shape(self) -> tuple[int, int, int]:
        """The one shape that all are decoded to: their own, or a square where sizes differ."""
        width, height = next(iter(self.sizes)) if len(self.sizes) == 1 else (MIXED_SIDE, MIXED_SIDE)
        scale = min(1.0, LARGEST_SIDE / max(width, height))
        return max(1, round(height * scale)), max(1, round(width * scale)), 3 if self.colour else 1

    @property
    def lossless(self) -> bool:
        """Whether decoding to `shape` keeps every pixel of the source."""
        same = len(self.sizes) == 1 and next(iter(self.sizes)) == (self.shape[1], self.shape[0])
        return same and not self.lossy


@dataclass(frozen=True)
class Header:
    """What an image says of itself: width and height as shown, Pillow's mode and format."""

    size: tuple[int, int]
    mode: str
    kind: str


def survey(items: Items, *, whole: bool = False, advance: Callable[[int], None] = lambda _: None) -> Survey:
    """Look at every image: at its header alone, or with `whole` at all of it, which finds torn ones too.

    `advance` is told after each batch how many images have been looked at.
    """
    found = Survey()
    row = 0
    with _workers() as workers:
        for contents in items():
            for header in _each(workers, partial(_header, whole=whole), contents):
                found.add(row, header)
                row += 1
            advance(row)
    return found


def _header(content: bytes | None, whole: bool) -> Header | str:
    if not content:
        return "holds no bytes"
    if not whole and (quick := png_header(content) or jpeg_header(content)):
        return Header(*quick)
    try:
        with _opened(content) as image:
            size = image.size[::-1] if _is_turned(image) else image.size
            header = Header(size, image.mode, image.format or "")
            if whole:
                image.draft(None, (MIXED_SIDE, MIXED_SIDE))
                image.load()
            return header
    except _decode_errors() as error:
        return _reason(error)


def _opened(content: bytes) -> Any:
    """Open an image, and keep Pillow from printing warnings of a torn one: its reason says enough."""
    from PIL import Image

    if _HUSHED not in warnings.filters:
        warnings.filterwarnings("ignore", "", UserWarning, r"PIL\.")
    return Image.open(io.BytesIO(content))


_HUSHED = ("ignore", None, UserWarning, re.compile(r"PIL\."), 0)


def _is_turned(image: Any) -> bool:
    return "exif" in image.info and image.getexif().get(ORIENTATION) in TURNED


def encoded(column: pa.Array) -> list[bytes | None]:
    """Return the encoded images or sounds of a column: binary, or a struct with `bytes`."""
    items: list[Any] = (column.field("bytes") if pa.types.is_struct(column.type) else column).to_pylist()
    return items


def is_media_type(kind: pa.DataType) -> bool:
    """Whether a column of this type can hold encoded images or sounds."""
    if pa.types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0 and is_media_type(kind.field("bytes").type)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def decode(content: bytes | None, shape: tuple[int, int, int]) -> Pixels | str:
    """Return the image as uint8 of `shape`, upright, centred on black if its size differs.

    What cannot be decoded comes back as the reason in words.
    """
    from PIL import ImageOps

    height, width, channels = shape
    if not content:
        return "holds no bytes"
    try:
        with _opened(content) as image:
            # A JPEG can be decoded at a half, a quarter or an eighth: the least that covers what is shown.
            box = (height, width) if _is_turned(image) else (width, height)
            if image.width > box[0] or image.height > box[1]:
                image.draft(None, _fitted(image.size, box))
            image.load()
            upright = ImageOps.exif_transpose(image) if "exif" in image.info else image
            mode = "RGB" if channels == 3 else "L"
            # Most are as they should be, and converting those would copy them.
            plain = upright if upright.mode == mode else _eight_bits(upright).convert(mode)
    except _decode_errors() as error:
        return _reason(error)
    if plain.size != (width, height):
        plain = _centred(plain, (width, height))
    return np.frombuffer(plain.tobytes(), np.uint8).reshape(shape)


def _pixels_digest(content: bytes | None) -> bytes | str:
    """Return a digest of an image's size and pixels, upright, or the reason why it cannot be decoded."""
    from PIL import ImageOps

    if not content:
        return "holds no bytes"
    try:
        with _opened(content) as image:
            image.load()
            upright = ImageOps.exif_transpose(image) if "exif" in image.info else image
            # Formats store equal pixels in different ways, such as with a palette; deep greys stay.
            plain = upright if upright.mode in DEEP_MODES else upright.convert("RGBA")
    except _decode_errors() as error:
        return _reason(error)
    head = f"{plain.mode} {plain.width} {plain.height} "
    return _digest(head.encode() + plain.tobytes())


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _fitted(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size of the same shape that fits into a box."""
    scale = min(box[0] / size[0], box[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _centred(image: Any, box: tuple[int, int]) -> Any:
    """Return the image scaled to fit into a box, in its middle, on black."""
    from PIL import Image

    size = _fitted(image.size, box)
    # Far larger images are halved first: as good to the eye, and many times faster.
    scaled = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if size == box:
        return scaled
    whole = Image.new(image.mode, box)
    whole.paste(scaled, ((box[0] - size[0]) // 2, (box[1] - size[1]) // 2))
    return whole


def _eight_bits(image: Any) -> Any:
    """Return an image of 16-bit or floating-point grey as eight bits, any other image as it is."""
    from PIL import Image

    if image.mode not in DEEP_MODES:
        return image
    values = np.asarray(image, np.float64)
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    top = float(finite.max(initial=0))
    full = 1.0 if top <= 1 and image.mode == "F" else 255.0 if top <= 255 else 65535.0
    return Image.fromarray(np.clip(np.rint(finite * (255 / max(full, top))), 0, 255).astype(np.uint8))


def _decode_errors() -> tuple[type[Exception], ...]:
    from PIL import Image

    warning = Image.DecompressionBombWarning  # raised where warnings are errors
    return (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, warning)


def _reason(error: Exception) -> str:
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "is no image"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "is an image of too many pixels"
    return "is an image that cannot be decoded"


# Threads ------------------------------------------------------------------------------------------


@contextmanager
def _workers() -> Iterator[Executor]:
    with ThreadPoolExecutor(THREADS) as workers:
        yield workers


def _each(workers: Executor, function: Callable[[bytes | None], Result], contents: Encoded) -> list[Result]:
    """Return `function` of each item, in order; on threads when the images are large."""
    size = sum(len(content or b"") for content in contents)
    if size < THREADED_BYTES * len(contents):
        return [function(content) for content in contents]
    return list(workers.map(function, contents))
