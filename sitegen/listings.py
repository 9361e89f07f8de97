"""Writes what machines read of a published site: sitemap, feed, ``robots.txt`` and ``llms.txt``.

All of them name whole addresses, so a site has them once its settings say where it will be.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from urllib.parse import quote, urlsplit

from sitegen.assets import table_urls
from sitegen.catalog import CatalogTable
from sitegen.config import Config
from sitegen.people import people_in
from sitegen.sources import PageSource
from sitegen.values import one_line

FEED = "feed.xml"
MISSING_URL = "404.html"
"""What a host shows where there is no such page."""
LISTINGS = ("sitemap.xml", "llms.txt", "robots.txt")
"""What else is written for machines at the root of a site, where it has an address."""
READ_BY_MODELS = (
    "Each page is listed as Markdown. Without .md its address is that of the page itself, which is whole "
    "without scripts: its text, and beside each chart a table of the numbers shown. "
    "The tables that charts are drawn from are Parquet files, listed under Data."
)
"""What a reader that runs no scripts should know; in English, as the headings of the format are."""
PLAIN = ".md"
"""What follows the address of a page in that of the same as Markdown."""
CARD_FORMS = {
    "README.md": "the whole card as Markdown",
    "croissant.json": "the dataset as Croissant",
    "model-card.json": "the card as JSON of the Model Card Toolkit",
    "eval-results.yaml": "the model's results as Hugging Face reads them",
}
"""What the files are that a card is handed on as, by name."""
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'

_escape = partial(html.escape, quote=False)


def absolute(address: str, url: str) -> str:
    """Return the address of a page or file on the web; an index page is its folder."""
    shown = url.removesuffix("index.html") if url.split("/")[-1] == "index.html" else url
    return f"{address}{quote(shown)}"


def plain_address(address: str, url: str) -> str:
    """Return the address on the web of a page as Markdown."""
    return f"{address}{quote(url)}{PLAIN}"


def dated(pages: Iterable[PageSource]) -> list[PageSource]:
    """Return the pages with a date, which are the entries of the feed: the newest first."""
    found = [source for source in pages if source.page.front.date]
    return sorted(found, key=lambda source: (source.page.front.date, source.page.url), reverse=True)


def listings(config: Config, pages: Sequence[PageSource], urls: Collection[str] = ()) -> dict[str, bytes]:
    """Return the files, by URL; none where the settings do not say where the site will be.

    ``urls`` are the files of the site beside its pages.
    """
    address = config.address
    if not address:
        return {}
    files = {"sitemap.xml": _sitemap(address, pages), "llms.txt": _for_models(config, pages, urls)}
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
    authors = [person.shown for person in people_in(site.author)] or [one_line(site.title)]
    lines = [
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={_attribute(site.language)}>',
        f"<title>{_escape(one_line(site.title))}</title>",
        *([f"<subtitle>{_escape(one_line(site.description))}</subtitle>"] if site.description else []),
        f"<id>{_escape(address)}</id>",
        f"<link href={_attribute(address)}/>",
        f'<link rel="self" type="application/atom+xml" href={_attribute(address + FEED)}/>',
        f"<updated>{_moment(entries[0])}</updated>",
        *(f"<author><name>{_escape(name)}</name></author>" for name in authors),
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


def _for_models(config: Config, pages: Sequence[PageSource], urls: Collection[str]) -> str:
    """Return what is where as Markdown, as language models are given it: https://llmstxt.org"""
    address = config.address
    parts = [f"# {one_line(config.site.title)}\n"]
    parts += [f"\n> {one_line(config.site.description)}\n"] if config.site.description else []
    parts += [f"\n{READ_BY_MODELS}\n"]
    folders = groupby(sorted(pages, key=_order), key=_folder_of)
    sections = [
        (_folder(folder), [_item(address, source) for source in members]) for folder, members in folders
    ]
    sections += [
        ("Claims", [claim for source in pages for claim in _claims(address, source)]),
        ("Cards", [_card(address, url) for url in sorted(urls) if _is_card(url)]),
        ("Data", [part for table in _tables(pages, urls) for part in _parts(address, table)]),
    ]
    parts += [f"\n## {heading}\n\n{''.join(items)}" for heading, items in sections if items]
    return "".join(parts)


def _is_card(url: str) -> bool:
    return url.startswith("cards/") and url.rpartition("/")[2] in CARD_FORMS


def _card(address: str, url: str) -> str:
    name, form = url.removeprefix("cards/").rsplit("/", 1)
    return f"- [{_bracketed(name)}/{form}]({absolute(address, url)}): {CARD_FORMS[form]}\n"


def _tables(pages: Iterable[PageSource], urls: Collection[str]) -> Iterator[CatalogTable]:
    """Yield the tables whose files the site holds, each once, by name."""
    shown = {table.name: table for page in pages for relation in page.relations for table in relation.tables}
    for _, table in sorted(shown.items()):
        if all(url in urls for url in table_urls(table)):
            yield table


def _parts(address: str, table: CatalogTable) -> list[str]:
    """Return the Parquet files of a table as items: in row order, each with its rows and what a row is."""
    files = [*zip(table_urls(table), table.table.files, strict=True)]
    said = _sentence(one_line(table.table.description))
    return [
        f"- [{_bracketed(table.name)}{f', part {place} of {len(files)}' if len(files) > 1 else ''}]"
        f"({absolute(address, url)}): {f'{said} ' if said else ''}Rows: {part.rows}\n"
        for place, (url, part) in enumerate(files, 1)
    ]


def _sentence(text: str) -> str:
    """Return a text with the full stop that it may lack, so that another sentence can follow."""
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def _claims(address: str, source: PageSource) -> list[str]:
    """Return a page's claims as items: a model can quote them with the place where they are checked."""
    url = absolute(address, source.page.url)
    return [
        f"- [{_bracketed(checked.sentence)}]({url}#{checked.claim.id}): "
        f"{'holds' if checked.holds else 'does not hold'} against the data\n"
        for checked in source.claims
    ]


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
    return f"- [{title}]({plain_address(address, source.page.url)}){f': {said}' if said else ''}\n"
