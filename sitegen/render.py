"""Makes pages out of sources and figures. Pure: the same arguments give the same bytes."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from sitegen import __version__
from sitegen.assets import EDITOR, MODULES, PAPER, SEARCH, SHARE, VIEWS, Theme, table_urls
from sitegen.catalog import CatalogTable, Relation
from sitegen.config import Site
from sitegen.content import FrontMatter
from sitegen.languages import Words
from sitegen.links import base_of, page_url
from sitegen.listings import MISSING_URL, absolute, plain_address
from sitegen.search_index import FILE as SEARCH_FILE
from sitegen.sources import PageSource
from sitegen.tags import FOLDER as TAGS
from sitegen.tags import tag_path
from sitegen.templates import (
    CONTENT_SECURITY_POLICY,
    Crumb,
    DataSource,
    Frame,
    NavigationEntry,
    NavigationSection,
    PageContext,
    SiteContext,
    Templates,
    TocEntry,
)
from sitegen.values import safe_in_script
from sitegen.verification import PIECE, asked_again, digest_of

PAYLOAD_VERSION = 1
LISTED = 40
FOR_PAPERS = frozenset({"architecture", "architecture-diff"})
"""Views whose figures readers save as PDF and TikZ."""
"""Pages of a folder that navigation lists; a longer folder is one link."""
DRAFT = "Draft: this page is not part of the published site."


@dataclass(frozen=True)
class Around:
    """What a page shows of the pages around it."""

    previous: NavigationEntry | None = None
    next: NavigationEntry | None = None
    crumbs: tuple[Crumb, ...] = ()
    tags: tuple[Crumb, ...] = ()
    picture: str | None = None
    """URL of the picture that goes with links to it, relative to the site's root."""
    history: str | None = None
    """URL of what is known of earlier data of its tables, relative to the site's root."""


@dataclass(frozen=True)
class Surroundings:
    """What all pages share: one object for all of them."""

    site: SiteContext
    address: str
    """Where the site will be, ending with a slash; may be empty."""
    words: Words
    feed: str | None = None
    is_beside: bool = False
    """Whether the site stands beside other versions of it."""

    few: Words = field(default_factory=Words)
    """Of the words those that scripts ask for on a page without views."""

    def words_json(self, *, has_views: bool) -> str:
        """Return the interface's texts for the page's scripts; empty in English."""
        return Markup(safe_in_script((self.words if has_views else self.few).json))


def site_context(site: Site, pages: Iterable[PageSource], words: Words) -> SiteContext:
    """Return what every page shows of the site, navigation included."""
    entries = [
        NavigationEntry(
            title=source.title,
            url=source.page.url,
            section=source.page.path.rpartition("/")[0],
            order=source.page.front.order,
        )
        for source in pages
    ]
    entries.sort(
        key=lambda entry: (entry.section, entry.order, not entry.url.endswith("index.html"), entry.url)
    )
    grouped = groupby(entries, attrgetter("section"))
    sections = tuple(_section(path, list(pages), words) for path, pages in grouped)
    return SiteContext(
        title=site.title,
        language=site.language,
        description=site.description,
        pages=tuple(entries),
        sections=sections,
        version=__version__,
        release=site.version,
        author=site.author,
    )


def _section(path: str, pages: list[NavigationEntry], words: Words) -> NavigationSection:
    title = words.say("Tags") if path == TAGS else path.replace("-", " ").replace("/", " / ").capitalize()
    shown = tuple(pages) if len(pages) <= LISTED or not path else ()
    return NavigationSection(title, path, pages[0].url, shown)


def around(
    site: SiteContext,
    pages: Iterable[PageSource],
    pictures: Mapping[str, str],
    histories: Mapping[str, str],
) -> dict[str, Around]:
    """Return what each page shows of those around it, by address.

    ``pictures`` are those of links, ``histories`` those of data, by page.
    Pages of a folder follow each other, those at the top stand alone.
    """
    sections = {section.path: section for section in site.sections}
    beside = _neighbours(site)
    return {
        source.page.url: Around(
            *beside.get(source.page.url, (None, None)),
            crumbs=tuple(_crumbs(sections, source)),
            tags=tuple(Crumb(tag, page_url(tag_path(tag))) for tag in source.page.front.tags),
            picture=pictures.get(source.page.url),
            history=histories.get(source.page.url),
        )
        for source in pages
    }


