"""Single files: opened from the disk with no network, they do all that their pages do, and ask nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from sitegen.archive.held import Site
from sitegen.archive.single_file import WHOLE, SingleFile, single_pages, whole_report
from sitegen.assets import load_theme
from sitegen.bundled import THEMES
from tests.browser.driver import OpenTab, Tab

LARGEST = 7_500_000
"""Bytes of a file without the report's own data."""
SLOWEST_MS = 9000
"""From opening a file to live views: `make bench` holds it to 3000, alone on its machine."""
LIVE_SINCE = """globalThis.life = new Promise(resolve => new MutationObserver(() => {
    if (document.documentElement?.dataset.sitegen === "live") resolve(performance.now());
}).observe(document, {attributes: true, childList: true, subtree: true}));"""
PAGES = ("index.html", "digits.html", "digits-architecture.html", "digits-labels.html")
VIOLATIONS = """addEventListener("securitypolicyviolation", event => {
    (globalThis.violations ??= []).push([event.effectiveDirective, event.blockedURI]);
})"""
DECODED = """() => {
    const urls = [...document.querySelectorAll("svg image")].map(each => each.href.baseVal);
    return Promise.all([...new Set(urls)].map(async url => {
        const image = new Image();
        image.src = url;
        await image.decode();
        return image.width;
    }));
}"""

LAYER = {"class_name": "Dense", "config": {"name": "out", "units": 3, "batch_input_shape": [None, 8]}}

Files = dict[str, SingleFile]
Open = Callable[..., Tab]


@pytest.fixture(scope="module")
def site(demo: Path) -> Site:
    """The demo's files, and the theme that they were made with."""
    files = {file.relative_to(demo).as_posix(): file for file in demo.rglob("*") if file.is_file()}
    return Site(files, load_theme(THEMES / "default", "default"))


@pytest.fixture(scope="module")
def files(site: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Files]:
    """A folder of single files: some pages of the demo, and the whole of it."""
    folder = tmp_path_factory.mktemp("single")
    every = sorted((url for url in site.files if url.endswith(".html")), key=lambda url: url != "index.html")
    made = {one.url: one for one in (*single_pages(site, PAGES), whole_report(site, every))}
    for url, one in made.items():
        (folder / url).write_bytes(one.content)
    return folder, made


@pytest.fixture
def open_file(files: tuple[Path, Files], open_tab: OpenTab) -> Open:
    """A function that opens a single file as a double click does, with the network off."""

    def open_(name: str, **settings: object) -> Tab:
        tab = open_tab("about:blank", offline=True, **settings)
        tab.page.add_init_script(VIOLATIONS)
        return tab.open((files[0] / name.partition("#")[0]).as_uri() + name[len(name.partition("#")[0]) :])

    return open_


def assert_closed(tab: Tab) -> None:
    """Nothing was asked of anybody, refused, or complained about."""
    asked = [url for url in tab.requests if not url.startswith(("file:", "blob:", "data:"))]
    violations = tab.page.evaluate("globalThis.violations ?? []")
    assert (asked, tab.messages, tab.failures, violations) == ([], [], [], [])


def test_weighs_no_more_than_promised(files: tuple[Path, Files]) -> None:
    for url, one in files[1].items():
        assert len(one.content) - one.data <= LARGEST, url
    assert len(files[1][WHOLE].content) > len(files[1]["index.html"].content)


def test_the_same_site_gives_the_same_bytes(site: Site, files: tuple[Path, Files]) -> None:
    (again,) = single_pages(Site(site.files, site.theme), ["digits.html"])
    assert again.content == files[1]["digits.html"].content


def test_a_page_filters_as_on_its_site(open_file: Open, samples: pd.DataFrame) -> None:
    tab = open_file("digits.html").live()
    tab.filter("datum.label == '3'")
    threes = int((samples["label"] == "3").sum())
    assert {tab.rows(id_) for id_ in ("toolbar", "confusion", "confidence")} == {threes}
    assert tab.hash_state() == {"filter": "datum.label == '3'"}
    assert_closed(tab)


def test_a_link_with_state_opens_as_it_was_sent(open_file: Open, samples: pd.DataFrame) -> None:
    tab = open_file("digits.html#~filter=datum.label%20%3D%3D%20'3'").live()
    assert tab.rows("toolbar") == int((samples["label"] == "3").sum())


@pytest.mark.parametrize("name", ["digits.html#", f"{WHOLE}#!digits.html!"])
def test_a_file_is_live_soon_after_a_double_click(
    files: tuple[Path, Files], open_tab: OpenTab, name: str
) -> None:
    def taken() -> float:
        tab = open_tab("about:blank", offline=True)
        tab.page.add_init_script(LIVE_SINCE)
        state = "~filter=datum.label%20%3D%3D%20'3'"
        tab.open(f"{(files[0] / name.partition('#')[0]).as_uri()}#{name.partition('#')[2]}{state}")
        waited = float(tab.page.evaluate("life"))
        tab.page.context.close()
        return waited

    # What else the machine does makes a try slow; a file that is slow is slow each time.
    assert min(taken() for _ in range(3)) < SLOWEST_MS


def test_pictures_are_there_with_scripts_and_without(open_file: Open) -> None:
    tab = open_file("digits.html").live()
    tab.page.locator(".sample-image").first.scroll_into_view_if_needed()
    tab.settle()
    widths = tab.page.evaluate(DECODED)
    assert widths
    assert min(widths) > 0
    assert_closed(tab)
    silent = open_file("digits.html", java_script_enabled=False)
    tile = silent.page.locator(".sample-image:has(use[href='#held-0']):visible").first
    drawn = Image.open(BytesIO(tile.screenshot())).convert("L")
    assert len(drawn.getcolors(256) or []) > 8, "a digit has many shades"
    assert not any(link.is_visible() for link in silent.page.locator("a[data-held]").all())


