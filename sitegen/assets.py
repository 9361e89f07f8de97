"""Turns a theme's files and artifacts' data into files of the site, named after their content's hash."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.contract import Media, fault_of
from sitegen.catalog import CatalogTable
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.memo import Memo
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
SEARCH = "search"
"""Key of the script with which readers search, loaded at its first use; a theme may do without."""
SHARE = "share"
"""Key of the script with which readers share a page, loaded at its first use; a theme may do without."""
PAPER = "print"
"""Key of a module that writes a figure as PDF and TikZ, loaded at its first use, and by ``sitegen figure``; a
theme may do without."""
LAYOUT = "layout"
"""Key of a script with the engine that lays figures out, run in V8 where a view asks for it; a theme whose
views ask for none has none. It is no part of the site."""
CLASSIC = "classic"
"""Key of the live module, what it loads besides, the editor and the module for papers once more, as classic
scripts: JSON of source by path. Single files need them; a theme may do without."""
OPTIONAL = (EDITOR, MODULES, SEARCH, SHARE, PAPER, LAYOUT, CLASSIC)

INHERITS = "inherits"
"""Key of a theme that takes everything from another one but what it has itself."""
STYLES = "styles.css"
"""Styles of a theme that inherits: they come after those of the other."""
VIEWS = "views"
"""Folder of a theme that inherits: each ``NAME.js`` in it makes the view of that name."""
TOKENS = ("light", "dark")

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
    layout: str
    """Source of the engine that lays figures out; empty where the theme has none."""
    urls: dict[str, str]
    """URL of each asset that pages name: boot, live, styles, worker, wasm, editor where there is one."""
    modules: Modules
    files: dict[str, File]
    """Every file of the site that the theme brings, by URL."""
    fonts: tuple[Path, ...] = ()
    """The theme's font files."""
    views: Mapping[str, str] = field(default_factory=dict)
    """Sources of the views that themes which inherit bring, by name; their URLs are ``views/NAME``."""
    classic: Mapping[str, str] = field(default_factory=dict)
    """Source of the classic script that does what a module does, by the module's URL."""
    inherited: tuple[Path, ...] = ()
    """Folders of the themes that it takes from what it has not itself, the nearest first."""

    def modules_of(self, views: Iterable[str]) -> list[str]:
        """Return the URLs of what the live module loads besides on a page with ``views``, each once."""
        needed = set(self.modules.always).union(*(self.modules.views.get(view, ()) for view in views))
        return sorted(f"assets/{path}" for path in needed)

    def own_views(self, views: Iterable[str]) -> list[str]:
        """Return the URLs of the files of those ``views`` that themes which inherit bring."""
        return [self.urls[f"{VIEWS}/{name}"] for name in sorted(self.views.keys() & set(views))]

    def sources_of(self, *keys: str) -> list[str]:
        """Return the text of those of the theme's scripts that it has."""
        found = (self.files.get(self.urls.get(key, "")) for key in keys)
        contents = (file.read_bytes() if isinstance(file, Path) else file for file in found if file)
        return [content.decode("utf-8") for content in contents]

    def speaking(self, words: str) -> Theme:
        """Return the theme as it draws in the words of a language, as JSON; its script is told them first."""
        return replace(self, static=f"globalThis.sitegenWords={words};\n{self.static}") if words else self

    @cached_property
    def drawn_by(self) -> str:
        """All source that drawings are made by: of other source they may be others."""
        return "".join([self.static, self.layout, *self.views.values()])

    @cached_property
    def light_tokens(self) -> dict[str, str]:
        """The tokens' values in the light, by name."""
        return light_tokens("".join(self.sources_of("styles")))

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folder of the theme, and of those that it inherits from."""
        return (self.folder, *self.inherited)

    @property
    def templates(self) -> tuple[Path, ...]:
        """Folders of the templates; the first that has one gives it."""
        return tuple(folder / "templates" for folder in self.folders)


def load_theme(
    folder: Path,
    name: str,
    themes: Mapping[str, Path] | None = None,
    heirs: tuple[str, ...] = (),
    memo: Memo | None = None,
) -> Theme:
    """Read a theme; raises all problems of it at once.

    ``themes`` are those that can be named, ``heirs`` those that are being read and inherit from this one.
    A ``memo`` spares work on files that are as they were: the database alone is 18 MB.
    """
    memo = memo or Memo()
    themes = {} if themes is None else themes
    settings = _read_settings(folder, name, themes)
    if settings[INHERITS]:
        return _heir(folder, name, settings, themes, (*heirs, name), memo)
    modules = _read_modules(folder / BUILT, settings["assets"], name)
    found = _read_built(folder / BUILT, settings, modules, name)
    fonts: list[str] = settings["fonts"]["files"]
    styles = found[settings["assets"]["styles"]].decode("utf-8")
    files: dict[str, File] = {f"assets/{path}": found[path] for path in (*fonts, *modules.paths())}
    files["LICENSES.txt"] = found[settings["licenses"]["file"]]
    _check_styles(styles, fonts, f"themes/{name}/{BUILT}/{settings['assets']['styles']}")
    urls = {}
    for key in settings["assets"].keys() - {"static", MODULES, LAYOUT, CLASSIC}:
        path = settings["assets"][key]
        digest = memo.recall(("digest", name, path), found[path], partial(sha256, found[path]))
        urls[key] = f"assets/{hashed_name(PurePosixPath(path).name, digest)}"
        files[urls[key]] = found[path]
    named = (settings["assets"].get(key, "") for key in ("static", LAYOUT))
    static, layout = (found.get(path, b"").decode("utf-8") for path in named)
    own = tuple(folder / BUILT / font for font in fonts)
    scripts = found.get(settings["assets"].get(CLASSIC, ""), b"{}")
    read = partial(_read_classic, scripts, settings["assets"], urls)
    classic = memo.recall(("classic", name), (scripts, urls), read)
    named_urls = dict(sorted(urls.items()))
    return Theme(folder, name, static, layout, named_urls, modules, files, own, classic=classic)


def _heir(
    folder: Path,
    name: str,
    settings: dict[str, Any],
    themes: Mapping[str, Path],
    heirs: tuple[str, ...],
    memo: Memo,
) -> Theme:
    """Return the theme that is inherited, with what this one has itself."""
    where, parent = f"themes/{name}/theme.toml", str(settings[INHERITS])
    if parent in heirs:
        raise SitegenError(where, f"inherits from itself: {' → '.join([*heirs, parent])}")
    if parent not in themes:
        raise SitegenError(where, f'inherits from "{parent}", which is no theme', nearest(parent, themes))
    base = load_theme(themes[parent], parent, themes, heirs, memo)
    files = {f"assets/{font}": (folder / font).read_bytes() for font in _own_fonts(folder, name, settings)}
    views = _own_views(folder, name)
    scripts = {f"{VIEWS}/{view}": _view_url(view, source) for view, source in views.items()}
    files |= {scripts[f"{VIEWS}/{view}"]: source.encode() for view, source in views.items()}
    file, before = folder / STYLES, base.files[base.urls["styles"]]
    own = file.read_text(encoding="utf-8") if file.is_file() else ""
    styles = before.decode("utf-8") if isinstance(before, bytes) else ""
    fonts = [url.removeprefix("assets/") for url in (*base.files, *files)]
    _check_styles(own, fonts, f"themes/{name}/{STYLES}")
    tokens = tokens_css(settings["tokens"], token_names(styles), where)
    content = f"{styles}\n{tokens}{own}".encode()
    urls = {**base.urls, **scripts, "styles": f"assets/{hashed_name(STYLES, sha256(content))}"}
    replaced = {base.urls[key] for key in base.urls if urls[key] != base.urls[key]}
    kept = {url: one for url, one in base.files.items() if url not in replaced}
    return replace(
        base,
        folder=folder,
        name=name,
        urls=dict(sorted(urls.items())),
        files={**kept, **files, urls["styles"]: content},
        views={**base.views, **views},
        classic={
            **base.classic,
            **{scripts[f"{VIEWS}/{name}"]: _apart(text) for name, text in views.items()},
        },
        inherited=base.folders,
    )


def _apart(source: str) -> str:
    """Return a module that imports and exports nothing as a classic script: its names stay its own."""
    return f'(()=>{{"use strict";\n{source}\n}})();'


def _own_views(folder: Path, name: str) -> dict[str, str]:
    """Return the sources of the views that a theme brings, by name."""
    problems, found = Problems(), {}
    for file in sorted((folder / VIEWS).glob("*.js")):
        where = f"themes/{name}/{VIEWS}/{file.name}"
        if not file.resolve().is_relative_to(folder.resolve()):
            problems.add(where, "the link leads out of the theme", "copy what it points at")
        elif not re.fullmatch(r"[a-z][a-z0-9-]*", file.stem):
            problems.add(where, "is no name of a view", "write small letters, digits and hyphens: mean.js")
        else:
            with problems.collected():
                found[file.stem] = _read_text(file, where)
    problems.stop()
    return found


def _read_text(file: Path, where: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SitegenError(where, "not UTF-8 text", "save the file as UTF-8") from error


def _view_url(view: str, source: str) -> str:
    return f"assets/{VIEWS}/{hashed_name(f'{view}.js', sha256(source.encode()))}"


def _own_fonts(folder: Path, name: str, settings: Mapping[str, Any]) -> list[str]:
    problems = Problems()
    fonts: list[str] = settings["fonts"].get("files", [])
    for font in fonts:
        if not (folder / font).resolve().is_relative_to(folder.resolve()) or not (folder / font).is_file():
            problems.add(f"themes/{name}", f"there is no {font}", "put the font into the theme's folder")
    problems.stop()
    return fonts


def token_names(styles: str) -> set[str]:
    """Return the tokens that a style sheet names: its variables, without their hyphens."""
    return set(re.findall(r"--([a-z][\w-]*)\s*:", styles))


def light_tokens(styles: str) -> dict[str, str]:
    """Return the values of tokens in the light: those that a style sheet gives the root whatever the medium.

    As in a browser the selector with more weight counts, and of equal ones the later.
    """
    import tinycss2  # only pictures for links need it: not for a page that is built without them

    rules = tinycss2.parse_stylesheet(styles, skip_comments=True)
    weighed = [
        (_weight_of_root(tinycss2.serialize(rule.prelude)), rule)
        for rule in rules
        if rule.type == "qualified-rule"
    ]
    return {
        each.name.removeprefix("--"): tinycss2.serialize(each.value).strip()
        for weight, rule in sorted(weighed, key=itemgetter(0))
        if weight
        for each in tinycss2.parse_blocks_contents(rule.content, skip_comments=True)
        if each.type == "declaration" and each.name.startswith("--")
    }


def _weight_of_root(selectors: str) -> int:
    """Return how often a selector says ``:root``; 0 where it says anything else."""
    counted = [(each.strip(), each.count(":root")) for each in selectors.split(",")]
    return max(count if selector == ":root" * count else 0 for selector, count in counted)


def tokens_css(tokens: Mapping[str, Any], known: Iterable[str], where: str) -> str:
    """Return the style sheet of tokens that a theme changes; those of ``light`` hold in the dark, too."""
    problems, names = Problems(), set(known)
    for mode, values in tokens.items():
        if mode not in TOKENS or not isinstance(values, dict):
            problems.add(where, f'unknown key "{mode}" in [tokens]', nearest(mode, TOKENS))
            continue
        for token, value in values.items():
            if token not in names:
                problems.add(where, f'there is no token "{token}"', nearest(token, names))
            elif not isinstance(value, str) or re.search(r"[;{}<]|/\*|url\(", value):
                problems.add(where, f'the token "{token}" is no value of a style', "such as #7a1f5c or 2px")
    problems.stop()
    light, dark = (
        "".join(f"--{token}:{value};" for token, value in tokens.get(mode, {}).items()) for mode in TOKENS
    )
    css = f":root:root{{{light}}}\n" if light else ""
    if dark:
        css += (
            f"@media screen and (prefers-color-scheme:dark){{:root:root:not([data-theme=light]){{{dark}}}}}\n"
        )
        css += f"@media screen{{:root:root[data-theme=dark]{{{dark}}}}}\n"
    return css


def _read_settings(folder: Path, name: str, known: Iterable[str]) -> dict[str, Any]:
    file = folder / "theme.toml"
    where = f"themes/{name}/theme.toml"
    if not file.is_file():
        where = "sitegen.toml"
        raise SitegenError(where, f'there is no theme "{name}"', nearest(name, known))
    text = _read_text(file, where)
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        fault = fault_of(text, error)
        raise SitegenError(fault.where(where), fault.what, fault.hint) from error
    problems = Problems()
    plain = ("name", INHERITS, "tokens")
    for key in sorted(settings.keys() - SECTIONS.keys() - set(plain)):
        problems.add(where, f'unknown key "{key}"', nearest(key, [*plain, *SECTIONS]))
    settings = {INHERITS: "", "tokens": {}, "fonts": {}, **settings}
    if settings[INHERITS]:
        problems.stop()
        return settings
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


def _read_classic(scripts: bytes, assets: Mapping[str, str], urls: Mapping[str, str]) -> dict[str, str]:
    """Return the classic scripts by the URLs that pages name their modules by."""
    sources: dict[str, str] = json.loads(scripts)
    named = {assets[key]: url for key, url in urls.items()}
    return {named.get(path, f"assets/{path}"): source for path, source in sources.items()}


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


def _read_built(built: Path, settings: dict[str, Any], modules: Modules, name: str) -> dict[str, bytes]:
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
