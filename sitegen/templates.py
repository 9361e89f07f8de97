"""Frames pages with the theme's Jinja2 templates. The classes below are all that a template may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError
from markupsafe import Markup

from sitegen.errors import SitegenError, nearest
from sitegen.languages import Words

_HERE = Path(__file__).parent

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'"
)
"""What a page may load: its own site, nothing else."""


@dataclass(frozen=True)
class NavigationEntry:
    """A page as navigation shows it."""

    title: str
    url: str
    """Relative to the site's root; put ``base`` before it."""
    section: str
    """Folder of the page, relative to the site's root; empty for the top one."""
    order: int


@dataclass(frozen=True)
class NavigationSection:
    """The pages of one folder, as navigation shows them."""

    title: str
    """Name of the folder; empty for the top one."""
    path: str
    url: str
    """The folder's index page, else its first; relative to the site's root."""
    pages: tuple[NavigationEntry, ...]
    """The pages to list; empty where they are too many, and the section is one link."""


@dataclass(frozen=True)
class TocEntry:
    """A heading as the table of contents shows it."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class DataSource:
    """A table that the page shows, as its footer says where numbers come from."""

    name: str
    """``<artifact>/<table>``."""
    digest: str
    """First twelve hexadecimal digits of the SHA-256 of its data."""


@dataclass(frozen=True)
class Crumb:
    """A step on the way to a page, or a tag."""

    title: str
    url: str
    """Relative to the site's root."""


@dataclass(frozen=True)
class PageContext:
    """``page``: what a template knows of the page that it frames."""

    title: str
    description: str
    url: str
    """Relative to the site's root."""
    body: Markup
    """The page's HTML, views included; starts with its ``h1``."""
    toc: tuple[TocEntry, ...]
    """Headings of levels 2 and 3; empty where the page wants none."""
    front: Any
    """The front matter: ``front.description`` and so on."""
    has_views: bool
    """Whether the page has views, hence a payload and scripts for them."""
    is_asked: bool = False
    """Whether the page has claims that can be asked again, hence a payload."""
    data: tuple[DataSource, ...] = ()
    """The tables that the page's views show."""
    section: str = ""
    """Folder of the page, relative to the site's root."""
    previous: NavigationEntry | None = None
    """The page before this one in its folder."""
    next: NavigationEntry | None = None
    """The page after it."""
    crumbs: tuple[Crumb, ...] = ()
    """The way from the front page to this one, which is the last; empty at the top."""
    tags: tuple[Crumb, ...] = ()
    """The page's tags and their pages."""


@dataclass(frozen=True)
class Navigation:
    """What a header of so much room shows of the site's pages."""

    pages: tuple[NavigationEntry, ...]
    """Those of the top folder that stand side by side."""
    folders: tuple[NavigationSection, ...]
    """The folders beside them."""
    rest: tuple[NavigationEntry | NavigationSection, ...]
    """What has no room and goes into a menu."""
    rest_urls: frozenset[str]
    """The addresses of the rest."""


@dataclass(frozen=True)
class SiteContext:
    """``site``: what every page shows."""

    title: str
    language: str
    description: str
    pages: tuple[NavigationEntry, ...]
    """Every page, by section, order and path."""
    sections: tuple[NavigationSection, ...] = ()
    """The same pages by folder, the top one first; built once for all pages."""
    version: str = ""
    """Version of sitegen that built the site."""
    release: str = ""
    """Version of the report; empty where it has none."""
    author: str = ""
    """Who answers for the report."""
    _fitted: dict[tuple[float, ...], Navigation] = field(default_factory=dict, compare=False, repr=False)

    def fitted(self, room: float, more: float, letter: float, folder: float, page: float) -> Navigation:
        """Return what fits into ``room``: folders, then pages of the top one; counted once for all.

        All are in px: ``more`` is what the menu of the rest takes, ``letter`` one letter of a name,
        ``folder`` and ``page`` what stands around a name.
        """
        asked = (room, more, letter, folder, page)
        if asked not in self._fitted:
            self._fitted[asked] = _fitted(self.sections, *asked)
        return self._fitted[asked]


def _fitted(
    sections: Sequence[NavigationSection], room: float, more: float, letter: float, folder: float, page: float
) -> Navigation:
    folders: list[NavigationSection] = []
    pages: list[NavigationEntry] = []
    rest: list[NavigationEntry | NavigationSection] = []
    for section in (section for section in sections if section.path):
        width = folder + letter * len(section.title)
        if room - width > more:
            room -= width
            folders.append(section)
        else:
            rest.append(section)
    top = [entry for section in sections if not section.path for entry in section.pages]
    shown = [entry for entry in top if entry.url != "index.html"]
    for entry in shown:
        room -= page + letter * len(entry.title)
        # The last one needs no room for a menu of the rest.
        if room > (0 if entry is shown[-1] and not rest else more):
            pages.append(entry)
        else:
            room = 0
            rest.append(entry)
    return Navigation(tuple(pages), tuple(folders), tuple(rest), frozenset(entry.url for entry in rest))


