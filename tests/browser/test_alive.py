"""A page before its scripts: complete without them, and without a jump when they begin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.conftest import DESKTOP
from tests.browser.driver import OpenTab, Tab
from tests.browser.shown import read_static

BODIES = """() => Object.fromEntries([...document.querySelectorAll(".view")].map(view => {
  const box = view.querySelector(".view-body").getBoundingClientRect();
  return [view.id, [box.x, box.y + scrollY, box.width, box.height]];
}))"""
WATCH_SHIFTS = """() => {
  document.sitegenShifts = [];
  const keep = list => document.sitegenShifts.push(...list.getEntries().map(({value}) => value));
  new PerformanceObserver(keep).observe({type: "layout-shift"});
}"""
FONTS = """document.fonts.load("1rem 'Inter Variable'").then(() => document.fonts.ready).then(() => null)"""
TEXT_SIZES = """() => [...document.querySelectorAll(".view-body svg text")]
  .filter(text => text.checkVisibility() && text.textContent.trim()).map(text => {
    const {a, b} = text.getScreenCTM();
    return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
  })"""


def test_a_page_without_scripts_is_complete(demo: Path, demo_url: str, open_tab: OpenTab) -> None:
    static, payload = read_static((demo / "digits.html").read_text("utf-8"))
    tab = open_tab(demo_url + "digits.html", java_script_enabled=False)
    for view in payload["views"]:
        figure = tab.page.locator(f"figure#{view['id']}")
        body = figure.locator(".view-body").bounding_box()
        assert body
        assert min(body["width"], body["height"]) > 20
        if view["view"] == "toolbar":
            continue
        drawn = figure.locator(".view-body svg:visible")
        assert drawn.count() >= 1
        assert figure.locator(".view-title").inner_text() == view["title"]
        assert len(figure.locator(".view-description").inner_text()) > 20
        figure.locator(".view-data summary").click()
        assert figure.locator("td:visible").count() == sum(map(len, static[view["id"]].cells))
    assert tab.page.locator("noscript").count() == 1
    assert tab.failures == tab.messages == []


WIDTHS = {
    "digits.html": (360, 768, 1280),
    "digits-confusion.html": (360, 500, 640, 768, 900, 1000),
    "digits-groups.html": (500, 640, 900),
    "digits-models.html": (768, 1000),
    "digits-training.html": (500, 640, 1000),
    "guides/charts.html": (360, 500, 800, 1000, 1280),
}
"""Pages with the widths at which their views are of another arrangement, or are scaled most."""


@pytest.mark.parametrize(("path", "width"), [(path, width) for path in WIDTHS for width in WIDTHS[path]])
def test_nothing_jumps_when_the_page_comes_alive(
    path: str, width: int, demo_url: str, open_tab: OpenTab
) -> None:
    tab = open_tab(demo_url + path, viewport={**DESKTOP, "width": width})
    tab.page.evaluate(FONTS)
    tab.page.wait_for_function("() => !document.querySelector('.view:not([data-laid])')")
    before = tab.page.evaluate(BODIES)
    tab.page.evaluate(WATCH_SHIFTS)
    after = tab.live().page.evaluate(BODIES)
    for name, box in before.items():
        assert after[name] == pytest.approx(box, abs=2), name
    assert tab.page.evaluate("document.sitegenShifts.reduce((sum, each) => sum + each, 0)") < 0.002


@pytest.mark.parametrize("width", [DESKTOP["width"], 360])
def test_text_in_charts_is_never_small(width: int, demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "guides/charts.html", viewport={**DESKTOP, "width": width})
    # Twelve pixels, on the screen: a drawing that is scaled down would have less.
    for _ in ("static", "live"):
        sizes = tab.page.evaluate(TEXT_SIZES)
        assert len(sizes) > 100
        assert min(sizes) >= 11.95
        tab.live()


def marks(tab: Tab, view: str) -> list[list[float]]:
    """Return the numbers of the path data of a chart's marks, in the order drawn."""
    script = """id => [...document.querySelectorAll(`#${id} .view-body svg .role-mark path`)]
      .filter(path => path.checkVisibility() && !path.closest("[class*=brush]") && path.getAttribute("d"))
      .map(path => `${path.getAttribute("transform") ?? ""} ${path.getAttribute("d")}`)"""
    texts = [str(text) for text in tab.page.evaluate(script, view)]
    numbers = [[float(value) for value in re.findall(r"-?\d+\.?\d*", text)] for text in texts]
    # The whole in grey is an empty path until something is filtered.
    return [mark for mark in numbers if len(mark) > 2]


def test_live_marks_stand_where_static_marks_stood(demo: Path, demo_url: str, open_tab: OpenTab) -> None:
    _, payload = read_static((demo / "digits.html").read_text("utf-8"))
    charts = [view["id"] for view in payload["views"] if view["view"] == "vega-lite"]
    tab = open_tab(demo_url + "digits.html")
    static = {view: marks(tab, view) for view in charts}
    tab.live()
    compared = 0
    for view in charts:
        live = marks(tab, view)
        # Thousands of points are one path per colour when built, and a canvas when live.
        if not live:
            continue
        compared += 1
        assert len(static[view]) == len(live), view
        for built, drawn in zip(static[view], live, strict=True):
            assert built == pytest.approx(drawn, abs=1.0), view
    assert compared >= 6
