"""Datasets: where the samples come from, which column plays which role, and the digest of their bytes."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.contract import ROLES, Column, normalised, type_name
from pipelines.engine import count_rows, readable
from pipelines.errors import ContractError, nearest
from pipelines.images import ArrayImages, Images, is_image_type, survey

Codes = NDArray[np.int64]

_GUESSES = {
    "id": ("id", "sample_id", "uid"),
    "image": ("image", "img"),
    "text": ("text", "sentence"),
    "label": ("label", "target", "class", "fine_label"),
    "prediction": ("prediction", "predicted", "pred"),
    "probability": ("probabilities", "probability"),
    "confidence": ("confidence",),
    "embedding": ("embedding", "embeddings"),
    "split": ("split",),
    "group": ("group",),
}
_MEANINGS = {
    "id": "the sample's own name",
    "text": "the sample's text",
    "label": "the class that the dataset gives the sample",
    "prediction": "the class that the model gives the sample",
    "split": "the part of the dataset that the sample belongs to",
    "group": "the group that the sample belongs to",
}
DIGITS_LICENCE = "Creative Commons Attribution 4.0 International (CC BY 4.0)"
DIGITS_CITATION = (
    "Alpaydin, E. and Kaynak, C. (1998). Optical Recognition of Handwritten Digits. UCI Machine Learning "
    "Repository, https://doi.org/10.24432/C50P49. Its test set, as bundled with scikit-learn; the split into "
    "train and test is this project's own."
)


@dataclass(frozen=True)
class Source:
    """What a report says of a dataset; see `config.DatasetSettings` for each field."""

    name: str
    source: str
    roles: Mapping[str, str]
    classes: tuple[str, ...]
    columns: tuple[str, ...]
    licence: str
    citation: str


@dataclass(frozen=True)
class Dataset:
    """A dataset in memory, images aside.

    `rows` has one row per sample, an id among its columns; labels and predictions are class names. `columns`
    describe them in order. `roles` say which column is what; the image column is in none of these but behind
    `images`.
    """

    name: str
    rows: pa.Table
    columns: tuple[Column, ...]
    roles: Mapping[str, str]
    classes: tuple[str, ...]
    images: Images | None
    licence: str
    citation: str

    def role(self, role: str) -> pa.ChunkedArray | None:
        """Return the column that plays `role`, or None when none does."""
        return self.rows[self.roles[role]] if role in self.roles else None

    def codes(self, role: str) -> Codes:
        """Return the column of class names that plays `role` as indices into `classes`; -1 where missing."""
        names = self.rows[self.roles[role]].cast(pa.string())
        found = pc.index_in(names, value_set=pa.array(self.classes, pa.string()))
        return np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)


def digest(source: Source, root: Path) -> str:
    """Return the SHA-256 of the dataset's bytes: of its one file, or of its parts' digests in order."""
    digests = [_file_digest(path) for path in paths(source, root)]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _file_digest(path: Path) -> str:
    with readable(path, "data"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def origin(source: Source) -> tuple[str, str]:
    """Return the dataset's licence and citation: as the report says, else as known for a bundled set."""
    if source.source != "digits":
        return source.licence, source.citation
    return source.licence or DIGITS_LICENCE, source.citation or DIGITS_CITATION


def paths(source: Source, root: Path) -> list[Path]:
    """Return the dataset's files, sorted; raise `ContractError` when there are none."""
    where = f"datasets.{source.name}"
    if source.source == "digits":
        return [_digits_file(where)]
    if not any(sign in source.source for sign in "*?["):
        found = [root / source.source]
    elif Path(source.source).is_absolute():
        found = sorted(Path("/").glob(source.source.lstrip("/")))
    else:
        found = sorted(root.glob(source.source))
    if not found or not all(path.is_file() for path in found):
        hint = 'a bundled set ("digits"), or a Parquet or CSV file relative to the report\'s folder'
        what = f'source "{source.source}" is not there'
        raise ContractError(where, what, hint)
    return found


def load(source: Source, root: Path) -> Dataset:
    """Read a dataset; raise `ContractError` naming the file, column or rows that are wrong."""
    if source.source == "digits":
        return _digits(source)
    files = paths(source, root)
    where = str(files[0]) if len(files) == 1 else f"datasets.{source.name}"
    schema = _schema(files)
    roles = _roles(where, schema, source.roles)
    image = roles.pop("image", None)
    kept = [name for name in _kept(where, schema, source) if name != image]
    table = (
        _read(files, kept) if kept else pa.table({"id": np.arange(count_rows(files) or 0, dtype=np.int32)})
    )
    if not table.num_rows:
        raise ContractError(where, "holds no rows")
    classes = source.classes or _class_names(schema, roles.get("label"))
    images = survey(files, image) if image else None
    return _dataset(source, where, table, roles, classes, images)


