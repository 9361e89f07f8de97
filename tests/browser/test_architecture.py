"""A network's figure, live: opened, grouped, looked at, kept in the link, read from a dropped file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.browser.driver import ROOT, OpenTab, Tab

PAGE = "digits-architecture.html"
FIGURE = "#figure"
SCROLL = f"{FIGURE} .network-scroll"
REST_MS = 400
"""Longer than the rest after which a moved window stands in the link."""
AT = "at => [at.scrollLeft, at.scrollTop]"
COMPARED = ("digits-architecture", "digits-slim-architecture")
MLP = {
    "class_name": "Sequential",
    "config": {
        "name": "<img src=x onerror=alert(1)>",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 12], "name": "given"}},
            {"class_name": "Dense", "config": {"units": 7, "name": "hidden", "activation": "relu"}},
            {"class_name": "Dense", "config": {"units": 3, "name": "out", "activation": "softmax"}},
        ],
    },
}


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    tab = open_tab(demo_url + PAGE).live()
    yield tab
    assert tab.messages == tab.failures == []


def glyphs(tab: Tab, inside: str = f"{FIGURE} [data-part=figure]") -> int:
    return tab.page.locator(f"{inside} [data-glyph]").count()


def detail(tab: Tab, level: int) -> None:
    tab.page.fill(f"{FIGURE} input[name=detail]", str(level))
    tab.settle()


def deepest(tab: Tab) -> int:
    return int(tab.page.get_attribute(f"{FIGURE} input[name=detail]", "max") or 0)


def test_detail_goes_from_one_glyph_to_every_layer_and_back_in_the_history(live: Tab) -> None:
    layers = pd.read_parquet(ROOT / "artifacts/digits-architecture/layers.parquet")
    assert live.page.locator(f"{FIGURE} [data-part=figure] image").count() == 1
    detail(live, 0)
    one = glyphs(live)
    detail(live, deepest(live))
    assert glyphs(live) > one
    assert live.hash_state()["figure"] == {"detail": deepest(live)}
    assert str(len(layers)) in live.page.inner_text(f"{FIGURE} [data-part=said]")
    live.back()
    assert glyphs(live) == one


def test_a_glyph_that_is_clicked_filters_the_tables_beside_it(live: Tab) -> None:
    detail(live, deepest(live))
    whole = live.rows("layers")
    live.press(f"{FIGURE} [data-glyph='1']")
    chosen = live.hash_state()["figure"]["ids"]
    assert live.rows("layers") == len(chosen) < whole
    live.page.keyboard.press("Escape")
    live.settle()
    assert live.rows("layers") == whole


def test_layers_are_grouped_by_keys_and_the_group_is_dissolved_by_undo(live: Tab) -> None:
    detail(live, deepest(live))
    before = glyphs(live)
    live.press(f"{FIGURE} [data-glyph='1']")
    live.page.click(f"{FIGURE} [data-glyph='2']", modifiers=["Shift"])
    live.press(f"{FIGURE} [data-action=group]")
    assert live.hash_state()["figure"]["groups"][0]["name"] == "Group 1"
    assert glyphs(live) < before
    live.page.keyboard.press("Control+z")
    live.settle()
    assert glyphs(live) == before


def test_where_a_larger_figure_was_looked_at_stands_in_the_link(live: Tab, open_tab: OpenTab) -> None:
    detail(live, deepest(live))
    for _ in range(4):
        live.press(f"{FIGURE} [data-action=larger]")
    live.page.eval_on_selector(SCROLL, "at => at.scrollTo(at.scrollWidth / 3, at.scrollHeight / 4)")
    live.page.wait_for_timeout(REST_MS)
    across, down = live.hash_state()["figure"]["pan"]
    assert 0 < across < 1
    again = open_tab(live.address()).live()
    assert again.page.eval_on_selector(SCROLL, AT) == pytest.approx(
        live.page.eval_on_selector(SCROLL, AT), abs=3
    )
    assert again.hash_state() == live.hash_state()
    # Looking elsewhere is no step of its own.
    live.page.keyboard.press("Control+z")
    live.settle()
    assert "zoom" in live.hash_state()["figure"]
    assert down >= 0


def test_a_look_that_is_set_is_drawn_at_once_and_one_out_of_range_is_refused(live: Tab) -> None:
    live.page.click(f"{FIGURE} .network-looks > summary")
    live.page.select_option(f"{FIGURE} [data-set=palette]", "grey")
    live.settle()
    assert live.hash_state()["figure"] == {"set": {"palette": "grey"}}
    live.page.fill(f"{FIGURE} [data-set=stroke]", "1000000")
    live.page.keyboard.press("Tab")
    live.settle()
    assert "takes" in live.page.inner_text(f"{FIGURE} [data-part=said]")


def test_net2vis_25_a_group_is_made_with_shift_and_a_button_that_says_how(live: Tab) -> None:
    detail(live, deepest(live))
    button = live.page.locator(f"{FIGURE} [data-action=group]")
    assert button.is_visible()
    assert button.is_disabled()
    live.press(f"{FIGURE} [data-glyph='1']")
    live.press(f"{FIGURE} [data-action=group]")
    assert "with Shift" in live.page.inner_text(f"{FIGURE} [data-part=said]")
    before = glyphs(live)
    live.page.click(f"{FIGURE} [data-glyph='3']", modifiers=["Shift"])
    live.settle()
    live.press(f"{FIGURE} [data-action=group]")
    assert len(live.hash_state()["figure"]["groups"][0]["layers"]) == 3
    assert glyphs(live) < before
    live.page.keyboard.press("Control+z")
    live.settle()
    assert glyphs(live) == before


def focused(tab: Tab) -> str:
    return str(tab.page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''"))


def test_keys_alone_select_group_open_zoom_pan_and_take_back(live: Tab) -> None:
    detail(live, deepest(live))
    keys = live.page.keyboard
    live.page.focus(f"{FIGURE} input[name=detail]")
    before = glyphs(live)
    keys.press("ArrowLeft")
    live.settle()
    assert glyphs(live) < before
    keys.press("ArrowRight")
    live.settle()
    # Within the figure one glyph is a stop of Tab, and the arrows lead to the others.
    assert live.page.locator(f"{FIGURE} [data-glyph][tabindex='0']").count() == 1
    live.page.focus(f"{FIGURE} [data-glyph='0']")
    keys.press("End")
    assert focused(live).startswith("Output")
    keys.press("Home")
    keys.press("ArrowRight")
    first = focused(live)
    assert first.startswith("Conv2d")
    keys.press(" ")
    live.settle()
    assert live.page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    assert focused(live) == first, "what is drawn anew keeps the focus"
    keys.press("ArrowRight")
    keys.press("Shift+ ")
    live.settle()
    keys.press("G")
    live.settle()
    assert glyphs(live) < before
    said = live.page.locator(f"{FIGURE} [data-part=said] [role=status]")
    assert "glyphs" in said.inner_text()
    keys.press("Control+z")
    live.settle()
    assert glyphs(live) == before
    live.page.focus(f"{FIGURE} [data-action=larger]")
    for _ in range(4):
        keys.press("Enter")
        live.settle()
    assert live.hash_state()["figure"]["zoom"] > 1
    assert live.page.evaluate("document.activeElement.dataset.action") == "larger"
    live.page.focus(SCROLL)
    keys.press("ArrowRight")
    live.page.wait_for_timeout(REST_MS)
    assert live.page.eval_on_selector(SCROLL, AT)[0] > 0


def test_every_preference_is_reached_by_tab_has_a_name_and_is_drawn(live: Tab) -> None:
    live.page.focus(f"{FIGURE} .network-looks > summary")
    live.page.keyboard.press("Enter")
    live.settle()
    wanted = set(
        live.page.eval_on_selector_all(f"{FIGURE} [data-set]", "all => all.map(each => each.dataset.set)")
    )
    assert len(wanted) > 25
    met: dict[str, str] = {}
    for _ in range(200):
        live.page.keyboard.press("Tab")
        name, label = live.page.evaluate(
            "(at => [at.dataset.set ?? '', at.labels?.[0]?.textContent.trim() ?? ''])(document.activeElement)"
        )
        met |= {name: label} if name else {}
        if wanted <= met.keys():
            break
    assert wanted == met.keys()
    assert all(met.values())
    # One of each kind is set by keys, and taken back.
    whole = live.page.inner_html(f"{FIGURE} [data-part=figure]")
    for name, key in (("textures", " "), ("palette", "ArrowDown"), ("maxHeight", "ArrowUp")):
        live.page.focus(f"{FIGURE} [data-set={name}]")
        live.page.keyboard.press(key)
        live.page.keyboard.press("Tab")
        live.settle()
        assert list(live.hash_state()["figure"]["set"]) == [name]
        assert live.page.inner_html(f"{FIGURE} [data-part=figure]") != whole
        live.back()
        assert live.page.inner_html(f"{FIGURE} [data-part=figure]") == whole


def saved(tab: Tab, entry: str, figure: str = FIGURE) -> tuple[str, bytes]:
    tab.page.click(f"{figure} .view-menu > summary")
    with tab.page.expect_download() as waiting:
        tab.page.click(f"{figure} [data-entry={entry}]")
    file = waiting.value
    return file.suggested_filename, Path(file.path()).read_bytes()


def test_the_image_that_is_saved_holds_the_sample(live: Tab) -> None:
    name, content = saved(live, "svg")
    assert name.endswith(".svg")
    (image,) = re.findall(r"<image\b[^>]*>", content.decode("utf-8"))
    assert re.search(r'\bhref="data:image/[a-z]+;base64,[\w+/=]{100,}"', image)


def test_the_menu_saves_pdf_and_tikz_for_the_column_that_is_chosen(live: Tab) -> None:
    module = [url for url in live.requests if "/print." in url]
    assert not module, "what writes PDF is loaded when it is asked for"
    name, content = saved(live, "pdf")
    assert name.endswith(".pdf")
    assert content.startswith(b"%PDF-1.4")
    assert b"+Inter-Regular" in content
    assert content.count(b"/Subtype/Image") == 1  # the sample
    live.page.click(f"{FIGURE} .network-looks > summary")
    live.page.select_option(f"{FIGURE} [data-set=paper]", "ieee-column")
    live.settle()
    assert live.hash_state()["figure"] == {"paper": "ieee-column"}
    _, content = saved(live, "pdf")
    assert b"/MediaBox[0 0 252 " in content
    name, content = saved(live, "tikz")
    assert name.endswith(".tex")
    assert b"rectangle (252," in content
    assert "252 by" in live.page.inner_text(f"{FIGURE} .view-said")
    # Dots of an inch as they are chosen: 3.5 inches.
    for dpi in (150, 300, 600):
        name, content = saved(live, f"png-{dpi}")
        assert name.endswith(".png")
        with Image.open(io.BytesIO(content)) as image:
            assert image.width == pytest.approx(3.5 * dpi, abs=1)
            assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)
            inked = np.asarray(image.convert("RGBA"))[..., 3] > 0
            assert 0.05 < inked.mean() < 1
    # The same module writes them on the command line.
    [module] = {url for url in live.requests if "/print." in url}


def drop(tab: Tab, name: str, content: bytes) -> None:
    tab.page.evaluate(
        """([name, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name));
          document.querySelector("#figure .view-body")
            .dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        [name, list(content)],
    )
    tab.page.wait_for_selector(f"{FIGURE} :is([data-action=own], .network-refused)", state="attached")
    tab.settle()


