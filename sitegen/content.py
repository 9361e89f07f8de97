"""Finds the pages and files of a report's content folder; reads their front matter and what they include.

Knows nothing of Markdown: a page's body is text here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sitegen.errors import Problems, SitegenError, nearest
from sitegen.facts import CARDS, Facts, read_facts
from sitegen.links import page_url
from sitegen.memo import Memo
from sitegen.picture import check_picture
from sitegen.structured import line_of, read_yaml
from sitegen.text import Text, expand, plain, without_front_matter
from sitegen.values import Value, is_day, is_value

OUTSIDE = "leads out of the report, where nothing is read"


@dataclass(frozen=True)
class ForEach:
    """``for_each``: what one file makes many pages for."""

    sql: str = ""
    """A SELECT; each of its rows is a page, and its columns are values of that page."""
    values: tuple[Any, ...] = ()
    """The pages, instead of a query: values, each named ``value``, or mappings from names to values."""
    slug: str = ""
    """Name of a page in its address, with values in double braces; the first value when empty."""


@dataclass(frozen=True)
class FrontMatter:
    """What a page says of itself, between two lines ``---`` at its top."""

    title: str = ""
    """Name of the page; its first heading when empty."""
    description: str = ""
    """One sentence for search engines and links."""
    table: str = ""
    """Table of views that name none, as ``artifact/table``."""
    order: int = 0
    """Place among its folder's pages: smaller first, then by path."""
    toc: bool = True
    """Whether the page shows its table of contents."""
    tags: tuple[str, ...] = ()
    """What the page is about; each tag has a page that lists what carries it."""
    aliases: tuple[str, ...] = ()
    """Old addresses of the page, which lead to it."""
    date: str = ""
    """Day of a release, as 2026-11-26; pages with one are the entries of the feed, the newest first."""
    template: str = "page"
    """The theme's template that frames the page."""
    draft: bool = False
    """Whether the page is left out of the site, unless drafts are asked for."""
    constants: Mapping[str, Value] = field(default_factory=dict)
    """Values of this page, by name; a name in double braces puts one into the text."""
    card: str = ""
    """``data`` or ``model``: the page is a card, with the sections that one has, and is exported as one."""
    unfinished: bool = False
    """Whether a card may lack what one has to say: it is one warning then, the page says it at its top, and
    the card is handed on in no other form."""
    facts: Facts = field(default_factory=Facts)
    """What a card tells machines of its dataset or model."""
    for_each: ForEach = ForEach()
    """Makes a page for each row of a query or each value of a list: ``sql`` or ``values``, and ``slug``."""


@dataclass(frozen=True)
class Page:
    """One Markdown file, or one of the pages that it makes."""

    path: str
    """Relative to the content folder, with forward slashes."""
    file: str
    """Name under which its problems are reported."""
    front: FrontMatter
    text: Text
    """The body, with what it includes in its place."""
    front_text: str = ""
    """The front matter as written, for finding the line of a problem."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """What the text may name."""
    template: str = ""
    """Path of the file that made this page and others; empty for a page of its own."""
    unread: frozenset[str] = frozenset()
    """Keys of the front matter whose values cannot be told, as was noted: what follows is no fault."""

    @property
    def makes_many(self) -> bool:
        """Whether the file stands for many pages, and is none itself."""
        return self.front.for_each != ForEach() and not self.template

    def line_of(self, key: str) -> str:
        """Return ``file:line`` of a dotted path of keys in the front matter."""
        return f"{self.file}:{line_of(self.front_text, key, 2)}"

    def text_of(self, key: str) -> tuple[str, int]:
        """Return file and line at which a text of the front matter starts: a block's is below its key."""
        line = line_of(self.front_text, key, 0)
        is_below = re.search(r"[|>][-+\d]*\s*$", self.front_text.splitlines()[line]) is not None
        return self.file, line + 2 + is_below

    @cached_property
    def url(self) -> str:
        """Address of the page, relative to the site's root."""
        return page_url(self.path)


@dataclass(frozen=True)
class Content:
    """All that a content folder holds; files whose name starts with a dot are left out."""

    pages: tuple[Page, ...]
    """By path; without drafts, unless they were asked for."""
    drafts: frozenset[str]
    """Paths of the pages that are left out."""
    files: dict[str, Path]
    """Everything but pages, by path: images and downloads, copied as they are."""


