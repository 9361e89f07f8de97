"""A page whose database stops goes on with another; where that stops too, it stays readable and says so."""

from __future__ import annotations

from tests.browser.driver import OpenTab, Tab

PAGE = "digits.html"

STOPPING = """(() => {
  const { Worker: Real } = window;
  window.stops = 0;
  window.workers = 0;
  window.Worker = class extends Real {
    constructor(url) {
      super(url);
      window.workers++;
    }
    addEventListener(kind, listener) {
      if (kind !== "message") return super.addEventListener(kind, listener);
      super.addEventListener(kind, (event) => {
        const isStopping = window.stops > 0 && event.data.found?.length > 0;
        if (isStopping) window.stops--;
        const { number } = event.data;
        const error = "memory access out of bounds";
        listener(isStopping ? new MessageEvent("message", { data: { number, error, isDead: true } }) : event);
      });
    }
  };
})()"""
"""Puts a trap in the place of answers, as the engine's worker tells of one."""


def open_stopping(url: str, open_tab: OpenTab) -> Tab:
    tab = open_tab("about:blank")
    tab.page.add_init_script(STOPPING)
    return tab.open(url + PAGE).live()


def test_a_database_that_stops_is_started_again_and_nothing_is_lost(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_stopping(demo_url, open_tab)
    everything = tab.rows("toolbar")
    tab.page.evaluate("window.stops = 1")
    tab.filter("datum.split == 'test'")
    assert tab.page.evaluate("window.workers") == 2
    test = tab.rows("toolbar")
    assert 0 < test < everything
    tab.filter("datum.split == 'train'")
    assert tab.rows("toolbar") == everything - test
    assert tab.state() == "live"
    assert tab.texts(".view-error, .page-notice") == []


def test_a_database_that_keeps_stopping_leaves_the_page_readable_and_offers_to_reload(
    demo_url: str, open_tab: OpenTab
) -> None:
    tab = open_stopping(demo_url, open_tab)
    drawn = tab.page.locator("figure .view-body svg:visible").count()
    tab.page.evaluate("window.stops = 1000")
    tab.page.fill("input[name=filter]", "datum.split == 'test'")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector("html[data-sitegen=error]", timeout=30_000)
    (notice,) = tab.texts(".page-notice")
    assert notice.startswith("The page's database stopped")
    assert "memory access out of bounds" in notice
    assert tab.texts(".view-error") == []
    assert tab.page.locator("figure .view-body svg:visible").count() == drawn
    tab.page.click(".page-reload")
    tab.page.wait_for_selector("html[data-sitegen=live]", timeout=30_000)
    tab.settle()
    assert tab.rows("toolbar") < tab.counts()["toolbar"][1]
    assert tab.texts(".page-notice") == []
