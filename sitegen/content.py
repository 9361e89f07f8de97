"""Finds the pages and files of a report's content folder and reads the pages' front matter.

Knows nothing of Markdown: a page's body is text here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sitegen.errors import Problems, SitegenError, nearest
from sitegen.links import page_url
from sitegen.memo import Memo
from sitegen.structured import read_yaml


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
    template: str = "page"
    """The theme's template that frames the page."""
    draft: bool = False
    """Whether the page is left out of the site, unless drafts are asked for."""


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: str
    """Relative to the content folder, with forward slashes."""
    file: str
    """Name under which its problems are reported."""
    front: FrontMatter
    body: str
    first_line: int
    """Line of the file at which ``body`` starts."""

    @property
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


def load_content(folder: Path, memo: Memo, problems: Problems, *, with_drafts: bool = False) -> Content:
    """Read the content folder; unreadable and malformed pages are noted and left out."""
    pages, drafts, files = [], set(), {}
    if not folder.is_dir():
        problems.add(folder.name, "there is no such folder", "put Markdown pages into it, index.md first")
    for found in sorted(folder.rglob("*")):
        path = found.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in path.split("/")) or not found.is_file():
            continue
        if found.suffix != ".md":
            files[path] = found
            continue
        with problems.collected():
            page = _load_page(found, path, f"{folder.name}/{path}", memo)
            if page.front.draft and not with_drafts:
                drafts.add(path)
            else:
                pages.append(page)
    return Content(tuple(pages), frozenset(drafts), files)


def _load_page(source: Path, path: str, file: str, memo: Memo) -> Page:
    text = _read_text(source, file)
    return memo.recall(("page source", path), (text, file), lambda: read_page(text, path, file))


def _read_text(source: Path, file: str) -> str:
    try:
        return source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.read_bytes()[: error.start].count(b"\n") + 1
        where = f"{file}:{line}"
        raise SitegenError(where, "not UTF-8 text", "save the file as UTF-8") from error
    except OSError as error:
        raise SitegenError(file, f"cannot be read: {error.strerror}") from error


def read_page(text: str, path: str, file: str) -> Page:
    """Return the page that ``text`` is; raises all problems of its front matter."""
    if not re.match(r"---\s*\n", text):
        return Page(path, file, FrontMatter(), text, first_line=1)
    closing = re.compile(r"^---[ \t]*$\n?", re.MULTILINE).search(text, text.index("\n"))
    if closing is None:
        where = f"{file}:1"
        raise SitegenError(where, "the front matter has no end", "close it with a line ---")
    front = text[text.index("\n") + 1 : closing.start()]
    first_line = text.count("\n", 0, closing.end()) + 1
    return Page(path, file, _front_matter(front, file), text[closing.end() :], first_line)


def _front_matter(text: str, file: str) -> FrontMatter:
    values = read_yaml(text, file, first_line=2)
    declared = {item.name: item for item in fields(FrontMatter)}
    problems = Problems()
    for key, value in list(values.items()):
        where = f"{file}:{_line_of_key(text, key)}"
        if key not in declared:
            problems.add(where, f'unknown key "{key}" in the front matter', nearest(key, declared))
        elif not _fits(value, str(declared[key].type)):
            problems.add(where, f'"{key}" is not {_KINDS[str(declared[key].type)]}')
    problems.stop()
    return FrontMatter(**values)


_KINDS = {"str": "text", "int": "a whole number", "bool": "true or false"}


def _fits(value: Any, kind: str) -> bool:
    expected = {"str": str, "int": int, "bool": bool}[kind]
    return isinstance(value, expected) and (kind == "bool" or not isinstance(value, bool))


def _line_of_key(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), start=2):
        if re.match(rf"[\"']?{re.escape(key)}[\"']?\s*:", line):
            return number
    return 2
