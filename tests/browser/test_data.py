"""Data that breaks pages: hostile labels, no rows, only nulls, NaN, infinities. It is shown as it is."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.arrow import type_name
from pipelines.contract import Column, Manifest, Rows, TableSpec, write_artifact
from tests.browser.conftest import oracle_of
from tests.browser.demo_pages import pages
from tests.browser.driver import OpenTab, Tab, build_site, serving
from tests.browser.oracle import Filter, Oracle, compare
from tests.browser.shown import read_live, read_static

LABELS = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    'it\'s a "quote"',
    "a:b & c;d, e=f~g#h%20",
    "back\\slash `tick` ${x} {{y}}",
    "\N{RIGHT-TO-LEFT OVERRIDE}turned \N{SNOWMAN}",
    "constructor",
    "",
    "long " * 2000 + "end",
    None,
)
ROWS = 300
SPECS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "labels": ("odd/samples", "bar", {"x": {"aggregate": "count"}, "y": {"field": "label"}}),
    "values": (
        "odd/samples",
        "bar",
        {"x": {"field": "value", "bin": True, "type": "quantitative"}, "y": {"aggregate": "count"}},
    ),
    "gaps": (
        "odd/samples",
        "bar",
        {"x": {"field": "gap", "bin": {"maxbins": 5}, "type": "quantitative"}, "y": {"aggregate": "count"}},
    ),
    "means": (
        "odd/samples",
        "bar",
        {"x": {"aggregate": "mean", "field": "value"}, "y": {"field": "group"}},
    ),
    "sums": ("odd/samples", "rect", {"x": {"field": "group"}, "color": {"aggregate": "sum", "field": "gap"}}),
    "nothing": (
        "odd/samples",
        "bar",
        {"x": {"field": "nothing", "bin": True, "type": "quantitative"}, "y": {"aggregate": "count"}},
    ),
    "nobody": (
        "odd/samples",
        "bar",
        {"x": {"aggregate": "max", "field": "nothing"}, "y": {"field": "group"}},
    ),
    "months": (
        "odd/samples",
        "line",
        {
            "x": {"field": "day", "timeUnit": "yearmonth", "type": "temporal"},
            "y": {"aggregate": "max", "field": "gap"},
        },
    ),
    "empty": (
        "odd/empty",
        "line",
        {"x": {"field": "step", "type": "quantitative"}, "y": {"field": "loss", "type": "quantitative"}},
    ),
    "bare": (
        "odd/empty",
        "bar",
        {"x": {"field": "step", "bin": True, "type": "quantitative"}, "y": {"aggregate": "count"}},
    ),
}
FILTERS: Mapping[str, Filter] = {
    # As in JavaScript, null is less than 5 and NaN is not.
    "datum.gap < 5": lambda rows: rows.gap.isna() | (rows.gap < 5),
    "datum.value < 5": lambda rows: rows.value < 5,
    "!(datum.value < 5)": lambda rows: ~(rows.value < 5),
    "datum.nothing == null": lambda rows: rows.nothing.isna(),
    f"datum.label == {json.dumps(LABELS[2])}": lambda rows: rows.label == LABELS[2],
    "datum.label == '<script>alert(1)</script>' || datum.label == null": lambda rows: (
        (rows.label == LABELS[0]) | rows.label.isna()
    ),
}


def rows_of(name: str, columns: Mapping[str, pa.Array]) -> Rows:
    """Describe a table by its arrays; the column `id` makes it one of samples."""
    described = tuple(
        Column(
            column,
            type_name(array.type),
            column if column in ("id", "label") else None,
            nullable=array.null_count > 0,
        )
        for column, array in columns.items()
    )
    return Rows(TableSpec(name, f"Table {name}", described, entity="id" in columns), pa.table(dict(columns)))


def samples() -> dict[str, pa.Array]:
    special = {0: math.nan, 1: math.inf, 2: -math.inf}
    numbers = range(ROWS)
    return {
        "id": pa.array([f"{number}:'\"<b>" for number in numbers]),
        "label": pa.array([LABELS[number % len(LABELS)] for number in numbers]),
        "value": pa.array([special.get(number % 7, number / 10) for number in numbers], pa.float64()),
        "gap": pa.array([None if number % 3 == 0 else number % 11 for number in numbers], pa.int32()),
        "group": pa.array([["a", "b", None][number % 3] for number in numbers]),
        "nothing": pa.array([None] * ROWS, pa.float32()),
        "day": pa.array([number * 86_400_000_000 for number in numbers], pa.timestamp("us", "UTC")),
    }


def block(name: str) -> str:
    table, mark, encoding = SPECS[name]
    spec = {"data": {"name": table}, "mark": mark, "encoding": encoding}
    return f'```vega-lite id={name} width=6 title="{name}"\n{json.dumps(spec)}\n```\n'


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of a report on odd data."""
    report = tmp_path_factory.mktemp("odd")
    empty = {"step": pa.array([], pa.int32()), "loss": pa.array([], pa.float64())}
    tables = [rows_of("samples", samples()), rows_of("empty", empty)]
    write_artifact(
        report / "artifacts" / "odd", Manifest(name="odd", tool="fixture", title="Odd", dataset="odd"), tables
    )
    (report / "sitegen.toml").write_text('[site]\ntitle = "Odd </title><script>alert(1)</script>"\n')
    (report / "content").mkdir()
    views = ["```view toolbar id=toolbar\n```\n", "```view samples id=rows\ncolumns: [value, gap]\n```\n"]
    page = "---\ntable: odd/samples\n---\n# Odd\n\n" + "\n".join([*views, *map(block, SPECS)])
    (report / "content" / "index.md").write_text(page, "utf-8")
    build_site(report, report / "site")
    return report / "site"


