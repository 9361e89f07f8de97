"""What of a page's HTML could run, found by a parser of HTML and not by searching its text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

RUNNING = {"script", "iframe", "object", "embed", "base", "foreignobject", "link", "meta", "style", "form"}
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "data", "srcset", "poster"}
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*(?=:)")
HARMLESS = ("http", "https", "mailto", "tel")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        is_data = tag == "script" and values.get("type") == "application/json"
        if tag in RUNNING and not is_data and not self._is_frame(tag, values):
            self.found.append(f"<{tag}>")
        for name, value in values.items():
            plain = "".join(value.split()).lower()
            scheme = SCHEME.match(plain)
            is_picture = tag in ("img", "image", "link") and plain.startswith(("data:image/", "data:,"))
            if name.startswith("on") or name == "style":
                self.found.append(f"<{tag} {name}>")
            elif name in ADDRESSES and scheme and scheme.group() not in HARMLESS and not is_picture:
                self.found.append(f"<{tag} {name}={value[:40]}>")

    def _is_frame(self, tag: str, values: dict[str, str]) -> bool:
        """Say whether an element is one of the theme's own, which stand in every page."""
        if tag == "script":
            return self._is_asset(values.get("src", ""))
        if tag == "link" and values.get("rel") == "modulepreload":
            return self._is_asset(values.get("href", ""))
        if tag == "link":
            return values.get("rel") in ("stylesheet", "icon", "canonical")
        if tag == "meta":
            return values.get("http-equiv", "").lower() in ("", "content-security-policy")
        return tag == "form" and values.get("role") == "search"

    def _is_asset(self, source: str) -> bool:
        """Say whether an address is of a script that the theme brings, in this site."""
        return source.endswith(".js") and "assets/" in source and "//" not in source


def running(page: str) -> list[str]:
    """Return every element and attribute of a page that could run something, or lead to what does."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found
