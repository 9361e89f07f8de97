"""Selecting with the mouse: every other view follows, and the link, the chips and the history say it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest

from tests.browser.driver import OpenTab, Place, Tab
from tests.browser.oracle import Oracle, compare, selects_interval
from tests.browser.shown import COUNTED, Shown, counts_told, read_live

REST_MS = 400
"""A while after scrolling when the place is in the link."""
PAGE = "digits.html"
RESET = ".toolbar-reset"


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """The digits page, live; nothing may be said in its console."""
    tab = open_tab(demo_url + PAGE, permissions=["clipboard-read", "clipboard-write"]).live()
    yield tab
    assert tab.messages == []


def check(tab: Tab, digits: Oracle) -> dict[str, Any]:
    """Fail unless every view shows what pandas computes for the state in the link; return the state."""
    shown = read_live(tab)
    state = tab.hash_state()
    for view, found in shown.items():
        compare(found, digits.expect(view, state), f"{view} under {state}")
    return state


def charts(digits: Oracle, *, is_interval: bool) -> list[str]:
    found = [view for view in digits.views.values() if view["view"] == "vega-lite"]
    return [view["id"] for view in found if selects_interval(view) == is_interval]


def test_a_brush_on_every_chart_gives_the_numbers_of_pandas(live: Tab, digits: Oracle) -> None:
    assert {"confidence", "projection", "loss"} <= {*charts(digits, is_interval=True)}
    for view in charts(digits, is_interval=True):
        live.drag(view, (0.3, 0.35), (0.71, 0.8))
        state = check(live, digits)
        assert set(state) == {view}
        assert all(low < high for low, high in state[view]["interval"].values())
        live.press(RESET)
        assert check(live, digits) == {}


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.4), (0.95, 1.0), (0.4, 0.0), (0.7, 1.2)])
def test_a_brush_to_an_end_of_the_axis_holds_the_extreme_value(
    start: float, end: float, live: Tab, digits: Oracle
) -> None:
    live.drag("confidence", (start, 0.5), (end, 0.5))
    low, high = check(live, digits)["confidence"]["interval"]["x"]
    values = digits.relations["digits"].confidence
    assert low <= values.min() if 0 in (start, end) else high > values.max()


def test_a_drag_may_leave_its_chart_and_end_anywhere(live: Tab, digits: Oracle) -> None:
    live.drag("confidence", (0.5, 0.5), (0.8, -4.0))
    assert set(check(live, digits)) == {"confidence"}
    live.drag("entropy", (0.5, 0.5), (-0.5, 3.0))
    assert set(check(live, digits)) == {"confidence", "entropy"}


def test_brushes_on_two_charts_add_up_and_move(live: Tab, digits: Oracle) -> None:
    live.drag("entropy", (0.0, 0.5), (0.5, 0.5))
    live.drag("projection", (0.1, 0.2), (0.8, 0.9))
    before = check(live, digits)
    assert set(before) == {"entropy", "projection"}
    # A drag that starts inside a brush moves it along.
    live.drag("entropy", (0.2, 0.5), (0.4, 0.5))
    after = check(live, digits)
    moved = [
        after["entropy"]["interval"]["x"][end] - before["entropy"]["interval"]["x"][end] for end in (0, 1)
    ]
    assert moved[0] == pytest.approx(moved[1], rel=0.02)
    assert moved[0] > 0
    assert len(live.texts(".chip")) == 2


def test_a_narrow_brush_anywhere_is_exact(live: Tab, digits: Oracle) -> None:
    for tenth in range(0, 10, 2):
        live.drag("confidence", (tenth / 10, 0.3), (tenth / 10 + 0.043, 0.6))
        assert check(live, digits)
        live.press(RESET)


def point_of(row: Sequence[str], digits: Oracle, view: str) -> list[str]:
    """Return what a click on the mark of this row of the data table selects."""
    encoding = digits.views[view]["options"]["spec"]["encoding"]
    placed = [name for name in encoding if name in ("x", "y") and "aggregate" not in encoding[name]]
    return [row[list(encoding).index(name)] for name in placed]


@pytest.mark.parametrize("view", ["confusion", "accuracy", "split"])
def test_clicks_on_marks_select_add_and_clear(view: str, live: Tab, digits: Oracle) -> None:
    table = read_live(live)[view].cells
    first, both = [[point_of(table[row], digits, view) for row in rows] for rows in ((0,), (0, -1))]
    live.click(live.marks(view)[0])
    assert check(live, digits) == {view: {"points": first}}
    live.click(live.marks(view)[-1], "Shift")
    assert check(live, digits) == {view: {"points": both}}
    live.click(live.marks(view)[-1], "Shift")
    assert check(live, digits) == {view: {"points": first}}
    live.double_click(live.marks(view)[0])
    assert check(live, digits) == {}


def test_a_double_click_clears_a_brush(live: Tab, digits: Oracle) -> None:
    live.drag("confidence", (0.2, 0.5), (0.9, 0.5))
    assert check(live, digits)
    live.double_click(live.place("confidence", 0.5, 0.5))
    assert check(live, digits) == {}


def tile(tab: Tab, number: int) -> Place:
    """Return the middle of a sample's tile."""
    tab.page.evaluate("() => document.querySelector('#images').scrollIntoView({behavior: 'instant'})")
    box = tab.page.locator("#images button.sample").nth(number).bounding_box()
    assert box
    return (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_samples_are_selected_by_click_added_with_control_and_in_a_range_with_shift(
    live: Tab, digits: Oracle
) -> None:
    ids = [int(row[0].replace(",", "")) for row in read_live(live)["images"].cells]
    live.click(tile(live, 1))
    assert check(live, digits) == {"images": {"ids": [ids[1]]}}
    live.click(tile(live, 3), "Control")
    assert check(live, digits) == {"images": {"ids": [ids[1], ids[3]]}}
    assert live.rows("toolbar") == 2
    live.click(tile(live, 6), "Shift")
    assert check(live, digits) == {"images": {"ids": ids[3:7]}}
    live.click(tile(live, 5))
    live.click(tile(live, 5))
    assert check(live, digits) == {}


def test_samples_are_scrolled(live: Tab, digits: Oracle) -> None:
    live.page.fill("#images [name=goto]", "901")
    live.page.keyboard.press("Enter")
    live.page.wait_for_timeout(REST_MS)
    state = check(live, digits)
    # The first card of the row that the wanted one is in.
    assert 880 < state["images"]["at"] <= 900
    assert live.texts("#images .samples-place")[0].endswith(" of 1,797")


def test_a_place_among_samples_that_is_gone_leaves_no_step_in_the_history(
    demo_url: str, open_tab: OpenTab, digits: Oracle
) -> None:
    tab = open_tab(demo_url + "index.html")
    tab.open(demo_url + PAGE + "#~images=%7B%22at%22:1200%7D&split=%7B%22points%22:[[%22test%22]]%7D").live()
    assert set(check(tab, digits)) == {"split"}
    tab.back()
    assert tab.address() == demo_url + "index.html"


def test_chips_name_selections_and_remove_them(live: Tab, digits: Oracle) -> None:
    live.drag("confidence", (0.2, 0.5), (0.9, 0.5))
    live.click(live.marks("split")[0])
    live.filter("datum.entropy < 2")
    first, *others = live.texts(".chip > span")
    assert first == "entropy below 2"
    assert {chip.split()[0] for chip in others} == {"confidence", "split"}
    live.press(".chip [data-id=filter]")
    assert set(check(live, digits)) == {"confidence", "split"}
    assert live.page.input_value("#toolbar input") == ""
    live.press(".chip [data-id=confidence]")
    assert set(check(live, digits)) == {"split"}
    live.press(RESET)
    assert check(live, digits) == {}
    assert live.texts(".chip") == live.texts(RESET) == []


def test_back_and_forward_walk_through_every_step(live: Tab, digits: Oracle) -> None:
    steps: list[Callable[[], None]] = [
        lambda: live.press("#images [data-size=large]"),
        lambda: live.drag("confidence", (0.1, 0.5), (0.95, 0.5)),
        lambda: live.click(live.marks("accuracy")[3]),
        lambda: live.drag("projection", (0.1, 0.1), (0.9, 0.7)),
    ]
    # Reading opens the data tables, which the link says, too.
    read_live(live)
    shown: list[tuple[str, dict[str, Shown]]] = [(live.address(), read_live(live))]
    for step in steps:
        step()
        check(live, digits)
        shown.append((live.address(), read_live(live)))
    for turn, expected in ((live.back, shown[-2::-1]), (live.forward, shown[1:])):
        for address, views in expected:
            turn()
            assert live.address() == address
            assert read_live(live) == views


def test_points_on_a_canvas_look_alike_whichever_way_they_came(live: Tab, open_tab: OpenTab) -> None:
    # As a number: images of the same pixels are not always the same bytes.
    pixels = """(() => {
        const canvas = document.querySelector("#projection canvas");
        // Of a copy, for the page's own canvas is none to be read often, and the browser says so.
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
        copy.drawImage(canvas, 0, 0);
        const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
        return data.reduce((hash, value) => Math.imul(hash ^ value, 16777619), 2166136261);
    })()"""
    one, two = live.marks("accuracy")[1:3]
    live.click(one)
    first = live.page.evaluate(pixels)
    live.click(two)
    second = live.page.evaluate(pixels)
    assert second != first
    live.back()
    assert live.page.evaluate(pixels) == first
    live.forward()
    assert live.page.evaluate(pixels) == second
    other = open_tab(live.address()).live()
    assert other.page.evaluate(pixels) == second


def test_a_reload_and_a_copied_link_show_the_same(live: Tab, open_tab: OpenTab, digits: Oracle) -> None:
    live.drag("projection", (0.2, 0.2), (0.8, 0.7))
    live.click(live.marks("confusion")[0])
    live.click(live.marks("confusion")[2], "Shift")
    check(live, digits)
    before = read_live(live)
    live.press(".toolbar-link")
    assert live.texts(".toolbar-link") == ["Copied"]
    copied = str(live.page.evaluate("navigator.clipboard.readText()"))
    assert copied == live.address()
    live.page.reload()
    assert read_live(live.live()) == before
    other = open_tab(copied).live()
    assert read_live(other) == before
    assert other.texts(".chip") == live.texts(".chip")


def test_a_link_within_the_page_keeps_the_state(live: Tab, digits: Oracle) -> None:
    live.click(live.marks("split")[0])
    state = check(live, digits)
    live.page.evaluate("location.hash = '#images'")
    assert check(live, digits) == state
    assert "#images~" in live.address()


def test_a_second_click_on_the_only_chosen_bar_releases_it(live: Tab, digits: Oracle) -> None:
    view = charts(digits, is_interval=False)[0]
    first, second = live.marks(view)[:2]
    live.click(first)
    assert set(check(live, digits)) == {view}
    live.click(second)
    assert len(check(live, digits)[view]["points"]) == 1
    live.click(second)
    assert check(live, digits) == {}


def test_a_click_on_a_bar_of_bins_selects_it_exactly_and_a_second_lets_go(live: Tab, digits: Oracle) -> None:
    live.drag("confidence", (0.2, 0.5), (0.9, 0.5))
    for mark in live.marks("confidence")[-2:]:
        live.click(mark)
        state = check(live, digits)
        low, high = state["confidence"]["interval"]["x"]
        assert high - low == pytest.approx(0.05)
    live.click(live.marks("confidence")[-1])
    assert check(live, digits) == {}


BRUSH = """id => {
    const brush = document.querySelector(`#${CSS.escape(id)} .chart-live .selected_brush path`);
    const {x, y, width, height} = brush.getBoundingClientRect();
    return [x + scrollX, y + scrollY, width, height];
}"""
"""Where a brush is drawn, and how large; places are of the page, which a drag scrolls."""
SEEN_PX = 0.1
BETWEEN = ((0.3013, 0.3517), (0.7107, 0.8031))
"""A drag whose ends are on no whole pixel."""


def brush(tab: Tab, view: str) -> list[float]:
    return [float(side) for side in tab.page.evaluate(BRUSH, view)]


def keys(tab: Tab, *pressed: str) -> None:
    for key in pressed:
        tab.page.keyboard.press(key)
        tab.settle()


@pytest.mark.parametrize(
    ("page", "view"), [(PAGE, "confidence"), (PAGE, "loss"), ("digits-model-card.html", "learning")]
)
def test_a_brush_is_drawn_at_one_place_however_it_came_there(
    page: str, view: str, demo_url: str, open_tab: OpenTab
) -> None:
    tab = open_tab(demo_url + page).live()
    tab.drag(view, *BETWEEN)
    place, link = pytest.approx(brush(tab, view), abs=SEEN_PX), tab.address()
    assert brush(open_tab(link).live(), view) == place
    keys(tab, "Control+z")
    assert tab.hash_state() == {}
    keys(tab, "Control+Shift+z")
    assert brush(tab, view) == place
    assert tab.address() == link
    assert tab.messages == []


def test_a_brush_that_is_moved_by_parts_of_pixels_stays_as_wide(live: Tab, digits: Oracle) -> None:
    live.drag("confidence", (0.2, 0.5), (0.6, 0.5))
    _, _, width, _ = brush(live, "confidence")
    for to in (0.4513, 0.3987, 0.4239):
        live.drag("confidence", (0.4, 0.5), (to, 0.5))
        check(live, digits)
        assert brush(live, "confidence")[2] == pytest.approx(width, abs=SEEN_PX)


def test_a_wheel_over_a_brush_is_a_step_and_is_drawn_as_the_link_has_it(
    live: Tab, open_tab: OpenTab, digits: Oracle
) -> None:
    live.drag("confidence", *BETWEEN)
    before, wide = check(live, digits), brush(live, "confidence")
    live.page.mouse.move(*live.place("confidence", 0.5, 0.5))
    live.page.mouse.wheel(0, -240)
    live.page.wait_for_timeout(REST_MS)
    after, place = check(live, digits), pytest.approx(brush(live, "confidence"), abs=SEEN_PX)
    assert brush(live, "confidence")[2] < wide[2]
    assert brush(open_tab(live.address()).live(), "confidence") == place
    keys(live, "Control+z")
    assert check(live, digits) == before
    keys(live, "Control+Shift+z")
    assert check(live, digits) == after


def test_a_click_on_a_bar_beside_a_brush_is_one_step(live: Tab, digits: Oracle) -> None:
    live.drag("confidence", (0.1, 0.5), (0.4, 0.5))
    before = check(live, digits)
    live.click(live.marks("confidence")[-1])
    assert set(check(live, digits)) == {"confidence"}
    keys(live, "Control+z")
    assert check(live, digits) == before


@pytest.mark.parametrize(
    ("page", "view", "filtered"),
    [
        # Of the lowest means alone, the axis has other labels from the first drawing on.
        ("cars.html", "years", "datum.Miles_per_Gallon < 10"),
        # Of one sample alone, lines are points, which reach beyond the plot; a chart of several steps.
        ("digits-labels.html", "curves", "datum.id == '1801'"),
    ],
)
def test_a_chart_stands_at_one_place_however_its_filter_came(
    page: str, view: str, filtered: str, demo_url: str, open_tab: OpenTab
) -> None:
    place = f"document.querySelector('#{view} svg > g').getAttribute('transform')"
    tab = open_tab(demo_url + page).live()
    before = tab.page.evaluate(place)
    tab.filter(filtered)
    assert 0 < tab.rows(view) < 10
    assert tab.page.evaluate(place) == before
    assert open_tab(tab.address()).live().page.evaluate(place) == before
    keys(tab, "Control+z")
    assert tab.page.evaluate(place) == before


LINKED = {
    "one": {"split": {"points": [["test"]]}},
    "several": {
        "confusion": {"points": [["8", "8"], ["1", "1"]]},
        "accuracy": {"points": [["8"], ["1"], ["9"]]},
        "split": {"points": [["test"]]},
        "confidence": {"interval": {"x": [0.4, 0.9]}},
    },
}


@pytest.mark.parametrize("views", LINKED.values(), ids=LINKED)
def test_a_link_of_a_filter_and_selections_is_shown_with_no_state_between(
    demo_url: str, open_tab: OpenTab, digits: Oracle, views: dict[str, Any]
) -> None:
    tab = open_tab(demo_url + "index.html", viewport={"width": 1280, "height": 3000})
    tab.page.add_init_script(COUNTED)
    parts = {"filter": "datum.entropy < 2", **{name: json.dumps(state) for name, state in views.items()}}
    link = "&".join(f"{name}={quote(text)}" for name, text in parts.items())
    tab.open(f"{demo_url}{PAGE}#~{link}").live()
    for view, found in read_live(tab).items():
        compare(found, digits.expect(view, views, lambda rows: rows["entropy"] < 2), view)
    told, other = counts_told(tab)
    assert told >= {"confusion", "accuracy", "split", "projection", "images"}
    assert other == set()


SELECTED = {
    "map": ("digits-map.html", {"boxes": [[-4, 6, -4, 6]], "categories": ["1", "8"]}),
    "groups": ("digits-groups.html", {"by": ["label", "confidence"], "groups": [["8", 1], ["1", 0]]}),
    "familiarity": ("digits-familiarity.html", {"range": [-80, -60], "groups": ["8", "1"]}),
    "duplicates": ("digits-duplicates.html", {"ids": [0, 8, 15]}),
    "review": ("digits-labels.html", {"range": [0, 0.4]}),
    "eight": ("digits-confusion.html", {"cells": ["tp", "fp"], "threshold": 0.3}),
    "beside": ("guides/charts.html", {"selected": {"select_0": [{"values": [[0.4, 0.9]]}]}}),
    "images": ("digits.html", {"ids": [0, 8, 15]}),
    "rows": ("digits-samples.html", {"ids": [0, 8, 15]}),
    "training": ("digits-training.html", {"epochs": [2, 6]}),
    "errors": ("digits-labels.html", {"cells": [["8", "1"], ["1", "8"]]}),
    "pfa": ("digits-units.html", {"layers": ["hidden"]}),
    "inactive": ("digits-units.html", {"range": [0.2, 0.8]}),
    "figure": ("digits-architecture.html", {"ids": ["hidden.0", "hidden.2"]}),
}
"""A selection of each kind of view, by its id."""
FILTERS = {
    "training": "datum.epoch > 1",
    "pfa": "datum.unit > 1",
    "inactive": "datum.unit > 1",
    "figure": "datum.position > 1",
}
"""What a page is filtered by that has no samples."""
LINKS = [(id_, group) for id_ in SELECTED for group in ["", "split"] if not group or id_ not in FILTERS]
"""A selection, and what the page is split by: what has no samples has no splits of them."""


@pytest.mark.parametrize(("id_", "group"), LINKS)
def test_what_a_link_selects_in_any_view_is_shown_with_no_state_between(
    id_: str, group: str, demo_url: str, open_tab: OpenTab
) -> None:
    page, state = SELECTED[id_]
    tab = open_tab(demo_url + "index.html", viewport={"width": 1280, "height": 4000})
    tab.page.add_init_script(COUNTED)
    filtered = FILTERS.get(id_, "datum.confidence < 0.999")
    link = f"filter={quote(filtered)}&group={group}&{id_}={quote(json.dumps(state))}"
    tab.open(f"{demo_url}{page}#~{link}").live()
    assert tab.hash_state()[id_] == state, "a state that the view does not take on shows nothing"
    told, other = counts_told(tab)
    assert len(told) > 1
    assert other == set()
