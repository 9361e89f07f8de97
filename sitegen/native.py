"""Answers the queries of open pages with native DuckDB, for tables that are too large for a browser.

Every page has a database of its own, with the same relations as in a browser; readers of a page share it, and
each has its own temporary tables. A statement may read the page's tables, and write no more than those tables
in memory that cross-filtering keeps: no files, no settings.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from sitegen.catalog import Relation
from sitegen.database import Store, arrow_stream
from sitegen.limits import bounded
from sitegen.statements import refusals

MOST_PAGES = 4
"""Pages whose databases are kept; the one that was asked longest ago is given up."""
MOST_READERS = 32
"""Open tabs of a page."""
SECONDS = 60.0
"""Time that one statement may take."""
LONGEST = 1 << 20
"""Characters of a statement."""

Relations = Mapping[str, tuple[Relation, ...]]
"""By address of the page."""

_NAME = r'(?:"(?:[^"]|"")+"|\w+)'
_SHARED = "mosaic"
"""Schema of the tables that cross-filtering keeps for all readers of a page; a reader's own are temporary."""
_MAKES = re.compile(
    r"CREATE (?:OR REPLACE )?"
    rf"(?:TEMP(?:ORARY)? (?:TABLE|VIEW) (?:IF NOT EXISTS )?{_NAME}"
    rf"|(?P<shared>TABLE|VIEW) (?:IF NOT EXISTS )?\"?{_SHARED}\"?\.{_NAME})"
    r" AS\s+(?P<select>.*)",
    re.IGNORECASE | re.DOTALL,
)
_DESCRIBES = re.compile(
    rf"(?:DESC|DESCRIBE) (?:(?P<name>{_NAME})|(?P<select>(?:SELECT|WITH|FROM)\b.*))",
    re.IGNORECASE | re.DOTALL,
)
_KEEPS = re.compile(
    rf"CREATE SCHEMA IF NOT EXISTS \"?{_SHARED}\"?"
    rf"|DROP (?:TABLE|VIEW) (?:IF EXISTS )?(?:\"?{_SHARED}\"?\.|\"?temp\"?\.){_NAME}"
    rf"|DROP SCHEMA IF EXISTS \"?{_SHARED}\"? CASCADE",
    re.IGNORECASE,
)


class NativeError(Exception):
    """A statement was refused, or failed; the message is for the page that asked."""


class Native:
    """The databases of a report's pages; opened when a page asks, closed when the report changes."""

    def __init__(self) -> None:
        self._relations: Relations = {}
        self._pages: OrderedDict[str, _Page] = OrderedDict()
        self._lock = threading.Lock()

    def renew(self, relations: Relations) -> None:
        """Take the pages of a new build; what was open is given up."""
        with self._lock:
            for page in self._pages.values():
                page.close()
            self._pages.clear()
            self._relations = relations

    def close(self) -> None:
        """Give all memory back; pages that ask afterwards are told that there are none."""
        self.renew({})

    def leave(self, reader: str) -> None:
        """Give back what a reader has, who asks no more."""
        with self._lock:
            pages = list(self._pages.values())
        for page in pages:
            page.leave(reader)

    def ask(self, page: str, reader: str, sql: str) -> bytes:
        """Return what a statement answers, as an Arrow IPC stream; nothing of one that only makes a table.

        ``reader`` names an open tab. Raises ``NativeError``.
        """
        try:
            return self._page(page).ask(reader, sql)
        except duckdb.InterruptException as error:
            message = f"the query takes longer than {SECONDS:g} s, or the report changed meanwhile"
            raise NativeError(message) from error
        except duckdb.Error as error:
            raise NativeError(str(error)) from error

    def _page(self, url: str) -> _Page:
        with self._lock:
            if url not in self._relations:
                message = f"there is no page {url}"
                raise NativeError(message)
            if url not in self._pages:
                self._pages[url] = _Page(self._relations[url])
            self._pages.move_to_end(url)
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)[1].close()
            return self._pages[url]


class _Page:
    """One page's relations, and a connection for each reader; opened by the first question."""

    def __init__(self, relations: Iterable[Relation]) -> None:
        self._relations = relations
        self._store: Store | None = None
        self._is_closed = False
        self._readers: OrderedDict[str, _Reader] = OrderedDict()
        self._lock = threading.Lock()
        self._shared = threading.Lock()
        """Held while a reader makes what all readers use: DuckDB lets one of two that make the same fail."""

    def ask(self, reader: str, sql: str) -> bytes:
        found = self._reader(reader)
        select, is_shared = _read(sql)
        if is_shared:
            with self._shared:
                return found.ask(sql, select)
        return found.ask(sql, select)

    def _reader(self, name: str) -> _Reader:
        with self._lock:
            if self._is_closed:
                message = "the report changed: reload the page"
                raise NativeError(message)
            if self._store is None:
                self._store = Store(self._relations, MOST_PAGES)
            if name not in self._readers:
                self._readers[name] = _Reader(self._store.connection.cursor())
            self._readers.move_to_end(name)
            while len(self._readers) > MOST_READERS:
                self._readers.popitem(last=False)[1].close()
            return self._readers[name]

    def leave(self, name: str) -> None:
        with self._lock:
            found = self._readers.pop(name, None)
        if found:
            found.close()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            for reader in self._readers.values():
                reader.close()
            if self._store:
                self._store.close()


class _Reader:
    """One open tab: its statements run one after another, as in its own browser."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def ask(self, sql: str, select: str | None) -> bytes:
        with self._lock, bounded(self._connection, SECONDS):
            if select is not None:
                self._check(select)
            found = self._connection.sql(sql)
            if found is None:
                return b""
            return arrow_stream(found.to_arrow_table())

    def close(self) -> None:
        self._connection.interrupt()
        with self._lock:
            self._connection.close()

    def _check(self, select: str) -> None:
        """Raise when a statement is none of those that a page asks."""
        ((read,),) = self._connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [select]).fetchall()
        tree: dict[str, Any] = json.loads(read)
        if tree.get("error") or len(tree["statements"]) != 1:
            message = f"not one SELECT: {tree.get('error_message', select[:200])}"
            raise NativeError(message)
        for refusal in refusals(tree["statements"][0]["node"]):
            message = f"{refusal.what}; {refusal.hint}"
            raise NativeError(message)


def _read(sql: str) -> tuple[str | None, bool]:
    """Return the SELECT in a statement, None where there is none, and whether it makes what readers share."""
    written = sql.strip().rstrip(";").rstrip()
    if len(sql) > LONGEST:
        message = f"the statement has more than {LONGEST:,} characters"
        raise NativeError(message)
    if _KEEPS.fullmatch(written):
        return None, True
    if described := _DESCRIBES.fullmatch(written):
        return described["select"] or f"SELECT * FROM {described['name']}", False
    made = _MAKES.fullmatch(written)
    return (made["select"], made["shared"] is not None) if made else (written, False)
