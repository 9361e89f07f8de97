"""Turns a page's Markdown into HTML with gaps where its views go, and lists its headings, links and blocks.

CommonMark with tables, strikethrough, footnotes, definition lists and admonitions (``::: note``). Raw HTML is
shown, not run. Nothing here carries an inline style: the site's content security policy would drop it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from sitegen import links
from sitegen.blocks import Block, is_block, read_block
from sitegen.errors import Problems, nearest

ADMONITIONS = ("note", "tip", "important", "warning", "caution")

# CommonMark turns NUL into U+FFFD, so a text can never forge a gap.
_GAP = re.compile("\0(\\d+)\0")
_GAPS = re.compile("(?:\0\\d+\0\\s*)+")


@dataclass(frozen=True)
class Heading:
    """A heading of a page."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Link:
    """A link or an image, as written."""

    href: str
    line: int
    image: bool
    target: links.Target | None
    """What it points at; None when it leaves the site."""


@dataclass(frozen=True)
class Document:
    """A page's Markdown, read."""

    html: str
    """The body with gaps for its views; see ``fill``."""
    blocks: tuple[Block, ...]
    headings: tuple[Heading, ...]
    links: tuple[Link, ...]

    @property
    def title(self) -> str:
        """Text of the first heading of the first level; empty when there is none."""
        return next((heading.text for heading in self.headings if heading.level == 1), "")

    @property
    def anchors(self) -> frozenset[str]:
        """Every id that a link may point at."""
        return frozenset(
            [*(heading.anchor for heading in self.headings), *(block.id for block in self.blocks)]
        )

    def fill(self, figures: Mapping[str, str]) -> str:
        """Return the body with each view's figure (by its id) in its gap."""
        return _GAP.sub(lambda gap: figures[self.blocks[int(gap.group(1))].id], self.html)


def parse(text: str, path: str, file: str, first_line: int, problems: Problems) -> Document:
    """Read the Markdown of the content file ``path``; problems are noted as of ``file``, ``text`` starting at
    ``first_line``."""
    tokens = _parser().parse(text)
    reading = _Reading(path, file, first_line, problems)
    blocks = reading.blocks(tokens)
    headings = tuple(_name_headings(tokens, {block.id for block in blocks}))
    found_links = tuple(reading.rewrite_links(tokens))
    _drop_inline_styles(tokens)
    html = _parser().renderer.render(tokens, _parser().options, {})
    html = _GAPS.sub(lambda run: f'<div class="grid">\n{run.group().strip()}\n</div>\n', html)
    return Document(html, blocks, headings, found_links)


class _Reading:
    """One page while it is read: where it stands, and what is wrong with it."""

    def __init__(self, path: str, file: str, first_line: int, problems: Problems) -> None:
        self._path = path
        self._file = file
        self._first_line = first_line
        self._problems = problems

    def line(self, token: Token) -> int:
        return self._first_line + (token.map[0] if token.map else 0)

    def blocks(self, tokens: Sequence[Token]) -> tuple[Block, ...]:
        """Read the blocks and leave a gap for each; check the names of languages and admonitions."""
        found: list[Block] = []
        counts: dict[str, int] = {}
        for token in tokens:
            if token.type == "container_admonition_open":
                self._check_admonition(token)
            if token.type != "fence":
                continue
            if not is_block(token.info):
                self._check_language(token)
                continue
            token.type, token.hidden = "gap", True
            name = _view_name(token.info)
            counts[name] = counts.get(name, 0) + 1
            with self._problems.collected():
                default_id = f"{name}-{counts[name]}"
                found.append(read_block(token.info, token.content, self._file, self.line(token), default_id))
                token.meta = {"gap": len(found) - 1}
        return tuple(found)

    def rewrite_links(self, tokens: Sequence[Token]) -> Iterator[Link]:
        """Yield the links as written, and turn them into the page's."""
        for token in tokens:
            line = self.line(token)
            for child in token.children or ():
                line += child.type in ("softbreak", "hardbreak")
                attribute = {"link_open": "href", "image": "src"}.get(child.type)
                if attribute:
                    href = str(child.attrs[attribute])
                    target = None if links.is_external(href) else links.resolve(self._path, href)
                    yield Link(href, line, child.type == "image", target)
                    child.attrs[attribute] = links.rewrite(self._path, href)

    def _check_language(self, token: Token) -> None:
        language = token.info.strip().partition(" ")[0]
        if language and _lexer(language) is None:
            where = f"{self._file}:{self.line(token)}"
            hint = nearest(language, ("view", "vega-lite", "python", "json", "yaml", "toml", "bash", "text"))
            self._problems.warn(where, f'code in an unknown language "{language}"', hint)

    def _check_admonition(self, token: Token) -> None:
        name, _ = _admonition(token.info)
        if name not in ADMONITIONS:
            where = f"{self._file}:{self.line(token)}"
            self._problems.add(where, f'unknown admonition "{name}"', nearest(name, ADMONITIONS))


