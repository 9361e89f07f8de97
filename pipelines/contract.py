"""The artifact contract: what a pipeline writes and what a site may read.

An artifact is a folder with `manifest.json`, Parquet tables and sprite sheets. This module owns its format,
reading, checking and writing. It needs the standard library and pyarrow, and is all that a site imports;
pyarrow is loaded with the first table, so that a site of text alone never waits for it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import math
import re
import typing
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pipelines.errors import ContractError as ContractError
from pipelines.errors import counted as counted
from pipelines.errors import nearest as nearest
from pipelines.folders import recover as recover
from pipelines.folders import staged as staged
from pipelines.folders import staged_file as staged_file
from pipelines.folders import swap as swap
from pipelines.folders import sweep as sweep
from pipelines.malformed import fault_of as fault_of
from pipelines.places import Places as Places
from pipelines.records import LATER, Decoder, brief
from pipelines.records import schema_of as schema_of
from pipelines.settings import DatasetSettings as DatasetSettings
from pipelines.types import LARGEST_INTEGER, TYPES

if typing.TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 2
"""The manifest's `format`. A reader refuses any other; what an old reader would misread raises it."""

MANIFEST = "manifest.json"
PART_BYTES = 10_000_000  # a browser fetches whole parts, so a larger table is cut
ROW_GROUP = 122_880  # what DuckDB scans per thread

ROLES = (
    *("id", "image", "text", "audio", "media_type", "label", "prediction", "split", "group", "time"),
    *("embedding", "score"),
    *("confidence", "probability", "correct", "margin", "entropy", "sheet", "x", "y", "projection_x"),
    *("projection_y", "epoch", "loss", "accuracy", "learning_rate", "duplicates", "familiarity"),
    *("split_familiarity", "sample", "neighbor", "distance"),
)
"""What a column means to a view, whatever its name: a view looks for roles, people write names.

An image is a tile of a sprite sheet, found by `sheet`, `x` and `y`. A sound is the bytes of a WAV, FLAC, Ogg
or MP3 file in a binary column of role `audio`, beside a text column of role `media_type` (`audio/wav`); where
both are null there is none to play. Pages play the bytes themselves, so that an artifact stays few files.
Where rows are not samples, `sample` and `neighbor` are ids of samples that they tell of.
"""


# What a tool declares -----------------------------------------------------------------------------

Sha256 = Annotated[str, "lower-case hexadecimal SHA-256", re.compile("[0-9a-f]{64}")]
FileName = Annotated[
    str, "a file beside the manifest, never a path", re.compile("[A-Za-z0-9][A-Za-z0-9._-]*")
]
Name = Annotated[str, "a lower-case name", re.compile("[a-z][a-z0-9_-]*")]
Count = Annotated[int, "zero or more", 0]


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: Annotated[str, "unique in its table, also when case is ignored", re.compile(r"[\s\S]+")]
    type: Annotated[str, "one of the contract's types", re.compile("|".join(map(re.escape, TYPES)))]
    role: Annotated[str | None, "what a view takes it for", re.compile("|".join(ROLES))] = None
    unit: Annotated[str | None, "such as bits or seconds; null where a value has none"] = None
    description: Annotated[str, "one sentence for the reader of a page"] = ""
    nullable: Annotated[bool, "whether a value may be missing, or, written, is (NaN is a value)"] = False


TILE = (
    Column("sheet", "int16", "sheet", None, "index of the sprite sheet that shows the sample"),
    Column("x", "int16", "x", "pixels", "left edge of the sample's tile on its sheet"),
    Column("y", "int16", "y", "pixels", "top edge of the sample's tile on its sheet"),
)
"""Where a sample's image is, as every tool that shows the dataset's images says it."""


