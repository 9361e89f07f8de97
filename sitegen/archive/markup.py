"""Reads and changes the tags of a finished page, and leaves all else of it as it is."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_ATTRIBUTE = re.compile(r"""([^\s=/"'>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
_INSIDE = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
_PART = re.compile(
    rf"<!--.*?-->|<(?P<raw>script|style)\b(?P<own>{_INSIDE})>(?P<text>.*?)</(?P=raw)\s*>"
    rf"|<(?P<name>[a-zA-Z][\w:-]*)(?P<attributes>{_INSIDE})>",
    re.DOTALL | re.IGNORECASE,
)
"""A comment, an element whose content is no markup, or a tag; end tags say nothing."""


@dataclass
class Tag:
    """A tag and its attributes; those without a value have None."""

    name: str
    attributes: dict[str, str | None]
    text: str | None = None
    """Content of a script or of styles; None of other elements."""
    is_closed: bool = False

    def get(self, name: str) -> str:
        """Return an attribute's value; empty where there is none."""
        return self.attributes.get(name) or ""

    def __str__(self) -> str:
        written = "".join(_written(name, value) for name, value in self.attributes.items())
        if self.text is not None:
            return f"<{self.name}{written}>{self.text}</{self.name}>"
        return f"<{self.name}{written}{' /' if self.is_closed else ''}>"


def _written(name: str, value: str | None) -> str:
    return f" {name}" if value is None else f' {name}="{html.escape(value)}"'


Change = Callable[[Tag], str | None]
"""Gives what takes a tag's place; None where it stays."""


def changed(page: str, change: Change) -> str:
    """Return a page with its tags changed, in their order."""

    def replaced(found: re.Match[str]) -> str:
        tag = _tag(found)
        new = change(tag) if tag else None
        return found.group() if new is None else new

    return _PART.sub(replaced, page)


def tags(page: str) -> Iterator[Tag]:
    """Yield every tag of a page."""
    for found in _PART.finditer(page):
        if tag := _tag(found):
            yield tag


def _tag(found: re.Match[str]) -> Tag | None:
    name, written = found["raw"] or found["name"], found["own"] or found["attributes"] or ""
    if not name:
        return None
    is_closed = found["text"] is None and written.rstrip().endswith("/")
    return Tag(name.lower() if found["raw"] else name, attributes(written), found["text"], is_closed)


def attributes(written: str) -> dict[str, str | None]:
    """Return what a tag says behind its name, in its order."""
    return {
        found.group(1): None if found.group(2) is None else html.unescape(_bare(found.group(2)))
        for found in _ATTRIBUTE.finditer(written)
    }


def _bare(value: str) -> str:
    return value[1:-1] if value[0] in "\"'" else value


def between(page: str, start: str, end: str) -> str:
    """Return what stands in a page between the tag that opens an element and the one that ends it."""
    opening = re.search(rf"<{start}\b{_INSIDE}>", page)
    if not opening:
        return ""
    return page[opening.end() : page.rindex(f"</{end}>")]
