"""The whole build: read everything, check everything, draw, publish at once."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

from sitegen.assets import Theme, data_files
from sitegen.blocks import Block
from sitegen.catalog import Relation
from sitegen.checks import check_collisions, check_sources, site_owners
from sitegen.config import Config
from sitegen.database import Database
from sitegen.errors import Problems, SitegenError
from sitegen.filters import Start, apply_filters
from sitegen.memo import Memo
from sitegen.output import File, Output
from sitegen.render import MISSING_URL, neighbours, render_missing, render_page, site_context
from sitegen.sources import PageSource, Sources, read_sources
from sitegen.templates import Templates
from sitegen.views import Views

Report = Callable[[str], None]
"""Takes one line on how the build goes."""

Figures = dict[str, str]
"""Markup of a page's views, by id."""


@dataclass(frozen=True)
class PageWeight:
    """What opening a page costs, in bytes."""

    url: str
    html: int
    """Compressed, as a server sends it: page and style sheet."""
    data: int
    """Tables and sprite sheets that its views fetch once they are live."""
    views: int


@dataclass(frozen=True)
class Summary:
    """What a build made."""

    pages: tuple[PageWeight, ...]
    warnings: tuple[SitegenError, ...]
    bytes: int
    """Of all files of the site."""


def build(
    config: Config,
    output: Output,
    report: Report = lambda _: None,
    *,
    strict: bool = False,
    memo: Memo | None = None,
) -> Summary:
    """Build the site into ``output`` and say what it weighs.

    Raises every problem found, having published nothing: the last good site stays. A ``memo`` that an
    earlier build filled spares what has not changed since; the site is the same bytes with and without.
    """
    problems, memo = Problems(), memo or Memo()
    strict = strict or config.build.strict

    # Everything is read before anything is checked, so that one run names all there is to mend.
    sources = read_sources(config, memo, problems)
    theme = sources.theme
    templates = _templates(theme, memo)
    files: dict[str, File] = {**theme.files, **_data(sources), **sources.content.files}
    check_sources(sources, templates.names, problems)
    check_collisions(site_owners(sources, {**theme.files, **_data(sources)}), problems)

    # The theme's script says what is wrong with a view; it is asked even if other things are wrong already.
    with ExitStack() as stack:
        start = cache(lambda: stack.enter_context(Views(theme.static, theme.name)))
        sources = apply_filters(sources, start, memo, problems)
        figures = _draw(sources, start, memo, problems, report)
    problems.stop(strict=strict)

    # From here on nothing of the report can fail.
    site = site_context(config.site, sources.pages)
    frame = (site, config.site.site_url, theme.urls, templates.texts)
    # One object for equal frames: every page is compared with it, and the same object at once equals itself.
    framed = memo.recall(("frame",), frame, lambda: frame)
    around = neighbours(site)
    weights: dict[str, int] = {}
    for source in sources.pages:
        url = source.page.url
        beside = around.get(url, (None, None))
        render = partial(_weighed, source, figures[url], site, config.site.site_url, theme, templates, beside)
        inputs = (source, figures[url], beside, framed)
        files[url], weights[url] = memo.recall(("page", url), inputs, render)
    if config.site.site_url and "404" in templates.names and MISSING_URL not in files:
        files[MISSING_URL] = render_missing(site, config.site.site_url, theme, templates)
    output.publish(files)
    summary = _summary(sources, files, weights, problems)
    memo.sweep()
    return summary


def _templates(theme: Theme, memo: Memo) -> Templates:
    fresh = Templates(theme.templates, theme.name)
    return memo.recall(("templates",), (theme.templates, fresh.texts), lambda: fresh)


def _weighed(*arguments: Any) -> tuple[bytes, int]:
    page = render_page(*arguments)
    return page, _compressed(page)


def _data(sources: Sources) -> dict[str, File]:
    return {url: file for table in sources.shown.values() for url, file in data_files(table)}


@dataclass(frozen=True)
class _Drawing:
    """A view to be drawn, with all that its drawing depends on."""

    source: PageSource
    block: Block
    request: dict[str, Any]
    script: str

    @property
    def name(self) -> tuple[str, ...]:
        return "figure", self.source.page.url, self.block.id

    @property
    def inputs(self) -> object:
        return self.script, self.source.relations, self.block, self.request


def _draw(
    sources: Sources, start: Start, memo: Memo, problems: Problems, report: Report
) -> dict[str, Figures]:
    """Return the figures of every page; checks them all first, and draws none when something is wrong."""
    theme = sources.theme
    drawings = [
        _Drawing(source, block, request, theme.static)
        for source in sources.pages
        for block, request in source.requests()
    ]
    missing = [drawing for drawing in drawings if not memo.holds(drawing.name, drawing.inputs)]
    if missing:
        with problems.collected():
            views = start()
            _check_views(missing, views, problems)
            if not problems.errors:
                _draw_missing(missing, views, memo, problems, report)
    drawn: dict[str, Figures] = {source.page.url: {} for source in sources.pages}
    if not problems.errors:
        for drawing in drawings:
            figure = memo.recall(drawing.name, drawing.inputs, str)
            drawn[drawing.source.page.url][drawing.block.id] = figure
    return drawn


def _check_views(drawings: Iterable[_Drawing], views: Views, problems: Problems) -> None:
    """Ask about every view whose tables are there; those that lack one are noted already."""
    for drawing in drawings:
        source, block = drawing.source, drawing.block
        tables = source.tables()
        with problems.collected():
            views.check_name(block)
            table = source.table_of(block)
            if (table is None or table in tables) and tables.keys() >= set(block.data):
                views.check(block, drawing.request)


def _draw_missing(
    drawings: Iterable[_Drawing], views: Views, memo: Memo, problems: Problems, report: Report
) -> None:
    for url, group in groupby(drawings, lambda drawing: drawing.source.page.url):
        report(f"drawing {url}")
        page_drawings = list(group)
        database = Database(page_drawings[0].source.relations)
        try:
            for drawing in page_drawings:
                draw = partial(_markup, views, drawing, database)
                with problems.collected():
                    memo.recall(drawing.name, drawing.inputs, draw)
        finally:
            database.close()


def _markup(views: Views, drawing: _Drawing, database: Database) -> str:
    return views.draw(drawing.block, drawing.request, database).html


def _summary(
    sources: Sources, files: Mapping[str, File], weights: Mapping[str, int], problems: Problems
) -> Summary:
    styles = sum(
        _compressed(content)
        for url, content in files.items()
        if url.endswith(".css") and isinstance(content, bytes)
    )
    pages = tuple(
        PageWeight(
            url=source.page.url,
            html=weights[source.page.url] + styles,
            data=sum(_bytes(files[url]) for url in _data_urls(source.relations)),
            views=len(source.document.blocks),
        )
        for source in sources.pages
    )
    total = sum(_bytes(content) for content in files.values())
    return Summary(pages, tuple(problems.warnings), total)


def _compressed(content: bytes) -> int:
    return len(zlib.compress(content))


def _bytes(content: File) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)


def _data_urls(relations: Iterable[Relation]) -> set[str]:
    return {url for relation in relations for table in relation.tables for url, _ in data_files(table)}
