"""Everything that a build is made from, read and joined: pages with their tables, files, artifacts, theme."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipelines.contract import Manifest
from sitegen.answers import Answers, Rows, Statement
from sitegen.assets import EDITOR, Theme, files_of, load_theme, media_of
from sitegen.bibliography import HEADING, Bibliography, Entry, cite, read_bibliography
from sitegen.blocks import EDIT, Block
from sitegen.bundled import THEMES
from sitegen.catalog import Catalog, CatalogTable, Relation, describe, facts, join, load_catalog
from sitegen.charts import with_chart
from sitegen.claims import Claim
from sitegen.config import Config
from sitegen.content import Content, Page, load_content
from sitegen.document import Document, Link, PageList, Said
from sitegen.editing import Source, find_source
from sitegen.errors import Problems, nearest
from sitegen.facts import Metric
from sitegen.languages import Words, read_words
from sitegen.links import base_of, relative_url
from sitegen.many import expand_pages
from sitegen.markdown import Parsed, parse
from sitegen.memo import Memo, Name
from sitegen.numbering import number, number_of
from sitegen.numbers import is_number, is_undefined
from sitegen.prose import clean
from sitegen.queries import Query, read_number
from sitegen.rows import say_number, say_table
from sitegen.summaries import with_summaries
from sitegen.values import QUERY, fill_text, inlined, printable


@dataclass(frozen=True)
class ClaimedNumber:
    """A number of a claim, as the build computed it."""

    query: Query
    said: Said
    tables: tuple[CatalogTable, ...]

    @property
    def holds(self) -> bool:
        """Whether it is what is expected of it; True where nothing is."""
        return self.query.expect is None or self.query.expect.holds(self.said.value)

    @property
    def sql(self) -> str:
        """The statement with the page's values in it."""
        return inlined(self.query.sql, self.query.parameters)


@dataclass(frozen=True)
class CheckedClaim:
    """A claim with its numbers."""

    claim: Claim
    sentence: str
    """Without markup, with what its numbers came to."""
    numbers: tuple[ClaimedNumber, ...]

    @property
    def holds(self) -> bool:
        """Whether all its numbers are what is expected of them."""
        return all(number.holds for number in self.numbers)


SLICES = 1000
"""Rows of a metric that a card takes, each a slice of the data."""


