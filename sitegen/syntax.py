"""The Markdown that pages may hold, and how it becomes HTML: CommonMark and what is added to it.

Tables, strikethrough, footnotes, definition lists, formulas (``$x$``), citations (``[@key]``),
numbers of figures (``{ref}`` before code), ``::: note``, ``::: details``, ``::: figure``,
``::: numbers`` and ``:::: tab-set``, values (``{{ name }}``), and numbers and claims (``{sql}`` and
``{claim}`` before code).
Raw HTML is shown, not run, in pages as in data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

import nh3
from markdown_it import MarkdownIt, helpers
from markdown_it.common.utils import escapeHtml, unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from sitegen.values import CLAIM, MARK, QUERY

SAY = "say"
"""Says a text of the interface in the site's language: in the environment of what is rendered."""
ADMONITIONS = ("note", "tip", "important", "warning", "caution")
TABS, TAB = "tab-set", "tab-item"
CONTAINERS = (*ADMONITIONS, "details", "figure", "numbers", TABS, TAB)
"""What may stand after ``:::``."""

CELL_ALIGNMENTS = {"align-left", "align-center", "align-right"}
"""Classes of a table's cells; an inline style would be dropped by the pages' security policy."""

_DATA_TAGS = {
    *("a", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}


@cache
def parser() -> MarkdownIt:
    """Return the parser of pages."""
    found = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    found.use(footnote_plugin).use(deflist_plugin)
    found.use(container_plugin, "container", validate=_is_container, render=_render_container)
    add_values(found)
    found.inline.ruler.before("backticks", "claim", _read_claim)
    found.inline.ruler.before("backticks", "number_reference", _read_number_reference)
    found.inline.ruler.before("link", "citation", _read_citation)
    # Prices are no formulas: a dollar beside a blank or before a digit ends none.
    dollarmath_plugin(found, allow_space=False, allow_digits=False, allow_blank_lines=False)
    found.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkDestination=_read_destination,
        parseLinkLabel=helpers.parseLinkLabel,
        parseLinkTitle=helpers.parseLinkTitle,
    )
    # Every link becomes one, so that what is wrong with it can be said; see ``markdown``.
    found.validateLink = lambda _: True  # type: ignore[method-assign, assignment]
    rules: dict[str, Callable[..., str]] = {
        "fence": _render_fence,
        "gap": _render_gap,
        "table_open": _render_table_open,
        "table_close": lambda *_: "</table></div>\n",
        "heading_close": _render_heading_close,
        "link_open": _render_link_open,
        "math_inline": lambda _, tokens, index, *__: str(tokens[index].meta.get("mathml", "")),
        "math_block": _render_formula,
        "math_block_label": _render_formula,
        "citation": _render_gap,
        "claim": _render_claim,
        "claim_block": lambda _, tokens, index, *__: str(tokens[index].meta.get("html", "")),
        "item": _render_gap,
    }
    for name, rule in rules.items():
        found.add_render_rule(name, rule)
    found.core.ruler.push("heads", mark_heads)
    return found


def add_values(parser: MarkdownIt) -> None:
    """Make a parser read values, and numbers that SQL computes, and leave a gap for each number."""
    parser.inline.ruler.before("backticks", "query", _read_query)
    parser.inline.ruler.before("backticks", "value", _read_value)
    parser.add_render_rule("query", _render_gap)


@cache
def _data_parser() -> MarkdownIt:
    found = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    found.core.ruler.push("heads", mark_heads)
    return found


