"""Every kind of mark filters: it is clicked or dragged, and another view's rows are those that SQL counts.

Marks that have a test of their own are in `COVERED`, by the file that holds it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.browser.driver import ROOT, OpenTab, Tab
from tests.browser.test_every_view import VIEWS

COVERED: Mapping[str, tuple[str, ...]] = {
    "architecture": ("glyph: test_architecture",),
    "architecture-diff": ("glyph: test_architecture",),
    "binary-confusion": ("cell fp: test_confusion",),
    "confusion-matrix": ("cell: test_confusion",),
    "data-map": ("country: test_map", "row of a country: test_map"),
    "duplicates": ("group, card, cell of the audit: test_twins",),
    "fairvis": ("dot: test_fairvis", "suggested group: test_fairvis"),
    "familiarity": ("bars: test_twins", "group: test_twins"),
    "inactive-units": ("layer: test_units", "unit: test_units"),
    "label-review": ("band of cards: test_correcting",),
    "pfa": ("layer: test_units", "unit: test_units"),
    "samples": ("card: test_selecting",),
    "scatter": ("box, lasso, category: test_scatter", "point: test_scatter"),
    "summary": ("bar: test_twice",),
    "table": ("row: test_table", "row of a group: test_rows_of_groups"),
    "toolbar": ("filter: test_toolbar",),
    "training": ("epochs: test_training",),
    "vega-lite": ("bar, cell, range: test_selecting", "point, rule, plot: test_composed"),
}
WITHOUT = ("markdown", "parameters", "provenance")
"""Views without marks."""

Act = Callable[[Tab], Any]
"""Uses one mark; returns what SQL is told of it."""


@dataclass(frozen=True)
class Mark:
    """A kind of mark: how it is used, in which view other rows are seen, and how SQL counts them."""

    view: str
    page: str
    act: Act
    other: str
    sql: str


def pressed(selector: str, key: str = "") -> Act:
    """Click the first such mark; told is what it says of itself in an attribute."""

    def act(tab: Tab) -> Any:
        mark = tab.page.locator(selector).first
        said = mark.get_attribute(key) if key else None
        mark.scroll_into_view_if_needed()
        tab.press(f"{selector} >> nth=0")
        return json.loads(said) if said else []

    return act


def dragged(id_: str, plot: str) -> Act:
    """Drag over the middle of a histogram; told are the ends of what is selected."""

    def act(tab: Tab) -> Any:
        bars = tab.page.locator(f"#{id_} {plot}").first
        bars.evaluate("each => each.scrollIntoView({block: 'center', behavior: 'instant'})")
        box = bars.bounding_box()
        assert box
        y = box["y"] + min(60, box["height"] / 2)
        tab.page.mouse.move(box["x"] + box["width"] * 0.22, y)
        tab.page.mouse.down()
        tab.page.mouse.move(box["x"] + box["width"] * 0.61, y, steps=6)
        tab.page.mouse.up()
        tab.settle()
        return tab.hash_state()[id_]["range"]

    return act


def headed(id_: str, across: float, down: float, kind: str) -> Act:
    """Click the name of a row or a column of a matrix; told is that name."""

    def act(tab: Tab) -> Any:
        tab.click(tab.place(id_, across, down))
        ((name,),) = tab.hash_state()[id_][kind]
        return name

    return act


def strip(tab: Tab) -> Any:
    """Click the dot of a group in a strip."""
    tab.press("#groups [data-layout=strip]")
    dot = tab.page.locator("#groups .fairvis-plot [data-key]").first
    dot.evaluate("each => each.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = dot.bounding_box()
    assert box
    tab.click((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    ((label, split),) = tab.hash_state()["groups"]["groups"]
    return label, split


SCORED = """FROM 'digits/samples.parquet' JOIN 'digits/probabilities.parquet' USING (id)
WHERE (label = '8') = {truth} AND (probabilities[9] >= 0.5) = {said}"""


def cell(name: str, *, truth: bool, said: bool) -> Mark:
    """Return a cell of one class against the rest."""
    sql = SCORED.format(truth=truth, said=said)
    return Mark("binary-confusion", "digits-confusion", pressed(f"#eight [data-cell={name}]"), "images", sql)


MARKS: Mapping[str, Mark] = {
    "cell tp": cell("tp", truth=True, said=True),
    "cell fn": cell("fn", truth=True, said=False),
    "cell tn": cell("tn", truth=False, said=False),
    "name of a row": Mark(
        "confusion-matrix",
        "digits-confusion",
        headed("matrix", 0.03, 0.5, "rows"),
        "images",
        "FROM 'digits/samples.parquet' WHERE label = $1",
    ),
    "name of a column": Mark(
        "confusion-matrix",
        "digits-confusion",
        headed("matrix", 0.4, 0.04, "columns"),
        "images",
        "FROM 'digits/samples.parquet' WHERE prediction = $1",
    ),
    "cell of labels": Mark(
        "error-matrix",
        "digits-labels",
        pressed("#errors .errors-cell", "data-cell"),
        "matrix",
        "FROM 'digits-labels/samples.parquet' WHERE label = $1 AND prediction = $2",
    ),
    "dot of a strip": Mark(
        "fairvis",
        "digits-groups",
        strip,
        "images",
        "FROM 'digits/samples.parquet' WHERE label = $1 AND split = $2",
    ),
    "card of a review": Mark(
        "label-review",
        "digits-labels",
        pressed("#review .review-list .sample", "data-id"),
        "matrix",
        "FROM 'digits-labels/samples.parquet' WHERE id = $1",
    ),
    "bars of a review": Mark(
        "label-review",
        "digits-labels",
        dragged("review", ".familiarity-plot"),
        "matrix",
        "FROM 'digits-labels/samples.parquet' WHERE quality BETWEEN $1 AND $2",
    ),
    "card of a familiarity": Mark(
        "familiarity",
        "digits-familiarity",
        pressed("#familiarity .sample", "data-id"),
        "misread",
        "FROM 'digits/samples.parquet' WHERE id = $1",
    ),
    "bars of inactive units": Mark(
        "inactive-units",
        "digits-units",
        dragged("inactive", ".units-plot"),
        "strength",
        "FROM 'digits-inactive/units.parquet' WHERE share BETWEEN $1 AND $2",
    ),
}


def test_every_view_has_marks_or_is_known_to_have_none() -> None:
    named = set(COVERED) | {mark.view for mark in MARKS.values()}
    assert named | set(WITHOUT) == set(VIEWS)
    assert not named & set(WITHOUT)
    files = {said.rpartition(": ")[2] for each in COVERED.values() for said in each}
    assert [name for name in files if not (Path(__file__).parent / f"{name}.py").is_file()] == []


def counted(sql: str, told: Any) -> int:
    """Return how many rows DuckDB counts in the artifacts."""
    values = told if isinstance(told, list | tuple) else [told]
    query = "SELECT count(*) " + sql.replace("'digits", f"'{ROOT}/artifacts/digits")
    ((found,),) = duckdb.connect().execute(query, values).fetchall()
    return int(found)


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_filters_the_other_views_as_sql_counts(name: str, demo_url: str, open_tab: OpenTab) -> None:
    mark = MARKS[name]
    tab = open_tab(f"{demo_url}{mark.page}.html").live()
    own = next(view["id"] for view in tab.payload()["views"] if view["view"] == mark.view)
    before = tab.counts()
    told = mark.act(tab)
    expected = counted(mark.sql, told)
    assert 0 < expected < before[mark.other][1]
    assert tab.rows(mark.other) == expected
    assert tab.counts()[own] == before[own], "a selection never filters its own view"
    tab.reset()
    assert tab.counts() == before
    assert tab.messages == tab.failures == []


def test_a_similar_pair_keeps_the_rows_of_both_of_its_groups(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(f"{demo_url}digits-groups.html").live()
    keep = "#groups [data-list=similar] .fairvis-keep"
    # The first pair is of both splits: all rows.
    pairs = f"FROM '{ROOT}/artifacts/digits-fairness/similar.parquet' ORDER BY rank LIMIT 2"
    _, (group, other) = duckdb.connect().execute(f'SELECT "group", other {pairs}').fetchall()
    assert tab.texts(keep)[1] == group
    tab.press(f"{keep} >> nth=1")
    labels = [each.removeprefix("label = ") for each in (group, other)]
    expected = counted("FROM 'digits/samples.parquet' WHERE label IN ($1, $2)", labels)
    assert 0 < expected < tab.counts()["groups"][1]
    assert tab.rows("images") == expected
    assert tab.messages == tab.failures == []