def test_search_finds_pages_beside_it(open_file: Open) -> None:
    tab = open_file("index.html")
    tab.page.keyboard.press("/")
    tab.page.locator("dialog.search input").fill("wrong labels")
    tab.page.locator("dialog.search a[href$='digits-labels.html']").click()
    tab.page.wait_for_function("() => location.pathname.endsWith('/digits-labels.html')")
    assert_closed(tab)


def test_tables_and_charts_can_be_saved(open_file: Open, site: Site) -> None:
    tab = open_file("digits.html").live()
    tab.page.click("#confusion .view-menu > summary")
    with tab.page.expect_download() as saved:
        tab.page.click("#confusion [data-entry=parquet]")
    url = next(url for url in site.files if re.fullmatch(r"data/digits/samples\.\w+\.parquet", url))
    assert saved.value.path().read_bytes() == site.content(url)
    assert saved.value.suggested_filename == "digits-samples.parquet"
    tab.page.click("#confidence .view-menu > summary")
    with tab.page.expect_download() as drawn:
        tab.page.click("#confidence [data-entry=png]")
    assert drawn.value.path().read_bytes().startswith(b"\x89PNG")
    assert_closed(tab)


def test_pictures_are_in_images_that_are_saved(open_file: Open) -> None:
    tab = open_file("digits-labels.html").live()
    tab.page.click("#review .view-menu > summary")
    with tab.page.expect_download() as saved:
        tab.page.click("#review [data-entry=svg]")
    assert saved.value.path().read_text().count('href="data:image/') > 10
    assert_closed(tab)


def test_corrections_are_kept_or_said_to_pass(open_file: Open) -> None:
    tab = open_file("digits-labels.html").live()
    tab.page.locator("#review .card").first.click()
    tab.page.keyboard.press("a")
    tab.settle()
    assert " 1 changed" in tab.texts("#review .review-progress")[0]
    assert_closed(tab)
    is_lasting = not any("keeps no work" in said for said in tab.texts("#review p"))
    tab.page.reload()
    looked = tab.live().texts("#review .review-progress")[0]
    assert looked.startswith("1 of" if is_lasting else "0 of")


def test_an_architecture_can_be_dropped(open_file: Open) -> None:
    tab = open_file("digits-architecture.html").live()
    tab.page.locator("#figure .network-looks > summary").click()
    model = {"class_name": "Sequential", "config": {"name": "net", "layers": [LAYER]}}
    file = {"name": "net.json", "mimeType": "application/json", "buffer": json.dumps(model).encode()}
    tab.page.set_input_files("#figure input[name=model]", [file])  # type: ignore[list-item]
    tab.page.wait_for_selector("#figure [data-action=own]")
    assert_closed(tab)


@pytest.mark.parametrize("figure", ["#figure", "#differences"])
def test_an_architecture_says_why_there_is_no_pdf_and_is_saved_as_all_else(
    open_file: Open, figure: str
) -> None:
    tab = open_file("digits-architecture.html").live()
    tab.page.click(f"{figure} .view-menu > summary")
    said = tab.page.locator(f"{figure} .view-menu")
    assert "No PDF here: a single file leaves out what writes it." in said.inner_text()
    assert said.locator("[data-entry=pdf]").count() == 0
    for entry, start in (("svg", b"<svg"), ("png", b"\x89PNG"), ("tikz", b"%")):
        if not said.locator(f"[data-entry={entry}]").is_visible():
            tab.page.click(f"{figure} .view-menu > summary")
        with tab.page.expect_download() as drawn:
            tab.page.click(f"{figure} [data-entry={entry}]")
        assert drawn.value.path().read_bytes().startswith(start), entry
    assert_closed(tab)


def test_a_whole_report_turns_its_pages(open_file: Open, samples: pd.DataFrame) -> None:
    tab = open_file(WHOLE)
    tab.leaving = True  # every turn leaves a page, which may still be read
    assert tab.page.title().startswith("Overview")
    tab.page.locator(".site-nav a", has_text="Digits").first.click()
    tab.page.wait_for_function("() => document.title.startsWith('Digits')")
    assert tab.address().endswith("#!digits.html!")
    # What the file holds stands behind its pages, and is still being read when the page is on show.
    tab.page.wait_for_load_state("load")
    tab.live().filter("datum.label == '3'")
    threes = int((samples["label"] == "3").sum())
    assert tab.rows("confusion") == threes
    assert tab.hash_state() == {"filter": "datum.label == '3'"}
    tab.page.reload()
    assert tab.live().rows("confusion") == threes
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("/")
    tab.page.locator("dialog.search input").fill("wrong labels")
    tab.page.locator("dialog.search a", has_text="Wrong labels").first.click()
    tab.page.wait_for_function("() => document.title.startsWith('Wrong labels')")
    tab.page.go_back()
    tab.page.wait_for_function("() => document.title.startsWith('Digits')")
    assert_closed(tab)


def test_a_whole_report_is_read_without_scripts(open_file: Open, files: tuple[Path, Files]) -> None:
    tab = open_file(WHOLE, java_script_enabled=False)
    titles = re.findall(r"<h1\b", files[1][WHOLE].content.decode())
    assert tab.page.locator("h1:visible").count() == len(titles) > len(PAGES)
    assert tab.page.locator(".site-header:visible").count() == 1
    ids = re.findall(r'\sid="([^"]+)"', tab.page.content())
    assert len(ids) == len(set(ids))
