"""Sounds of a dataset: kept as they are encoded, with their media type, up to a size that pages can carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from pipelines.images import Encoded
from pipelines.signatures import media_type


@dataclass(frozen=True)
class Clips:
    """Every sound in order: its bytes, null where it is too large, and its media type.

    `failed` are the rows of those that are no sound in a known format, with the reason; `too_large` counts.
    """

    contents: pa.ChunkedArray
    media_types: pa.ChunkedArray
    failed: dict[int, str]
    too_large: int


def read_clips(batches: Iterator[Encoded], largest: int) -> Clips:
    """Read all sounds, leaving out the bytes of those over `largest` bytes."""
    contents: list[pa.Array] = []
    kinds: list[pa.Array] = []
    failed: dict[int, str] = {}
    row = too_large = 0
    for batch in batches:
        found = [_kind(content) for content in batch]
        failed |= {row + index: "holds no bytes" for index, content in enumerate(batch) if not content}
        failed |= {
            row + index: "is no sound as WAV, FLAC, Ogg or MP3"
            for index, content in enumerate(batch)
            if content and not found[index]
        }
        fits = [
            bool(kind) and len(content or b"") <= largest for content, kind in zip(batch, found, strict=True)
        ]
        too_large += sum(bool(kind) and not fit for kind, fit in zip(found, fits, strict=True))
        contents.append(
            pa.array([item if fit else None for item, fit in zip(batch, fits, strict=True)], pa.binary())
        )
        kinds.append(
            pa.array([kind if fit else None for kind, fit in zip(found, fits, strict=True)], pa.string())
        )
        row += len(batch)
    return Clips(
        pa.chunked_array(contents, pa.binary()), pa.chunked_array(kinds, pa.string()), failed, too_large
    )


def _kind(content: bytes | None) -> str:
    kind = media_type(content or b"")
    return kind if kind.startswith("audio/") else ""
