"""Answers views' queries at build with native DuckDB, as DuckDB-WASM will answer them in the browser.

One thread, because float sums depend on their order; UTC; and no way out of memory once the page's relations
stand, because a query may come from a spec that somebody else wrote.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from sitegen.catalog import Relation, quote, scan, text
from sitegen.limits import SETTINGS, memory_limit
from sitegen.temporary import own_prefix


class QueryError(Exception):
    """DuckDB refused a query; the message is its first lines."""


class Store:
    """A database that holds the relations of one page, and from which nothing else can be read.

    In memory, or in a file of its own while it is open where a relation is large. ``databases`` says how many
    may be open at once: each has its share of the memory, and a folder for what does not fit.
    """

    def __init__(self, relations: Iterable[Relation], databases: int, *settings: str) -> None:
        held = tuple(relations)
        is_large = any(relation.rows > MOST_IN_MEMORY for relation in held)
        self._folder = TemporaryDirectory(prefix=own_prefix("database"))
        place = f"{self._folder.name}/page.duckdb" if is_large else ":memory:"
        self.connection = duckdb.connect(place)
        try:
            self._fill(held, (memory_limit(databases), *settings))
        except duckdb.Error:
            self.close()
            raise

    def _fill(self, relations: Iterable[Relation], settings: Iterable[str]) -> None:
        """Make the relations; from then on nothing else can be read, and no setting changed."""
        for setting in (*SETTINGS, f"temp_directory = {text(self._folder.name)}", *settings):
            self.connection.execute(f"SET {setting}")
        for relation in relations:
            select = filled(relation.create_sql, {table.name: scan(table) for table in relation.tables})
            self.connection.execute(f"CREATE TABLE {quote(relation.name)} AS {select}")
        for setting in ("enable_external_access = false", "lock_configuration = true"):
            self.connection.execute(f"SET {setting}")

    def close(self) -> None:
        """Give memory and disk back."""
        self.connection.close()
        self._folder.cleanup()


MOST_IN_MEMORY = 20_000_000
"""Rows above which a relation is kept on disk, not in memory."""


class Database:
    """The relations of one page, asked one query after another."""

    def __init__(self, relations: Iterable[Relation], databases: int = 1) -> None:
        self._store = Store(relations, databases, "threads = 1")
        self._connection = self._store.connection

    def answer(self, query: str) -> str:
        """Return the rows of a SELECT as an Arrow IPC stream in base64; raises ``QueryError``."""
        try:
            result = self._connection.sql(query)
            if result is None:
                message = "the query is no SELECT"
                raise QueryError(message)
            rows = result.to_arrow_table()
        except duckdb.Error as error:
            raise QueryError(str(error)) from error
        return base64.b64encode(arrow_stream(rows)).decode("ascii")

    def close(self) -> None:
        """Give the memory back."""
        self._store.close()


_PLACE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\{([^{}]+)\}""")


def filled(select: str, sources: Mapping[str, str]) -> str:
    """Put each table's source where a SELECT names it, ``{artifact/table}``, but not inside quotes."""
    return _PLACE.sub(lambda place: sources.get(place.group(1) or "", place.group()), select)


def arrow_stream(rows: pa.Table) -> bytes:
    """Return rows as an Arrow IPC stream, in types that a browser's reader understands."""
    plain = pa.schema([pa.field(item.name, _plain(item.type)) for item in rows.schema])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, plain) as writer:
        writer.write_table(rows.cast(plain))
    return bytes(sink.getvalue())


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type that a browser's Arrow reader understands in place of ``kind``."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    # Sums of whole numbers are HUGEINT, literals with a point DECIMAL: both are plain numbers to a script.
    return pa.float64() if pa.types.is_decimal(kind) else kind
