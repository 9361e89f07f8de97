"""Pages made from one file: a page for each row of a query or each value of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sitegen.answers import Answers
from sitegen.content import Page
from sitegen.errors import Problems, SitegenError
from sitegen.links import slug
from sitegen.memo import Memo
from sitegen.numbers import is_number
from sitegen.queries import Query
from sitegen.values import PartialValues, Value, Values, fill_sql, fill_text, joined, say

MOST_PAGES = 1000
"""Pages that one file may make."""
LONGEST_SLUG = 80
RESERVED = {"index"}
"""Names that mean something else in an address."""


@dataclass(frozen=True)
class _Row:
    """What one page is about."""

    values: Values
    slug: str


def expand_pages(
    pages: Iterable[Page],
    values: Values,
    answers: Answers,
    memo: Memo,
    problems: Problems,
    unmade: set[str],
) -> Iterator[Page]:
    """Yield every page with the values that it may name, and many pages for a file that makes many.

    ``values`` are those of the whole report. What is wrong with a file is noted, its pages are left out, and
    its path is added to ``unmade``.
    """
    for page in pages:
        # One object for pages without constants: what is the same is compared at once.
        known = {**values, **page.front.constants} if page.front.constants else values
        if page.unread & {"constants", "for_each"}:
            known = PartialValues(known)
        if "for_each" in page.unread:
            unmade.add(page.path)
        if not page.makes_many:
            yield _filled(page, known, problems)
            continue
        made: list[Page] | None = None
        with problems.collected():
            rows = _rows(page, known, answers, memo)
            made = None if rows is None else _pages(page, known, rows, problems)
        if made is None:
            unmade.add(page.path)
        yield from made or ()


def _rows(page: Page, known: Values, answers: Answers, memo: Memo) -> Sequence[Mapping[str, Any]] | None:
    """Return names and values of each page; None when a table is broken, which was noted already."""
    wanted = page.front.for_each
    if not wanted.sql:
        return wanted.values
    file, line = page.text_of("for_each.sql")
    sql, parameters = fill_sql(wanted.sql, known, f"{file}:{line}")
    query = Query("pages", file, line, sql, parameters)
    _, tables = memo.recall(
        ("query", page.path, "pages"), (query, answers.catalog), partial(answers.read, query)
    )
    if tables is None:
        return None
    ask = partial(answers.ask, query, tables, MOST_PAGES + 1)
    found = memo.recall(("answer", page.path, "pages"), (query, tables), ask)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def _check_rows(page: Page, rows: Sequence[Mapping[str, Any]]) -> None:
    where = page.line_of("for_each")
    if len(rows) > MOST_PAGES:
        hint = "group the rows, or limit the query to those that matter"
        raise SitegenError(where, f"it would make more than {MOST_PAGES:,} pages", hint)
    unlike = next((row for row in rows if row.keys() != rows[0].keys()), None)
    if unlike is not None:
        what = f"the pages have different values: {', '.join(rows[0])} and {', '.join(unlike)}"
        raise SitegenError(where, what, "give every page the same names")


def _pages(page: Page, known: Values, rows: Sequence[Mapping[str, Any]], problems: Problems) -> list[Page]:
    _check_rows(page, rows)
    folder, pages = page.path.removesuffix(".md"), []
    for number, row in enumerate(_named(page, known, rows)):
        own = joined(known, {**row.values, "slug": row.slug})
        made = replace(page, path=f"{folder}/{row.slug}.md", template=page.path)
        made = replace(made, front=replace(made.front, order=number))
        pages.append(_filled(made, own, problems))
    return pages


def _filled(page: Page, values: Values, problems: Problems) -> Page:
    """Return the page with its values, those of its front matter put in; what cannot be is noted."""
    if "{{" not in page.front_text:
        return replace(page, values=values)
    # Its title and description are filled where the numbers in them are computed.
    with problems.collected():
        table = fill_text(page.front.table, values, page.line_of("table"))
        return replace(page, front=replace(page.front, table=table), values=values)
    return replace(page, front=replace(page.front, table=""), values=values, unread=page.unread | {"table"})


def _named(page: Page, known: Values, rows: Sequence[Mapping[str, Any]]) -> Iterator[_Row]:
    """Yield the rows with an address for each that no other has, whatever its values hold."""
    taken = set(RESERVED)
    for row in rows:
        values = {name: _value(value) for name, value in row.items()}
        written = page.front.for_each.slug
        text = (
            fill_text(written, joined(known, values), page.line_of("for_each.slug"))
            if written
            else _first(values)
        )
        wanted = name = slug(text)[:LONGEST_SLUG].strip("-_") or "page"
        number = 2
        while name in taken:
            name, number = f"{wanted}-{number}", number + 1
        taken.add(name)
        yield _Row(values, name)


def _first(values: Values) -> str:
    return say(next(iter(values.values()), None))


def _value(value: Any) -> Value:
    """Return a cell as a value that a page may name."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if is_number(value):
        number = float(value)
        return number if number - number == 0 else None
    return str(value)
