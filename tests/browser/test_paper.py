"""What is printed: charts have a drawing for the sheet; its labels can be read, and nothing of it is cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.demo_pages import pages_looked_at
from tests.browser.driver import OpenTab, Tab

pytestmark = pytest.mark.browser

SHEET = {"width": 673, "height": 1002}
"""A4 between margins of 16 mm, in px."""

BARE = "document.documentElement.style.scrollbarWidth = 'none'"
"""A sheet has no scrollbar, which would take some of its width."""

SMALLEST = 7.0
"""What can be read without a glass, in points."""

DRAWINGS = """() => {
  const seen = each => each.checkVisibility({contentVisibilityAuto: true})
    && each.getBoundingClientRect().width > 0;
  const drawings = [...document.querySelectorAll("figure.view .view-body :is(svg, canvas)")]
    .filter(each => !each.parentElement.closest("svg") && seen(each));
  const named = each => each.closest("figure").id;
  const scale = each => { const {a, b} = each.getScreenCTM(); return Math.hypot(a, b); };
  const points = text => 0.75 * scale(text) * parseFloat(getComputedStyle(text).fontSize);
  const texts = drawings.flatMap(each => [...each.querySelectorAll("text")])
    .filter(text => text.textContent.trim() && seen(text));
  const sheet = document.querySelector("main").getBoundingClientRect();
  const isOut = (inner, outer) => inner.left < outer.left - 1 || inner.right > outer.right + 1;
  const isCut = each => {
    const box = each.getBoundingClientRect();
    for (let above = each.parentElement; above !== document.body; above = above.parentElement) {
      if (getComputedStyle(above).overflow === "visible") continue;
      const frame = above.getBoundingClientRect();
      if (isOut(box, frame) || box.bottom > frame.bottom + 1 || box.top < frame.top - 1) return true;
    }
    return isOut(box, sheet);
  };
  return {
    labels: texts.length,
    small: texts.filter(text => points(text) < LEAST).map(text => `${named(text)}: ${text.textContent}`),
    cut: drawings.filter(isCut).map(named),
    wide: drawings.filter(each => isOut(each.getBoundingClientRect(),
      each.closest(".view-body").getBoundingClientRect())).map(named),
    coarse: drawings.filter(each => each.matches("canvas") && each.width < 2 * each.clientWidth).map(named),
    sheet: sheet.width,
    live: drawings.filter(each => each.matches(".chart-live svg, .scatter canvas, .confusion canvas"))
      .map(each => (each.viewBox?.baseVal.width ?? each.width / 2) / each.getBoundingClientRect().width),
  };
}""".replace("LEAST", str(SMALLEST))
"""Of the drawings of a page: labels that are too small, what is cut, canvases no finer than the screen."""


@pytest.fixture(scope="module")
def sheets(browser: Browser, demo: Path, demo_url: str) -> dict[str, dict[str, Any]]:
    """The drawings that every page has on a sheet of A4, without scripts."""
    context = browser.new_context(java_script_enabled=False, viewport=SHEET)  # type: ignore[arg-type]
    page = context.new_page()
    page.emulate_media(media="print")
    found = {}
    for name in pages_looked_at(demo):
        page.goto(demo_url + name)
        page.evaluate(BARE)
        found[name] = page.evaluate(DRAWINGS)
    context.close()
    return found


def test_labels_of_charts_are_of_seven_points_and_more_on_paper(sheets: dict[str, dict[str, Any]]) -> None:
    assert {sheet["sheet"] for sheet in sheets.values()} == {SHEET["width"]}
    assert sum(sheet["labels"] for sheet in sheets.values()) > 1000
    assert {name: sheet["small"] for name, sheet in sheets.items() if sheet["small"]} == {}


def test_no_chart_is_cut_on_paper(sheets: dict[str, dict[str, Any]]) -> None:
    assert {name: sheet["cut"] for name, sheet in sheets.items() if sheet["cut"]} == {}


def test_a_chart_as_wide_as_the_page_has_one_drawing_at_any_width(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab(demo_url + "digits-units.html", java_script_enabled=False)
    shown = {}
    for width in (360, 700, 768, 940, 1280):
        tab.page.set_viewport_size({"width": width, "height": 900})
        shown[width] = tab.page.locator("#strength .view-body svg:visible").evaluate_all(
            "all => all.map(each => each.viewBox.baseVal.width)"
        )
    assert shown == {360: [328], 700: [672], 768: [672], 940: [672], 1280: [1120]}


PROBE = f"addEventListener('afterprint', () => {{ window.printed = ({DRAWINGS})(); }})"
"""Registered before the page's own, it sees what was printed."""

LIVE = ("digits.html", "digits-units.html", "digits-confusion.html", "guides/charts.html")


def printed(tab: Tab) -> dict[str, Any]:
    assert tab.page.pdf(format="A4").startswith(b"%PDF")
    found: dict[str, Any] = tab.page.evaluate("window.printed")
    return found


