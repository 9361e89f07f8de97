"""Parquet, CSV and TSV files: one, or a glob of parts with the same columns."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.arrow import Exact
from pipelines.engine import count_rows, readable
from pipelines.errors import ContractError, row_name
from pipelines.images import Encoded
from pipelines.sources import delimited
from pipelines.sources.delimited import Dialect, read_delimited, row_line
from pipelines.sources.source import (
    Contents,
    Known,
    Source,
    TableContents,
    hugging_face,
    missing,
    parquet_items,
    report_path,
)
from pipelines.unreadable import Unreadable

ENDINGS = (".parquet", *delimited.ENDINGS)
HINT = (
    "a Parquet or CSV file, a glob of parts or a folder of images in the report's folder, a bundled set "
    '("digits", "vega:cars"), or "module:function"'
)


def claims(address: str, root: Path) -> bool:
    """Whether the source is a path; asked last, so that it is."""
    return True


def opened(source: Source, root: Path) -> Contents:
    """Return the contents of the files; raise `ContractError` when one is missing or of another kind."""
    paths = found(source, root)
    where = str(paths[0]) if len(paths) == 1 else source.where
    endings = {_ending(path) for path in paths}
    if len(endings) > 1:
        what = f'source "{source.source}" finds files of several kinds: {", ".join(sorted(endings))}'
        raise ContractError(source.where, what, "name parts of one kind")
    if endings == {".parquet"}:
        return ParquetContents(tuple(paths), where, _parquet_schema(paths))
    return _delimited(paths, where, source)


def found(source: Source, root: Path) -> list[Path]:
    """Return the dataset's files, sorted; raise `ContractError` when there are none."""
    path = report_path(source.source, root)
    if path.is_file():
        return [path]
    paths = [path]
    if any(sign in source.source for sign in "*?["):
        anchor = Path(path.anchor) if path.is_absolute() else Path()
        paths = sorted(anchor.glob(path.relative_to(anchor).as_posix()))
    if not paths or not all(path.is_file() for path in paths):
        raise missing(source, "is not there", HINT)
    return paths


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with readable(path, "data"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parts_digest(paths: Sequence[Path]) -> str:
    """Return the SHA-256 of one file, or of the digests of several in order."""
    digests = [file_digest(path) for path in paths]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        what = f'is "{path.suffix}"' if path.suffix else "has no ending"
        raise ContractError(str(path), f"{what}, neither .parquet nor .csv or .tsv", HINT)
    return ending


def _size(paths: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def _names(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in schema)


# Parquet ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ParquetContents:
    """Parquet parts with the same columns and types."""

    paths: tuple[Path, ...]
    where: str
    schema: pa.Schema
    images: None = None
    exact: Mapping[str, Exact] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "Parquet file" if len(self.paths) == 1 else f"{len(self.paths)} parts of Parquet"

    @cached_property
    def known(self) -> Known:
        """What Hugging Face's library wrote into the schema, if it did."""
        return hugging_face(self.schema)

    @property
    def bytes(self) -> int:
        """Size of all parts."""
        return _size(self.paths)

    def digest(self) -> str:
        """Return the digest of the parts' bytes."""
        return parts_digest(self.paths)

    def count(self) -> int:
        """Return the number of rows, read from the footers."""
        return count_rows(self.paths) or 0

    def rows(self, columns: Sequence[str]) -> tuple[pa.Table, list[Unreadable]]:
        """Return the named columns; every row of a Parquet file has its place."""
        tables = []
        for path in self.paths:
            with readable(path, "Parquet"), pq.ParquetFile(path, pre_buffer=False) as file:
                tables.append(file.read(list(columns)))
        return pa.concat_tables(tables), []

    def items(self, column: str) -> Iterator[Encoded]:
        """Yield the encoded images or sounds of a column."""
        yield from parquet_items(self.paths, column)

    def name(self, row: int) -> str:
        """Return a row's number over all parts."""
        return row_name(row)


def _parquet_schema(paths: Sequence[Path]) -> pa.Schema:
    schemas = []
    for path in paths:
        with readable(path, "Parquet"):
            schemas.append(pq.read_schema(path))
    for path, schema in zip(paths, schemas, strict=True):
        if not schema.equals(schemas[0]):
            what = f"has columns {_names(schema)}, its first part {_names(schemas[0])}"
            raise ContractError(str(path), what, "parts of one dataset have the same columns and types")
    return schemas[0]


# CSV ----------------------------------------------------------------------------------------------


def _delimited(paths: Sequence[Path], where: str, source: Source) -> Contents:
    try:
        codecs.lookup(source.encoding)
    except LookupError as error:
        what = f'encoding "{source.encoding}" is not known'
        raise ContractError(source.where, what, "use utf-8, latin-1, cp1252 or utf-16") from error
    dialect = Dialect(source.delimiter, source.encoding, source.missing, source.types)
    read = read_delimited(paths, dialect)
    kind = "CSV file" if len(paths) == 1 else f"{len(paths)} parts of CSV"
    lines = partial(row_line, paths, dialect, read.broken, read.table.num_rows)
    return TableContents(
        kind,
        where,
        read.table,
        parts_digest(paths),
        _size(paths),
        broken=read.broken,
        exact=read.exact,
        lines=lines,
    )