@dataclass(frozen=True)
class PageSource:
    """A page, read, with the tables that its views show."""

    page: Page
    document: Document
    relations: tuple[Relation, ...]
    asked: tuple[CatalogTable, ...] = ()
    """Tables that its numbers and tables in the text come from."""
    listed: tuple[str, ...] = ()
    """Paths of the pages that it lists."""
    members: Mapping[str, str] = field(default_factory=dict)
    """By id of a view with a filter: the boolean column of its relation that is true in the rows meant."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    """By id of a view that readers can edit: where its block stands."""
    artifacts: tuple[Manifest, ...] = ()
    """The artifacts that views may tell of: those shown, what they were made from, what was made of them."""
    claims: tuple[CheckedClaim, ...] = ()
    claimed: tuple[Relation, ...] = ()
    """Tables of its claims that another page shows and this one does not: fetched to ask a claim again."""

    measures: tuple[tuple[Metric, Rows], ...] = ()
    """What the queries of a card's metrics answered."""
    notice: str = ""
    """What readers are told before anything else, as HTML; empty for nothing."""
    linked_data: str = ""
    """What a card is about, as JSON-LD for search engines, safe inside a script element."""

    @property
    def title(self) -> str:
        """The page's name: as its front matter says, else its first heading, else its file's name."""
        return self.page.front.title or self.document.title or Path(self.page.path).stem

    def table_of(self, block: Block) -> str | None:
        """Return the name of the table that a block shows; None for a view of the whole page."""
        return block.table or self.page.front.table or None

    def is_untold(self, block: Block) -> bool:
        """Say whether a block shows a table that the front matter may name, and which could not be read."""
        return self.table_of(block) is None and "table" in self.page.unread

    def tables(self) -> dict[str, dict[str, Any]]:
        """Return the page's tables as the theme reads them, by name."""
        base = base_of(self.page.url)
        return {
            table.name: describe(table, relation, media_of(table, base))
            for relation in self.relations
            for table in relation.tables
        }

    def view(self, block: Block) -> dict[str, Any]:
        """Return a block as the page's payload holds it."""
        member = self.members.get(block.id)
        return {
            **({"member": member} if member else {}),
            "view": block.view,
            "id": block.id,
            "title": block.title,
            "help": block.help,
            "width": block.width,
            "height": block.height,
            "options": {"edited": block.id in self.sources} if block.prose else block.options,
            "table": self.table_of(block),
        }

    def edited(self) -> dict[str, dict[str, Any]]:
        """Return what a page holds for the views that readers can edit, by id."""
        blocks = {block.id: block for block in self.document.blocks}
        return {name: self._edited(blocks[name], source) for name, source in self.sources.items()}

    def _edited(self, block: Block, source: Source) -> dict[str, Any]:
        found = {
            **asdict(source),
            **({"text": block.text} if source.problem else {}),
            "shared": bool(self.page.template) or block.file != self.page.file,
        }
        if block.prose:
            found |= {
                "page": self.page.path,
                "base": block.prose.path,
                "values": dict(block.prose.values),
                "numbers": dict(block.prose.numbers),
            }
        if block.offered:
            member = self.members.get(block.id)
            views = [self.view(chart) | ({"member": member} if member else {}) for chart in block.offered]
            found |= {"charts": views, "files": self._files().get(block.table, [])}
        return found

    def _files(self) -> dict[str, list[dict[str, Any]]]:
        """Return the Parquet of each table, as the page offers it."""
        base = base_of(self.page.url)
        tables = (table for relation in self.relations for table in relation.tables)
        return {table.name: files_of(table, base) for table in tables}

    def _drawn(self, block: Block) -> dict[str, Any]:
        """Return a block as it is drawn at build: with the HTML of its text, which no page holds twice."""
        found = self.view(block)
        if block.prose:
            found["options"] = {**found["options"], "html": clean(block.prose.html)}
        return found

    def requests(self) -> list[tuple[Block, dict[str, Any]]]:
        """Return each block with what the theme is asked at build."""
        tables, files = self.tables(), self._files()

        def shown(block: Block) -> dict[str, Any] | None:
            found = tables.get(self.table_of(block) or "") or next(iter(tables.values()), None)
            member = self.members.get(block.id)
            return {**found, "member": member} if found and member else tables.get(self.table_of(block) or "")

        artifacts = {manifest.name: facts(manifest) for manifest in self.artifacts}
        figures = [
            {"id": block.id, "title": block.title or "", "view": block.view} for block in self.document.blocks
        ]
        return [
            (
                block,
                {
                    **self._drawn(block),
                    "table": shown(block),
                    "tables": tables,
                    "artifacts": artifacts,
                    "figures": figures,
                    "files": files.get(self.table_of(block) or "", []),
                },
            )
            for block in self.document.blocks
        ]


@dataclass(frozen=True)
class Sources:
    """All that a build reads; what is missing from it was noted as a problem."""

    config: Config
    content: Content
    pages: tuple[PageSource, ...]
    catalog: Catalog
    theme: Theme
    words: Words = field(default_factory=Words)
    """What the interface says in the site's language."""
    unmade: frozenset[str] = frozenset()
    """Paths of the files that should make many pages, and cannot for a reason that was noted."""

    @property
    def many(self) -> frozenset[str]:
        """Paths of the files that make many pages."""
        return frozenset(page.path for page in self.content.pages if page.makes_many)

    @property
    def shown(self) -> Mapping[str, CatalogTable]:
        """The tables that some page shows, by name; of a data card also those that its numbers are of."""
        relations = (relation for source in self.pages for relation in source.relations)
        asked = (source.asked for source in self.pages if source.page.front.card == "data")
        shown = {table.name: table for relation in relations for table in relation.tables}
        return shown | {table.name: table for tables in asked for table in tables}