@pytest.fixture(scope="module")
def address(odd: Path) -> Iterator[str]:
    with serving(odd) as url:
        yield url


@pytest.fixture(scope="module")
def oracle(odd: Path) -> Oracle:
    return oracle_of(odd, "index.html")


def check_unharmed(tab: Tab) -> None:
    """Fail if a text became markup, or anything was said or asked."""
    assert tab.messages == tab.failures == []
    script = """() => [...document.querySelectorAll("script:not([src]), img, [onerror], main b")]
        .filter(each => each.type !== "application/json")
        .filter(each => !each.closest(".view-count, .toolbar-count"))
        .map(each => each.outerHTML)"""
    assert tab.page.evaluate(script) == []
    assert tab.page.locator(".view-error:visible").count() == 0


def test_odd_data_is_built_as_it_is(odd: Path, oracle: Oracle) -> None:
    shown, _ = read_static((odd / "index.html").read_text("utf-8"))
    for view, found in shown.items():
        compare(found, oracle.expect(view), view)


def test_odd_data_goes_live_as_it_was_built(odd: Path, address: str, open_tab: OpenTab) -> None:
    tab = open_tab(address).live()
    assert read_live(tab) == read_static((odd / "index.html").read_text("utf-8"))[0]
    check_unharmed(tab)


def test_filters_meet_odd_data_as_javascript_does(address: str, open_tab: OpenTab, oracle: Oracle) -> None:
    tab = open_tab(address).live()
    for expression, filtered in FILTERS.items():
        tab.filter(expression)
        for view, found in read_live(tab).items():
            compare(found, oracle.expect(view, {}, filtered), f"{view} under {expression}")
    check_unharmed(tab)


def test_hostile_labels_are_selected_named_and_linked(
    address: str, open_tab: OpenTab, oracle: Oracle
) -> None:
    tab = open_tab(address).live()
    for number in range(len(LABELS)):
        tab.click(tab.marks("labels")[number])
        state = tab.hash_state()
        assert set(state) == {"labels"}
        for view, found in read_live(tab).items():
            compare(found, oracle.expect(view, state), f"{view} under {str(state)[:200]}")
        assert tab.rows("toolbar") == ROWS / len(LABELS)
        assert all(len(chip) < 200 for chip in tab.texts(".chip"))
    before = read_live(tab)
    again = open_tab(tab.address()).live()
    assert read_live(again) == before
    check_unharmed(tab)
    check_unharmed(again)


def test_a_brush_over_values_with_infinities_counts_as_pandas(
    address: str, open_tab: OpenTab, oracle: Oracle
) -> None:
    tab = open_tab(address).live()
    tab.drag("values", (0.1, 0.5), (0.6, 0.5))
    state = tab.hash_state()
    for view, found in read_live(tab).items():
        compare(found, oracle.expect(view, state), f"{view} under {state}")
    check_unharmed(tab)


def test_where_there_is_nothing_the_page_says_so(address: str, open_tab: OpenTab) -> None:
    tab = open_tab(address)
    static = tab.texts(".view-empty")
    assert static
    assert tab.texts("#empty .view-body") == tab.texts("#bare .view-body") == ["The table has no rows."]
    tab.live()
    assert tab.texts(".view-empty") == static


def test_rows_are_sorted_once(demo: Path) -> None:
    """The engine loses lists that a sorted SELECT sorts again: one page in ten found no data, or crashed."""
    for page in pages(demo):
        if 'id="sitegen-page"' in (text := (demo / page).read_text("utf-8")):
            _, payload = read_static(text)
            assert all(relation["sql"].count(" ORDER BY ") <= 1 for relation in payload["relations"]), page