@pytest.mark.chromium("Firefox prints a copy of the page, which no script of the page can look at")
@pytest.mark.parametrize("name", LIVE)
def test_live_charts_are_drawn_for_paper_when_they_are_printed(
    open_tab: OpenTab, demo_url: str, name: str
) -> None:
    tab = open_tab("about:blank")
    tab.page.add_init_script(PROBE)
    tab.open(demo_url + name).live()
    found = printed(tab)
    assert found["sheet"] == pytest.approx(SHEET["width"], abs=1)
    assert found["live"] == pytest.approx([1] * len(found["live"]), abs=0.02)
    assert len(found["live"]) >= 1
    assert (found["small"], found["wide"], found["coarse"]) == ([], [], [])


WIDTHS = """() => [...document.querySelectorAll(".view-body :is(svg.chart, .chart-live svg, canvas)")]
  .filter(each => each.checkVisibility()).map(each => Math.round(each.getBoundingClientRect().width))"""


def test_after_printing_the_page_is_as_it_was(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab(demo_url + "digits.html", color_scheme="dark").live()
    theme = "document.documentElement.getAttribute('data-theme')"
    before = tab.page.evaluate(WIDTHS), tab.page.evaluate(theme), tab.address()
    tab.page.pdf(format="A4")
    tab.settle()
    assert (tab.page.evaluate(WIDTHS), tab.page.evaluate(theme), tab.address()) == before


FOOT = """addEventListener("afterprint", () => {
  const table = document.querySelector("#slices");
  window.foot = [table.querySelectorAll("tbody tr[aria-rowindex]").length, table.innerText];
});"""


@pytest.mark.chromium("Firefox prints a copy of the page, which no script of the page can look at")
def test_a_printed_table_says_which_rows_are_on_paper(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab("about:blank")
    tab.page.add_init_script(FOOT)
    tab.open(demo_url + "digits-groups.html").live()
    assert "Rows 1\u20139 of 16" in tab.page.inner_text("#slices")
    tab.page.pdf(format="A4")
    rows, said = tab.page.evaluate("window.foot")
    assert (rows, "Rows 1\u201316 of 16" in said) == (16, True)
    tab.settle()
    assert "Rows 1\u20139 of 16" in tab.page.inner_text("#slices")


BRUSH = """addEventListener("afterprint", () => {
  const chart = document.querySelector("#confidence .chart-live svg");
  const brush = chart.querySelector(".selected_brush path").getBoundingClientRect();
  window.brushed = [chart.viewBox.baseVal.width, brush.width / chart.getBoundingClientRect().width];
});"""


@pytest.mark.chromium("Firefox prints a copy of the page, which no script of the page can look at")
def test_what_is_selected_is_printed_so(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab("about:blank")
    tab.page.add_init_script(BRUSH)
    tab.open(demo_url + "digits.html").live()
    tab.drag("confidence", (0.2, 0.5), (0.6, 0.5))
    passing = tab.rows("accuracy")
    tab.page.pdf(format="A4")
    width, share = tab.page.evaluate("window.brushed")
    assert width < 340
    assert share == pytest.approx(0.35, abs=0.1)
    tab.settle()
    assert tab.rows("accuracy") == passing < 1797


BETWEEN_WIDE_MARGINS = {"width": 642, "height": 930}
"""A4 as the theme paper has it, in px."""


def test_tiles_fill_a_sheet_between_wide_margins(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab(demo_url + "digits.html", java_script_enabled=False, viewport=BETWEEN_WIDE_MARGINS)
    tab.page.emulate_media(media="print")
    tops = tab.page.locator("#images .samples > li:visible").evaluate_all(
        "all => all.map(each => each.offsetTop)"
    )
    rows = [tops.count(top) for top in sorted(set(tops))]
    assert len(tops) == 20
    assert rows == [3] * 6 + [2]


def test_numbers_on_paper_are_whole_and_clear_of_the_text_beside_them(
    open_tab: OpenTab, demo_url: str
) -> None:
    tab = open_tab(demo_url + "digits-samples.html", java_script_enabled=False, viewport=BETWEEN_WIDE_MARGINS)
    tab.page.emulate_media(media="print")
    gaps, lines = tab.page.evaluate("""() => {
        const box = cell => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            return range.getBoundingClientRect();
        };
        const beside = [...document.querySelectorAll(".table tbody .number + td:not(.number)")];
        const names = [...document.querySelectorAll(".table tbody th")];
        return [
            beside.map(each => box(each).left - box(each.previousElementSibling).right),
            names.map(each => box(each).height / parseFloat(getComputedStyle(each).fontSize)),
        ];
    }""")
    assert len(gaps) >= 50
    assert min(gaps) >= 16
    assert max(lines) < 2
