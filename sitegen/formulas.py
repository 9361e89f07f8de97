"""Turns formulas in LaTeX into MathML, which browsers draw and read out without a script.

Nothing of a formula becomes other markup than this: elements and attributes are those listed below.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sitegen.errors import SitegenError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST = 4000
"""Signs of one formula."""
_ELEMENTS = {
    *("menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts"),
    *(
        "mroot",
        "mrow",
        "ms",
        "mspace",
        "msqrt",
        "mstyle",
        "msub",
        "msubsup",
        "msup",
        "mtable",
        "mtd",
        "mtext",
    ),
    *("mtr", "munder", "munderover", "none"),
}
_ATTRIBUTES = {
    *("accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "displaystyle"),
    *("fence", "form", "height", "largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize"),
    *(
        "movablelimits",
        "notation",
        "rowlines",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
    ),
    *("symmetric", "voffset", "width"),
}


def mathml(latex: str, where: str, *, is_block: bool = False) -> str:
    """Return a formula as MathML; raises when it cannot be read, or names a command that is not known."""
    try:
        return _mathml(latex.strip(), is_block)
    except _FormulaError as error:
        hint = "write LaTeX, as in $\\frac{a}{b}$; a dollar sign that is no formula is written \\$"
        raise SitegenError(where, f'the formula "{_short(latex)}" {error}', hint) from error


class _FormulaError(Exception):
    """What is wrong with a formula."""


@lru_cache(maxsize=4096)
def _mathml(latex: str, is_block: bool) -> str:
    _check(latex)
    display = "block" if is_block else "inline"
    said = html.escape(" ".join(latex.split()))
    content = "".join(_written(child) for child in _read(latex, display))
    return f'<math display="{display}" alttext="{said}">{content}</math>'


def _check(latex: str) -> None:
    wrong = "is empty" if not latex else f"is longer than {LONGEST:,} signs" if len(latex) > LONGEST else ""
    depth = 0
    for brace in re.findall(r"\\.|[{}]", latex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            break
    wrong = wrong or ("has a brace without its other half" if depth else "")
    if wrong:
        raise _FormulaError(wrong)


def _read(latex: str, display: str) -> Element:
    from latex2mathml.converter import convert_to_element

    try:
        return convert_to_element(latex, display=display)
    except RecursionError as error:
        message = "nests too deep"
        raise _FormulaError(message) from error
    except Exception as error:  # the library has a class of its own for each mistake, and no base of them
        name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__.removesuffix("Error")).lower()
        message = f"cannot be read ({name})"
        raise _FormulaError(message) from error


def _written(element: Element) -> str:
    """Return an element as markup; what is not listed is left out, and its content stays."""
    text = html.escape(html.unescape(element.text or ""), quote=False)
    if element.tag == "mi" and text.startswith("\\") and len(text) > 1:
        message = f"holds an unknown command {text}"
        raise _FormulaError(message)
    content = text + "".join(_written(child) for child in element)
    if element.tag not in _ELEMENTS:
        return content
    given = {name: value for name, value in element.items() if name in _ATTRIBUTES}
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in given.items())
    return f"<{element.tag}{attributes}>{content}</{element.tag}>"


def _short(latex: str) -> str:
    line = " ".join(latex.split())
    return line if len(line) <= 60 else f"{line[:57]}…"