@dataclass(frozen=True)
class Frame:
    """Everything that one rendering of a template is given."""

    page: PageContext
    site: SiteContext
    payload: Markup
    """JSON for ``<script type="application/json" id="sitegen-page">``, safe inside it."""
    assets: Mapping[str, str]
    """Page-relative URLs of boot, live, styles, worker and wasm."""
    base: str
    """The page's way to the site's root: ``./``, ``../``."""
    csp: str
    canonical: str | None
    """The page's address on the web, when the report names one."""
    picture: str | None = None
    """Address on the web of the picture that goes with links to the page."""
    feed: str | None = None
    """Address on the web of the site's feed, where it has one."""
    plain: str | None = None
    """Address on the web of the page as Markdown."""
    citation: Markup | None = None
    """JSON for ``<script type="application/json" id="sitegen-citation">``: what a citation of the page says.

    None where the theme has no sharing, and on the page for addresses that are not there."""
    search: str | None = None
    """Page-relative URL of the search's index, where the theme has a search."""
    versions: str | None = None
    """Page-relative way to the root of all versions of the report, where it stands beside others."""
    linked_data: str = ""
    """What a card is about, as JSON-LD safe inside a script element; empty for other pages."""
    words: str = ""
    """The texts of the interface, as JSON for the page's scripts; empty in English."""


class Templates:
    """The templates of a theme, compiled once."""

    def __init__(self, folders: Sequence[Path], theme: str, words: Words | None = None) -> None:
        self._theme = theme
        self._folders = folders
        self._environment = Environment(
            loader=FileSystemLoader(folders),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            # Changed templates are compiled anew by a build; no page has to ask the disk for changes.
            auto_reload=False,
        )
        self._environment.globals["say"] = (words or Words()).say

    @property
    def texts(self) -> dict[str, str]:
        """Source of every template, by its path."""
        paths = self._environment.list_templates(extensions=["html"])
        return {path: self._read(path) for path in paths}

    def _read(self, path: str) -> str:
        folder = next(folder for folder in self._folders if (folder / path).is_file())
        file = folder / path
        if not file.resolve().is_relative_to(folder.resolve()):
            where = f"themes/{self._theme}/templates/{path}"
            raise SitegenError(where, "the link leads out of the theme", "copy what it points at")
        return file.read_text(encoding="utf-8")

    @property
    def names(self) -> list[str]:
        """Names that a page's ``template:`` may take."""
        files = self._environment.list_templates(extensions=["html"])
        return sorted(file.removesuffix(".html") for file in files if "/" not in file)

    def render(self, name: str, frame: Frame) -> str:
        """Return the whole HTML of a page."""
        try:
            template = self._environment.get_template(f"{name}.html")
            return template.render({key: getattr(frame, key) for key in frame.__dataclass_fields__})
        except TemplateNotFound as error:
            where = f"themes/{self._theme}/templates"
            raise SitegenError(
                where, f'there is no template "{error.name}"', nearest(name, self.names)
            ) from error
        except TemplateError as error:
            raise SitegenError(self._where(error), f"the template fails: {error.message}") from error
        except Exception as error:
            if not _is_of_template(error):
                raise
            what = f"the template fails: {type(error).__name__}: {error}"
            raise SitegenError(self._where(error), what) from error

    def _where(self, error: Exception) -> str:
        """Return file and line of a template's mistake, where they can be told."""
        templates = f"themes/{self._theme}/templates"
        if isinstance(error, TemplateSyntaxError):
            return f"{templates}/{error.name}:{error.lineno}"
        lines = [line for line in extract_tb(error.__traceback__) if line.filename.endswith(".html")]
        return f"{templates}/{self._name(lines[-1].filename)}:{lines[-1].lineno}" if lines else templates

    def _name(self, file: str) -> str:
        """Return the path of a template's file among the templates."""
        found = [folder for folder in self._folders if Path(file).is_relative_to(folder)]
        return Path(file).relative_to(found[0]).as_posix() if found else Path(file).name


def _is_of_template(error: Exception) -> bool:
    """Whether an error arose in a template itself or in what that called of Jinja, and not in sitegen."""
    files = [line.filename for line in extract_tb(error.__traceback__)]
    last = max((place for place, file in enumerate(files) if file.endswith(".html")), default=None)
    return last is not None and not any(Path(file).parent == _HERE for file in files[last:])