def test_a_model_file_that_is_dropped_takes_the_figure_over_and_is_sent_nowhere(live: Tab) -> None:
    before, link, own = list(live.requests), live.hash_state(), glyphs(live)
    drop(live, "mlp.json", json.dumps(MLP).encode())
    said = live.page.inner_text(f"{FIGURE} [data-part=said]")
    assert said.startswith("4 layers in 4 glyphs, 115 parameters, 210 FLOPs for one sample.")
    assert "mlp.json" in said
    assert live.page.locator(f"{FIGURE} .view-body img").count() == 0
    detail(live, 0)
    assert glyphs(live) == 1
    detail(live, deepest(live))
    assert glyphs(live) == 4
    live.press(f"{FIGURE} [data-glyph='1']")
    assert live.page.get_attribute(f"{FIGURE} [data-glyph='1']", "aria-pressed") == "true"
    # Of the page nothing is changed: neither its tables nor its link.
    assert live.hash_state() == link
    asked = [url for url in live.requests[len(before) :] if not url.startswith(("data:", "blob:"))]
    assert all(url.startswith(live.page.url.partition(PAGE)[0]) for url in asked)
    # What is saved is the network of the file.
    _, svg = saved(live, "svg")
    assert b">hidden<" not in svg
    assert b"4 layers in 4 glyphs" in svg
    _, tikz = saved(live, "tikz")
    assert b"{7}" in tikz
    live.press(f"{FIGURE} [data-action=own]")
    assert glyphs(live) == own


