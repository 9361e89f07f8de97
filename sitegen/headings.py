"""Gives a page's headings their anchors, and its figures their captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.token import Token

from sitegen import links
from sitegen.errors import Problems
from sitegen.syntax import container_of
from sitegen.text import Text

# CommonMark turns NUL into U+FFFD, so a text can never forge a gap.
GAP = re.compile("\0([vqlrnck])(\\d+)\0")
OWN_ANCHOR = re.compile(r"\s*\{#([a-z][a-z0-9-]*)\}\s*$")


@dataclass(frozen=True)
class Heading:
    """A heading of a page."""

    level: int
    text: str
    anchor: str


def name_headings(
    tokens: Sequence[Token], taken: set[str], text: Text, problems: Problems
) -> Iterator[Heading]:
    """Yield the headings, giving each an anchor that no view and no earlier heading has.

    An author's own, ``## Results {#results}``, is kept when the words change; it has to be free.
    """
    named: dict[int, str] = {}
    headings = [(token, content) for token, content in pairwise(tokens) if token.type == "heading_open"]
    for _, content in headings:
        own = _own_anchor(content)
        if own and own in taken:
            where = text.where((content.map or [0])[0])
            problems.add(where, f'the id "{own}" is that of something else', "give the heading another one")
        named[id(content)] = own
        taken |= {own} - {""}
    for token, content in headings:
        said = plain_text(content)
        if named[id(content)]:
            token.attrs["id"] = named[id(content)]
            yield Heading(int(token.tag[1:]), said, named[id(content)])
            continue
        # Computed numbers change with the data; the links to a section should not.
        wanted = anchor = links.slug(GAP.sub("", said))
        number = 1
        while anchor in taken:
            anchor, number = f"{wanted}-{number}", number + 1
        taken.add(anchor)
        token.attrs["id"] = anchor
        yield Heading(int(token.tag[1:]), said, anchor)


def _own_anchor(token: Token) -> str:
    """Take an author's own anchor off the end of a heading's words, and return it; empty without one."""
    last = token.children[-1] if token.children else None
    found = OWN_ANCHOR.search(last.content) if last is not None and last.type == "text" else None
    if last is None or found is None:
        return ""
    last.content = last.content[: found.start()]
    return found.group(1)


def plain_text(inline: Token) -> str:
    """Return the words of a text without its markup, with the gaps of its numbers."""
    return "".join(_plain(child) for child in inline.children or ())


def _plain(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.type in ("query", "claim"):
        gap = token.meta.get("gap")
        return f"\0{gap}\0" if gap else ""
    return token.content if token.type in ("text", "code_inline", "image", "math_inline") else ""


def caption_figures(tokens: list[Token]) -> None:
    """Make what follows the first paragraph of a figure its caption."""
    for start in range(len(tokens) - 1, -1, -1):
        token = tokens[start]
        if token.type != "container_container_open" or container_of(token)[0] != "figure":
            continue
        end = next(
            at
            for at in range(start, len(tokens))
            if tokens[at].type == "container_container_close" and tokens[at].level == token.level
        )
        first = next(
            (
                at
                for at in range(start + 1, end)
                if tokens[at].level == token.level + 1 and tokens[at].nesting < 1
            ),
            end,
        )
        if tokens[start + 1].type == "paragraph_open":
            tokens[start + 1].hidden = tokens[first].hidden = True
        if first + 1 < end:
            tokens.insert(end, Token("figcaption_close", "figcaption", -1, block=True))
            tokens.insert(first + 1, Token("figcaption_open", "figcaption", 1, block=True))
            _number_caption(token, tokens[first + 2 : end])


def drop_inline_styles(tokens: Sequence[Token]) -> None:
    """Say a table cell's alignment by class."""
    for token in tokens:
        style = str(token.attrs.pop("style", ""))
        if style:
            token.attrs["class"] = style.replace("text-align:", "align-")


def _number_caption(figure: Token, caption: Sequence[Token]) -> None:
    """Begin a figure's caption with a gap for its number."""
    first = next((token for token in caption if token.type == "inline"), None)
    if first is not None and first.children is not None and "gap" in figure.meta:
        first.children.insert(0, Token("item", "", 0, meta={"gap": figure.meta["gap"]}))
