"""The toolbar: completion, the whole in grey, the sentence, copies of ids and link."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from tests.browser.driver import OpenTab, Tab

PAGE = "digits.html"
FIELD = "input[name=filter]"


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    tab = open_tab(demo_url + PAGE, permissions=["clipboard-read", "clipboard-write"]).live()
    yield tab
    assert tab.messages == []


def offered(tab: Tab) -> list[str]:
    tab.page.wait_for_timeout(250)
    return tab.texts("#toolbar [role=option] > span")


def test_a_filter_is_written_by_completion_and_keyboard_alone(live: Tab, samples: pd.DataFrame) -> None:
    keys = live.page.keyboard
    live.page.focus(FIELD)
    assert offered(live) == []
    keys.type("lab")
    assert offered(live)[0] == "label"
    assert live.page.get_attribute(FIELD, "aria-expanded") == "true"
    keys.press("ArrowDown")
    active = live.page.get_attribute(FIELD, "aria-activedescendant")
    assert live.page.get_attribute(f"#{active}", "aria-selected") == "true"
    keys.press("Enter")
    assert live.page.input_value(FIELD) == "datum.label"
    keys.type(" == ")
    counts = samples.label.value_counts()
    assert offered(live)[0] == sorted(counts[counts == counts.max()].index)[0]
    keys.type("7")
    assert offered(live)[0] == "7"
    keys.press("ArrowDown")
    keys.press("Tab")
    assert live.page.input_value(FIELD) == "datum.label == '7'"
    keys.press("Enter")
    live.settle()
    assert live.rows("toolbar") == (samples.label == "7").sum()
    assert live.texts(".chip > span") == ["label is 7"]


def test_escape_closes_the_list_and_enter_applies_what_is_written(live: Tab, samples: pd.DataFrame) -> None:
    live.page.focus(FIELD)
    live.page.keyboard.type("datum.confidence")
    assert offered(live)
    live.page.keyboard.press("Escape")
    assert offered(live) == []
    assert live.page.get_attribute(FIELD, "aria-expanded") == "false"
    live.page.keyboard.type(" < 0.5")
    live.page.keyboard.press("Enter")
    live.settle()
    assert live.rows("toolbar") == (samples.confidence < 0.5).sum()


def test_an_option_is_taken_by_click(live: Tab) -> None:
    live.page.focus(FIELD)
    live.page.keyboard.type("datum.entr")
    assert offered(live) == ["entropy"]
    live.page.click("#toolbar [role=option]")
    assert live.page.input_value(FIELD) == "datum.entropy"
    assert live.page.evaluate("document.activeElement.name") == "filter"


GREY = """id => [...document.querySelectorAll(`#${id} .role-mark.layer_0_marks path`)]
    .filter(path => path.checkVisibility() && (path.getAttribute('d') ?? '').length > 8).length"""


def test_the_whole_in_grey_is_hidden_and_shown_and_in_the_link(live: Tab, open_tab: OpenTab) -> None:
    live.filter("datum.split == 'test'")
    assert live.page.evaluate(GREY, "confidence") > 0
    live.page.uncheck("input[name=whole]")
    live.settle()
    assert live.page.evaluate(GREY, "confidence") == 0
    assert live.hash_state() == {"filter": "datum.split == 'test'", "whole": "off"}
    other = open_tab(live.address()).live()
    assert other.page.evaluate(GREY, "confidence") == 0
    assert not other.page.is_checked("input[name=whole]")
    live.back()
    assert live.page.evaluate(GREY, "confidence") > 0
    assert live.page.is_checked("input[name=whole]")


def test_what_is_shown_is_said_in_a_sentence(live: Tab, samples: pd.DataFrame) -> None:
    live.filter("datum.label == '3' && datum.confidence < 0.5")
    live.page.wait_for_timeout(700)
    rows = int(((samples.label == "3") & (samples.confidence < 0.5)).sum())
    said = f"{rows} of {len(samples):,} images \N{MIDDLE DOT} label is 3 and confidence below 0.5"
    assert live.page.text_content(".toolbar-said") == said


def test_the_ids_of_what_passes_are_copied(live: Tab, samples: pd.DataFrame) -> None:
    live.filter("datum.confidence < 0.5")
    live.press(".toolbar-ids")
    copied = str(live.page.evaluate("navigator.clipboard.readText()")).split("\n")
    assert copied == [str(number) for number in sorted(samples.id[samples.confidence < 0.5])]
    assert live.texts(".toolbar-ids") == [f"Copied {len(copied)}"]


def test_ids_are_copied_where_the_clipboard_is_refused(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab(demo_url + PAGE).live()
    tab.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    tab.filter("datum.confidence < 0.3")
    tab.press(".toolbar-ids")
    assert tab.texts(".toolbar-ids")[0].startswith("Copied ")


def test_the_toolbar_is_one_line_on_a_desk_and_folds_on_a_phone(open_tab: OpenTab, demo_url: str) -> None:
    desk = open_tab(demo_url + PAGE).live()
    desk.filter("datum.label == '3'")
    assert desk.page.locator(".toolbar").bounding_box()["height"] < 64  # type: ignore[index]
    phone = open_tab(demo_url + PAGE, viewport={"width": 360, "height": 800}).live()
    assert not phone.page.is_visible(".toolbar-link")
    phone.page.focus(".toolbar-fold")
    phone.page.keyboard.press("Enter")
    assert phone.page.is_visible(".toolbar-link")
    assert phone.page.is_visible("select[name=group]")
    assert phone.page.get_attribute(".toolbar-fold", "aria-expanded") == "true"
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_written_while_the_page_comes_alive_is_kept(
    demo_url: str, open_tab: OpenTab, samples: pd.DataFrame
) -> None:
    tab = open_tab(demo_url + PAGE)
    with tab.before_live():
        tab.page.click(FIELD)
        tab.page.keyboard.type("datum.confi")
    tab.page.keyboard.type("dence < 0.5")
    assert tab.page.input_value(FIELD) == "datum.confidence < 0.5"
    assert tab.rows("toolbar") == len(samples)
    tab.page.keyboard.press("Enter")
    tab.settle()
    assert tab.rows("toolbar") == (samples.confidence < 0.5).sum()


def test_nothing_of_what_is_typed_meanwhile_is_lost(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE)
    tab.page.click(FIELD)
    text = "datum.confidence < 0.5 && datum.label == '3' && datum.correct"
    for letter in text:
        tab.page.keyboard.type(letter)
        tab.page.wait_for_timeout(30)
    assert tab.live().page.input_value(FIELD) == text


def test_what_is_entered_before_the_page_is_live_is_applied_then(
    demo_url: str, open_tab: OpenTab, samples: pd.DataFrame
) -> None:
    tab = open_tab(demo_url + PAGE)
    with tab.before_live():
        tab.page.fill(FIELD, "datum.confidence < 0.5")
        tab.page.keyboard.press("Enter")
        tab.page.keyboard.type(" && ")
    assert tab.page.evaluate("location.search") == ""
    assert tab.rows("toolbar") == (samples.confidence < 0.5).sum()
    # The reader wrote on; and it is a step that is taken back as any other.
    assert tab.page.input_value(FIELD) == "datum.confidence < 0.5 && "
    tab.page.evaluate("history.back()")
    tab.settle()
    assert tab.rows("toolbar") == len(samples)


def test_what_is_chosen_before_the_page_is_live_is_chosen_then(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE)
    with tab.before_live():
        tab.page.select_option("#toolbar select[name=group]", "split")
        tab.page.uncheck("#toolbar input[name=whole]")
    state = tab.page.evaluate("document.sitegen.state")
    assert state == {"filter": "", "group": "split", "whole": False, "views": {}}
    assert tab.page.input_value("#toolbar select[name=group]") == "split"
    assert not tab.page.is_checked("#toolbar input[name=whole]")
