"""Reads ``sitegen.toml``: the classes below are its reference, one attribute a key.

Checks shapes and names here; what a dataset, model or tool means is the pipelines' business.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pipelines.contract import ContractError, Places, fault_of
from sitegen.bibliography import STYLES
from sitegen.bundled import THEMES
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.people import Person, read_people
from sitegen.values import Value, is_day, is_value

FILE = "sitegen.toml"
EPOCH = "SOURCE_DATE_EPOCH"
THEME_GROUP = "sitegen.themes"
"""Entry points of installed packages: a theme's name, and the package whose folder it is."""
_ARCHIVE_FORMS = {
    "date": (r"\d{4}-\d\d-\d\d", "2026-11-26"),
    "doi": (r"10\.\d{4,9}/\S+", "10.5281/zenodo.1234"),
    "licence": (r"[A-Za-z0-9][A-Za-z0-9.+-]*", "CC-BY-4.0: an identifier of spdx.org/licenses"),
}
"""Keys of ``[archive]``, what each looks like, and an example."""
_KINDS = {str: "text in quotes", bool: "true or false"}
_SUCH = {str: '"…"', bool: "true or false, without quotes"}
NAME = r"[a-z][a-z0-9_-]*"
"""How datasets, models and tools may be called."""
VERSION = r"(?:[A-Za-z0-9][A-Za-z0-9.-]*)?"
"""How versions may be called: each is the name of a folder on the web."""
AT_ROOT = (
    *("index.html", "404.html", "versions.html", "versions.js", "search-index.js", "CNAME", "LICENSES.txt"),
    *("sitemap.xml", "feed.xml", "llms.txt", "robots.txt", "assets", "data", "tags", "cards"),
)
"""What sites have at their root, so that no version beside it may be called so."""
SECTIONS = ("datasets", "models", "tools")
"""Tables of the file that say what is analysed."""
TOOL_KEYS = {
    "tool": "Name of the tool.",
    "dataset": "Name of a [datasets.NAME] of this file.",
    "model": "Name of a [models.NAME] of this file.",
    "inputs": 'Tables of other tools: { embeddings = "digits/embeddings" }, by the name in the tool.',
    "title": "What pages call the result; the tool's own title otherwise.",
    "parameters": "The tool's own parameters; see the reference of tools.",
}
"""Keys of ``[tools.NAME]`` and what each means."""
MODEL_KEYS: Mapping[str, tuple[str, str]] = {
    "source": ("string", "A model file of the report, cnn (trained here), or columns (of the dataset)."),
    "factory": ("string", "module:function of the report that builds the network for a state_dict."),
    "arguments": ("object", "What the factory is called with."),
    "features": ("array", "The dataset's columns that the model reads, in order."),
    "input": ("object", "How samples become what a model file takes; see the keys below."),
    "output": ("string", "What a model file gives: logits or probabilities."),
    "classes": ("array", "Names of the classes, in the order of the model's output."),
    "precision": ("string", "Numbers computed with on a GPU: auto (mixed) or float32."),
    "history": ("string", "A file that says how the model learned: CSV, JSON or Parquet, one row per epoch."),
    "licence": ("string", "Licence of the model."),
    "citation": ("string", "Where the model comes from."),
    "epochs": ("integer", "Of cnn: passes over the training samples."),
    "batch_size": ("integer", "Of cnn: samples per step of training."),
    "learning_rate": ("number", "Of cnn: largest step size; it falls along a cosine."),
    "width": ("integer", "Of cnn: channels of the first convolution; each stage doubles it."),
    "seed": ("integer", "Of cnn: of the first weights and of the order of samples."),
}
"""Keys of ``[models.NAME]``: the type of each in JSON, and what it means."""
MODEL_INPUT_KEYS: Mapping[str, tuple[str, str]] = {
    "kind": ("string", "What the model is given: images, columns or text."),
    "size": ("array", "Height and width in pixels; inferred where the model says them."),
    "channels": ("integer", "1 for grey, 3 for colour; inferred where the model says it."),
    "layout": ("string", "Where channels are: channels_first, channels_last or flat; mostly inferred."),
    "order": ("string", "Of colour channels: rgb or bgr."),
    "range": ("array", "What the pixel values 0 and 255 become, such as [0, 1]."),
    "mean": ("array", "Taken off each channel, after range."),
    "std": ("array", "What each channel is then divided by."),
}
"""Keys of ``input`` in ``[models.NAME]``."""


