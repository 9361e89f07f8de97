"""Links and files that are wrong: each gets a visible notice, and the rest of the page goes on."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from driver import OpenTab, serving
from oracle import Oracle, compare
from shown import read_live, read_static

PAGE = "digits.html"
NOTICE = ".toolbar-error"

LINKS = {
    "filter=" + quote("datum.confidence <"): "does not parse",
    "filter=" + quote("datum.confidance < 0.5"): 'did you mean "confidence"?',
    "filter=" + quote("confidence < 0.5"): "datum.confidence",
    "filter=" + quote("alert(1)"): "alert",
    "filter=" + quote("datum.label == 3"): "text",
    "filter=%E0%A4%A": "could not be read",
    "%=1": "could not be read",
    "nonsense": "could not be read",
    "no-such-view=%7B%22points%22%3A%5B%5B1%5D%5D%7D": "no-such-view",
    "confidence=7": "confidence",
    "confidence=%7B": "confidence",
    "confidence=%5B1,2%5D": "confidence",
    "filter=" + "x" * 30_000: "too long",
    "filter=" + quote("datum.confidence < 0.5" + " || datum.confidence < 0.5" * 300): "too long",
}


def test_a_link_that_says_nonsense_is_told_and_the_page_is_live(
    demo_url: str, open_tab: OpenTab, digits: Oracle
) -> None:
    tab = open_tab(demo_url)
    for number, (link, said) in enumerate(LINKS.items()):
        tab.open(f"{demo_url}{PAGE}?{number}#~{link}").live()
        (notice,) = tab.texts(NOTICE) or [""]
        assert said in notice, link[:80]
        assert len(notice) < 1000
        assert {tab.rows("toolbar"), tab.rows("confusion")} == {len(digits.relations["digits"])}
        assert tab.messages == []


def test_what_is_right_in_a_link_holds_beside_what_is_wrong(
    demo_url: str, open_tab: OpenTab, digits: Oracle
) -> None:
    good = "split=%7B%22points%22:%5B%5B%22test%22%5D%5D%7D"
    tab = open_tab(f"{demo_url}{PAGE}#~filter=datum.nothing%3D%3D1&{good}&other=1").live()
    state = {"split": {"points": [["test"]]}}
    for view, found in read_live(tab).items():
        compare(found, digits.expect(view, state), view)
    assert tab.texts(NOTICE)


def test_a_typed_mistake_is_told_and_the_last_filter_stays(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE).live()
    tab.filter("datum.split == 'test'")
    rows = tab.rows("toolbar")
    tab.filter("datum.spilt == 'test'")
    (notice,) = tab.texts(NOTICE)
    assert 'did you mean "split"?' in notice
    assert tab.rows("toolbar") == rows
    tab.filter("datum.split == 'train'")
    assert tab.texts(NOTICE) == []
    assert tab.rows("toolbar") == tab.counts()["toolbar"][1] - rows


@pytest.mark.parametrize("answer", ["missing", "truncated"])
@pytest.mark.parametrize("suffix", [".parquet", ".wasm", "worker", "live"])
def test_a_broken_file_leaves_the_page_as_it_was_built(
    suffix: str, answer: str, demo: Path, open_tab: OpenTab
) -> None:
    files = [file for file in demo.rglob("*") if file.is_file() and suffix in file.name]
    whole = files[0].read_bytes()
    content = {"missing": None, "truncated": whole[: len(whole) // 2]}[answer]
    with serving(demo, changes={files[0].relative_to(demo).as_posix(): content}) as url:
        tab = open_tab(url + PAGE)
        tab.page.keyboard.press("Shift")
        tab.page.wait_for_selector("html[data-sitegen=error]", timeout=30_000)
        (notice,) = tab.texts(".page-notice")
        assert notice.startswith("The charts cannot be filtered here")
        static, _ = read_static((demo / PAGE).read_text("utf-8"))
        assert tab.counts() == {view: (shown.rows, shown.total) for view, shown in static.items()}
        assert tab.page.locator(".view-body svg:visible").count() >= len(static) - 1
        assert tab.page.locator(".view-error:visible").count() == 0
