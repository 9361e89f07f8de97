"""Every view of the theme, from a page of the demo: its data as CSV and JSON, its image as SVG and PNG."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.browser.driver import ROOT, OpenTab, Tab

VIEWS = sorted(folder.name for folder in (ROOT / "themes/default/views").iterdir() if folder.is_dir())
BARE = {"markdown", "summary", "toolbar"}
"""Views that are for using or reading a page, and show no data of their own."""
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
FIGURE = re.compile(r'<figure class="view([^"]*)"\s+data-view="([\w-]+)" id="([^"]+)"')

SEEN = """id => {
    const body = document.querySelector(`#${CSS.escape(id)} > .view-body`);
    const words = [];
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        if (!node.data.trim() || node.parentElement.closest("svg, select, label, .visually-hidden")) continue;
        if (window.unprinted.has(node.parentElement)) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        const [left, middle] = [box.left + 2, box.top + Math.min(box.height, 16) / 2];
        const there = document.elementFromPoint(left, middle);
        const isWhole = node.parentElement.scrollWidth <= node.parentElement.clientWidth + 1;
        const isSeen = there && (there === node.parentElement || node.parentElement.contains(there));
        const isInside = box.bottom < innerHeight && box.top > 0;
        if (isSeen && isInside && isWhole) words.push(node.data.replace(/\\\\s+/g, " ").trim());
    }
    return words;
}""".replace("\\\\", "\\")
"""Texts that a reader sees of a view, as far as the window shows them, by what lies at their place."""


UNPRINTED = """() => {
    const all = [...document.querySelectorAll(".view-body *")];
    window.unprinted = new Set(all.filter(each => !each.checkVisibility()));
}"""
"""What is not there on paper: it is for using a view."""


def seen_of(tab: Tab, id_: str) -> list[str]:
    """Return the texts that a reader sees of a view, and would see on paper."""
    tab.page.emulate_media(media="print")
    tab.page.evaluate(UNPRINTED)
    tab.page.emulate_media(media="screen")
    return [str(text) for text in tab.page.evaluate(SEEN, id_)]


def places(demo: Path) -> dict[str, tuple[str, str, bool]]:
    """Return where the demo shows each view first: page, id, and whether it is bare."""
    found: dict[str, tuple[str, str, bool]] = {}
    for page in sorted(demo.rglob("*.html"), key=lambda path: (len(path.parts), path)):
        for classes, view, id_ in FIGURE.findall(page.read_text("utf-8")):
            found.setdefault(view, (page.relative_to(demo).as_posix(), id_, "view-bare" in classes))
    return found


def test_every_view_is_on_a_page_of_the_demo(demo: Path) -> None:
    found = places(demo)
    assert sorted(found) == VIEWS
    assert {view for view, (_, _, is_bare) in found.items() if is_bare} == BARE


def choose(tab: Tab, id_: str, name: str) -> bytes:
    """Choose an entry of a view's menu; return the file."""
    tab.page.click(f"#{id_} .view-menu > summary")
    with tab.page.expect_download() as waiting:
        tab.page.click(f"#{id_} .view-menu [data-entry={name}]")
    assert waiting.value.suggested_filename.endswith(f".{name}")
    return Path(waiting.value.path()).read_bytes()


def texts_of(root: ElementTree.Element) -> str:
    parts = [" ".join("".join(each.itertext()).split()) for each in root.iter(f"{SVG}text")]
    return " ".join(parts)


def is_within(address: str) -> bool:
    return address.startswith(("#", "data:image/"))


def check_alone(root: ElementTree.Element) -> None:
    """Check that nothing in a drawing runs, or leads out of it."""
    for element in root.iter():
        assert element.tag.startswith(SVG)
        assert element.tag.removeprefix(SVG).lower() not in ("script", "foreignobject", "iframe", "a")
        for name, value in element.items():
            assert not name.startswith("on"), (element.tag, name)
            assert "var(" not in value
            if name in ("href", HREF, "src"):
                assert is_within(value), value[:80]
            else:
                assert not re.search(r"//|url\((?!#)", value), (element.tag, name, value[:80])


