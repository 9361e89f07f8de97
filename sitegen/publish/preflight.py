"""Looks through a finished site for what a host would refuse or slow down. Reads files, writes none.

Limits of GitHub Pages: a site of 1 GB; and of git on GitHub: files of 100 MB, with a warning from 50 MB on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

from sitegen.build import PageWeight
from sitegen.errors import Problems, size_in_words
from sitegen.output import File

LARGEST_SITE = 1_000_000_000
LARGEST_FILE = 100_000_000
LARGE_FILE = 50_000_000
LARGEST_PART = 10_500_000
"""Bytes of a Parquet file; the tools cut tables at about 10 MB, a little over or under."""
HEAVY_PAGE = 200_000
"""Bytes of a page with its styles, compressed."""
HEAVY_DATA = 25_000_000
"""Bytes that a page's views fetch."""

_MARKUP = (".html", ".htm", ".svg")
_EVERY = "*"
_FETCHED = {
    "src": (_EVERY,),
    "href": ("link", "image", "use", "feimage", "script", "base"),
    "data": ("object",),
    "poster": ("video",),
    "background": (_EVERY,),
    "action": ("form",),
    "formaction": (_EVERY,),
    "srcset": (_EVERY,),
    "imagesrcset": (_EVERY,),
}
"""Attributes that make a browser ask for an address or send to it, and the elements on which they do."""
_FOR_PEOPLE = frozenset(("canonical", "alternate", "author", "license", "me"))
"""Relations of links that no browser follows by itself."""
_ELSEWHERE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_CANDIDATE = re.compile(r"(\S*[^\s,])(?:\s[^,]*)?(?:,|$)")
"""The address of an image of a set, with commas within it, before its width or density."""
_STYLED = re.compile(
    r"""url\(\s*["']?((?:https?:)?//[^"')\s]+)|@import\s+["']((?:https?:)?//[^"']+)""", re.IGNORECASE
)


@dataclass(frozen=True)
class Limits:
    """What a host takes; 0 where it has no limit of its own."""

    site: int = 0
    file: int = 0
    leaves_out_underscores: bool = False


PAGES = Limits(LARGEST_SITE, LARGEST_FILE, leaves_out_underscores=True)
ANY = Limits()


def check_site(
    files: Mapping[str, File], weights: Iterable[PageWeight], root: Path, limits: Limits, problems: Problems
) -> None:
    """Note all that a host would refuse as errors, and what it would slow down as warnings."""
    sizes = {url: size_of(content) for url, content in files.items()}
    _check_whole(sizes, limits, problems)
    for url, content in sorted(files.items()):
        where = _where(url, content, root)
        _check_size(url, sizes[url], where, limits, problems)
        _check_name(url, where, limits, problems)
        if isinstance(content, Path):
            _check_link(content, where, problems)
            _check_addresses(content, where, problems)
    for page in weights:
        _check_page(page, problems)


def size_of(content: File) -> int:
    """Return the bytes of a file of the site."""
    return content.stat().st_size if isinstance(content, Path) else len(content)


def _where(url: str, content: File, root: Path) -> str:
    """Return the file of the report that a file of the site is, else its address."""
    if isinstance(content, Path) and content.is_relative_to(root):
        return content.relative_to(root).as_posix()
    return url


def _check_whole(sizes: Mapping[str, int], limits: Limits, problems: Problems) -> None:
    whole = sum(sizes.values())
    if limits.site and whole > limits.site:
        largest = ", ".join(sorted(sizes, key=lambda url: -sizes[url])[:3])
        what = f"the site has {size_in_words(whole)}, and GitHub Pages takes {size_in_words(limits.site)}"
        problems.add(
            "the site", what, f"leave data out, or use another host; its largest files are {largest}"
        )


def _check_size(url: str, size: int, where: str, limits: Limits, problems: Problems) -> None:
    if limits.file and size > limits.file:
        what = f"has {size_in_words(size)}, and GitHub refuses files above {size_in_words(limits.file)}"
        problems.add(where, what, "cut it into parts, or leave it out of the site")
    elif limits.file and size > LARGE_FILE:
        what = f"has {size_in_words(size)}, and GitHub warns of files above {size_in_words(LARGE_FILE)}"
        problems.warn(where, what, "cut it into parts, or leave it out of the site")
    if url.endswith(".parquet") and size > LARGEST_PART:
        what = f"is a part of {size_in_words(size)}, which every reader fetches whole"
        problems.warn(where, what, "write the table with sitegen run, which cuts it at 10 MB")


def _check_name(url: str, where: str, limits: Limits, problems: Problems) -> None:
    hidden = [part for part in PurePosixPath(url).parts if part.startswith("_")]
    if hidden and limits.leaves_out_underscores:
        what = f'"{hidden[0]}" begins with _, and GitHub Pages leaves that out where .nojekyll is missing'
        problems.warn(where, what, "give it another name; .nojekyll is written")


def _check_link(file: Path, where: str, problems: Problems) -> None:
    if file.is_symlink():
        what = "is a link on the disk, which GitHub Pages refuses: its content is published"
        problems.warn(where, what, "copy what it points at")


def _check_addresses(file: Path, where: str, problems: Problems) -> None:
    """Warn of what an author's own HTML, SVG or styles would fetch from elsewhere."""
    if file.suffix.lower() not in (*_MARKUP, ".css"):
        return
    for line, address in addresses(file.read_text(encoding="utf-8", errors="replace")):
        hint = "put the file into the content folder: readers tell no other site what they read"
        problems.warn(f"{where}:{line}", f"asks another site for {address[:120]}", hint)


def addresses(text: str) -> list[tuple[int, str]]:
    """Return the line and the address of each thing that markup or styles fetch from another site."""
    markup = _Markup()
    markup.feed(text)
    markup.close()
    styled = [
        (text.count("\n", 0, found.start()) + 1, found[1] or found[2]) for found in _STYLED.finditer(text)
    ]
    return sorted([*markup.found, *styled], key=lambda each: each[0])


class _Markup(HTMLParser):
    """Collects what elements fetch from another site, by line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses of an element."""
        relations = set((dict(attrs).get("rel") or "").lower().split())
        if tag == "link" and relations and relations <= _FOR_PEOPLE:
            return
        for name, value in attrs:
            attribute = name.removeprefix("xlink:")
            if value and {tag, _EVERY} & {*_FETCHED.get(attribute, ())}:
                found = _CANDIDATE.findall(value) if attribute.endswith("srcset") else [value.strip()]
                self.found += [(self.getpos()[0], one) for one in found if _ELSEWHERE.match(one)]


def _check_page(page: PageWeight, problems: Problems) -> None:
    if page.html > HEAVY_PAGE:
        what = (
            f"the page and its styles weigh {page.html / 1e3:.0f} kB compressed, above {HEAVY_PAGE / 1e3:.0f}"
        )
        problems.warn(page.file, what, "divide the page, or let its tables show fewer rows")
    if page.data > HEAVY_DATA:
        what = f"its views fetch {size_in_words(page.data)} once somebody touches them"
        problems.warn(page.file, what, "show fewer tables, or tables without columns that no view needs")