def _view_name(info: str) -> str:
    words = info.split()
    return words[1] if words[0] == "view" and len(words) > 1 else words[0]


def _name_headings(tokens: Sequence[Token], taken: set[str]) -> Iterator[Heading]:
    """Yield the headings, giving each an anchor that no view and no earlier heading has."""
    for token, content in pairwise(tokens):
        if token.type != "heading_open":
            continue
        text = "".join(_plain(child) for child in content.children or ())
        wanted = anchor = links.slug(text)
        number = 1
        while anchor in taken:
            anchor, number = f"{wanted}-{number}", number + 1
        taken.add(anchor)
        token.attrs["id"] = anchor
        yield Heading(int(token.tag[1:]), text, anchor)


def _plain(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content if token.type in ("text", "code_inline", "image") else ""


def _drop_inline_styles(tokens: Sequence[Token]) -> None:
    """Say a table cell's alignment by class."""
    for token in tokens:
        style = str(token.attrs.pop("style", ""))
        if style:
            token.attrs["class"] = style.replace("text-align:", "align-")


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(deflist_plugin)
    parser.use(container_plugin, "admonition", validate=_is_admonition, render=_render_admonition)
    rules: dict[str, Callable[..., str]] = {
        "fence": _render_fence,
        "gap": _render_gap,
        "table_open": lambda *_: '<div class="table-scroll"><table>\n',
        "table_close": lambda *_: "</table></div>\n",
        "heading_close": _render_heading_close,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


def _render_gap(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    gap = tokens[index].meta.get("gap")
    return "" if gap is None else f"\0{gap}\0\n"


def _render_heading_close(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    opening = next(token for token in reversed(tokens[:index]) if token.type == "heading_open")
    anchor = escapeHtml(str(opening.attrs["id"]))
    mark = f' <a class="anchor" href="#{anchor}" aria-label="Link to this section">#</a>'
    return f"{mark if opening.tag != 'h1' else ''}</{opening.tag}>\n"


def _render_fence(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: Mapping[str, Any]
) -> str:
    token = tokens[index]
    language = unescapeAll(token.info).strip().partition(" ")[0]
    lexer = _lexer(language) if language else None
    code = highlight(token.content, lexer, _formatter()) if lexer else escapeHtml(token.content)
    named = f' class="language-{escapeHtml(language)}"' if language else ""
    return f'<pre class="highlight" tabindex="0"><code{named}>{code}</code></pre>\n'


@cache
def _formatter() -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True)


@cache
def _lexer(language: str) -> Any:
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


def _admonition(info: str) -> tuple[str, str]:
    """Return name and title of an admonition's first line: ``note``, ``{note} In short``."""
    name, _, title = info.strip().partition(" ")
    name = name.strip("{}")
    return name, title.strip() or name.capitalize()


def _is_admonition(info: str, *_: Any) -> bool:
    return re.match(r"\s*\{?[A-Za-z]", info) is not None


def _render_admonition(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    token = tokens[index]
    if token.nesting < 0:
        return "</aside>\n"
    name, title = _admonition(token.info)
    start = f'<aside class="admonition admonition-{escapeHtml(name)}">'
    return f'{start}\n<p class="admonition-title">{escapeHtml(title)}</p>\n'
