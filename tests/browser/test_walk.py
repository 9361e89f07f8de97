"""Charts by keyboard alone: walking from mark to mark, hearing each, selecting marks and ranges."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from tests.browser.driver import OpenTab, Tab

PAGE = "digits.html"


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    tab = open_tab(demo_url + PAGE).live()
    yield tab
    assert tab.messages == []


def press(tab: Tab, *keys: str) -> None:
    for key in keys:
        tab.page.keyboard.press(key)
        tab.settle()


def said(tab: Tab, view: str) -> str:
    return str(tab.page.text_content(f"#{view} .chart-live [role=status]"))


def test_bars_are_walked_said_and_selected(live: Tab, samples: pd.DataFrame) -> None:
    rows = live.data_table("accuracy")
    live.page.focus("#accuracy .chart-live")
    press(live, "ArrowRight")
    _, label = rows[0]
    assert label in said(live, "accuracy")
    assert said(live, "accuracy").endswith("; 1 of 10")
    assert live.texts(".tooltip dd")
    x, y = live.marks("accuracy")[0]
    box = live.page.locator("#accuracy .chart-ring").bounding_box()
    assert box
    assert box["x"] < x < box["x"] + box["width"]
    assert box["y"] < y < box["y"] + box["height"]
    press(live, "Enter")
    assert live.hash_state() == {"accuracy": {"points": [[label]]}}
    assert live.rows("toolbar") == (samples.label == label).sum()
    other = rows[1][1]
    press(live, "ArrowDown", "Shift+Enter")
    assert live.rows("toolbar") == samples.label.isin([label, other]).sum()
    press(live, "Escape")
    assert live.hash_state() == {}
    assert live.rows("toolbar") == len(samples)


def test_ranges_are_selected_and_widened(live: Tab, samples: pd.DataFrame) -> None:
    live.page.focus("#confidence .chart-live")
    press(live, "End", "Enter")
    low, high = live.hash_state()["confidence"]["interval"]["x"]
    inside = (samples.confidence >= low) & (samples.confidence < high)
    assert 0 < inside.sum() < len(samples)
    assert live.rows("entropy") == inside.sum()
    press(live, "Home", "Enter", "Shift+End")
    wider = live.hash_state()["confidence"]["interval"]["x"]
    assert wider[0] < low
    assert live.rows("entropy") == len(samples)
    press(live, "Escape")
    assert live.hash_state() == {}


def test_every_sample_is_in_exactly_one_bar(live: Tab, samples: pd.DataFrame) -> None:
    live.page.focus("#entropy .chart-live")
    found: dict[float, tuple[float, int]] = {}
    keys = ["Home", "Enter"]
    # A bar may be two marks above each other, of one range.
    while samples.entropy.max() >= max((high for high, _ in found.values()), default=0):
        press(live, *keys)
        low, high = live.hash_state()["entropy"]["interval"]["x"]
        found[low] = high, live.rows("confidence")
        assert found[low][1] == ((samples.entropy >= low) & (samples.entropy < high)).sum()
        keys = ["Escape", "ArrowRight", "Enter"]
    assert list(found)[1:] == [high for high, _ in found.values()][:-1]
    assert sum(count for _, count in found.values()) == len(samples)


def test_the_keyboard_walks_the_groups_of_a_page(live: Tab, samples: pd.DataFrame) -> None:
    live.page.select_option("select[name=group]", "split")
    live.settle()
    live.page.focus("#accuracy .view-panel:nth-child(2) .chart-live")
    name = live.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert ", train:" in name
    press(live, "ArrowRight", " ")
    (point,) = live.hash_state()["accuracy"]["points"]
    assert live.rows("toolbar") == (samples.label == point[0]).sum()
