"""Answers the questions that pages ask of their tables while the site is built, with native DuckDB.

A statement is one SELECT, read as a tree before it runs: it may name the report's tables and nothing else,
no files, no settings, and nothing that another build would answer otherwise. One thread, because float sums
depend on their order; bounded in time and memory; no files but the artifacts, and no setting can be changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sitegen.catalog import Catalog, CatalogTable, quote, scan, select_all
from sitegen.errors import SitegenError, nearest
from sitegen.limits import SETTINGS, bounded, memory_limit
from sitegen.queries import Query
from sitegen.statements import SEMICOLON, body_of, refusals, tables_of, tokens_of
from sitegen.values import Value, inlined

if TYPE_CHECKING:
    import duckdb

HELD = "held"
"""A table for the questions of one table's columns; a report's own have a slash in their names."""
SECONDS = 20.0
"""Time that one statement may take."""
MEMORY = 2 << 30
"""Bytes that one statement may take, where the machine has them."""


@dataclass(frozen=True)
class Rows:
    """What a statement answered."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    """Rows that there are; those in ``rows`` may be fewer."""
    times: frozenset[int] = frozenset()
    """Places of columns that hold times of a day, also within lists and structs; they are in UTC."""


@dataclass(frozen=True)
class Statement:
    """What a SELECT names, read from its tree."""

    tables: tuple[str, ...]
    sources: tuple[str | None, ...]
    """Column of a table that each column is, as far as the tree tells."""


class Answers:
    """The report's tables, ready to be asked; opens a database with the first question."""

    def __init__(self, catalog: Catalog, folder: Path, seconds: float = SECONDS) -> None:
        self.catalog = catalog
        self._folder = folder
        self._seconds = seconds
        self._known: set[str] = set()

    def close(self) -> None:
        """Give the memory back."""
        if "_connection" in self.__dict__:
            self._connection.close()

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        import duckdb  # a report that asks nothing never waits for it

        connection = duckdb.connect(":memory:")
        folder = str(self._folder.resolve()).replace("'", "''")
        for setting in (
            *SETTINGS,
            "threads = 1",
            memory_limit(1, MEMORY),
            "temp_directory = ''",
            f"allowed_directories = ['{folder}/']",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            connection.execute(f"SET {setting}")
        return connection

    def read(self, query: Query) -> tuple[Statement, tuple[CatalogTable, ...] | None]:
        """Return what a query names, and its tables; None for them when one is broken, noted already.

        Raises when the query is no SELECT, or names something that it may not.
        """
        statement = self._parse(query)
        found = []
        for name in statement.tables:
            table = self.catalog.find(name, query.where(_line_of(query.sql, name)))
            if table is None:
                return statement, None
            found.append(table)
        return statement, tuple(found)

    def _parse(self, query: Query) -> Statement:
        body = body_of(query.sql)
        asked = self._connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [body]).fetchone()
        tree = json.loads(asked[0] if asked else "{}")
        if tree["error"] and tree.get("error_type") != "not implemented":
            _refuse_unread(query, body, tree)
        _refuse_several(query)
        if tree["error"] or len(tree["statements"]) != 1:
            raise SitegenError(
                query.where(), "the query is no SELECT", "a page reads its tables, and no more"
            )
        node = tree["statements"][0]["node"]
        for refused in refusals(node):
            raise SitegenError(query.where(_line_of(query.sql, refused.name)), refused.what, refused.hint)
        return Statement(tuple(tables_of(node)), _sources(node))

    def ask(self, query: Query, tables: Iterable[CatalogTable], limit: int) -> Rows:
        """Return at most ``limit`` rows; raises what DuckDB refuses, with its line and the nearest column."""
        import duckdb

        listed = tuple(tables)
        for table in listed:
            self._create(table)
        try:
            with bounded(self._connection, self._seconds):
                columns, cursor = self._start(query)
                rows = cursor.fetchmany(limit + 1)
                total = len(rows) if len(rows) <= limit else self._count(query)
        except duckdb.InterruptException as error:
            what = f"the query takes longer than {self._seconds:g} s"
            raise SitegenError(query.where(), what, "ask for less, or compute it in a pipeline") from error
        except duckdb.Error as error:
            raise _refused(query, error, listed) from error
        shown = rows[:limit]
        times = frozenset(place for row in shown for place, value in enumerate(row) if _holds_time(value))
        return Rows(columns, tuple(tuple(map(_plain, row)) for row in shown), total, times)

    @contextmanager
    def held(self, select: str, *, is_worth_it: bool) -> Iterator[str]:
        """Yield what to ask of instead of a SELECT: a table in memory where there is room, for this while."""
        import duckdb

        is_held = False
        if is_worth_it:
            # What is wrong with the rows themselves is said by the question that follows.
            with suppress(duckdb.Error), bounded(self._connection, self._seconds):
                self._connection.execute(f"CREATE TEMP TABLE {HELD} AS {select}")
                is_held = True
        try:
            yield HELD if is_held else f"({select})"
        finally:
            if is_held:
                self._connection.execute(f"DROP TABLE {HELD}")

    def count_rows(self, query: Query, tables: Iterable[CatalogTable]) -> int | None:
        """Return from how many rows of one table a number was computed; None where its query does not tell.

        Those are the rows that pass its WHERE. Groups, joins and queries within queries do not tell.
        """
        node = self._node(inlined(query.sql, query.parameters))
        is_plain = not node.get("group_expressions") and not node.get("having") and not node.get("qualify")
        from_table = node.get("from_table", {}).get("type")
        if node["type"] != "SELECT_NODE" or from_table != "BASE_TABLE" or not is_plain:
            return None
        node |= {"select_list": self._node("SELECT count(*)")["select_list"], "modifiers": []}
        tree = {"error": False, "statements": [{"node": node}]}
        found = self._connection.execute(
            "SELECT json_deserialize_sql($1::JSON)", [json.dumps(tree)]
        ).fetchone()
        counting = replace(query, sql=str(found[0]) if found else "", parameters={})
        return int(self.ask(counting, tables, 1).rows[0][0])

    def write(self, query: Query, tables: Iterable[CatalogTable]) -> tuple[str, str | None]:
        """Return a number's SELECT as a page's engine asks it, which knows no zones, and its answer as text.

        For answers that are no number: a page compares them as the database writes them.
        """
        body = body_of(inlined(query.sql, query.parameters)).strip()
        described = self._run(f"DESCRIBE SELECT * FROM (\n{body}\n)", {}).fetchall()
        plain = _without_zones(body, [str(column[1]) for column in described])
        asked = f'SELECT CAST("value" AS VARCHAR) FROM (\n{plain}\n) AS "claimed"("value")'
        return plain, self.ask(replace(query, sql=asked, parameters={}), tables, 1).rows[0][0]

    def _node(self, sql: str) -> dict[str, Any]:
        """Return the tree of a statement that was read before."""
        asked = self._connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchone()
        node: dict[str, Any] = json.loads(asked[0] if asked else "{}")["statements"][0]["node"]
        return node

    def _create(self, table: CatalogTable) -> None:
        if table.name not in self._known:
            self._connection.execute(f"CREATE VIEW {quote(table.name)} AS {select_all(table, scan(table))}")
            self._known.add(table.name)

    def _start(self, query: Query) -> tuple[tuple[str, ...], duckdb.DuckDBPyConnection]:
        """Return a query's columns, and the cursor at its first row."""
        body = body_of(query.sql)
        cursor = self._run(body, query.parameters)
        described = cursor.description or []
        columns = tuple(str(column[0]) for column in described)
        # Times with a zone become Python's by way of a package that is not installed; the zone is UTC anyway.
        plain = _without_zones(body, [str(column[1]) for column in described])
        return columns, cursor if plain == body else self._run(plain, query.parameters)

    def _run(self, sql: str, parameters: Mapping[str, Value]) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(sql, dict(parameters) or None)

    def _count(self, query: Query) -> int:
        found = self._run(f"SELECT count(*) FROM (\n{body_of(query.sql)}\n)", query.parameters).fetchone()
        return int(found[0]) if found else 0


