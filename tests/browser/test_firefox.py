"""The demo in Firefox: live, filtered by text and by mouse, linked, and from a single file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from sitegen.archive.held import Site
from sitegen.archive.single_file import single_pages
from sitegen.assets import load_theme
from sitegen.bundled import THEMES
from tests.browser import firefox
from tests.browser.driver import Tab
from tests.browser.test_closed import pages

pytestmark = pytest.mark.skipif(not os.environ.get("SITEGEN_CHECK_SITE"), reason="make check-site runs it")


@pytest.fixture(scope="module")
def session() -> Iterator[firefox.Session]:
    path = firefox.find()
    assert path, "install firefox-esr"
    with firefox.running(path) as started:
        yield started


@pytest.fixture
def tab(session: firefox.Session) -> Iterator[Tab]:
    opened = firefox.tab_in(session)
    yield opened
    assert (opened.messages, opened.failures) == ([], [])
    opened.page.close()


def test_every_page_becomes_live(tab: Tab, demo: Path, demo_url: str) -> None:
    for page in pages(demo):
        tab.open(demo_url + page)
        if tab.page.evaluate("document.getElementById('sitegen-page') !== null"):
            tab.live()
        assert (page, tab.messages, tab.failures) == (page, [], [])


def test_a_filter_reaches_every_view_and_the_link(tab: Tab, demo_url: str, samples: pd.DataFrame) -> None:
    tab.open(f"{demo_url}digits.html").live()
    tab.filter("datum.label == '3'")
    threes = int((samples["label"] == "3").sum())
    assert {tab.rows(id_) for id_ in ("toolbar", "confusion", "confidence")} == {threes}
    assert tab.hash_state() == {"filter": "datum.label == '3'"}
    tab.back()
    assert tab.rows("toolbar") == len(samples)


def test_a_brush_selects_and_goes_back(tab: Tab, demo_url: str, samples: pd.DataFrame) -> None:
    tab.open(f"{demo_url}digits.html").live()
    tab.drag("confidence", (0.2, 0.5), (0.6, 0.5))
    passing = tab.rows("toolbar")
    assert 0 < passing < len(samples)
    assert list(tab.hash_state()) == ["confidence"]
    tab.back()
    assert tab.rows("toolbar") == len(samples)


def test_boxes_are_as_built_after_a_reload(tab: Tab, demo_url: str) -> None:
    tab.open(f"{demo_url}digits-confusion.html")
    checked = "[...document.querySelectorAll('input[type=checkbox]')].map(box => box.checked)"
    before = tab.page.evaluate(checked)
    tab.page.evaluate("document.querySelector('input[type=checkbox]').click()")
    tab.page.reload()
    assert tab.page.evaluate(checked) == before


def test_a_single_file_is_live(tab: Tab, demo: Path, tmp_path: Path, samples: pd.DataFrame) -> None:
    files = {file.relative_to(demo).as_posix(): file for file in demo.rglob("*") if file.is_file()}
    (made,) = single_pages(Site(files, load_theme(THEMES / "default", "default")), ["digits.html"])
    file = tmp_path / "digits.html"
    file.write_bytes(made.content)
    tab.open(file.as_uri()).live()
    tab.filter("datum.label == '3'")
    assert tab.rows("confusion") == int((samples["label"] == "3").sum())


PIXELS = """async id => {
    const { text, width, height } = await document.sitegen.picture(id);
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const plane = canvas.getContext("2d");
    plane.drawImage(image, 0, 0);
    const { data } = plane.getImageData(0, 60, width, height - 120);
    let drawn = 0;
    for (let at = 0; at < data.length; at += 4)
        drawn += Math.abs(data[at] - data[0]) + Math.abs(data[at + 1] - data[1]) > 40 ? 1 : 0;
    return [text, drawn / (data.length / 4)];
}"""
"""A view's drawing, and how much of its image, below the title and above the last line, is not ground."""


@pytest.mark.parametrize(
    ("page", "ids"),
    [
        ("digits-units.html", ["pfa", "inactive", "redundancy"]),
        ("digits-labels.html", ["errors", "review", "provenance", "twins"]),
        ("digits-duplicates.html", ["duplicates"]),
        ("digits-familiarity.html", ["familiarity"]),
        ("digits-samples.html", ["rows"]),
    ],
)
def test_every_kind_of_view_is_an_image(tab: Tab, demo_url: str, page: str, ids: list[str]) -> None:
    tab.open(demo_url + page).live()
    for id_ in ids:
        text, drawn = tab.page.evaluate(PIXELS, id_)
        root = ElementTree.fromstring(text)
        assert root.findtext("{http://www.w3.org/2000/svg}title")
        assert drawn > 0.004, id_
