"""Reads the questions that a page asks of its tables: a number in the text, or a table of rows.

``{sql .1% expect=0.93..0.97}`` before a code span of SQL is a number; a fence ``sql key=value…`` is a table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sitegen.errors import SitegenError
from sitegen.numbers import Expectation, check_format, read_expectation
from sitegen.structured import read_info
from sitegen.values import QUERY, Value, Values, fill_sql, fill_text

TABLE_KEYS = ("title", "id", "rows", "format", "markdown", "expect", "run")
ROWS = 100
"""Rows that a table shows, where its author says nothing."""
MOST_ROWS = 1000


@dataclass(frozen=True)
class Query:
    """A SELECT in a page, as its author wrote it."""

    id: str
    """Unique in its page."""
    file: str
    line: int
    """Line of the first line of ``sql``."""
    sql: str
    """With a parameter in the place of each value of the page."""
    parameters: dict[str, Value]
    expect: Expectation | None = None
    """Of the number, or of the number of rows."""
    format: str = ""
    """Of the number."""
    table: TableOptions | None = None
    """How the rows are shown; None for a number."""
    claim: str = ""
    """The claim that it is a number of, by id; empty for none."""

    def where(self, line: int = 0) -> str:
        """Return ``file:line`` of a line of ``sql``, counted from 0."""
        return f"{self.file}:{self.line + line}"


@dataclass(frozen=True)
class TableOptions:
    """How a table of rows is shown."""

    title: str = ""
    anchor: str = ""
    """Its id in the page; none when empty."""
    rows: int = ROWS
    """Rows shown at most."""
    formats: dict[str, str] = field(default_factory=dict)
    """Format by column."""
    markdown: frozenset[str] = frozenset()
    """Columns whose text is Markdown."""


def is_table(info: str) -> bool:
    """Say whether a fence with this first line is a table to compute; ``run=false`` shows its SQL as code."""
    words = info.split()
    return words[:1] == ["sql"] and "run=false" not in words


def read_number(info: str, sql: str, file: str, line: int, name: str, values: Values) -> Query:
    """Read a number's format, expectation and SQL; raises what is wrong with it."""
    where = f"{file}:{line}"
    formats: list[str] = []
    pairs: list[str] = []
    for word in re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^\s"])+', info):
        (pairs if re.match(r"[A-Za-z]\w*=", word) else formats).append(word)
    if len(formats) > 1:
        raise SitegenError(where, f'"{info.strip()}" holds two formats', "keep one of them")
    given = read_info(" ".join(pairs), where, ("expect",))
    statement, parameters = fill_sql(sql, values, where)
    return Query(
        id=name,
        file=file,
        line=line,
        sql=statement,
        parameters=parameters,
        expect=_expectation(given, values, where),
        format=check_format(formats[0], where) if formats else "",
    )


def read_table(info: str, sql: str, file: str, line: int, name: str, values: Values) -> Query:
    """Read a fence whose first line stands at ``line``; raises what is wrong with it."""
    where = f"{file}:{line}"
    given = read_info(info.strip().removeprefix("sql"), where, TABLE_KEYS)
    statement, parameters = fill_sql(sql, values, where)
    rows = given.get("rows", str(ROWS))
    if not rows.isdecimal() or not 1 <= int(rows) <= MOST_ROWS:
        raise SitegenError(where, f'"rows" is not a whole number from 1 to {MOST_ROWS}')
    anchor = given.get("id", "")
    if anchor and not re.fullmatch(r"[a-z][a-z0-9-]*", anchor):
        raise SitegenError(where, f'the id "{anchor}" is not lower-case letters, digits and hyphens')
    if QUERY.search(given.get("title", "")):
        what, hint = "the title of a table computes no number", "say the number in the text above it"
        raise SitegenError(where, what, hint)
    options = TableOptions(
        title=fill_text(given.get("title", ""), values, where),
        anchor=anchor,
        rows=int(rows),
        formats=_formats(given.get("format", ""), where),
        markdown=frozenset(_listed(given.get("markdown", ""))),
    )
    expect = _expectation(given, values, where)
    return Query(name, file, line + 1, statement, parameters, expect, table=options)


def _expectation(given: dict[str, str], values: Values, where: str) -> Expectation | None:
    return read_expectation(fill_text(given["expect"], values, where), where) if "expect" in given else None


def _formats(text: str, where: str) -> dict[str, str]:
    """Return formats by column: ``accuracy=.1%; n=,``."""
    found = {}
    for one in filter(None, (part.strip() for part in text.split(";"))):
        column, equals, form = one.rpartition("=")
        if not equals:
            raise SitegenError(where, f'"{one}" is not column=format', 'such as format="accuracy=.1%; n=,"')
        found[column.strip()] = check_format(form.strip(), where)
    return found


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
