"""Turns a theme's files and artifacts' data into files of the site, named after their content's hash."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.contract import Media
from sitegen.catalog import CatalogTable
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.output import File

HASH_LENGTH = 8


@dataclass(frozen=True)
class ThemeAssets:
    """``[assets]`` of a ``theme.toml``: files relative to the theme's folder."""

    static: str = "dist/static.js"
    """Script that draws views at build, in V8; not part of the site."""
    boot: str = "dist/boot.js"
    """Small module that every page loads."""
    live: str = "dist/live.js"
    """Module that makes views live; loaded at the first touch."""
    styles: str = "dist/styles.css"
    """The one style sheet; what its ``url(…)`` name is copied beside it."""
    worker: str = "dist/duckdb-worker.js"
    """The database's worker."""
    wasm: str = "dist/duckdb-eh.wasm"
    """The database."""
    licenses: str = "dist/licenses.txt"
    """Licences of everything that the theme ships."""


@dataclass(frozen=True)
class Theme:
    """A theme: a folder with ``theme.toml``, templates and built assets."""

    folder: Path
    name: str
    static: str
    """Source of the script that draws views at build."""
    licenses: bytes
    templates: Path
    """Folder of the templates."""
    urls: dict[str, str] = field(default_factory=dict)
    """URL of each asset that pages name: boot, live, styles, worker, wasm."""
    files: dict[str, File] = field(default_factory=dict)
    """Every file of the site that the theme brings, by URL."""


def load_theme(folder: Path, name: str) -> Theme:
    """Read a theme; raises all problems of it at once."""
    settings = _read_settings(folder, name)
    named = ThemeAssets(**settings["assets"])
    problems = Problems()
    found: dict[str, bytes] = {}
    for item in fields(named):
        path = folder / getattr(named, item.name)
        if path.is_file():
            found[item.name] = path.read_bytes()
        else:
            problems.add(f"themes/{name}", f"there is no {getattr(named, item.name)}", "build it: make theme")
    problems.stop()
    theme = Theme(
        folder=folder,
        name=name,
        static=found.pop("static").decode("utf-8"),
        licenses=found.pop("licenses"),
        templates=folder / settings["templates"].get("folder", "templates"),
    )
    with_styles = _rewrite_styles(folder / named.styles, found["styles"].decode("utf-8"), theme)
    found["styles"] = with_styles.encode("utf-8")
    for key, content in found.items():
        url = f"assets/{hashed_name(PurePosixPath(getattr(named, key)).name, sha256(content))}"
        theme.urls[key] = url
        theme.files[url] = content
    theme.files["LICENSES.txt"] = theme.licenses
    return theme


def _read_settings(folder: Path, name: str) -> dict[str, dict[str, Any]]:
    file = folder / "theme.toml"
    where = f"themes/{name}/theme.toml"
    config = "sitegen.toml"
    if not file.is_file():
        themes = [path.parent.name for path in folder.parent.glob("*/theme.toml")]
        raise SitegenError(config, f'there is no theme "{name}"', nearest(name, themes))
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SitegenError(where, f"not TOML: {error}") from error
    known = {"assets": [item.name for item in fields(ThemeAssets)], "templates": ["folder"]}
    problems = Problems()
    for section, names in known.items():
        for key, value in settings.setdefault(section, {}).items():
            if key not in names:
                problems.add(where, f'unknown key "{key}" in [{section}]', nearest(key, names))
            elif not isinstance(value, str):
                problems.add(where, f'"{key}" in [{section}] is not text in quotes')
    problems.stop()
    return settings


_URL = re.compile(r"""url\(\s*(["']?)([^"')]+)\1\s*\)""")


def _rewrite_styles(path: Path, text: str, theme: Theme) -> str:
    """Return the style sheet with what it names copied to ``assets/`` and named as it stands there."""

    def replace(match: re.Match[str]) -> str:
        named = match.group(2)
        if named.startswith(("#", "data:")):
            return match.group()
        source = (path.parent / named).resolve()
        if not source.is_relative_to(theme.folder.resolve()) or not source.is_file():
            where = f"themes/{theme.name}/{path.name}"
            raise SitegenError(where, f'names "{named}", which is no file of the theme')
        theme.files[f"assets/fonts/{source.name}"] = source
        return f'url("fonts/{source.name}")'

    return _URL.sub(replace, text)


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


def media_of(table: CatalogTable, base: str) -> list[dict[str, Any]]:
    """Return the sprite sheets that a table's rows point into; ``base`` is the page's way to the root."""
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
