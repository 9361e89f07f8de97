"""Draws the views of all pages that a build has no drawing of yet.

A drawing depends on nothing but its request and its page's tables, so pages are drawn side by side, an
engine and a database for one page at a time: the markup is that of one after another.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from sitegen import summaries
from sitegen.assets import Theme, hashed_name, sha256
from sitegen.blocks import Block
from sitegen.errors import Problems
from sitegen.filters import Start
from sitegen.kept import Drawings, digest
from sitegen.link_picture import LinkPicture, colours_of
from sitegen.memo import Memo
from sitegen.parallel import cores
from sitegen.sources import PageSource, Sources

if TYPE_CHECKING:
    from sitegen.database import Database
    from sitegen.views import Views

MOST_ENGINES = 8
"""Engines at once; each holds the theme's script and what it draws."""

Report = Callable[[str], None]
"""Takes one line on how the build goes."""

Figures = dict[str, str]
"""Markup of a page's views, by id."""


@dataclass(frozen=True)
class _Drawing:
    """A view to be drawn, with all that its drawing depends on."""

    source: PageSource
    block: Block
    request: dict[str, Any]
    script: str

    @property
    def name(self) -> tuple[str, ...]:
        return "figure", self.source.page.url, self.block.id

    @property
    def inputs(self) -> tuple[object, ...]:
        return self.script, self.source.relations, self.block, self.request

    @cached_property
    def digest(self) -> str:
        return digest(_script_digest(self.script), *self.inputs[1:])


@cache
def _script_digest(script: str) -> str:
    return digest(script)


def draw_views(
    sources: Sources,
    start: Start,
    memo: Memo,
    problems: Problems,
    report: Report,
    kept: Drawings | None = None,
) -> dict[str, Figures]:
    """Return the figures of every page; checks them all first, and draws none when something is wrong.

    What earlier builds ``kept`` is neither checked nor drawn again.
    """
    theme = sources.theme
    drawings = [
        _Drawing(source, block, request, theme.drawn_by)
        for source in sources.pages
        for block, request in source.requests()
    ]
    missing = [each for each in drawings if not memo.holds(each.name, each.inputs)]
    if kept:
        missing = [each for each in missing if not _is_kept(each, kept, memo)]
    if missing:
        with problems.collected():
            views = start()
            _check_views(missing, views, problems)
            if not problems.errors:
                _draw_missing(missing, theme, views, memo, problems, report)
    for each in missing:
        if kept and memo.holds(each.name, each.inputs):
            kept.keep(each.digest, memo.recall(each.name, each.inputs, str))
    drawn: dict[str, Figures] = {source.page.url: {} for source in sources.pages}
    if not problems.errors:
        for drawing in drawings:
            figure = memo.recall(drawing.name, drawing.inputs, str)
            drawn[drawing.source.page.url][drawing.block.id] = figure
    return drawn


def _is_kept(drawing: _Drawing, kept: Drawings, memo: Memo) -> bool:
    """Say whether an earlier build kept the drawing, and take it over if so."""
    found = kept.find(drawing.digest)
    if found is not None:
        memo.recall(drawing.name, drawing.inputs, lambda: found)
    return found is not None


def _check_views(drawings: Iterable[_Drawing], views: Views, problems: Problems) -> None:
    """Ask about every view whose tables are there; those that lack one are noted already."""
    for drawing in drawings:
        source, block = drawing.source, drawing.block
        tables = source.tables()
        with problems.collected():
            views.check_name(block, also=[summaries.VIEW])
            table = source.table_of(block)
            is_there = not source.is_untold(block) if table is None else table in tables
            if is_there and tables.keys() >= set(block.data):
                views.check(block, drawing.request)


def _draw_missing(
    drawings: Iterable[_Drawing], theme: Theme, views: Views, memo: Memo, problems: Problems, report: Report
) -> None:
    """Draw page by page, some pages at a time; what goes wrong is noted in the order of the pages."""
    from sitegen.views import Views

    pages = [list(group) for _, group in groupby(drawings, lambda drawing: drawing.source.page.url)]
    count = min(len(pages), cores(), MOST_ENGINES)
    idle: SimpleQueue[Views] = SimpleQueue()
    idle.put(views)
    with ExitStack() as engines, ThreadPoolExecutor(count, thread_name_prefix="drawing") as pool:

        def draw(page: list[_Drawing]) -> Problems:
            try:
                engine = idle.get_nowait()
            except Empty:
                engine = engines.enter_context(Views(theme.static, theme.name, theme.layout, theme.views))
            try:
                return _draw_page(page, engine, memo, count)
            finally:
                idle.put(engine)

        for page, noted in zip(pages, pool.map(draw, pages), strict=True):
            report(f"drawn {page[0].source.page.url}")
            problems.extend(noted)


def _draw_page(drawings: list[_Drawing], views: Views, memo: Memo, databases: int) -> Problems:
    from sitegen.database import Database

    problems = Problems()
    database = Database(drawings[0].source.relations, databases)
    try:
        for drawing in drawings:
            draw = partial(_markup, views, drawing, database)
            with problems.collected():
                memo.recall(drawing.name, drawing.inputs, draw)
    finally:
        database.close()
    return problems


def _markup(views: Views, drawing: _Drawing, database: Database) -> str:
    return views.draw(drawing.block, drawing.request, database).html


def draw_link_pictures(
    sources: Sources, memo: Memo, kept: Drawings | None = None
) -> dict[str, tuple[str, bytes]]:
    """Return the picture that goes with links to each page, with its URL, by the page's address.

    There are none where the settings do not say where the site will be: a link needs its whole address.
    """
    if not sources.config.address:
        return {}
    fonts, title = sources.theme.fonts, sources.config.site.title
    colours = colours_of(sources.theme.light_tokens)
    pictures = {
        source.page.url: LinkPicture(source.title, source.page.front.description, title, fonts, colours)
        for source in sources.pages
    }
    content = [sha256(font.read_bytes()) for font in fonts]
    wanted = [
        (("link picture", url), (picture, content), partial(_link_picture, picture, content, kept))
        for url, picture in pictures.items()
    ]
    drawn = zip(pictures, memo.recall_each(wanted), strict=True)
    return {url: (_picture_url(url, found), found) for url, found in drawn if found}


def _link_picture(picture: LinkPicture, fonts: list[str], kept: Drawings | None) -> bytes | None:
    """Return a picture from an earlier build, else draw it."""
    said = (picture.title, picture.description, picture.site)
    name = digest("link picture", *said, fonts, picture.colours)
    found = kept.find(name) if kept else None
    if found is None:
        drawn = picture.draw()
        found = b64encode(drawn or b"").decode()
        if kept:
            kept.keep(name, found)
    return b64decode(found) or None


def _picture_url(url: str, content: bytes) -> str:
    return (
        f"assets/links/{hashed_name(url.removesuffix('.html').replace('/', '-') + '.png', sha256(content))}"
    )