@dataclass(frozen=True)
class TableSpec:
    """One table that a tool promises, before any run.

    With `entity` each row is one sample of the dataset, and one column has the role `id`. An `open` table
    may hold further columns, copied from the dataset. An `optional` table or column may be absent.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    entity: bool = False
    open: bool = False
    optional: bool = False
    optional_columns: frozenset[str] = frozenset()

    def only(self, names: Collection[str]) -> TableSpec:
        """Return what is promised of these columns alone; other names are then free for the data."""
        columns = tuple(column for column in self.columns if column.name in names)
        return replace(self, columns=columns, optional_columns=frozenset())


@dataclass(frozen=True)
class Input:
    """What a tool needs.

    `kind` is "dataset", "model" or "table". A table is named by tool and table, `classification/embeddings`,
    or by a word for what any table may be, `embeddings`. Of the inputs with the same word as `either`, a run
    is given exactly one.
    """

    kind: str
    name: str
    optional: bool = False
    either: str = ""


@dataclass(frozen=True)
class Parameter:
    """One setting of a tool or model: its type is that of `default` (bool, int, float or str)."""

    name: str
    default: bool | int | float | str
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    def problem(self, value: object) -> str:
        """Return what is wrong with `value`, or "" when it fits."""
        kind: type = type(self.default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (is_number if kind is float else type(value) is kind):
            return f'parameter "{self.name}" is {value!r}, not {kind.__name__}'
        if self.choices and value not in self.choices:
            return f'parameter "{self.name}" is {value!r}, not one of {", ".join(self.choices)}'
        if isinstance(value, int | float) and not self._within(value):
            return f'parameter "{self.name}" is {value!r}, outside {self.minimum} to {self.maximum}'
        return ""

    def _within(self, value: float) -> bool:
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        return low <= value <= high and math.isfinite(value)


@dataclass(frozen=True)
class Spec:
    """A tool's declaration. A change to a table's columns or their meaning raises `version`.

    An `accelerated` tool computes on a GPU where there is one, also without a model.
    """

    name: str
    version: int
    title: str
    description: str
    inputs: tuple[Input, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    tables: tuple[TableSpec, ...] = ()
    accelerated: bool = False


# What a run wrote ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class File:
    """One Parquet file of a table. `bytes` is its size on disk; `rows` those in this part."""

    file: FileName
    sha256: Sha256
    bytes: Count
    rows: Count


@dataclass(frozen=True)
class Table:
    """One table of an artifact: usually one file, several when it is over about 10 MB, in row order."""

    name: Name
    description: str
    files: Annotated[tuple[File, ...], "at least one"]
    rows: Annotated[int, "of all files together", 0]
    bytes: Annotated[int, "of all files together", 0]
    entity: Annotated[str | None, "the dataset's name when each row is one of its samples"]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Media:
    """One sprite sheet. A table's `sheet` (index into `media`), `x` and `y` (pixels) say where a tile is."""

    file: FileName
    sha256: Sha256
    bytes: Count
    kind: Annotated[str, "what the file is", re.compile("sprite")]
    width: Annotated[int, "pixels of the sheet", 1]
    height: Annotated[int, "pixels of the sheet", 1]
    tile_width: Annotated[int, "pixels of one image", 1]
    tile_height: Annotated[int, "pixels of one image", 1]


@dataclass(frozen=True)
class Declaration:
    """What a parameter is by default and means, kept with the run that used it."""

    name: Annotated[str, "as in `parameters`; those of the model are called model.NAME"]
    default: bool | int | float | str
    description: str


