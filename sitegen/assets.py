"""Turns a theme's files and artifacts' data into files of the site, named after their content's hash."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.contract import Media
from sitegen.catalog import CatalogTable
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.output import File

HASH_LENGTH = 8


BUILT = "dist"
"""Folder of a theme that holds what building it made; the paths in ``theme.toml`` start there."""

ASSETS = {
    "static": "script that draws views at build, in V8; not part of the site",
    "boot": "small module that every page loads",
    "live": "module that makes views live, loaded at the first touch",
    "styles": "the one style sheet",
    "worker": "the database's worker",
    "wasm": "the database",
}
"""Keys of ``[assets]`` in a ``theme.toml``, every one required."""
EDITOR = "editor"
"""Key of a module for editing in place, loaded only then; a theme may do without. One that names it offers
the views ``markdown`` and ``summary``."""
MODULES = "modules"
"""Key of a list of what the live module loads besides, as JSON; a theme whose live module is whole has none.
``always`` names the files that every page needs, ``views`` by a view's name those that pages with it need."""
OPTIONAL = (EDITOR, MODULES)

SECTIONS = {"assets": (*ASSETS, *OPTIONAL), "fonts": ("files",), "licenses": ("file",)}
"""Sections of a ``theme.toml`` with their keys; ``name`` stands before them."""


@dataclass(frozen=True)
class Modules:
    """What the live module loads besides: files that keep the names by which it asks for them."""

    always: tuple[str, ...] = ()
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def paths(self) -> list[str]:
        """Return every file, once."""
        return sorted({*self.always, *(path for paths in self.views.values() for path in paths)})


@dataclass(frozen=True)
class Theme:
    """A theme: a folder with ``theme.toml``, ``templates/`` and what building it made."""

    folder: Path
    name: str
    static: str
    """Source of the script that draws views at build."""
    urls: dict[str, str]
    """URL of each asset that pages name: boot, live, styles, worker, wasm, editor where there is one."""
    modules: Modules
    files: dict[str, File]
    """Every file of the site that the theme brings, by URL."""

    def modules_of(self, views: Iterable[str]) -> list[str]:
        """Return the URLs of what the live module loads besides on a page with ``views``, each once."""
        needed = set(self.modules.always).union(*(self.modules.views.get(view, ()) for view in views))
        return sorted(f"assets/{path}" for path in needed)

    @property
    def templates(self) -> Path:
        """Folder of the templates."""
        return self.folder / "templates"


def load_theme(folder: Path, name: str, known: Iterable[str] = ()) -> Theme:
    """Read a theme; raises all problems of it at once. ``known`` are names to offer where there is none."""
    settings = _read_settings(folder, name, known)
    modules = _read_modules(folder / BUILT, settings["assets"], name)
    found = _read_built(folder / BUILT, settings, modules, name)
    fonts: list[str] = settings["fonts"]["files"]
    styles = found[settings["assets"]["styles"]].decode("utf-8")
    files: dict[str, File] = {f"assets/{path}": found[path] for path in (*fonts, *modules.paths())}
    files["LICENSES.txt"] = found[settings["licenses"]["file"]]
    _check_styles(styles, fonts, f"themes/{name}/{BUILT}/{settings['assets']['styles']}")
    urls = {}
    for key in settings["assets"].keys() - {"static", MODULES}:
        path = settings["assets"][key]
        urls[key] = f"assets/{hashed_name(PurePosixPath(path).name, sha256(found[path]))}"
        files[urls[key]] = found[path]
    static = found[settings["assets"]["static"]].decode("utf-8")
    return Theme(folder, name, static, dict(sorted(urls.items())), modules, files)


def _read_settings(folder: Path, name: str, known: Iterable[str]) -> dict[str, dict[str, Any]]:
    file = folder / "theme.toml"
    where = f"themes/{name}/theme.toml"
    if not file.is_file():
        where = "sitegen.toml"
        raise SitegenError(where, f'there is no theme "{name}"', nearest(name, known))
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SitegenError(where, f"not TOML: {error}") from error
    problems = Problems()
    for key in sorted(settings.keys() - SECTIONS.keys() - {"name"}):
        problems.add(where, f'unknown key "{key}"', nearest(key, ["name", *SECTIONS]))
    for section, keys in SECTIONS.items():
        _check_section(settings.setdefault(section, {}), section, keys, where, problems)
    problems.stop()
    return settings


