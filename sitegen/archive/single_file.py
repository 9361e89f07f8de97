"""Makes single files of a finished site: each opens from the disk by itself, and works with no network.

A file holds whatever its page would load. Scripts and styles stand in it and run because the page's policy
names their digests; tables, the database and the live module wait as text until a reader touches the page;
a picture that is shown often stands in it once.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sitegen.archive.held import Site, digest, quoted, type_of
from sitegen.archive.markup import Tag, between, changed, tags
from sitegen.assets import CLASSIC, PAPER, load_theme
from sitegen.build import Summary, build
from sitegen.config import Config
from sitegen.drawing import Report
from sitegen.errors import Problems, SitegenError, counted, nearest, size_in_words
from sitegen.kept import Drawings
from sitegen.output import Disk, Memory
from sitegen.values import safe_in_script

LARGEST = 256_000_000
"""Bytes of a file that browsers still open: they hold a page's text in memory, some of it twice."""
LISTED = 3
"""Files that are named where a page is too large."""
FOLDER = "files"
"""Where they go in a report unless told otherwise."""
WHOLE = "report.html"
"""The file that holds every page."""
MOST_TOLD = 20
"""Files whose weight is told."""
AS_TEXT = 4 / 3
"""How much longer a file is as text, at most."""

PAYLOAD = "sitegen-page"
POLICY = "<!--policy-->"
"""Stands for the policy until all that the file holds is known."""
_IDS = ("id", "for", "headers", "list", "form", "popovertarget")
_MARK = re.compile(r"url\(\s*(['\"]?)#([^)'\"]+)\1\s*\)")
_LOADED = {
    "img": ("src",),
    "audio": ("src",),
    "video": ("src", "poster"),
    "source": ("src",),
    "embed": ("src",),
    "track": ("src",),
}
"""Attributes that name what a browser loads by itself, by element."""


@dataclass(frozen=True)
class SingleFile:
    """A file that opens by itself."""

    url: str
    """Its name, relative to the folder of all of them."""
    content: bytes
    data: int
    """How many of its bytes are the report's own: tables, pictures and, of a whole report, pages."""


@dataclass
class _Holding:
    """What a file holds besides its pages, gathered while they are read."""

    site: Site
    held: dict[str, None] = field(default_factory=dict)
    """URLs of files that scripts read."""
    sheets: dict[str, Tag] = field(default_factory=dict)
    """Pictures that are shown in parts, by URL."""
    scripts: dict[str, None] = field(default_factory=dict)
    """Digests of what may run."""
    styles: dict[str, None] = field(default_factory=dict)

    def hold(self, url: str) -> str:
        """Hold a file, and let it run where it is a script; gives its URL back."""
        if url not in self.sheets:
            self.held[url] = None
        if url.endswith(".js") and url not in self.site.engine:
            self.scripts[self.site.digest(url)] = None
        return url

    def sheet(self, url: str) -> Tag:
        """Hold a picture of which parts are shown, and return the element that stands for it."""
        self.held.pop(url, None)
        attributes: dict[str, str | None] = {"id": f"held-{len(self.sheets)}", "data-file": url}
        return self.sheets.setdefault(url, Tag("image", attributes, is_closed=True))

    @property
    def policy(self) -> str:
        """What the file may do: run what stands in it, show what stands in it, ask nobody."""
        scripts, styles = (" ".join(sorted(found)) or "'none'" for found in (self.scripts, self.styles))
        return (
            f"default-src 'none'; script-src {scripts} 'wasm-unsafe-eval'; style-src {styles}; "
            "img-src data: blob:; media-src data: blob:; font-src data:; worker-src blob:; "
            "base-uri 'none'; form-action 'none'"
        )

    def elements(self) -> str:
        """Return the elements that hold the files."""
        drawn = "".join(self._drawn(url, tag) for url, tag in self.sheets.items())
        sheets = f"<div hidden><svg><defs>{drawn}</defs></svg></div>\n" if drawn else ""
        return sheets + "".join(f"{self.site.holder(url)}\n" for url in sorted(self.held))

    def _drawn(self, url: str, tag: Tag) -> str:
        added = {"data-type": type_of(url), "href": self.site.picture(url)}
        return str(Tag("image", {**tag.attributes, **added}, is_closed=True))

    @property
    def data(self) -> int:
        """How many bytes of the file are tables, pictures and other files of the report."""
        theme = self.site.theme.files
        held = sum(len(self.site.holder(url)) for url in self.held if url not in theme)
        return held + sum(len(self.site.picture(url)) for url in self.sheets)


