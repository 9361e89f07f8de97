"""Reads a page's Markdown: HTML with gaps where its views, numbers and lists go, and its headings and links.

Nothing here carries an inline style: the site's content security policy would drop it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from itertools import accumulate, pairwise
from urllib.parse import quote, urlsplit

from markdown_it.token import Token

from sitegen import links
from sitegen.blocks import PROSE, Block, Prose, is_block, read_block, with_texts
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.prose import check_prose, number_key, prose_parser
from sitegen.queries import Query, is_table, read_number, read_table
from sitegen.structured import line_of
from sitegen.syntax import CONTAINERS, TAB, TABS, container_name, container_of, language_of, lexer, parser
from sitegen.text import Text
from sitegen.values import QUERY, Values, fill_text, find, printable, say

SCHEMES = ("", "http", "https", "mailto", "tel")
"""How an address may begin."""
IMAGE_DATA = re.compile(r"data:image/(gif|png|jpeg|webp)[;,]", re.IGNORECASE)

# CommonMark turns NUL into U+FFFD, so a text can never forge a gap.
_GAP = re.compile("\0([vqlr])(\\d+)\0")
_VIEWS = re.compile("(?:\0v\\d+\0\\s*)+")
_OWN_ANCHOR = re.compile(r"\s*\{#([a-z][a-z0-9-]*)\}\s*$")
_BROKEN_FENCE = re.compile(
    r"(`{3,})[ \t]*(?:view|vega-lite|sql)[ \t](?:(?!\1)[^\n])*`(?:(?!\1)[^\n])*(?:\n|$)"
)
_HREF_MARK = re.compile(r"%7B%7B(?:%20)*([A-Za-z_][\w.-]*)(?:%20)*%7D%7D")


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
    where: str
    image: bool
    target: links.Target | None
    """What it points at; None when it leaves the site."""


@dataclass(frozen=True)
class PageList:
    """A list of the pages of a folder, to be put where a fence ``pages FOLDER`` stands."""

    folder: str
    """Path of the folder in the content folder, or of a Markdown file that makes many pages."""
    where: str


@dataclass(frozen=True)
class Said:
    """What takes the place of a number or a table."""

    html: str
    text: str
    """The same where no markup may stand, such as the page's title."""


@dataclass(frozen=True)
class Document:
    """A page's Markdown, read."""

    html: str
    """The body with gaps; see ``answered``, ``listed`` and ``fill``."""
    blocks: tuple[Block, ...]
    headings: tuple[Heading, ...]
    links: tuple[Link, ...]
    queries: tuple[Query, ...] = ()
    lists: tuple[PageList, ...] = ()
    references: tuple[Link, ...] = ()
    """Links without words of their own: they say what they lead to."""

    @property
    def title(self) -> str:
        """Text of the first heading of the first level; empty when there is none."""
        return next((heading.text for heading in self.headings if heading.level == 1), "")

    @property
    def anchors(self) -> frozenset[str]:
        """Every id that a link may point at."""
        tables = (query.table.anchor for query in self.queries if query.table and query.table.anchor)
        headings = (heading.anchor for heading in self.headings)
        return frozenset([*headings, *tables, *(block.id for block in self.blocks)])

    def answered(self, said: Sequence[Said]) -> Document:
        """Return the page with what its queries came to, in their order."""
        if not self.queries:
            return self
        texts = [one.text for one in said]

        def plain(text: str, _: str = "") -> str:
            return _filled(text, "q", texts)

        return replace(
            self,
            html=_filled(self.html, "q", [one.html for one in said]),
            headings=tuple(replace(heading, text=plain(heading.text)) for heading in self.headings),
            blocks=tuple(_with_prose(with_texts(block, plain), said) for block in self.blocks),
        )

    def with_blocks(self, groups: Sequence[Sequence[Block]], notes: Sequence[str]) -> Document:
        """Return the page with several views, or none, in the place of each, and HTML after them."""
        starts = [0, *accumulate(len(group) for group in groups)]
        gaps = [
            "".join(f"\0v{number}\0\n" for number in range(start, start + len(group))) + note
            for start, group, note in zip(starts, groups, notes, strict=False)
        ]
        blocks = tuple(block for group in groups for block in group)
        return replace(self, html=_filled(self.html, "v", gaps), blocks=blocks)

    def listed(self, lists: Sequence[str]) -> Document:
        """Return the page with its lists of pages, in their order."""
        return replace(self, html=_filled(self.html, "l", lists)) if self.lists else self

    def referred(self, names: Sequence[str]) -> Document:
        """Return the page with the words of its references, in their order."""
        said = [escape(name, quote=False) for name in names]
        return replace(self, html=_filled(self.html, "r", said)) if self.references else self

    def name_of(self, anchor: str) -> str:
        """Return what a place of the page is called: a heading, a view or a table; empty without a name."""
        named = {query.table.anchor: query.table.title for query in self.queries if query.table}
        named |= {block.id: block.title or "" for block in self.blocks}
        named |= {heading.anchor: heading.text for heading in self.headings}
        return named.get(anchor, "")

    def fill(self, figures: Mapping[str, str]) -> str:
        """Return the body with each view's figure (by its id) in its gap."""
        return _filled(self.html, "v", [figures[block.id] for block in self.blocks])


def _with_prose(block: Block, said: Sequence[Said]) -> Block:
    """Return a block with what the numbers of its text came to."""
    if block.prose is None:
        return block
    html = _filled(block.prose.html, "q", [one.html for one in said])
    texts = [one.text for one in said]
    numbers = tuple((key, _filled(gap, "q", texts)) for key, gap in block.prose.numbers)
    return replace(block, prose=replace(block.prose, html=html, numbers=numbers))