@dataclass(frozen=True)
class Manifest:
    """What an artifact is and where it came from. Everything in it is said by the run that wrote it.

    `key` decides whether a run is repeated; `seconds` and `libraries` are told, never compared.
    """

    name: Annotated[Name, "the artifact folder's name, as in sitegen.toml (not the tool's)"]
    tool: Annotated[Name, "the tool's name, as in its spec"]
    tool_version: Annotated[int, "the spec's version", 0] = 0
    title: str = ""
    parameters: Annotated[dict[str, Any], "every parameter as used, defaults included"] = field(
        default_factory=dict
    )
    inputs: Annotated[dict[str, Sha256], "digest of each dataset, model and table read"] = field(
        default_factory=dict
    )
    code: Annotated[str, "SHA-256 of the tool's source, comments aside"] = ""
    key: Annotated[str, "SHA-256 over spec version, code, parameters and inputs"] = ""
    libraries: Annotated[dict[str, str], "version of each library that computed"] = field(
        default_factory=dict
    )
    device: Annotated[str, "cpu, cuda or mps: where it ran, not what was asked for"] = "cpu"
    seed: int = 0
    dataset: Annotated[str | None, "the dataset's name in sitegen.toml"] = None
    classes: Annotated[tuple[str, ...], "class names, in the order of probabilities"] = ()
    licence: Annotated[str, "of the dataset"] = ""
    source: Annotated[str, "where the dataset comes from, with its citation"] = ""
    skipped: Annotated[int, "rows of the dataset that could not be read and were left out", 0] = 0
    seconds: Annotated[dict[str, float], "wall time of each step"] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    media: tuple[Media, ...] = ()
    declarations: Annotated[tuple[Declaration, ...], "what the parameters mean and are by default"] = field(
        default=(), metadata={LATER: True}
    )
    notes: Annotated[tuple[str, ...], "what was read of the dataset in another way than it may seem"] = field(
        default=(), metadata={LATER: True}
    )
    format: int = FORMAT

    def table(self, name: str) -> Table:
        """Return the table called `name`; raise `ContractError` naming the nearest when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        hint = nearest(name, (table.name for table in self.tables))
        raise ContractError(self.name, f'artifact "{self.name}" has no table "{name}"', hint)


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `manifest.json`."""
    schema = schema_of(Manifest)
    schema["properties"]["format"] = {"const": FORMAT}
    return {
        "$comment": "generated by: python -m pipelines schema > pipelines/manifest.schema.json",
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Manifest of an artifact",
        **schema,
    }


# Reading and checking -----------------------------------------------------------------------------