def _dataset(
    source: Source,
    where: str,
    table: pa.Table,
    roles: Mapping[str, str],
    classes: Sequence[str],
    images: Images | None,
) -> Dataset:
    roles = {role: name for role, name in roles.items() if name in table.column_names}
    named = [roles[role] for role in ("label", "prediction") if role in roles]
    names = tuple(classes) or _found_classes(where, [table[name] for name in named])
    for name in named:
        place = table.column_names.index(name)
        table = table.set_column(place, name, _class_column(where, name, table[name], names))
    if "id" not in roles and table.column_names == ["id"]:
        roles = {"id": "id"}
    elif "id" not in roles:
        name = next(name for name in ("id", "row", "row_number") if name not in table.column_names)
        table = table.add_column(0, name, pa.array(np.arange(table.num_rows, dtype=np.int32)))
        roles = {"id": name, **roles}
    rows, columns = _described(where, table, roles)
    return Dataset(
        source.name, rows, columns, roles, names if named else (), images, source.licence, source.citation
    )


# Files -------------------------------------------------------------------------------------------


def _is_parquet(path: Path) -> bool:
    if path.suffix.lower() not in (".parquet", ".csv"):
        raise ContractError(str(path), f'is "{path.suffix}", neither .parquet nor .csv')
    return path.suffix.lower() == ".parquet"


def _schema(files: Sequence[Path]) -> pa.Schema:
    schemas = [_file_schema(path) for path in files]
    for path, schema in zip(files, schemas, strict=True):
        if not schema.equals(schemas[0]):
            what = f"has columns {_names(schema)}, its first part {_names(schemas[0])}"
            raise ContractError(str(path), what, "parts of one dataset have the same columns and types")
    return schemas[0]


def _names(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in schema)


def _file_schema(path: Path) -> pa.Schema:
    if _is_parquet(path):
        with readable(path, "Parquet"):
            return pq.read_schema(path)
    with readable(path, "CSV"), pa.csv.open_csv(path) as reader:
        return reader.schema


def _read(files: Sequence[Path], columns: Sequence[str]) -> pa.Table:
    tables = []
    for path in files:
        kind = "Parquet" if _is_parquet(path) else "CSV"
        with readable(path, kind):
            if kind == "Parquet":
                tables.append(pq.ParquetFile(path, pre_buffer=False).read(list(columns)))
            else:
                tables.append(_zoned(pa.csv.read_csv(path).select(list(columns))))
    return pa.concat_tables(tables, promote_options="permissive")


def _zoned(table: pa.Table) -> pa.Table:
    """Take the times of a CSV file, which cannot say a zone, as UTC."""
    for index, item in enumerate(table.schema):
        if pa.types.is_timestamp(item.type) and item.type.tz is None:
            times = table[index].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
            table = table.set_column(index, item.name, times)
    return table


# Roles and columns -------------------------------------------------------------------------------


def _roles(where: str, schema: pa.Schema, given: Mapping[str, str]) -> dict[str, str]:
    problems = [
        ContractError(where, f'role "{role}" is not known', nearest(role, ROLES))
        for role in given
        if role not in ROLES
    ]
    problems += [
        ContractError(
            where, f'role {role} names column "{name}", which is not there', nearest(name, schema.names)
        )
        for role, name in given.items()
        if name not in schema.names
    ]
    repeated = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if repeated:
        problems.append(ContractError(where, f"has more than one column called {', '.join(repeated)}"))
    if problems:
        raise ContractError.together(problems)
    roles = {**_guessed(schema, set(given.values())), **given}
    if "image" in roles and not is_image_type(schema.field(roles["image"]).type):
        kind = schema.field(roles["image"]).type
        raise ContractError(where, f'image column "{roles["image"]}" is {kind}, not encoded bytes')
    return roles


def _guessed(schema: pa.Schema, taken: set[str]) -> dict[str, str]:
    lower = {name.lower(): name for name in reversed(schema.names) if name not in taken}
    roles = {
        role: next(lower[guess] for guess in guesses if guess in lower)
        for role, guesses in _GUESSES.items()
        if any(guess in lower for guess in guesses)
    }
    if "image" in roles and not is_image_type(schema.field(roles["image"]).type):
        del roles["image"]
    return roles


def _kept(where: str, schema: pa.Schema, source: Source) -> list[str]:
    for name in source.columns:
        if name not in schema.names:
            raise ContractError(where, f'there is no column "{name}"', nearest(name, schema.names))
    wanted = {*source.columns, *source.roles.values()} if source.columns else set(schema.names)
    return [name for name in schema.names if name in wanted]


def _described(where: str, table: pa.Table, roles: Mapping[str, str]) -> tuple[pa.Table, tuple[Column, ...]]:
    """Return the rows in the contract's types and their descriptions, or say every column that it refuses."""
    meaning = {name: role for role, name in roles.items()}
    columns, arrays, problems = [], [], []
    for name in table.column_names:
        role = meaning.get(name)
        try:
            array = normalised(table[name])
            told = _MEANINGS.get(role or "", "")
            columns.append(Column(name, type_name(array.type), role, None, told, array.null_count > 0))
            arrays.append(array)
        except (ValueError, NotImplementedError) as error:  # pyarrow's ArrowInvalid is a ValueError
            hint = "name the columns to keep in this dataset's columns = […]"
            problems.append(ContractError(where, f'column "{name}": {error}', hint))
    if problems:
        raise ContractError.together(problems)
    return pa.table(arrays, table.column_names), tuple(columns)


