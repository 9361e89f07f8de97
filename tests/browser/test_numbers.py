"""Every number of the demo's charts: as built, as live, and as pandas counts it from the Parquet."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from driver import ROOT, OpenTab, Tab

pytestmark = pytest.mark.browser

PAGE = "digits.html"
MINUS, UNDEFINED = "\N{MINUS SIGN}", "\N{EN DASH}"
FILTERS = {
    "": lambda frame: frame.index == frame.index,
    "datum.split == 'test' && datum.confidence < 0.9": lambda frame: (
        (frame.split == "test") & (frame.confidence < 0.9)
    ),
    "!datum.correct || datum.label == '8'": lambda frame: ~frame.correct | (frame.label == "8"),
}
RELATIVE = 2e-3
"""Cells are written with four significant digits."""


def number(cell: str) -> float:
    """Read a cell as a number: thousands separators, a true minus, a dash for undefined."""
    text = cell.replace(",", "").replace(MINUS, "-")
    return float("nan") if text == UNDEFINED else float(text)


def charts(tab: Tab) -> list[dict[str, Any]]:
    return [view for view in tab.payload()["views"] if view["view"] == "vega-lite"]


def frame_of(view: dict[str, Any], samples: pd.DataFrame, mask: Any) -> pd.DataFrame:
    if view["table"] == "digits/training":
        return pq.read_table(ROOT / "artifacts/digits/training.parquet").to_pandas()
    return samples[mask(samples)]


def aggregated(view: dict[str, Any]) -> bool:
    return any("aggregate" in channel for channel in view["options"]["spec"]["encoding"].values())


def expected(view: dict[str, Any], row: list[str], frame: pd.DataFrame) -> tuple[float, float]:
    """Return what a row of an aggregated chart says, and what pandas says of the same group."""
    mask = pd.Series(True, index=frame.index)
    cells = iter(row)
    said = float("nan")
    measured: dict[str, Any] = {}
    for channel in view["options"]["spec"]["encoding"].values():
        if "aggregate" in channel:
            said, measured = number(next(cells)), channel
        elif channel.get("bin"):
            low, high = number(next(cells)), number(next(cells))
            top = frame[channel["field"]].max()
            column = frame[channel["field"]].astype(float)
            mask &= (column >= low - 1e-9) & ((column < high - 1e-9) | (column == top) & (high >= top))
        else:
            mask &= frame[channel["field"]].astype(str).str.lower() == next(cells).lower()
    group = frame[mask]
    if measured["aggregate"] == "count":
        return said, float(len(group))
    return said, float(group[measured["field"]].astype(float).mean())


@pytest.mark.parametrize("expression", FILTERS, ids=["all", "doubtful tests", "wrong or eight"])
def test_every_mark_says_what_pandas_says(
    expression: str, open_tab: OpenTab, demo_url: str, samples: pd.DataFrame
) -> None:
    tab = open_tab(demo_url + PAGE).live()
    if expression:
        tab.filter(expression)
    for view in filter(aggregated, charts(tab)):
        frame = frame_of(view, samples, FILTERS[expression])
        table = tab.data_table(view["id"])
        assert table, view["id"]
        counted = 0.0
        for row in table:
            said, truth = expected(view, row, frame)
            assert said == pytest.approx(truth, rel=RELATIVE), (view["id"], row)
            counted += said
        assert tab.rows(view["id"]) == len(frame)
        if view["options"]["spec"]["encoding"].get("y", {}).get("aggregate") == "count":
            assert counted == len(frame), "no row is counted twice or left out"


def test_the_raw_charts_summarise_what_pandas_summarises(
    open_tab: OpenTab, demo_url: str, samples: pd.DataFrame
) -> None:
    tab = open_tab(demo_url + PAGE).live()
    table = {row[0]: [number(cell) for cell in row[1:]] for row in tab.data_table("projection")}
    assert len(table) == 2
    for column, row in zip(("projection_x", "projection_y"), table.values(), strict=True):
        values = samples[column].astype(float)
        wanted = [len(values), values.min(), values.mean(), values.max()]
        assert row == pytest.approx(wanted, rel=RELATIVE, abs=RELATIVE)


def test_static_tables_equal_live_tables(open_tab: OpenTab, demo_url: str) -> None:
    static = open_tab(demo_url + PAGE)
    live = open_tab(demo_url + PAGE).live()
    for view in charts(static):
        assert static.data_table(view["id"]) == live.data_table(view["id"])
    assert static.counts() == live.counts()
    assert static.state() == "static"


def geometry(tab: Tab, id_: str) -> list[list[float]]:
    """Return the path data's numbers of a chart's bars, in order."""
    script = """id => [...document.querySelectorAll(
        `#${id} .view-body svg .mark-rect.role-mark path, #${id} .view-body svg .mark-line.role-mark path`)]
        .filter(path => path.getClientRects().length && !path.closest('[class*=brush]'))
        .map(path => path.getAttribute('transform') + path.getAttribute('d'))"""
    texts = [str(text) for text in tab.page.evaluate(script, id_)]
    return [[float(value) for value in re.findall(r"-?\d+\.?\d*", text)] for text in texts]


@pytest.mark.parametrize("chart", ["accuracy", "confidence", "entropy", "loss"])
def test_static_marks_stand_where_live_marks_stand(chart: str, open_tab: OpenTab, demo_url: str) -> None:
    static = [mark for mark in geometry(open_tab(demo_url + PAGE), chart) if len(mark) > 2]
    live = [mark for mark in geometry(open_tab(demo_url + PAGE).live(), chart) if len(mark) > 2]
    assert static
    assert len(static) == len(live)
    for built, drawn in zip(static, live, strict=True):
        assert built == pytest.approx(drawn, abs=1.0)


def test_nothing_jumps_when_the_page_comes_alive(open_tab: OpenTab, demo_url: str) -> None:
    script = """Object.fromEntries([...document.querySelectorAll('.view .view-body')].map(
        body => { const b = body.getBoundingClientRect();
                  return [body.parentElement.id, [b.x, b.y + scrollY, b.width, b.height]]; }))"""
    tab = open_tab(demo_url + PAGE)
    tab.page.evaluate("document.fonts.ready")
    before = tab.page.evaluate(script)
    after = tab.live().page.evaluate(script)
    for name, box in before.items():
        assert after[name] == pytest.approx(box, abs=2), name


@pytest.mark.parametrize("across", [(0.3, 0.8), (0.12, 0.55), (0.6, 1.2), (0.41, 0.83)])
def test_a_brush_dragged_with_the_mouse_counts_as_pandas_counts(
    across: tuple[float, float], open_tab: OpenTab, demo_url: str, samples: pd.DataFrame
) -> None:
    tab = open_tab(demo_url + PAGE).live()
    tab.drag("confidence", (across[0], 0.5), (across[1], 0.6))
    low, high = tab.hash_state()["confidence"]["interval"]["x"]
    confidence = samples.confidence.astype(float)
    passing = int(((confidence >= low) & (confidence < high)).sum())
    assert 0 < passing < len(samples)
    for name, (rows, total) in tab.counts().items():
        if total == len(samples):
            assert rows == (total if name == "confidence" else passing), name


def test_a_brush_over_the_map_counts_in_two_dimensions(
    open_tab: OpenTab, demo_url: str, samples: pd.DataFrame
) -> None:
    tab = open_tab(demo_url + PAGE).live()
    tab.drag("projection", (0.2, 0.25), (0.65, 0.75))
    interval = tab.hash_state()["projection"]["interval"]
    inside = pd.Series(True, index=samples.index)
    for axis in ("x", "y"):
        low, high = interval[axis]
        column = samples[f"projection_{axis}"].astype(float)
        inside &= (column >= low) & (column < high)
    assert 0 < inside.sum() < len(samples)
    assert tab.rows("toolbar") == tab.rows("accuracy") == inside.sum()


def test_selections_add_up_and_come_undone(open_tab: OpenTab, demo_url: str, samples: pd.DataFrame) -> None:
    tab = open_tab(demo_url + PAGE).live()
    tab.page.mouse.click(*tab.place("accuracy", 0.3, 0.5))
    tab.settle()
    (first,) = tab.hash_state()["accuracy"]["points"]
    assert tab.rows("toolbar") == (samples.label == first[0]).sum()

    tab.page.keyboard.down("Shift")
    tab.page.mouse.click(*tab.place("accuracy", 0.3, 0.27))
    tab.page.keyboard.up("Shift")
    tab.settle()
    both = [point[0] for point in tab.hash_state()["accuracy"]["points"]]
    assert len(set(both)) == 2
    assert tab.rows("toolbar") == samples.label.isin(both).sum()
    assert " or ".join(both) in tab.page.inner_text(".chips")

    tab.page.go_back()
    tab.settle()
    assert tab.rows("toolbar") == (samples.label == first[0]).sum()
    tab.page.go_forward()
    tab.settle()
    assert tab.rows("toolbar") == samples.label.isin(both).sum()

    tab.drag("confidence", (0.3, 0.5), (0.9, 0.6))
    low, high = tab.hash_state()["confidence"]["interval"]["x"]
    inside = (samples.confidence.astype(float) >= low) & (samples.confidence.astype(float) < high)
    assert tab.rows("toolbar") == (inside & samples.label.isin(both)).sum()
    tab.page.click(".chip:has-text('label') button")
    tab.settle()
    assert tab.rows("toolbar") == inside.sum()
    tab.page.click(".toolbar-reset")
    tab.settle()
    assert tab.rows("toolbar") == len(samples)
    assert tab.page.evaluate("location.hash") == ""


def test_a_double_click_lets_go(open_tab: OpenTab, demo_url: str, samples: pd.DataFrame) -> None:
    tab = open_tab(demo_url + PAGE).live()
    tab.drag("confidence", (0.3, 0.5), (0.8, 0.6))
    assert tab.rows("toolbar") < len(samples)
    tab.page.mouse.dblclick(*tab.place("confidence", 0.5, 0.5))
    tab.settle()
    assert tab.rows("toolbar") == len(samples)
    assert tab.hash_state() == {}


def test_a_link_reopens_the_exact_view(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab(demo_url + PAGE).live()
    tab.filter("datum.split == 'test'")
    tab.drag("projection", (0.1, 0.1), (0.7, 0.8))
    tab.page.click("#images button.sample >> nth=1")
    tab.settle()
    again = open_tab(tab.page.url).live()
    assert again.counts() == tab.counts()
    assert again.hash_state() == tab.hash_state()
    assert again.page.inner_text(".chips") == tab.page.inner_text(".chips")
    assert again.messages == []
