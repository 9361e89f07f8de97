"""A site is closed: its pages ask nobody else, say nothing on the console, and stay small."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.driver import OpenTab, serving

pytestmark = pytest.mark.browser

LARGEST = 200_000
"""Bytes of a page's HTML and its styles, compressed."""


def pages(site: Path) -> list[str]:
    """Return the addresses of all pages, relative to the site."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


@pytest.fixture(scope="module", params=["/", "/repo/"])
def address(request: pytest.FixtureRequest, demo: Path) -> Iterator[str]:
    """Where the demo is served: at the root of a host, and below a folder as project pages are."""
    with serving(demo, prefix=request.param) as url:
        yield url


def test_no_page_asks_beyond_its_site_or_complains(address: str, demo: Path, open_tab: OpenTab) -> None:
    for page in pages(demo):
        tab = open_tab(address + page)
        tab.page.wait_for_load_state("networkidle")
        if tab.page.locator("#sitegen-page").count():
            tab.live()
        asked = [url for url in tab.requests if not url.startswith((address, "data:", "blob:"))]
        assert (page, asked, tab.messages, tab.failures) == (page, [], [], [])


def test_the_browser_asks_for_no_icon_that_is_not_there(address: str, open_tab: OpenTab) -> None:
    tab = open_tab(address)
    icon = tab.page.get_attribute("link[rel=icon]", "href")
    assert icon is not None
    assert icon.startswith("data:") or tab.page.request.get(tab.page.url + icon).ok
    assert [url for url in tab.requests if url.endswith("favicon.ico")] == []


def test_everything_that_a_page_links_to_is_there(address: str, demo: Path, open_tab: OpenTab) -> None:
    tab = open_tab(address)
    script = "[...document.querySelectorAll('a[href]')].map(link => link.href.split('#')[0])"
    linked: set[str] = set()
    for page in pages(demo):
        linked.update(tab.open(address + page).page.evaluate(script))
    own = sorted(url for url in linked if url.startswith(address))
    assert {url: tab.page.request.get(url).status for url in own} == dict.fromkeys(own, 200)


def test_the_site_carries_the_licences_of_what_it_ships(demo: Path) -> None:
    text = (demo / "LICENSES.txt").read_text("utf-8")
    for shipped in ("duckdb", "vega", "mosaic", "flechette"):
        assert shipped in text.lower(), shipped


def test_no_page_has_an_inline_style_or_handler(demo: Path) -> None:
    for page in pages(demo):
        html = (demo / page).read_text("utf-8")
        assert re.findall(r"<[a-z][^>]*\s(?:style|on[a-z]+)\s*=[^>]*>", html) == [], page
        assert "<style" not in html


def test_a_page_and_its_styles_are_small(demo: Path) -> None:
    styles = sum(len(gzip.compress(path.read_bytes())) for path in demo.rglob("*.css"))
    sizes = {page: styles + len(gzip.compress((demo / page).read_bytes())) for page in pages(demo)}
    assert {page: size for page, size in sizes.items() if size >= LARGEST} == {}
