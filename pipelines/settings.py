"""What `[datasets.NAME]` of `sitegen.toml` may say: the one place that declares its keys.

Nothing but the standard library, so that a site builder can publish them for editors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

LARGEST_CLIP = 1_000_000  # bytes: half a minute of speech as WAV, a minute of MP3
ON_UNREADABLE = ("stop", "skip")


@dataclass(frozen=True)
class DatasetSettings:
    """`[datasets.NAME]`: where the samples come from and what their columns mean."""

    source: Annotated[
        str,
        "a Parquet or CSV file, a glob of parts, a folder of images, digits, vega:NAME or module:function; "
        "paths are relative to sitegen.toml",
    ]
    roles: Annotated[dict[str, str], "role to column; others are guessed from names, types and values"] = (
        field(default_factory=dict)
    )
    classes: Annotated[tuple[str, ...], "names of the integer labels 0, 1, 2 and so on"] = ()
    columns: Annotated[tuple[str, ...], "columns to keep beside those of roles; all when empty"] = ()
    licence: Annotated[str, "of the data; that of the source itself where it says one"] = ""
    citation: Annotated[str, "whom to cite; that of the source itself where it says one"] = ""
    on_unreadable: Annotated[
        str, "whether rows that cannot be read stop the run or are left out and counted", ON_UNREADABLE
    ] = "stop"
    largest_clip: Annotated[int, "bytes of an audio clip; the sound of a larger one is left out", 1] = (
        LARGEST_CLIP
    )
