"""The scatter view under a real mouse: what a box or a lasso selects is what pandas counts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest

from tests.bench import crowd
from tests.browser.conftest import oracle_of
from tests.browser.driver import ROOT, OpenTab, Place, Tab, build_site, serving

PAGE = "digits-map.html"
MANY = 60_000
MOST_POINTS = 20_000
X, Y = "projection_x", "projection_y"
ZOOMED_MS = 300
"""After the last turn of the wheel the window is asked for, and becomes a step in the history."""
REST_MS = 400
"""A while after scrolling when the place is in the link."""


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """The page with the map of the digits, live; nothing may be said in its console."""
    tab = open_tab(demo_url + PAGE).live()
    yield tab
    assert tab.messages == []


@pytest.fixture(scope="session")
def rows(demo: Path) -> pd.DataFrame:
    """The digits with their places, one row an image."""
    return oracle_of(demo, PAGE).relations["digits"]


@pytest.fixture(scope="session")
def crowd_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A report of more places than are drawn one by one."""
    folder = tmp_path_factory.mktemp("crowd")
    crowd.write_report(folder, MANY, str(ROOT / "themes" / "default"))
    build_site(folder, folder / "site")
    with serving(folder / "site") as url:
        yield url


def in_box(rows: pd.DataFrame, box: Sequence[float]) -> pd.Series[bool]:
    left, right, bottom, top = box
    return (rows[X] >= left) & (rows[X] < right) & (rows[Y] >= bottom) & (rows[Y] < top)


def in_lasso(rows: pd.DataFrame, lasso: Sequence[float]) -> pd.Series[bool]:
    """Even-odd rule: a ray to the right crosses an odd number of sides."""
    corners = np.reshape(lasso, (-1, 2))
    x, y = rows[X].to_numpy(), rows[Y].to_numpy()
    inside = np.zeros(len(rows), bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, 0), strict=True):
        crosses = (y0 <= y) != (y1 <= y)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return pd.Series(inside, rows.index)


def draw_lasso(tab: Tab, corners: Sequence[Place], *keys: str) -> None:
    """Drag around corners, which are fractions of the plot, while keys are held."""
    places = [tab.place("map", *corner) for corner in corners]
    for key in keys:
        tab.page.keyboard.down(key)
    tab.page.mouse.move(*places[0])
    tab.page.mouse.down()
    for place in places[1:]:
        tab.page.mouse.move(*place, steps=5)
    tab.page.mouse.up()
    for key in keys:
        tab.page.keyboard.up(key)
    tab.settle()


def zoom_in(tab: Tab, place: Place, turns: int) -> None:
    """Turn the wheel over a place while Ctrl is held."""
    tab.page.mouse.move(*place)
    tab.page.keyboard.down("Control")
    for _ in range(turns):
        tab.page.mouse.wheel(0, -100)
    tab.page.keyboard.up("Control")
    tab.page.wait_for_timeout(ZOOMED_MS * 2)
    tab.settle()


def others(tab: Tab) -> set[int]:
    counts = tab.counts()
    return {counts[name][0] for name in ("toolbar", "images", "readings")}


def test_a_box_filters_every_other_view_as_pandas_counts(live: Tab, rows: pd.DataFrame) -> None:
    live.drag("map", (0.25, 0.2), (0.55, 0.7))
    state = live.hash_state()["map"]
    expected = int(in_box(rows, state["boxes"][0]).sum())
    assert 0 < expected < len(rows)
    assert others(live) == {expected}
    assert live.counts()["map"] == (len(rows), len(rows))
    assert "projection_x" in live.texts(".chip")[0]


