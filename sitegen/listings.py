"""Writes what machines read of a published site: sitemap, feed, ``robots.txt`` and ``llms.txt``.

All of them name whole addresses, so a site has them once its settings say where it will be.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from urllib.parse import quote, urlsplit

from sitegen.config import Config
from sitegen.sources import PageSource
from sitegen.values import one_line

FEED = "feed.xml"
MISSING_URL = "404.html"
"""What a host shows where there is no such page."""
LISTINGS = ("sitemap.xml", "llms.txt", "robots.txt")
"""What else is written for machines at the root of a site, where it has an address."""
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'

_escape = partial(html.escape, quote=False)


def absolute(address: str, url: str) -> str:
    """Return the address of a page or file on the web; an index page is its folder."""
    shown = url.removesuffix("index.html") if url.split("/")[-1] == "index.html" else url
    return f"{address}{quote(shown)}"


def dated(pages: Iterable[PageSource]) -> list[PageSource]:
    """Return the pages with a date, which are the entries of the feed: the newest first."""
    found = [source for source in pages if source.page.front.date]
    return sorted(found, key=lambda source: (source.page.front.date, source.page.url), reverse=True)


def listings(config: Config, pages: Sequence[PageSource]) -> dict[str, bytes]:
    """Return the files, by URL; none where the settings do not say where the site will be."""
    address = config.address
    if not address:
        return {}
    files = {"sitemap.xml": _sitemap(address, pages), "llms.txt": _for_models(config, pages)}
    if entries := dated(pages):
        files[FEED] = _feed(config, entries)
    if urlsplit(address).path == "/":  # elsewhere nobody would look for it
        files["robots.txt"] = f"User-agent: *\nAllow: /\n\nSitemap: {address}sitemap.xml\n"
    return {url: text.encode("utf-8") for url, text in files.items()}


def _sitemap(address: str, pages: Iterable[PageSource]) -> str:
    urls = "".join(_place(address, source) for source in pages)
    return f'{_XML}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'


def _place(address: str, source: PageSource) -> str:
    date = source.page.front.date
    changed = f"<lastmod>{_escape(date)}</lastmod>" if date else ""
    return f"<url><loc>{_escape(absolute(address, source.page.url))}</loc>{changed}</url>\n"


def _feed(config: Config, entries: Sequence[PageSource]) -> str:
    address, site = config.address, config.site
    author = _escape(one_line(site.author or site.title))
    lines = [
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={_attribute(site.language)}>',
        f"<title>{_escape(one_line(site.title))}</title>",
        *([f"<subtitle>{_escape(one_line(site.description))}</subtitle>"] if site.description else []),
        f"<id>{_escape(address)}</id>",
        f"<link href={_attribute(address)}/>",
        f'<link rel="self" type="application/atom+xml" href={_attribute(address + FEED)}/>',
        f"<updated>{_moment(entries[0])}</updated>",
        f"<author><name>{author}</name></author>",
        *(_entry(address, source) for source in entries),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _attribute(text: str) -> str:
    from xml.sax.saxutils import quoteattr  # loads a client for the web, and few sites have a feed

    return quoteattr(text)


def _entry(address: str, source: PageSource) -> str:
    url, said = absolute(address, source.page.url), source.page.front.description
    tags = "".join(f"<category term={_attribute(tag)}/>" for tag in source.page.front.tags)
    summary = f"<summary>{_escape(one_line(said))}</summary>" if said else ""
    return (
        f"<entry><title>{_escape(one_line(source.title))}</title><id>{_escape(url)}</id>"
        f"<link href={_attribute(url)}/><updated>{_moment(source)}</updated>{tags}{summary}</entry>"
    )


def _moment(source: PageSource) -> str:
    return f"{source.page.front.date}T00:00:00Z"


def _for_models(config: Config, pages: Sequence[PageSource]) -> str:
    """Return the pages as Markdown, by folder, as language models are given them: https://llmstxt.org"""
    head = f"# {one_line(config.site.title)}\n"
    said = f"\n> {one_line(config.site.description)}\n" if config.site.description else ""
    sections = [
        f"\n## {_folder(folder)}\n\n" + "".join(_item(config.address, source) for source in members)
        for folder, members in groupby(sorted(pages, key=_order), key=_folder_of)
    ]
    claims = "".join(_claim(config.address, source) for source in pages)
    return head + said + "".join(sections) + (f"\n## Claims\n\n{claims}" if claims else "")


def _claim(address: str, source: PageSource) -> str:
    """Return a page's claims as items: a model can quote them with the place where they are checked."""
    url = absolute(address, source.page.url)
    return "".join(
        f"- [{_bracketed(checked.sentence)}]({url}#{checked.claim.id}): "
        f"{'holds' if checked.holds else 'does not hold'} against the data\n"
        for checked in source.claims
    )


def _bracketed(text: str) -> str:
    return one_line(text).replace("[", "\\[").replace("]", "\\]")


def _folder_of(source: PageSource) -> str:
    return source.page.url.rpartition("/")[0]


def _order(source: PageSource) -> tuple[str, bool, int, str]:
    url = source.page.url
    return _folder_of(source), not url.endswith("index.html"), source.page.front.order, url


def _folder(folder: str) -> str:
    return folder.replace("-", " ").replace("/", " / ").capitalize() or "Pages"


def _item(address: str, source: PageSource) -> str:
    title = _bracketed(source.title)
    said = one_line(source.page.front.description)
    return f"- [{title}]({absolute(address, source.page.url)}){f': {said}' if said else ''}\n"
