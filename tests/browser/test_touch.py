"""A finger on a phone: sideways it brushes a chart, up and down it scrolls the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.driver import OpenTab, Place, Tab

PAGE = "digits.html"
PHONE = {"width": 360, "height": 740}
STEPS = 12


@pytest.fixture
def phone(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """The digits page on a phone, live; nothing may be said in its console."""
    tab = open_tab(demo_url + PAGE, viewport=PHONE, has_touch=True, is_mobile=True).live()
    yield tab
    assert tab.messages == []


def swipe(tab: Tab, start: Place, end: Place) -> None:
    """Move one finger over the screen, as the system tells the browser of it."""
    touch = tab.touch()
    touch(start)
    for step in range(1, STEPS + 1):
        share = step / STEPS
        touch((start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share))
        tab.page.wait_for_timeout(16)
    touch()
    tab.settle()


@pytest.mark.chromium("WebDriver's finger neither scrolls nor pinches a page of Firefox")
def test_a_drag_over_a_chart_selects_and_a_swipe_scrolls(phone: Tab) -> None:
    start, end = phone.place("confidence", 0.2, 0.5), phone.place("confidence", 0.8, 0.5)
    swipe(phone, start, end)
    low, high = phone.hash_state()["confidence"]["interval"]["x"]
    assert high - low > 0.3
    passing, total = phone.counts()["images"]
    assert 0 < passing < total

    state = phone.hash_state()
    x, y = phone.place("confidence", 0.1, 0.5)
    before = phone.page.evaluate("scrollY")
    swipe(phone, (x, y), (x, y - 300))
    assert phone.page.evaluate("scrollY") > before + 100
    assert phone.hash_state() == state


def test_a_finger_that_stays_on_an_image_opens_it_whole(phone: Tab) -> None:
    card = phone.page.locator("#images .sample:visible").first
    card.scroll_into_view_if_needed()
    phone.settle()
    box = card.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + 20
    touch = phone.touch()
    touch((x, y))
    phone.page.wait_for_selector("dialog.detail[open] h3:not(:empty)")
    touch()
    phone.settle()
    said = phone.page.locator("dialog.detail[open]").inner_text()
    assert "label" in said
    assert phone.hash_state()["images"].keys() == {"open"}  # and it selects nothing


def test_the_tap_that_wakes_a_page_is_carried_out(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE, viewport=PHONE, has_touch=True, is_mobile=True)
    card = tab.page.locator("#images .sample:visible").first
    card.scroll_into_view_if_needed()
    chosen = int(str(card.get_attribute("data-id")))
    assert tab.state() == "static"
    card.tap()
    tab.page.wait_for_selector("html[data-sitegen=live]")
    tab.settle()
    assert tab.hash_state()["images"] == {"ids": [chosen]}
    assert tab.counts()["confidence"][0] == 1
    assert tab.messages == []


def test_a_tap_is_forgotten_when_the_reader_turns_to_something_else(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE, viewport=PHONE, has_touch=True, is_mobile=True)
    with tab.before_live():
        card = tab.page.locator("#images .sample:visible").first
        card.scroll_into_view_if_needed()
        card.tap()
        tab.page.locator("#images .view-title").tap()
        tab.page.wait_for_timeout(200)
    assert tab.hash_state() == {}
    assert tab.messages == []