def test_a_box_is_drawn_by_keys_alone_and_another_is_added(live: Tab, rows: pd.DataFrame) -> None:
    keys = live.page.keyboard
    live.page.focus("#map .scatter-plot")
    keys.press("b")
    for key in ("ArrowRight",) * 5 + ("ArrowDown",) * 4:
        keys.press(key)
    live.page.wait_for_url("**map=**")  # the link follows after a rest
    live.settle()
    (box,) = live.hash_state()["map"]["boxes"]
    expected = in_box(rows, box)
    assert 0 < expected.sum() < len(rows)
    assert others(live) == {int(expected.sum())}
    keys.press("Enter")
    assert "box is selected" in str(live.page.text_content("#map [aria-live=polite]"))
    for key in ("Shift+B", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowUp", "b"):
        keys.press(key)
    live.settle()
    boxes = live.hash_state()["map"]["boxes"]
    assert boxes[0] == box
    either = in_box(rows, boxes[0]) | in_box(rows, boxes[1])
    assert others(live) == {int(either.sum())}
    for key in ("b", "ArrowRight", "ArrowDown", "Escape"):
        keys.press(key)
    live.settle()
    assert live.hash_state()["map"]["boxes"] == boxes, "a box that is dropped changes nothing"
    keys.press("Escape")
    live.settle()
    assert others(live) == {len(rows)}


def test_lassos_are_joined_with_shift_and_escape_clears_them(live: Tab, rows: pd.DataFrame) -> None:
    live.press("[data-mode=lasso]")
    draw_lasso(live, [(0.1, 0.1), (0.5, 0.05), (0.6, 0.6), (0.3, 0.4), (0.15, 0.7)])
    (lasso,) = live.hash_state()["map"]["lassos"]
    first = in_lasso(rows, lasso)
    assert others(live) == {int(first.sum())}
    draw_lasso(live, [(0.45, 0.5), (0.9, 0.4), (0.7, 0.9)], "Shift")
    lassos = live.hash_state()["map"]["lassos"]
    assert len(lassos) == 2
    both = first | in_lasso(rows, lassos[1])
    assert others(live) == {int(both.sum())}
    assert both.sum() > first.sum()
    live.page.locator("#map .scatter-plot").focus()
    live.page.keyboard.press("Escape")
    live.settle()
    assert others(live) == {len(rows)}
    assert live.hash_state() == {"map": {"mode": "lasso"}}, "the tool stays in hand, and in the link"
    live.back()
    assert others(live) == {int(both.sum())}
    live.press("[data-mode=box]")
    assert "mode" not in live.hash_state()["map"]
    live.back()
    assert live.page.get_attribute("#map [data-mode=lasso]", "aria-pressed") == "true"


def test_the_legend_filters_by_category_and_joins_a_box(live: Tab, rows: pd.DataFrame) -> None:
    live.press("#map [data-code='3']")
    assert others(live) == {int((rows.label == "3").sum())}
    live.page.keyboard.down("Shift")
    live.press("#map [data-code='8']")
    live.page.keyboard.up("Shift")
    picked = rows.label.isin(["3", "8"])
    assert others(live) == {int(picked.sum())}
    live.drag("map", (0.01, 0.01), (0.5, 0.6))  # its corner is round
    box = live.hash_state()["map"]["boxes"][0]
    assert others(live) == {int((picked & in_box(rows, box)).sum())}


def test_going_back_over_a_change_of_colour_brings_its_categories_back(live: Tab, rows: pd.DataFrame) -> None:
    live.press("#map [data-code='3']")
    live.page.select_option("#map select", "split")
    live.settle()
    assert others(live) == {len(rows)}
    live.back()
    assert others(live) == {int((rows.label == "3").sum())}
    assert live.page.get_attribute("#map [data-code='3']", "aria-pressed") == "true"


def test_a_link_restores_colour_window_and_selection_on_any_screen(
    live: Tab, rows: pd.DataFrame, demo_url: str, open_tab: OpenTab
) -> None:
    live.page.select_option("#map select", "confidence")
    live.drag("map", (0.2, 0.1), (0.6, 0.7))
    zoom_in(
        live, live.place("map", 0.5, 0.5), 1
    )  # one turn of the wheel: several are steps of their own when slow
    state = live.hash_state()
    assert set(state["map"]) == {"color", "boxes", "window"}
    found = open_tab(live.address(), viewport={"width": 360, "height": 740}).live()
    assert others(found) == {int(in_box(rows, state["map"]["boxes"][0]).sum())}
    assert found.hash_state() == state
    assert found.page.input_value("#map select") == "confidence"
    assert found.messages == []
    live.back()
    assert set(live.hash_state()["map"]) == {"color", "boxes"}


def test_the_pointer_shows_the_tile_of_the_point_below_it(live: Tab, rows: pd.DataFrame) -> None:
    live.place("map", 0.5, 0.5)  # all of it is in sight
    live.page.locator("#map .scatter-plot").focus()
    seen = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        live.page.keyboard.press(key)
        live.page.wait_for_timeout(150)
        ring = live.page.locator("#map .scatter-current circle").bounding_box()
        assert ring
        live.page.mouse.move(1, 1)
        live.page.mouse.move(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
        live.page.wait_for_timeout(200)
        tile = live.page.locator(".tooltip .scatter-tile")
        said = live.texts(".tooltip dd")
        row = rows[rows.id == int(said[0])].iloc[0]
        left, top, *_ = map(float, str(tile.get_attribute("viewBox")).split())
        assert (left, top) == (row["x"], row["y"])
        assert said[1] == row.label
        assert said[2].split()[0] == row.prediction
        assert ("\N{BALLOT X}" in said[2]) == (row.label != row.prediction)
        seen.add(int(row.id))
    assert len(seen) > 2


def test_a_click_picks_the_point_and_a_tooltip_stays_on_a_phone(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE, viewport={"width": 360, "height": 740}, has_touch=True).live()
    tab.page.locator("#map .scatter-plot").focus()
    for _ in range(6):
        tab.page.keyboard.press("ArrowRight")
        tab.page.wait_for_timeout(120)
    box = tab.page.locator(".tooltip:visible").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    tab.page.keyboard.press("Enter")
    tab.settle()
    assert others(tab) == {1}
    assert len(tab.hash_state()["map"]["ids"]) == 1
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_one_finger_scrolls_the_page_until_a_tool_is_chosen(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE, viewport={"width": 360, "height": 740}, has_touch=True).live()
    actions = "getComputedStyle(document.querySelector('#map .scatter-plot')).touchAction"
    assert tab.page.evaluate(actions) == "pan-y"
    tab.press("[data-mode=lasso]")
    assert tab.page.evaluate(actions) == "none"
    tab.press("[data-mode=lasso]")
    assert tab.page.evaluate(actions) == "pan-y"


def test_two_fingers_zoom_the_plot(demo_url: str, open_tab: OpenTab, rows: pd.DataFrame) -> None:
    tab = open_tab(demo_url + PAGE, viewport={"width": 360, "height": 740}, has_touch=True).live()
    x, y = tab.place("map", 0.5, 0.5)
    touch = tab.touch()
    touch((x - 20, y))
    touch((x - 20, y), (x + 20, y))
    for step in range(1, 6):
        touch((x - 20 - 12 * step, y), (x + 20 + 12 * step, y))
    touch()
    tab.page.wait_for_timeout(ZOOMED_MS * 2)
    tab.settle()
    left, right, *_ = tab.hash_state()["map"]["window"]
    shown = rows[X].between(left, right).sum()
    assert 0 < shown < len(rows)
    assert others(tab) == {len(rows)}


def test_many_rows_are_density_and_points_again_when_few_are_left(crowd_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(crowd_url).live()
    table = crowd.places(MANY).to_pandas()
    placed = table[np.isfinite(table[X]) & np.isfinite(table[Y])]
    caption = "#map .scatter-ramp"
    assert tab.texts(caption)[0].startswith("Density")
    assert f"{crowd.NOWHERE} of 60,000 rows have no place" in tab.texts("#map .view-notice")[0]
    tab.drag("map", (0.1, 0.2), (0.5, 0.6))
    box = tab.hash_state()["map"]["boxes"][0]
    assert tab.rows("scores") == int(in_box(placed, box).sum())
    tab.press(".scatter-clear")
    # A window that holds few enough.
    inside = len(placed)
    while inside > MOST_POINTS * 0.6:
        assert tab.texts(caption)[0].startswith("Density") or inside <= MOST_POINTS
        zoom_in(tab, tab.place("map", 0.7, 0.35), 2)
        inside = int(in_box(placed, tab.hash_state()["map"]["window"]).sum())
    assert tab.texts(caption)[0].startswith("Points")
    tab.page.keyboard.press("0")
    tab.press("[data-zoom=home]")
    tab.page.wait_for_timeout(ZOOMED_MS * 2)
    assert tab.texts(caption)[0].startswith("Density")
    # A filter that leaves few enough.
    tab.filter("datum.score > 60")
    tab.page.wait_for_timeout(ZOOMED_MS)
    tab.settle()
    assert tab.rows("map") == int((table.score > 60).sum())
    assert tab.texts(caption)[0].startswith("Points")
    assert tab.messages == []


def test_a_window_shows_what_its_link_shows_whichever_way_it_came(crowd_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(crowd_url).live()
    placed = crowd.places(MANY).to_pandas()
    caption = "#map .scatter-ramp"
    # What is asked for one window holds the next one, too, and more rows than that.
    while tab.texts(caption)[0].startswith("Density"):
        zoom_in(tab, tab.place("map", 0.7, 0.35), 1)
        linked = open_tab(tab.page.url).live()
        assert linked.texts(caption) == tab.texts(caption)
        linked.page.close()
    assert in_box(placed, tab.hash_state()["map"]["window"]).sum() > MOST_POINTS * 0.2


def test_a_step_back_leaves_the_other_lists_where_they_were(live: Tab) -> None:
    """Of two selections one is taken back: what passes between must not make a list forget its place."""
    live.drag("map", (0.1, 0.1), (0.95, 0.95))
    live.page.fill("#images [name=goto]", "700")
    live.page.keyboard.press("Enter")
    live.page.wait_for_timeout(REST_MS)
    before = live.hash_state()
    assert before["images"]["at"] > 600
    live.click(live.marks("readings")[0])
    assert live.rows("images") < 600
    assert "images" not in live.hash_state()
    live.page.keyboard.press("Control+z")
    live.settle()
    live.page.wait_for_timeout(REST_MS)
    assert live.hash_state() == before


@pytest.mark.parametrize("start", ["", "#~map=%7B%22window%22:[-4,10,-3,7]%7D"], ids=["by hand", "by a link"])
def test_a_window_follows_what_is_selected_elsewhere(
    start: str, demo_url: str, open_tab: OpenTab, rows: pd.DataFrame
) -> None:
    tab = open_tab(demo_url + PAGE + start).live()
    if not start:
        zoom_in(tab, tab.place("map", 0.5, 0.5), 3)
    assert "window" in tab.hash_state()["map"]
    tab.click(tab.marks("readings")[0])
    ((reading,),) = tab.hash_state()["readings"]["points"]
    passing = rows.prediction == reading
    assert tab.counts()["map"] == (passing.sum(), len(rows))
    tab.filter("datum.split == 'test'")
    assert tab.rows("map") == (passing & (rows.split == "test")).sum()
    zoom_in(tab, tab.place("map", 0.5, 0.5), 3)
    tab.filter("")
    assert tab.rows("map") == passing.sum()
    tab.press("[data-zoom=home]")
    tab.filter("datum.split == 'test'")
    assert tab.rows("map") == (passing & (rows.split == "test")).sum()
    assert tab.messages == []


PIXELS = """places => {
  const canvas = document.querySelector("#map .scatter-plot canvas");
  const copy = Object.assign(document.createElement("canvas"), {width: canvas.width, height: canvas.height});
  const context = copy.getContext("2d", {willReadFrequently: true});
  context.drawImage(canvas, 0, 0);
  const {data} = context.getImageData(0, 0, copy.width, copy.height);
  return places.map(([x, y]) => {
    const at = (Math.floor(y) * copy.width + Math.floor(x)) * 4;
    return [...data.slice(at, at + 4)];
  });
}"""
"""Red, green, blue and opacity at places, read from a copy, which leaves the canvas as it is."""

COLOURS = """() => {
  const style = getComputedStyle(document.documentElement);
  const channels = text => text.match(/[0-9a-f]{2}/gi).map(each => parseInt(each, 16));
  const read = name => channels(style.getPropertyValue(name));
  const legend = [...document.querySelectorAll("#map [data-code]")];
  const named = legend.map(({title, dataset}) => [title, read(`--chart-${Number(dataset.code) + 1}`)]);
  return [read("--chart-grey"), Object.fromEntries(named)];
}"""
"""The grey of the theme that is on, and the colours of the categories by the names in the legend."""

Places = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def projected(tab: Tab, ends: Places, at: Places) -> Places:
    """Return where places of data lie on the canvas that shows all between two corners."""
    script = "canvas => [canvas.width, canvas.height]"
    size = np.array(tab.page.eval_on_selector("#map .scatter-plot canvas", script))
    scale = (size / (ends[1] - ends[0])).min()
    found: Places = (at - ends.mean(0)) * [scale, -scale] + size / 2
    return found


def pixels(tab: Tab, places: Places) -> Places:
    return np.array(tab.page.evaluate(PIXELS, places.tolist()), float)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_points_of_what_is_left_out_are_grey_and_those_of_the_rest_keep_their_colours(
    scheme: Literal["light", "dark"], demo_url: str, open_tab: OpenTab, rows: pd.DataFrame
) -> None:
    passing = (rows.split == "test").to_numpy()
    data = rows[[X, Y]].to_numpy(float)
    ends = np.median(data, 0) + np.ptp(data, 0) * [[-0.05], [0.05]]
    window = json.dumps({"window": ends.T.flatten().tolist()})
    tab = open_tab(f"{demo_url}{PAGE}#~map={quote(window)}").live()
    tab.page.emulate_media(color_scheme=scheme)
    tab.filter("datum.split == 'test'")
    places = projected(tab, ends, data)
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    seen = ((data > ends[0]) & (data < ends[1])).all(1)
    alone = seen & (apart.min(1) > 10)  # px: a point is 6 px wide
    assert min((alone & passing).sum(), (alone & ~passing).sum()) > 5
    grey, colours = tab.page.evaluate(COLOURS)
    own = np.array([colours[label] for label in rows.label])
    below = 0.7 * (1 - 0.85)  # the grey of the whole lies below each point, and both let some light through
    coloured = (own * 0.85 + np.array(grey) * below) / (0.85 + below)
    expected = np.where(passing[:, None], coloured, grey)
    found = pixels(tab, places[alone])
    assert np.abs(found[:, :3] - expected[alone]).max() <= 3
    assert (found[:, 3] > 128).all()
    assert (pixels(tab, places[alone] + [0, 5])[:, 3] == 0).all(), "nothing is drawn beside them"
    assert tab.messages == []


def test_cells_of_what_is_left_out_are_grey_and_those_of_the_rest_keep_their_colours(
    crowd_url: str, open_tab: OpenTab
) -> None:
    tab = open_tab(crowd_url).live()
    table = crowd.places(MANY).to_pandas()
    placed = table[np.isfinite(table[X]) & np.isfinite(table[Y])]
    tab.filter("datum.score > 30 && datum.label != 'class 0'")
    assert tab.texts("#map .scatter-ramp")[0].startswith("Density")
    grey, colours = tab.page.evaluate(COLOURS)
    *_, others = colours
    placed = placed.assign(named=placed.label.where(placed.label.isin(list(colours)), others))
    passing = placed[(placed.score > 30) & (placed.label != "class 0")]
    assert len(passing) > MOST_POINTS
    data = placed[[X, Y]].to_numpy(float)
    origin, extent = data.min(0), np.ptp(data, 0)
    side = extent.max() / 128
    ends = np.array([origin - 0.04 * extent, origin + 1.04 * extent])

    def cells(of: pd.DataFrame) -> pd.Series[int]:
        """Count rows by cell and colour."""
        at = np.floor((of[[X, Y]].to_numpy(float) - origin) / side).astype(int)
        return of.groupby([at[:, 0], at[:, 1], of.named.to_numpy()]).size()

    counts = cells(passing).rename("n").reset_index()
    first = counts[counts.n == counts.groupby(["level_0", "level_1"]).n.transform("max")]
    leading = first.drop_duplicates(["level_0", "level_1"], keep=False)
    whole = pd.MultiIndex.from_frame(cells(placed).reset_index()[["level_0", "level_1"]].drop_duplicates())
    coloured = pd.MultiIndex.from_frame(leading[["level_0", "level_1"]])
    outside = whole.difference(pd.MultiIndex.from_frame(counts[["level_0", "level_1"]]))
    empty = pd.MultiIndex.from_product([range(int(each)) for each in extent // side]).difference(whole)
    assert min(len(outside), len(coloured)) > 100

    def seen(of: pd.MultiIndex) -> Places:
        """Read the middles of cells."""
        middles = origin + (np.array(of.to_list(), float) + 0.5) * side
        return pixels(tab, projected(tab, ends, middles))

    assert np.abs(seen(outside)[:, :3] - grey).max() <= 3
    assert (seen(outside)[:, 3] >= 127).all()
    assert (seen(empty)[:, 3] == 0).all()
    named = np.array([colours[name] for name in leading["level_2"]], float)
    # A colour over the grey lies between both, on the way from one to the other.
    way, gone = named - grey, seen(coloured)[:, :3] - grey
    share = (way * gone).sum(1) / (way**2).sum(1)
    assert np.abs(gone - way * share[:, None]).max() <= 4
    assert (share > 0.1).all()