@dataclass(frozen=True)
class Site:
    """``[site]``: what every page says of the report."""

    title: str
    """Name of the report, shown on every page. Required."""
    language: str = "en"
    """Language of the text, as in HTML's ``lang``."""
    description: str = ""
    """One sentence for search engines, where a page has none of its own."""
    theme: str = "default"
    """A theme's name (a folder of ``themes/``, or an installed package's) or the path of its folder."""
    bibliography: str = ""
    """What pages cite: a file in BibTeX (``.bib``) or CSL-JSON (``.json``)."""
    citations: str = "author-year"
    """How citations look: author-year or numeric."""
    author: str = ""
    """Who answers for the report, in its feed, in citations and in what machines read: people as
    ``Family, Given``, others by their names, several with semicolons between."""
    version: str = ""
    """Which version of the report this is, such as 1.2; pages and citations say it, and it names a folder
    beside others."""
    site_url: str = ""
    """Where the site will be published: canonical links, sitemap, feed and pictures for links need it."""


@dataclass(frozen=True)
class Build:
    """``[build]``: the folders, relative to ``sitegen.toml``."""

    content: str = "content"
    """Markdown pages and the files they show."""
    snippets: str = "snippets"
    """Markdown that pages include, and that is no page itself."""
    artifacts: str = "artifacts"
    """What ``sitegen run`` writes and pages show."""
    output: str = "site"
    """Where the site is written; replaced whole by each build."""
    strict: bool = False
    """Whether warnings stop the build."""
    drafts: bool = False
    """Whether pages marked ``draft: true`` are part of the site; they say there that they are drafts."""


@dataclass(frozen=True)
class Publish:
    """``[publish]``: where ``sitegen publish`` takes the site."""

    domain: str = ""
    """A domain of your own on GitHub Pages, such as ``report.example.org``."""
    remote: str = "origin"
    """The repository to push to: a remote of the report's own, an address or a path."""
    branch: str = "gh-pages"
    """The branch that the site becomes."""
    versions: bool = False
    """Whether versions stand side by side, each in a folder of its own, and pages have a menu of them."""


@dataclass(frozen=True)
class Archive:
    """``[archive]``: what an archive of the report says of it to libraries and repositories."""

    authors: tuple[Person, ...] = ()
    """Who made the report: ``"Lovelace, Ada"``, or ``{ name, orcid, affiliation }``; [site]'s if none."""
    licence: str = ""
    """Licence of the report, by its SPDX identifier such as CC-BY-4.0."""
    date: str = ""
    """Day of its release, as 2026-11-26; the newest date of a page when empty."""
    doi: str = ""
    """Its DOI, such as 10.5281/zenodo.1234."""
    keywords: tuple[str, ...] = ()
    """What it is about."""


