"""Addresses inside a site: pure functions from file paths to URLs and between them.

A *path* is relative to the content folder (``guide/views.md``), a *URL* to the site's root
(``guide/views.html``).
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit


@dataclass(frozen=True)
class Target:
    """What a link inside the site points at: a file of the content folder, and a place in it."""

    path: str
    """Relative to the content folder; starts with ``..`` when the link leaves it."""
    anchor: str
    """Without ``#``, without a page's state (what follows ``~``); empty when the link names none."""


def page_url(path: str) -> str:
    """Return the URL of a Markdown file: ``a/b.md`` → ``a/b.html``."""
    return path.removesuffix(".md") + ".html"


def base_of(url: str) -> str:
    """Return the relative way from a page to the site's root; never empty, so scripts may import from it."""
    return "../" * url.count("/") or "./"


def is_external(href: str) -> bool:
    """Say whether a link leaves the site (``https:``, ``mailto:``, ``//host``)."""
    parts = urlsplit(href)
    return bool(parts.scheme or parts.netloc)


@lru_cache(maxsize=1 << 14)  # a link is followed where it is written, and again where it is shown
def resolve(path: str, href: str) -> Target:
    """Return what ``href``, written in the content file ``path``, points at.

    A link that starts with a slash starts at the content folder, wherever the site is served.
    """
    parts = urlsplit(href)
    anchor = unquote(parts.fragment).partition("~")[0]
    if not parts.path:
        return Target(path, anchor)
    named = unquote(parts.path)
    folder = "" if named.startswith("/") else posixpath.dirname(path)
    joined = posixpath.normpath(posixpath.join(folder, named.lstrip("/")))
    return Target(joined, anchor)


def rewrite(path: str, href: str, page: str = "") -> str:
    """Return ``href``, written in the content file ``path``, as its page says it: ``b.html``.

    ``page`` is the path of the page that shows it, where that is another one.
    """
    parts = urlsplit(href)
    if is_external(href) or not parts.path:
        return href
    target = resolve(path, href).path
    url = page_url(target) if target.endswith(".md") else target
    relative = quote(relative_url(page_url(page or path), url))
    return parts._replace(path=relative).geturl()


def relative_url(source: str, target: str) -> str:
    """Return the way from the page ``source`` to ``target``, both URLs."""
    here, there = source.split("/")[:-1], target.split("/")
    shared = len(posixpath.commonprefix([here, there]))
    return "/".join([".."] * (len(here) - shared) + there[shared:]) or "."


def slug(text: str) -> str:
    """Return the anchor of a heading: lower-case words joined by hyphens, in any script."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[^\w]+", "-", plain).strip("-_") or "section"
