"""The page split into groups: every view once for each value, counted as pandas counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from tests.browser.driver import OpenTab, Tab

PAGE = "digits.html"
SELECT = "select[name=group]"
SPLIT = ("confusion", "accuracy", "confidence", "entropy", "split", "projection", "images")
"""Views of the relation that has the digits' labels."""
APART = ("toolbar", "loss", "learning")


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    tab = open_tab(demo_url + PAGE).live()
    yield tab
    assert tab.messages == []


def split_by(tab: Tab, column: str) -> None:
    tab.page.select_option(SELECT, column)
    tab.settle()


def panels(tab: Tab, view: str) -> dict[str, tuple[int, int]]:
    """Return what passes, and of how many, in each group of a view."""
    script = """id => Object.fromEntries([...document.querySelectorAll(`#${id} .view-panel`)].map(
        each => [each.dataset.group, [Number(each.dataset.rows), Number(each.dataset.total)]]))"""
    return {name: (rows, total) for name, (rows, total) in tab.page.evaluate(script, view).items()}


def expected(samples: pd.DataFrame, column: str, passing: Any = None) -> dict[str, tuple[int, int]]:
    kept = samples if passing is None else samples[passing]
    total = samples[column].value_counts()
    rows = kept[column].value_counts()
    quoted = {value: f'"{value}"' for value in total.index}
    return {quoted[value]: (int(rows.get(value, 0)), int(total[value])) for value in total.index}


def test_every_view_of_the_relation_is_split_and_counts_as_pandas(live: Tab, samples: pd.DataFrame) -> None:
    split_by(live, "label")
    assert live.hash_state() == {"group": "label"}
    for view in SPLIT:
        assert panels(live, view) == expected(samples, "label"), view
        assert list(panels(live, view)) == [f'"{digit}"' for digit in range(10)]
    for view in APART:
        assert panels(live, view) == {}, view
    counts = live.counts()
    assert {counts[view] for view in SPLIT} == {(len(samples), len(samples))}


@pytest.mark.parametrize(
    ("page", "column"),
    [
        ("digits-labels.html", "label"),
        ("digits-groups.html", "split"),
        ("digits-familiarity.html", "label"),
        ("digits-confusion.html", "split"),
        ("cars.html", "Origin"),
    ],
)
def test_the_groups_of_every_view_make_up_its_whole(
    page: str, column: str, demo_url: str, open_tab: OpenTab
) -> None:
    tab = open_tab(demo_url + page).live()
    whole = tab.counts()
    split_by(tab, column)
    parts = {view: panels(tab, view) for view in whole}
    found = {view: groups for view, groups in parts.items() if groups}
    assert found
    for view, groups in found.items():
        assert tuple(map(sum, zip(*groups.values(), strict=True))) == whole[view], view
    assert tab.messages == []


def test_filters_and_selections_count_in_every_group(live: Tab, samples: pd.DataFrame) -> None:
    split_by(live, "split")
    live.filter("datum.confidence < 0.9")
    passing = samples.confidence < 0.9
    for view in SPLIT:
        assert panels(live, view) == expected(samples, "split", passing), view
    live.press("#images .view-panel:nth-child(1) .sample >> nth=0")
    chosen = live.hash_state()["images"]["ids"]
    assert len(chosen) == 1
    # What is selected in one group filters the other views, and none of its own.
    assert panels(live, "confidence") == expected(samples, "split", passing & samples.id.isin(chosen))
    assert panels(live, "images") == expected(samples, "split", passing)
    assert live.rows("toolbar") == 1


def brush(tab: Tab, view: str, number: int) -> None:
    script = """([id, number]) => {
        const panel = document.querySelectorAll(`#${id} .view-panel`)[number];
        panel.scrollIntoView({block: "center", behavior: "instant"});
        const box = panel.querySelector(".root path.background").getBoundingClientRect();
        return [box.x, box.y, box.width, box.height];
    }"""
    x, y, width, height = tab.page.evaluate(script, [view, number])
    mouse = tab.page.mouse
    mouse.move(x + width * 0.3, y + height / 2)
    mouse.down()
    mouse.move(x + width * 0.9, y + height / 2, steps=6)
    mouse.up()
    tab.settle()


