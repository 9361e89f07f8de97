"""The theme that the reader chose holds from page to page; and no page waits for a script to be painted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from tests.browser.driver import OpenTab

pytestmark = pytest.mark.browser

PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length > 0"
MOVED = """
window.moved = [];
new PerformanceObserver(list => {
  const entries = list.getEntries().filter(entry => entry.value > 0);
  moved.push(...entries.map(entry => entry.sources.map(source => source.node?.className)));
}).observe({type: 'layout-shift', buffered: true});
"""
"""Keeps what moves on the page after it was painted."""
STAND = """() => {
  const isOnShow = ({top, bottom, width, height}) => width * height > 0 && bottom > 0 && top < innerHeight;
  const placed = [...document.querySelectorAll('body *:not(svg *)')].filter(each => each.checkVisibility())
    .map(each => [each, each.getBoundingClientRect()]);
  window.strayed = () => placed.map(([each, from]) => [each, from, each.getBoundingClientRect()])
    .filter(([each, from, to]) => each.isConnected && each.checkVisibility()
      && isOnShow(from) && isOnShow(to) && Math.hypot(to.x - from.x, to.y - from.y) >= 3)
    .map(([each, from, to]) => [each.outerHTML.slice(0, 80), from.x, from.y, to.x, to.y]);
}"""
"""Keeps where all stands: Firefox does not tell what moves, which is what moves by three pixels on show."""
SIZES = [(1280, 800), (360, 740)]


def held(page: Page) -> list[Route]:
    """Keep the requests for the page's scripts waiting, until somebody lets them go on."""
    waiting: list[Route] = []
    page.route("**/assets/boot.*.js", lambda route: waiting.append(route))
    return waiting


def test_a_chosen_theme_holds_from_page_to_page(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url)
    seen = []
    for page in ("digits.html", "index.html", "digits.html"):
        tab.open(demo_url + page)
        theme = tab.page.evaluate("document.documentElement.dataset.theme ?? 'auto'")
        seen.append((theme, tab.texts(".theme-switch-name")[0]))
        tab.press("[data-action=theme]")
    assert seen == [("auto", "Auto"), ("light", "Light"), ("dark", "Dark")]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_charts_are_painted_before_any_script_and_stay_in_place(
    demo_url: str, open_tab: OpenTab, width: int, height: int
) -> None:
    page = open_tab(demo_url).page
    page.set_viewport_size({"width": width, "height": height})
    page.add_init_script(MOVED)
    waiting = held(page)
    page.goto(demo_url + "digits.html", wait_until="commit")
    page.wait_for_selector("figure.view svg:visible")
    page.wait_for_function(PAINTED)
    assert len(waiting) == 1
    assert page.locator(".theme-switch-name").first.text_content() == "Auto"
    page.evaluate("document.fonts.ready.then(() => true)")
    page.evaluate("moved.length = 0")
    page.evaluate(STAND)
    waiting[0].continue_()
    page.wait_for_load_state("load")
    page.wait_for_timeout(200)
    assert page.evaluate("moved") == page.evaluate("strayed()") == []
