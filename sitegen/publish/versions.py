"""Keeps the versions of a report side by side: each in a folder of its own, and beside them how to choose.

What stands at the root of all versions is made anew by each publication: the list of versions for readers
and for the pages' menus, and a page at each address without a version, which leads to the newest one.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from sitegen.bundled import THEMES
from sitegen.config import Config
from sitegen.errors import SitegenError
from sitegen.languages import Words, read_words
from sitegen.listings import absolute
from sitegen.moved import Moved, moved_page
from sitegen.output import File
from sitegen.templates import CONTENT_SECURITY_POLICY

FILE = "versions.js"
"""A script and no data: pages that were opened from the disk read it, too."""
LIST = "versions.html"
GLOBAL = "sitegenVersions"
_NUMBERED = re.compile(r"v?(\d+(?:\.\d+)*)(.*)")
_PREVIEW = re.compile(r"(?:.*[-.])?(?:(?:alpha|beta|preview|pre|dev|rc)[-.]?\d*|[ab]\d+)", re.IGNORECASE)
"""What follows the number of a version that is none yet."""
_CANONICAL = re.compile(rb'<link rel="canonical" href="([^"]*)">')
_SHARED = ("404.html", "sitemap.xml", "feed.xml", "llms.txt")
"""Files of the newest version that are looked for at the root; they name addresses that hold anywhere."""

Read = Callable[[Sequence[str]], Mapping[str, bytes]]
"""Returns those of the files that are there, by path relative to the root of all versions."""


@dataclass(frozen=True)
class Version:
    """A version of the report, as it was published."""

    name: str
    """Its folder, below the root of all."""
    date: str
    """Day of its first publication, ``2026-11-26``."""


@dataclass(frozen=True)
class Together:
    """The root of all versions after a publication."""

    files: Mapping[str, File]
    """What is written, by address relative to the root."""
    kept: frozenset[str]
    """What stays there as it is."""


def versioned(config: Config) -> Config:
    """Return the report as it is below the root of its versions; raises when it does not say which it is."""
    name = config.site.version
    if not name:
        what = "versions = true, and the report does not say which it is"
        raise SitegenError(config.file, what, 'write version = "1.0" in [site]')
    address = f"{config.address}{quote(name)}/" if config.address else ""
    return replace(config, site=replace(config.site, site_url=address), is_beside=True)


def read(script: bytes | None) -> tuple[Version, ...]:
    """Return the versions that an earlier publication listed, the newest first; none without a list."""
    if script is None:
        return ()
    try:
        value = json.loads(script.decode().partition("=")[2].strip().rstrip(";"))
        return tuple(Version(str(one["name"]), str(one["date"])) for one in value["versions"])
    except (ValueError, KeyError, TypeError) as error:
        hint = "remove it there: the next publication writes it anew, with the version that it publishes"
        raise SitegenError(FILE, "is not the list that sitegen wrote", hint) from error


def together(
    config: Config, site: Mapping[str, File], there: Iterable[str], read_there: Read, today: str
) -> Together:
    """Return what a publication makes of the root of all versions.

    ``site`` is the version that is published, by address within it; ``there`` names what the root holds now.
    A version whose folder is gone is listed no more; one that is published again keeps its first day.
    """
    name = config.site.version
    old = [path for path in there if not path.startswith(f"{name}/")]
    versions = _beside(name, read(read_there([FILE]).get(FILE)), old, today)
    pages = _pages(versions, old)
    pages[name] = {url for url in site if url.endswith(".html")}
    _refuse_pages_within(config, pages)
    leading = newest(versions).name
    files = {f"{name}/{url}": content for url, content in site.items()}
    files |= {FILE: _script(versions, pages), LIST: _page(config, site, versions)}
    # An older version that is mended, or a preview, leaves what leads to the newest one as it is.
    if leading == name:
        files |= {shared: site[shared] for shared in _SHARED if shared in site}
        files |= _leading(config, site)
    kept = {path for path in old if path.partition("/")[0] in pages or leading != name} - files.keys()
    older = _older(pages, leading)
    contents = {path: _content(files[path]) for path in older if path in files}
    contents |= read_there(sorted(older.keys() & kept))
    files |= _canonical(config, contents, older, leading)
    return Together(files, frozenset(kept) - files.keys())


def _beside(name: str, listed: Sequence[Version], old: Iterable[str], today: str) -> tuple[Version, ...]:
    """Return the version called ``name`` and those that are there already, the newest first."""
    folders = {path.partition("/")[0] for path in old if "/" in path}
    others = [version for version in listed if version.name in folders and version.name != name]
    day = next((version.date for version in listed if version.name == name), today)
    return _ordered([Version(name, day), *others])


def _pages(versions: Iterable[Version], old: Iterable[str]) -> dict[str, set[str]]:
    """Return the pages of each version, by address within it."""
    pages: dict[str, set[str]] = {version.name: set() for version in versions}
    for path in old:
        folder, _, url = path.partition("/")
        if folder in pages and url.endswith(".html"):
            pages[folder].add(url)
    return pages


def _refuse_pages_within(config: Config, pages: Mapping[str, set[str]]) -> None:
    """Raise where the addresses of this version's pages, which lead to it, are in a version's folder."""
    folders = {name.casefold(): name for name in pages}
    for url in sorted(pages[config.site.version]):
        if name := folders.get(url.partition("/")[0].casefold()):
            what = f'the page {url} and the version "{name}" would have the same place beside all versions'
            raise SitegenError(config.file, what, "rename the page or its folder, or the version")


def newest(versions: Sequence[Version]) -> Version:
    """Return the version that addresses without one lead to: no preview while there is another."""
    return next((version for version in versions if not is_preview(version.name)), versions[0])


def is_preview(name: str) -> bool:
    """Return whether a version says of itself that it is none yet: ``2.0-rc1``, ``2.0b2``, ``2.0-dev``."""
    numbered = _NUMBERED.fullmatch(name)
    return bool(numbered and _PREVIEW.fullmatch(numbered.group(2)))


def _older(pages: Mapping[str, set[str]], leading: str) -> dict[str, str]:
    """Return the pages of other versions that the newest one has, too: its address of each, by path."""
    others = (name for name in pages if name != leading)
    return {f"{name}/{url}": url for name in others for url in pages[name] & pages[leading]}


def _canonical(
    config: Config, contents: Mapping[str, bytes], older: Mapping[str, str], leading: str
) -> dict[str, File]:
    """Return the pages whose canonical link is to name the newest version's page, and does not."""
    if not config.address:
        return {}
    root = config.address.removesuffix(f"{quote(config.site.version)}/")
    pointing = {
        path: _pointing(content, absolute(f"{root}{quote(leading)}/", older[path]))
        for path, content in contents.items()
    }
    return {path: content for path, content in pointing.items() if content != contents[path]}