def load_content(
    folder: Path, snippets: Path, root: Path, memo: Memo, problems: Problems, *, with_drafts: bool = False
) -> Content:
    """Read the content folder; unreadable and malformed pages are noted and left out.

    ``snippets`` holds text for pages to include. Links on the disk are followed as far as ``root``.
    """
    pages, drafts, files = [], set(), {}
    if not folder.is_dir():
        problems.add(folder.name, "there is no such folder", "put Markdown pages into it, index.md first")
    reader = _Includes(folder, snippets, root)
    for found in sorted(folder.rglob("*")):
        path = found.relative_to(folder).as_posix()
        file = f"{folder.name}/{path}"
        if any(part.startswith(".") for part in path.split("/")):
            continue
        with problems.collected():
            if found.is_symlink():
                check_inside(found, root, file)
            if not found.is_file():
                continue
            if found.suffix != ".md":
                files[path] = found
                check_picture(found, file)
                continue
            page, noted = _load_page(found, path, file, memo)
            problems.extend(noted)
            if page.front.draft and not with_drafts:
                drafts.add(path)
            else:
                pages.append(reader.expanded(page, problems))
    return Content(tuple(pages), frozenset(drafts), files)


def check_inside(found: Path, root: Path, where: str) -> None:
    """Raise when a link on the disk leads out of ``root``, to a hidden file or to a folder."""
    real = found.resolve()
    if not real.is_relative_to(root.resolve()):
        raise SitegenError(where, f"the link {OUTSIDE}", "copy what it points at into the report")
    if any(part.startswith(".") for part in real.relative_to(root.resolve()).parts):
        raise SitegenError(where, "the link points at a hidden file", "copy what it points at")
    if real.is_dir():
        raise SitegenError(where, "the link points at a folder, which is not followed", "copy the folder")


class _Includes:
    """The files that a page may include: those of the content folder and of the snippets."""

    def __init__(self, folder: Path, snippets: Path, root: Path) -> None:
        self._folder = folder
        self._snippets = snippets
        self._root = root

    def expanded(self, page: Page, problems: Problems) -> Page:
        """Return the page with the text of what it includes; what cannot be included is noted."""
        text = expand(page.text, self._read, problems)
        return page if text is page.text else replace(page, text=text)

    def _read(self, name: str, path: str | None, where: str) -> Text:
        """Return the file that an include names: beside the file that names it, else a snippet."""
        beside = (self._folder / path).parent if path and not name.startswith("/") else self._folder
        places = (beside / name.lstrip("/"), self._snippets / name.lstrip("/"))
        found = next((place for place in places if place.is_file()), None)
        if not any(map(self._is_inside, [found] if found else places)):
            hint = "include a file of the content folder or a snippet"
            raise SitegenError(where, f'"{name}" {OUTSIDE}', hint)
        if found is None:
            hint = nearest(name, self._known())
            raise SitegenError(where, f'there is no file "{name}" to include', hint)
        return self._text(found.resolve())

    def _is_inside(self, place: Path) -> bool:
        real = place.resolve()
        return any(real.is_relative_to(base.resolve()) for base in (self._folder, self._snippets))

    def _known(self) -> list[str]:
        bases = (base for base in (self._folder, self._snippets) if base.is_dir())
        return [found.relative_to(base).as_posix() for base in bases for found in base.rglob("*.md")]

    def _text(self, real: Path) -> Text:
        in_content = real.is_relative_to(self._folder.resolve())
        base = self._folder if in_content else self._snippets
        path = real.relative_to(base.resolve()).as_posix()
        file = f"{base.name}/{path}"
        body, first_line = without_front_matter(_read_text(real, file))
        return plain(body, file, first_line, path if in_content else None)


def _load_page(source: Path, path: str, file: str, memo: Memo) -> tuple[Page, Problems]:
    text = _read_text(source, file)
    return memo.recall(("page source", path), (text, file), lambda: read_page(text, path, file))


def _read_text(source: Path, file: str) -> str:
    try:
        text = source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.read_bytes()[: error.start].count(b"\n") + 1
        where = f"{file}:{line}"
        raise SitegenError(where, "not UTF-8 text", "save the file as UTF-8") from error
    except OSError as error:
        raise SitegenError(file, f"cannot be read: {error.strerror}") from error
    if "\0" in text:
        where = f"{file}:{text[: text.index(chr(0))].count(chr(10)) + 1}"
        raise SitegenError(where, "holds a NUL character, which no text has", "save the file as UTF-8 text")
    return text


def read_page(text: str, path: str, file: str) -> tuple[Page, Problems]:
    """Return the page that ``text`` is, as far as its front matter can be read, and all problems of that."""
    problems = Problems()
    if not re.match(r"---\s*\n", text):
        return Page(path, file, FrontMatter(), plain(text, file, 1, path)), problems
    closing = re.compile(r"^---[ \t]*$\n?", re.MULTILINE).search(text, text.index("\n"))
    if closing is None:
        where = f"{file}:1"
        raise SitegenError(where, "the front matter has no end", "close it with a line ---")
    front = text[text.index("\n") + 1 : closing.start()]
    first_line = text.count("\n", 0, closing.end()) + 1
    body = plain(text[closing.end() :], file, first_line, path)
    read, unread = _front_matter(front, file, problems)
    return Page(path, file, read, body, front, unread=unread), problems


KEYS = frozenset(item.name for item in fields(FrontMatter))