_ZONED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')|TIMESTAMP WITH TIME ZONE""")


def _without_zones(body: str, types: Sequence[str]) -> str:
    """Return a SELECT with its times as those in UTC without a zone; as it is where none has a zone."""
    plain = [_unzoned(kind) for kind in types]
    if plain == list(types):
        return body
    wanted = ", ".join(
        f"c{place}" if kind == types[place] else f"c{place}::{kind}" for place, kind in enumerate(plain)
    )
    names = ", ".join(f"c{place}" for place in range(len(types)))
    return f"SELECT {wanted} FROM (\n{body}\n) AS found({names})"


def _unzoned(kind: str) -> str:
    """Return a type with times that have no zone, also within lists and structs; names in it stay."""
    return _ZONED.sub(lambda found: found[1] or "TIMESTAMP", kind)


def _line_of(sql: str, name: str) -> int:
    """Return the line of ``sql`` that names something, counted from 0."""
    return sql.lower().count("\n", 0, max(0, sql.lower().find(name.lower()))) if name else 0


def _sources(node: dict[str, Any]) -> tuple[str | None, ...]:
    """Return which column of a table each selected one is; nothing where a star or an expression hides it."""
    selected = node.get("select_list", [])
    if any(item.get("class") == "STAR" for item in selected):
        return ()
    return tuple(item["column_names"][-1] if item.get("class") == "COLUMN_REF" else None for item in selected)


