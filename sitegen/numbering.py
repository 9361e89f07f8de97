"""Numbers the figures, tables and formulas of a page, so that its text can refer to them by number.

Formulas with a name always have a number. Figures and tables have one in a page of which some page refers to
one by number; elsewhere their titles say enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sitegen import links
from sitegen.content import Page
from sitegen.document import FIGURE, FORMULA, TABLE, Document
from sitegen.errors import Problems
from sitegen.markdown import Parsed

NAMES = {FIGURE: "Figure", TABLE: "Table", FORMULA: "Equation"}

Say = Callable[[str], str]


def number(pages: Sequence[Page], parsed: Sequence[Parsed], say: Say) -> list[Parsed]:
    """Return the pages with their numbers; those without anything to number are the same objects."""
    wanted = {
        links.page_url(link.target.path)
        for document, _ in parsed
        for link in document.references
        if link.is_number and link.target
    }
    return [
        (_numbered(document, page.url in wanted, say), noted) if document.items else (document, noted)
        for page, (document, noted) in zip(pages, parsed, strict=True)
    ]


def _numbered(document: Document, is_referred: bool, say: Say) -> Document:
    """Return a page whose titles and captions begin with their numbers."""
    counts = dict.fromkeys(NAMES, 0)
    numbers: dict[str, str] = {}
    said: list[str] = []
    for item in document.items:
        if item.kind == FORMULA or is_referred:
            counts[item.kind] += 1
            numbers[item.anchor] = f"{say(NAMES[item.kind])} {counts[item.kind]}"
            said.append(str(counts[item.kind]) if item.kind == FORMULA else f"{numbers[item.anchor]}: ")
        else:
            said.append("")
    blocks = tuple(
        replace(block, title=f"{numbers[block.id]}: {block.title}") if block.id in numbers else block
        for block in document.blocks
    )
    queries = tuple(
        replace(
            query, table=replace(query.table, title=f"{numbers[query.table.anchor]}: {query.table.title}")
        )
        if query.table and query.table.anchor in numbers
        else query
        for query in document.queries
    )
    return replace(document.counted(said), blocks=blocks, queries=queries, numbers=numbers)


def number_of(document: Document, anchor: str, where: str, problems: Problems) -> str:
    """Return the number at a place of a page; notes where there is something without one."""
    if anchor in document.numbers:
        return document.numbers[anchor]
    if anchor in document.anchors:
        what = f'"{anchor}" has no number: figures and tables with a title have one, and named formulas'
        problems.add(where, what, f"give it a title, or refer to it by its words: [](#{anchor})")
    return anchor