def read_sources(config: Config, memo: Memo, problems: Problems) -> Sources:
    """Read everything; what cannot be read is noted and left out. Raises without a theme."""
    theme = load_theme(config.theme, config.site.theme, config.themes, memo=memo)
    catalog = load_catalog(config.artifacts, memo, problems)
    content = load_content(
        config.content, config.snippets, config.root, memo, problems, with_drafts=config.build.drafts
    )
    values = {f"site.{item.name}": getattr(config.site, item.name) for item in fields(config.site)}
    answers, unmade = Answers(catalog, config.artifacts), set[str]()
    try:
        known = {**values, **config.constants}
        made = list(expand_pages(content.pages, known, answers, memo, problems, unmade))
        words = read_words([*theme.folders, THEMES / "default"], config.site.language)
        parsed = number(made, memo.recall_each([_parsing(page, words) for page in made]), words.say)
        works = _bibliography(config, problems)
        parsed = [
            (_with_citations(document, config, works, words, noted), noted) for document, noted in parsed
        ]
        read = partial(
            _read_page, words=words, catalog=catalog, answers=answers, memo=memo, problems=problems
        )
        pages = tuple(
            read(page, each, config, can_edit=EDITOR in theme.urls)
            for page, each in zip(made, parsed, strict=True)
        )
    finally:
        answers.close()
    named = partial(_with_references, by_address(pages), problems)
    listed = map(named, _with_lists(pages, unmade, problems))
    return Sources(
        config, content, tuple(listed), catalog, theme.speaking(words.json), words, frozenset(unmade)
    )


def _read_page(
    page: Page,
    parsed: Parsed,
    config: Config,
    *,
    words: Words,
    catalog: Catalog,
    answers: Answers,
    memo: Memo,
    problems: Problems,
    can_edit: bool,
) -> PageSource:
    document, noted = parsed
    problems.extend(noted)
    document = _with_charts(document, config.root, problems)
    table = page.front.table or (None if "table" in page.unread else "")
    document = with_summaries(document, table, words, catalog, answers, memo, problems, can_edit=can_edit)
    tables = tuple(_tables(page, document.blocks, catalog, problems))
    relations: tuple[Relation, ...] = ()
    with problems.collected():
        relations = memo.recall(("relations", page.path), tables, lambda: join(tables, page.file))
    answered = [_answered(page, query, words, answers, memo, problems) for query in document.queries]
    said = [one for one, _ in answered]
    claims = tuple(_checked(document, claim, answered) for claim in document.claims)
    page, further = _with_front(page, words, answers, memo, problems)
    asked = (table for _, tables in answered for table in tables)
    measures, measured = _measure(page, answers, memo, problems)
    shown = tuple({table.name: table for table in (*asked, *further, *measured)}.values())
    return PageSource(
        page,
        document.answered(said),
        relations,
        shown,
        sources=_editable(document, config) if can_edit else {},
        artifacts=catalog.related(tables),
        claims=claims,
        measures=measures,
    )


def _checked(
    document: Document, claim: Claim, answered: Sequence[tuple[Said, tuple[CatalogTable, ...]]]
) -> CheckedClaim:
    found = [(number, *answered[number]) for number in claim.queries]
    numbers = tuple(ClaimedNumber(document.queries[number], said, tables) for number, said, tables in found)
    return CheckedClaim(claim, document.worded(claim.text, [said for said, _ in answered]), numbers)


def _measure(
    page: Page, answers: Answers, memo: Memo, problems: Problems
) -> tuple[tuple[tuple[Metric, Rows], ...], tuple[CatalogTable, ...]]:
    """Return what the metrics of a card's page came to, and the tables that they ask."""
    measures, asked = [], list[CatalogTable]()
    for index, metric in enumerate(page.front.facts.metrics):
        with problems.collected():
            file, _, line = page.line_of("facts.metrics").rpartition(":")
            query = read_number("", metric.sql, file, int(line), f"metric-{index}", page.values)
            name = ("query", page.path, query.id)
            _, found = memo.recall(name, (query, answers.catalog), partial(answers.read, query))
            if found is not None:
                ask = partial(answers.ask, query, found, SLICES)
                rows = memo.recall(("answer", page.path, query.id), (query, found), ask)
                measures.append((metric, rows))
                asked.extend(found)
    return tuple(measures), tuple(asked)


def _bibliography(config: Config, problems: Problems) -> Bibliography | None:
    """Return the report's bibliography; an empty one where it has none, None where it cannot be read."""
    name = config.site.bibliography
    with problems.collected():
        return read_bibliography(config.root / name, name) if name else Bibliography()
    return None


