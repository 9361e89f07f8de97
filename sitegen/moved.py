"""Leads readers from old addresses to the pages and files that took their place.

An old address is a page of its own that sends readers on: with scripts together with what stands after ``#``,
so that old links to filtered views still open them.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from sitegen.errors import Problems, SitegenError, nearest
from sitegen.links import base_of, page_url, relative_url, resolve
from sitegen.listings import FEED, LISTINGS, MISSING_URL, absolute
from sitegen.output import MARK
from sitegen.search_index import FILE as SEARCH_FILE
from sitegen.sources import PageSource, Sources, by_address
from sitegen.templates import CONTENT_SECURITY_POLICY

_ELSEWHERE = re.compile(r"https?://[^\s/?#\\]+[^\s\\\x00-\x1f]*")
_WRITTEN = {MARK, SEARCH_FILE, MISSING_URL, FEED, *LISTINGS}
"""Files that a build writes at the root of a site, and that no old address takes the place of."""


@dataclass(frozen=True)
class Moved:
    """An old address, and where it leads."""

    url: str
    """The old one, relative to the site's root."""
    target: str
    """The new one, relative to the site's root, or of another site."""
    title: str
    where: str
    """Where the report says so."""

    @property
    def is_elsewhere(self) -> bool:
        """Whether it leads to another site."""
        return bool(urlsplit(self.target).scheme)


def read_moved(sources: Sources, problems: Problems) -> tuple[Moved, ...]:
    """Return the old addresses of the report; what is wrong with one is noted."""
    found = []
    for source in sources.pages:
        for old in source.page.front.aliases:
            with problems.collected():
                where = source.page.line_of("aliases")
                found.append(Moved(old_url(old, where), source.page.url, source.title, where))
    pages = by_address(sources.pages)
    for old, new in sources.config.redirects.items():
        with problems.collected():
            found.append(_redirect(sources, pages, old, new))
    return tuple(found)


def _redirect(sources: Sources, pages: Mapping[str, PageSource], old: str, new: str) -> Moved:
    places = sources.config.places
    where = places.where(f"redirects.{old}") if places else sources.config.file
    url = old_url(old, where)
    if urlsplit(new).scheme in ("http", "https"):
        if not _ELSEWHERE.fullmatch(new):
            what = f'the redirect of "{old}" leads to "{new}", which is no address'
            raise SitegenError(where, what, "such as https://example.org/talk")
        return Moved(url, new, new, where)
    target = resolve("", new)
    anchor = f"#{quote(target.anchor)}" if target.anchor else ""
    if (page := pages.get(target.path)) is not None:
        return Moved(url, page.page.url + anchor, page.title, where)
    if target.path in sources.content.files:
        return Moved(url, target.path, PurePosixPath(target.path).name, where)
    known = [*(source.page.path for source in sources.pages), *sources.content.files]
    what = f'the redirect of "{old}" leads nowhere: "{new}"'
    raise SitegenError(where, what, nearest(target.path, known))


def old_url(written: str, where: str) -> str:
    """Return the file that answers an old address: ``/old/`` is ``old/index.html``."""
    parts = urlsplit(written)
    path = unquote(parts.path).lstrip("/")
    path = page_url(path) if path.endswith(".md") else path
    is_plain = not (parts.scheme or parts.netloc or parts.query or parts.fragment)
    if not is_plain or ".." in path.split("/") or re.search(r"[\x00-\x1f\\]", path):
        hint = "write it as seen from the front page: old/page.html"
        raise SitegenError(where, f'"{written}" is no address of this site', hint)
    if path.partition("/")[0] in _WRITTEN:
        raise SitegenError(where, f'"{written}" is a file that every build writes', "leave it out")
    if not path or path.endswith("/") or not PurePosixPath(path).suffix:
        path = posixpath.join(path, "index.html")
    return posixpath.normpath(path)


def moved_page(moved: Moved, address: str, language: str, boot: str, sentence: str) -> bytes:
    """Return the page at an old address; ``sentence`` says in braces, ``{page}``, where the link stands."""
    there = moved.target if moved.is_elsewhere else relative_url(moved.url, moved.target)
    href = html.escape(there)
    whole = moved.target if moved.is_elsewhere else absolute(address, moved.target.partition("#")[0])
    canonical = (
        f'<link rel="canonical" href="{html.escape(whole)}">\n' if address or moved.is_elsewhere else ""
    )
    before, _, after = sentence.partition("{page}")
    link = f'<a id="moved" href="{href}">{html.escape(moved.title)}</a>'
    return f"""<!doctype html>
<html lang="{html.escape(language)}" data-sitegen="moved">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{html.escape(moved.title)}</title>
{canonical}<noscript><meta http-equiv="refresh" content="0; url={href}"></noscript>
<script defer src="{html.escape(base_of(moved.url) + boot)}"></script>
</head>
<body>
<p>{html.escape(before)}{link}{html.escape(after)}</p>
</body>
</html>
""".encode()