def _filled(text: str, kind: str, contents: Sequence[str]) -> str:
    def content(gap: re.Match[str]) -> str:
        return contents[int(gap.group(2))] if gap.group(1) == kind else gap.group()

    return _GAP.sub(content, text)


def parse(text: Text, path: str, problems: Problems, values: Values | None = None) -> Document:
    """Read the Markdown of the page at ``path``; problems are noted as of the files that lines are from."""
    tokens = parser().parse(text.body)
    reading = _Reading(text, path, values or {}, problems)
    reading.read(tokens)
    taken = {block.id for block in reading.blocks}
    taken |= {query.table.anchor for query in reading.queries if query.table}
    for block in reading.blocks:
        if block.id in reading.tabs:
            problems.add(
                block.where("id"), f'the id "{block.id}" is that of a tab', "give the view another one"
            )
    taken |= reading.tabs
    headings = tuple(_name_headings(tokens, taken, text, problems))
    _caption_figures(tokens)
    _drop_inline_styles(tokens)
    html = parser().renderer.render(tokens, parser().options, {})
    html = _VIEWS.sub(lambda run: f'<div class="grid">\n{run.group().strip()}\n</div>\n', html)
    return Document(
        html,
        tuple(reading.blocks),
        headings,
        tuple(reading.links),
        tuple(reading.queries),
        tuple(reading.lists),
        tuple(reading.references),
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

    def __init__(self, text: Text, path: str, values: Values, problems: Problems) -> None:
        self._text = text
        self._path = path
        self._values = values
        self._problems = problems
        self._counts: dict[str, int] = {}
        self.blocks: list[Block] = []
        self.queries: list[Query] = []
        self.lists: list[PageList] = []
        self.links: list[Link] = []
        self.references: list[Link] = []
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
            elif token.type == "inline" and _BROKEN_FENCE.match(token.content):
                what = "a fence of backticks has no backticks in its first line"
                hint = "write the text into the block: title: …; or begin and end the fence with ~~~"
                self._problems.add(self._text.where(line), what, hint)
            elif token.type == "inline":
                self._inline(token.children or [], line)

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
            block = read_block(info, token.content, place[0], int(place[2]), default_id, self._values, ask)
            if block.view == PROSE:
                block = replace(block, prose=self._prose(token.content, line + 1))
            self.blocks.append(block)
            token.meta = {"gap": f"v{len(self.blocks) - 1}"}
        elif is_table(info):
            token.type, token.hidden, token.meta = "gap", True, {}
            token.meta = self._query(partial(read_table, info, token.content), line)
        elif info.split()[:1] == ["pages"]:
            token.type, token.hidden, token.meta = "gap", True, {}
            token.meta = self._list(info, line)
        else:
            self._check_language(token, line)

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
        _drop_inline_styles(tokens)
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
            elif kind in ("value", "query", "link_open", "image"):
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
        self.links.append(Link(href, where, is_image, target))
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
            known = ("view", "vega-lite", "sql", "include", "pages", "python", "json", "yaml", "bash", "text")
            what = f'code in an unknown language "{language}"'
            self._problems.warn(self._text.where(line), what, nearest(language, known))

    def _container(self, token: Token, line: int, opened: Sequence[str]) -> None:
        """Read a container's title; raises for one that is not known, or stands where it may not."""
        name, title = container_of(token)
        where = self._text.where(line)
        if name not in CONTAINERS:
            raise SitegenError(where, f'unknown admonition "{name}"', nearest(name, CONTAINERS))
        if name == TABS:
            self._sets += 1
            self._open.append(_Tabs(f"tabs-{self._sets}"))
        elif name == TAB:
            self._tab(token, where, opened)
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


def _name_headings(
    tokens: Sequence[Token], taken: set[str], text: Text, problems: Problems
) -> Iterator[Heading]:
    """Yield the headings, giving each an anchor that no view and no earlier heading has.

    An author's own, ``## Results {#results}``, is kept when the words change; it has to be free.
    """
    named: dict[int, str] = {}
    for token, content in pairwise(tokens):
        own = _own_anchor(content) if token.type == "heading_open" else ""
        if own and own in taken:
            where = text.where((content.map or [0])[0])
            problems.add(where, f'the id "{own}" is that of something else', "give the heading another one")
        named[id(content)] = own
        taken |= {own} - {""}
    for token, content in pairwise(tokens):
        if token.type != "heading_open":
            continue
        said = "".join(_plain(child) for child in content.children or ())
        if named[id(content)]:
            token.attrs["id"] = named[id(content)]
            yield Heading(int(token.tag[1:]), said, named[id(content)])
            continue
        # Computed numbers change with the data; the links to a section should not.
        wanted = anchor = links.slug(_GAP.sub("", said))
        number = 1
        while anchor in taken:
            anchor, number = f"{wanted}-{number}", number + 1
        taken.add(anchor)
        token.attrs["id"] = anchor
        yield Heading(int(token.tag[1:]), said, anchor)


def _own_anchor(token: Token) -> str:
    """Take an author's own anchor off the end of a heading's words, and return it; empty without one."""
    last = token.children[-1] if token.children else None
    found = _OWN_ANCHOR.search(last.content) if last is not None and last.type == "text" else None
    if last is None or found is None:
        return ""
    last.content = last.content[: found.start()]
    return found.group(1)


def _plain(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.type == "query":
        gap = token.meta.get("gap")
        return f"\0{gap}\0" if gap else ""
    return token.content if token.type in ("text", "code_inline", "image") else ""


def _caption_figures(tokens: list[Token]) -> None:
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


def _drop_inline_styles(tokens: Sequence[Token]) -> None:
    """Say a table cell's alignment by class."""
    for token in tokens:
        style = str(token.attrs.pop("style", ""))
        if style:
            token.attrs["class"] = style.replace("text-align:", "align-")