def _neighbours(site: SiteContext) -> dict[str, tuple[NavigationEntry | None, NavigationEntry | None]]:
    chains = (list(chain) for path, chain in groupby(site.pages, attrgetter("section")) if path)
    return {
        entry.url: (before, after)
        for chain in chains
        for before, entry, after in zip([None, *chain[:-1]], chain, [*chain[1:], None], strict=True)
    }


def _crumbs(sections: Mapping[str, NavigationSection], source: PageSource) -> Iterator[Crumb]:
    """Yield the front page, the folders that have a page of their own, and the page."""
    url = source.page.url
    folder = url.rpartition("/")[0]
    if not folder:
        return
    yield Crumb("", "index.html")
    parts = folder.split("/")
    for end in range(1, len(parts) + 1):
        section = sections.get("/".join(parts[:end]))
        if section and section.url != url and section.url.endswith("index.html"):
            yield Crumb(section.title.rpartition(" / ")[2], section.url)
    yield Crumb(source.title, url)


def render_page(
    source: PageSource,
    figures: Mapping[str, str],
    shared: Surroundings,
    theme: Theme,
    templates: Templates,
    around: Around,
) -> bytes:
    """Return the HTML of a page; ``figures`` holds the markup of each of its views, by id."""
    page = source.page
    base = base_of(page.url)
    assets = {name: base + url for name, url in theme.urls.items()}
    history = base + around.history if around.history else None
    frame = Frame(
        page=_page_context(source, figures, around, shared.words),
        site=shared.site,
        payload=Markup(_payload(source, base, assets, theme, history)),
        assets=assets,
        base=base,
        csp=CONTENT_SECURITY_POLICY,
        canonical=absolute(shared.address, page.url) if shared.address else None,
        picture=shared.address + around.picture if around.picture else None,
        feed=shared.feed,
        plain=plain_address(shared.address, page.url) if shared.address else None,
        words=shared.words_json(has_views=bool(source.document.blocks)),
        search=base + SEARCH_FILE if SEARCH in theme.urls else None,
        versions=f"{base}../" if shared.is_beside else None,
        citation=Markup(_citation(source, shared)) if SHARE in theme.urls else None,
        linked_data=Markup(source.linked_data),
    )
    return templates.render(page.front.template, frame).encode("utf-8")


def render_missing(shared: Surroundings, theme: Theme, templates: Templates) -> bytes:
    """Return what a server shows where no page is: at any depth, so its links begin at the host's root.

    They name no host, for the pages' security policy lets none but their own bring styles.
    """
    base, site = urlsplit(shared.address).path, shared.site
    title = shared.words.say("There is no such page")
    body = Markup(f"<h1>{title}</h1>")
    page = PageContext(title, "", MISSING_URL, body, (), FrontMatter(title=title), has_views=False)
    assets = {name: base + url for name, url in theme.urls.items()}
    frame = Frame(
        page,
        site,
        Markup("{}"),
        assets,
        base,
        CONTENT_SECURITY_POLICY,
        canonical=None,
        words=shared.words_json(has_views=False),
        versions=f"{base}../" if shared.is_beside else None,
    )
    return templates.render("404", frame).encode("utf-8")


