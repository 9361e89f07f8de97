"""Reads a site that was built: its tables, and the numbers and claims of its pages."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pipelines.contract import Column
from sitegen.catalog import file_digest
from sitegen.difference.editions import SITES, Edition, EditionTable, Sheet
from sitegen.difference.findings import Number
from sitegen.errors import SitegenError
from sitegen.languages import SOURCE

TEXTS = {"p", "li", "td", "th", "dd", "dt", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6"}
"""Elements whose words name the numbers in them."""
LEFT_OUT = {"script", "style", "button", "nav", "header", "footer", "figure", "section", "math"}
"""Elements without numbers of the text: views, what is told of claims, the frame."""
PAYLOAD = "sitegen-page"
CLAIMS = "claims"
_BUILT = re.compile(r"\bsitegen (\d[\w.+-]*) ·")
_LANGUAGE = re.compile(r'<html\b[^>]*\blang="([^"]+)"')


def read_site(path: str, folder: Path) -> Edition:
    """Read all pages of a site; raises when one names a table that is not there."""
    tables: dict[str, EditionTable] = {}
    numbers: list[Number] = []
    pages: list[str] = []
    facts: dict[str, str] = {}
    language = SOURCE
    for file in sorted(folder.rglob("*.html")):
        url = file.relative_to(folder).as_posix()
        text = file.read_text(encoding="utf-8")
        page = _Page()
        page.feed(text)
        pages.append(url)
        payload = json.loads(page.payload or "{}")
        for name, table in _tables(payload, file.parent, folder, tables.keys()):
            tables[name] = table
        numbers += page.numbers(url)
        numbers += _claims(payload, url)
        if found := _BUILT.search(text):
            facts["sitegen"] = found.group(1)
        if spoken := _LANGUAGE.search(text):
            language = spoken.group(1)
    return Edition(
        path,
        SITES,
        tables,
        numbers=tuple(numbers),
        pages=frozenset(pages),
        facts=facts,
        language=language,
    )


def _tables(
    payload: Mapping[str, Any], base: Path, root: Path, known: Any
) -> Iterator[tuple[str, EditionTable]]:
    """Yield the tables that a page shows and that no earlier page did."""
    urls = {
        table["name"]: table["urls"]
        for relation in payload.get("relations", ())
        for table in relation["tables"]
    }
    for name, told in payload.get("tables", {}).items():
        if name not in known:
            files = tuple(_file(url, base, root) for url in urls[name])
            yield name, _table(name, told, files, base, root)


def _table(
    name: str, told: Mapping[str, Any], files: tuple[Path, ...], base: Path, root: Path
) -> EditionTable:
    columns = tuple(
        Column(
            one.get("written", one["name"]),
            one["type"],
            one["role"],
            one["unit"],
            one["description"],
            one["nullable"],
        )
        for one in told["columns"]
    )
    sheets = tuple(
        Sheet(_file(one["url"], base, root), (one["tile_width"], one["tile_height"])) for one in told["media"]
    )
    return EditionTable(
        name=name,
        files=files,
        columns=columns,
        rows=told["rows"],
        digest="".join(file_digest(file) for file in files),
        is_samples=told["relation"] != name,
        sheets=sheets,
    )


def _file(url: str, base: Path, root: Path) -> Path:
    """Return a file of the site that a page names; what leads out of the site is none."""
    found = (base / unquote(url)).resolve()
    if not found.is_relative_to(root.resolve()) or not found.is_file():
        raise SitegenError(str(base), f"the site has no file {url}", "build it again")
    return found


def _claims(payload: Mapping[str, Any], url: str) -> Iterator[Number]:
    for claim in payload.get("claims", {}).get(CLAIMS, ()):
        for index, number in enumerate(claim["numbers"], start=1):
            value = number["value"]
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            name = f"claim {claim['id']}" + (f", number {index}" if len(claim["numbers"]) > 1 else "")
            note = "" if _holds(number) else "does not hold"
            if is_number or note:
                yield Number(url, name, None, float(value) if is_number else None, is_claim=True, note=note)


def _holds(number: Mapping[str, Any]) -> bool:
    expect, value = number["expect"], number["value"]
    if expect is None:
        return True
    if isinstance(value, str | bool) or value is None:
        # A list, say, is expected as it is said, not as the database writes it.
        return expect["text"] is not None and expect["text"] in (str(value), number["text"])
    low, high = expect["low"], expect["high"]
    ends = [end for end in (low, high) if end is not None]
    is_within = (low is None or value >= low) and (high is None or value <= high)
    return is_within or any(math.isclose(value, end, rel_tol=1e-9) for end in ends)


class _Page(HTMLParser):
    """Finds the numbers of a page's text, each with the words around it, and its payload."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.payload = ""
        self._texts: list[tuple[list[str], list[float]]] = []
        self._found: list[tuple[str, list[float]]] = []
        self._outside = 0
        self._is_payload = self._is_number = False
        self._in_claim = 0

    def numbers(self, url: str) -> Iterator[Number]:
        """Yield the numbers; equal words in a page are told apart by their order."""
        seen: Counter[str] = Counter()
        for words, values in self._found:
            seen[words] += 1
            repeated = f" ({seen[words]})" if seen[words] > 1 else ""
            for index, value in enumerate(values, start=1):
                which = f", number {index}" if len(values) > 1 else ""
                yield Number(url, f"{words}{repeated}{which}", None, value if math.isfinite(value) else None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in LEFT_OUT:
            self._outside += 1
            self._is_payload = given.get("id") == PAYLOAD
        elif tag in TEXTS:
            self._texts.append(([], []))
        if tag in ("span", "p") and (self._in_claim or "claim" in (given.get("class") or "").split()):
            # Its numbers are those of the claim, which are read from the payload.
            self._in_claim += 1
        if tag == "data" and self._texts and not self._outside:
            self._is_number = True
            if not self._in_claim:
                self._texts[-1][1].append(float(given.get("value") or "nan"))
            self._texts[-1][0].append("#")

    def handle_endtag(self, tag: str) -> None:
        if tag == "data":
            self._is_number = False
        elif tag in LEFT_OUT:
            self._outside = max(0, self._outside - 1)
            self._is_payload = False
        if tag in ("span", "p") and self._in_claim:
            self._in_claim -= 1
        if tag in TEXTS and self._texts:
            words, values = self._texts.pop()
            if values:
                self._found.append((" ".join("".join(words).split()), values))

    def handle_data(self, data: str) -> None:
        if self._is_payload:
            self.payload += data
        elif self._texts and not self._outside and not self._is_number:
            self._texts[-1][0].append(data)
