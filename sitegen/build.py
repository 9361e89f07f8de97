"""The whole build: read everything, check everything, draw, publish at once."""

from __future__ import annotations

import gc
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.assets import SEARCH, Theme, data_files
from sitegen.catalog import Relation
from sitegen.checks import check_collisions, check_sources, site_owners
from sitegen.config import Config
from sitegen.drawing import Figures, Report, draw_link_pictures, draw_views
from sitegen.errors import Problems, SitegenError
from sitegen.filters import apply_filters
from sitegen.history import History, page_history, read_history
from sitegen.kept import Drawings
from sitegen.listings import FEED, MISSING_URL, PLAIN, dated, listings
from sitegen.memo import Memo
from sitegen.moved import Moved, moved_page, read_moved
from sitegen.output import File, Output
from sitegen.plain import plain_page
from sitegen.render import (
    Around,
    Surroundings,
    around,
    render_missing,
    render_page,
    site_context,
    tables_shown,
)
from sitegen.search_index import FILE as SEARCH_FILE
from sitegen.search_index import Counted, count_words, search_index
from sitegen.sources import PageSource, Sources, read_sources
from sitegen.tags import with_tags
from sitegen.templates import Templates
from sitegen.verification import verify_claims

if TYPE_CHECKING:
    from sitegen.views import Views


ALLOCATIONS = 200_000
"""New objects of a build before Python looks for rings of them."""


@dataclass(frozen=True)
class PageWeight:
    """What opening a page costs, in bytes."""

    url: str
    file: str
    """The Markdown file that the page is made from."""
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
    redirects: Mapping[str, str] = field(default_factory=dict)
    """Old addresses and those of the pages and files that they lead to, relative to the site's root."""


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for rings of unused objects less often: a report is many small objects that live to its end."""
    before = gc.get_threshold()
    gc.set_threshold(ALLOCATIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_rare_collections()
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
    sources, exported = _with_cards(sources, problems)
    sources = replace(sources, pages=with_tags(sources.pages, sources.words.say))
    theme = sources.theme
    history = read_history(config.artifacts, problems)
    templates = _templates(sources, memo)
    moved = read_moved(sources, problems)
    check_sources(sources, templates.names, problems)
    owners = site_owners(sources, {**theme.files, **_data(sources), **exported})
    check_collisions([*owners, *((one.url, one.where) for one in moved)], problems)

    # The theme's script says what is wrong with a view; it is asked even if other things are wrong already.
    with ExitStack() as stack:
        start = cache(lambda: stack.enter_context(_engine(theme)))
        sources = apply_filters(sources, start, memo, problems)
        sources = verify_claims(sources, start, memo, problems)
        figures = draw_views(sources, start, memo, problems, report, kept)
    problems.stop(strict=strict)

    # From here on nothing of the report can fail.
    files: dict[str, File] = {**theme.files, **_data(sources), **exported, **sources.content.files}
    histories = _histories(sources, history, files)
    pages, weights = _render_pages(sources, figures, templates, files, memo, kept, histories)
    files |= pages
    files |= _moved_pages(sources, moved)
    output.publish(files)
    summary = _summary(sources, files, weights, problems)
    memo.sweep()
    return replace(summary, redirects={one.url: one.target for one in moved})


def _with_cards(sources: Sources, problems: Problems) -> tuple[Sources, dict[str, bytes]]:
    """Return the sources with every card's page whole, and the files that the cards become, by address."""
    if not any(source.page.front.card or source.document.cards for source in sources.pages):
        return sources, {}
    from sitegen.cards.exports import site_files  # a report without cards never waits for them
    from sitegen.cards.pages import with_cards

    sources, cards = with_cards(sources, problems)
    return sources, {url: file for card in cards.values() for url, file in site_files(card).items()}


