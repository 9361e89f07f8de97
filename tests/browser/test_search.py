"""Search: over pages, sections, views and columns, with misspelt words, by keyboard, also from the disk."""

from __future__ import annotations

from pathlib import Path

from tests.browser.driver import OpenTab


def test_a_misspelt_word_leads_to_its_place_from_the_disk_by_keyboard(demo: Path, open_tab: OpenTab) -> None:
    tab = open_tab((demo / "guides" / "index.html").as_uri())
    tab.page.keyboard.press("/")
    tab.page.wait_for_selector("dialog.search[open]")
    tab.page.keyboard.type("bibliografy")
    groups = tab.texts(".search-pages > li > a")
    assert "Write pages" in groups
    assert "bibliography" not in " ".join(groups), "a group is a page"
    tab.page.keyboard.press("ArrowDown")
    assert tab.page.evaluate("document.activeElement.closest('.search-pages') !== null")
    tab.page.keyboard.press("ArrowUp")
    tab.page.keyboard.press("Control+A")
    tab.page.keyboard.type("Citations")
    tab.page.click(".search-pages ul a:has-text('Citations')")
    tab.page.wait_for_url("**/guides/authoring.html#citations")
    assert tab.failures == []


def test_columns_and_tools_are_found_and_nothing_is_loaded_before(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(f"{demo_url}index.html")
    assert not any("search" in request for request in tab.requests)
    tab.press("[data-action=search]")
    tab.page.wait_for_selector("dialog.search[open]")
    tab.page.keyboard.type("horsepower")
    places = tab.texts(".search-pages ul a")
    assert any(place.startswith("Horsepower") and place.endswith("column") for place in places)
    tab.page.keyboard.press("Escape")
    assert not tab.page.is_visible("dialog.search")
    assert tab.messages == []
