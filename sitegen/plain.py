"""Writes pages as Markdown, for language models and others who read text: https://llmstxt.org

Made of the same HTML as the page, so both say the same numbers. Of a view it holds what the page says of it
and where its data is; who wants the drawing follows the link to the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from sitegen.assets import table_urls
from sitegen.blocks import Block
from sitegen.headings import GAP
from sitegen.links import base_of
from sitegen.listings import absolute
from sitegen.prose import clean
from sitegen.sources import PageSource
from sitegen.values import one_line
from sitegen.written import as_markdown
from sitegen.written import escape as escape_markdown

_TITLE = re.compile(r'<(h[1-6]) class="view-title"[^>]*>(.*?)</\1>', re.DOTALL)
_SAID = re.compile(r'<p class="[^"]*\bview-description\b[^"]*"[^>]*>(.*?)</p>', re.DOTALL)
_FIRST_HEADING = re.compile(r"\s*<h1\b.*?</h1>", re.DOTALL)


def plain_page(source: PageSource, figures: Mapping[str, str], address: str) -> str:
    """Return a page as Markdown; ``figures`` holds its views' markup by id, ``address`` is the site's."""
    url, document = absolute(address, source.page.url), source.document
    views = {block.id: _view(source, block, figures[block.id]) for block in document.blocks}
    # Its first heading stands alone before what is said of the page; menus may call it otherwise.
    body = _FIRST_HEADING.sub("", GAP.sub("", document.fill(views)), count=1)
    said = one_line(source.page.front.description)
    parts = [
        f"# {escape_markdown(one_line(document.title or source.title))}",
        f"> {escape_markdown(said)}" if said else "",
        f"[{url}]({url})",
        as_markdown(f"{source.notice}{body}", url),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _view(source: PageSource, block: Block, figure: str) -> str:
    """Return HTML in a view's place: its text, or its title, what it shows and where its data is.

    Controls, which have neither, leave nothing.
    """
    if block.prose:
        named = f"<p><strong>{escape(block.title)}</strong></p>\n" if block.title else ""
        return f"{named}{clean(block.prose.html)}\n"
    title, said = _TITLE.search(figure), _SAID.search(figure)
    if not (title or said or block.title):
        return ""
    named = escape(block.title) if block.title else title.group(2) if title else block.view
    told = " ".join(part for part in (said.group(1) if said else "", _data(source, block)) if part)
    return f'<p><strong><a href="#{escape(block.id)}">{named}</a></strong></p>\n<p>{told}</p>\n'


def _data(source: PageSource, block: Block) -> str:
    """Return links to the files of the table that a view shows."""
    name, base = source.table_of(block), base_of(source.page.url)
    tables = {table.name: table for relation in source.relations for table in relation.tables}
    if name is None or name not in tables:
        return ""
    urls = table_urls(tables[name])
    links = [
        f'<a href="{escape(base + url)}">{escape(f"{name} {part}" if len(urls) > 1 else name)}</a>'
        for part, url in enumerate(urls, 1)
    ]
    return f"({', '.join(links)})"