def single_files(
    config: Config, wanted: Sequence[str], report: Report, kept: Drawings | None, *, whole: bool
) -> list[SingleFile]:
    """Build the site in memory and return its pages as single files, or as one; ``wanted`` names some alone.

    Raises all that is wrong with the report, or that keeps a file from being opened.
    """
    output = Memory()
    summary = build(config, output, report, kept=kept)
    theme = load_theme(config.theme, config.site.theme, config.themes)
    if not theme.classic:
        hint = f'name it in [assets]: {CLASSIC} = "{CLASSIC}.json"'
        where = f"themes/{theme.name}/theme.toml"
        raise SitegenError(where, "has no scripts for single files", hint)
    pages = _chosen(summary, wanted)
    site = Site(output.files, theme)
    return [whole_report(site, pages)] if whole else single_pages(site, pages)


def write(made: Sequence[SingleFile], folder: Path) -> Iterator[str]:
    """Write files into a folder and yield what to say of them: the weight of the largest, how to open one."""
    Disk(folder, "sitegen archive --single-file --output FOLDER").publish(
        {one.url: one.content for one in made}
    )
    for one in sorted(made, key=lambda one: -len(one.content))[:MOST_TOLD]:
        weight, data = size_in_words(len(one.content)), size_in_words(one.data)
        yield f"{folder / one.url}  {weight}, {data} of them data"
    rest = f"; the largest {MOST_TOLD} are listed" if len(made) > MOST_TOLD else ""
    yield f"{counted(len(made), 'file')} in {folder}{rest}: a double click opens one, with no network"


def _chosen(summary: Summary, wanted: Sequence[str]) -> list[str]:
    """Return the addresses of the pages that are named by file or address, the front page first."""
    names = {page.file: page.url for page in summary.pages}
    names |= {name: url for url in names.values() for name in (url, url.removesuffix(".html") + ".md")}
    problems = Problems()
    for name in wanted:
        if name not in names:
            problems.add("sitegen archive", f'there is no page "{name}"', nearest(name, names))
    problems.stop()
    chosen = {names[name] for name in wanted} or set(names.values())
    return sorted(chosen, key=lambda url: (url != "index.html", url))


def single_pages(site: Site, pages: Iterable[str]) -> list[SingleFile]:
    """Return a file for each of the pages, under its page's name: links lead from one to the other.

    Raises where one would be too large to be opened, naming all that are.
    """
    problems, made = Problems(), []
    for url in pages:
        holding = _Holding(site)
        text = changed(_text(site, url), _Page(holding, url).change)
        if _is_fit(holding, url, len(text), problems):
            made.append(_finished(holding, url, text, own=0))
    problems.stop()
    return made


def whole_report(site: Site, pages: Sequence[str]) -> SingleFile:
    """Return one file with all the pages; the first one is on show until another is asked for.

    Without scripts they follow each other. Raises where the file would be too large to be opened.
    """
    holding, problems = _Holding(site), Problems()
    every = frozenset(pages)
    shelves = [_Shelf(holding, url, every) for url in pages]
    texts = [changed(_text(site, shelf.url), shelf.change) for shelf in shelves]
    bodies = [_waiting(shelf, text) for shelf, text in zip(shelves, texts, strict=True)]
    own = sum(map(len, bodies))
    _is_fit(holding, WHOLE, own, problems)
    problems.stop()
    boot = "".join(dict.fromkeys(script for shelf in shelves for script in shelf.boot))
    head = between(texts[0], "head", "head")
    language = next(tag.get("lang") for tag in tags(texts[0]) if tag.name == "html")
    text = (
        f'<!doctype html>\n<html lang="{html.escape(language)}" data-sitegen="static">\n<head>{head}</head>\n'
        f"<body>\n{''.join(bodies)}{boot}\n</body>\n</html>\n"
    )
    return _finished(holding, WHOLE, text, own)


def _text(site: Site, url: str) -> str:
    return site.content(url).decode("utf-8")


