"""Charts of several plots in a real browser: plots and page follow each other, and links keep it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pandas as pd
import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import DESKTOP
from tests.browser.driver import OpenTab, Tab, tab_of

PAGE = "guides/charts.html"
ROWS = """id => [...document.querySelectorAll(`#${id} .view-data tbody tr`)].map(
    row => [...row.children].map(cell => cell.textContent))"""


@pytest.fixture(scope="module")
def opened(demo_url: str, browser: Browser) -> Iterator[Tab]:
    context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    yield tab_of(context).open(demo_url + PAGE).live()
    context.close()


@pytest.fixture
def live(opened: Tab) -> Iterator[Tab]:
    """The page of charts, live, as it was opened; nothing may be said in its console."""
    yield opened
    assert opened.messages == []
    assert opened.failures == []
    opened.reset()


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

    # Each plot has a table of its own.
    rows = [row for row in table(live, "beside") if row[1] in ("true", "false")]
    assert live.texts("#beside .view-data caption") == ["Images by Confidence", "Images by Shows"]
    counted = {(label, is_right): int(n) for label, is_right, n in rows}
    expected = passing.groupby(["label", "correct"], observed=True).size()
    assert counted == {(label, str(is_right).lower()): n for (label, is_right), n in expected.items()}


def test_undo_and_redo_take_a_brush_back_from_every_view(live: Tab) -> None:
    whole = live.counts()
    brush(live, "beside", 0.1, 0.3)
    brushed = live.counts()
    assert brushed["layers"] != whole["layers"]
    for key, counts in (("Control+z", whole), ("Control+y", brushed), ("Control+z", whole)):
        live.page.keyboard.press(key)
        live.settle()
        assert live.counts() == counts


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


def test_axes_take_the_room_of_their_numbers_as_the_link_has_them(live: Tab, open_tab: OpenTab) -> None:
    # Fewer images have shorter numbers beside the axis.
    plot = "() => document.querySelector('#threshold .chart-live svg > g').getAttribute('transform')"
    before = live.page.evaluate(plot)
    slider = live.page.locator("#threshold input[type=range]")
    slider.focus()
    slider.fill("0.5")
    live.page.wait_for_function(f"before => ({plot})() !== before", arg=before)
    live.settle()
    assert live.page.evaluate("document.activeElement.matches('#threshold input[type=range]')")
    assert slider.input_value() == "0.5"
    assert live.page.evaluate(plot) == open_tab(live.address()).live().page.evaluate(plot)


def test_the_toolbars_filter_reaches_every_plot(live: Tab, samples: pd.DataFrame) -> None:
    live.filter("datum.label == '8'")
    eights = samples[samples.label == "8"]
    assert live.counts()["multiples"] == (len(eights), len(samples))
    (row,) = [row for row in table(live, "layers") if row[0] == "8"]
    assert row[1] == f"{eights.confidence.mean():.1%}"
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


def bars(tab: Tab, id_: str, marks: str) -> list[tuple[float, float]]:
    """Return the middles of the bars of one plot, in their order."""
    script = """([id, marks]) => {
        document.getElementById(id).scrollIntoView({block: "center", behavior: "instant"});
        return [...document.querySelectorAll(`#${id} .role-mark.${marks} path`)].map(path => {
            const box = path.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        });
    }"""
    return [(x, y) for x, y in tab.page.evaluate(script, [id_, marks])]


def chosen(tab: Tab, id_: str) -> list[object]:
    """Return the values that the link says are chosen in a view."""
    state = tab.hash_state().get(id_, {}).get("selected", {})
    return [value for parts in state.values() for part in parts for value in part["values"]]


@pytest.mark.parametrize(("view", "marks"), [("layers", "layer_0_marks"), ("beside", "concat_1_marks")])
def test_a_click_chooses_a_second_one_releases_and_shift_adds(
    live: Tab, samples: pd.DataFrame, view: str, marks: str
) -> None:
    first, second = bars(live, view, marks)[:2]
    live.click(first)
    (label,) = chosen(live, view)
    assert live.counts()["boxes"][0] == (samples.label == label).sum()
    live.click(first)
    assert live.hash_state() == {}
    live.click(first)
    live.click(second, "Shift")
    labels = chosen(live, view)
    assert len(labels) == 2
    assert live.counts()["boxes"][0] == samples.label.isin(labels).sum()
    live.page.keyboard.press("Escape")
    live.settle()
    assert live.hash_state() == {}
    live.page.wait_for_timeout(
        600
    )  # Else the browser takes the next click for the second half of a double one.
    live.click(second)
    live.page.wait_for_timeout(600)
    live.double_click(second)
    assert live.hash_state() == {}
    assert live.counts()["boxes"][0] == len(samples)


AXES = """id => [...document.querySelectorAll(`#${id} .view-panel`)].map(panel =>
    [...panel.querySelectorAll(".role-axis-label text")].map(label => label.textContent).join(" "))"""


def test_the_groups_of_a_page_share_their_scales_and_say_their_n(live: Tab, samples: pd.DataFrame) -> None:
    live.page.select_option("select[name=group]", "split")
    live.settle()
    totals = [f"{n:,}" for n in samples.split.value_counts().sort_index()]
    for view in ("layers", "boxes", "multiples", "beside", "mistakes", "threshold"):
        first, *others = live.page.evaluate(AXES, view)
        assert len(others) == 1, view
        assert others == [first], view
        assert live.texts(f"#{view} .view-panel-count") == totals, view
    assert live.texts("#own .view-panel") == [], "rows of its own are in none of the groups"

    # A mean grows when rows go: the axes stay alike.
    live.filter("datum.label != '1' || datum.split == 'test'")
    first, *others = live.page.evaluate(AXES, "layers")
    assert others == [first]
    live.filter("")

    (bar,) = bars(live, "layers", "layer_0_marks")[12:13]
    live.click(bar)
    (label,) = chosen(live, "layers")
    assert live.rows("toolbar") == (samples.label == label).sum()
    live.page.select_option("select[name=group]", "")
    live.settle()
    assert live.rows("boxes") == (samples.label == label).sum()
    live.page.focus("#layers .chart-live")
    press(live, "Escape")
    assert live.rows("boxes") == len(samples), "no group's selection is left behind"


def press(tab: Tab, *keys: str) -> None:
    for key in keys:
        tab.page.keyboard.press(key)
        tab.settle()


def test_the_marks_of_every_plot_are_walked_and_chosen_by_keyboard(live: Tab, samples: pd.DataFrame) -> None:
    live.page.focus("#beside .chart-live")
    assert "arrow keys walk from mark to mark" in live.page.get_attribute("#beside .chart-live", "aria-label")
    described = live.page.get_attribute("#beside .chart-live", "aria-describedby")
    assert "bars of Confidence, Images" in live.page.text_content(f"#{described}")

    said = "#beside .chart-live [role=status]"
    press(live, "ArrowRight", "Enter")
    ((low, high),) = chosen(live, "beside")
    inside = samples.confidence.between(low, high)
    assert live.page.text_content(said).startswith("Confidence ")
    assert f"Images {inside.sum()};" in live.page.text_content(said)
    assert live.counts()["boxes"][0] == inside.sum()
    press(live, "Shift+ArrowRight")
    ((wider, _),) = chosen(live, "beside")
    assert wider < low

    press(live, "Escape", "End", " ")
    (label,) = chosen(live, "beside")
    assert f"Shows {label}," in live.page.text_content(said)
    assert live.counts()["boxes"][0] == (samples.label == label).sum()
    press(live, "Enter")
    assert live.hash_state() == {}
    press(live, "Enter", "Escape")
    assert live.hash_state() == {}
    assert live.page.evaluate("document.activeElement.matches('#beside .chart-live')")


def test_a_slider_moved_by_keys_is_a_step_that_a_scroll_elsewhere_leaves_alone(live: Tab) -> None:
    # The history itself is no longer after 50 entries, which other tests of this page may have made.
    at = "history.state?.step ?? 0"
    steps = int(live.page.evaluate(at))
    live.page.locator("#threshold input[type=range]").focus()
    for _ in range(3):
        live.page.keyboard.press("ArrowLeft")
    live.page.wait_for_function(f"before => ({at}) > before", arg=steps)
    live.settle()
    assert live.page.evaluate(at) == steps + 1
    assert live.hash_state()["threshold"] == {"values": {"threshold": 0.87}}

    # A finger that scrolls the page beside the chart ends as this does.
    live.page.locator("#threshold input[type=range]").press("ArrowLeft")
    live.page.evaluate("dispatchEvent(new PointerEvent('pointercancel', {pointerId: 77}))")
    live.page.wait_for_function(f"before => ({at}) > before + 1", arg=steps)
    live.settle()
    assert live.hash_state()["threshold"] == {"values": {"threshold": 0.86}}
    assert live.page.locator("#threshold input[type=range]").input_value() == "0.86"
    live.back()
    assert live.hash_state()["threshold"] == {"values": {"threshold": 0.87}}
    live.back()
    assert live.hash_state() == {}


def listeners(tab: Tab, event: str) -> int:
    """Return how many the window tells of an event."""
    session = tab.page.context.new_cdp_session(tab.page)
    window = session.send("Runtime.evaluate", {"expression": "window"})["result"]["objectId"]
    found = session.send("DOMDebugger.getEventListeners", {"objectId": window})["listeners"]
    return sum(each["type"] == event for each in found)


@pytest.mark.chromium("Firefox does not say who listens to a window")
def test_a_page_that_is_split_and_joined_again_keeps_no_drawing_of_the_groups(live: Tab) -> None:
    before = {event: listeners(live, event) for event in ("pointerup", "pointercancel")}
    assert before["pointercancel"] > 0
    live.page.select_option(".toolbar select[name=group]", "label")
    live.settle()
    assert listeners(live, "pointercancel") > before["pointercancel"]
    live.page.select_option(".toolbar select[name=group]", "")
    live.settle()
    assert {event: listeners(live, event) for event in before} == before
