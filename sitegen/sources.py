"""Everything that a build is made from, read and joined: pages with their tables, files, artifacts, theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sitegen.assets import Theme, load_theme, media_of
from sitegen.blocks import Block
from sitegen.catalog import Catalog, CatalogTable, Relation, describe, join, load_catalog
from sitegen.config import Config
from sitegen.content import Content, Page, load_content
from sitegen.errors import Problems
from sitegen.links import base_of
from sitegen.markdown import Document, parse
from sitegen.memo import Memo


@dataclass(frozen=True)
class PageSource:
    """A page, read, with the tables that its views show."""

    page: Page
    document: Document
    relations: tuple[Relation, ...]

    @property
    def title(self) -> str:
        """The page's name: as its front matter says, else its first heading, else its file's name."""
        return self.page.front.title or self.document.title or Path(self.page.path).stem

    def table_of(self, block: Block) -> str | None:
        """Return the name of the table that a block shows; None for a view of the whole page."""
        return block.table or self.page.front.table or None

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
        return {
            "view": block.view,
            "id": block.id,
            "title": block.title,
            "help": block.help,
            "width": block.width,
            "height": block.height,
            "options": block.options,
            "table": self.table_of(block),
        }

    def requests(self) -> list[tuple[Block, dict[str, Any]]]:
        """Return each block with what the theme is asked at build."""
        tables = self.tables()
        figures = [
            {"id": block.id, "title": block.title or "", "view": block.view} for block in self.document.blocks
        ]
        return [
            (
                block,
                {
                    **self.view(block),
                    "table": tables.get(self.table_of(block) or ""),
                    "tables": tables,
                    "figures": figures,
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

    @property
    def shown(self) -> Mapping[str, CatalogTable]:
        """The tables that some page shows, by name."""
        relations = (relation for source in self.pages for relation in source.relations)
        return {table.name: table for relation in relations for table in relation.tables}


def read_sources(config: Config, memo: Memo, problems: Problems) -> Sources:
    """Read everything; what cannot be read is noted and left out. Raises without a theme."""
    theme = load_theme(config.theme, config.site.theme, config.themes)
    catalog = load_catalog(config.artifacts, memo, problems)
    content = load_content(config.content, memo, problems, with_drafts=config.build.drafts)
    pages = tuple(_read_page(page, catalog, memo, problems) for page in content.pages)
    return Sources(config, content, pages, catalog, theme)


def _read_page(page: Page, catalog: Catalog, memo: Memo, problems: Problems) -> PageSource:
    document, noted = memo.recall(("document", page.path), page, lambda: _parse(page))
    problems.extend(noted)
    tables = tuple(_tables(page, document.blocks, catalog, problems))
    relations: tuple[Relation, ...] = ()
    with problems.collected():
        relations = memo.recall(("relations", page.path), tables, lambda: join(tables, page.file))
    return PageSource(page, document, relations)


def _parse(page: Page) -> tuple[Document, Problems]:
    problems = Problems()
    return parse(page.body, page.path, page.file, page.first_line, problems), problems


def _tables(
    page: Page, blocks: Iterable[Block], catalog: Catalog, problems: Problems
) -> Iterable[CatalogTable]:
    """Return the tables that the page's blocks name, in the order of their first mention."""
    found: dict[str, CatalogTable] = {}
    for block in blocks:
        path = "data.name" if block.data else "table"
        for name in dict.fromkeys([block.table or page.front.table, *block.data]):
            with problems.collected():
                table = catalog.find(name, block.where(path if block.table else "")) if name else None
                if table:
                    found[table.name] = table
    return found.values()
