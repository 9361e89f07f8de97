"""Views far from the window: answered as all are, laid out when nothing else is to do or they come near."""

from __future__ import annotations

import pytest

from tests.browser.driver import OpenTab, Tab

HOLD = """() => {
  document.sitegenTasks = [];
  requestIdleCallback = task => document.sitegenTasks.push(task);
}"""
REST = """() => {
  for (let task; (task = document.sitegenTasks.shift()); ) task();
}"""
VIEWS = """() => [...document.querySelectorAll("figure.view:not([data-view=toolbar])")].map(view => {
  const {top, bottom} = view.getBoundingClientRect();
  return {
    id: view.id,
    isFar: top > 2 * innerHeight || bottom < -innerHeight,
    isWaiting: view.hasAttribute("data-waits"),
    isLaidOut: view.querySelector(".view-body > *").checkVisibility({contentVisibilityAuto: true}),
    rows: view.dataset.rows,
    height: view.getBoundingClientRect().height,
  };
})"""
FILTER = "label => document.sitegen.filter(`datum.label == '${label}'`)"
ROWS = "() => [...document.querySelectorAll('figure.view')].map(view => [view.id, view.dataset.rows])"
FRAME = "() => new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn, 50)))"


def filtered(tab: Tab, label: str) -> None:
    """Filter, and wait until all views of samples say so; to ask whether all is settled lays them out."""
    before = dict(tab.page.evaluate(ROWS))
    others = [name for name, rows in before.items() if rows not in {before["toolbar"], None}]
    tab.page.evaluate(FILTER, label)
    tab.page.wait_for_function(
        """([before, others]) => [...document.querySelectorAll("figure.view")].every(
            view => others.includes(view.id) || view.dataset.rows !== before[view.id])""",
        arg=[before, others],
    )


def test_views_far_from_the_window_are_laid_out_after_the_others(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits.html", viewport={"width": 1280, "height": 400}).live()
    tab.filter("datum.label == '3'")
    before = tab.page.evaluate(VIEWS)
    tab.page.evaluate(HOLD)
    filtered(tab, "4")
    after = tab.page.evaluate(VIEWS)
    drawn = [view for view, old in zip(after, before, strict=True) if view["rows"] != old["rows"]]
    far = [view for view in drawn if view["isFar"]]
    assert 1 < len(far) < len(drawn)
    assert [view["id"] for view in after if view["isWaiting"]] == [view["id"] for view in far]
    assert not far[-1]["isLaidOut"]
    # They have as much room as they had.
    assert [view["height"] for view in after] == [view["height"] for view in before]
    tab.page.evaluate("id => document.getElementById(id).scrollIntoView()", far[-1]["id"])
    tab.page.evaluate(FRAME)
    assert {view["id"]: view for view in tab.page.evaluate(VIEWS)}[far[-1]["id"]]["isLaidOut"]
    tab.page.evaluate(REST)
    assert not any(view["isWaiting"] for view in tab.page.evaluate(VIEWS))


@pytest.mark.parametrize("how", ["print", "settled"])
def test_far_views_that_wait_are_there_for_paper_and_for_scripts(
    how: str, demo_url: str, open_tab: OpenTab
) -> None:
    tab = open_tab(demo_url + "digits.html", viewport={"width": 1280, "height": 400}).live()
    tab.page.evaluate(HOLD)
    filtered(tab, "4")
    assert not all(view["isLaidOut"] for view in tab.page.evaluate(VIEWS))
    if how == "print":
        tab.page.emulate_media(media="print")
    else:
        tab.page.evaluate("document.sitegen.settled()")
    assert all(view["isLaidOut"] or not view["isWaiting"] for view in tab.page.evaluate(VIEWS))
