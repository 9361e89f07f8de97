"""Frames pages with the theme's Jinja2 templates. The classes below are all that a template may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError
from markupsafe import Markup

from sitegen.errors import SitegenError, nearest

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
    data: tuple[DataSource, ...] = ()
    """The tables that the page's views show."""
    section: str = ""
    """Folder of the page, relative to the site's root."""
    previous: NavigationEntry | None = None
    """The page before this one in a section too long to be listed."""
    next: NavigationEntry | None = None
    """The page after it."""


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


class Templates:
    """The templates of a theme, compiled once."""

    def __init__(self, folder: Path, theme: str) -> None:
        self._theme = theme
        self._folder = folder
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    @property
    def texts(self) -> dict[str, str]:
        """Source of every template, by its path."""
        paths = self._environment.list_templates(extensions=["html"])
        return {path: self._read(path) for path in paths}

    def _read(self, path: str) -> str:
        file = self._folder / path
        if not file.resolve().is_relative_to(self._folder.resolve()):
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

    def _where(self, error: TemplateError) -> str:
        """Return file and line of a template's mistake, where they can be told."""
        if isinstance(error, TemplateSyntaxError):
            return f"themes/{self._theme}/templates/{error.name}:{error.lineno}"
        trace, place = error.__traceback__, f"themes/{self._theme}/templates"
        while trace is not None:
            file = Path(trace.tb_frame.f_code.co_filename)
            if file.suffix == ".html":
                place = f"themes/{self._theme}/templates/{file.name}:{trace.tb_lineno}"
            trace = trace.tb_next
        return place