def _render_pages(
    sources: Sources,
    figures: Mapping[str, Figures],
    templates: Templates,
    files: dict[str, File],
    memo: Memo,
    kept: Drawings | None,
    histories: Mapping[str, str],
) -> tuple[dict[str, File], dict[str, int]]:
    """Return the pages and the weight of each, by address; adds to ``files`` what stands beside them.

    A file of the author's own is never replaced.
    """
    config, theme = sources.config, sources.theme
    pictures = draw_link_pictures(sources, memo, kept)
    beside = {url: content for url, content in pictures.values()} | listings(config, sources.pages, files)
    for url, content in beside.items():
        files.setdefault(url, content)
    site = site_context(config.site, sources.pages, sources.words)
    feed = config.address + FEED if config.address and dated(sources.pages) else None
    few = sources.words.within(theme.sources_of("boot", SEARCH))
    common = Surroundings(site, config.address, sources.words, feed, config.is_beside, few)
    frame = (common, theme.urls, templates.texts)
    # One object for equal frames: every page is compared with it, and the same object at once equals itself.
    framed = memo.recall(("frame",), frame, lambda: frame)
    shared = framed[0]
    drawn = {url: picture for url, (picture, _) in pictures.items()}
    others = around(site, sources.pages, drawn, histories)
    has_search = SEARCH in theme.urls
    wanted = []
    for source in sources.pages:
        url = source.page.url
        render = partial(_made, source, figures[url], shared, theme, templates, others[url], has_search)
        wanted.append((("page", url), (source, figures[url], others[url], framed), render))
    made = memo.recall_each(wanted)
    if has_search:
        files.setdefault(SEARCH_FILE, search_index(sources.pages, [one.words for one in made]))
    for source, one in zip(sources.pages, made, strict=True):
        if one.plain:
            files.setdefault(source.page.url + PLAIN, one.plain)
    by_address = {source.page.url: one for source, one in zip(sources.pages, made, strict=True)}
    pages: dict[str, File] = {url: one.html for url, one in by_address.items()}
    weights = {url: one.weight for url, one in by_address.items()}
    if config.address and "404" in templates.names and MISSING_URL not in files:
        pages[MISSING_URL] = render_missing(shared, theme, templates)
    return pages, weights


def _histories(sources: Sources, history: History, files: dict[str, File]) -> dict[str, str]:
    """Return where each page's history of data is, by the page's address; adds the histories to ``files``."""
    found = {}
    for source in sources.pages:
        if source.document.blocks and (told := page_history(history, tables_shown(source))):
            found[source.page.url], content = told
            files.setdefault(found[source.page.url], content)
    return found


def _moved_pages(sources: Sources, moved: Iterable[Moved]) -> dict[str, File]:
    words, boot = sources.words, sources.theme.urls["boot"]
    sentence = words.say("This page has moved: {page}")
    language = sources.config.site.language
    return {one.url: moved_page(one, sources.config.address, language, boot, sentence) for one in moved}


def _engine(theme: Theme) -> Views:
    from sitegen.views import Views  # a report without views never waits for V8

    return Views(theme.static, theme.name, theme.layout, theme.views)


def _templates(sources: Sources, memo: Memo) -> Templates:
    theme, words = sources.theme, sources.words
    fresh = Templates(theme.templates, theme.name, words)
    return memo.recall(("templates",), (theme.templates, fresh.texts, words), lambda: fresh)


@dataclass(frozen=True)
class _Made:
    """What a page is made into, all by one core."""

    html: bytes
    weight: int
    """Bytes of the page as servers send it, compressed."""
    words: tuple[Counted, ...]
    """For the search; empty in a theme without one."""
    plain: bytes
    """The page as Markdown; empty where nobody would find it, for the site has no address."""


def _made(
    source: PageSource,
    figures: Mapping[str, str],
    shared: Surroundings,
    theme: Theme,
    templates: Templates,
    beside: Around,
    has_search: bool,
) -> _Made:
    html = render_page(source, figures, shared, theme, templates, beside)
    plain = plain_page(source, figures, shared.address).encode("utf-8") if shared.address else b""
    return _Made(html, _compressed(html), count_words(source) if has_search else (), plain)


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
            file=source.page.file,
            html=weights[source.page.url] + styles,
            data=sum(_bytes(files[url]) for url in _data_urls(source.relations)),
            views=len(source.document.blocks),
        )
        for source in sources.pages
    )
    total = sum(_bytes(content) for content in files.values())
    relations = {source.page.url: (*source.relations, *source.claimed) for source in sources.pages}
    return Summary(pages, tuple(problems.warnings), total, relations)


def _compressed(content: bytes) -> int:
    return len(zlib.compress(content))


def _bytes(content: File) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)


def _data_urls(relations: Iterable[Relation]) -> set[str]:
    return {url for relation in relations for table in relation.tables for url, _ in data_files(table)}
