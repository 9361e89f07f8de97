"""Joins two tables of the same name in DuckDB: which rows are new, gone or changed, and in what.

Samples are matched by their id; rows without one, and samples whose ids are all others, by what they hold.
Nothing is held in memory but what DuckDB needs for the join, which goes to disk where it does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from pipelines.contract import Column
from sitegen.catalog import column_sql, quote, text
from sitegen.difference.editions import EditionTable
from sitegen.difference.findings import Rows, Sample
from sitegen.errors import SitegenError
from sitegen.limits import SETTINGS, memory_limit
from sitegen.parallel import cores
from sitegen.temporary import own_prefix

MEMORY = 1 << 30
"""Bytes that a comparison takes at most; what is more goes to disk."""
LISTED = 200
"""Rows of each kind that are listed; all are counted."""
MOST_COLUMNS = 12
"""Columns of a listed row."""
PLACES = ("sheet", "x", "y")
"""Roles that say where a sample's image is: that differs with the layout of the sheets."""
TOLD_FIRST = ("label", "prediction", "correct", "confidence", "score", "split", "group", "text")
"""Roles of the columns that say most of a sample."""
CONTENT = "content"
NUMBERS = ("int", "uint", "float")


@dataclass(frozen=True)
class Pair:
    """The two tables of a name, and what they have in common."""

    before: EditionTable
    after: EditionTable

    @property
    def shared(self) -> list[Column]:
        """Columns that both have, as the second declares them, without places of images."""
        known = {column.name for column in self.before.columns}
        return [one for one in self.after.columns if one.name in known and one.role not in PLACES]

    @property
    def alike(self) -> list[Column]:
        """Shared columns that hold numbers in both tables, or in neither."""
        numbers = {column.name: is_number(column) for column in self.before.columns}
        return [one for one in self.shared if numbers[one.name] == is_number(one)]

    @property
    def key(self) -> str | None:
        """The column that names samples on both sides."""
        first, second = self.before.id_column, self.after.id_column
        if first is None or second is None or first.name != second.name:
            return None
        return first.name if first.type == second.type else None