def _pointing(page: bytes, address: str) -> bytes:
    """Return a page whose canonical link names this address; one without such a link as it is."""
    link = _CANONICAL.search(page)
    return page[: link.start(1)] + html.escape(address).encode() + page[link.end(1) :] if link else page


def _content(file: File) -> bytes:
    return file if isinstance(file, bytes) else file.read_bytes()


def _ordered(versions: Sequence[Version]) -> tuple[Version, ...]:
    """Return versions by their numbers, the newest first; by their days where some have no number."""
    numbers = [_NUMBERED.fullmatch(version.name) for version in versions]
    if not all(numbers):
        return tuple(sorted(versions, key=lambda version: version.date, reverse=True))

    def number(version: Version) -> tuple[list[int], bool, str]:
        found = _NUMBERED.fullmatch(version.name)
        parts, step = (found.group(1), found.group(2)) if found else ("0", "")
        # What follows the numbers is a step before them: 2.0-rc1 comes before 2.0.
        return [int(part) for part in parts.split(".")], not step, step

    return tuple(sorted(versions, key=number, reverse=True))


def _script(versions: Sequence[Version], pages: Mapping[str, set[str]]) -> bytes:
    """Return the list for the pages' menus: the versions, and which of them lack a page that others have."""
    missing = {
        url: gone
        for url in sorted(set().union(*pages.values()))
        if (gone := [one.name for one in versions if url not in pages[one.name]])
    }
    listed = [
        {"name": one.name, "date": one.date} | ({"preview": True} if is_preview(one.name) else {})
        for one in versions
    ]
    told = {"versions": listed, "newest": newest(versions).name, "missing": missing}
    value = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return f"globalThis.{GLOBAL}={value};\n".encode()


def _leading(config: Config, site: Mapping[str, File]) -> dict[str, File]:
    """Return a page at each address without a version that leads to the page of this one."""
    name = config.site.version
    boot = f"{name}/{_asset(site, 'boot', 'js')}"
    address = config.address.removesuffix(f"{quote(name)}/")
    pages = (url for url in site if url.endswith(".html") and url not in _SHARED)
    return {
        url: moved_page(
            Moved(url, f"{name}/{url}", config.site.title, config.file),
            address,
            config.site.language,
            boot,
            "{page}",
        )
        for url in pages
    }


def _asset(site: Mapping[str, File], name: str, kind: str) -> str:
    pattern = re.compile(rf"assets/{name}\.[0-9a-f]+\.{kind}")
    return next(url for url in sorted(site) if pattern.fullmatch(url))


def _told(version: Version, versions: Sequence[Version], words: Words) -> str:
    """Return what is said of a version behind its day: that it is the newest, or none yet; else nothing."""
    if version == newest(versions):
        return f" · {words.say('newest')}"
    return f" · {words.say('preview')}" if is_preview(version.name) else ""


def _page(config: Config, site: Mapping[str, File], versions: Sequence[Version]) -> bytes:
    """Return the list of versions as a page: where the menu's link leads without scripts."""
    words = read_words([config.theme, THEMES / "default"], config.site.language)
    title = words.say("Versions")
    name, said = html.escape(config.site.title), html.escape(title)
    styles = f"{quote(config.site.version)}/{_asset(site, 'styles', 'css')}"
    entries = "\n".join(
        f'<li><a href="{quote(one.name)}/index.html">{html.escape(one.name)}</a> '
        f'<time datetime="{html.escape(one.date)}">{html.escape(words.day(one.date))}</time>'
        f"{html.escape(_told(one, versions, words))}</li>"
        for one in versions
    )
    return f"""<!doctype html>
<html lang="{html.escape(config.site.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{said} · {name}</title>
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{styles}">
</head>
<body>
<main class="page" id="content">
<article class="page-body">
<h1>{said}: {name}</h1>
<ul>
{entries}
</ul>
</article>
</main>
</body>
</html>
""".encode()