def test_a_brush_in_one_group_is_the_views_and_goes_both_ways(live: Tab, samples: pd.DataFrame) -> None:
    split_by(live, "split")
    brush(live, "confidence", 1)
    state = live.hash_state()
    low, high = state["confidence"]["interval"]["x"]
    inside = (samples.confidence >= low) & (samples.confidence < high)
    assert panels(live, "entropy") == expected(samples, "split", inside)
    assert panels(live, "confidence") == expected(samples, "split")
    brushes = live.page.locator("#confidence .view-panel [class*=selected_brush] path")
    assert brushes.count() >= 2, "both groups show the brush"
    live.page.select_option(SELECT, "")
    live.settle()
    assert live.rows("entropy") == int(inside.sum())
    assert live.rows("confidence") == len(samples)
    live.back()
    assert live.hash_state() == state
    assert panels(live, "entropy") == expected(samples, "split", inside)
    assert panels(live, "confidence") == expected(samples, "split")


def test_history_links_and_reset_know_the_groups(
    live: Tab, samples: pd.DataFrame, open_tab: OpenTab, demo_url: str
) -> None:
    split_by(live, "correct")
    live.filter("datum.split == 'test'")
    held = samples.split == "test"
    address = live.address()
    assert len(panels(live, "accuracy")) == 2
    live.back()
    live.back()
    assert panels(live, "accuracy") == {}
    assert live.page.locator("#accuracy > .view-body").is_visible()
    live.forward()
    live.forward()
    assert live.address() == address
    other = open_tab(address).live()
    assert panels(other, "projection") == panels(live, "projection")
    right = (held & samples.correct).sum()
    assert panels(other, "projection")["true"] == (int(right), int(samples.correct.sum()))
    assert other.page.input_value(SELECT) == "correct"
    other.press(".toolbar-reset")
    assert other.hash_state() == {}
    assert panels(other, "projection") == {}
    assert other.counts()["projection"] == (len(samples), len(samples))
    assert other.messages == []


