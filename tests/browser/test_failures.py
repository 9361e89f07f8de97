"""Filters and files that are wrong: each gets a visible notice, and the rest of the page goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.driver import OpenTab, serving
from tests.browser.shown import read_static

PAGE = "digits.html"
ALONE = "digits-samples.html"
NOTICE = ".toolbar-error"

OTHER = b"<!doctype html><title>Sign in</title>"


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


@pytest.mark.parametrize("answer", ["missing", "truncated", "another"])
@pytest.mark.parametrize("suffix", [".parquet", ".wasm", "worker", "live"])
def test_a_broken_file_leaves_the_page_as_it_was_built(
    suffix: str, answer: str, demo: Path, open_tab: OpenTab
) -> None:
    # Of the data files the only one that this page fetches: without one of several the rest goes on.
    page = ALONE if suffix == ".parquet" else PAGE
    files = [file for file in demo.rglob("*") if file.is_file() and suffix in file.name]
    files = [file for file in files if suffix != ".parquet" or file.match("data/digits/samples.*")]
    whole = files[0].read_bytes()
    content = {"missing": None, "truncated": whole[: len(whole) // 2], "another": OTHER}[answer]
    with serving(demo, changes={files[0].relative_to(demo).as_posix(): content}) as url:
        tab = open_tab(url + page)
        tab.page.keyboard.press("Shift")
        tab.page.wait_for_selector("html[data-sitegen=error]", timeout=30_000)
        (notice,) = tab.texts(".page-notice")
        assert notice.startswith("The charts cannot be filtered here")
        static, _ = read_static((demo / page).read_text("utf-8"))
        assert tab.counts() == {view: (shown.rows, shown.total) for view, shown in static.items()}
        assert tab.page.locator(".view-body:visible").count() == len(static)
        assert tab.page.locator(".view-error:visible").count() == 0


def test_a_page_opened_from_a_file_shows_everything_and_says_how_to_filter(
    demo: Path, open_tab: OpenTab
) -> None:
    tab = open_tab((demo / PAGE).as_uri())
    assert tab.page.locator("figure .view-body svg:visible").count() >= 6
    tab.page.keyboard.press("Shift")
    (notice,) = tab.texts(".page-notice")
    assert "python -m http.server" in notice
    assert tab.texts(".theme-switch-name") == ["Auto"]
