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
    has_others: bool = False
    """Whether it has authors that are not named: ``and others``."""
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
    except OSError as error:
        raise SitegenError(name, f"cannot be read: {error.strerror}", "look who may read it") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SitegenError(_at(name, line), "not UTF-8 text", "save the file as UTF-8") from error
    return _read(text, name)


def _at(name: str, line: int) -> str:
    return f"{name}:{line}"


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
    authors, has_others = _named(
        (str(person.get("literal") or person.get("family", "")), str(person.get("given", "")))
        for person in people
    )
    parts = (item.get("issued") or {}).get("date-parts") or [[""]]
    return Entry(
        key=str(item["id"]),
        authors=authors,
        has_others=has_others,
        year=str(parts[0][0]) if parts[0] else "",
        venue=_text(item, "container-title") or _text(item, "collection-title"),
        doi=_text(item, "DOI"),
        url=_text(item, "URL"),
        pages=_text(item, "page"),
        **{key: _text(item, key) for key in ("title", "volume", "issue", "publisher")},
    )


def _named(people: Iterable[tuple[str, str]]) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Return the authors that are named, and whether there are others."""
    authors = tuple(people)
    has_others = len(authors) > 1 and authors[-1][0].lower() == "others" and not authors[-1][1]
    return authors[:-1] if has_others else authors, has_others


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key) or ""
    return str(value[0] if isinstance(value, list) and value else value)


def _from_bibtex(text: str, name: str) -> list[Entry]:
    from pybtex.database.input.bibtex import LowLevelParser, Parser
    from pybtex.exceptions import PybtexError

    reader = Parser()
    commands = LowLevelParser(text, macros=reader.macros)
    begins = 1
    try:
        for command, content in commands:
            begins = 1 + text.count("\n", 0, commands.command_start)
            if command.lower() not in ("string", "preamble"):
                _refuse_repeated(content[0], reader.data.entries, _at(name, begins))
                reader.process_entry(command, *content)
    except PybtexError as error:
        raise _refused(error, name, begins) from error
    return [_bibtex_entry(key, entry) for key, entry in reader.data.entries.items()]


def _refuse_repeated(key: str, known: Iterable[str], where: str) -> None:
    if key in known:
        raise SitegenError(where, f'a second work has the key "{key}"', "give each work a key of its own")


def _refused(error: Exception, name: str, begins: int) -> SitegenError:
    """Return what the library has against a file, or against the work that begins in a line."""
    from pybtex.database.input.bibtex import UndefinedMacro
    from pybtex.scanner import PybtexSyntaxError

    if not isinstance(error, PybtexSyntaxError):
        return SitegenError(
            _at(name, begins), f"not BibTeX: {error}", "mend the work that begins in this line"
        )
    said = str(error).partition(":")[2].strip() or str(error)
    if isinstance(error, UndefinedMacro):
        what, hint = f'"{said}" is neither a text nor an @string', f"write it in braces: {{{said}}}"
    else:
        what, hint = f"not BibTeX: {said}", "a work is written as @article{key, title = {…}, year = 2026}"
    return SitegenError(_at(name, error.lineno), what, hint)


def _bibtex_entry(key: str, entry: Any) -> Entry:
    fields = {str(name).lower(): _plain(value) for name, value in entry.fields.items()}
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    authors, has_others = _named(map(_person, people))
    venues = ("journal", "journaltitle", "booktitle", "series", "howpublished")
    return Entry(
        key=key,
        authors=authors,
        has_others=has_others,
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
    letters = _letters(works, say) if style == "author-year" else {}
    years = {work.key: _year(work, letters.get(work.key, ""), say) for work in works}
    called = {work.key: f"{_names(work, say)}, {years[work.key]}" for work in works}
    labels = _numbers(works) if style == "numeric" else called
    said = [_cited(citation, found, labels, style) for citation in citations]
    items = "".join(_item(work, years[work.key], say) for work in works)
    return said, f'<ol class="references references-{style}">\n{items}</ol>\n' if works else ""


def _numbers(works: Iterable[Entry]) -> dict[str, str]:
    return {work.key: str(number) for number, work in enumerate(works, start=1)}


def _letters(works: Iterable[Entry], say: Say) -> dict[str, str]:
    """Return letters by key, for works that would be called alike: ``Bäuerle et al., 2021``."""
    alike: dict[tuple[str, str], list[str]] = {}
    for work in works:
        alike.setdefault((_names(work, say), work.year), []).append(work.key)
    return {key: _letter(place) for keys in alike.values() if len(keys) > 1 for place, key in enumerate(keys)}


def _letter(place: int) -> str:
    """Return ``a`` to ``z``, then ``aa``, ``ab`` and so on."""
    before, last = divmod(place, 26)
    return (_letter(before - 1) if before else "") + chr(ord("a") + last)


def _year(work: Entry, letter: str, say: Say) -> str:
    """Return ``2021b``; what is no number is parted from its letter: ``forthcoming-b``."""
    year = work.year or say("no year")
    return f"{year}{'-' if letter and not year[-1].isdigit() else ''}{letter}"


def _names(work: Entry, say: Say) -> str:
    names = [family for family, _ in work.authors if family]
    if not names:
        return work.title or work.key
    if len(names) > 2 or work.has_others:
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


def _item(work: Entry, said_year: str, say: Say) -> str:
    year = f"({said_year})."
    people = _people(work, say)
    head = f"{escape(people)} {escape(year)} " if people else ""
    tail = "" if people else f" {escape(year)}"
    title = f"{escape(work.title.rstrip('.'))}." if work.title else ""
    parts = [head + title + tail, _venue(work), _address(work)]
    return f'<li id="{work.anchor}">{" ".join(part for part in parts if part)}</li>\n'


def _people(work: Entry, say: Say) -> str:
    """Return ``Bäuerle, A. B., and Ropinski, T.``"""
    names = [f"{family}, {_initials(given)}" if given else family for family, given in work.authors]
    if work.has_others:
        return f"{', '.join(names)}, {say('et al.')}"
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
