"""Makes a site about a difference: a report whose data is what differs, built with the default theme.

What comes from the data stays data: names become values of the page, rows become tables that views show.
The page speaks the language of what comes after; what its own columns are called is in that language, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from pipelines.arrow import type_name
from pipelines.contract import Column, Manifest, TableSpec, write_artifact
from pipelines.contract import Rows as WrittenRows
from sitegen.build import build
from sitegen.bundled import THEMES
from sitegen.config import FILE, load_config
from sitegen.difference.editions import RUNS, Edition
from sitegen.difference.findings import Difference, Number, Rows, Sample, Scalar, Slice
from sitegen.difference.matching import CONTENT
from sitegen.difference.tiles import Tile, tile_sheets
from sitegen.difference.words import counted_rows
from sitegen.languages import Words, read_words
from sitegen.numbers import UNDEFINED
from sitegen.output import Disk
from sitegen.temporary import own_prefix

ARTIFACT = "difference"
CHARTED = 30
"""Slices of a chart: those that changed most."""
EXACT = 2**53
"""Below this every whole number is a floating-point number."""
LEAST_HEIGHT, OF_SLICE = 120, 26
"""Height of a chart of slices in px, and of each of them."""
TITLE = "What differs"
DESCRIBED = {
    "share of A": "B less A, as a share of A",
    "note": "what else changed",
    "right in A": "share of the rows in A that were predicted correctly",
    "right in B": "share of the rows in B that were predicted correctly",
    "difference": "share predicted correctly in B less that in A",
    "low": "lower end of the 95% interval of the difference",
    "high": "upper end of the 95% interval of the difference",
    "zero": "whether the interval leaves zero out",
}
BEYOND_CHANCE = "{n} of {compared} slices are predicted otherwise beyond chance"
CHANGED = "{n} rows of {tables} changed, {moved} are new or gone"
INTERVALS = (
    "The line of each slice is the 95% interval of its difference. Of {slices} about {few} would leave "
    "zero out by chance."
)
MATCHED = (
    "Of {before} rows in A and {after} in B, matched by {matched}, {changed} changed, {added} are new and "
    "{removed} gone."
)
HELP = (
    "Each tile is a row as it is in B, or in A where it is gone; columns in A stand beside where they differ."
)
NAMES = ("artifact", "setting", "table", "column", "what", "place", "number", "B less A", "slice", "rank")
"""Columns of the page's tables; what others hold is described."""
FOUND = ("added", "removed", "type", "role", "unit", "does not hold", "holds again", "all", "content")
"""What the cells of the page's tables say."""
WORDS = (
    *(TITLE, BEYOND_CHANCE, CHANGED, INTERVALS, MATCHED, HELP, *NAMES, *FOUND),
    *DESCRIBED,
    *DESCRIBED.values(),
    *("rows in A", "rows in B", "rows, B less A"),
)
"""What is said in the page's language."""
UNITS = dict.fromkeys(("right in A", "right in B", "difference", "low", "high", "share of A"), "share")

Cells = dict[str, list[Any]]


@dataclass(frozen=True)
class _Part:
    """A heading with what stands below it."""

    heading: str
    lines: tuple[str, ...]


class _Page:
    """The page while it is written: its words, and its values, by names that stand for text of the data."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.values: dict[str, str] = {}

    def count(self, amount: int) -> str:
        """Return an amount as the page's language writes it."""
        return self.words.number(f"{amount:,}")

    def value(self, text: str) -> str:
        """Return how the page names a text, which is never read as Markdown."""
        name = f"text_{len(self.values) + 1}"
        self.values[name] = text
        return f"{{{{ {name} }}}}"


def write(found: Difference, before: Edition, after: Edition, folder: Path) -> None:
    """Write the site into a new folder, or in the place of an older site."""
    words = read_words([THEMES / "default"], after.language)
    with TemporaryDirectory(prefix=own_prefix("report")) as root:
        report = Path(root)
        (report / "content").mkdir()
        (report / "artifacts").mkdir()
        _write_tables(found, report / "artifacts", words)
        names = {
            rows.table: _write_rows(rows, index, before, after, report / "artifacts", words)
            for index, rows in enumerate(found.rows, start=1)
            if any(one.before or one.after for one in rows.samples)
        }
        page = _Page(words)
        body = "\n".join(_lines(found, names, page))
        front = {"title": words.say(TITLE), "toc": False, "constants": page.values}
        head = json.dumps(front, ensure_ascii=False, indent=1)
        (report / "content/index.md").write_text(f"---\n{head}\n---\n{body}", encoding="utf-8")
        site = {"title": words.say(TITLE), "theme": "default", "language": after.language}
        lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in site.items())
        (report / FILE).write_text(f"[site]\n{''.join(lines)}", encoding="utf-8")
        build(load_config(report / FILE), Disk(folder, "sitegen diff A B --output FOLDER"))