def told(tab: Tab) -> tuple[str, int]:
    """What a screen reader says of the figure, and how many rows its data table has."""
    page = tab.page
    described = page.text_content(f"{FIGURE} > .view-description") or ""
    page.eval_on_selector(f"{FIGURE} > .view-data", "at => (at.open = true)")
    tab.settle()
    rows = page.locator(f"{FIGURE} > .view-data tbody tr").count()
    page.eval_on_selector(f"{FIGURE} > .view-data", "at => (at.open = false)")
    tab.settle()
    return described, rows


def test_description_and_data_table_are_of_the_figure_that_is_seen(live: Tab) -> None:
    detail(live, 0)
    described, rows = told(live)
    assert "in 1 glyph" in described
    assert rows == glyphs(live) == 1
    detail(live, deepest(live))
    described, rows = told(live)
    assert f"in {glyphs(live)} glyphs" in described
    assert rows == glyphs(live)
    drop(live, "mlp.json", json.dumps(MLP).encode())
    described, rows = told(live)
    assert described.startswith("4 layers in 4 glyphs, 115 parameters")
    assert rows == 4


def test_a_dropped_file_and_its_changes_are_undone_and_redone_by_keys_and_buttons(live: Tab) -> None:
    detail(live, deepest(live))
    own, link = glyphs(live), live.hash_state()
    drop(live, "mlp.json", json.dumps(MLP).encode())
    detail(live, 0)
    live.page.click(f"{FIGURE} .network-looks > summary")
    live.page.select_option(f"{FIGURE} [data-set=colour]", "none")
    live.settle()
    drawn = live.page.inner_html(f"{FIGURE} [data-part=figure]")
    live.page.keyboard.press("Control+z")
    live.settle()
    assert live.page.inner_html(f"{FIGURE} [data-part=figure]") != drawn
    assert glyphs(live) == 1
    live.press("[data-action=page-undo]")
    assert glyphs(live) == 4
    live.page.keyboard.press("Control+z")
    live.settle()
    assert glyphs(live) == own, "before the file was dropped"
    assert live.hash_state() == link, "the page's own network was never touched"
    live.press("[data-action=page-redo]")
    assert glyphs(live) == 4
    live.page.keyboard.press("Control+Shift+z")
    live.settle()
    live.page.keyboard.press("Control+y")
    live.settle()
    assert live.page.inner_html(f"{FIGURE} [data-part=figure]") == drawn
    live.press(f"{FIGURE} [data-action=own]")
    assert glyphs(live) == own
    live.page.keyboard.press("Control+z")
    live.settle()
    assert glyphs(live) == 1


