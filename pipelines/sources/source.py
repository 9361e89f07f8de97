"""What a report says of a dataset, and what every kind of source answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from pipelines.arrow import Exact
from pipelines.engine import map_batches
from pipelines.errors import ContractError, row_name
from pipelines.images import Encoded, Images, encoded, is_media_type
from pipelines.settings import LARGEST_CLIP, MISSING
from pipelines.unreadable import Unreadable

MEDIA_BATCH = 64  # encoded images or sounds in memory at once: large ones have megabytes


@dataclass(frozen=True)
class Source:
    """What a report says of a dataset; see `settings.DatasetSettings` for each field."""

    name: str
    source: str
    roles: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = MISSING
    delimiter: str = ""
    encoding: str = "utf-8"
    licence: str = ""
    citation: str = ""
    on_unreadable: str = "stop"
    largest_clip: int = LARGEST_CLIP

    @property
    def where(self) -> str:
        """The name under which its problems are reported."""
        return f"datasets.{self.name}"


@dataclass(frozen=True)
class Known:
    """What a source itself says of its data.

    `roles` map a role to its column, `class_names` a column of integers to the names that they stand for.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    licence: str = ""
    citation: str = ""


class Contents(Protocol):
    """An opened source. Encoded images and sounds are not among `rows`; `items` yields them in batches."""

    @property
    def kind(self) -> str:
        """What it is, in words."""

    @property
    def where(self) -> str:
        """The file or setting that its problems name."""

    @property
    def schema(self) -> pa.Schema:
        """Every column, those of images and sounds too."""

    @property
    def known(self) -> Known:
        """What the source says of itself."""

    @property
    def bytes(self) -> int:
        """Size of the source, in bytes."""

    @property
    def images(self) -> Images | None:
        """The images of a source that keeps them as pixels."""

    @property
    def exact(self) -> Mapping[str, Exact]:
        """The columns that are texts because numbers would lose digits of what is written."""

    def digest(self) -> str:
        """Return the SHA-256 of the data, read in a defined order."""

    def count(self) -> int:
        """Return the number of rows that have a place in the table."""

    def rows(self, columns: Sequence[str]) -> tuple[pa.Table, list[Unreadable]]:
        """Return the named columns, and the rows that have no place in the table because they are broken."""

    def items(self, column: str) -> Iterator[Encoded]:
        """Yield the encoded images or sounds of a column, batch by batch, each time from the first row."""

    def name(self, row: int) -> str:
        """Return what a row is called where it stands in the source."""


class Kind(Protocol):
    """A module of this package: one kind of source."""

    def claims(self, address: str, root: Path) -> bool:
        """Whether what a report wrote as its `source` is of this kind."""

    def opened(self, source: Source, root: Path) -> Contents:
        """Return the contents, reading as little as it can."""


@dataclass(frozen=True)
class TableContents:
    """A source that is a table in memory; `sha256` is the digest of what it was made from."""

    kind: str
    where: str
    table: pa.Table
    sha256: str
    bytes: int
    known: Known = Known()
    images: Images | None = None
    broken: tuple[Unreadable, ...] = ()
    exact: Mapping[str, Exact] = field(default_factory=dict)
    lines: Callable[[int], str] | None = None
    """Returns what a row is called in the files that it was read from."""

    @property
    def schema(self) -> pa.Schema:
        """Every column."""
        return self.table.schema

    def digest(self) -> str:
        """Return the digest of what the table was made from."""
        return self.sha256

    def count(self) -> int:
        """Return the number of rows."""
        return int(self.table.num_rows)

    def rows(self, columns: Sequence[str]) -> tuple[pa.Table, list[Unreadable]]:
        """Return the named columns, and what was broken where the table was read."""
        return self.table.select(list(columns)), list(self.broken)

    def items(self, column: str) -> Iterator[Encoded]:
        """Yield the encoded images or sounds of a column."""
        yield from map_batches(_first_column, self.table, MEDIA_BATCH, columns=[column])

    def name(self, row: int) -> str:
        """Return a row's line where the table is of a file of lines, else its number."""
        return self.lines(row) if self.lines else row_name(row)


def _first_column(batch: pa.RecordBatch) -> list[bytes | None]:
    return encoded(batch.column(0))


def parquet_items(paths: Sequence[Path], column: str) -> Iterator[Encoded]:
    """Yield the encoded images or sounds in a column of Parquet parts."""
    yield from map_batches(_first_column, paths, MEDIA_BATCH, columns=[column])


def hugging_face(schema: pa.Schema) -> Known:
    """Return what Hugging Face's library wrote into a schema: roles, class names, licence and citation."""
    told = (schema.metadata or {}).get(b"huggingface")
    try:
        info = json.loads(told)["info"] if told else {}
        features = info.get("features", {}) if isinstance(info, dict) else {}
    except (ValueError, KeyError, TypeError):
        return Known()  # the note is another library's and optional
    if not isinstance(features, dict):
        return Known()
    said = {name: kind for name, kind in features.items() if name in schema.names and isinstance(kind, dict)}
    names = {name: _names(kind) for name, kind in said.items()}
    media = {"Image": "image", "Audio": "audio"}
    kinds = {name: str(kind.get("_type")) for name, kind in reversed(said.items())}
    fits = {name: kind for name, kind in kinds.items() if is_media_type(schema.field(name).type)}
    roles = {media[kind]: name for name, kind in fits.items() if kind in media}
    known = {name: found for name, found in names.items() if found}
    return Known(roles, known, _text(info.get("license")), _text(info.get("citation")))


def _names(kind: Mapping[str, Any]) -> tuple[str, ...]:
    names = kind.get("names")
    return tuple(map(str, names)) if isinstance(names, list) else ()


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def report_path(address: str, root: Path) -> Path:
    """Return the path that a report wrote: as it is where absolute, else in the report's folder."""
    return root / Path(address).expanduser()


def missing(source: Source, what: str, hint: str) -> ContractError:
    """Return the error that a dataset's source is not there."""
    return ContractError(source.where, f'source "{source.source}" {what}', hint)