def _finished(holding: _Holding, url: str, text: str, own: int) -> SingleFile:
    """Put what the file holds behind all that is read, and its policy where the page's own stood."""
    before, _, after = text.rpartition("</body>")
    policy = Tag("meta", {"http-equiv": "Content-Security-Policy", "content": holding.policy})
    before = before if POLICY in before else before.replace("<head>", f"<head>{POLICY}", 1)
    whole = f"{before.replace(POLICY, str(policy), 1)}{holding.elements()}</body>{after}"
    return SingleFile(url, whole.encode("utf-8"), holding.data + own)


def _is_fit(holding: _Holding, url: str, text: int, problems: Problems) -> bool:
    sizes = {each: holding.site.size(each) for each in (*holding.held, *holding.sheets)}
    size = text + int(AS_TEXT * sum(sizes.values()))
    if size <= LARGEST:
        return True
    largest = ", ".join(sorted(sizes, key=lambda each: -sizes[each])[:LISTED])
    one = f"the largest of {counted(len(sizes), 'file')} in it are {largest}"
    what = f"would have about {size / 1e6:.0f} MB, more than the {LARGEST / 1e6:.0f} MB that browsers open"
    hint = "leave columns out of its tables, take a sample, or write the bag: sitegen archive"
    problems.add(url, f"{what}: {one}", hint)
    return False


class _Page:
    """Changes the tags of one page into those of a file that holds what it needs."""

    def __init__(self, holding: _Holding, url: str) -> None:
        self.holding, self.site, self.url = holding, holding.site, url
        self.boot: list[str] = []

    def change(self, tag: Tag) -> str | None:
        """Return what takes the tag's place; None where it stays."""
        if tag.name == "meta":
            return POLICY if tag.get("http-equiv").lower() == "content-security-policy" else None
        if tag.name == "link":
            return self._linked(tag)
        if tag.name == "script":
            return self._script(tag)
        if tag.name == "image" and (url := self._named(tag, "href")):
            return self._part(tag, url)
        self._offer(tag)
        is_changed = any([self._load(tag), self._point(tag)])
        return str(tag) if is_changed else None

    def _named(self, tag: Tag, attribute: str) -> str:
        """Return the file of the site that an attribute names; empty where it names none."""
        return self.site.address(self.url, tag.get(attribute))

    def _linked(self, tag: Tag) -> str | None:
        url = self._named(tag, "href")
        if not url:
            return None
        if tag.get("rel") == "stylesheet":
            text = self.site.text(url)
            self.holding.styles[digest(text)] = None
            return str(Tag("style", {}, text))
        if "icon" in tag.get("rel"):
            return str(Tag("link", {**tag.attributes, "href": self.site.picture(url)}))
        return ""

    def _script(self, tag: Tag) -> str | None:
        url = self._named(tag, "src")
        if url:
            return self._run(tag, self.site.text(url))
        return self._told(tag) if tag.get("id") == PAYLOAD else None

    def _told(self, tag: Tag) -> str:
        """Hold what the page's scripts are told of; the writer of PDF is left out, for its weight."""
        told = json.loads(tag.text or "null")
        told["assets"].pop(PAPER, None)
        self._read(told)
        text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        tag.text = safe_in_script(text)
        return str(tag)

    def _run(self, tag: Tag, text: str) -> str:
        self.holding.scripts[digest(text)] = None
        kept = {name: value for name, value in tag.attributes.items() if name == "type"}
        return str(Tag("script", kept, text))

    def _read(self, value: Any) -> None:
        """Hold every file that the page's scripts are told of."""
        if isinstance(value, Mapping):
            for each in value.values():
                self._read(each)
        elif isinstance(value, list):
            for each in value:
                self._read(each)
        elif isinstance(value, str):
            url = self.site.address(self.url, value)
            if url and not url.endswith(".html"):
                self.holding.hold(url)

    def _part(self, tag: Tag, url: str) -> str:
        """A sheet of pictures stands in the file once; what shows a part of it points there."""
        sheet = self.holding.sheet(url)
        for name in ("width", "height"):
            if name in tag.attributes:
                sheet.attributes.setdefault(name, tag.attributes[name])
        kept = {name: value for name, value in tag.attributes.items() if name not in ("width", "height")}
        return str(Tag("use", {**kept, "href": f"#{sheet.get('id')}"}, is_closed=True))

    def _load(self, tag: Tag) -> bool:
        found = {name: self._named(tag, name) for name in _LOADED.get(tag.name, ())}
        for name, url in found.items():
            if url:
                tag.attributes[name] = self.site.picture(url)
        return any(found.values())

    def _offer(self, tag: Tag) -> None:
        """Hold what a script is told of in attributes of its own, such as the search."""
        for name in tag.attributes:
            if name.startswith("data-") and (url := self._named(tag, name)):
                self.holding.hold(url)

    def _point(self, tag: Tag) -> bool:
        """Hold a file that a link leads to, unless it is a page."""
        url = self._named(tag, "href") if tag.name == "a" else ""
        if not url or url.endswith(".html"):
            return False
        tag.attributes |= {"href": self.holding.hold(url), "data-held": None}
        return True


