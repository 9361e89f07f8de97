"""Knows a report's artifacts: their tables, checked against their manifests, and how a page joins them."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import contract
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.memo import Memo

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class CatalogTable:
    """One table of an artifact."""

    name: str
    """``artifact/table``: how pages call it."""
    artifact: contract.Manifest
    table: contract.Table
    folder: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """Its Parquet files, in row order."""
        return tuple(self.folder / part.file for part in self.table.files)

    @property
    def digest(self) -> str:
        """The SHA-256 of its data: that of its file, or one over those of its files."""
        digests = [part.sha256 for part in self.table.files]
        return digests[0] if len(digests) == 1 else contract.digest("".join(digests).encode())

    @property
    def id_column(self) -> str | None:
        """The column that names the sample of a row, where each row is one."""
        if self.table.entity is None:
            return None
        return next((column.name for column in self.table.columns if column.role == "id"), None)

    @property
    def relation(self) -> str:
        """The relation of the page that the table belongs to: its dataset's, else one of its own."""
        return self.table.entity or self.name

    def ids(self) -> pa.ChunkedArray:
        """Return the values of the id column, in row order."""
        return contract.read_table(self.folder, self.table, [str(self.id_column)]).column(0)


@dataclass(frozen=True)
class Relation:
    """The tables of a page whose rows are the same samples, joined; or one table by itself."""

    name: str
    tables: tuple[CatalogTable, ...]
    select: str
    """A SELECT over placeholders ``{artifact/table}``, to be replaced by scans of the tables' files."""
    order: str
    """What its rows are sorted by, in SQL; empty where a table has no ids."""
    rows: int
    whole: bool
    """Whether every table holds every row; if not, ``member`` names the columns that say which does."""
    renamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What the relation calls a table's column, where another table has other values under its name."""

    @property
    def create_sql(self) -> str:
        """The SELECT, sorted. Once: DuckDB-WASM 1.28.0 loses lists that a sorted SELECT sorts again."""
        return f"{self.select} ORDER BY {self.order}" if self.order else self.select

    def column(self, table: str, column: str) -> str:
        """Return what the relation calls a column of ``table``."""
        return self.renamed.get((table, column), column)

    def member(self, table: str) -> str | None:
        """Return the hidden boolean column that is true in the rows of ``table``; None when all are."""
        return None if self.whole else f"in:{table}"


@dataclass(frozen=True)
class Catalog:
    """Every table of every artifact, by the name that pages use."""

    tables: Mapping[str, CatalogTable]
    broken: frozenset[str]
    """Artifacts that were left out because something is wrong with them."""
    folder: str
    """Name of the folder of all artifacts."""

    def find(self, name: str, where: str) -> CatalogTable | None:
        """Return the table called ``name``; None when its artifact is broken, which was noted already.

        Raises, as of ``where``, when there is no such table, offering the nearest.
        """
        artifact = name.partition("/")[0]
        if artifact in self.broken:
            return None
        if name not in self.tables:
            self._check_any()
            known = [table for table in self.tables if table.startswith(f"{artifact}/")] or self.tables
            raise SitegenError(where, f'no artifact has a table "{name}"', nearest(name, known))
        return self.tables[name]

    def find_all(self, name: str, where: str) -> tuple[CatalogTable, ...]:
        """Return the table called ``name``, or all tables of that artifact; raises as ``find`` does."""
        if "/" in name or name in self.broken:
            return tuple(filter(None, [self.find(name, where)]))
        tables = tuple(table for table in self.tables.values() if table.artifact.name == name)
        if not tables:
            self._check_any()
            hint = nearest(name, {table.artifact.name for table in self.tables.values()})
            raise SitegenError(where, f'there is no artifact "{name}"', hint)
        return tables

    def _check_any(self) -> None:
        """Raise, as of no page, where there is nothing yet: what every view lacks is told once."""
        if not (self.tables or self.broken):
            raise SitegenError(self.folder, "there are no artifacts yet", "run: sitegen run")

    def related(self, tables: Iterable[CatalogTable]) -> tuple[contract.Manifest, ...]:
        """Return the artifacts of ``tables``, those above them and those right below them, by name."""
        known = {table.artifact.name: table.artifact for table in self.tables.values()}
        shown = {table.artifact.name for table in tables}
        found = shown | {name for name, one in known.items() if shown & _artifacts_read(one)}
        waiting = list(shown)
        while waiting:
            above = (_artifacts_read(known[waiting.pop()]) & known.keys()) - found
            found |= above
            waiting += above
        return tuple(known[name] for name in sorted(found))


