"""Reads ``sitegen.toml``: the classes below are its reference, one attribute a key.

Checks shapes and names here; what a dataset, model or tool means is the pipelines' business.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pipelines.contract import ContractError, Places
from sitegen.bundled import THEMES
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.values import Value, is_value

FILE = "sitegen.toml"
THEME_GROUP = "sitegen.themes"
"""Entry points of installed packages: a theme's name, and the package whose folder it is."""
_KINDS = {str: "text in quotes", bool: "true or false"}
NAME = r"[a-z][a-z0-9_-]*"
"""How datasets, models and tools may be called."""
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
    site_url: str = ""
    """Where the site will be published; only canonical links need it."""


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
class Config:
    """A report's ``sitegen.toml``, checked."""

    root: Path
    """Folder of ``sitegen.toml``; every path in it is relative to this one."""
    file: str
    """Name under which problems of the file are reported."""
    site: Site
    build: Build = field(default_factory=Build)
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``[datasets.NAME]``: a ``source`` and what that source takes."""
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``[models.NAME]``: a ``source`` and what that source takes."""
    tools: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``[tools.NAME]``: a ``tool``, its ``dataset``, ``model``, ``inputs`` and ``parameters``."""
    constants: Mapping[str, Value] = field(default_factory=dict)
    """``[constants]``: values that every page may name in double braces: texts, numbers, true or false."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The whole file as parsed, for the pipelines."""
    places: Places | None = None
    """Where the keys of the file stand."""

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
    def themes(self) -> dict[str, Path]:
        """Folders of the themes that can be named: sitegen's own, installed ones, and first the report's."""
        own = {file.parent.name: file.parent for file in self.root.glob("themes/*/theme.toml")}
        bundled = {file.parent.name: file.parent for file in THEMES.glob("*/theme.toml")}
        return {**bundled, **_installed_themes(), **own}


def _installed_themes() -> dict[str, Path]:
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
        raise _syntax_error(file.name, error) from error
    problems = Problems()
    reader = _Reader(Places(file.name, text), problems)
    reader.known("", raw, ("site", "build", "constants", *SECTIONS))
    config = Config(
        root=file.parent,
        file=file.name,
        site=reader.section("site", raw, Site),
        build=reader.section("build", raw, Build),
        datasets=_named(raw.get("datasets"), required="source"),
        models=_named(raw.get("models"), required="source"),
        tools=_named(raw.get("tools"), required="tool"),
        constants=reader.constants("constants", raw),
        raw=raw,
        places=reader.places,
    )
    _check_analyses(config, reader.places, problems)
    _check_site(config, reader)
    problems.stop()
    return replace(config, build=replace(config.build, drafts=True)) if with_drafts else config


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        hint = f"run sitegen in a report's folder, or name it: sitegen -C FOLDER, --config FILE ({FILE})"
        raise SitegenError(file.name, "there is no such file", hint) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SitegenError(file.name, f"cannot be read: {error}") from error


def _syntax_error(file: str, error: tomllib.TOMLDecodeError) -> SitegenError:
    message = str(error)
    place = re.search(r" \(at line (\d+), column \d+\)$", message)
    where = f"{file}:{place.group(1)}" if place else file
    what = message[: place.start()] if place else message
    return SitegenError(where, f"not TOML: {what[:1].lower()}{what[1:]}")


Section = TypeVar("Section", Site, Build)


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
            if name in table and isinstance(table[name], expected):
                values[name] = table[name]
            elif name in table:
                self.add(section, name, f'"{name}" in [{section}] is not {_KINDS[expected]}')
            elif item.default is MISSING:
                self.add("", section, f'[{section}] has no "{name}"', f'write {name} = "…"')
            if item.default is MISSING:
                values.setdefault(name, "")
        return kind(**values)

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
    output = config.output.resolve()
    for source in (config.root, config.content, config.artifacts, config.theme):
        if source.resolve().is_relative_to(output):
            what = f'output "{config.build.output}" holds what the site is made from'
            reader.add("build", "output", what, "name a folder of its own")
            return
