"""Reads a page's Markdown: HTML with gaps where its views, numbers and lists go, and its headings and links.

Nothing here carries an inline style: the site's content security policy would drop it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import quote, urlsplit

from markdown_it.token import Token

from sitegen import links
from sitegen.bibliography import Citation, read_citation
from sitegen.blocks import PROSE, Block, Prose, is_block, read_block
from sitegen.claims import NAME as CLAIM
from sitegen.claims import Claim, is_claim, read_options, sentence_of, split_info
from sitegen.document import FIGURE, FORMULA, TABLE, CardPart, Document, Item, Link, PageList
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.formulas import mathml
from sitegen.headings import (
    OWN_ANCHOR,
    caption_figures,
    drop_inline_styles,
    name_headings,
    plain_text,
)
from sitegen.languages import Words
from sitegen.prose import check_prose, number_key, prose_parser
from sitegen.queries import Query, is_table, read_number, read_table
from sitegen.structured import line_of
from sitegen.syntax import (
    CONTAINERS,
    SAY,
    TAB,
    TABS,
    container_name,
    container_of,
    language_of,
    lexer,
    parser,
)
from sitegen.text import Text
from sitegen.values import QUERY, Values, fill_text, find, printable, say

SCHEMES = ("", "http", "https", "mailto", "tel")
"""How an address may begin."""
SPECIAL = ("value", "query", "claim", "link_open", "image", "math_inline", "citation")
"""Tokens of a text that stand for something else."""
SUMMARY = "summary"
"""The view that becomes many, none of which is numbered."""
IMAGE_DATA = re.compile(r"data:image/(gif|png|jpeg|webp)[;,]", re.IGNORECASE)

_VIEWS = re.compile("(?:\0v\\d+\0\\s*)+")
_BROKEN_FENCE = re.compile(
    r"(`{3,})[ \t]*(?:view|vega-lite|sql)[ \t](?:(?!\1)[^\n])*`(?:(?!\1)[^\n])*(?:\n|$)"
)
_HREF_MARK = re.compile(r"%7B%7B(?:%20)*([A-Za-z_][\w.-]*)(?:%20)*%7D%7D")


Parsed = tuple[Document, Problems]
"""A page, read, and what is wrong with it."""


def parse(
    text: Text, path: str, problems: Problems, values: Values | None = None, words: Words | None = None
) -> Document:
    """Read the Markdown of the page at ``path``; problems are noted as of the files that lines are from."""
    tokens = parser().parse(text.body)
    words = words or Words()
    reading = _Reading(text, path, values or {}, words, problems)
    reading.read(tokens)
    taken = {block.id for block in reading.blocks}
    taken |= {query.table.anchor for query in reading.queries if query.table}
    for block in reading.blocks:
        if block.id in reading.tabs:
            problems.add(
                block.where("id"), f'the id "{block.id}" is that of a tab', "give the view another one"
            )
    taken |= reading.tabs | {claim.id for claim in reading.claims} | {item.anchor for item in reading.items}
    headings = tuple(name_headings(tokens, taken, text, problems))
    caption_figures(tokens)
    drop_inline_styles(tokens)
    html = parser().renderer.render(tokens, parser().options, {SAY: words.say})
    html = _VIEWS.sub(lambda run: f'<div class="grid">\n{run.group().strip()}\n</div>\n', html)
    return Document(
        html,
        tuple(reading.blocks),
        headings,
        tuple(reading.links),
        tuple(reading.queries),
        tuple(reading.lists),
        tuple(reading.references),
        tuple(reading.items),
        tuple(reading.citations),
        claims=tuple(reading.claims),
        cards=tuple(reading.cards),
    )


@dataclass
class _Said:
    """What stands in a text for something else: values by name, and numbers with their gaps, in order."""

    values: dict[str, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def note(self, tokens: Sequence[Token], values: Values) -> None:
        """Note what is named in some text, before it is put in."""
        for token in tokens:
            if token.type == "query":
                self.numbers.append(number_key(token))
            names = [token.content] if token.type == "value" else _named(token)
            self.values |= {name: say(values[name]) for name in names if name in values}
            self.note(token.children or [], values)


def _named(token: Token) -> list[str]:
    """Return the values that an address names."""
    href = str(token.attrs.get("href", token.attrs.get("src", "")))
    return _HREF_MARK.findall(href)


@dataclass
class _Tabs:
    """A set of tabs while it is read."""

    name: str
    tabs: int = 0


class _Reading:
    """One page while it is read: what was found, and what is wrong with it."""

    def __init__(self, text: Text, path: str, values: Values, words: Words, problems: Problems) -> None:
        self._text = text
        self._path = path
        self._values = values
        self._words = words
        self._problems = problems
        self._counts: dict[str, int] = {}
        self.blocks: list[Block] = []
        self.queries: list[Query] = []
        self.lists: list[PageList] = []
        self.links: list[Link] = []
        self.references: list[Link] = []
        self.items: list[Item] = []
        self.citations: list[Citation] = []
        self.claims: list[Claim] = []
        self.cards: list[CardPart] = []
        self.tabs: set[str] = set()
        """Ids of the choices of tabs."""
        self._sets = 0
        self._open: list[_Tabs] = []

    def read(self, tokens: Sequence[Token]) -> None:
        """Leave a gap for each block, number and list; put values in, turn links into the page's."""
        line = 0
        opened: list[str] = []
        for token in tokens:
            line = token.map[0] if token.map else line
            self._check_tabs(token, line, opened)
            if token.type == "container_container_open":
                with self._problems.collected():
                    self._container(token, line, opened)
                opened.append(token.info)
            elif token.type == "container_container_close":
                token.info = opened.pop()
            elif token.type == "fence":
                with self._problems.collected():
                    self._fence(token, line)
            elif token.type in ("math_block", "math_block_label"):
                with self._problems.collected():
                    self._formula(token, line)
            elif token.type == "inline" and _BROKEN_FENCE.match(token.content):
                what = "a fence of backticks has no backticks in its first line"
                hint = "write the text into the block: title: …; or begin and end the fence with ~~~"
                self._problems.add(self._text.where(line), what, hint)
            elif token.type == "inline":
                self._text_of(token, line)

    def _text_of(self, inline: Token, line: int) -> None:
        """Read a text, and give the claims in it the sentence that they stand in."""
        known = len(self.claims)
        self._inline(inline.children or [], line)
        if len(self.claims) == known:
            return
        said = plain_text(inline)
        self.claims[known:] = [
            replace(claim, text=sentence_of(said, f"\0q{claim.queries[0]}\0"))
            for claim in self.claims[known:]
        ]

    def _item(self, kind: str, anchor: str, line: int) -> str:
        """Note what may be numbered, and return the gap for its number."""
        self.items.append(Item(kind, anchor, self._text.where(line)))
        return f"n{len(self.items) - 1}"

    def _formula(self, token: Token, line: int) -> None:
        where = self._text.where(line)
        token.meta["mathml"] = mathml(token.content, where, is_block=True)
        if token.type == "math_block_label":
            name = token.info.strip()
            if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
                what = f'the name "{name}" of a formula is not lower-case letters, digits and hyphens'
                raise SitegenError(where, what)
            token.meta |= {"anchor": name, "gap": self._item(FORMULA, name, line)}

    def _fence(self, token: Token, line: int) -> None:
        info = token.info
        if is_block(info):
            # Hidden at once: a block that cannot be read leaves nothing.
            token.type, token.hidden, token.meta = "gap", True, {}
            place = self._text.where(line).rpartition(":")
            name = _view_name(info)
            self._counts[name] = self._counts.get(name, 0) + 1
            default_id = f"{name}-{self._counts[name]}"
            ask = partial(self._asked, token.content, line)
            file, number = place[0], int(place[2])
            block = read_block(
                info, token.content, file, number, default_id, self._values, ask, self._problems
            )
            if block.view == PROSE:
                block = replace(block, prose=self._prose(token.content, line + 1))
            self.blocks.append(block)
            if block.title and block.view not in (PROSE, SUMMARY):
                self._item(FIGURE, block.id, line)
            token.meta = {"gap": f"v{len(self.blocks) - 1}"}
        elif is_table(info):
            token.type, token.hidden, token.meta = "gap", True, {}
            token.meta = self._query(partial(read_table, info, token.content), line)
            table = self.queries[-1].table
            if table and table.anchor and table.title:
                self._item(TABLE, table.anchor, line)
        elif is_claim(info):
            self._claim_block(token, line)
        elif info.split()[:1] == ["pages"]:
            token.type, token.hidden, token.meta = "gap", True, {}
            token.meta = self._list(info, line)
        elif info.split()[:1] == ["card"]:
            token.type, token.hidden = "gap", True
            self.cards.append(CardPart(" ".join(info.split()[1:]), self._text.where(line)))
            token.meta = {"gap": f"k{len(self.cards) - 1}"}
        else:
            self._check_language(token, line)

    def _claim_block(self, token: Token, line: int) -> None:
        """Read a sentence with its numbers, of which one at least is expected to be something."""
        # Hidden at once: a claim that cannot be read leaves nothing.
        token.type, info = "claim_block", token.info.strip().removeprefix(CLAIM)
        claim = self._claim_named(info, line)
        asked = len(self.queries)
        tokens = parser().parse(token.content.strip("\n"))
        if [one.type for one in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
            what = "a claim is one sentence, or a few in one paragraph"
            raise SitegenError(claim.where, what, "put views, lists and headings outside of it")
        skipped = len(token.content) - len(token.content.lstrip("\n"))
        self._inline(tokens[1].children or [], line + 1 + skipped)
        self.queries[asked:] = [replace(query, claim=claim.id) for query in self.queries[asked:]]
        numbers = range(asked, len(self.queries))
        if not any(self.queries[number].expect for number in numbers):
            what = "the claim expects nothing of its numbers" if numbers else "the claim has no number"
            raise SitegenError(claim.where, what, "write a number as {sql expect=0.9..0.95}`select …`")
        text = plain_text(tokens[1])
        claim = replace(claim, queries=tuple(numbers), text=text, is_block=True)
        said = parser().renderer.render(tokens[1:2], parser().options, {})
        mark = f"\0k{len(self.claims)}\0"
        self.claims.append(claim)
        token.meta["html"] = f'<p class="claim claim-block" id="{claim.id}">{said} {mark}</p>\n'

    def _claim(self, token: Token, line: int) -> None:
        """Leave gaps for an inline claim's number and mark."""
        of_number, own = split_info(token.info)
        claim = self._claim_named(own, line)
        read = partial(read_number, of_number, token.content)
        gap = self._query(read, line + token.meta.pop("before"))
        number = len(self.queries) - 1
        if self.queries[number].expect is None:
            raise SitegenError(
                claim.where, "the claim expects nothing", "write {claim expect=0.9..0.95}`select …`"
            )
        self.queries[number] = replace(self.queries[number], claim=claim.id)
        token.meta |= gap | {"anchor": claim.id, "mark": f"k{len(self.claims)}"}
        self.claims.append(replace(claim, queries=(number,)))

    def _claim_named(self, info: str, line: int) -> Claim:
        """Read what a claim says beside its numbers, and note its link."""
        where = self._text.where(line)
        base = self._text.place(line).path or self._path
        claim = read_options(info, where, f"claim-{len(self.claims) + 1}", base, self._values)
        if any(claim.id == other.id for other in self.claims):
            raise SitegenError(
                where, f'the id "{claim.id}" stands twice in the page', "give one another id=…"
            )
        if claim.target and claim.view.startswith("#"):
            claim = replace(claim, target=replace(claim.target, path=self._path))
        if claim.target:
            self.links.append(Link(claim.view, where, False, claim.target))
        return claim

    def _prose(self, body: str, first: int) -> Prose:
        """Read the text of a Markdown block, whose first line is ``first``, as the page's own is read."""
        tokens = prose_parser().parse(body)
        said = _Said()
        line = 0
        for token in tokens:
            line = token.map[0] if token.map else line
            if token.type == "inline":
                children = token.children or []
                with self._problems.collected():
                    check_prose(children, self._text.where(first + line))
                said.note(children, self._values)
                asked = len(self.queries)
                self._inline(children, first + line)
                said.gaps += [f"\0q{number}\0" for number in range(asked, len(self.queries))]
        drop_inline_styles(tokens)
        html = prose_parser().renderer.render(tokens, prose_parser().options, {})
        base = self._text.place(first).path or self._path
        numbers = zip(said.numbers, said.gaps, strict=False)
        return Prose(html, base, tuple(said.values.items()), tuple(numbers))

    def _asked(self, body: str, line: int, text: str, key: str) -> str:
        """Return a text of a block with a gap for each number in it."""
        return self._with_numbers(text, line + line_of(body, key, 1))

    def _with_numbers(self, text: str, line: int) -> str:
        """Return a plain text with a gap for each number that SQL computes in it."""

        def gap(found: re.Match[str]) -> str:
            read = partial(read_number, found.group(1) or "", found.group(3).strip())
            return f"\0{self._query(read, line)['gap']}\0"

        return QUERY.sub(gap, printable(text))

    def _query(self, read: Callable[..., Query], line: int) -> dict[str, str]:
        file, _, number = self._text.where(line).rpartition(":")
        self.queries.append(read(file, int(number), f"query-{len(self.queries) + 1}", self._values))
        return {"gap": f"q{len(self.queries) - 1}"}

    def _list(self, info: str, line: int) -> dict[str, str]:
        where = self._text.where(line)
        name = info.strip().removeprefix("pages").strip().strip('"')
        if not name:
            raise SitegenError(where, "the list names no folder of pages", "write ```pages guides")
        base = self._text.place(line).path or self._path
        self.lists.append(PageList(links.resolve(base, quote(name.rstrip("/"))).path, where))
        return {"gap": f"l{len(self.lists) - 1}"}

    def _inline(self, children: Sequence[Token], line: int) -> None:
        for child, following in zip(children, [*children[1:], None], strict=False):
            kind = child.type
            if kind in ("softbreak", "hardbreak"):
                line += 1
            elif kind in SPECIAL:
                with self._problems.collected():
                    self._special(child, line)
                if kind == "link_open" and following and following.type == "link_close":
                    self._refer(child)
                line += child.meta.pop("lines", 0)
                if child.children:
                    self._inline(child.children, line)

    def _special(self, token: Token, line: int) -> None:
        """Put a value or the gap of a number in, or turn a link into the page's."""
        if token.type == "value":
            token.type = "text"
            token.content = say(find(self._values, token.content, self._text.where(line)))
        elif token.type == "query":
            read = partial(read_number, token.info, token.content)
            token.meta |= self._query(read, line + token.meta.pop("before"))
        elif token.type == "claim":
            self._claim(token, line)
        elif token.type == "math_inline":
            token.meta["mathml"] = mathml(token.content, self._text.where(line))
        elif token.type == "citation":
            token.meta["gap"] = f"c{len(self.citations)}"
            self.citations.append(read_citation(token.content, self._text.where(line)))
        else:
            self._link(token, line)

    def _link(self, token: Token, line: int) -> None:
        """Note what a link points at, and turn it into the page's; raises when it may not be one."""
        attribute = "src" if token.type == "image" else "href"
        where = self._text.where(line)
        written, token.attrs[attribute] = str(token.attrs[attribute]), "#"
        href = self._href(written, where)
        is_image = token.type == "image"
        scheme = urlsplit(href).scheme.lower()
        if scheme not in SCHEMES and not (is_image and IMAGE_DATA.match(href)):
            hint = "a page links to pages and files of the report, to the web and to mail"
            raise SitegenError(where, f'the address "{href[:80]}" is not followed', hint)
        # An anchor alone is one of the page that shows the text, whatever file the text is from.
        base = self._path if href.startswith("#") else self._text.place(line).path or self._path
        target = None if links.is_external(href) else links.resolve(base, href)
        is_number = bool(token.meta.get("number"))
        self.links.append(Link(href, where, is_image, target, is_number))
        token.attrs[attribute] = links.rewrite(base, href, self._path)

    def _refer(self, token: Token) -> None:
        """Leave a gap for the words of a link that has none, unless the link was refused."""
        if self.links and token.attrs.get("href") != "#":
            token.meta["gap"] = f"r{len(self.references)}"
            self.references.append(self.links[-1])

    def _href(self, href: str, where: str) -> str:
        """Return an address with its values: one that stands alone is the address, others are parts of it."""
        whole = _HREF_MARK.fullmatch(href)
        if whole:
            return parser().normalizeLink(say(find(self._values, whole.group(1), where)))
        return _HREF_MARK.sub(
            lambda mark: quote(say(find(self._values, mark.group(1), where)), safe=""), href
        )

    def _check_language(self, token: Token, line: int) -> None:
        language = language_of(token)
        if language and lexer(language) is None:
            known = (
                "view",
                "vega-lite",
                "sql",
                "claim",
                "include",
                "pages",
                "card",
                "python",
                "json",
                "yaml",
                "bash",
                "text",
            )
            what = f'code in an unknown language "{language}"'
            self._problems.warn(self._text.where(line), what, nearest(language, known))

    def _container(self, token: Token, line: int, opened: Sequence[str]) -> None:
        """Read a container's title; raises for one that is not known, or stands where it may not."""
        name, title = container_of(token)
        where = self._text.where(line)
        if name not in CONTAINERS:
            raise SitegenError(where, f'unknown admonition "{name}"', nearest(name, CONTAINERS))
        if name == FIGURE and (own := OWN_ANCHOR.fullmatch(title)):
            token.meta |= {"anchor": own.group(1), "gap": self._item(FIGURE, own.group(1), line)}
        if name == TABS:
            self._sets += 1
            self._open.append(_Tabs(f"tabs-{self._sets}"))
        elif name == TAB:
            self._tab(token, where, opened)
        title = title or self._words.say(name.capitalize())
        # Numbers are taken out first: a value is never taken for SQL.
        token.meta["title"] = fill_text(self._with_numbers(title, line), self._values, where)

    def _tab(self, token: Token, where: str, opened: Sequence[str]) -> None:
        around = container_name(opened[-1]) if opened else ""
        if around != TABS:
            hint = "write :::: tab-set around it, with more colons than those of its tabs"
            raise SitegenError(where, "a tab stands in no set of tabs", hint)
        group = self._open[-1]
        group.tabs += 1
        if not token.info.strip().partition(" ")[2].strip():
            raise SitegenError(where, "the tab has no name", "write ::: tab-item NAME")
        token.meta |= {"tabs": group.name, "tab": group.tabs}
        self.tabs.add(f"{group.name}-{group.tabs}")

    def _check_tabs(self, token: Token, line: int, opened: Sequence[str]) -> None:
        """Note what stands in a set of tabs beside its tabs, and a set without any."""
        if not opened or container_name(opened[-1]) != TABS:
            return
        if token.type == "container_container_close" and not self._open.pop().tabs:
            what = "the set of tabs has none"
            self._problems.add(self._text.where(line), what, "write ::: tab-item NAME for each")
        is_outside = token.nesting >= 0 and token.type != "container_container_open" and token.map
        if is_outside and token.type != "inline":
            where = self._text.where(line)
            what = "a set of tabs holds its tabs and nothing else"
            self._problems.add(where, what, "put it into a tab, or before the set")


def _view_name(info: str) -> str:
    words = info.split()
    return words[1] if words[0] == "view" and len(words) > 1 else words[0]
