"""The Markdown of a text that a reader can edit in its page: what it may hold, and how it becomes HTML.

The browser reads the same Markdown (``src/edit`` of the theme), so this is the part of the pages' Markdown
that needs no build: CommonMark, tables, strikethrough, and values and numbers that the page has already.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from sitegen.errors import SitegenError
from sitegen.syntax import CELL_ALIGNMENTS, add_values, mark_heads

TAGS = {
    *("a", "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p"),
    *("pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "th": {"scope"},
}
CLASSES = {"div": {"table-scroll"}, "th": CELL_ALIGNMENTS, "td": CELL_ALIGNMENTS}
SCHEMES = {"http", "https", "mailto", "tel"}
"""How an address may begin that leaves the site; one without a scheme stays in it."""
DEEPER = 2
"""Levels that headings are moved down by: the view has a title of the third."""


@cache
def prose_parser() -> MarkdownIt:
    """Return the parser of editable texts."""
    found = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    add_values(found)
    found.inline.ruler.before("escape", "backslash", _read_backslash)
    # Every link becomes one, so that the build can say what is wrong with it.
    found.validateLink = lambda _: True  # type: ignore[method-assign, assignment]
    found.core.ruler.push("deeper", _lower_headings)
    found.core.ruler.push("heads", mark_heads)
    found.add_render_rule("table_open", lambda *_: '<div class="table-scroll"><table>\n')
    found.add_render_rule("table_close", lambda *_: "</table></div>\n")
    found.add_render_rule("fence", _render_code)
    found.add_render_rule("code_block", _render_code)
    return found


def clean(html: str) -> str:
    """Return the HTML of an editable text without anything but what its Markdown makes."""
    # Twice safe: the parser makes no tags but its own, and the sanitiser lets none but these through.
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        link_rel=None,
    ).strip()


def number_key(query: Token) -> str:
    """Return what names a number among those of its text: its format and its SQL, as written."""
    return f"{query.info.strip()}`{query.content}"


def check_prose(tokens: Sequence[Token], where: str) -> None:
    """Raise what other texts of a page may hold, and one that is edited in the browser may not."""
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        if token.type == "link_open" and following and following.type == "link_close":
            what = "a link without words stands in a text that readers can edit"
            raise SitegenError(where, what, "write what it leads to: [the map](map.md)")
        if token.type == "image" and str(token.attrs["src"]).lower().startswith("data:"):
            what = "an image is written into a text that readers can edit"
            raise SitegenError(where, what, "put it into the content folder, and name its file")


def _read_backslash(state: StateInline, silent: bool) -> bool:
    """Read a backslash before a blank alone: two blanks after it still end the line, as CommonMark has it."""
    if not state.src.startswith("\\ ", state.pos):
        return False
    if not silent:
        state.pending += "\\"
    state.pos += 1
    return True


def _lower_headings(state: Any) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + DEEPER)}"


def _render_code(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return f'<pre tabindex="0"><code>{escapeHtml(tokens[index].content)}</code></pre>\n'