class _Shelf(_Page):
    """Changes a page into one of many in a file: its ids and its links begin with its name."""

    def __init__(self, holding: _Holding, url: str, pages: frozenset[str]) -> None:
        super().__init__(holding, url)
        self.pages = pages
        self.mark = _mark(url)
        self.ids = frozenset(found for tag in tags(_text(holding.site, url)) if (found := tag.get("id")))

    def change(self, tag: Tag) -> str | None:
        before = super().change(tag)
        if before is not None and tag.name in ("meta", "link", "script") and tag.get("id") != PAYLOAD:
            return before
        if tag.name == "image" and before is not None:
            return before
        is_changed = any([self._name(tag), self._lead(tag), self._base(tag)])
        return str(tag) if is_changed or before is not None else None

    def _run(self, tag: Tag, text: str) -> str:
        # It looks for the page that is asked for, so it comes after all of them.
        self.boot.append(super()._run(tag, text))
        return ""

    def _name(self, tag: Tag) -> bool:
        """Mark ids, and what names them."""
        before = dict(tag.attributes)
        for name, value in before.items():
            if value is None:
                continue
            if name in _IDS or name.startswith("aria-"):
                tag.attributes[name] = self._marked(value) if self._is_name(name, value) else value
            elif "url(" in value:
                tag.attributes[name] = _MARK.sub(self._painted, value)
        return before != tag.attributes

    def _is_name(self, attribute: str, value: str) -> bool:
        return attribute == "id" or all(word in self.ids for word in value.split())

    def _marked(self, value: str) -> str:
        return " ".join(self.mark + word for word in value.split())

    def _painted(self, found: re.Match[str]) -> str:
        return f"url(#{self.mark}{found.group(2)})" if found.group(2) in self.ids else found.group()

    def _lead(self, tag: Tag) -> bool:
        """Turn links within the report into those of the file; one within the page names the page, too."""
        name = "href" if "href" in tag.attributes else "xlink:href"
        href = tag.get(name)
        if href.startswith("#"):
            tag.attributes[name] = f"#{self.mark}{href[1:]}"
        elif tag.name == "a" and (url := self.site.address(self.url, href)) in self.pages:
            tag.attributes[name] = f"#{_mark(url)}{href.partition('#')[2]}"
        else:
            return False
        return True

    def _base(self, tag: Tag) -> bool:
        """The search says where its pages are by this."""
        if "data-base" not in tag.attributes:
            return False
        tag.attributes["data-base"] = "#!"
        return True


def _mark(url: str) -> str:
    """Return what names a page in its file's address, and begins its ids; `whole.ts` takes it off again."""
    return f"!{quoted(url)}!"


def _waiting(shelf: _Shelf, text: str) -> str:
    """Return a page as it waits to be shown; browsers without scripts show it as it is.

    What it says to them alone becomes an element that is taken out where the page is shown.
    """
    body = between(text, "body", "body").replace("<noscript>", '<div class="without-scripts">')
    body = body.replace("</noscript>", "</div>")
    title = html.unescape(between(text, "title", "title"))
    root = f"{Tag('div', {'id': shelf.mark, 'class': 'whole-page'})}{body}</div>"
    waiting = Tag("noscript", {"data-page": quoted(shelf.url), "data-title": title})
    return f"{waiting}\n{root}\n</noscript>\n"
