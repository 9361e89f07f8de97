"""Turns a block ``view summary`` into charts: one for each column of a table that a chart can show.

Which chart a column gets follows from its role, its type and how many distinct values it has, asked of the
table while the site is built. Each chart is an ordinary one, so that all filter each other and the page.
"""

from __future__ import annotations

import hashlib
import html
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pipelines.contract import Column
from sitegen.answers import Answers
from sitegen.blocks import COLUMNS, EDIT, Block
from sitegen.catalog import Catalog, CatalogTable, column_sql, quote, scan
from sitegen.document import Document
from sitegen.errors import Consequence, Problems, SitegenError, nearest
from sitegen.languages import Words
from sitegen.links import slug
from sitegen.memo import Memo
from sitegen.queries import Query
from sitegen.values import printable, say

VIEW = "summary"
OPTIONS = {
    "columns": "the columns to draw, in this order; all of the table that a chart can show when left out",
    "without": "columns to leave out",
    "titles": "what charts are called, by column; a chart is called after its column otherwise",
    EDIT: "false where readers shall not choose other charts in the page",
}
"""What a block takes beside a width, which is each chart's, and a filter."""
OFFERED = {
    "summary": "Every column of a table that a chart can show, each as an ordinary chart of its own.",
    "options": OPTIONS,
}
"""The block as a theme would describe a view of its own."""
WIDTH = 4
"""Columns of the grid that each chart takes, where the block says nothing."""
HEIGHT = 160
MOST_TEXTS = 1000
"""Distinct texts above which a column is words to read, not categories to count."""
MOST_WHOLE = 10
"""Distinct whole numbers up to which each one is counted by itself."""
MOST_ROWS = 8
"""Categories whose names fit beside their bars; more stand below them."""
BINS = 20
WITHOUT_CHART = {
    *("id", "image", "audio", "media_type", "sheet", "x", "y", "embedding", "probability"),
    *("projection_x", "projection_y", "split_familiarity"),
}
"""Roles of columns that name, show or place a row: counting their values tells nothing."""
TIME_UNITS = {
    "year": "year",
    "yearmonth": "month",
    "yearmonthdate": "day",
    "yearmonthdatehours": "hour",
}
"""Units that times are counted by, the longest first: what Vega-Lite and what SQL calls them."""
AT_ONCE = 25
"""Columns that one statement asks for: a statement has so much time, and a table any number of columns."""
MOST_HELD = 1000
"""Columns that are held at once: each statement on a file reads what that says of all its columns."""
CELLS = 1_000_000
"""Values that are held at once; a long table is read from its file."""
FEWEST_TIMES = 8
"""Bars that times should have, for their shape to show."""
DIGITS = 8
"""Of a digest that tells the anchors of two columns apart."""
MOST_NEARLY_UNIQUE = 60
"""Distinct texts up to which a column is drawn even where most of them stand in one row only."""


@dataclass(frozen=True)
class _Facts:
    """What is known of a column's values."""

    rows: int
    distinct: int
    least: Any
    """None without any value."""
    units: tuple[int, ...] = ()
    """Of times: distinct ones by each of ``TIME_UNITS``."""


def with_summaries(
    document: Document,
    table: str | None,
    words: Words,
    catalog: Catalog,
    answers: Answers,
    memo: Memo,
    problems: Problems,
    *,
    can_edit: bool = False,
) -> Document:
    """Return the document with charts in place of each summary; ``table`` is the page's own,
    None where it could not be read.

    A block that cannot be drawn is noted and leaves nothing. Where the theme ``can_edit``, the block itself
    stays below its charts, for readers to choose others.
    """
    if not any(block.view == VIEW for block in document.blocks):
        return document
    groups: list[tuple[Block, ...]] = []
    notes: list[str] = []
    for block in document.blocks:
        found: tuple[Block, ...] = () if block.view == VIEW else (block,)
        note = ""
        if block.view == VIEW:
            with problems.collected():
                drawn = _expand(block, table, words, catalog, answers, memo)
                is_edited = can_edit and block.options.get(EDIT, True)
                found = (*drawn.charts, drawn.itself) if is_edited else drawn.charts
                note = "" if is_edited else _note(drawn.left, words)
        groups.append(found)
        notes.append(note)
    return document.with_blocks(groups, notes)


