"""A report's one page: reads it as a build does, draws its views, and says what the live page must know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sitegen.assets import data_files
from sitegen.catalog import Relation
from sitegen.config import Config
from sitegen.database import Database
from sitegen.errors import PLACE, Problems, SitegenError, nearest
from sitegen.filters import apply_filters
from sitegen.languages import Words
from sitegen.links import base_of
from sitegen.memo import Memo
from sitegen.notebook.folder import PAGE, Fence, Folder
from sitegen.notebook.still import with_tiles
from sitegen.output import File
from sitegen.render import PAYLOAD_VERSION
from sitegen.sources import PageSource, Sources, read_sources
from sitegen.summaries import VIEW as SUMMARY
from sitegen.views import Views

FILE = f"content/{PAGE}.md"


@dataclass(frozen=True)
class Drawn:
    """The views of a page as they are now."""

    source: PageSource
    figures: Mapping[str, tuple[str, ...]]
    """By view, the ids of its figures: one, or those of a summary."""
    markup: Mapping[str, str]
    """Of each figure, by its id."""
    generation: int
    """Rises when the page's tables, or their columns, change."""

    @property
    def relations(self) -> tuple[Relation, ...]:
        """What the page's views ask."""
        return self.source.relations

    def payload(self) -> dict[str, Any]:
        """Return what the live page is told, as the site's payload is, without addresses of files."""
        return {
            "version": PAYLOAD_VERSION,
            "base": "",
            "assets": {"live": "", "worker": "", "wasm": ""},
            "generation": self.generation,
            "relations": [
                {"name": each.name, "sql": "", "rows": each.rows, "tables": []} for each in self.relations
            ],
            "views": [self.source.view(block) for block in self.source.document.blocks],
            "tables": self.source.tables(),
        }

    def of_samples(self, dataset: str) -> tuple[str, ...]:
        """Return the figures whose rows are a dataset's samples; the first dataset's, where it is empty."""
        datasets = [each.name for each in self.relations if each.tables[0].table.entity]
        name = dataset or next(iter(datasets), "")
        tables = self.source.tables()
        shown = {block.id: self.source.view(block)["table"] for block in self.source.document.blocks}
        of = {figure: tables[table]["relation"] for figure, table in shown.items() if table}
        return tuple(figure for figure, relation in of.items() if name in datasets and relation == name)

    def view_of(self, figure: str) -> str:
        """Return the view that a figure is of; empty when there is no such figure."""
        blocks = self.source.document.blocks
        return next((block.view for block in blocks if block.id == figure), "")

    def sheets(self) -> dict[str, File]:
        """Return the sprite sheets by the address that the page has for them."""
        base = base_of(self.source.page.url)
        tables = (table for relation in self.relations for table in relation.tables)
        files = (each for table in tables for each in data_files(table))
        return {base + url: file for url, file in files if not url.endswith(".parquet")}


