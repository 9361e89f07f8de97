"""Reads a bibliography in BibTeX or CSL-JSON, and writes citations and the list of what a page cites."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pipelines.contract import fault_of
from sitegen.errors import SitegenError, nearest
from sitegen.links import slug

STYLES = ("author-year", "numeric")
HEADING = "References"
ANCHOR = "references"

Say = Callable[[str], str]


@dataclass(frozen=True)
class Entry:
    """One work."""

    key: str
    authors: tuple[tuple[str, str], ...] = ()
    """Family name and given names; a body's name is its family name alone."""
    title: str = ""
    year: str = ""
    venue: str = ""
    """Journal, book or series that it stands in."""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    doi: str = ""
    url: str = ""

    @property
    def anchor(self) -> str:
        """Where the work stands in the page's list."""
        return f"ref-{slug(self.key)}"


@dataclass(frozen=True)
class Bibliography:
    """The works of a report, by key."""

    file: str = ""
    entries: Mapping[str, Entry] = field(default_factory=dict)

    def find(self, key: str, where: str) -> Entry:
        """Return a work; raises with the nearest key where there is none."""
        if not self.file:
            hint = 'write bibliography = "references.bib" in [site]; a text in such brackets begins with \\['
            raise SitegenError(where, f'"{key}" is cited, and the report has no bibliography', hint)
        if key not in self.entries:
            raise SitegenError(where, f'"{key}" is not in {self.file}', nearest(key, self.entries))
        return self.entries[key]


def read_bibliography(file: Path, name: str) -> Bibliography:
    """Read a file ``.bib`` or ``.json``; raises when it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SitegenError(name, "there is no such file", "it is named in [site], bibliography") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SitegenError(name, f"cannot be read: {error}", "save it as UTF-8") from error
    return _read(text, name)


@lru_cache(maxsize=8)
def _read(text: str, name: str) -> Bibliography:
    entries = _from_csl(text, name) if name.endswith(".json") else _from_bibtex(text, name)
    return Bibliography(name, {entry.key: entry for entry in entries})


def _from_csl(text: str, name: str) -> list[Entry]:
    try:
        items = json.loads(text)
        items = items.get("items", []) if isinstance(items, dict) else items
        return [_csl_entry(item) for item in items]
    except json.JSONDecodeError as error:
        fault = fault_of(text, error)
        raise SitegenError(fault.where(name), fault.what, fault.hint) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SitegenError(
            name, "is not a list of works in CSL-JSON", '[{"id": "key", "title": …}]'
        ) from error


def _csl_entry(item: Mapping[str, Any]) -> Entry:
    people = item.get("author") or item.get("editor") or []
    parts = (item.get("issued") or {}).get("date-parts") or [[""]]
    return Entry(
        key=str(item["id"]),
        authors=tuple(
            (str(person.get("literal") or person.get("family", "")), str(person.get("given", "")))
            for person in people
        ),
        year=str(parts[0][0]) if parts[0] else "",
        venue=_text(item, "container-title") or _text(item, "collection-title"),
        doi=_text(item, "DOI"),
        url=_text(item, "URL"),
        pages=_text(item, "page"),
        **{key: _text(item, key) for key in ("title", "volume", "issue", "publisher")},
    )


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key) or ""
    return str(value[0] if isinstance(value, list) and value else value)


def _from_bibtex(text: str, name: str) -> list[Entry]:
    from pybtex.database import parse_string
    from pybtex.scanner import PybtexSyntaxError

    try:
        found = parse_string(text, "bibtex").entries
    except PybtexSyntaxError as error:
        where = f"{name}:{error.lineno}"
        raise SitegenError(where, f"not BibTeX: {str(error).partition(':')[2].strip() or error}") from error
    except Exception as error:  # twice the same key, among others: the library raises classes of its own
        raise SitegenError(name, f"not BibTeX: {error}") from error
    return [_bibtex_entry(key, entry) for key, entry in found.items()]


def _bibtex_entry(key: str, entry: Any) -> Entry:
    fields = {str(name).lower(): _plain(value) for name, value in entry.fields.items()}
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    venues = ("journal", "journaltitle", "booktitle", "series", "howpublished")
    return Entry(
        key=key,
        authors=tuple(_person(person) for person in people),
        title=fields.get("title", ""),
        year=fields.get("year", "") or fields.get("date", "")[:4],
        venue=next((fields[name] for name in venues if fields.get(name)), ""),
        volume=fields.get("volume", ""),
        issue=fields.get("number", "") or fields.get("issue", ""),
        pages=re.sub(r"-+", "\N{EN DASH}", fields.get("pages", "")),
        publisher=next(
            (fields[name] for name in ("publisher", "institution", "school") if name in fields), ""
        ),
        doi=fields.get("doi", ""),
        url=fields.get("url", "")
        or (f"https://arxiv.org/abs/{fields['eprint']}" if _is_arxiv(fields) else ""),
    )


def _is_arxiv(fields: Mapping[str, str]) -> bool:
    return "eprint" in fields and fields.get("archiveprefix", fields.get("eprinttype", "")).lower() == "arxiv"


def _person(person: Any) -> tuple[str, str]:
    family = " ".join([*person.prelast_names, *person.last_names, *person.lineage_names])
    return _plain(family), _plain(" ".join([*person.first_names, *person.middle_names]))


def _plain(latex: str) -> str:
    """Return a field's text: accents as letters, and without braces and commands for the look."""
    from pybtex.richtext import Text

    shown = re.sub(r"\\(?:emph|text\w*|url|mbox)\s*(?=\{)", "", latex)
    try:
        return " ".join(str(Text.from_latex(shown)).replace("{", "").replace("}", "").split())
    except Exception:  # what is no LaTeX is said as it is written
        return " ".join(latex.replace("{", "").replace("}", "").split())


