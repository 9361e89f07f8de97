"""Makes pages out of sources and figures. Pure: the same arguments give the same bytes."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from markupsafe import Markup

from sitegen import __version__
from sitegen.assets import EDITOR, MODULES, Theme, table_urls
from sitegen.catalog import Relation
from sitegen.config import Site
from sitegen.content import FrontMatter
from sitegen.links import base_of
from sitegen.sources import PageSource
from sitegen.templates import (
    CONTENT_SECURITY_POLICY,
    DataSource,
    Frame,
    NavigationEntry,
    NavigationSection,
    PageContext,
    SiteContext,
    Templates,
    TocEntry,
)

PAYLOAD_VERSION = 1
MISSING_URL = "404.html"
DIGEST_SHOWN = 12
LISTED = 24
"""Pages of a folder that navigation lists; a longer folder is one link."""
DRAFT_NOTICE = '<p class="page-notice">Draft: this page is not part of the published site.</p>'

Neighbours = tuple[NavigationEntry | None, NavigationEntry | None]


def site_context(site: Site, pages: Iterable[PageSource]) -> SiteContext:
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
    sections = tuple(_section(path, list(pages)) for path, pages in groupby(entries, attrgetter("section")))
    return SiteContext(site.title, site.language, site.description, tuple(entries), sections, __version__)


def _section(path: str, pages: list[NavigationEntry]) -> NavigationSection:
    title = path.replace("-", " ").replace("/", " / ").capitalize()
    shown = tuple(pages) if len(pages) <= LISTED or not path else ()
    return NavigationSection(title, path, pages[0].url, shown)


def neighbours(site: SiteContext) -> dict[str, Neighbours]:
    """Return the pages before and after each page of a folder, by address; those at the top stand alone."""
    folders = {section.path for section in site.sections if section.path}
    chains = ([entry for entry in site.pages if entry.section == path] for path in folders)
    return {
        entry.url: (before, after)
        for chain in chains
        for before, entry, after in zip([None, *chain[:-1]], chain, [*chain[1:], None], strict=True)
    }


def render_page(
    source: PageSource,
    figures: Mapping[str, str],
    site: SiteContext,
    site_url: str,
    theme: Theme,
    templates: Templates,
    around: Neighbours = (None, None),
) -> bytes:
    """Return the HTML of a page; ``figures`` holds the markup of each of its views, by id."""
    page = source.page
    base = base_of(page.url)
    assets = {name: base + url for name, url in theme.urls.items()}
    frame = Frame(
        page=_page_context(source, figures, around),
        site=site,
        payload=Markup(_payload(source, base, assets, theme)),
        assets=assets,
        base=base,
        csp=CONTENT_SECURITY_POLICY,
        canonical=_canonical(site_url, page.url),
    )
    return templates.render(page.front.template, frame).encode("utf-8")


def render_missing(site: SiteContext, site_url: str, theme: Theme, templates: Templates) -> bytes:
    """Return what a server shows where no page is: at any depth, so its links are absolute."""
    base = f"{site_url.rstrip('/')}/"
    title = "There is no such page"
    body = Markup(f"<h1>{title}</h1>")
    page = PageContext(title, "", MISSING_URL, body, (), FrontMatter(title=title), has_views=False)
    assets = {name: base + url for name, url in theme.urls.items()}
    frame = Frame(page, site, Markup("{}"), assets, base, CONTENT_SECURITY_POLICY, canonical=None)
    return templates.render("404", frame).encode("utf-8")


def _page_context(source: PageSource, figures: Mapping[str, str], around: Neighbours) -> PageContext:
    document, front = source.document, source.page.front
    body = document.fill(figures)
    if not document.title:
        body = f"<h1>{html.escape(source.title)}</h1>\n{body}"
    if front.draft:
        body = f"{DRAFT_NOTICE}\n{body}"
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
        data=tuple(_data_sources(source)),
        section=source.page.path.rpartition("/")[0],
        previous=around[0],
        next=around[1],
    )


def _data_sources(source: PageSource) -> Iterable[DataSource]:
    """Yield the tables that the page's views show, and those that its text has numbers of."""
    shown = {table.name: table for relation in source.relations for table in relation.tables}
    for table in (shown | {table.name: table for table in source.asked}).values():
        digests = "".join(file.sha256 for file in table.table.files)
        digest = digests if len(table.table.files) == 1 else hashlib.sha256(digests.encode()).hexdigest()
        yield DataSource(table.name, digest[:DIGEST_SHOWN])


def _canonical(site_url: str, url: str) -> str | None:
    """Return the page's address on the web; an index page is its folder."""
    shown = url.removesuffix("index.html") if url.split("/")[-1] == "index.html" else url
    return f"{site_url.rstrip('/')}/{shown}" if site_url else None


def _payload(source: PageSource, base: str, assets: Mapping[str, str], theme: Theme) -> str:
    """Return what the page's scripts need, as JSON that cannot end the script element it stands in."""
    edited = source.edited()
    names = ("live", "worker", "wasm", *([EDITOR] if edited else []))
    modules = [base + url for url in theme.modules_of(block.view for block in source.document.blocks)]
    value = {
        "version": PAYLOAD_VERSION,
        "base": base,
        "assets": {name: assets[name] for name in names} | ({MODULES: modules} if modules else {}),
        "relations": [_relation(relation, base) for relation in source.relations],
        "views": [source.view(block) for block in source.document.blocks],
        "tables": source.tables(),
        **({"sources": edited} if edited else {}),
    }
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


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