@dataclass(frozen=True)
class Config:
    """A report's ``sitegen.toml``, checked."""

    root: Path
    """Folder of ``sitegen.toml``; every path in it is relative to this one."""
    file: str
    """Name under which problems of the file are reported."""
    site: Site
    build: Build = field(default_factory=Build)
    publish: Publish = field(default_factory=Publish)
    archive: Archive = field(default_factory=Archive)
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``[datasets.NAME]``: a ``source`` and what that source takes."""
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``[models.NAME]``: a ``source`` and what that source takes."""
    tools: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``[tools.NAME]``: a ``tool``, its ``dataset``, ``model``, ``inputs`` and ``parameters``."""
    constants: Mapping[str, Value] = field(default_factory=dict)
    """``[constants]``: values that every page may name in double braces: texts, numbers, true or false."""
    redirects: Mapping[str, str] = field(default_factory=dict)
    """``[redirects]``: old addresses in quotes, and the page or file to which each leads now."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The whole file as parsed, for the pipelines."""
    places: Places | None = None
    """Where the keys of the file stand."""
    is_beside: bool = False
    """Whether the site is built to stand beside other versions of it, in a folder of their common root."""
    built: str = ""
    """The day that the site is of, as 2026-11-26: that of ``SOURCE_DATE_EPOCH``; may be empty."""

    @property
    def address(self) -> str:
        """Where the site will be published, ending with a slash; empty when the report does not say."""
        said = self.site.site_url or (f"https://{self.publish.domain}" if self.publish.domain else "")
        return f"{said.rstrip('/')}/" if said else ""

    @property
    def content(self) -> Path:
        """Folder of the pages."""
        return self.root / self.build.content

    @property
    def snippets(self) -> Path:
        """Folder of what pages include."""
        return self.root / self.build.snippets

    @property
    def artifacts(self) -> Path:
        """Folder of the artifacts."""
        return self.root / self.build.artifacts

    @property
    def output(self) -> Path:
        """Folder of the site."""
        return self.root / self.build.output

    @property
    def theme(self) -> Path:
        """Folder of the theme: its name's, else the path's."""
        name = self.site.theme
        return self.themes.get(name) or self.root / name

    @property
    def themes(self) -> Mapping[str, Path]:
        """Folders of the themes that can be named: first the report's, then sitegen's own, then packages'."""
        own = {file.parent.name: file.parent for file in self.root.glob("themes/*/theme.toml")}
        bundled = {file.parent.name: file.parent for file in THEMES.glob("*/theme.toml")}
        return _Themes({**bundled, **own})


class _Themes(Mapping[str, Path]):
    """Folders by name; no package is looked at before a name is asked for that is not ``near``."""

    def __init__(self, near: Mapping[str, Path]) -> None:
        self._near = near

    @cached_property
    def _all(self) -> Mapping[str, Path]:
        return {**_installed_themes(), **self._near}

    def __getitem__(self, name: str) -> Path:
        return self._near[name] if name in self._near else self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def _installed_themes() -> dict[str, Path]:
    from importlib.metadata import entry_points  # loads much, and few reports name a theme

    found = {}
    for point in entry_points(group=THEME_GROUP):
        package = find_spec(point.value)
        for folder in (package.submodule_search_locations or ()) if package else ():
            found[point.name] = Path(folder)
    return found


def load_config(file: Path, *, with_drafts: bool = False) -> Config:
    """Read and check ``sitegen.toml``; raises all its problems at once. ``with_drafts`` takes drafts in."""
    text = _read(file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        fault = fault_of(text, error)
        raise SitegenError(fault.where(file.name), fault.what, fault.hint) from error
    problems = Problems()
    reader = _Reader(Places(file.name, text), problems)
    reader.known("", raw, ("site", "build", "publish", "archive", "constants", "redirects", *SECTIONS))
    config = Config(
        root=file.parent,
        file=file.name,
        site=reader.section("site", raw, Site),
        build=reader.section("build", raw, Build),
        publish=reader.section("publish", raw, Publish),
        archive=reader.archive("archive", raw),
        datasets=_named(raw.get("datasets"), required="source"),
        models=_named(raw.get("models"), required="source"),
        tools=_named(raw.get("tools"), required="tool"),
        constants=reader.constants("constants", raw),
        redirects=reader.texts("redirects", raw),
        raw=raw,
        places=reader.places,
        built=_day(os.environ.get(EPOCH, "")),
    )
    _check_analyses(config, reader.places, problems)
    _check_site(config, reader)
    problems.stop()
    return replace(config, build=replace(config.build, drafts=True)) if with_drafts else config


def _day(seconds: str) -> str:
    """Return the day of a time since 1970, in UTC. A build never asks the clock: two are to be the same."""
    if not seconds:
        return ""
    try:
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError) as error:
        what = f'"{seconds}" is no number of seconds since 1970'
        raise SitegenError(EPOCH, what, "set it to one, or unset it") from error


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        hint = f"run sitegen in a report's folder, or name it: sitegen -C FOLDER, --config FILE ({FILE})"
        raise SitegenError(file.name, "there is no such file", hint) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        where = f"{file.name}:{line}"
        raise SitegenError(where, "not UTF-8 text", "save the file as UTF-8") from error
    except OSError as error:
        raise SitegenError(file.name, f"cannot be read: {error.strerror}") from error


