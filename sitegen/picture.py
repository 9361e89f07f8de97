"""Refuses drawings that hold scripts: opened by itself, an SVG file is a document of the site's origin."""

from __future__ import annotations

import xml.parsers.expat
from pathlib import Path
from urllib.parse import urlsplit

from sitegen.errors import SitegenError

ACTIVE = {"script", "foreignobject", "iframe", "embed", "object", "handler", "listener"}
"""Elements that run or carry something that runs."""
HINT = "save it as plain SVG: a site carries drawings, not programs"


def check_picture(file: Path, where: str) -> None:
    """Raise, with the line, when an SVG file holds a script, a handler, or an address that runs."""
    if file.suffix.lower() != ".svg":
        return
    parser = xml.parsers.expat.ParserCreate()
    parser.SetParamEntityParsing(xml.parsers.expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse(what: str) -> None:
        place = f"{where}:{parser.CurrentLineNumber}"
        raise SitegenError(place, what, HINT)

    def start(name: str, attributes: dict[str, str]) -> None:
        if _bare(name) in ACTIVE:
            refuse(f"the drawing holds <{name}>")
        for key, value in attributes.items():
            if _bare(key).startswith("on"):
                refuse(f'the drawing holds a handler "{key}"')
            if not _is_harmless(_bare(key), value):
                refuse(f'the drawing leads to "{value[:60]}"')

    def entity(*_: object) -> None:
        refuse("the drawing declares entities")

    parser.StartElementHandler = start
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(file.read_bytes(), True)
    except xml.parsers.expat.ExpatError as error:
        what = f"not SVG: {xml.parsers.expat.ErrorString(error.code)}"
        place = f"{where}:{error.lineno}"
        raise SitegenError(place, what) from error


def _bare(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _is_harmless(key: str, value: str) -> bool:
    """Say whether an attribute is no address, or one of the drawing itself, of a picture or of the web."""
    plain = "".join(value.split()).lower()
    if "javascript:" in plain or "vbscript:" in plain:
        return False
    if key not in ("href", "src", "to", "from", "values"):
        return True
    return urlsplit(plain).scheme in ("", "http", "https") or plain.startswith(
        ("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp")
    )