def render_data(text: str) -> str:
    """Return the HTML of Markdown that comes from data: no images, no addresses but the web's and mail's."""
    # Twice safe: the parser makes no tags but its own, and the sanitiser lets none but these through.
    return nh3.clean(
        _data_parser().render(text),
        tags=_DATA_TAGS,
        attributes={"a": {"href"}, "th": {"scope"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    ).strip()


_BLANK = "\ue000"
"""Stands for a blank inside ``{{ name }}`` while an address is read, which ends at a blank."""


def _read_destination(text: str, start: int, end: int) -> Any:
    """Read the address of a link; values may stand in it as they stand in text."""
    if "{{" in text:
        text = MARK.sub(lambda mark: re.sub(r"[ \t]", _BLANK, mark.group()), text)
    found = helpers.parseLinkDestination(text, start, end)
    found.str = found.str.replace(_BLANK, "")
    return found


def _read_query(state: StateInline, silent: bool) -> bool:
    return _read_statement(state, QUERY, "query", silent=silent)


def _read_claim(state: StateInline, silent: bool) -> bool:
    return _read_statement(state, CLAIM, "claim", silent=silent)


def _read_statement(state: StateInline, written: re.Pattern[str], kind: str, *, silent: bool) -> bool:
    """Read a number that SQL computes: format and expectation, then the statement as code."""
    found = written.match(state.src, state.pos) if state.src[state.pos] == "{" else None
    if found is None:
        return False
    if not silent:
        token = state.push(kind, "", 0)
        token.content, token.info = found.group(3).strip(), found.group(1) or ""
        before = found.group()[: found.start(3) - found.start()]
        token.meta = {"before": before.count("\n"), "lines": found.group().count("\n")}
    state.pos = found.end()
    return True


def _read_value(state: StateInline, silent: bool) -> bool:
    found = MARK.match(state.src, state.pos) if state.src.startswith("{{", state.pos) else None
    if found is None:
        return False
    if not silent:
        state.push("value", "", 0).content = found.group(1)
    state.pos = found.end()
    return True


_NUMBER_REFERENCE = re.compile(r"\{ref\}`([^`\n]+)`")
_CITATION = re.compile(r"\[(@[^\s@;,\]\[]+(?:,[^;\]\[]*)?(?:;\s*@[^\s@;,\]\[]+(?:,[^;\]\[]*)?)*)\](?!\()")


def _read_number_reference(state: StateInline, silent: bool) -> bool:
    """Read ``{ref}`` before code: a link that says the number of what it leads to."""
    found = _NUMBER_REFERENCE.match(state.src, state.pos) if state.src[state.pos] == "{" else None
    if found is None:
        return False
    if not silent:
        named = found.group(1).strip()
        opening = state.push("link_open", "a", 1)
        opening.attrs["href"] = state.md.normalizeLink(named if "#" in named else f"#{named}")
        opening.meta = {"number": True}
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def _read_citation(state: StateInline, silent: bool) -> bool:
    found = _CITATION.match(state.src, state.pos) if state.src.startswith("[@", state.pos) else None
    if found is None:
        return False
    if not silent:
        state.push("citation", "", 0).content = found.group(1)
    state.pos = found.end()
    return True


def _render_formula(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    """Return a formula of its own line, which scrolls where it is wider than the page."""
    meta = tokens[index].meta
    formula = f'<div class="formula-body" tabindex="0">{meta.get("mathml", "")}</div>'
    if "gap" not in meta:
        return f'<div class="formula">{formula}</div>\n'
    number = f'<span class="formula-number">(\0{meta["gap"]}\0)</span>'
    return f'<div class="formula" id="{escapeHtml(meta["anchor"])}">{formula}{number}</div>\n'


def _render_gap(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    token = tokens[index]
    gap = token.meta.get("gap")
    end = "\n" if token.type == "gap" else ""
    return "" if gap is None else f"\0{gap}\0{end}"


def _render_claim(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    meta = tokens[index].meta
    if "gap" not in meta:
        return ""
    return f'<span class="claim" id="{escapeHtml(meta["anchor"])}">\0{meta["gap"]}\0\0{meta["mark"]}\0</span>'


def _render_link_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any
) -> str:
    gap = tokens[index].meta.get("gap")
    return renderer.renderToken(tokens, index, options, env) + ("" if gap is None else f"\0{gap}\0")


def _render_table_open(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """Open a table in a place that scrolls: keys reach it, and its name is the table's head."""
    say = env[SAY]
    end = next(at for at in range(index, len(tokens)) if tokens[at].type == "thead_close")
    heads = [_spoken(token) for token in tokens[index:end] if token.type == "inline"]
    name = escapeHtml(", ".join(head for head in heads if head) or say("Table"))
    return f'<div class="table-scroll" role="group" aria-label="{name}" tabindex="0"><table>\n'


def mark_heads(state: StateCore) -> None:
    """Say that a head's cells are of their columns; an empty one, as over names of rows, is no head."""
    for index, token in enumerate(state.tokens):
        if token.type == "th_open" and state.tokens[index + 1].content.strip():
            token.attrSet("scope", "col")
        elif token.type == "th_open":
            token.tag = state.tokens[index + 2].tag = "td"


def _spoken(inline: Token) -> str:
    said = [child.content for child in inline.children or [] if child.type in ("text", "code_inline")]
    return "".join(said).strip()


def _render_heading_close(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    opening = next(token for token in reversed(tokens[:index]) if token.type == "heading_open")
    anchor = escapeHtml(str(opening.attrs["id"]))
    say = env[SAY]
    label = escapeHtml(say("Link to this section"))
    mark = f' <a class="anchor" href="#{anchor}" aria-label="{label}">#</a>'
    return f"{mark if opening.tag != 'h1' else ''}</{opening.tag}>\n"


def _render_fence(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: Mapping[str, Any]
) -> str:
    token = tokens[index]
    language = language_of(token)
    found = lexer(language) if language else None
    code = _highlighted(token.content, language) if found else escapeHtml(token.content)
    named = f' class="language-{escapeHtml(language)}"' if language else ""
    return f'<pre class="highlight" tabindex="0"><code{named}>{code}</code></pre>\n'


@lru_cache(maxsize=256)  # in an edited page the code is mostly as it was
def _highlighted(code: str, language: str) -> str:
    return highlight(code, lexer(language), _formatter())


def language_of(fence: Token) -> str:
    """Return the language that a fence names; empty when it names none."""
    return unescapeAll(fence.info).strip().partition(" ")[0]


@cache
def _formatter() -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True)


@cache
def lexer(language: str) -> Any:
    """Return what highlights a language; None for one that is not known."""
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


def container_name(info: str) -> str:
    """Return the name on a container's first line."""
    return info.strip().partition(" ")[0].strip("{}")


def container_of(token: Token) -> tuple[str, str]:
    """Return name and title, which may be empty, of a container's first line: ``note``, ``{note} Why``."""
    return container_name(token.info), token.info.strip().partition(" ")[2].strip()


def _is_container(info: str, *_: Any) -> bool:
    return re.match(r"\s*\{?[A-Za-z]", info) is not None


def _render_container(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    token = tokens[index]
    name, title = container_of(token)
    title = token.meta.get("title", title)
    if name == "figure" and token.nesting > 0 and token.meta.get("anchor"):
        return f'<figure class="figure" id="{escapeHtml(token.meta["anchor"])}">\n'
    if name in _PLAIN_CONTAINERS:
        return _PLAIN_CONTAINERS[name][token.nesting < 0]
    if name == TAB:
        return _render_tab(token, title)
    if name == "details":
        return f"<details>\n<summary>{escapeHtml(title)}</summary>\n" if token.nesting > 0 else "</details>\n"
    if token.nesting < 0:
        return "</aside>\n"
    start = f'<aside class="admonition admonition-{escapeHtml(name)}">'
    return f'{start}\n<p class="admonition-title">{escapeHtml(title)}</p>\n'


_PLAIN_CONTAINERS = {
    "figure": ('<figure class="figure">\n', "</figure>\n"),
    "numbers": ('<div class="numbers">\n', "</div>\n"),
    TABS: ('<div class="tabs">\n', "</div>\n"),
}


def _render_tab(token: Token, title: str) -> str:
    """Return a choice, its label and what it shows: styles alone let one be seen, so no script is needed."""
    if token.nesting < 0:
        return "</div>\n"
    name = f"{token.meta.get('tabs')}-{token.meta.get('tab')}"
    checked = " checked" if token.meta.get("tab") == 1 else ""
    group = f'name="{token.meta.get("tabs")}"{checked}'
    label = f'<label class="tab-label" id="{name}-label" for="{name}">{escapeHtml(title)}</label>'
    shown = f'<div class="tab" role="group" aria-labelledby="{name}-label">'
    return f'<input type="radio" class="tab-choice" id="{name}" {group}>{label}\n{shown}\n'
