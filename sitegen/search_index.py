"""Makes the index that readers search: pages by section, views, tables, columns and tools.

It is a script and no data file, so that a page opened from the disk can load it, too. For each word it
has the places that hold it, so that nothing is indexed again in the browser.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sitegen.sources import PageSource
from sitegen.tags import FOLDER as TAGS

FILE = "search-index.js"
GLOBAL = "sitegenSearchIndex"
TAG = "tag"
LONGEST_WORD = 24
_HEADING = re.compile(r'<h([1-6])(?: id="([^"]*)")?[^>]*>(.*?)</h\1>', re.DOTALL)
_ASIDE = re.compile(
    r'<math\b.*?</math>|<a class="anchor".*?</a>|<button\b.*?</button>|<section class="claims".*?</section>',
    re.DOTALL,
)
_TAG = re.compile(r"<[^>]*>|\0\w+\0")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Place:
    """What can be found."""

    kind: str
    """page, tag, section, view, table, column or tool."""
    title: str
    anchor: str
    text: str = ""

    @property
    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """How often each word stands in the title, and in the text."""
        return words(self.title), words(self.text)


def words(text: str) -> dict[str, int]:
    """Return how often each word stands in a text, as words are looked up.

    Numbers of many digits are none that anybody looks for.
    """
    counts = Counter(_WORD.findall(unicodedata.normalize("NFKC", text).lower()))
    return {
        word: count
        for word, count in counts.items()
        if len(word) <= LONGEST_WORD and not (len(word) > 6 and word.isdigit())
    }


Counted = tuple[Place, tuple[dict[str, int], dict[str, int]]]


def search_index(pages: Sequence[PageSource], counts: Sequence[Sequence[Counted]]) -> bytes:
    """Return the index as a script; ``counts`` are those of each page, as ``count_words`` returns them."""
    shown: set[tuple[str, str]] = set()
    titles: list[list[str]] = []
    docs: list[list[str | int]] = []
    terms: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for number, (source, counted) in enumerate(zip(pages, counts, strict=True)):
        titles.append([source.title, source.page.url])
        data = _counted(_data_places(source, shown))
        for place, found in (*counted, *data):
            doc = len(docs)
            for field, count in enumerate(found):
                for word, times in count.items():
                    terms[word][field].extend((doc, times))
            docs.append(
                [number, place.kind, place.title, place.anchor, *(sum(one.values()) for one in found)]
            )
    value = {"pages": titles, "docs": docs, "terms": dict(sorted(terms.items()))}
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"globalThis.{GLOBAL}={text};\n".encode()


def count_words(source: PageSource) -> tuple[Counted, ...]:
    """Return the page, its sections and its views, each with how often which words stand in it."""
    return _counted(_places(source))


def _counted(places: Iterable[Place]) -> tuple[Counted, ...]:
    return tuple((place, place.counts) for place in places)


def _places(source: PageSource) -> Iterator[Place]:
    """Yield the page itself, its sections and its views; of a tag's page its title alone."""
    if source.page.template == TAGS:
        yield Place(TAG, source.title, "")  # what it lists are other pages' own words
        return
    body = _ASIDE.sub(" ", source.document.html)
    found = [heading for heading in _HEADING.finditer(body) if heading.group(2) or heading.group(1) == "1"]
    first = found[0].start() if found else len(body)
    said = source.page.front.description
    opening = [heading for heading in found[:1] if heading.group(1) == "1"]
    rest = found[len(opening) :]
    start = opening[0].end() if opening else 0
    end = rest[0].start() if rest else len(body)
    before = _text(body[:first]) if opening else ""
    yield Place("page", source.title, "", f"{said} {before} {_text(body[start:end])}")
    for heading, following in zip(rest, [*rest[1:], None], strict=False):
        until = following.start() if following else len(body)
        yield Place(
            "section", _text(heading.group(3)), heading.group(2) or "", _text(body[heading.end() : until])
        )
    for block in source.document.blocks:
        if block.title:
            yield Place("view", block.title, block.id, block.help or "")


def _data_places(source: PageSource, shown: set[tuple[str, str]]) -> Iterator[Place]:
    """Yield the tables, their columns and the tools of a page, each at the page that shows it first."""
    blocks = source.document.blocks
    for table in (table for relation in source.relations for table in relation.tables):
        anchor = next((block.id for block in blocks if source.table_of(block) == table.name), "")
        tool = table.artifact
        for kind, name, said in (
            ("tool", tool.title or tool.name, f"{tool.tool} {tool.name}"),
            ("table", table.name, tool.title),
        ):
            if (kind, name) not in shown:
                shown.add((kind, name))
                yield Place(kind, name, anchor, said)
        for column in table.table.columns:
            if (table.name, column.name) not in shown:
                shown.add((table.name, column.name))
                yield Place("column", column.name, anchor, f"{column.description} {table.name}")


def _text(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())