def _with_citations(
    document: Document, config: Config, works: Bibliography | None, words: Words, problems: Problems
) -> Document:
    """Return a page that says what it cites and lists it; works that are not known are noted."""
    if not document.citations or works is None:  # that it cannot be read is one problem, and was noted
        return document
    found: dict[str, Entry] = {}
    for citation in document.citations:
        for key, _ in citation.keys:
            with problems.collected():
                found[key] = works.find(key, citation.where)
    said, listed = cite(document.citations, found, config.site.citations, words.say)
    anchors = frozenset(entry.anchor for entry in found.values())
    return document.cited(said, listed, words.say(HEADING), anchors)


def _editable(document: Document, config: Config) -> dict[str, Source]:
    """Return where the blocks stand that readers can edit, by id."""
    folders = (config.content, config.snippets)
    return {
        block.id: find_source(block, config.root, folders)
        for block in document.blocks
        if block.offered or (block.prose and block.options.get(EDIT, True))
    }


def _with_charts(document: Document, root: Path, problems: Problems) -> Document:
    """Return the document with the specs that functions of the report make; what fails is noted."""
    if not any(block.source for block in document.blocks):
        return document
    blocks = []
    for block in document.blocks:
        with problems.collected():
            block = with_chart(block, root) if block.source else block
        blocks.append(block)
    return replace(document, blocks=tuple(blocks))


def _parsing(page: Page, words: Words) -> tuple[Name, object, Callable[[], Parsed]]:
    inputs = (page.text, page.values, page.unread, words)
    return ("document", page.url), inputs, partial(_parse, page, words)


def _parse(page: Page, words: Words) -> Parsed:
    problems = Problems()
    return parse(page.text, page.path, problems, page.values, words), problems


def _answered(
    page: Page, query: Query, words: Words, answers: Answers, memo: Memo, problems: Problems
) -> tuple[Said, tuple[CatalogTable, ...]]:
    """Return what one query came to, and the tables that it asks; what is wrong is noted."""
    answer, found = Said("", ""), None
    with problems.collected():
        name = ("query", page.path, query.id)
        statement, found = memo.recall(name, (query, answers.catalog), partial(answers.read, query))
        if found is not None:
            make = partial(_say, query, statement, found, words, answers)
            answer, noted = memo.recall(("answer", page.path, query.id), (query, found, words), make)
            problems.extend(noted)
    return answer, found or ()


def _with_front(
    page: Page, words: Words, answers: Answers, memo: Memo, problems: Problems
) -> tuple[Page, tuple[CatalogTable, ...]]:
    """Return the page with values and numbers in its title and description, and the tables that those ask."""
    asked: list[CatalogTable] = []

    def say(key: str, written: str) -> str:
        numbers: list[str] = []

        def gap(found: re.Match[str]) -> str:
            file, line = page.text_of(key)
            numbers.append("")
            with problems.collected():
                name, sql = f"{key}-{found.start()}", found.group(3).strip()
                query = read_number(found.group(1) or "", sql, file, line, name, page.values)
                answer, tables = _answered(page, query, words, answers, memo, problems)
                asked.extend(tables)
                numbers[-1] = answer.text
            return f"\0{len(numbers) - 1}\0"

        # Numbers are taken out before the values are in, so that no value is taken for SQL.
        gaps = QUERY.sub(gap, printable(written))
        with problems.collected():
            gaps = fill_text(gaps, page.values, page.line_of(key))
        return re.sub("\0(\\d+)\0", lambda one: numbers[int(one.group(1))], gaps)

    front = page.front
    if "{" in front.title + front.description:
        title, description = say("title", front.title), say("description", front.description)
        page = replace(page, front=replace(front, title=title, description=description))
    return page, tuple(asked)


def _say(
    query: Query, statement: Statement, tables: tuple[CatalogTable, ...], words: Words, answers: Answers
) -> tuple[Said, Problems]:
    problems = Problems()
    if query.table is None:
        said = say_number(query, answers.ask(query, tables, 1), words, problems)
        return _of_claim(query, said, tables, answers) if query.claim else said, problems
    found = answers.ask(query, tables, query.table.rows)
    return say_table(query, query.table, statement, found, tables, words, problems), problems


