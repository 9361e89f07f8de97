"""Applies the filters that authors write into blocks: each becomes a column that says which rows are meant.

The expression is translated when the site is built, by the theme's own script, so that it means what a filter
of a reader means; the column is part of the page's relation, so that every view keeps to it, static and live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sitegen.blocks import Block
from sitegen.catalog import Relation, quote
from sitegen.errors import Problems, SitegenError
from sitegen.memo import Memo
from sitegen.sources import PageSource, Sources

if TYPE_CHECKING:
    from sitegen.views import Views

LONGEST = 40_000
"""Bytes of the statement that makes a relation; the browser's engine takes a little more."""

Start = Callable[[], "Views"]
"""Returns the theme's script, started when it is first asked for."""


def apply_filters(sources: Sources, start: Start, memo: Memo, problems: Problems) -> Sources:
    """Return the sources with the filters of their blocks applied; what is wrong with one is noted."""
    pages = tuple(
        _apply(source, start, memo, problems)
        if any(block.filter for block in source.document.blocks)
        else source
        for source in sources.pages
    )
    return replace(sources, pages=pages)


def _apply(source: PageSource, start: Start, memo: Memo, problems: Problems) -> PageSource:
    members: dict[str, str] = {}
    conditions: dict[str, list[str]] = {}
    for block in source.document.blocks:
        with problems.collected():
            found = _condition(source, block, start, memo) if block.filter else None
            if found:
                relation, condition = found
                known = conditions.setdefault(relation, [])
                if condition not in known:
                    known.append(condition)
                members[block.id] = _member(known.index(condition))
    relations = source.relations
    with problems.collected():
        relations = tuple(
            _extended(relation, conditions.get(relation.name, ()), source) for relation in source.relations
        )
    return replace(source, relations=relations, members=members)


def _member(index: int) -> str:
    return f"where:{index + 1}"


def _condition(source: PageSource, block: Block, start: Start, memo: Memo) -> tuple[str, str] | None:
    """Return the relation that a block's filter is about, and the filter in SQL; None without a table."""
    tables = source.tables()
    name = source.table_of(block)
    table = tables.get(name) if name else next(iter(tables.values()), None)
    if table is None or source.is_untold(block):
        return None
    views = start()
    inputs = (views.script, block.filter, table, tables)
    translate = partial(views.translate, block, table, tables)
    condition = memo.recall(("filter", source.page.path, block.id), inputs, translate)
    member = table["member"]
    return table["relation"], f"{quote(member)} AND ({condition})" if member else condition


def _extended(relation: Relation, conditions: Iterable[str], source: PageSource) -> Relation:
    """Return the relation with a column for each condition, in the same order of rows."""
    columns = [f"({condition}) AS {quote(_member(index))}" for index, condition in enumerate(conditions)]
    if not columns:
        return relation
    extended = replace(relation, select=f"SELECT *, {', '.join(columns)} FROM ({relation.select})")
    if len(extended.create_sql.encode()) > LONGEST:
        what = "the filters of this page's views are too long together"
        raise SitegenError(source.page.file, what, "shorten them, or show the views on two pages")
    return extended