def test_the_glyph_of_a_sample_is_as_large_as_its_picture_and_not_as_its_sheet(live: Tab) -> None:
    box = live.page.locator(f"{FIGURE} [data-glyph='0']").bounding_box()
    around = live.page.locator(f"{FIGURE} [data-part=figure] svg").bounding_box()
    assert box
    assert around
    assert box["width"] < around["width"] / 2
    assert box["height"] <= around["height"]


def test_a_file_with_long_names_fits_a_phone_and_nothing_is_left_of_what_was_pointed_at(live: Tab) -> None:
    named = json.loads(json.dumps(MLP))
    named["config"]["layers"][1]["config"]["name"] = "x" * 5000
    tip = ".tooltip:not([hidden])"
    live.page.set_viewport_size({"width": 360, "height": 800})
    live.page.hover(f"{FIGURE} [data-glyph='1']")
    live.page.wait_for_selector(tip)
    drop(live, "long.json", json.dumps(named).encode())
    assert live.page.locator(tip).count() == 0
    assert "5,000 letters" in "".join(live.page.locator(f"{FIGURE} > .view-notice").all_inner_texts())
    assert live.spilling() == 0
    live.page.set_viewport_size({"width": 1280, "height": 900})


def test_back_takes_a_dropped_file_away_before_it_changes_what_the_file_hides(live: Tab) -> None:
    detail(live, deepest(live))
    own, link = glyphs(live), live.hash_state()
    drop(live, "mlp.json", json.dumps(MLP).encode())
    assert glyphs(live) == 4
    live.page.go_back()
    live.settle()
    assert (glyphs(live), live.hash_state()) == (own, link), "the file alone is gone"
    live.page.go_forward()
    live.settle()
    assert glyphs(live) == 4
    detail(live, 0)
    live.page.go_back()
    live.settle()
    assert (glyphs(live), live.hash_state()) == (4, link)