def _check_section(
    found: Mapping[str, Any], section: str, keys: tuple[str, ...], where: str, problems: Problems
) -> None:
    for key in sorted(found.keys() - set(keys)):
        problems.add(where, f'unknown key "{key}" in [{section}]', nearest(key, keys))
    for key in (key for key in keys if key in found or key not in OPTIONAL):
        value = found.get(key)
        listed = value if isinstance(value, list) and key == "files" else [value]
        if not all(isinstance(one, str) for one in listed):
            problems.add(where, f'[{section}] names no "{key}"', f"a file of {BUILT}/")


def _read_modules(built: Path, assets: Mapping[str, str], name: str) -> Modules:
    file = built / assets.get(MODULES, "")
    if MODULES not in assets or not file.is_file():
        return Modules()
    where = f"themes/{name}/{BUILT}/{assets[MODULES]}"
    try:
        read = json.loads(file.read_bytes())
        views = {str(view): tuple(map(str, paths)) for view, paths in read["views"].items()}
        return Modules(tuple(map(str, read["always"])), views)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SitegenError(where, "is no list of the live module's parts", "build the theme") from error


def _read_built(
    built: Path, settings: dict[str, dict[str, Any]], modules: Modules, name: str
) -> dict[str, bytes]:
    """Return the content of every file that the settings name, by path."""
    problems = Problems()
    found: dict[str, bytes] = {}
    named = [*settings["assets"].values(), *settings["fonts"]["files"], settings["licenses"]["file"]]
    paths = [*named, *modules.paths()]
    for path in paths:
        source = (built / path).resolve()
        if source.is_file() and source.is_relative_to(built.resolve()):
            found[path] = source.read_bytes()
        else:
            problems.add(f"themes/{name}", f"there is no {BUILT}/{path}", "build the theme")
    problems.stop()
    return found


_URL = re.compile(r"""url\(\s*(["']?)([^"')]+)\1\s*\)""")


def _check_styles(styles: str, fonts: Iterable[str], where: str) -> None:
    """Raise when the style sheet names a file that will not stand beside it in ``assets/``."""
    problems = Problems()
    for _, named in _URL.findall(styles):
        if not named.startswith(("#", "data:")) and named.removeprefix("./") not in fonts:
            problems.add(where, f'url("{named}") is no file that the theme ships', nearest(named, fonts))
    problems.stop()


def sha256(content: bytes) -> str:
    """Return the lower-case hexadecimal digest."""
    return hashlib.sha256(content).hexdigest()


def hashed_name(name: str, digest: str) -> str:
    """Return a file's name with the start of its digest: ``live.js`` → ``live.0a1b2c3d.js``."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{digest[:HASH_LENGTH]}{dot}{suffix}"


def table_urls(table: CatalogTable) -> tuple[str, ...]:
    """Return the URLs of a table's Parquet files, in row order."""
    parts = table.table.files
    return tuple(f"data/{table.artifact.name}/{hashed_name(part.file, part.sha256)}" for part in parts)


def files_of(table: CatalogTable, base: str) -> list[dict[str, Any]]:
    """Return a table's Parquet files as a page offers them, in row order, addressed by ``base``."""
    parts = zip(table_urls(table), table.table.files, strict=True)
    return [{"url": base + url, "rows": part.rows, "bytes": part.bytes} for url, part in parts]


def media_of(table: CatalogTable, base: str) -> list[dict[str, Any]]:
    """Return the sprite sheets that a table's rows point into, addressed by ``base``."""
    return [
        {
            "url": f"{base}data/{table.artifact.name}/{hashed_name(sheet.file, sheet.sha256)}",
            "kind": sheet.kind,
            "width": sheet.width,
            "height": sheet.height,
            "tile_width": sheet.tile_width,
            "tile_height": sheet.tile_height,
        }
        for sheet in _sheets(table)
    ]


def _sheets(table: CatalogTable) -> tuple[Media, ...]:
    pointing = any(column.role == "sheet" for column in table.table.columns)
    return table.artifact.media if pointing else ()


def data_files(table: CatalogTable) -> Iterator[tuple[str, File]]:
    """Yield the files that a page showing ``table`` fetches, by URL."""
    yield from zip(table_urls(table), table.files, strict=True)
    for sheet in _sheets(table):
        url = f"data/{table.artifact.name}/{hashed_name(sheet.file, sheet.sha256)}"
        yield url, table.folder / sheet.file