def read_manifest(folder: Path) -> Manifest:
    """Read an artifact's manifest; raise `ContractError` with every problem at once.

    A file that does not match a manifest read before it may mean that a run replaced the artifact in between;
    then read the manifest again.
    """
    recover(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise ContractError(
            str(folder), f"there is no {MANIFEST}, so this is no artifact", "run the tool that writes it"
        )
    value = _parse(path)
    found = value.get("format") if isinstance(value, dict) else FORMAT
    if found != FORMAT:
        hint = "run the tool again" if isinstance(found, int) and found < FORMAT else "update the program"
        raise ContractError(str(path), f"format is {brief(found)}, this program reads format {FORMAT}", hint)
    decoder = Decoder(str(path))
    manifest = decoder.decode(value, Manifest, "")
    if decoder.problems:
        raise ContractError.together(sorted(decoder.problems, key=str))
    return typing.cast(Manifest, manifest)


def _parse(path: Path) -> object:
    def refuse(constant: str) -> object:
        message = f"{constant} is not a JSON number"
        raise ValueError(message)

    try:
        return json.loads(path.read_text("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ContractError(str(path), f"is not JSON: {error}", "run the tool again") from error


def verify(folder: Path, manifest: Manifest) -> list[ContractError]:
    """Return every way in which the files differ from the manifest: size, digest, rows, columns, types."""
    problems: list[ContractError] = []
    for table in manifest.tables:
        problems += [error for part in table.files for error in _verify_part(folder, table, part)]
        if sum(part.rows for part in table.files) != table.rows:
            problems.append(
                ContractError(str(folder), f'table "{table.name}" says {table.rows} rows, its files differ')
            )
    for media in manifest.media:
        problems += _verify_bytes(folder / media.file, media)[1]
    return problems


def _verify_bytes(path: Path, said: File | Media) -> tuple[bytes, list[ContractError]]:
    hint = "run the tool again"
    if not path.is_file():
        return b"", [ContractError(str(path), "is missing", hint)]
    content = path.read_bytes()
    if len(content) != said.bytes:
        return content, [
            ContractError(str(path), f"has {len(content)} bytes, the manifest says {said.bytes}", hint)
        ]
    if digest(content) != said.sha256:
        return content, [
            ContractError(str(path), "does not match the manifest's sha256: it was changed", hint)
        ]
    return content, []


def _verify_part(folder: Path, table: Table, part: File) -> list[ContractError]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from pipelines.arrow import type_name

    path = folder / part.file
    content, problems = _verify_bytes(path, part)
    if problems:
        return problems
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        found = [(item.name, type_name(item.type)) for item in file.schema_arrow]
    except (pa.ArrowException, OSError, ValueError) as error:
        return [ContractError(str(path), f"is not readable Parquet: {error}", "run the tool again")]
    declared = [(column.name, column.type) for column in table.columns]
    if found != declared:
        problems.append(
            ContractError(str(path), f"has columns {_listed(found)}, the manifest says {_listed(declared)}")
        )
    if file.metadata.num_rows != part.rows:
        problems.append(
            ContractError(str(path), f"has {file.metadata.num_rows} rows, the manifest says {part.rows}")
        )
    return problems


def _listed(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns)


def read_table(folder: Path, table: Table, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a table's rows, all parts in order; `columns` names those wanted, in that order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = [pq.read_table(folder / part.file, columns=columns, partitioning=None) for part in table.files]
    return pa.concat_tables(parts)


def digest(content: bytes) -> str:
    """Return the lower-case hexadecimal SHA-256 of `content`."""
    return hashlib.sha256(content).hexdigest()


# Writing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """A table to be written. `columns` describe what `data` has beyond the spec, in an open table."""

    spec: TableSpec
    data: pa.Table
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A sprite sheet to be written: an encoded image and its sizes in pixels."""

    file: str
    content: bytes
    width: int
    height: int
    tile_width: int
    tile_height: int


def write_artifact(
    folder: Path, facts: Manifest, tables: Sequence[Rows], sheets: Sequence[Sheet] = ()
) -> Manifest:
    """Write an artifact beside `folder`, swap it into place and return its manifest.

    `facts` is the manifest without tables and media. Rows are sorted by id; equal input gives equal bytes.
    When a table breaks its spec or the contract, `ContractError` says every problem and nothing is written.
    """
    checked = _checked(facts.name, tables)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with staged(folder) as new:
        written = tuple(
            _write_table(new, facts, rows.spec, *found) for rows, found in zip(tables, checked, strict=True)
        )
        manifest = dataclasses.replace(
            facts, tables=written, media=tuple(_write_sheet(new, item) for item in sheets)
        )
        text = json.dumps(dataclasses.asdict(manifest), indent=1, ensure_ascii=False, allow_nan=False)
        (new / MANIFEST).write_text(text + "\n", "utf-8")
        read_manifest(new)
        swap(new, folder)
    return manifest


def _checked(artifact: str, tables: Sequence[Rows]) -> list[tuple[pa.Table, tuple[Column, ...]]]:
    checks = [_check_table(f"{artifact}/{rows.spec.name}", rows) for rows in tables]
    problems = [problem for _, _, found in checks for problem in found]
    if problems:
        raise ContractError.together(problems)
    return [(data, columns) for data, columns, _ in checks]


def _check_table(where: str, rows: Rows) -> tuple[pa.Table, tuple[Column, ...], list[ContractError]]:
    """Return the rows as they will be written, their columns, and what is wrong with them."""
    import pyarrow as pa

    from pipelines.arrow import normalised

    names, folded = rows.data.column_names, [name.casefold() for name in rows.data.column_names]
    counts = Counter(folded)
    twice = sorted({name for name, key in zip(names, folded, strict=True) if counts[key] > 1})
    if twice:
        what = f"columns {', '.join(map(brief, twice))} have the same name (case does not count)"
        return rows.data, (), [ContractError(where, what)]
    problems = _check_names(where, rows)
    told = {column.name: column for column in (*rows.columns, *rows.spec.columns)}
    arrays: dict[str, pa.ChunkedArray] = {}
    columns: list[Column] = []
    for name in names:
        try:
            arrays[name] = normalised(rows.data[name])
            columns.append(_described(name, arrays[name], told.get(name)))
        except (ValueError, NotImplementedError) as error:  # pyarrow's ArrowInvalid is a ValueError
            problems.append(ContractError(where, f"column {brief(name)}: {error}"))
    if problems:
        return rows.data, (), problems
    data, problems = _sorted(where, rows.spec, pa.table(arrays), columns)
    return data, tuple(columns), problems


def _check_names(where: str, rows: Rows) -> list[ContractError]:
    spec, found = rows.spec, set(rows.data.column_names)
    declared = {column.name for column in spec.columns}
    missing = declared - found - spec.optional_columns
    extra = set() if spec.open else found - declared
    return [
        *(ContractError(where, f'column "{name}" is declared and not there') for name in sorted(missing)),
        *(
            ContractError(where, f'column "{name}" is not declared', nearest(name, declared))
            for name in sorted(extra)
        ),
    ]


def _described(name: str, array: pa.ChunkedArray, told: Column | None) -> Column:
    """Return the column as the manifest will say it; raise `ValueError` when the values break it."""
    from pipelines.arrow import type_name

    kind, missing = type_name(array.type), array.null_count > 0
    if told is None:
        return Column(name, kind, nullable=missing)
    if told.type != kind:
        message = f"is {kind}, declared {told.type}"
        raise ValueError(message)
    if missing and not told.nullable:
        message = f"has {array.null_count} missing values and is not declared nullable"
        raise ValueError(message)
    return replace(told, nullable=missing)


def _sorted(
    where: str, spec: TableSpec, data: pa.Table, columns: Sequence[Column]
) -> tuple[pa.Table, list[ContractError]]:
    import pyarrow.compute as pc

    problems = [
        ContractError(where, what) for column in columns if (what := _too_large(column, data[column.name]))
    ]
    ids = [column.name for column in columns if column.role == "id"]
    if spec.entity and len(ids) != 1:
        problems.append(ContractError(where, f"one column must have the role id, {len(ids)} have it"))
    if problems or len(ids) != 1:
        return data, problems
    key = data[ids[0]]
    repeated = len(key) - pc.count_distinct(key, mode="all").as_py()
    if spec.entity and (repeated or key.null_count):
        what = f'id column "{ids[0]}" has {repeated} repeated and {key.null_count} missing values'
        return data, [ContractError(where, what, "give each sample an id of its own")]
    return data.take(pc.sort_indices(data, sort_keys=[(ids[0], "ascending")])), problems


def _too_large(column: Column, array: pa.ChunkedArray) -> str:
    import pyarrow.compute as pc

    if column.type not in ("int64", "uint64") or not len(array):
        return ""
    bounds = pc.min_max(array).as_py()
    worst = max((abs(value) for value in bounds.values() if value is not None), default=0)
    return (
        f'column "{column.name}" holds {worst}, beyond ±(2^53 - 1): write it as a string'
        if worst > LARGEST_INTEGER
        else ""
    )


def _write_table(
    folder: Path, facts: Manifest, spec: TableSpec, data: pa.Table, columns: tuple[Column, ...]
) -> Table:
    contents = _encode(data)
    files: list[File] = []
    for index, (content, rows) in enumerate(contents):
        file = f"{spec.name}.parquet" if len(contents) == 1 else f"{spec.name}-{index}.parquet"
        (folder / file).write_bytes(content)
        files.append(File(file, digest(content), len(content), rows))
    size = sum(file.bytes for file in files)
    entity = facts.dataset if spec.entity else None
    return Table(spec.name, spec.description, tuple(files), data.num_rows, size, entity, columns)


def _encode(data: pa.Table) -> list[tuple[bytes, int]]:
    """Return Parquet bytes and row counts: one part, or as many as keep each near `PART_BYTES`."""
    whole = _parquet(data)
    parts = min(math.ceil(len(whole) / PART_BYTES), max(data.num_rows, 1))
    if parts == 1:
        return [(whole, data.num_rows)]
    step = math.ceil(data.num_rows / parts)
    slices = [data.slice(start, step) for start in range(0, data.num_rows, step)]
    return [(_parquet(part), part.num_rows) for part in slices]


def _parquet(data: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    # Chunks and metadata of whoever made the table would show in the bytes.
    plain = data.replace_schema_metadata(None).combine_chunks()
    pq.write_table(plain, sink, version="2.6", compression="zstd", row_group_size=ROW_GROUP)
    return sink.getvalue()


def _write_sheet(folder: Path, sheet: Sheet) -> Media:
    (folder / sheet.file).write_bytes(sheet.content)
    sizes = (sheet.width, sheet.height, sheet.tile_width, sheet.tile_height)
    return Media(sheet.file, digest(sheet.content), len(sheet.content), "sprite", *sizes)