@dataclass(frozen=True)
class Citation:
    """Works cited at one place of a text."""

    keys: tuple[tuple[str, str], ...]
    """Each key, and what is said after it, such as ``p. 3``."""
    where: str


def read_citation(content: str, where: str) -> Citation:
    """Read what stands in the brackets: ``@a; @b, p. 3``."""
    parts = (part.strip().removeprefix("@").partition(",") for part in content.split(";"))
    return Citation(tuple((key.strip(), said.strip()) for key, _, said in parts), where)


def cite(
    citations: Sequence[Citation], found: Mapping[str, Entry], style: str, say: Say
) -> tuple[list[str], str]:
    """Return the HTML of each citation, and of the list of what they cite."""
    keys = [key for citation in citations for key, _ in citation.keys if key in found]
    works = [found[key] for key in dict.fromkeys(keys)]
    if style == "author-year":
        works.sort(key=lambda work: (_names(work, say).casefold(), work.year, work.title))
    labels = _numbers(works) if style == "numeric" else _author_years(works, say)
    said = [_cited(citation, found, labels, style) for citation in citations]
    items = "".join(_item(work, labels[work.key], style, say) for work in works)
    return said, f'<ol class="references references-{style}">\n{items}</ol>\n' if works else ""


def _numbers(works: Iterable[Entry]) -> dict[str, str]:
    return {work.key: str(number) for number, work in enumerate(works, start=1)}


def _author_years(works: Sequence[Entry], say: Say) -> dict[str, str]:
    """Return ``Bäuerle et al., 2021`` by key; works that would be called alike get letters."""
    plain = {work.key: f"{_names(work, say)}, {work.year or say('no year')}" for work in works}
    called: dict[str, list[str]] = {}
    for key, label in plain.items():
        called.setdefault(label, []).append(key)
    return {
        key: label + (_letter(called[label].index(key)) if len(called[label]) > 1 else "")
        for key, label in plain.items()
    }


def _letter(index: int) -> str:
    return chr(ord("a") + index % 26)


def _names(work: Entry, say: Say) -> str:
    names = [family for family, _ in work.authors if family]
    if not names:
        return work.title or work.key
    if len(names) > 2:
        return f"{names[0]} {say('et al.')}"
    return f" {say('and')} ".join(names)


def _cited(citation: Citation, found: Mapping[str, Entry], labels: Mapping[str, str], style: str) -> str:
    parts = []
    for key, said in citation.keys:
        if key in found:
            label = escape(labels[key] + (f", {said}" if said else ""))
            parts.append(f'<a href="#{found[key].anchor}">{label}</a>')
    separator, brackets = ("; ", "()") if style == "author-year" else (", ", "[]")
    return f'<span class="citation">{brackets[0]}{separator.join(parts)}{brackets[1]}</span>'


def _item(work: Entry, label: str, style: str, say: Say) -> str:
    letter = label[len(label.rstrip("abcdefghijklmnopqrstuvwxyz")) :] if style == "author-year" else ""
    year = f"({work.year or say('no year')}{letter if work.year else ''})."
    people = _people(work, say)
    head = f"{escape(people)} {escape(year)} " if people else ""
    tail = "" if people else f" {escape(year)}"
    title = f"{escape(work.title.rstrip('.'))}." if work.title else ""
    parts = [head + title + tail, _venue(work), _address(work)]
    return f'<li id="{work.anchor}">{" ".join(part for part in parts if part)}</li>\n'


def _people(work: Entry, say: Say) -> str:
    """Return ``Bäuerle, A. B., and Ropinski, T.``"""
    names = [f"{family}, {_initials(given)}" if given else family for family, given in work.authors]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])}{',' if len(names) > 2 else ''} {say('and')} {names[-1]}"


def _initials(given: str) -> str:
    return " ".join("-".join(f"{part[0]}." for part in name.split("-") if part) for name in given.split())


def _venue(work: Entry) -> str:
    volume = f", {work.volume}{f'({work.issue})' if work.issue else ''}" if work.volume else ""
    pages = f", {work.pages}" if work.pages else ""
    # A name that is shortened ends with the stop of its sentence: "J. Stat."
    stop = "" if f"{work.venue}{volume}{pages}".endswith(".") else "."
    place = f"<em>{escape(work.venue)}</em>{escape(volume + pages)}{stop}" if work.venue else ""
    is_own = work.publisher and work.publisher != work.venue
    publisher = f"{escape(work.publisher.rstrip('.'))}." if is_own else ""
    return " ".join(part for part in (place, publisher) if part)


def _address(work: Entry) -> str:
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", work.doi, flags=re.IGNORECASE)
    address = f"https://doi.org/{quote(doi, safe='/()')}" if doi else work.url
    if urlsplit(address).scheme not in ("http", "https"):
        return ""
    return f'<a href="{escape(address)}">{escape(address)}</a>'