def test_a_link_to_a_column_that_is_not_there_is_told(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab(f"{demo_url}{PAGE}#~group=nothing").live()
    assert "nothing" in tab.page.inner_text("#toolbar [role=alert]")
    assert panels(tab, "accuracy") == {}
    assert tab.messages == []


def test_the_data_table_names_the_group_of_each_row(live: Tab, samples: pd.DataFrame) -> None:
    split_by(live, "split")
    rows = live.data_table("accuracy")
    shares = samples.groupby(["split", "label"]).correct.mean()
    assert len(rows) == len(shares)
    for group, share, label in rows:
        assert share == f"{shares[group, label]:.1%}"


def test_a_table_has_its_rows_by_group(samples: pd.DataFrame, open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab(f"{demo_url}digits-samples.html").live()
    split_by(tab, "split")
    assert panels(tab, "rows") == expected(samples, "split")
    first = "#rows .view-panel:nth-child(1)"
    second = "#rows .view-panel:nth-child(2)"

    def ids(panel: str) -> list[int]:
        return [int(text) for text in tab.texts(f"{panel} tbody th[scope=row]")[:5]]

    tab.press(f"{first} [data-sort=confidence]")
    for panel, split in ((first, "test"), (second, "train")):
        own = samples[samples.split == split]
        surest = own.sort_values(["confidence", "id"], ascending=[False, True]).id[:5]
        assert ids(panel) == list(surest)
    tab.press(f"{second} tr[data-row='1']")
    assert tab.hash_state()["rows"]["ids"] == [ids(second)[1]]
    assert tab.rows("confidence") == 1
    assert len(tab.texts(f"{first} .table-bar")) == 1
    assert tab.texts(f"{second} .table-bar") == []

    tab.page.fill(f"{first} input[name=search]", "17")
    tab.page.keyboard.press("Enter")
    tab.settle()
    found = samples[["id", "label", "split", "prediction"]].astype(str)
    found = found.apply(lambda column: column.str.contains("17")).any(axis=1)
    assert panels(tab, "rows") == expected(samples, "split", found)
    duplicated = """(() => { const ids = [...document.querySelectorAll("[id]")].map(each => each.id);
        return ids.filter((id, at) => ids.indexOf(id) < at); })()"""
    assert tab.page.evaluate(duplicated) == []
    assert tab.messages == []


def test_groups_are_chosen_by_keyboard_alone(live: Tab, samples: pd.DataFrame) -> None:
    live.page.focus("input[name=filter]")
    live.page.keyboard.press("Tab")
    assert live.page.evaluate("document.activeElement.name") == "group"
    live.page.keyboard.type("By s")
    live.settle()
    assert live.hash_state() == {"group": "split"}
    assert panels(live, "accuracy") == expected(samples, "split")


AT = """([view, group]) => {
    const panels = [...document.querySelectorAll(`#${view} .view-panel`)];
    const panel = panels.find(each => each.dataset.group === group);
    const frame = panel.querySelector(".samples-frame, .table-frame");
    return Math.round(frame.scrollTop);
}"""


def at(tab: Tab, view: str, group: str) -> int:
    return int(tab.page.evaluate(AT, [view, f'"{group}"']))


def scroll(tab: Tab, view: str, group: str, by: int) -> None:
    """Turn the wheel over a group of a view, and rest."""
    frame = tab.page.locator(f"#{view} .view-panel[data-group='\"{group}\"']").locator(
        ".samples-frame, .table-frame"
    )
    frame.scroll_into_view_if_needed()
    frame.hover()
    tab.page.mouse.wheel(0, by)
    tab.page.wait_for_timeout(500)
    tab.settle()


@pytest.mark.parametrize(("page", "view"), [(PAGE, "images"), ("digits-samples.html", "rows")])
def test_each_group_is_scrolled_by_itself_and_has_its_place_in_the_link(
    page: str, view: str, open_tab: OpenTab, demo_url: str
) -> None:
    tab = open_tab(demo_url + page).live()
    split_by(tab, "split")
    scroll(tab, view, "test", 2000)
    scroll(tab, view, "train", 4000)
    places = tab.hash_state()[".places"][view]
    assert set(places) == {'"test"', '"train"'}
    assert 0 < places['"test"'] < places['"train"']
    tab.filter("datum.confidence > 0.1")
    assert (at(tab, view, "test"), at(tab, view, "train")) == (0, 0), "other rows begin anew"
    assert ".places" not in tab.hash_state()
    scroll(tab, view, "train", 3000)
    tab.page.evaluate("document.activeElement.blur()")
    tab.settle()
    assert at(tab, view, "train") > 2000, "who leaves the field filters by nothing new"
    link, place = tab.address(), tab.hash_state()[".places"][view]
    assert set(place) == {'"train"'}
    other = open_tab(link).live()
    assert at(other, view, "test") == 0
    assert abs(at(other, view, "train") - at(tab, view, "train")) < 200, "to the row, not to the pixel"
    assert other.hash_state() == tab.hash_state()
    split_by(other, "")
    assert ".places" not in other.hash_state()
    other.back()
    assert other.hash_state()[".places"][view] == place
    assert other.messages == []


def test_places_of_groups_that_a_link_makes_up_are_told(open_tab: OpenTab, demo_url: str) -> None:
    for written in ('{"nowhere":{"a":1}}', '{"images":{"a":-1}}', '{"images":7}', "[]", "{}", "x"):
        tab = open_tab(f"{demo_url}{PAGE}#~group=split&.places={written}").live()
        assert tab.page.inner_text("#toolbar [role=alert]"), written
        assert tab.page.evaluate("document.sitegen.state.places") is None
        assert tab.messages == []
        tab.page.context.close()
