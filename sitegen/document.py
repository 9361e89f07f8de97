"""A page's Markdown, read: HTML with gaps, and what fills them: numbers, views, lists, links."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from itertools import accumulate
from typing import Any

from sitegen import links
from sitegen.bibliography import ANCHOR, Citation
from sitegen.blocks import Block, with_texts
from sitegen.claims import Claim
from sitegen.headings import GAP, Heading
from sitegen.queries import Query


@dataclass(frozen=True)
class Link:
    """A link or an image, as written."""

    href: str
    where: str
    image: bool
    target: links.Target | None
    """What it points at; None when it leaves the site."""
    is_number: bool = False
    """Whether it says the number of what it leads to."""


@dataclass(frozen=True)
class PageList:
    """A list of the pages of a folder, to be put where a fence ``pages FOLDER`` stands."""

    folder: str
    """Path of the folder in the content folder, or of a Markdown file that makes many pages."""
    where: str


@dataclass(frozen=True)
class CardPart:
    """What a card's page shows by itself, where a fence ``card NAME`` stands."""

    name: str
    where: str


FIGURE, TABLE, FORMULA = "figure", "table", "formula"


@dataclass(frozen=True)
class Item:
    """What has a number where somebody refers to it."""

    kind: str
    anchor: str
    where: str


@dataclass(frozen=True)
class Said:
    """What takes the place of a number or a table."""

    html: str
    text: str
    """The same where no markup may stand, such as the page's title."""
    value: Any = None
    """Of a number: what the query answered."""
    unit: str = ""
    """Of a time: its zone, which the text ends with."""
    sql: str = ""
    """Of a claim's answer that is no number: its statement as a page's engine asks it."""
    written: str | None = None
    """What that answers, as the database writes it."""
    rows: int | None = None
    """Of a claim's number: how many rows it was computed from, where the query tells."""


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
    items: tuple[Item, ...] = ()
    """Figures, tables and formulas that may be numbered, in order."""
    citations: tuple[Citation, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    """What is numbered, by anchor: ``Figure 2``."""
    cards: tuple[CardPart, ...] = ()
    works: frozenset[str] = frozenset()
    """Anchors of the works that it cites, as its list has them."""
    claims: tuple[Claim, ...] = ()
    """In the order of the page."""

    @property
    def title(self) -> str:
        """Text of the first heading of the first level; empty when there is none."""
        return next((heading.text for heading in self.headings if heading.level == 1), "")

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Every id that a link may point at."""
        tables = (query.table.anchor for query in self.queries if query.table and query.table.anchor)
        headings = (heading.anchor for heading in self.headings)
        items = (item.anchor for item in self.items)
        named = [*(block.id for block in self.blocks), *(claim.id for claim in self.claims)]
        return frozenset([*headings, *tables, *items, *self.works, *named])

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

    def worded(self, text: str, said: Sequence[Said]) -> str:
        """Return a plain text of the page with what its queries came to."""
        return _filled(text, "q", [one.text for one in said])

    def verified(self, marks: Sequence[str], listed: str) -> Document:
        """Return the page with the marks of its claims as HTML, in their order, and a list at its end."""
        return replace(self, html=_filled(self.html, "k", marks) + listed) if self.claims else self

    def listed(self, lists: Sequence[str]) -> Document:
        """Return the page with its lists of pages, in their order."""
        return replace(self, html=_filled(self.html, "l", lists)) if self.lists else self

    def carded(self, parts: Sequence[str]) -> Document:
        """Return the page with the parts of its card as HTML, in their order."""
        return replace(self, html=_filled(self.html, "k", parts)) if self.cards else self

    def referred(self, names: Sequence[str]) -> Document:
        """Return the page with the words of its references, in their order."""
        said = [escape(name, quote=False) for name in names]
        return replace(self, html=_filled(self.html, "r", said)) if self.references else self

    def counted(self, numbers: Sequence[str]) -> Document:
        """Return the page with the numbers of its items, in their order; an empty one for none."""
        said = [escape(number, quote=False) for number in numbers]
        return replace(self, html=_filled(self.html, "n", said))

    def cited(self, said: Sequence[str], listed: str, heading: str, works: frozenset[str]) -> Document:
        """Return the page with its citations as HTML, in their order, and the list of works at its end."""
        html = _filled(self.html, "c", said)
        if not listed:
            return replace(self, html=html)
        title = f'<h2 id="{ANCHOR}">{escape(heading)}</h2>\n'
        headings = (*self.headings, Heading(2, heading, ANCHOR))
        return replace(self, html=f"{html}{title}{listed}", headings=headings, works=works)

    def name_of(self, anchor: str) -> str:
        """Return what a place of the page is called: a heading, a view or a table; empty without a name."""
        named = dict(self.numbers)
        named |= {query.table.anchor: query.table.title for query in self.queries if query.table}
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

    return GAP.sub(content, text)