def _refuse_several(query: Query) -> None:
    """Refuse a second statement behind a semicolon, at the line where it begins."""
    written = query.sql.encode()
    told = tokens_of(query.sql)
    for end, place in pairwise(told):
        if written[end] == SEMICOLON != written[place]:
            begins = written[place:].decode().split("\n")[0].strip()
            what = f"a second statement begins here, and a query is one: {begins[:60]}"
            hint = "keep one SELECT, and write the other into a fence sql, or a number, of its own"
            raise SitegenError(query.where(written.count(b"\n", 0, place)), what, hint)


def _refuse_unread(query: Query, body: str, tree: dict[str, Any]) -> NoReturn:
    line = body.count("\n", 0, int(tree.get("position") or 0))
    said = str(tree.get("error_message", "")).splitlines() or ["it cannot be read"]
    raise SitegenError(query.where(line), f"the SQL does not parse: {said[0]}")


def _refused(query: Query, error: duckdb.Error, tables: tuple[CatalogTable, ...]) -> SitegenError:
    """Return what DuckDB has against a query, with its line, and the nearest column where one is unknown."""
    message = re.sub(r"^[A-Z][A-Za-z ]+ Error: ", "", str(error))
    place = re.search(r"^LINE (\d+): ", message, re.MULTILINE)
    where = query.where(int(place.group(1)) - 1 if place else 0)
    unknown = re.search(r'column "?([^"\s]+)"? not found|does not have a column named "([^"]+)"', message)
    if unknown and tables:
        name = unknown.group(1) or unknown.group(2)
        known = [column.name for table in tables for column in table.table.columns]
        said = " or ".join(table.name for table in tables)
        return SitegenError(where, f'column "{name}" is not in table {said}', nearest(name, known))
    first = message.split("\n")[0].rstrip()
    return SitegenError(where, f"the database refuses the query: {first[:300]}")


def _holds_time(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_holds_time, value))
    if isinstance(value, dict):
        return any(map(_holds_time, (*value, *value.values())))
    return isinstance(value, datetime)


def _plain(value: Any) -> Any:
    """Return a cell as text where it is neither a number nor a truth value nor text."""
    if isinstance(value, datetime | time):
        written = str(value)  # with six digits of a second's part, of which the database writes no last zeros
        return written.rstrip("0") if "." in written else written
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    if isinstance(value, list | tuple):
        return ", ".join(str(_plain(item)) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(item)}" for key, item in value.items())
    return value
