"""The picture of views that stays in a saved notebook: markup and styles, no script, no address."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.errors import SitegenError

if TYPE_CHECKING:
    from PIL.Image import Image

from sitegen.output import File

_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
_TILE = re.compile(
    r'viewBox="(?P<x>[\d.]+) (?P<y>[\d.]+) (?P<width>[\d.]+) (?P<height>[\d.]+)"\s*>'
    r'\s*<image href="(?P<url>[^"]+)"[^>]*/>'
)
_CHOICE = re.compile(r":is\(([^()]*)\)")
_WITHIN = re.compile(r":(?:is|not|has|where)\((?:[^()]|\([^()]*\))*\)")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
THEME = "themes/default"
_ROOT = "sitegen-still"


def still(styles: str, markup: str, language: str) -> str:
    """Return HTML that shows the figures in ``markup`` by itself, with those rules that it needs."""
    used = frozenset(re.findall(r"[\w-]+", " ".join(re.findall(r'class="([^"]*)"', markup))))
    needed = "".join(_needed(styles, used | {_ROOT, "page", "page-body", "grid", *_NOTEBOOKS}))
    body = f'<div class="page"><div class="page-body"><div class="grid">{markup}</div></div></div>'
    return f'<div class="{_ROOT}" lang="{html.escape(language)}"><style>{needed}</style>{body}</div>'


_NOTEBOOKS = (
    "sitegen-notebook",
    "vscode-light",
    "vscode-dark",
    "vscode-high-contrast",
    "vscode-high-contrast-light",
    "jp-OutputArea-child",
)
"""Classes that are a notebook's, by which styles tell light from dark."""


def _needed(css: str, used: frozenset[str]) -> Iterator[str]:
    """Yield the rules of which a selector names only classes that are used."""
    for head, body in _rules(css):
        if head.startswith(("@media", "@container", "@supports")):
            inner = "".join(_needed(body, used))
            if inner:
                yield f"{head}{{{inner}}}"
        elif head.startswith("@") or any(_fits(one, used) for one in _selectors(head)):
            yield f"{head}{{{body}}}"


def _fits(selector: str, used: frozenset[str]) -> bool:
    """Whether all classes that a selector needs are used; of those in ``:is(…)`` one is enough."""
    for choice in _CHOICE.findall(selector):
        if not any(used.issuperset(_CLASS.findall(one)) for one in choice.split(",")):
            return False
    return used.issuperset(_CLASS.findall(_WITHIN.sub("", selector)))


def _selectors(head: str) -> list[str]:
    return re.split(r",(?![^(]*\))", head)


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Yield each rule's head and body; style sheets of the theme hold no braces in texts."""
    at = 0
    while (opened := css.find("{", at)) >= 0:
        depth, place = 1, opened + 1
        while depth:
            found = re.compile("[{}]").search(css, place)
            if found is None:
                return
            depth += 1 if found.group() == "{" else -1
            place = found.end()
        yield css[at:opened].strip(), css[opened + 1 : place - 1]
        at = place


def with_tiles(markup: str, sheets: Mapping[str, File]) -> str:
    """Return markup without scripts, its images cut out of their sheets and written into it."""

    @cache
    def sheet(url: str) -> Image:
        from PIL import Image

        found = sheets[url]
        return Image.open(found if isinstance(found, Path) else io.BytesIO(found))

    def tile(found: re.Match[str]) -> str:
        x, y, width, height = (round(float(found[name])) for name in ("x", "y", "width", "height"))
        data = _webp(sheet(html.unescape(found["url"])).crop((x, y, x + width, y + height)))
        viewed = found.group().partition(">")[0]
        place = f'x="{x}" y="{y}" width="{width}" height="{height}"'
        return f'{viewed}><image href="data:image/webp;base64,{data}" {place}/>'

    return _TILE.sub(tile, _SCRIPT.sub("", markup))


def _webp(image: Image) -> str:
    written = io.BytesIO()
    image.save(written, "WEBP", lossless=True)
    return base64.b64encode(written.getvalue()).decode("ascii")


def built(folder: Path, name: str) -> bytes:
    """Return a file that building the theme made."""
    file = folder / name
    if not file.is_file():
        raise SitegenError(THEME, f"there is no dist/{name}", "build the theme")
    return file.read_bytes()
