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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from sitegen.catalog import Relation
from sitegen.database import arrow_stream, opening
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
    rf"|(?:TABLE|VIEW) (?:IF NOT EXISTS )?\"?{_SHARED}\"?\.{_NAME})"
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
        self._pages: OrderedDict[str, _PageDatabase] = OrderedDict()
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

    def ask(self, page: str, reader: str, sql: str) -> bytes:
        """Return what a statement answers, as an Arrow IPC stream; nothing of one that only makes a table.

        ``reader`` names an open tab. Raises ``NativeError``.
        """
        return self._page(page).ask(reader, sql)

    def _page(self, url: str) -> _PageDatabase:
        with self._lock:
            if url not in self._relations:
                message = f"there is no page {url}"
                raise NativeError(message)
            if url not in self._pages:
                self._pages[url] = _PageDatabase(self._relations[url])
            self._pages.move_to_end(url)
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)[1].close()
            return self._pages[url]


class _PageDatabase:
    """One page's relations, and a connection for each reader."""

    def __init__(self, relations: Iterable[Relation]) -> None:
        self._relations = relations
        self._connection = duckdb.connect(":memory:")
        self._is_open = False
        self._readers: OrderedDict[str, _Reader] = OrderedDict()
        self._lock = threading.Lock()

    def _open(self) -> None:
        self._set("TimeZone = 'UTC'", "temp_directory = ''")
        self._set("autoinstall_known_extensions = false", "autoload_known_extensions = false")
        for statement in opening(self._relations):
            self._connection.execute(statement)
        self._set("lock_configuration = true")
        self._is_open = True

    def _set(self, *settings: str) -> None:
        for setting in settings:
            self._connection.execute(f"SET {setting}")

    def ask(self, reader: str, sql: str) -> bytes:
        with self._lock:
            if not self._is_open:
                self._open()
            if reader not in self._readers:
                self._readers[reader] = _Reader(self._connection.cursor())
            self._readers.move_to_end(reader)
            while len(self._readers) > MOST_READERS:
                self._readers.popitem(last=False)[1].close()
            found = self._readers[reader]
        return found.ask(sql)

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()
        self._connection.close()


class _Reader:
    """One open tab: its statements run one after another, as in its own browser."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def ask(self, sql: str) -> bytes:
        with self._lock, self._bounded():
            try:
                self._check(sql)
                found = self._connection.sql(sql)
                if found is None:
                    return b""
                return arrow_stream(found.to_arrow_table())
            except duckdb.InterruptException as error:
                message = f"the query takes longer than {SECONDS:g} s"
                raise NativeError(message) from error
            except duckdb.Error as error:
                raise NativeError(str(error)) from error

    def close(self) -> None:
        self._connection.interrupt()
        with self._lock:
            self._connection.close()

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        timer = threading.Timer(SECONDS, self._connection.interrupt)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _check(self, sql: str) -> None:
        """Raise when a statement is none of those that a page asks."""
        select = _read(sql)
        if select is None:
            return
        ((read,),) = self._connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [select]).fetchall()
        tree: dict[str, Any] = json.loads(read)
        if tree.get("error") or len(tree["statements"]) != 1:
            message = f"not one SELECT: {tree.get('error_message', select[:200])}"
            raise NativeError(message)
        for refusal in refusals(tree["statements"][0]["node"]):
            message = f"{refusal.what}; {refusal.hint}"
            raise NativeError(message)


def _read(sql: str) -> str | None:
    """Return the SELECT in a statement; None where there is none to check."""
    written = sql.strip().rstrip(";").rstrip()
    if len(sql) > LONGEST:
        message = f"the statement has more than {LONGEST:,} characters"
        raise NativeError(message)
    if _KEEPS.fullmatch(written):
        return None
    if described := _DESCRIBES.fullmatch(written):
        return described["select"] or f"SELECT * FROM {described['name']}"
    made = _MAKES.fullmatch(written)
    return made["select"] if made else written