# Classes -----------------------------------------------------------------------------------------


def _class_names(schema: pa.Schema, label: str | None) -> tuple[str, ...]:
    """Return the class names that Hugging Face's library writes into a Parquet schema, if any."""
    told = (schema.metadata or {}).get(b"huggingface")
    if told is None or label is None:
        return ()
    try:
        names = json.loads(told)["info"]["features"][label]["names"]
    except (ValueError, KeyError, TypeError):
        return ()  # the note is another library's and optional: labels stay numbers without it
    return tuple(map(str, names)) if isinstance(names, list) else ()


def _found_classes(where: str, columns: Iterable[pa.ChunkedArray]) -> tuple[str, ...]:
    values: set[object] = set()
    for column in columns:
        values |= set(_plain(column).unique().to_pylist()) - {None}
    numbers = [value for value in values if isinstance(value, int)]
    if numbers and len(numbers) < len(values):
        raise ContractError(where, "labels are numbers and predictions are names, or the other way round")
    return tuple(map(str, sorted(numbers))) if numbers else tuple(sorted(map(str, values)))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    return column.cast(kind)


def _class_column(
    where: str, name: str, column: pa.ChunkedArray, classes: Sequence[str]
) -> pa.DictionaryArray:
    """Return the class name of each sample; integers are names where all are in `classes`, else indices."""
    plain = _plain(column)
    if pa.types.is_floating(plain.type) or pa.types.is_nested(plain.type):
        raise ContractError(where, f'column "{name}" is {plain.type}: classes are strings or integers')
    texts = plain.cast(pa.string())
    listed = pa.array(classes, pa.string())
    if pa.types.is_integer(plain.type) and not _is_all_in(texts, listed):
        inside = pc.and_(pc.greater_equal(plain, 0), pc.less(plain, len(classes)))
        texts = listed.take(pc.if_else(inside, plain, None).combine_chunks().cast(pa.int64()))
        texts = pc.if_else(inside, texts, pc.if_else(pc.is_null(plain), None, plain.cast(pa.string())))
    strange = pc.and_(pc.is_valid(texts), pc.invert(pc.is_in(texts, listed)))
    count = pc.sum(strange).as_py() or 0
    if count:
        first = str(pc.filter(texts, strange)[0])[:60]
        what = f'column "{name}" holds {count} values that are no class, such as "{first}"'
        raise ContractError(where, what, nearest(first, list(classes)[:20]))
    chunks = texts if isinstance(texts, pa.Array) else texts.combine_chunks()
    return chunks.dictionary_encode()


def _is_all_in(texts: pa.ChunkedArray, listed: pa.Array) -> bool:
    return bool(pc.all(pc.or_kleene(pc.is_null(texts), pc.is_in(texts, listed))).as_py())


# Splits and the bundled set ----------------------------------------------------------------------


def stratified_split(codes: Codes, seed: int, share: float = 0.25) -> pa.Array:
    """Return "train" or "test" for each sample, so that `share` of every class, rounded, is in "test"."""
    random = np.random.Generator(np.random.PCG64(seed))
    is_test = np.zeros(len(codes), bool)
    for code in np.unique(codes):
        members = np.flatnonzero(codes == code)
        is_test[random.permutation(members)[: round(len(members) * share)]] = True
    return pa.array(np.where(is_test, "test", "train")).dictionary_encode()


def _digits_file(where: str) -> Path:
    found = importlib.util.find_spec("sklearn")
    if found is None or found.origin is None:
        hint = "install the pipelines extra: pip install 'explainsite[pipelines]'"
        raise ContractError(where, 'the bundled set "digits" needs the library scikit-learn', hint)
    return Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"


def _digits(source: Source) -> Dataset:
    """Read scikit-learn's copy of the digits: 1,797 images, 8 by 8 pixels, 17 levels made 8-bit grey."""
    path = _digits_file(f"datasets.{source.name}")
    with readable(path, "CSV"), gzip.open(path, "rt") as file:
        values = np.loadtxt(file, delimiter=",", dtype=np.int64)
    pixels = np.rint(values[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    codes: Codes = values[:, 64]
    classes = source.classes or tuple(map(str, range(10)))
    table = pa.table({"id": np.arange(len(codes), dtype=np.int32), "label": codes})
    table = table.append_column("split", stratified_split(codes, seed=0))
    licence, citation = origin(source)
    told = Source(source.name, "digits", {}, classes, (), licence, citation)
    roles = {"id": "id", "label": "label", "split": "split"}
    return _dataset(told, "digits", table, roles, classes, ArrayImages(pixels))