Section = TypeVar("Section", Site, Build, Publish, Archive)


class _Reader:
    """Turns tables of the file into dataclasses and notes every problem with its line."""

    def __init__(self, places: Places, problems: Problems) -> None:
        self.places = places
        self._problems = problems

    def where(self, section: str, key: str) -> str:
        """Return ``file:line`` of a key, else of its table's header, else ``file``."""
        return self.places.where(f"{section}.{key}" if section else key)

    def add(self, section: str, key: str, what: str, hint: str = "") -> None:
        """Note a problem of one key."""
        self._problems.add(self.where(section, key), what, hint)

    def known(self, section: str, table: Mapping[str, Any], names: tuple[str, ...]) -> None:
        """Note every key that is not one of ``names``."""
        for key in table:
            if key not in names:
                place = f"[{section}]" if section else "the file"
                self.add(section, key, f'unknown key "{key}" in {place}', nearest(key, names))

    def table(self, section: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return a table of the file; empty, and a problem noted, when it is something else."""
        value = raw.get(section, {})
        if isinstance(value, dict):
            return value
        self.add("", section, f'"{section}" is not a table', f"write it as [{section}]")
        return {}

    def section(self, section: str, raw: Mapping[str, Any], kind: type[Section]) -> Section:
        """Return a section as its dataclass; what is wrong in it is noted and takes its default."""
        table = self.table(section, raw)
        declared = {item.name: item for item in fields(kind)}
        self.known(section, table, tuple(declared))
        values: dict[str, Any] = {}
        for name, item in declared.items():
            expected = bool if item.type == "bool" else str
            if item.type not in ("bool", "str"):
                continue
            if name in table and isinstance(table[name], expected):
                values[name] = table[name]
            elif name in table:
                what = f'"{name}" in [{section}] is not {_KINDS[expected]}'
                self.add(section, name, what, f"write {name} = {_SUCH[expected]}")
            elif item.default is MISSING:
                self.add("", section, f'[{section}] has no "{name}"', f'write {name} = "…"')
            if item.default is MISSING:
                values.setdefault(name, "")
        return kind(**values)

    def archive(self, section: str, raw: Mapping[str, Any]) -> Archive:
        """Return the section of the archive, whose authors and keywords are lists."""
        found = self.section(section, raw, Archive)
        table = self.table(section, raw)
        authors, problem = read_people(table.get("authors", []))
        if problem:
            self.add(section, "authors", f'"authors" in [{section}] {problem}')
        keywords = table.get("keywords", [])
        if not isinstance(keywords, list) or not all(isinstance(word, str) for word in keywords):
            self.add(section, "keywords", f'"keywords" in [{section}] is not a list of texts')
            keywords = []
        for key, (form, such) in _ARCHIVE_FORMS.items():
            written = getattr(found, key)
            if written and not (re.fullmatch(form, written) and (key != "date" or is_day(written))):
                self.add(section, key, f'"{written}" in [{section}] is no {key}', f"such as {such}")
        return replace(found, authors=authors, keywords=tuple(keywords))

    def constants(self, section: str, raw: Mapping[str, Any]) -> dict[str, Value]:
        """Return the plain values of a table."""
        found = {}
        for name, value in self.table(section, raw).items():
            if not re.fullmatch(r"[A-Za-z_]\w*", name):
                self.add(section, name, f'name "{name}" in [{section}] is not letters, digits and _')
            elif not is_value(value):
                what = f'"{name}" in [{section}] is neither text nor a number nor true or false'
                self.add(section, name, what)
            else:
                found[name] = value
        return found

    def texts(self, section: str, raw: Mapping[str, Any]) -> dict[str, str]:
        """Return a table of texts."""
        found = self.table(section, raw)
        for name, value in found.items():
            if not isinstance(value, str):
                self.add(
                    section, name, f'"{name}" in [{section}] is not text in quotes', f'write {name} = "…"'
                )
        return {name: value for name, value in found.items() if isinstance(value, str)}


def _named(section: Any, *, required: str) -> dict[str, dict[str, Any]]:
    """Return the tables ``[section.NAME]`` that hold the text they need; a run's check says which do not."""
    tables = section.items() if isinstance(section, dict) else ()
    return {
        name: table
        for name, table in tables
        if isinstance(table, dict) and isinstance(table.get(required), str)
    }


def _check_analyses(config: Config, places: Places, problems: Problems) -> None:
    """Note all that a run would refuse of the datasets, models and tools, before anything is computed."""
    told = {name: config.raw[name] for name in SECTIONS if name in config.raw}
    if not any(told.values()):
        return  # a report of text alone knows nothing of analyses
    from pipelines import config as analyses
    from pipelines.registry import registry

    try:
        analyses.read(told, registry(config.root), config.file, places)
    except ContractError as error:
        for problem in error.problems:
            problems.add(problem.where, problem.what, problem.hint)


def _check_site(config: Config, reader: _Reader) -> None:
    """Note a site address that is none, and an output folder that holds what the site is made from."""
    parts = urlsplit(config.site.site_url)
    if config.site.site_url and (parts.scheme not in ("http", "https") or not parts.netloc):
        reader.add("site", "site_url", f'"{config.site.site_url}" is not a web address', "write https://…")
    _check_domain(config, reader)
    if not re.fullmatch(VERSION, config.site.version):
        hint = "write letters, digits, dots and hyphens, and begin with a letter or digit: 1.2"
        reader.add("site", "version", f'"{config.site.version}" is no name of a version', hint)
    elif config.publish.versions and config.site.version.casefold() in map(str.casefold, AT_ROOT):
        what = (
            f'"{config.site.version}" cannot be the folder of a version: sites have that name at their root'
        )
        reader.add("site", "version", what, 'name it otherwise, such as version = "1.2"')
    if config.site.citations not in STYLES:
        what = f'"{config.site.citations}" is no way to cite'
        reader.add("site", "citations", what, nearest(config.site.citations, STYLES))
    cited = config.root / config.site.bibliography
    if not cited.resolve().is_relative_to(config.root.resolve()):
        what = f'bibliography "{config.site.bibliography}" lies outside of the report\'s folder'
        reader.add("site", "bibliography", what, "move it there")
    output = config.output.resolve()
    for source in (config.root, config.content, config.artifacts, config.theme):
        if source.resolve().is_relative_to(output):
            what = f'output "{config.build.output}" holds what the site is made from'
            reader.add("build", "output", what, "name a folder of its own")
            return


def _check_domain(config: Config, reader: _Reader) -> None:
    """Note a domain that is none, and one that is not that of the site's address."""
    domain = config.publish.domain
    if domain and not re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*", domain):
        hint = "write the name alone, in lower case: report.example.org"
        reader.add("publish", "domain", f'"{domain}" is no domain', hint)
    elif domain and config.site.site_url and urlsplit(config.site.site_url).hostname != domain:
        hint = f'write site_url = "https://{domain}/", or leave it out'
        reader.add("publish", "domain", f'"{domain}" is not the domain of site_url', hint)