def _front_matter(text: str, file: str, problems: Problems) -> tuple[FrontMatter, frozenset[str]]:
    """Return the front matter without what is wrong with it, and the keys whose values cannot be told."""
    written: dict[str, Any] | None = None
    with problems.collected():
        written = read_yaml(text, file, first_line=2)
    if written is None:
        return FrontMatter(), KEYS
    values = _known(written, FrontMatter, "", text, file, problems)
    unread = (KEYS & written.keys()) - values.keys()
    if written.keys() - KEYS:  # any key that is not there may be meant
        unread |= KEYS - written.keys()
    for key, read in _READ.items():
        if key in values:
            noted = Problems()
            values[key] = read(values[key], text, file, noted)
            unread |= {key} if noted.errors else set()
            problems.extend(noted)
    if "facts" in values and not {"card"} & (values.keys() | unread):
        where = f"{file}:{line_of(text, 'facts', 2)}"
        what = "facts are those of a card, and the page is none"
        problems.add(where, what, "write card: data or card: model")
    fixed: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    return FrontMatter(**fixed), unread


def _card(card: str, text: str, file: str, problems: Problems) -> str:
    """Return the kind of a card; one that there is none of is noted."""
    if card and card not in CARDS:
        where = f"{file}:{line_of(text, 'card', 2)}"
        problems.add(where, f'there is no card "{card}"', nearest(card, CARDS))
    return card if card in CARDS else ""


def _date(written: str, text: str, file: str, problems: Problems) -> str:
    if written and not is_day(written):
        where = f"{file}:{line_of(text, 'date', 2)}"
        problems.add(where, f'"{written}" is no day', "write year, month and day: 2026-11-26")
    return written if is_day(written) else ""


def _known(
    values: Mapping[str, Any], kind: type, section: str, text: str, file: str, problems: Problems
) -> dict[str, Any]:
    """Return the values of attributes of ``kind``; other keys, and values of another kind, are noted."""
    declared = {item.name: str(item.type) for item in fields(kind)}
    place = f'"{section}"' if section else "the front matter"
    known = {}
    for key, value in values.items():
        if key in declared and _fits(value, declared[key]):
            known[key] = value
            continue
        where = f"{file}:{line_of(text, f'{section}.{key}' if section else key, 2)}"
        if key not in declared:
            problems.add(where, f'unknown key "{key}" in {place}', nearest(key, declared))
        else:
            problems.add(where, f'"{key}" is not {_KINDS[declared[key]][0]}')
    return known


_KINDS: dict[str, tuple[str, type]] = {
    "str": ("text", str),
    "int": ("a whole number", int),
    "bool": ("true or false", bool),
    "Mapping[str, Value]": ("lines of the form key: value", dict),
    "ForEach": ("lines of the form key: value", dict),
    "Facts": ("lines of the form key: value", dict),
    "tuple[Any, ...]": ("a list", list),
    "tuple[str, ...]": ("a list of texts", list),
}
"""Types of attributes, as they are called and as YAML reads them."""


def _fits(value: Any, kind: str) -> bool:
    if kind == "tuple[str, ...]" and isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, _KINDS[kind][1]) and (kind == "bool" or not isinstance(value, bool))


def _constants(found: Mapping[str, Any], text: str, file: str, problems: Problems) -> dict[str, Value]:
    """Return the constants that are some; the others are noted."""
    constants = {}
    for name, value in found.items():
        is_name = re.fullmatch(r"[A-Za-z_]\w*", name) is not None
        if is_name and is_value(value):
            constants[name] = value
            continue
        where = f"{file}:{line_of(text, f'constants.{name}', 2)}"
        if is_name:
            problems.add(where, f'the constant "{name}" is neither text nor a number nor true or false')
        else:
            problems.add(where, f'the name "{name}" is not letters, digits and _')
    return constants


def _for_each(found: Mapping[str, Any], text: str, file: str, problems: Problems) -> ForEach:
    """Return what a file makes many pages for: nothing where something is wrong with it, which is noted."""
    known = _known(found, ForEach, "for_each", text, file, problems)
    where = f"{file}:{line_of(text, 'for_each', 2)}"
    # A key that is none may be one of the two, misspelt.
    if ("sql" in found) == ("values" in found) and not problems.errors:
        problems.add(where, '"for_each" needs either "sql" or "values"', 'such as values: ["a", "b"]')
    rows = [row if isinstance(row, dict) else {"value": row} for row in known.get("values", ())]
    for name in sorted({name for row in rows for name, value in row.items() if not is_value(value)}):
        problems.add(where, f'the value "{name}" is neither text nor a number nor true or false')
    if problems.errors:
        return ForEach()
    return ForEach(known.get("sql", ""), tuple(rows), known.get("slug", ""))


_READ: Mapping[str, Callable[[Any, str, str, Problems], Any]] = {
    "constants": _constants,
    "for_each": _for_each,
    "facts": read_facts,
    "card": _card,
    "date": _date,
}
"""Readers of values that are more than their kind: given the value, they note what is wrong with it."""
