"""The whole build: read everything, check everything, draw, publish at once."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sitegen.assets import Theme, data_files
from sitegen.catalog import Relation
from sitegen.checks import check_collisions, check_sources, site_owners
from sitegen.config import Config
from sitegen.database import Database
from sitegen.errors import Problems, SitegenError
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
    """Tables that its views fetch once they are live."""
    views: int


@dataclass(frozen=True)
class Summary:
    """What a build made."""

    pages: tuple[PageWeight, ...]
    warnings: tuple[SitegenError, ...]
    bytes: int
    """Of all files of the site."""


def build(
    config: Config, output: Output, report: Report = lambda _: None, *, strict: bool = False
) -> Summary:
    """Build the site into ``output`` and say what it weighs.

    Raises every problem found, having published nothing: the last good site stays.
    """
    problems = Problems()
    strict = strict or config.build.strict

    # Everything is read before anything is checked, so that one run names all there is to mend.
    sources = read_sources(config, problems)
    theme = sources.theme
    templates = Templates(theme.templates, theme.name)
    files: dict[str, File] = {**theme.files, **_data(sources), **sources.content.files}
    check_sources(sources, templates.names, problems)
    check_collisions(site_owners(sources, {**theme.files, **_data(sources)}), problems)

    # The theme's script says what is wrong with a view; it is asked even if other things are wrong already.
    figures = _draw(sources, theme, problems, report)
    problems.stop(strict=strict)

    # From here on nothing of the report can fail.
    site = site_context(config.site, sources.pages)
    around = neighbours(site)
    for source in sources.pages:
        url = source.page.url
        beside = around.get(url, (None, None))
        files[url] = render_page(source, figures[url], site, config.site.site_url, theme, templates, beside)
    if config.site.site_url and "404" in templates.names and MISSING_URL not in files:
        files[MISSING_URL] = render_missing(site, config.site.site_url, theme, templates)
    output.publish(files)
    return _summary(sources, files, problems)


def _data(sources: Sources) -> dict[str, File]:
    return {url: file for table in sources.shown.values() for url, file in data_files(table)}


def _draw(sources: Sources, theme: Theme, problems: Problems, report: Report) -> dict[str, Figures]:
    """Return the figures of every page; checks them all first, and draws none when something is wrong."""
    drawn: dict[str, Figures] = {source.page.url: {} for source in sources.pages}
    mounted = [source for source in sources.pages if source.document.blocks]
    if not mounted:
        return drawn
    with problems.collected(), Views(theme.static, theme.name) as views:
        _check_views(mounted, views, problems)
        if problems.errors:
            return drawn
        for source in mounted:
            report(f"drawing {source.page.url}")
            drawn[source.page.url] = _draw_page(source, views, problems)
    return drawn


def _check_views(pages: Iterable[PageSource], views: Views, problems: Problems) -> None:
    """Ask about every view whose tables are there; those that lack one are noted already."""
    for source in pages:
        tables = source.tables()
        for block, request in source.requests():
            with problems.collected():
                views.check_name(block)
                table = source.table_of(block)
                if (table is None or table in tables) and tables.keys() >= set(block.data):
                    views.check(block, request)


def _draw_page(source: PageSource, views: Views, problems: Problems) -> Figures:
    figures: Figures = {}
    database = Database(source.relations)
    try:
        for block, request in source.requests():
            with problems.collected():
                figures[block.id] = views.draw(block, request, database).html
    finally:
        database.close()
    return figures


def _summary(sources: Sources, files: Mapping[str, File], problems: Problems) -> Summary:
    styles = sum(
        _compressed(content)
        for url, content in files.items()
        if url.endswith(".css") and isinstance(content, bytes)
    )
    pages = tuple(
        PageWeight(
            url=source.page.url,
            html=_compressed(files[source.page.url]) + styles,
            data=sum(_bytes(relation) for relation in source.relations),
            views=len(source.document.blocks),
        )
        for source in sources.pages
    )
    total = sum(
        content.stat().st_size if isinstance(content, Path) else len(content) for content in files.values()
    )
    return Summary(pages, tuple(problems.warnings), total)


def _compressed(content: File) -> int:
    return len(zlib.compress(content if isinstance(content, bytes) else content.read_bytes()))


def _bytes(relation: Relation) -> int:
    return sum(table.table.bytes for table in relation.tables)