def pixels_of(content: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


@pytest.mark.parametrize("view", [view for view in VIEWS if view not in BARE])
def test_a_view_gives_its_data_and_its_image(view: str, demo: Path, demo_url: str, open_tab: OpenTab) -> None:
    page, id_, _ = places(demo)[view]
    tab = open_tab(demo_url + page)
    is_chart = tab.page.locator(f"#{id_} .view-body :is(svg.chart, svg.map)").count() > 0
    tab.live()
    tab.page.locator(f"#{id_} .view-header").scroll_into_view_if_needed()
    tab.settle()
    table = choose(tab, id_, "csv").decode("utf-8-sig")
    assert len(table.splitlines()) > 1
    assert json.loads(choose(tab, id_, "json"))
    seen = seen_of(tab, id_)
    root = ElementTree.fromstring(choose(tab, id_, "svg"))
    check_alone(root)
    told = texts_of(root)
    assert tab.page.inner_text(f"#{id_} .view-title") in told
    assert root.findtext(f"{SVG}desc")
    if tab.page.locator(f"#{id_} .view-count").count():
        assert "n = " in told
    if not is_chart:
        assert seen
        assert [text for text in seen if " ".join(text.split()) not in told] == []
    pixels = pixels_of(choose(tab, id_, "png"))
    assert pixels.shape[:2] == (2 * int(root.get("height", 0)), 2 * int(root.get("width", 0)))
    is_drawn = np.abs(pixels - pixels[0, 0]).sum(axis=2) > 60
    assert is_drawn.mean() > 0.004
    # Below the title and above the line at the end there is a drawing, too.
    rows = np.flatnonzero(is_drawn.any(axis=1))
    assert is_drawn[rows[0] + 60 : rows[-1] - 60].mean() > 0.004
    assert (tab.messages, tab.failures) == ([], [])


def test_a_table_is_saved_as_it_is_listed(demo_url: str, open_tab: OpenTab, samples: pd.DataFrame) -> None:
    tab = open_tab(demo_url + "digits-samples.html").live()
    tab.filter("datum.confidence < 0.9")
    tab.press('#rows [data-sort="entropy"]')
    rows = samples[samples.confidence < 0.9].sort_values(["entropy", "id"])
    found = pd.read_csv(io.BytesIO(choose(tab, "rows", "csv")), dtype={"label": str})
    shown = tab.page.eval_on_selector_all("#rows th[data-column]", "all => all.map(e => e.dataset.column)")
    assert [re.sub(r" \(.*\)$", "", name) for name in found.columns] == shown
    assert found["id"].tolist() == rows["id"].tolist()
    listed = json.loads(choose(tab, "rows", "json"))
    assert [row["id"] for row in listed] == rows["id"].tolist()
    assert np.allclose(
        [next(value for name, value in row.items() if name.startswith("confidence")) for row in listed],
        rows["confidence"],
    )
    # What is selected in the view is no filter of its own, and leaves the page's in force.
    tab.press("#rows-row-1")
    assert tab.counts()["rows"] == (len(rows), len(samples))
    again = pd.read_csv(io.BytesIO(choose(tab, "rows", "csv")))
    assert again["id"].tolist() == rows["id"].tolist()


def test_groups_are_drawn_as_they_stand(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits-duplicates.html").live()
    tab.page.select_option("#toolbar select", "split")
    tab.settle()
    headings = tab.texts("#images .view-panel-name")
    assert len(headings) > 1
    root = ElementTree.fromstring(choose(tab, "images", "svg"))
    check_alone(root)
    assert [name for name in headings if name not in texts_of(root)] == []


def test_what_is_for_using_a_view_is_left_out_and_there_again(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits-units.html").live()
    chosen = "#pfa .units-strategies button"
    before = tab.page.eval_on_selector_all(chosen, "all => all.map(each => each.checkVisibility())")
    root = ElementTree.fromstring(choose(tab, "pfa", "svg"))
    told = texts_of(root)
    assert "KL" in told
    assert "Energy" not in told
    assert tab.page.eval_on_selector_all(chosen, "all => all.map(each => each.checkVisibility())") == before


def left_below(root: ElementTree.Element) -> float:
    """Return how much of a frame of rows is seen below the line under its last whole row."""
    clips = [rect for clip in root.iter(f"{SVG}clipPath") for rect in clip]
    frame = max(clips, key=lambda rect: float(rect.attrib["width"]) * float(rect.attrib["height"]))
    bottom = float(frame.attrib["y"]) + float(frame.attrib["height"])
    lines = [float(each.attrib["y"]) for each in root.iter(f"{SVG}rect") if each.get("height") == "1"]
    return bottom - 1 - max(y for y in lines if y <= bottom)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_picture_of_a_list_ends_with_a_whole_row(width: int, demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits-samples.html", viewport={"width": width, "height": 900}).live()
    height = "document.querySelector('#rows .table-frame').getBoundingClientRect().height"
    before = tab.page.evaluate(height)
    root = ElementTree.fromstring(choose(tab, "rows", "svg"))
    assert left_below(root) == pytest.approx(0, abs=1)
    assert "Rows 1\N{EN DASH}11 of 1,797" in texts_of(root)
    assert tab.page.evaluate(height) == before, "the page is as it was"


@pytest.mark.parametrize(
    ("page", "id_", "reading"),
    [
        ("digits-confusion.html", "eight", "Threshold 0.5"),
        ("digits-confusion.html", "matrix", "Images (log) 0"),
        ("guides/maps.html", "origins", "(strongest colour)"),
    ],
)
def test_a_drawing_says_how_it_is_read_where_its_key_is_left_out(
    page: str, id_: str, reading: str, demo_url: str, open_tab: OpenTab
) -> None:
    tab = open_tab(demo_url + page).live()
    assert reading in texts_of(ElementTree.fromstring(choose(tab, id_, "svg")))


def test_a_picture_does_not_show_where_the_pointer_is(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits-labels.html").live()
    tab.page.mouse.move(0, 0)
    script = """() => document.querySelector("#errors .view-menu [data-entry=svg]").click()"""

    def saved() -> bytes:
        with tab.page.expect_download() as waiting:
            tab.page.evaluate(script)
        return Path(waiting.value.path()).read_bytes()

    tab.page.locator("#errors").scroll_into_view_if_needed()
    tab.settle()
    without = saved()
    tab.page.locator("#errors .errors-row").nth(1).hover()
    faded = "() => getComputedStyle(document.querySelector('#errors .errors-row')).opacity === '0.4'"
    tab.page.wait_for_function(faded)
    assert saved() == without
    tab.page.wait_for_function(faded)


def test_the_pages_image_holds_views_that_are_no_chart(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits-units.html").live()
    tab.page.click(".share-button")
    for view in ("pfa", "inactive", "redundancy"):
        tab.page.wait_for_selector(f".share select option[value={view}]", state="attached")
    with tab.page.expect_download() as waiting:
        tab.page.click("[data-share=save-image]")
    pixels = pixels_of(Path(waiting.value.path()).read_bytes())
    drawn = sum(tab.page.evaluate("[...document.querySelectorAll('.view')].map(e => e.offsetHeight)"))
    assert pixels.shape[0] > drawn
