"""Draws the figure of a network without a page or a browser.

Its tables go to the theme's script, and a file comes back: SVG, TikZ or PDF, written by what writes them in
a page, too. PNG is made of the SVG, with the theme's own font, whose letters the drawing was measured with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyarrow import parquet

from pipelines.contract import read_manifest
from sitegen.assets import BUILT, PAPER, load_theme
from sitegen.bundled import THEMES
from sitegen.errors import Problems, SitegenError
from sitegen.views import ScriptError, Views

FORMATS = {".svg": "svg", ".pdf": "pdf", ".png": "svg", ".tex": "tikz"}
"""Endings of what can be written, and what the theme's script writes for them."""
POINTS = 72
"""Points in an inch."""
DPI = (36, 2400)
"""Least and most dots of an inch."""
_INSTALL = "pip install 'explainsite[figures]', or write .pdf or .svg"
COMMAND, OUTPUT, RESOLUTION, SETTING, DETAIL = "sitegen figure", "-o", "--dpi", "--set", "--detail"
"""Where a wish was written that cannot be met."""
PRINT = "print"
"""Folder of the theme's built files that holds its font as PDF embeds it."""


@dataclass(frozen=True)
class Wish:
    """What a figure is to be like."""

    presets: tuple[str, ...] = ()
    preferences: Mapping[str, Any] | None = None
    detail: int | None = None
    """0 for one glyph, one more for each level of groups that is open; None for what suits the network."""
    hidden: tuple[str, ...] = ()
    dpi: int = 300


@dataclass(frozen=True)
class Drawn:
    """A figure, in the bytes of its file."""

    content: bytes
    width: float
    height: float
    glyphs: int
    notices: tuple[str, ...]
    is_exact: bool
    """Whether its sizes are points, as a column of paper asks, and not pixels."""
    changes: tuple[str, ...]
    """One line for each layer that differs between two networks."""


Tables = Mapping[str, Mapping[str, Sequence[Any]]]
"""Columns of an architecture's tables, by table and column."""


def draw(networks: Sequence[tuple[str, Tables]], suffix: str, wish: Wish, where: str) -> Drawn:
    """Return the figure of a network, or of what differs between two, in the format that ``suffix`` names.

    Raises ``SitegenError`` for a wish that cannot be met; ``where`` says what it is about.
    """
    reply = _drawn(networks, suffix, wish, where)
    drawing: str = reply["drawing"]
    if suffix == ".pdf":
        content = bytes.fromhex(drawing)
    else:
        content = _png(drawing, wish.dpi) if suffix == ".png" else drawing.encode("utf-8")
    notices, changes = tuple(reply["notices"]), tuple(reply["changes"])
    sizes = reply["width"], reply["height"], reply["glyphs"]
    return Drawn(content, *sizes, notices, reply["isExact"], changes)


def check_output(output: Path, dpi: int) -> str:
    """Return the ending of a figure's file; raises where nothing can be written under it."""
    suffix = output.suffix.lower()
    if suffix not in FORMATS:
        what = f'"{output.name}" says no format that a figure has'
        raise SitegenError(OUTPUT, what, f"end it in {', '.join(FORMATS)}")
    if output.suffix.lower() == ".png" and not DPI[0] <= dpi <= DPI[1]:
        raise SitegenError(RESOLUTION, f"{dpi} dots in an inch", f"choose from {DPI[0]} to {DPI[1]}")
    if not output.absolute().parent.is_dir():
        raise SitegenError(OUTPUT, f"there is no folder {output.parent}", "make it first")
    return suffix


def read_setting(text: str) -> tuple[str, Any]:
    """Return a preference written as ``name=value``: a number, true, false or a word."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise SitegenError(SETTING, f'"{text[:80]}" sets nothing', "write --set names=all")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value.strip()


def read_detail(text: str) -> int:
    """Return a level of detail: a whole number, or ``all`` for every layer."""
    if text == "all":
        return 1_000
    if not text.isdecimal() or len(text) > 3:
        raise SitegenError(DETAIL, f'"{text[:40]}" is no level', "write a whole number from 0, or all")
    return int(text)


def read_tables(artifact: Path) -> Tables:
    """Return the tables of an artifact of the tool ``architecture``; raises where it is none."""
    manifest = read_manifest(artifact)
    found: dict[str, Mapping[str, Sequence[Any]]] = {}
    for table in manifest.tables:
        files = [str(artifact / part.file) for part in table.files]
        found[table.name] = parquet.read_table(files).to_pydict()
    if not {"layers", "connections"} <= found.keys():
        hint = "name an artifact of the tool architecture"
        raise SitegenError(str(artifact), "holds no layers of a network", hint)
    return found


def _drawn(networks: Sequence[tuple[str, Tables]], suffix: str, wish: Wish, where: str) -> dict[str, Any]:
    theme = load_theme(THEMES / "default", "default")
    request = {
        "networks": [{"name": name, "tables": tables} for name, tables in networks],
        "presets": list(wish.presets),
        "preferences": dict(wish.preferences or {}),
        "styles": {"hidden": list(wish.hidden)},
        "detail": wish.detail,
        "format": FORMATS[suffix],
    }
    try:
        printing = theme.classic.get(theme.urls.get(PAPER, ""), "")
        with Views(theme.static, theme.name, theme.layout, printing=printing) as views:
            reply = views.architecture(request)
    except ScriptError as error:
        raise SitegenError(where, f"its figure fails: {error}") from error
    problems = Problems()
    for each in reply.get("problems", []):
        problems.add("sitegen figure", each["what"], each["hint"])
    problems.stop()
    return reply


def _converter() -> Any:
    try:
        import vl_convert
    except ModuleNotFoundError as error:
        what = f'PNG needs "{error.name}", which is not installed'
        raise SitegenError(COMMAND, what, _INSTALL) from error
    vl_convert.register_font_directory(str(THEMES / "default" / BUILT / PRINT))
    return vl_convert


def _png(drawing: str, dpi: int) -> bytes:
    # The converter counts 72 dots to an inch, where a drawing without a unit has 96 of its own.
    content: bytes = _converter().svg_to_png(drawing, scale=0.75, ppi=dpi)
    return content
