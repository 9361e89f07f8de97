"""A site is closed: its pages ask nobody else, say nothing on the console, stay small, and stay as built."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import DESKTOP
from tests.browser.demo_pages import pages, pages_looked_at, pages_of_each_kind
from tests.browser.driver import OpenTab, Tab, serving, tab_of
from tests.browser.shown import Shown, read_live, read_static

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LARGEST = 200_000
"""Bytes of a page's HTML and its styles, compressed."""
TOGETHER = 4
"""Pages that are open at once."""


@dataclass(frozen=True)
class Visit:
    """What a page asked for and said until its views were live, and what they showed then."""

    page: str
    requests: list[str]
    messages: list[str]
    failures: list[str]
    links: list[str]
    shown: dict[str, Shown]


def visit(page: str, tab: Tab) -> Visit:
    """Look at an open page, static and live; its tab is closed at the end."""
    tab.page.wait_for_load_state("networkidle")
    script = "[...document.querySelectorAll('a[href]')].map(link => link.href.split('#')[0])"
    links = [str(link) for link in tab.page.evaluate(script)]
    has_script = tab.page.locator("#sitegen-page").count() > 0
    shown = read_live(tab.live()) if has_script else {}
    tab.page.context.close()
    return Visit(page, tab.requests, tab.messages, tab.failures, links, shown)


@dataclass(frozen=True)
class Visited:
    """The demo at an address, and visits to its pages."""

    address: str
    visits: list[Visit]


@pytest.fixture(scope="module", params=["/", "/repo/"])
def visited(request: pytest.FixtureRequest, demo: Path, browser: Browser) -> Iterator[Visited]:
    """The demo below a folder, as project pages are, and a page of each kind at the root of a host.

    All are visited below a folder: only there a link that starts at the host's root leads nowhere.
    """
    chosen = pages_looked_at(demo) if request.param == "/repo/" else pages_of_each_kind(demo)
    with serving(demo, prefix=request.param) as address:
        visits = []
        for batch in batched(chosen, TOGETHER):
            tabs = [tab_of(browser.new_context(viewport=DESKTOP)) for _ in batch]  # type: ignore[arg-type]
            # All are opened before any is looked at: each has to rest for half a second.
            for page, tab in zip(batch, tabs, strict=True):
                tab.open(address + page)
            visits += [visit(page, tab) for page, tab in zip(batch, tabs, strict=True)]
        yield Visited(address, visits)


def batched(pages: list[str], count: int) -> Iterator[list[str]]:
    """Yield ``pages`` in lists of at most ``count``."""
    for start in range(0, len(pages), count):
        yield pages[start : start + count]


def test_no_page_asks_beyond_its_site_or_complains(visited: Visited) -> None:
    for each in visited.visits:
        asked = [url for url in each.requests if not url.startswith((visited.address, "data:", "blob:"))]
        assert (each.page, asked, each.messages, each.failures) == (each.page, [], [], [])


def test_a_live_page_shows_what_it_showed_when_built(visited: Visited, demo: Path) -> None:
    assert sum(bool(each.shown) for each in visited.visits) >= 10
    for each in visited.visits:
        built, _ = read_static((demo / each.page).read_text("utf-8"))
        assert (each.page, each.shown) == (each.page, built)


def test_the_browser_asks_for_no_icon_that_is_not_there(visited: Visited, open_tab: OpenTab) -> None:
    tab = open_tab(visited.address)
    icon = tab.page.get_attribute("link[rel=icon]", "href")
    assert icon is not None
    assert icon.startswith("data:") or tab.page.request.get(tab.page.url + icon).ok
    assert [url for url in tab.requests if url.endswith("favicon.ico")] == []


def test_everything_that_a_page_links_to_is_there(visited: Visited, open_tab: OpenTab) -> None:
    tab = open_tab(visited.address)
    linked = {url for each in visited.visits for url in each.links}
    own = sorted(url for url in linked if url.startswith(visited.address))
    assert len(own) > 10
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