def test_what_was_undone_ends_with_a_change_to_a_dropped_file(live: Tab) -> None:
    drop(live, "mlp.json", json.dumps(MLP).encode())
    live.press("#layers tbody tr:not(.table-space)")
    assert live.hash_state()["layers"]
    live.page.keyboard.press("Control+z")
    live.settle()
    redo = "[data-action=page-redo]"
    assert live.page.get_attribute(redo, "aria-disabled") == "false"
    detail(live, 0)
    assert live.page.get_attribute(redo, "aria-disabled") == "true"
    live.page.keyboard.press("Control+Shift+z")
    live.settle()
    assert "layers" not in live.hash_state()
    assert glyphs(live) == 1


def test_a_double_click_opens_a_group_and_filters_nothing(live: Tab) -> None:
    detail(live, 0)
    whole = live.rows("layers")
    live.page.dblclick(f"{FIGURE} [data-glyph='0']")
    live.page.wait_for_timeout(REST_MS)
    live.settle()
    assert glyphs(live) > 1
    assert "ids" not in live.hash_state()["figure"]
    assert live.rows("layers") == whole
    live.page.keyboard.press("Control+z")
    live.settle()
    assert glyphs(live) == 1, "one step"
    # Two clicks that are slower than the wait, and yet a double click to the system.
    live.page.click(f"{FIGURE} [data-glyph='0']", delay=10)
    live.page.wait_for_timeout(REST_MS)
    assert live.rows("layers") == whole
    assert live.hash_state()["figure"]["ids"]


def test_a_pull_that_begins_on_a_glyph_moves_the_figure_and_selects_nothing(live: Tab) -> None:
    detail(live, deepest(live))
    for _ in range(4):
        live.press(f"{FIGURE} [data-action=larger]")
    box = live.page.locator(f"{FIGURE} [data-glyph='1']").bounding_box()
    assert box
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    live.page.mouse.move(*at)
    live.page.mouse.down()
    live.page.mouse.move(at[0] - 60, at[1] - 5, steps=5)
    live.page.mouse.up()
    live.page.wait_for_timeout(REST_MS)
    assert live.page.eval_on_selector(SCROLL, AT)[0] == pytest.approx(60, abs=2)
    assert "ids" not in live.hash_state()["figure"]


DIFFERENCES = "#differences"


def test_a_glyph_of_a_comparison_keeps_its_layers_in_both_tables(live: Tab) -> None:
    figure = f"{DIFFERENCES} [data-part=figure]"
    live.page.fill(f"{DIFFERENCES} input[name=detail]", "9")
    live.settle()
    tables = [pd.read_parquet(ROOT / f"artifacts/{name}/layers.parquet") for name in COMPARED]
    assert glyphs(live, figure) == sum(map(len, tables))
    whole = [live.rows("layers"), live.rows("slim")]
    live.press(f"{figure} [data-glyph='1']")
    state = live.hash_state()["differences"]
    assert state["first"] == state["second"] == ["stage1.0"]
    assert [live.rows("layers"), live.rows("slim"), live.rows("figure")] == [1, 1, 1]
    live.page.keyboard.press("Escape")
    live.settle()
    assert [live.rows("layers"), live.rows("slim")] == whole
    name, content = saved(live, "pdf", DIFFERENCES)
    assert name.endswith(".pdf")
    assert content.startswith(b"%PDF-1.4")


def test_a_comparison_is_read_and_selected_by_keys(live: Tab) -> None:
    figure = f"{DIFFERENCES} [data-part=figure]"
    live.page.fill(f"{DIFFERENCES} input[name=detail]", "9")
    live.settle()
    live.page.focus(f"{figure} [data-glyph='0']")
    live.page.keyboard.press("ArrowRight")
    assert "changed" in focused(live)
    live.page.keyboard.press("Enter")
    live.settle()
    assert [live.rows("layers"), live.rows("slim")] == [1, 1]
    assert live.page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    live.page.keyboard.press("End")
    assert focused(live).startswith("Output")
    live.page.keyboard.press("Control+z")
    live.settle()
    assert live.rows("layers") > 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.onnx", b"\x08\x07\x12\x04torc"),
        ("not.keras", b"PK\x03\x04 no more"),
        ("deep.json", b"[" * 100_000),
    ],
)
def test_a_file_that_is_no_model_is_refused_with_one_sentence(live: Tab, name: str, content: bytes) -> None:
    drop(live, name, content)
    said = live.page.inner_text(f"{FIGURE} .network-refused")
    assert said.startswith(f"{name} cannot be read: ")
    assert "\n" not in said.strip()