def _of_claim(query: Query, said: Said, tables: tuple[CatalogTable, ...], answers: Answers) -> Said:
    """Return what a claim's number came to with what its page tells of it and asks again."""
    rows = answers.count_rows(query, tables)
    if is_number(said.value) and not is_undefined(said.value):
        return replace(said, rows=rows)
    sql, written = answers.write(query, tables)
    return replace(said, rows=rows, sql=sql, written=written)


def _with_lists(pages: Sequence[PageSource], unmade: set[str], problems: Problems) -> Iterable[PageSource]:
    """Yield the pages with their lists of pages, which need every page's title."""
    for source in pages:
        if not source.document.lists:
            yield source
            continue
        lists, listed = [], []
        for one in source.document.lists:
            found = _listed(pages, source, one)
            if not found and f"{one.folder.removesuffix('.md')}.md" not in unmade:
                problems.add(one.where, f'there are no pages in "{one.folder}"', _known_folders(pages, one))
            listed += [other.page.path for other in found]
            lists.append(list_pages(found, source.page.url))
        yield replace(source, document=source.document.listed(lists), listed=tuple(listed))


def by_address(pages: Iterable[PageSource]) -> dict[str, PageSource]:
    """Return the pages by their path and by their URL: a link may name either."""
    listed = list(pages)
    return {one.page.url: one for one in listed} | {one.page.path: one for one in listed}


def _with_references(pages: Mapping[str, PageSource], problems: Problems, source: PageSource) -> PageSource:
    """Return a page whose links without words say what they lead to: a page, or a place of one."""
    if not source.document.references:
        return source
    names = [_name_of(pages, link, problems) for link in source.document.references]
    return replace(source, document=source.document.referred(names))


def _name_of(pages: Mapping[str, PageSource], link: Link, problems: Problems) -> str:
    page = pages.get(link.target.path) if link.target else None
    if page is None or link.target is None:
        return link.href  # of another site, or of a file; what leads nowhere is noted by a check
    if link.is_number:
        return number_of(page.document, link.target.anchor, link.where, problems)
    return page.document.name_of(link.target.anchor) or page.title


def _listed(pages: Iterable[PageSource], source: PageSource, wanted: PageList) -> list[PageSource]:
    """Return the pages of a folder, or those that a file makes; in the order of navigation."""
    folder = wanted.folder.removesuffix(".md")
    found = [one for one in pages if one.page.path.rpartition("/")[0] == folder and one is not source]
    return sorted(found, key=lambda one: (one.page.front.order, one.page.path))


def _known_folders(pages: Iterable[PageSource], wanted: PageList) -> str:
    folders = (source.page.path.rpartition("/")[0] for source in pages)
    return nearest(wanted.folder, (folder for folder in folders if folder))


def _listed_page(source: PageSource, url: str) -> str:
    address = html.escape(quote(relative_url(url, source.page.url)))
    said = html.escape(source.page.front.description)
    return f'<li><a href="{address}">{html.escape(source.title)}</a>{f": {said}" if said else ""}</li>\n'


def list_pages(pages: Iterable[PageSource], url: str) -> str:
    """Return a list of links to pages, as HTML for the page at ``url``."""
    items = (_listed_page(source, url) for source in pages)
    return f'<ul class="pages">\n{"".join(items)}</ul>\n'


def _tables(
    page: Page, blocks: Sequence[Block], catalog: Catalog, problems: Problems
) -> Iterable[CatalogTable]:
    """Return the tables that the page's blocks name, in the order of their first mention."""
    found: dict[str, CatalogTable] = {}
    with problems.collected():
        if page.front.table and not blocks:
            catalog.find(page.front.table, page.line_of("table"))
    for block in blocks:
        path = "runs" if "runs" in block.options else "data.name" if block.data else "table"
        for name in dict.fromkeys([block.table or page.front.table, *block.data]):
            with problems.collected():
                table = catalog.find(name, block.where(path if block.table else "")) if name else None
                if table:
                    found[table.name] = table
        for name in block.beside:
            with problems.collected():
                tables = catalog.find_all(name, block.where("beside"))
                found |= {table.name: table for table in tables if table.name not in found}
    return found.values()
