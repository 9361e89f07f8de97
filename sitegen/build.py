"""The whole build: read everything, check everything, draw, publish at once."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitegen.assets import Theme, data_files
from sitegen.catalog import Relation
from sitegen.checks import check_collisions, check_sources, site_owners
from sitegen.config import Config
from sitegen.drawing import Report, draw_views
from sitegen.errors import Problems, SitegenError
from sitegen.filters import apply_filters
from sitegen.kept import Drawings
from sitegen.memo import Memo
from sitegen.output import File, Output
from sitegen.render import MISSING_URL, neighbours, render_missing, render_page, site_context
from sitegen.sources import Sources, read_sources
from sitegen.templates import Templates

if TYPE_CHECKING:
    from sitegen.views import Views


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
    relations: Mapping[str, tuple[Relation, ...]]
    """What each page's views ask, by the page's address."""


def build(
    config: Config,
    output: Output,
    report: Report = lambda _: None,
    *,
    strict: bool = False,
    memo: Memo | None = None,
    kept: Drawings | None = None,
) -> Summary:
    """Build the site into ``output`` and say what it weighs.

    Raises every problem found, having published nothing: the last good site stays. A ``memo`` that an
    earlier build filled spares what has not changed since, and so do drawings that were ``kept`` on disk; the
    site is the same bytes with and without.
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
        start = cache(lambda: stack.enter_context(_engine(theme)))
        sources = apply_filters(sources, start, memo, problems)
        figures = draw_views(sources, start, memo, problems, report, kept)
    problems.stop(strict=strict)

    # From here on nothing of the report can fail.
    site = site_context(config.site, sources.pages)
    frame = (site, config.site.site_url, theme.urls, templates.texts)
    # One object for equal frames: every page is compared with it, and the same object at once equals itself.
    framed = memo.recall(("frame",), frame, lambda: frame)
    around = neighbours(site)
    wanted = []
    for source in sources.pages:
        url = source.page.url
        beside = around.get(url, (None, None))
        render = partial(_weighed, source, figures[url], site, config.site.site_url, theme, templates, beside)
        wanted.append((("page", url), (source, figures[url], beside, framed), render))
    weights: dict[str, int] = {}
    for source, (page, weight) in zip(sources.pages, memo.recall_each(wanted), strict=True):
        files[source.page.url], weights[source.page.url] = page, weight
    if config.site.site_url and "404" in templates.names and MISSING_URL not in files:
        files[MISSING_URL] = render_missing(site, config.site.site_url, theme, templates)
    output.publish(files)
    summary = _summary(sources, files, weights, problems)
    memo.sweep()
    return summary


def _engine(theme: Theme) -> Views:
    from sitegen.views import Views  # a report without views never waits for V8

    return Views(theme.static, theme.name)


def _templates(theme: Theme, memo: Memo) -> Templates:
    fresh = Templates(theme.templates, theme.name)
    return memo.recall(("templates",), (theme.templates, fresh.texts), lambda: fresh)


def _weighed(*arguments: Any) -> tuple[bytes, int]:
    page = render_page(*arguments)
    return page, _compressed(page)


def _data(sources: Sources) -> dict[str, File]:
    return {url: file for table in sources.shown.values() for url, file in data_files(table)}


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
    relations = {source.page.url: source.relations for source in sources.pages}
    return Summary(pages, tuple(problems.warnings), total, relations)


def _compressed(content: bytes) -> int:
    return len(zlib.compress(content))


def _bytes(content: File) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)


def _data_urls(relations: Iterable[Relation]) -> set[str]:
    return {url for relation in relations for table in relation.tables for url, _ in data_files(table)}