class Pages:
    """The page of a report, read and drawn anew whenever a view is added."""

    def __init__(self, folder: Folder, config: Config, table: str, words: Words) -> None:
        self._folder = folder
        self._config = config
        self._table = table
        self._words = words
        self._memo = Memo()
        self._views: Views | None = None
        self._database: tuple[tuple[Relation, ...], Database] | None = None
        self._markup: dict[str, tuple[object, str]] = {}
        self._generations: list[tuple[Relation, ...]] = []

    def check_name(self, view: str, where: str) -> None:
        """Raise, as of ``where``, when there is no such view."""
        known = [*(self._views or self._started()).offered, SUMMARY]
        if view not in known:
            raise SitegenError(where, f'there is no view "{view}"', nearest(view, known))

    def draw(self, fences: Sequence[Fence]) -> Drawn:
        """Return the page with these views; raises what is wrong with them, as of the view."""
        starts = self._folder.write(fences, self._table)
        with _of_views(fences, starts):
            source = self._read()
        blocks = source.document.blocks
        with _of_views(fences, starts):
            markup = self._figures(source)
        figures = {
            fence.id: tuple(block.id for block in blocks if starts.get(block.line) == fence.id)
            for fence in fences
        }
        return Drawn(source, figures, markup, self._generation(source.relations))

    def _read(self) -> PageSource:
        problems = Problems()
        sources = read_sources(self._config, self._memo, problems)
        sources = apply_filters(sources, lambda: self._engine(sources), self._memo, problems)
        problems.stop()
        return next(page for page in sources.pages if page.page.path == f"{PAGE}.md")

    def _engine(self, sources: Sources) -> Views:
        if self._views is None:
            self._views = Views(sources.theme.static, sources.theme.name, sources.theme.layout)
        return self._views

    def _figures(self, source: PageSource) -> dict[str, str]:
        """Return the markup of every figure; those that were drawn of the same are not drawn again."""
        views = self._views or self._started()
        requests = [(block, {**request, "files": []}) for block, request in source.requests()]
        # Which other views there are is no part of a drawing.
        inputs = {block.id: {**request, "figures": []} for block, request in requests}
        new = [each for each in requests if self._markup.get(each[0].id, (None,))[0] != inputs[each[0].id]]
        problems = Problems()
        for block, request in new:
            with problems.collected():
                views.check(block, request)
        problems.stop()
        for block, request in new:
            drawn = views.draw(block, request, self._asked(source.relations)).html
            self._markup[block.id] = inputs[block.id], with_tiles(drawn, _sheets(source))
        return {block.id: self._markup[block.id][1] for block, _ in requests}

    def _started(self) -> Views:
        from sitegen.assets import load_theme

        theme = load_theme(self._config.theme, self._config.site.theme, self._config.themes)
        theme = theme.speaking(self._words.json)
        self._views = Views(theme.static, theme.name, theme.layout)
        return self._views

    def _asked(self, relations: tuple[Relation, ...]) -> Database:
        """Return a database of the relations; the last one stays open, as views are added one by one."""
        if self._database and self._database[0] == relations:
            return self._database[1]
        if self._database:
            self._database[1].close()
        self._database = relations, Database(relations)
        return self._database[1]

    def _generation(self, relations: tuple[Relation, ...]) -> int:
        if not self._generations or self._generations[-1] != relations:
            self._generations.append(relations)
        return len(self._generations)

    def check_filter(self, expression: str, drawn: Drawn, where: str) -> None:
        """Raise, as of ``where``, what is wrong with a filter of the page that fits none of its tables."""
        if not expression.strip() or not drawn.relations:
            return
        views = self._views or self._started()
        tables = drawn.source.tables()
        block = replace(drawn.source.document.blocks[0], filter=expression, file="filter", text="")
        first: SitegenError | None = None
        for relation in drawn.relations:
            table = tables[relation.tables[0].name]
            try:
                views.translate(block, table, tables)
            except SitegenError as error:
                first = first or error
            else:
                return
        if first:
            raise SitegenError(where, first.what, first.hint)

    def close(self) -> None:
        """Give memory back."""
        if self._database:
            self._database[1].close()
        if self._views:
            self._views.__exit__(None, None, None)
        self._database = self._views = None


def _sheets(source: PageSource) -> dict[str, File]:
    return Drawn(source, {}, {}, 0).sheets()


@contextmanager
def _of_views(fences: Sequence[Fence], starts: Mapping[int, str]) -> Iterator[None]:
    """Say of a problem which view it is of, not which line of a page that nobody wrote."""
    try:
        yield
    except SitegenError as error:
        problems = Problems()
        for problem in getattr(error, "problems", (error,)):
            problems.add(_view_at(problem.where, fences, starts), problem.what, problem.hint)
        problems.stop()


def _view_at(where: str, fences: Sequence[Fence], starts: Mapping[int, str]) -> str:
    place = PLACE.fullmatch(where)
    if place is None or place["file"] != FILE:
        return where
    found = max((start for start in starts if start <= int(place["line"])), default=0)
    view = next((fence.view for fence in fences if fence.id == starts.get(found)), "")
    return f'report.view("{view}")' if view else where
