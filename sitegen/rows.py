"""Shows what a query answered: a number in the text, or an accessible table of rows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sitegen.answers import Rows, Statement
from sitegen.catalog import CatalogTable
from sitegen.document import Said
from sitegen.errors import Problems, SitegenError, counted, nearest
from sitegen.languages import Words
from sitegen.numbers import UNDEFINED, format_value, is_number, is_undefined
from sitegen.queries import Query, TableOptions
from sitegen.syntax import render_data
from sitegen.values import printable

DIGITS = 4
"""Significant digits of the greatest number of a column without a format."""


def say_number(query: Query, found: Rows, words: Words, problems: Problems) -> Said:
    """Return the one value that was answered; raises when it is not one, notes when it is not as expected."""
    found = _printable(found)
    if len(found.columns) != 1 or found.total != 1:
        what = f"the query answers {_counted(found)}; a number in the text is one row of one column"
        raise SitegenError(query.where(), what, "select one value, or write a fence sql for a table")
    value = found.rows[0][0]
    text = format_value(value, query.format)
    if query.format and not is_number(value) and not is_undefined(value):
        what = f'"{query.format}" formats numbers, and the query answers the text "{text[:40]}"'
        raise SitegenError(query.where(), what, "leave the format out")
    _check_expected(query, value, text, problems)
    unit = "UTC" if found.times else ""
    said = value_in_words(value, query.format, words) + (f" {unit}" if unit else "")
    return Said(_number(value, said, words), said, value, unit)


def value_in_words(value: Any, form: str, words: Words) -> str:
    """Return a value for a reader: a number as the site's language writes it."""
    text = format_value(value, form)
    if isinstance(value, bool):
        return words.say(text)
    return words.number(text) if is_number(value) else text


def _number(value: Any, text: str, words: Words) -> str:
    if is_undefined(value):
        return f'<abbr class="number" title="{html.escape(words.say("undefined"))}">{UNDEFINED}</abbr>'
    if is_number(value):
        return f'<data class="number" value="{html.escape(str(value))}">{text}</data>'
    return f'<span class="answer">{html.escape(text)}</span>'


def _printable(found: Rows) -> Rows:
    rows = (
        tuple(printable(value) if isinstance(value, str) else value for value in row) for row in found.rows
    )
    return replace(found, columns=tuple(map(printable, found.columns)), rows=tuple(rows))


def _counted(found: Rows) -> str:
    rows, columns = found.total, len(found.columns)
    return f"{rows:,} row{'' if rows == 1 else 's'} of {columns} column{'' if columns == 1 else 's'}"


def _check_expected(query: Query, value: Any, text: str, problems: Problems) -> None:
    if query.expect and not query.expect.holds(value):
        exact = str(value) if is_number(value) else text
        of_claim = f'the claim "{query.claim}" does not hold: ' if query.claim else ""
        what = f"{of_claim}the number is {exact}, expected {query.expect.written}"
        problems.warn(query.where(), what, "the data changed: correct the text, or what it expects")


def say_table(
    query: Query,
    options: TableOptions,
    statement: Statement,
    found: Rows,
    tables: Sequence[CatalogTable],
    words: Words,
    problems: Problems,
) -> Said:
    """Return the rows as a table, as many as are wanted; notes when there are not as many as expected."""
    found = _printable(found)
    for name in [*options.formats, *options.markdown]:
        if name not in found.columns:
            where = query.where(-1)
            raise SitegenError(where, f'the query answers no column "{name}"', nearest(name, found.columns))
    if query.expect and not query.expect.holds(found.total):
        what = f"the query answers {counted(found.total, 'row')}, expected {query.expect.written}"
        problems.warn(query.where(-1), what)
    titles = _titles(statement, found, tables)
    columns = [
        _cells(name, [row[index] for row in found.rows], options, words)
        for index, name in enumerate(found.columns)
    ]
    numeric = [is_numeric for is_numeric, _ in columns]
    head = "".join(_head(title, is_numeric) for title, is_numeric in zip(titles, numeric, strict=True))
    body = "".join(_row(numeric, cells) for cells in zip(*(cells for _, cells in columns), strict=True))
    anchor = f' id="{options.anchor}"' if options.anchor else ""
    label = html.escape(options.title or words.say("Table"))
    return Said(
        f'<div class="table-scroll answers"{anchor} role="group" aria-label="{label}" tabindex="0">'
        f"<table>\n<caption>{_caption(options, found, words)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n",
        "",
    )


def _caption(options: TableOptions, found: Rows, words: Words) -> str:
    said = words.say_count(found.total, "{n} row", "{n} rows")
    if found.total > len(found.rows):
        said = words.say("the first {most} of {all}", most=words.number(f"{len(found.rows):,}"), all=said)
    title = f"{html.escape(options.title)} " if options.title else ""
    return f'{title}<span class="answers-count">{html.escape(said)}</span>'


def _titles(statement: Statement, found: Rows, tables: Iterable[CatalogTable]) -> list[str]:
    """Return the columns' titles: a table's own column has that one's unit, and times of a day their zone."""
    units = {column.name: column.unit for table in tables for column in table.table.columns}
    told = len(statement.sources) == len(found.columns)
    sources = statement.sources if told else found.columns
    titles = []
    for place, (name, source) in enumerate(zip(found.columns, sources, strict=True)):
        words = name.replace("_", " ").strip()
        unit = units.get(source or "") or ("UTC" if place in found.times else None)
        titles.append(words[:1].upper() + words[1:] + (f" ({unit})" if unit else ""))
    return titles


def _cells(name: str, values: Sequence[Any], options: TableOptions, words: Words) -> tuple[bool, list[str]]:
    """Return whether a column holds numbers, and its cells as HTML."""
    defined = [value for value in values if not is_undefined(value)]
    if defined and all(map(is_number, defined)):
        form = options.formats.get(name) or _common_format(defined)
        return True, [value_in_words(value, form, words) for value in values]
    if name in options.markdown:
        return False, [UNDEFINED if value is None else render_data(str(value)) for value in values]
    return False, [_breakable(html.escape(value_in_words(value, "", words))) for value in values]


def _breakable(text: str) -> str:
    """Let a name of several words break between them, after an underscore, where a table is narrow."""
    return re.sub(r"(?<=[^\W_]_)(?=[^\W_])", "<wbr>", text)


def _common_format(values: Sequence[Any]) -> str:
    """Return one format for a column, so that its points stand below each other."""
    if all(value == int(value) for value in values):
        return ",.0f"
    whole = len(str(int(max(abs(value) for value in values)))) if max(map(abs, values)) >= 1 else 0
    return f",.{max(1, DIGITS - whole)}f"


def _head(title: str, is_numeric: bool) -> str:
    aligned = ' class="align-right"' if is_numeric else ""
    return f'<th scope="col"{aligned}>{html.escape(title)}</th>'


def _row(numeric: Sequence[bool], cells: Sequence[str]) -> str:
    marked = (
        f'<td class="number">{cell}</td>' if is_numeric else f"<td>{cell}</td>"
        for is_numeric, cell in zip(numeric, cells, strict=True)
    )
    return f"<tr>{''.join(marked)}</tr>\n"
