"""What `[datasets.NAME]` of `sitegen.toml` may say: the one place that declares its keys.

Nothing but the standard library, so that a site builder can publish them for editors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated

LARGEST_CLIP = 1_000_000  # bytes: half a minute of speech as WAV, a minute of MP3
ON_UNREADABLE = ("stop", "skip")
TYPES = ("string", "int64", "float64", "bool", "date", "timestamp")
ONE_CHARACTER = re.compile(r"""[^\n\r"]?""")
DELIMITERS = (",", ";", "\t", "|")
MISSING = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"),
    *("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
"""What pandas reads in a CSV file as a missing value."""


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
    types: Annotated[
        dict[str, Annotated[str, "a type", TYPES]],
        "column to the type of its values, where it is not to be found: "
        'types = { id = "string" } keeps ids of a CSV file as they are written',
    ] = field(default_factory=dict)
    missing: Annotated[
        tuple[str, ...], "texts of a CSV file that mean that there is no value: those of pandas"
    ] = MISSING
    delimiter: Annotated[
        str, "one character between the values of a CSV file; found where it is not said", ONE_CHARACTER
    ] = ""
    encoding: Annotated[str, "of the text in a CSV file: utf-8, latin-1, cp1252, utf-16 and others"] = "utf-8"
    licence: Annotated[str, "of the data; that of the source itself where it says one"] = ""
    citation: Annotated[str, "whom to cite; that of the source itself where it says one"] = ""
    on_unreadable: Annotated[
        str, "whether rows that cannot be read stop the run or are left out and counted", ON_UNREADABLE
    ] = "stop"
    largest_clip: Annotated[int, "bytes of an audio clip; the sound of a larger one is left out", 1] = (
        LARGEST_CLIP
    )
