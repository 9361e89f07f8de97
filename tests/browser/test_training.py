"""The curves of a training, live: brushed by hand and by keys, smoothed, put on another axis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.driver import OpenTab, Tab

PAGE = "digits-training.html"
PLOT = "#training .training-panel[data-metric=loss] .training-plot"


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """The page on how the report was made, live; nothing may be said in its console."""
    tab = open_tab(demo_url + PAGE, permissions=["clipboard-read", "clipboard-write"]).live()
    yield tab
    assert tab.messages == tab.failures == []


def drag(tab: Tab, start: float, end: float) -> None:
    """Drag over the loss's plot; places are fractions of its width."""
    tab.page.locator(PLOT).scroll_into_view_if_needed()
    box = tab.page.locator(f"{PLOT} path.background").first.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    tab.page.mouse.move(box["x"] + box["width"] * start, y)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] * end, y, steps=4)
    tab.page.mouse.up()
    tab.settle()


def test_epochs_are_brushed_by_hand_and_by_keys_and_filter_the_rows(live: Tab) -> None:
    total = live.rows("epochs")
    epochs = total // 2
    drag(live, 0, 1)
    assert live.hash_state() == {"training": {"epochs": [1, epochs]}}
    drag(live, 0.0, 2.1 / (epochs - 1))
    assert live.hash_state() == {"training": {"epochs": [1, 3]}}
    assert live.rows("epochs") == 6
    assert live.rows("training") == total, "a selection never filters its own view"
    drag(live, 0.5, 0.5)
    assert live.hash_state() == {}
    live.page.focus(PLOT)
    for key in ("End", "ArrowLeft", "Shift+ArrowLeft"):
        live.page.keyboard.press(key)
    live.settle()
    assert live.hash_state() == {"training": {"epochs": [epochs - 2, epochs - 1]}}
    assert live.rows("epochs") == 4
    said = live.page.get_attribute(PLOT, "aria-valuetext") or ""
    assert said.startswith(f"epoch {epochs - 2}, train ")
    live.page.keyboard.press("Escape")
    live.settle()
    assert live.hash_state() == {}


def test_smoothing_and_axes_are_kept_in_the_link(live: Tab, open_tab: OpenTab) -> None:
    live.page.fill("#training [name=smoothing]", "0.5")
    live.press("#training [data-log=loss]")
    assert live.hash_state() == {"training": {"smoothing": 0.5, "log": ["loss", "learning_rate"]}}
    again = open_tab(live.address()).live()
    assert again.page.get_attribute("#training [data-log=loss]", "aria-pressed") == "true"
    assert again.texts("#training output") == ["0.50"]


def test_a_digest_is_copied_whole(live: Tab) -> None:
    live.press("#provenance .provenance-copy >> nth=0")
    copied = str(live.page.evaluate("navigator.clipboard.readText()"))
    assert len(copied) == 64
    assert live.texts("#provenance .provenance-digest")[0] == copied[:12]