@dataclass(frozen=True)
class _Drawn:
    """A summary as it is drawn."""

    charts: tuple[Block, ...]
    left: dict[str, str]
    """The columns that were wanted and get no chart, and why."""
    itself: Block
    """The block below its charts, with every chart that the table has."""


def _expand(
    block: Block, page_table: str | None, words: Words, catalog: Catalog, answers: Answers, memo: Memo
) -> _Drawn:
    """Return what is drawn of a block: nothing without its table, which is noted."""
    _check(block)
    name = block.table or page_table
    if name is None:
        raise Consequence(block.where(), "the page's table could not be read")
    if not name:
        raise SitegenError(block.where(), "the summary names no table", "write table=artifact/table")
    table = catalog.find(name, block.where("table"))
    if table is None:
        return _Drawn((), {}, block)
    wanted = [column.name for column in _columns(block, table)]
    facts = memo.recall(("summary", *name.split("/")), table, partial(_facts, table, answers, block))
    rows, columns = table.table.rows, table.table.columns
    found = {column.name: _chart(column, facts[column.name], rows, words) for column in columns}
    specs = {column: spec for column, spec in found.items() if not isinstance(spec, str)}
    reasons = {column: why for column, why in found.items() if isinstance(why, str)}
    left = {column: reasons[column] for column in wanted if column in reasons}
    titles = _titles(block, table)
    charts = dict(zip(specs, _blocks(block, name, specs, titles), strict=True))
    shown = [column for column in wanted if column in charts]
    options = {"columns": shown, "charts": list(charts), "left": left, "titles": titles}
    itself = replace(block, table=name, options=options, offered=tuple(charts.values()))
    return _Drawn(tuple(charts[column] for column in shown), left, itself)


def _check(block: Block) -> None:
    problems = Problems()
    for key in block.options.keys() - OPTIONS.keys():
        problems.add(block.where(key), f'a summary has no "{key}"', nearest(key, OPTIONS))
    if not isinstance(block.options.get(EDIT, True), bool):
        problems.add(block.where(EDIT), f'"{EDIT}" is neither true nor false', f"{EDIT}: false")
    for key in block.options.keys() & {"columns", "without"}:
        value = block.options[key]
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            problems.add(block.where(key), f'"{key}" is no list of columns', f"{key}: [label, split]")
    titles = block.options.get("titles", {})
    if not isinstance(titles, dict) or not all(isinstance(one, str) for one in titles.values()):
        problems.add(block.where("titles"), '"titles" names no title by column', "titles: {label: Kinds}")
    if block.title or block.height:
        what = "a summary is many charts, and has neither a title nor a height"
        problems.add(block.where(), what, "write a heading above it")
    problems.stop()


def _columns(block: Block, table: CatalogTable) -> list[Column]:
    """Return the columns that the author wants, in order; raises every name that the table does not have."""
    known = {column.name: column for column in table.table.columns}
    wanted = block.options.get("columns", list(known))
    without = block.options.get("without", [])
    problems = Problems()
    for key, names in (("columns", wanted), ("without", without)):
        for name in names:
            if name not in known:
                what = f'column "{name}" is not in table {table.name}'
                problems.add(block.where(key), what, nearest(name, known))
    problems.stop()
    return [known[name] for name in dict.fromkeys(wanted) if name not in without]


def _titles(block: Block, table: CatalogTable) -> dict[str, str]:
    """Return the author's titles by column; raises every column that the table does not have."""
    titles = {str(name): title.strip() for name, title in block.options.get("titles", {}).items()}
    known = [column.name for column in table.table.columns]
    problems = Problems()
    for name in titles.keys() - set(known):
        what = f'column "{name}" is not in table {table.name}'
        problems.add(block.where("titles"), what, nearest(name, known))
    problems.stop()
    return {name: title for name, title in titles.items() if title}