def _artifacts_read(manifest: contract.Manifest) -> set[str]:
    """Return the names of the artifacts whose tables a run read; datasets and models are among them."""
    return {name.partition("/")[0] for name in manifest.inputs}


def load_catalog(folder: Path, memo: Memo, problems: Problems) -> Catalog:
    """Read every artifact in ``folder`` and check its files; a broken one is noted and left out.

    Digests are always computed anew: a file's size and time can stay while its bytes change.
    """
    broken: set[str] = set()
    tables: dict[str, CatalogTable] = {}
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    for artifact in found:
        if artifact.is_dir() and not artifact.name.startswith("."):
            broken.add(artifact.name)
            with problems.collected():
                digests = _digests(artifact, folder)
                tables |= memo.recall(
                    ("artifact", artifact.name), digests, partial(_load_tables, artifact, folder)
                )
                broken.remove(artifact.name)
    return Catalog(tables, frozenset(broken), folder.name)


def _digests(artifact: Path, folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of the artifact, by its path; raises where a link leads out of it."""
    files = [path for path in sorted(artifact.rglob("*")) if path.is_file()]
    inside = folder.resolve() / artifact.name
    for path in files:
        if not path.resolve().is_relative_to(inside):
            where = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            raise SitegenError(where, "the link leads out of the artifact", "copy what it points at")
    return {path.relative_to(artifact).as_posix(): file_digest(path) for path in files}


def file_digest(path: Path) -> str:
    """Return the SHA-256 of what a file holds, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load_tables(artifact: Path, folder: Path) -> dict[str, CatalogTable]:
    manifest = _load_artifact(artifact, folder)
    names = {f"{artifact.name}/{table.name}": table for table in manifest.tables}
    return {name: CatalogTable(name, manifest, table, artifact) for name, table in names.items()}


def _load_artifact(artifact: Path, folder: Path) -> contract.Manifest:
    noted = Problems()
    try:
        manifest = contract.read_manifest(artifact)
        failures: Sequence[contract.ContractError] = contract.verify(artifact, manifest)
    except contract.ContractError as error:
        failures = error.problems
    for failure in failures:
        where = failure.where.replace(str(folder), folder.name, 1)
        noted.add(where, failure.what, failure.hint)
    noted.stop()
    if manifest.name != artifact.name:
        where = f"{folder.name}/{artifact.name}/{contract.MANIFEST}"
        hint = "an artifact keeps the name it was written under; run the tool again"
        raise SitegenError(where, f'the artifact is called "{manifest.name}", its folder is not', hint)
    return manifest


def join(tables: Iterable[CatalogTable], where: str) -> tuple[Relation, ...]:
    """Return the relations of a page that shows ``tables``, in that order; raises as of ``where``."""
    groups: dict[str, list[CatalogTable]] = {}
    for table in tables:
        groups.setdefault(table.relation, []).append(table)
    return tuple(_relation(name, tuple(group), where) for name, group in groups.items())


def _relation(name: str, tables: tuple[CatalogTable, ...], where: str) -> Relation:
    first = tables[0]
    if len(tables) == 1:
        order = quote(first.id_column) if first.id_column else ""
        select = select_all(first, f"{{{first.name}}}")
        return Relation(name, tables, select, order, first.table.rows, whole=True)
    _check_joinable(tables, where)
    ids = [table.ids() for table in tables]
    whole = all(one.equals(ids[0]) for one in ids[1:])
    rows = len(ids[0]) if whole else _count_distinct(ids)
    columns = _columns(tables, where)
    renamed = {(owner, column.name): name for name, owners in columns.items() for owner, column in owners}
    renamed = {key: name for key, name in renamed.items() if name != key[1]}
    return Relation(name, tables, _join_sql(tables, columns, whole=whole), "1", rows, whole, renamed)


def _count_distinct(ids: Iterable[pa.ChunkedArray]) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    return len(pc.unique(pa.chunked_array([chunk for one in ids for chunk in one.chunks])))


def _check_joinable(tables: tuple[CatalogTable, ...], where: str) -> None:
    """Note what keeps tables from being one relation: id types that differ."""
    problems = Problems()
    kinds = {
        table.name: column.type
        for table in tables
        for column in table.table.columns
        if column.name == table.id_column
    }
    first = tables[0].name
    for name, kind in kinds.items():
        if kind != kinds[first]:
            what = f"the ids of {first} are {kinds[first]}, those of {name} {kind}: they cannot be joined"
            problems.add(where, what)
    problems.stop()


Owners = list[tuple[str, contract.Column]]
"""The tables that hold a column, each with what it says of it."""


def _columns(tables: Sequence[CatalogTable], where: str) -> dict[str, Owners]:
    """Return the columns of a relation beside the id, by the names it gives them.

    A column that several tables hold with the same values, such as the label, is one. Where values differ,
    as predictions of two models do, each is called after its artifact: ``prediction`` of ``a/samples`` is
    ``prediction_a``.
    """
    held: dict[str, list[tuple[CatalogTable, contract.Column]]] = {}
    for table in tables:
        for column in table.table.columns:
            if column.name != table.id_column:
                held.setdefault(column.name.casefold(), []).append((table, column))
    named: list[tuple[str, Owners]] = []
    for owners in held.values():
        if _is_one(owners):
            named.append((owners[0][1].name, [(table.name, column) for table, column in owners]))
        else:
            named += [(_own_name(table, column, tables), [(table.name, column)]) for table, column in owners]
    _check_names(named, where)
    return dict(named)


def _own_name(table: CatalogTable, column: contract.Column, tables: Sequence[CatalogTable]) -> str:
    """Return a column's name with its artifact's, and its table's where the artifact has several here."""
    artifact = table.artifact.name
    several = sum(one.artifact.name == artifact for one in tables) > 1
    words = [column.name, artifact, *([table.table.name] if several else [])]
    return "_".join(words).replace("-", "_")


def _check_names(named: Iterable[tuple[str, Owners]], where: str) -> None:
    """Raise where a name made of an artifact's is that of another column; case does not count."""
    seen: dict[str, str] = {}
    for name, owners in named:
        owner = owners[0][0]
        other = seen.setdefault(name.casefold(), owner)
        if other != owner:
            what = f'this page would call columns of {other} and of {owner} "{name}"'
            raise SitegenError(where, what, "show them on two pages, or rename an artifact")


def _is_one(owners: Sequence[tuple[CatalogTable, contract.Column]]) -> bool:
    """Whether all tables hold the same values under a name, in the rows that they have in common."""
    first, column = owners[0]
    return all(
        other.type == column.type and other.name == column.name and _has_same(first, table, column.name)
        for table, other in owners[1:]
    )


def _has_same(first: CatalogTable, second: CatalogTable, column: str) -> bool:
    import pyarrow.compute as pc

    (ids, values), (other_ids, others) = _id_and(first, column), _id_and(second, column)
    if not ids.equals(other_ids):
        places = pc.index_in(other_ids, value_set=ids)
        others = others.filter(pc.is_valid(places))
        values = values.take(places.drop_null())
    return _is_equal(values, others)


def _id_and(table: CatalogTable, column: str) -> tuple[pa.Array, pa.Array]:
    found = contract.read_table(table.folder, table.table, [str(table.id_column), column])
    return found.column(0).combine_chunks(), found.column(1).combine_chunks()


def _is_equal(values: pa.Array, others: pa.Array) -> bool:
    """Whether two arrays hold the same; NaN is the same as NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(values.type):
        return bool(values.cast(pa.string()).equals(others.cast(pa.string())))
    if not pa.types.is_floating(values.type):
        return bool(values.equals(others))
    masks = [pc.is_nan(array) for array in (values, others)]
    filled = [pc.if_else(mask, 0, array) for mask, array in zip(masks, (values, others), strict=True)]
    return bool(masks[0].equals(masks[1]) and filled[0].equals(filled[1]))


def quote(identifier: str) -> str:
    """Return an SQL identifier, quoted whatever it holds."""
    return '"' + identifier.replace('"', '""') + '"'


def scan(table: CatalogTable) -> str:
    """Return the table function that reads a table's files."""
    return f"read_parquet([{', '.join(text(str(path)) for path in table.files)}])"


def text(value: str) -> str:
    """Return an SQL text, quoted whatever it holds."""
    return "'" + value.replace("'", "''") + "'"


def column_sql(column: contract.Column, sources: Sequence[str] = ("",), name: str = "") -> str:
    """Return a column as selected, from the first of ``sources`` that has the row, under ``name``.

    A timestamp loses its zone (always UTC), unknown to DuckDB-WASM.
    """
    written = [f"{source}{quote(column.name)}" for source in sources]
    value = written[0] if len(written) == 1 else f"coalesce({', '.join(written)})"
    called = name or column.name
    if column.type == "timestamp":
        return f"CAST({value} AS TIMESTAMP) AS {quote(called)}"
    return value if len(written) == 1 and called == column.name else f"{value} AS {quote(called)}"


def select_all(table: CatalogTable, source: str) -> str:
    """Return a SELECT of all columns from where the table's files are read.

    They are the files' own: the names of thousands are too long for the browser.
    """
    recast = ", ".join(column_sql(column) for column in table.table.columns if column.type == "timestamp")
    return f"SELECT *{f' REPLACE ({recast})' if recast else ''} FROM {source}"


def _join_sql(tables: tuple[CatalogTable, ...], columns: Mapping[str, Owners], *, whole: bool) -> str:
    """Join on the ids, which come first; without ``whole`` no row is lost, and columns say whence."""
    ids = [f"t{index}.{quote(str(table.id_column))}" for index, table in enumerate(tables)]
    key = quote(str(tables[0].id_column))
    selected = [ids[0] if whole else f"coalesce({', '.join(ids)}) AS {key}"]
    aliases = {table.name: f"t{index}." for index, table in enumerate(tables)}
    for name, owners in columns.items():
        sources = [aliases[owner] for owner, _ in owners]
        selected.append(column_sql(owners[0][1], sources[:1] if whole else sources, name))
    if not whole:
        members = zip(ids, tables, strict=True)
        selected += [f"{one} IS NOT NULL AS {quote(f'in:{table.name}')}" for one, table in members]
    source = f"{{{tables[0].name}}} AS t0"
    for index, table in enumerate(tables[1:], start=1):
        earlier = ids[0] if whole or index == 1 else f"coalesce({', '.join(ids[:index])})"
        source += f" {'' if whole else 'FULL '}JOIN {{{table.name}}} AS t{index} ON {earlier} = {ids[index]}"
    return f"SELECT {', '.join(selected)} FROM {source}"


def _names(relation: Relation, table: CatalogTable, column: str) -> dict[str, str]:
    """Return a column's name in the relation, and beside it the one in its table where that differs."""
    name = relation.column(table.name, column)
    return {"name": name} if name == column else {"name": name, "written": column}


def describe(table: CatalogTable, relation: Relation, media: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a table as the theme's views read it; ``media`` are its sprite sheets, with addresses."""
    manifest, found = table.artifact, table.table
    return {
        "name": table.name,
        "relation": relation.name,
        "rows": found.rows,
        "columns": [
            {
                **_names(relation, table, column.name),
                "type": column.type,
                "role": column.role,
                "unit": column.unit,
                "description": column.description,
                "nullable": column.nullable,
            }
            for column in found.columns
        ],
        "media": list(media),
        "member": relation.member(table.name),
        "classes": list(manifest.classes),
        "title": manifest.title,
        **_model(manifest),
    }


def _model(manifest: contract.Manifest) -> dict[str, str]:
    """Return what the report calls the model that a run was of; nothing for none."""
    told = manifest.parameters.get("model")
    name = told.get("name") if isinstance(told, Mapping) else None
    return {"model": name} if isinstance(name, str) else {}


def facts(manifest: contract.Manifest) -> dict[str, Any]:
    """Return what the theme's views may tell of an artifact: how it was made, and from what."""
    told = dataclasses.asdict(manifest)
    tables = [
        {key: table[key] for key in ("name", "description", "files", "rows", "bytes")}
        for table in told["tables"]
    ]
    left_out = ("tables", "media", "classes", "format")
    return {key: value for key, value in told.items() if key not in left_out} | {"tables": tables}