# The data of the page -------------------------------------------------------------------------------


def _write_tables(found: Difference, folder: Path, words: Words) -> None:
    whole, others = _parted(found.numbers)
    tables = [
        ("settings", _settings(found)),
        ("columns", _columns(found, words)),
        ("counts", _numbers(whole, words, _whole)),
        ("numbers", _numbers(others, words, _floats)),
        ("slices", _slices(found.slices, words)),
    ]
    rows = [_told(name, cells, words) for name, cells in tables if any(cells.values())]
    if rows:
        title = words.say(TITLE)
        write_artifact(folder / ARTIFACT, Manifest(ARTIFACT, "diff", title=title), rows)


def _told(name: str, cells: Cells, words: Words) -> WrittenRows:
    """Return a table of what was found, with its columns in the page's words."""
    arrays = {column: _array(values) for column, values in cells.items()}
    columns = tuple(
        replace(column, name=words.say(column.name), unit=UNITS.get(column.name), description=told)
        for column in _columns_of(arrays)
        for told in (words.say(DESCRIBED[column.name]) if column.name in DESCRIBED else "",)
    )
    named = {words.say(column): array for column, array in arrays.items()}
    return WrittenRows(TableSpec(name, name, columns), pa.table(named))


def _samples(cells: Cells, roles: dict[str, str]) -> WrittenRows:
    """Return a table of rows that differ; ``roles`` say what its columns mean to a view."""
    arrays = {column: _array(values) for column, values in cells.items()}
    columns = tuple(replace(column, role=roles.get(column.name)) for column in _columns_of(arrays))
    return WrittenRows(TableSpec("samples", "samples", columns, entity=True), pa.table(arrays))


def _columns_of(arrays: Mapping[str, pa.Array]) -> Iterator[Column]:
    for column, array in arrays.items():
        yield Column(column, type_name(array.type), None, nullable=array.null_count > 0)


def _array(values: Any) -> pa.Array:
    """Return values as a column; one without any is of texts, for there is no type of nothing."""
    array = pa.array(values)
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array


def _settings(found: Difference) -> Cells:
    return {
        "artifact": [one.artifact for one in found.settings],
        "setting": [one.name for one in found.settings],
        "A": [one.before or UNDEFINED for one in found.settings],
        "B": [one.after or UNDEFINED for one in found.settings],
    }


def _columns(found: Difference, words: Words) -> Cells:
    return {
        "table": [one.table for one in found.columns],
        "column": [one.column for one in found.columns],
        "what": [words.say(one.what) for one in found.columns],
        "A": [one.before or UNDEFINED for one in found.columns],
        "B": [one.after or UNDEFINED for one in found.columns],
    }


def _parted(numbers: Sequence[Number]) -> tuple[list[Number], list[Number]]:
    """Return whole numbers and others: one column would write both with the decimals of the others."""
    parted: tuple[list[Number], list[Number]] = ([], [])
    for one in numbers:
        ends = [end for end in (one.before, one.after) if end is not None]
        is_whole = ends and all(end == int(end) and abs(end) < EXACT for end in ends)
        parted[0 if is_whole else 1].append(one)
    return parted


def _numbers(numbers: Sequence[Number], words: Words, column: Callable[[Iterable[Any]], Any]) -> Cells:
    return {
        "place": [one.place for one in numbers],
        "number": [one.name for one in numbers],
        "A": column(one.before for one in numbers),
        "B": column(one.after for one in numbers),
        "B less A": column(one.change for one in numbers),
        "share of A": _floats(one.relative for one in numbers),
        "note": [words.say(one.note) for one in numbers],
    }


def _floats(values: Iterable[float | None]) -> Any:
    return pa.array(list(values), pa.float64())


def _whole(values: Iterable[float | None]) -> Any:
    return pa.array([None if value is None else int(value) for value in values], pa.int64())


