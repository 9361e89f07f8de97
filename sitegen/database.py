"""Answers views' queries at build with native DuckDB, as DuckDB-WASM will answer them in the browser.

One thread, because float sums depend on their order; UTC; and no way out of memory once the page's relations
stand, because a query may come from a spec that somebody else wrote.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping

import duckdb
import pyarrow as pa

from sitegen.catalog import Relation, quote, scan, text


class QueryError(Exception):
    """DuckDB refused a query; the message is its first lines."""


class Database:
    """The relations of one page."""

    def __init__(self, relations: Iterable[Relation]) -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET threads = 1")
        self._connection.execute("SET TimeZone = 'UTC'")
        for statement in opening(relations):
            self._connection.execute(statement)
        self._connection.execute("SET lock_configuration = true")

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
        self._connection.close()


MOST_IN_MEMORY = 20_000_000
"""Rows above which a relation is read from its files at every query, not copied into memory."""


def opening(relations: Iterable[Relation]) -> Iterator[str]:
    """Yield the statements that make a page's relations, after which no other file can be read."""
    folders: dict[str, None] = {}
    makes = []
    for relation in relations:
        select = filled(relation.create_sql, {table.name: scan(table) for table in relation.tables})
        is_large = relation.rows > MOST_IN_MEMORY
        if is_large:
            folders |= {f"{text(str(table.folder.resolve()) + '/')}": None for table in relation.tables}
        makes.append(f"CREATE {'VIEW' if is_large else 'TABLE'} {quote(relation.name)} AS {select}")
    if folders:
        yield f"SET allowed_directories = [{', '.join(folders)}]"
    yield from makes
    yield "SET enable_external_access = false"


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