class Matching:
    """A database in which tables are joined, one pair after another."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tolerance: float) -> None:
        self._connection = connection
        self._tolerance = tolerance

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        return self._connection.execute(sql).fetchall()

    def open(self, pair: Pair) -> None:
        """Make both tables readable, as ``before`` and ``after``."""
        for name, table in (("before", pair.before), ("after", pair.after)):
            files = ", ".join(text(str(file)) for file in table.files)
            try:
                self._connection.execute(
                    f"CREATE OR REPLACE TEMP VIEW {name} AS {_unzoned(table)} FROM read_parquet([{files}])"
                )
            except duckdb.Error as error:
                message = str(error).splitlines()[0]
                raise SitegenError(
                    str(table.files[0]), f"cannot be read: {message}", "run the tool again"
                ) from error

    def rows(self, pair: Pair) -> Rows:
        """Return how the rows differ; ``open`` comes first."""
        if pair.key:
            found = self._by_id(pair, pair.key)
            if found.added < pair.after.rows or not pair.before.rows or not pair.after.rows:
                return found
        return self._by_content(pair)

    def differs(self, column: Column) -> str:
        """Return the condition that a column of ``a`` and ``b`` differs, beyond the tolerance."""
        first, second = f"a.{quote(column.name)}", f"b.{quote(column.name)}"
        condition = f"{first} IS DISTINCT FROM {second}"
        if not self._tolerance or not column.type.startswith("float"):
            return condition
        near = f"abs({first} - {second}) <= {self._tolerance!r} * greatest(abs({first}), abs({second}))"
        return f"({condition} AND NOT coalesce({near}, false))"

    def _by_id(self, pair: Pair, key: str) -> Rows:
        others = [column for column in pair.shared if column.name != key]
        sources = _joined(pair, key, others)
        both = "a.here AND b.here"
        conditions = {column.name: self.differs(column) for column in others}
        any_differs = " OR ".join(conditions.values()) or "false"
        counts = [f"count(*) FILTER (WHERE {both} AND {one})" for one in conditions.values()]
        select = ", ".join(
            [
                "count(*) FILTER (WHERE a.here IS NULL)",
                "count(*) FILTER (WHERE b.here IS NULL)",
                f"count(*) FILTER (WHERE {both} AND ({any_differs}))",
                *counts,
            ]
        )
        ((added, removed, changed, *each),) = self.ask(f"SELECT {select} FROM {sources}")
        columns = {name: count for name, count in zip(conditions, each, strict=True) if count}
        samples = tuple(self._listed(pair, key, columns, any_differs)) if added + removed + changed else ()
        return Rows(
            pair.after.name,
            pair.before.rows,
            pair.after.rows,
            added,
            removed,
            changed,
            key,
            columns,
            samples,
            _roles(pair),
        )

    def _listed(self, pair: Pair, key: str, changed: Mapping[str, int], any_differs: str) -> Iterator[Sample]:
        """Yield rows of each kind: of changed ones first those that became right or wrong."""
        shown = _shown(pair, key, changed)
        sources = _joined(pair, key, [column for column in pair.shared if column.name != key], places=True)
        values = [f"{side}.{quote(one)}" for side in "ab" for one in shown]
        places = [f"{side}.{quote(f'place:{role}')}" for side in "ab" for role in PLACES]
        select = ", ".join([f"coalesce(a.{quote(key)}, b.{quote(key)}) AS id", *values, *places])
        kinds = {
            "changed": f"a.here AND b.here AND ({any_differs})",
            "added": "a.here IS NULL",
            "removed": "b.here IS NULL",
        }
        for kind, condition in kinds.items():
            order = _weight(pair) if kind == "changed" else "id"
            asked = f"SELECT {select} FROM {sources} WHERE {condition} ORDER BY {order}, id LIMIT {LISTED}"
            for row in self.ask(asked):
                yield _sample(kind, row, shown)

    def _by_content(self, pair: Pair) -> Rows:
        key = pair.key or ""
        held = [column for column in pair.shared if column.name != key]
        digest = f"hash({', '.join(_comparable(pair, column) for column in held)})" if held else "0"
        parts = (
            ", ".join(
                f"{one} AS (SELECT {digest} AS digest, count(*) AS n FROM {one} GROUP BY 1)"
                for one in ("before", "after")
            )
            .replace("before AS", "a AS", 1)
            .replace("after AS", "b AS", 1)
        )
        counted = (
            f"WITH {parts} SELECT coalesce(sum(greatest(coalesce(b.n, 0) - coalesce(a.n, 0), 0)), 0), "
            "coalesce(sum(greatest(coalesce(a.n, 0) - coalesce(b.n, 0), 0)), 0) "
            "FROM a FULL JOIN b USING (digest)"
        )
        ((added, removed),) = self.ask(counted)
        shown = _shown(pair, key, {})
        samples = [
            *self._only_in("after", "before", "added", digest, shown, key),
            *self._only_in("before", "after", "removed", digest, shown, key),
        ]
        return Rows(
            pair.after.name,
            pair.before.rows,
            pair.after.rows,
            int(added),
            int(removed),
            0,
            CONTENT,
            {},
            tuple(samples),
            _roles(pair),
        )

    def _only_in(
        self, side: str, other: str, kind: str, digest: str, shown: list[str], key: str
    ) -> Iterator[Sample]:
        names = ", ".join([quote(key) if key else "NULL", *map(quote, shown)])
        condition = f"{digest} NOT IN (SELECT {digest} FROM {other})"
        for identifier, *values in self.ask(f"SELECT {names} FROM {side} WHERE {condition} LIMIT {LISTED}"):
            told = {name: plain(value) for name, value in zip(shown, values, strict=True)}
            before, after = ({}, told) if kind == "added" else (told, {})
            yield Sample(kind, "" if identifier is None else str(identifier), before, after)


@contextmanager
def opened(tolerance: float) -> Iterator[Matching]:
    """Open the database, which takes a bounded part of the memory and a folder for what does not fit."""
    with TemporaryDirectory(prefix=own_prefix("database")) as folder:
        connection = duckdb.connect(":memory:")
        try:
            spill = f"temp_directory = {text(folder)}"
            settings = (
                memory_limit(1, MEMORY),
                spill,
                f"threads = {cores()}",
                "preserve_insertion_order = false",
            )
            for setting in (*SETTINGS, *settings):
                connection.execute(f"SET {setting}")
            yield Matching(connection, tolerance)
        finally:
            connection.close()


def is_number(column: Column) -> bool:
    """Say whether a column holds numbers."""
    return column.type.startswith(NUMBERS)


def _joined(pair: Pair, key: str, columns: list[Column], *, places: bool = False) -> str:
    """Return both tables joined on their key; long values are compared by digest."""
    sides = []
    for name, alias, table in (("before", "a", pair.before), ("after", "b", pair.after)):
        selected = [
            quote(key),
            "true AS here",
            *(f"{_comparable(pair, one)} AS {quote(one.name)}" for one in columns),
        ]
        if places:
            selected += [f"{_place(table, role)} AS {quote(f'place:{role}')}" for role in PLACES]
        sides.append(f"(SELECT {', '.join(selected)} FROM {name}) AS {alias}")
    return f"{sides[0]} FULL JOIN {sides[1]} ON a.{quote(key)} = b.{quote(key)}"


def _place(table: EditionTable, role: str) -> str:
    column = table.with_role(role) if table.sheets else None
    return quote(column) if column else "NULL"


def _comparable(pair: Pair, column: Column) -> str:
    """Return a column as it is compared: of two types as numbers or texts, long values by digest."""
    name = quote(column.name)
    before = next(one for one in pair.before.columns if one.name == column.name)
    if column.type.startswith("list") or column.type == "binary":
        return f"hash({name})" if before.type == column.type else f"hash(CAST({name} AS VARCHAR))"
    if before.type == column.type or {before.type, column.type} == {"string", "dictionary"}:
        return name
    return f"CAST({name} AS {'DOUBLE' if is_number(column) and is_number(before) else 'VARCHAR'})"


def _shown(pair: Pair, key: str, changed: Mapping[str, int]) -> list[str]:
    """Return the columns that a listed row tells: those that say most, and change most."""
    scalars = [
        column
        for column in pair.shared
        if column.name != key and not column.type.startswith("list") and column.type != "binary"
    ]

    def rank(column: Column) -> tuple[int, int]:
        told = TOLD_FIRST.index(column.role) if column.role in TOLD_FIRST else len(TOLD_FIRST)
        return told, -changed.get(column.name, 0)

    return [column.name for column in sorted(scalars, key=rank)[:MOST_COLUMNS]]


def _roles(pair: Pair) -> dict[str, str]:
    return {column.name: column.role for column in pair.shared if column.role}


def _weight(pair: Pair) -> str:
    """Return an order of changed rows: right or wrong, label, prediction, greatest change."""
    names = {column.role: column for column in reversed(pair.shared) if column.role}
    parts = [
        f"(a.{quote(names[role].name)} IS DISTINCT FROM b.{quote(names[role].name)}) DESC"
        for role in ("correct", "label", "prediction")
        if role in names
    ]
    scores = [names[role] for role in ("confidence", "score") if role in names]
    for score in map(quote, (column.name for column in scores if is_number(column))):
        parts.append(f"abs(b.{score} - a.{score}) DESC NULLS LAST")
    return ", ".join(parts) or "id"


def _sample(kind: str, row: tuple[Any, ...], shown: list[str]) -> Sample:
    identifier, *rest = row
    count = len(shown)
    sides = [
        {name: plain(value) for name, value in zip(shown, rest[start : start + count], strict=True)}
        for start in (0, count)
    ]
    tiles = [rest[2 * count : 2 * count + 3], rest[2 * count + 3 :]]
    before, after = tiles
    return Sample(
        kind,
        str(identifier),
        {} if kind == "added" else sides[0],
        {} if kind == "removed" else sides[1],
        None if None in before else (before[0], before[1], before[2]),
        None if None in after else (after[0], after[1], after[2]),
    )


def _unzoned(table: EditionTable) -> str:
    """Return what is selected: a time loses its zone (always UTC), for which Python asks another package."""
    times = [column_sql(column) for column in table.columns if column.type == "timestamp"]
    return f"SELECT * REPLACE ({', '.join(times)})" if times else ""


def plain(value: Any) -> str | int | float | bool | None:
    """Return a value as JSON has it; what is no number is nothing."""
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)