def _slices(slices: Sequence[Slice], words: Words) -> Cells:
    ranks: dict[tuple[str, str], int] = {}
    listed = []
    for one in slices:
        place = (one.table, one.column)
        ranks[place] = ranks.get(place, 0) + 1
        listed.append(ranks[place])
    return {
        "table": [one.table for one in slices],
        "column": [one.column for one in slices],
        "slice": [f"{_value(one, words)} ({words.number(counted_rows(one))})" for one in slices],
        "rank": pa.array(listed, pa.int32()),
        "rows in A": pa.array([one.rows_before for one in slices], pa.int32()),
        "rows in B": pa.array([one.rows_after for one in slices], pa.int32()),
        "rows, B less A": pa.array([one.rows_after - one.rows_before for one in slices], pa.int32()),
        "right in A": _floats(one.before for one in slices),
        "right in B": _floats(one.after for one in slices),
        "difference": _floats(one.difference for one in slices),
        "low": _floats(one.low for one in slices),
        "high": _floats(one.high for one in slices),
        "zero": [_zero(one, words) for one in slices],
    }


def _value(one: Slice, words: Words) -> str:
    """Return what a slice is called; one of all rows has no column."""
    return one.value if one.column else words.say(one.value)


def _zero(one: Slice, words: Words) -> str:
    if one.low is None:
        return UNDEFINED
    return words.say("left out") if one.is_certain else words.say("within")


def _write_rows(rows: Rows, index: int, before: Edition, after: Edition, folder: Path, words: Words) -> str:
    """Write the listed rows of a table with their images; return the artifact's name."""
    name = f"rows-{index}"
    cells: Cells = {
        **_ids(rows, words),
        words.say("change"): [_what(one, rows, words) for one in rows.samples],
    }
    roles = {"id": "id"}
    for column in dict.fromkeys(name for one in rows.samples for name in (*one.before, *one.after)):
        role = rows.roles.get(column)
        first = [one.before.get(column) for one in rows.samples]
        second = [one.after.get(column) for one in rows.samples]
        # A row that is gone keeps what it was, so that its tile says it.
        now = [new if one.after else old for one, old, new in zip(rows.samples, first, second, strict=True)]
        cells[column] = _uniform(now)
        if role in ("label", "prediction", "correct"):
            roles[column] = role
        if any(one.kind == "changed" and column in one.changed for one in rows.samples):
            cells[words.say("{column} in A", column=column)] = _uniform(first)
    tiles = [_tile(one, before.tables[rows.table], after.tables[rows.table]) for one in rows.samples]
    placed = tile_sheets(tiles)
    if placed is not None:
        for role, values in zip(("sheet", "x", "y"), zip(*placed.places, strict=True), strict=True):
            cells[f"tile {role}"] = pa.array(values, pa.int16())
            roles[f"tile {role}"] = role
    title = words.say("Rows of {table} that differ", table=rows.table)
    facts = Manifest(name, "diff", title=title, dataset=name)
    write_artifact(folder / name, facts, [_samples(cells, roles)], placed.sheets if placed else ())
    return name


def _ids(rows: Rows, words: Words) -> Cells:
    """Return what rows are called, by their own ids where those tell them apart, and their order."""
    ids = [one.id for one in rows.samples]
    if _are_named(rows, words):
        return {"id": ids, words.say("rank"): pa.array(range(1, len(ids) + 1), pa.int32())}
    return {"id": [f"{number:03d} {own}".strip() for number, own in enumerate(ids, start=1)]}


def _are_named(rows: Rows, words: Words) -> bool:
    ids = [one.id for one in rows.samples]
    is_taken = any(words.say("rank") in (*one.before, *one.after) for one in rows.samples)
    return all(ids) and len(set(ids)) == len(ids) and not is_taken


def _what(one: Sample, rows: Rows, words: Words) -> str:
    """Return what became of a row: new, gone, right now, wrong now, or what else changed."""
    say = words.say
    if one.kind != "changed":
        return say(one.kind)
    correct = next((name for name, role in rows.roles.items() if role == "correct"), None)
    if correct in one.changed:
        return say("right in B only") if one.after.get(str(correct)) else say("wrong in B only")
    if not one.changed:
        return say("other long value")
    name = one.changed[0]
    role = rows.roles.get(name)
    return say("other {column}", column=say(role).replace("_", " ") if role else name.replace("_", " "))