# What the columns hold ------------------------------------------------------------------------------


def _facts(table: CatalogTable, answers: Answers, block: Block) -> Mapping[str, _Facts]:
    columns = [column for column in table.table.columns if not _is_plain(column)]
    found: dict[str, _Facts] = {}
    # The file itself, not the table's view: each statement would bind every column that a view has.
    width = min(MOST_HELD, CELLS // max(1, table.table.rows))
    for part in _parts(columns, max(width, AT_ONCE)):
        # What one statement asks for is read once in any case.
        with answers.held(_select(part, table), is_worth_it=len(part) > AT_ONCE) as source:
            for asked in _parts(part, AT_ONCE):
                found |= _answered(asked, source, answers, block)
    return {column.name: found.get(column.name, _Facts(0, 0, None)) for column in table.table.columns}


def _parts(columns: list[Column], width: int) -> Iterator[list[Column]]:
    return (columns[start : start + width] for start in range(0, len(columns), width))


def _select(columns: list[Column], table: CatalogTable) -> str:
    return f"SELECT {', '.join(map(column_sql, columns))} FROM {scan(table)}"


def _answered(columns: list[Column], source: str, answers: Answers, block: Block) -> dict[str, _Facts]:
    wanted = ", ".join(part for column in columns for part in _asked(column))
    file, _, line = block.where().rpartition(":")
    query = Query("summary", file, int(line), f"SELECT {wanted} FROM {source}", {})
    (row,) = answers.ask(query, [], 1).rows
    parts = iter(row)
    return {column.name: _read(column, parts) for column in columns}


def _read(column: Column, parts: Iterator[Any]) -> _Facts:
    rows, distinct, least = next(parts), next(parts), next(parts)
    units = tuple(next(parts) for _ in TIME_UNITS) if column.type in TIMES else ()
    return _Facts(rows, distinct, least, units)


TIMES = ("date", "timestamp")


def _is_plain(column: Column) -> bool:
    """Whether a column gets no chart whatever it holds."""
    return column.role in WITHOUT_CHART or column.type == "binary" or column.type.startswith("list<")


def _asked(column: Column) -> Iterator[str]:
    """Yield rows with a value, distinct values, the least; of times also the distinct ones by unit."""
    name = quote(column.name)
    told = f" FILTER (isfinite({name}))" if column.type.startswith("float") else ""
    yield f"count({name}){told}"
    yield f"count(DISTINCT {name}){told}"
    if column.type in TIMES:
        time = f"{name}::TIMESTAMP"
        yield f"min({time})"
        yield from (f"count(DISTINCT date_trunc('{unit}', {time}))" for unit in TIME_UNITS.values())
    else:
        yield f"min({name}){told}"


# Which chart ----------------------------------------------------------------------------------------


def _chart(column: Column, facts: _Facts, rows: int, words: Words) -> dict[str, Any] | str:
    """Return the spec of a column's chart in a table of so many rows, or why it has none."""
    say = words.say
    if column.role == "id":
        return say("names each row")
    if column.role == "split_familiarity" or column.type.startswith("list<"):
        return say("many values a row")
    if _is_plain(column):
        return say("shows or places a row")
    if facts.rows == 0:
        return say("no values")
    if facts.distinct == 1:
        value = _said(facts.least, words)
        if facts.rows == rows:
            return say("always {value}", value=value)
        return say("always {value} where there is a value", value=value)
    if column.role == "duplicates":
        return _membership(column, words)
    return _counted(column, facts, words)


def _counted(column: Column, facts: _Facts, words: Words) -> dict[str, Any] | str:
    if column.type in TIMES:
        return _standing(column, {"type": "temporal", "timeUnit": _unit(facts)})
    if column.type in ("string", "dictionary"):
        if facts.distinct > MOST_TEXTS or MOST_NEARLY_UNIQUE < facts.distinct > facts.rows / 2:
            return words.say("{n} different texts", n=words.number(f"{facts.distinct:,}"))
        # The most frequent first; few of them lie, so that their names can be read.
        if facts.distinct <= MOST_ROWS:
            return _lying(column.name, {"sort": "-x"})
        return _standing(column, {"type": "nominal", "sort": "-y"})
    is_whole = column.type.startswith(("int", "uint"))
    if column.type == "bool" or (is_whole and facts.distinct <= MOST_WHOLE):
        return _standing(column, {"type": "ordinal"})
    return _standing(column, {"type": "quantitative", "bin": {"maxbins": BINS}})


COUNT = {"aggregate": "count", "type": "quantitative", "title": None}


def _standing(column: Column, field: dict[str, Any]) -> dict[str, Any]:
    """Return bars that stand; the heading names the column, so that an axis says no more than a unit."""
    title = {} if column.unit else {"title": None}
    return {"mark": "bar", "encoding": {"x": {"field": _escaped(column.name), **field, **title}, "y": COUNT}}


def _lying(name: str, field: dict[str, Any]) -> dict[str, Any]:
    named = {"field": _escaped(name), "type": "nominal", "title": None}
    return {"mark": "bar", "encoding": {"y": {**named, **field}, "x": COUNT}}


def _membership(column: Column, words: Words) -> dict[str, Any]:
    """Return the count of rows that have near twins; -1 is a row that has none."""
    name = words.say("{column}: has twins", column=column.name)
    yes, no = json.dumps(words.say("yes")), json.dumps(words.say("no"))
    member = {"calculate": f"datum[{json.dumps(column.name)}] >= 0 ? {yes} : {no}", "as": name}
    return {"transform": [member], **_lying(name, {})}


def _unit(facts: _Facts) -> str:
    """Return the longest unit that shows the shape: bars enough, or one for each distinct time."""
    for unit, bars in zip(TIME_UNITS, facts.units, strict=True):
        if bars >= FEWEST_TIMES or bars == facts.distinct:
            return unit
    return "yearmonthdatehours"


def _escaped(name: str) -> str:
    """Return a column's name as Vega-Lite reads a field: dots and brackets would be a path."""
    return "".join(f"\\{character}" if character in ".[]\\'\"" else character for character in name)


# What is written ------------------------------------------------------------------------------------


def _blocks(
    block: Block, table: str, specs: Mapping[str, dict[str, Any]], titles: Mapping[str, str]
) -> Iterator[Block]:
    """Yield the charts of a table, whichever are shown: each keeps its id when others are chosen."""
    for column, spec in specs.items():
        yield replace(
            block,
            view="vega-lite",
            id=_id(block.id, column),
            table=table,
            data=(table,),
            title=titles.get(column, column),
            width=WIDTH if block.width == COLUMNS else block.width,
            height=HEIGHT,
            options={"spec": {"data": {"name": table}, **spec}},
        )


def _id(block: str, column: str) -> str:
    """Return the chart's anchor. It follows from the column's name alone: links outlive other columns.

    A name that is no plain word may look like another one there, and has a digest behind it.
    """
    plain = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode()
    word = slug(plain) if plain.strip() else ""
    if word == column:
        return f"{block}-{word}"
    digest = hashlib.sha256(column.encode()).hexdigest()[:DIGITS]
    return "-".join(part for part in (block, word, digest) if part)


def _note(left: Mapping[str, str], words: Words) -> str:
    """Return the HTML of a sentence on the columns that get no chart."""
    listed = printable(", ".join(f"{column} ({why})" for column, why in left.items()))
    rest = f" {words.say('Without a chart: {listed}.', listed=listed)}" if left else ""
    said = html.escape(words.say("Each bar counts rows.{said}", said=rest))
    return f'<p class="summary-note w-12">{said}</p>\n'


def _said(value: Any, words: Words) -> str:
    text = f"{value:,.10g}" if isinstance(value, float) else say(value).removesuffix(" 00:00:00")
    if isinstance(value, int | float):
        text = words.say(text) if isinstance(value, bool) else words.number(text)
    return text if len(text) <= 40 else f"{text[:39]}…"
