"""Charts of several plots in a real browser: plots and page follow each other, and links keep it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pandas as pd
import pytest

from tests.browser.driver import OpenTab, Tab

PAGE = "guides/charts.html"
NOTHING = "\N{EN DASH}"
ROWS = """id => [...document.querySelectorAll(`#${id} .view-data tbody tr`)].map(
    row => [...row.children].map(cell => cell.textContent))"""


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """The page of charts, live; nothing may be said in its console."""
    tab = open_tab(demo_url + PAGE).live()
    yield tab
    assert tab.messages == []
    assert tab.failures == []


def table(tab: Tab, id_: str) -> list[list[str]]:
    """Return the data table of a view, opened."""
    tab.page.eval_on_selector(f"#{id_} .view-data", "details => { details.open = true; }")
    tab.settle()
    rows: list[list[str]] = tab.page.evaluate(ROWS, id_)
    return rows


def brush(tab: Tab, id_: str, start: float, end: float) -> None:
    """Drag over a view's drawing; places are fractions of its width."""
    drawing = tab.page.locator(f"#{id_} .chart-live").first
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box
    y = box["y"] + box["height"] * 0.6
    tab.page.mouse.move(box["x"] + box["width"] * start, y)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] * (start + end) / 2, y, steps=4)
    tab.page.mouse.move(box["x"] + box["width"] * end, y, steps=4)
    tab.page.mouse.up()
    tab.settle()


def selected(tab: Tab, samples: pd.DataFrame) -> pd.DataFrame:
    """Return the images in the range that the link says was brushed."""
    (part,) = tab.hash_state()["beside"]["selected"]["select_0"]
    ((low, high),) = part["values"]
    return samples[samples.confidence.between(low, high)]


def test_a_plot_filters_the_page_and_the_plot_beside_it(live: Tab, samples: pd.DataFrame) -> None:
    brush(live, "beside", 0.1, 0.3)
    passing = selected(live, samples)
    assert 0 < len(passing) < len(samples)
    counts = live.counts()
    assert {counts[name][0] for name in ("layers", "boxes", "multiples", "mistakes")} == {len(passing)}
    assert counts["beside"] == (len(samples), len(samples))

    # The table lists both plots: bins without a label, and bars without a bin.
    bars = [row for row in table(live, "beside") if row[0] != NOTHING]
    counted = {(label, is_right): int(n) for label, is_right, n, *_ in bars}
    expected = passing.groupby(["label", "correct"], observed=True).size()
    assert counted == {(label, str(is_right).lower()): n for (label, is_right), n in expected.items()}


def test_a_link_restores_a_brush_and_a_slider(live: Tab, demo_url: str, open_tab: OpenTab) -> None:
    brush(live, "beside", 0.1, 0.3)
    live.page.locator("#threshold input[type=range]").focus()
    for _ in range(5):
        live.page.keyboard.press("ArrowLeft")
    live.page.wait_for_url("**0.85**")
    live.settle()
    assert live.hash_state()["threshold"] == {"values": {"threshold": 0.85}}
    again = open_tab(live.page.url)
    again.live()
    assert again.counts() == live.counts()
    assert table(again, "threshold") == table(live, "threshold")
    assert again.page.locator("#threshold input[type=range]").input_value() == "0.85"
    assert again.messages == []


def test_the_slider_counts_what_is_below_it(live: Tab, samples: pd.DataFrame) -> None:
    live.page.locator("#threshold input[type=range]").fill("0.5")
    live.settle()
    counted = {label: int(n) for label, n in table(live, "threshold")}
    expected = samples[samples.confidence < 0.5].groupby("label", observed=True).size()
    assert counted == expected[expected > 0].to_dict()


def test_the_toolbars_filter_reaches_every_plot(live: Tab, samples: pd.DataFrame) -> None:
    live.filter("datum.label == '8'")
    eights = samples[samples.label == "8"]
    assert live.counts()["multiples"] == (len(eights), len(samples))
    (row,) = [row for row in table(live, "layers") if row[0] == "8"]
    assert float(row[1]) == pytest.approx(eights.confidence.mean(), abs=5e-4)
    live.filter("")
    assert len(table(live, "layers")) == 11


@pytest.mark.parametrize(
    "state",
    [
        {"selected": {"select_0": [{"values": [["a", "b"]]}]}},
        {"selected": {"select_0": [{"values": [[1e308, -1e308]], "of": 7}]}},
        {"selected": {"nowhere": [{"values": [[0, 1]]}]}, "values": {"threshold": {"expr": "1"}}},
        {"selected": {"select_0": [{"values": [{"a": 1}]}]}},
    ],
)
def test_a_link_that_lies_harms_nothing(state: object, demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(f"{demo_url}{PAGE}#~beside={quote(json.dumps(state))}").live()
    assert tab.page.locator(".view[data-state=error]").count() == 0
    assert tab.messages == []