def _uniform(values: Sequence[Scalar]) -> list[Scalar]:
    """Return values of one type: as they are, or as texts where types are mixed."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and float in kinds:
        return [None if value is None else float(value) for value in values]
    return list(values) if len(kinds) <= 1 else [None if value is None else str(value) for value in values]


def _tile(one: Sample, before: Any, after: Any) -> Tile | None:
    place, table = (one.tile_after, after) if one.tile_after else (one.tile_before, before)
    if place is None or not 0 <= place[0] < len(table.sheets):
        return None
    sheet = table.sheets[place[0]]
    return Tile(sheet.file, place[1], place[2], *sheet.tile)


# The page -------------------------------------------------------------------------------------------


def _lines(found: Difference, names: dict[str, str], page: _Page) -> Iterator[str]:
    say = page.words.say
    is_runs = found.kind == RUNS
    yield f"# {say('What differs between two runs?') if is_runs else say('What differs between two sites?')}"
    yield ""
    yield say(
        "A is {before}, and B is {after}.", before=page.value(found.before), after=page.value(found.after)
    )
    yield ""
    if found.is_same and not found.same:
        yield say("Nothing differs.")
        return
    if found.is_same:
        yield page.words.say_count(
            found.same,
            "Nothing differs: {n} table of both holds the same.",
            "Nothing differs: {n} tables of both hold the same.",
        )
        return
    yield from _counts(found, page)
    for part in _parts(found, names, page):
        yield from (f"## {part.heading}", "", *part.lines, "")


def _counts(found: Difference, page: _Page) -> Iterator[str]:
    say, count = page.words.say, page.count
    certain = sum(one.is_certain for one in found.slices)
    changed = sum(rows.changed for rows in found.rows)
    moved = sum(rows.added + rows.removed for rows in found.rows)
    yield "::: numbers"
    if found.kind == RUNS:  # of a site nobody knows the settings
        yield f"- {say('{n} settings differ', n=f'**{count(len(found.settings))}**')}"
    yield f"- {say('{n} numbers differ', n=f'**{count(len(found.numbers))}**')}"
    if found.compared:
        said = say(BEYOND_CHANCE, n=f"**{count(certain)}**", compared=count(found.compared))
        yield f"- {said}"
    if amount := len(found.rows):
        tables = page.words.say_count(amount, "{n} table", "{n} tables")
        yield f"- {say(CHANGED, n=f'**{count(changed)}**', tables=tables, moved=count(moved))}"
    yield ":::"
    yield ""


def _parts(found: Difference, names: dict[str, str], page: _Page) -> Iterator[_Part]:
    say = page.words.say
    for heading, listed in (
        (say("What has only A?"), found.removed),
        (say("What has only B?"), found.added),
    ):
        if listed:
            yield _Part(heading, tuple(f"- {page.value(name)}" for name in listed))
    if found.settings:
        yield _Part(say("What were they made with?"), _table("settings", say("Which settings differ?")))
    if found.columns:
        yield _Part(
            say("Which columns are other ones?"), _table("columns", say("How do the columns differ?"))
        )
    if found.numbers:
        yield _Part(say("Which numbers differ?"), tuple(_number_lines(found, page)))
    if found.slices:
        yield _Part(say("Which slices differ?"), tuple(_slice_lines(found, page)))
    if names:
        yield _Part(say("Which rows differ?"), tuple(_row_lines(found, names, page)))


def _table(name: str, title: str) -> tuple[str, ...]:
    told = json.dumps(title, ensure_ascii=False)
    return (f"```view table title={told}", f"table: {ARTIFACT}/{name}", "```")


def _number_lines(found: Difference, page: _Page) -> Iterator[str]:
    say = page.words.say
    whole, others = _parted(found.numbers)
    if whole:
        yield from (*_table("counts", say("By how much does each whole number differ?")), "")
    if others:
        yield from _table("numbers", say("By how much does each number differ?"))


def _slice_lines(found: Difference, page: _Page) -> Iterator[str]:
    words, say = page.words, page.words.say
    if found.compared:
        by_chance = words.number(f"{found.compared * 0.05:.1f}")
        of_all = words.say_count(found.compared, "{n} slice", "{n} slices")
        yield say(INTERVALS, slices=of_all, few=by_chance)
        yield ""
    for table, column in dict.fromkeys((one.table, one.column) for one in found.slices):
        listed = [one for one in found.slices if (one.table, one.column) == (table, column)]
        is_share = any(one.difference is not None for one in listed)
        spec = _share_spec(words) if is_share else _count_spec(words)
        rows = min(len(listed), CHARTED)
        title = page.value(table)
        if column:
            title = say("{table} by {column}", table=title, column=page.value(column))
        fields = {"table": page.value(table), "column": page.value(column)}
        of_table = " && ".join(f"datum['{say(name)}'] == {value}" for name, value in fields.items())
        height = LEAST_HEIGHT + OF_SLICE * rows
        where = f"{of_table} && datum['{say('rank')}'] <= {CHARTED}"
        yield f'```vega-lite width=12 height={height} title="{title}" filter="{where}"'
        yield json.dumps(spec, indent=1, ensure_ascii=False)
        yield "```"
        yield ""
    yield from _table("slices", say("What does each slice come to?"))


def _share_spec(words: Words) -> dict[str, Any]:
    say = words.say
    axis = {"format": "+.1%", "title": say("Share predicted correctly, B less A")}
    share = {"type": "quantitative", "axis": axis}
    return {
        "data": {"name": f"{ARTIFACT}/slices"},
        "encoding": {
            "y": {
                "field": say("slice"),
                "type": "nominal",
                "sort": {"field": say("difference")},
                "title": None,
            }
        },
        "layer": [
            {
                "mark": {"type": "rule", "strokeDash": [4, 4]},
                "encoding": {"x": {"datum": 0, **share}, "y": {"value": 0}, "y2": {"value": "height"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"x": {"field": say("low"), **share}, "x2": {"field": say("high")}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70},
                "encoding": {
                    "x": {"field": say("difference"), **share},
                    "shape": {
                        "field": say("zero"),
                        "type": "nominal",
                        "title": say("Zero in the interval"),
                        "legend": {"columns": 1},
                    },
                },
            },
        ],
    }


def _count_spec(words: Words) -> dict[str, Any]:
    say = words.say
    return {
        "data": {"name": f"{ARTIFACT}/slices"},
        "mark": "bar",
        "encoding": {
            "y": {"field": say("slice"), "type": "nominal", "sort": "x", "title": None},
            "x": {
                "field": say("rows, B less A"),
                "type": "quantitative",
                "aggregate": "sum",
                "title": say("Rows, B less A"),
            },
        },
    }


def _row_lines(found: Difference, names: dict[str, str], page: _Page) -> Iterator[str]:
    words, say = page.words, page.words.say
    for rows in found.rows:
        name = names.get(rows.table)
        if name is None:
            continue
        yield f"### {page.value(rows.table)}"
        yield ""
        yield _matched(rows, page)
        if rows.columns:
            each = (f"{page.value(column)} {page.count(n)}" for column, n in rows.columns.items())
            yield say("They differ in: {columns}.", columns=", ".join(each))
        yield ""
        first = say("The first {n}", n=page.count(len(rows.samples)))
        listed = first if _is_cut(rows) else say("All of them")
        yield f'```view samples title="{listed}" help="{say(HELP)}"'
        yield f"table: {name}/samples"
        yield f"order: {say('rank') if _are_named(rows, words) else 'id'}"
        yield f"columns: {json.dumps(_captions(rows, words), ensure_ascii=False)}"
        yield "rows: 48"
        yield "```"
        yield ""
        yield f'```view table title="{say("What does each hold?")}"'
        yield f"table: {name}/samples"
        yield "```"
        yield ""


def _matched(rows: Rows, page: _Page) -> str:
    """Return a sentence on how many rows there are, what they are matched by, and how many differ."""
    names = ("before", "after", "changed", "added", "removed")
    counts = {name: page.count(getattr(rows, name)) for name in names}
    matched = page.words.say(rows.matched_by) if rows.matched_by == CONTENT else page.value(rows.matched_by)
    return page.words.say(MATCHED, matched=matched, **counts)


def _is_cut(rows: Rows) -> bool:
    return rows.added + rows.removed + rows.changed > len(rows.samples)


def _captions(rows: Rows, words: Words) -> list[str]:
    """Return the columns that a tile tells beside label and prediction: what was there before."""
    changed = dict.fromkeys(name for one in rows.samples if one.kind == "changed" for name in one.changed)
    measured = [name for name in changed if rows.roles.get(name) in ("prediction", "label", "confidence")]
    told = measured[:3] or list(changed)[:2]
    return [words.say("change"), *(words.say("{column} in A", column=name) for name in told)]
