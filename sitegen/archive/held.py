"""The files of a site as a page can hold them: as text, and of scripts the digest that lets them run."""

from __future__ import annotations

import base64
import gzip
import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from sitegen.archive.markup import Tag
from sitegen.assets import Theme
from sitegen.links import is_external
from sitegen.output import File

LEAST_SAVED = 0.97
"""A file is packed where that leaves less than this share of it; Parquet and pictures are packed already."""
TYPES = {
    ".css": "text/css",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain;charset=utf-8",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_HARMLESS = str.maketrans("<>&", ",:.")
"""What base 85 (RFC 1924) writes and HTML reads as more than text; `held.ts` knows the same."""
_URL = re.compile(r"""url\(\s*(["']?)([^"')]+)\1\s*\)""")


@dataclass
class Site:
    """A finished site, each of whose files is made into text once."""

    files: Mapping[str, File]
    """By URL, relative to the site's root."""
    theme: Theme
    _holders: dict[str, str] = field(default_factory=dict)
    _pictures: dict[str, str] = field(default_factory=dict)

    def address(self, page: str, href: str) -> str:
        """Return the URL of the file that ``href`` leads to from a page; empty where the site has none."""
        if not href or href.startswith("#") or is_external(href):
            return ""
        path = unquote(urlsplit(href).path)
        url = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        return url if url in self.files else ""

    def content(self, url: str) -> bytes:
        """Return a file's bytes; of modules those of the classic script that does the same."""
        if url in self.theme.classic:
            return self.theme.classic[url].encode()
        found = self.files[url]
        return found.read_bytes() if isinstance(found, Path) else found

    def size(self, url: str) -> int:
        """Return how many bytes a file has."""
        found = self.files[url]
        return found.stat().st_size if isinstance(found, Path) else len(found)

    def holder(self, url: str) -> str:
        """Return the element that holds a file; a page's scripts read it."""
        if url not in self._holders:
            self._holders[url] = _holder(url, self.content(url))
        return self._holders[url]

    def picture(self, url: str) -> str:
        """Return a file as an address that holds it."""
        if url not in self._pictures:
            text = base64.b64encode(self.content(url)).decode()
            self._pictures[url] = f"data:{type_of(url)};base64,{text}"
        return self._pictures[url]

    def text(self, url: str) -> str:
        """Return a script's text, or that of styles with what they name in them."""
        text = self.content(url).decode("utf-8")
        if not url.endswith(".css"):
            return text.replace("</script", "<\\/script").strip()

        def held(found: re.Match[str]) -> str:
            named = self.address(url, found.group(2))
            return f'url("{self.picture(named)}")' if named else found.group()

        return _URL.sub(held, text).strip()

    def digest(self, url: str) -> str:
        """Return the digest of a script that a page holds, as its policy names it."""
        return digest(self.content(url).decode("utf-8"))

    @cached_property
    def engine(self) -> tuple[str, ...]:
        """What brings the database; a page that holds it weighs as much as these and its data."""
        return tuple(self.theme.urls[key] for key in ("wasm", "worker") if key in self.theme.urls)


def type_of(url: str) -> str:
    """Return a file's type, by its name."""
    return TYPES.get(posixpath.splitext(url)[1].lower(), "application/octet-stream")


def digest(text: str) -> str:
    """Return the digest of a script or of styles, as a policy names them."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _holder(url: str, content: bytes) -> str:
    packed = gzip.compress(content, 9, mtime=0)
    is_packed = len(packed) < LEAST_SAVED * len(content)
    text = base64.b85encode(packed if is_packed else content).decode().translate(_HARMLESS)
    attributes: dict[str, str | None] = {
        "type": "application/octet-stream",
        "data-file": url,
        "data-type": type_of(url),
        **({"data-packed": None} if is_packed else {}),
    }
    return str(Tag("script", attributes, text))


def quoted(url: str) -> str:
    """Return a URL as an address in a page has it."""
    return quote(url)
