"""Takes what a notebook has as data: a table in memory or on disk, and images beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.contract import ContractError, read_manifest, read_table
from pipelines.frames import arrow_table
from pipelines.roles import is_text
from pipelines.sources import open_source
from pipelines.sources.source import Source
from sitegen.errors import SitegenError

WHERE = "Report"
FILE = "table.parquet"
SAMPLES = "samples"
"""Table that the tool ``dataset`` writes."""
FILES = "files_path"
IMAGE = "image"
PATH_COLUMNS = ("image", "image_path", "path", "file_path", "filepath", "file_name", "filename", "file", "id")
"""Columns that may name each row's file, likeliest first."""
MOST_LISTED = 3
"""Files that are not there, as a message names them."""


def take(table: Any, files_path: Path | None, roles: dict[str, str], folder: Path) -> str:
    """Put a table into a report's folder and return the ``source`` that names it.

    A path stays where it is. With ``files_path`` each row's file is read; ``roles`` gains that column.
    """
    if files_path is None and isinstance(table, str | Path):
        return _address(table)
    rows = _rows(table)
    if files_path is not None:
        rows = _with_images(rows, files_path, roles)
    try:
        pq.write_table(rows, folder / FILE, compression="zstd")
    except pa.ArrowException as error:
        what = f"a column cannot be kept: {str(error)[:200]}"
        raise SitegenError(WHERE, what, "leave it out, or make it text or numbers") from error
    return FILE


def _address(table: str | Path) -> str:
    """Return the path as it is from everywhere; a bundled set keeps its name."""
    found = Path(table).expanduser()
    is_pattern = any(sign in str(table) for sign in "*?[")
    return str(found.absolute()) if isinstance(table, Path) or found.exists() or is_pattern else str(table)


def _rows(table: Any) -> pa.Table:
    if not isinstance(table, str | Path):
        return arrow_table(table, WHERE)
    contents = open_source(Source("data", _address(table)), Path.cwd())
    rows, broken = contents.rows(contents.schema.names)
    if broken:
        raise SitegenError(str(table), f"{len(broken):,} rows cannot be read, such as {broken[0]}")
    return rows


def _with_images(rows: pa.Table, folder: Path, roles: dict[str, str]) -> pa.Table:
    """Return the rows with the bytes of the files that one of their columns names."""
    if not folder.is_dir():
        raise SitegenError(FILES, f"there is no folder {folder}")
    column = _path_column(rows, roles)
    paths = [None if name is None else folder / str(name) for name in rows[column].to_pylist()]
    missing = [path for path in paths if path is not None and not path.is_file()]
    if missing:
        raise SitegenError(FILES, *_missing(missing, column))
    contents = pa.array([None if path is None else path.read_bytes() for path in paths], pa.large_binary())
    named = column if roles.get(IMAGE) == column or column.lower() == IMAGE else _free(rows, IMAGE)
    roles[IMAGE] = named
    if named in rows.column_names:
        return rows.set_column(rows.column_names.index(named), named, contents)
    return rows.append_column(named, contents)


def _path_column(rows: pa.Table, roles: Mapping[str, str]) -> str:
    names = {name.lower(): name for name in rows.column_names if is_text(rows[name].type)}
    told: list[str] = [
        roles[role] for role in (IMAGE, "id") if role in roles and roles[role] in names.values()
    ]
    found: list[str] = [*told, *(names[name] for name in PATH_COLUMNS if name in names)]
    if not found:
        hint = f'name it: roles={{"image": "COLUMN"}}  ({", ".join(names.values()) or "no column is text"})'
        raise SitegenError(FILES, "no column names each row's file", hint)
    return found[0]


def _missing(paths: list[Path], column: str) -> tuple[str, str]:
    listed = ", ".join(str(path) for path in paths[:MOST_LISTED])
    what = f'{len(paths):,} files that column "{column}" names are not there: {listed}'
    return what + (", …" if len(paths) > MOST_LISTED else ""), "name the folder that the paths start in"


def _free(rows: pa.Table, name: str) -> str:
    taken = {each.casefold() for each in rows.column_names}
    while name in taken:
        name = f"{name}_bytes"
    return name


def are_samples(rows: Any, artifact: Path, image: str = "") -> bool:
    """Whether a table in memory holds an artifact's samples, one by one, and nothing else.

    Without ids their order counts. It may hold fewer columns; those of bytes, and ``image``, from which
    pictures were read, do not count.
    """
    try:
        given = arrow_table(rows, WHERE)
    except ContractError:
        return False
    (table,) = (each for each in read_manifest(artifact).tables if each.name == SAMPLES)
    known = {column.name for column in table.columns}
    names = [name for name in given.column_names if name != image and not _is_bytes(given[name].type)]
    if not names or not known.issuperset(names) or given.num_rows != table.rows:
        return False
    kept = read_table(artifact, table, names)
    for column in table.columns:
        if column.role == "id" and column.name in names:  # artifacts are in the order of their ids
            given = given.take(pc.sort_indices(given, sort_keys=[(column.name, "ascending")]))
    return all(_is_same(given[name], kept[name]) for name in names)


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    """Compare values; what is not a number is missing, and types are those that artifacts have."""
    try:
        cast = one.cast(other.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return bool(_with_nulls(cast).equals(_with_nulls(other)))


def _with_nulls(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_floating(column.type):
        return column
    return pc.if_else(pc.is_nan(column), None, column)