def _page_context(
    source: PageSource, figures: Mapping[str, str], around: Around, words: Words
) -> PageContext:
    document, front = source.document, source.page.front
    body = document.fill(figures)
    if not document.title:
        body = f"<h1>{html.escape(source.title)}</h1>\n{body}"
    if front.draft:
        body = f'<p class="page-notice">{html.escape(words.say(DRAFT))}</p>\n{body}'
    body = f"{source.notice}{body}"
    body = _levelled(body) if document.blocks else body
    toc = (
        TocEntry(heading.level, heading.text, heading.anchor)
        for heading in document.headings
        if heading.level in (2, 3) and front.toc
    )
    return PageContext(
        title=source.title,
        description=front.description,
        url=source.page.url,
        body=Markup(body),
        toc=tuple(toc),
        front=front,
        has_views=bool(document.blocks),
        is_asked=bool(source.claims),
        data=tuple(_data_sources(source)),
        section=source.page.path.rpartition("/")[0],
        previous=around.previous,
        next=around.next,
        crumbs=around.crumbs,
        tags=around.tags,
    )


_HEADING = re.compile(r'<h([1-6])( class="view-title")?')


def _levelled(body: str) -> str:
    """Return a page's body with the titles of views one level below the heading before them.

    They are headings of the third level, and skip one where a view stands right below the page's title.
    """
    above = 1

    def levelled(found: re.Match[str]) -> str:
        nonlocal above
        if found.group(2):
            return found.group() + (' aria-level="2"' if above == 1 else "")
        above = int(found.group(1))
        return found.group()

    return _HEADING.sub(levelled, body)


def tables_shown(source: PageSource) -> Iterable[CatalogTable]:
    """Return the tables that the page's views show, and those that its text has numbers of."""
    shown = {table.name: table for relation in source.relations for table in relation.tables}
    return (shown | {table.name: table for table in source.asked}).values()


def _data_sources(source: PageSource) -> Iterable[DataSource]:
    for table in tables_shown(source):
        yield DataSource(table.name, digest_of(table))


def _citation(source: PageSource, shared: Surroundings) -> str:
    """Return what a citation of the page says, as JSON; texts are empty where the report does not say."""
    site, address = shared.site, shared.address
    return _script_json(
        {
            "title": source.title,
            "report": site.title,
            "author": site.author,
            "date": source.page.front.date,
            "version": site.release,
            "language": site.language,
            "url": absolute(address, source.page.url) if address else "",
            "data": [{"name": one.name, "digest": one.digest} for one in _data_sources(source)],
        }
    )


def _payload(
    source: PageSource, base: str, assets: Mapping[str, str], theme: Theme, history: str | None
) -> str:
    """Return what the page's scripts need, as JSON that cannot end the script element it stands in."""
    edited = source.edited()
    shown = [block.view for block in source.document.blocks]
    printed = PAPER in assets and not FOR_PAPERS.isdisjoint(shown)
    names = ("live", "worker", "wasm", *([EDITOR] if edited else []), *([PAPER] if printed else []))
    modules = [base + url for url in theme.modules_of([*shown, *([PIECE] if source.claims else [])])]
    views = [base + url for url in theme.own_views(shown)]
    value = {
        "version": PAYLOAD_VERSION,
        "base": base,
        "assets": {name: assets[name] for name in names}
        | ({MODULES: modules} if modules else {})
        | ({VIEWS: views} if views else {}),
        "relations": [_relation(relation, base) for relation in source.relations],
        "views": [source.view(block) for block in source.document.blocks],
        "tables": source.tables(),
        "data": {
            "digests": {one.name: one.digest for one in _data_sources(source)},
            **({"history": history} if history else {}),
        },
        **({"sources": edited} if edited else {}),
        **({"claims": _claims(source, base)} if source.claims else {}),
    }
    return _script_json(value)


def _claims(source: PageSource, base: str) -> dict[str, Any]:
    further = [_relation(relation, base) for relation in source.claimed]
    return {"relations": further, **asked_again(source)}


def _script_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return safe_in_script(text)


def _relation(relation: Relation, base: str) -> dict[str, Any]:
    return {
        "name": relation.name,
        "sql": relation.create_sql,
        "rows": relation.rows,
        "tables": [
            {"name": table.name, "urls": [base + url for url in table_urls(table)]}
            for table in relation.tables
        ],
    }
