"""Without scripts a page is whole: its drawings, their descriptions, their numbers, and its print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import DESKTOP
from tests.browser.demo_pages import pages, pages_looked_at
from tests.browser.driver import BOX_OF, OpenTab, Tab, tab_of

pytestmark = pytest.mark.browser

WITHOUT_NUMBERS = {"toolbar", "markdown", "summary"}
"""Views that show no data of their own."""

TABLES = {"table", "parameters", "provenance"}
"""Views that are tables themselves."""


@pytest.fixture
def still(open_tab: OpenTab, demo_url: str) -> Tab:
    """A tab in which scripts do not run."""
    return open_tab(demo_url, java_script_enabled=False)


LOOK = """() => {
  const seen = each => {
    const {width, height} = each.getBoundingClientRect();
    return width > 0 && height > 0 && getComputedStyle(each).visibility !== "hidden";
  };
  const shown = (root, selector) => [...root.querySelectorAll(selector)].filter(seen);
  BOX_OF
  const outside = chart => {
    const frame = chart.getBoundingClientRect();
    return [...chart.querySelectorAll("text")].flatMap(label => {
      const box = boxOf(label);
      const out = Math.max(frame.left - box.left, box.right - frame.right, box.bottom - frame.bottom);
      return box.width && out > 0.5 ? [`${label.textContent}: ${out.toFixed(1)} px`] : [];
    });
  };
  const figure = each => ({
    id: each.id,
    view: each.dataset.view,
    state: each.dataset.state,
    rows: each.dataset.rows,
    total: each.dataset.total,
    drawn: ["svg", "button", "form", "table", "p"]
      .flatMap(tag => shown(each, `.view-body ${tag}`)).length,
    title: each.querySelector(".view-title")?.innerText ?? "",
    description: each.querySelector(".view-description")?.textContent ?? "",
    lines: each.querySelectorAll(".view-data tbody tr").length,
    own: each.querySelectorAll(".view-body tbody tr").length,
  });
  return {
    title: document.title,
    state: document.documentElement.dataset.sitegen,
    headings: shown(document, "main h1").length,
    ways: shown(document, "nav a[href], header a[href]").length,
    alerts: shown(document, "[role=alert]").length,
    figures: [...document.querySelectorAll("figure.view")].map(figure),
    outside: shown(document, "svg.chart").flatMap(outside),
  };
}""".replace("BOX_OF", BOX_OF)
"""What a page shows, all at once: asked for one by one, it takes minutes."""

FONTS = "document.body.offsetHeight > 0 && document.fonts.status"
"""Whether the page's fonts have come: in another, labels are of another width. Promises need scripts."""


def looked(tab: Tab) -> dict[str, Any]:
    """Return what a page shows in its own fonts."""
    while tab.page.evaluate(FONTS) != "loaded":
        tab.page.wait_for_timeout(20)
    return dict(tab.page.evaluate(LOOK))


@pytest.fixture(scope="module")
def looks(browser: Browser, demo: Path, demo_url: str) -> Iterator[dict[str, dict[str, Any]]]:
    """What every page shows where scripts do not run."""
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)  # type: ignore[arg-type]
    tab = tab_of(context)
    yield {name: looked(tab.open(demo_url + name)) for name in pages_looked_at(demo)}
    context.close()


def test_every_page_has_its_title_headings_and_navigation(looks: dict[str, dict[str, Any]]) -> None:
    for name, page in looks.items():
        assert page["title"], name
        assert page["headings"] == 1, name
        assert page["ways"] > 0, name
        assert page["state"] == "static", name
        assert page["alerts"] == 0, name


def test_navigation_leads_to_every_page(still: Tab, demo: Path, demo_url: str) -> None:
    links = still.page.locator("a[href]").evaluate_all("links => links.map(link => link.href.split('#')[0])")
    for name in set(pages(demo)) - {"404.html"}:
        assert {demo_url + name, demo_url + name.removesuffix("index.html")} & set(links), name


def test_every_figure_shows_and_says_what_it_holds(looks: dict[str, dict[str, Any]]) -> None:
    assert sum(len(page["figures"]) for page in looks.values()) > 100
    for name, page in looks.items():
        for figure in page["figures"]:
            where = f"{name}#{figure['id']}"
            assert figure["state"] == "static", where
            assert figure["drawn"] > 0, where
            if figure["view"] in WITHOUT_NUMBERS:
                continue
            assert figure["title"], where
            assert len(figure["description"]) > 20, where
            assert figure["own" if figure["view"] in TABLES else "lines"] > 0, where
            assert figure["rows"] == figure["total"] != "0", where


def test_no_label_leaves_its_chart(looks: dict[str, dict[str, Any]]) -> None:
    assert {name: page["outside"] for name, page in looks.items() if page["outside"]} == {}


def test_labels_have_no_spaces_around_them(demo: Path) -> None:
    # Firefox leaves room for them: what is centred or ends at a place would stand beside it.
    spaced = re.compile(r"<text\b[^>]*>(?:\s[^<]*|[^<]*\s)</text\s*>")
    found = {name: spaced.findall((demo / name).read_text("utf-8"))[:3] for name in pages(demo)}
    assert {name: labels for name, labels in found.items() if labels} == {}


def test_data_tables_open_without_scripts(still: Tab, demo_url: str) -> None:
    page = still.open(demo_url + "digits.html").page
    assert not page.locator("#accuracy .view-data table").is_visible()
    page.locator("#accuracy .view-data summary").click()
    assert page.locator("#accuracy .view-data table").is_visible()
    assert page.locator("#accuracy .view-data tbody tr").count() == 10


WIDTHS = (1280, 794, 360)


def test_no_drawing_is_wider_than_its_print_or_its_window(
    open_tab: OpenTab, demo: Path, demo_url: str
) -> None:
    tab = open_tab(demo_url)
    script = """() => {
        // A sheet has no scrollbar, which takes some of a window's width.
        document.documentElement.style.scrollbarWidth = matchMedia('print').matches ? 'none' : '';
        const width = document.documentElement.clientWidth;
        // Of a drawing in a drawing Firefox measures what is in it, beyond where it is cut.
        const boxOf = element => {
            if (!element.ownerSVGElement) return element.getBoundingClientRect();
            const {a, e} = element.parentElement.getScreenCTM();
            const left = e + a * element.x.baseVal.value;
            return {left, right: left + a * element.width.baseVal.value};
        };
        const wide = [...document.querySelectorAll('figure.view, figure.view .view-body svg')]
            .filter(element => element.getClientRects().length)
            .filter(element => !element.closest('.table-frame'))
            .filter(element => !(matchMedia('screen').matches && element.closest('.network-scroll')))
            .filter(element => { const box = boxOf(element);
                                 return box.right > width + 1 || box.left < -1; })
            .map(element => element.closest('figure').id);
        return [wide, document.documentElement.scrollWidth <= width];
    }"""
    for name in pages_looked_at(demo):
        tab.open(demo_url + name)
        for width, media in product(WIDTHS, ("screen", "print")):
            tab.page.set_viewport_size({"width": width, "height": 900})
            tab.page.emulate_media(media=media)  # type: ignore[arg-type]
            assert tab.page.evaluate(script) == [[], True], (name, width, media)


def test_print_shows_the_figures_and_leaves_out_the_controls(still: Tab, demo_url: str) -> None:
    page = still.open(demo_url + "digits.html").page
    page.emulate_media(media="print")
    assert page.locator("figure.view svg:visible").count() >= 6
    controls = ".view-menu, .page-step, [data-action=theme]"
    assert page.locator(controls).count() > 2
    assert page.locator(controls).locator("visible=true").count() == 0
    assert len(page.pdf()) > 10_000


PRINTED = """() => {
  const isSeen = node => node.checkVisibility({contentVisibilityAuto: true}) && node.clientHeight > 4;
  const seen = selector => [...document.querySelectorAll(selector)].filter(isSeen);
  const isCut = node => /auto|scroll|hidden/.test(getComputedStyle(node).overflow)
    && (node.scrollHeight > node.clientHeight + 2 || node.scrollWidth > node.clientWidth + 2);
  const kept = "main figure.view *:not(svg, svg *), main pre";
  return {
    cut: seen(kept).filter(node => isCut(node) && !node.closest(".visually-hidden"))
      .map(node => node.className),
    fields: seen("main :is(input, textarea)").map(node => node.outerHTML),
    choices: seen("main [role=group] > button[aria-pressed=false]").map(node => node.innerText),
  };
}"""


@pytest.mark.parametrize(
    "name", ["digits-labels", "digits-familiarity", "digits-units", "digits-duplicates", "guides/data"]
)
def test_paper_cuts_nothing_off_and_has_no_forms(open_tab: OpenTab, demo_url: str, name: str) -> None:
    page = open_tab(f"{demo_url}{name}.html", viewport={"width": 680, "height": 960}).page
    page.emulate_media(media="print")
    found = page.evaluate(PRINTED)
    assert found == {"cut": [], "fields": [], "choices": []}


HALVES = ".grid > .view:not(.w-12):is([data-view=table], [data-view=error-matrix])"


def test_on_paper_tables_take_the_width_of_the_sheet(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab(demo_url + "digits-labels.html", viewport={"width": 680, "height": 960})
    tab.page.emulate_media(media="print")
    shares = tab.page.locator(HALVES).evaluate_all(
        "views => views.map(view => view.clientWidth / view.parentElement.clientWidth)"
    )
    assert len(shares) >= 3
    assert min(shares) > 0.99


def test_paper_breaks_neither_titles_nor_boxes_in_two(open_tab: OpenTab, demo_url: str) -> None:
    page = open_tab(demo_url + "digits-training.html").page
    page.emulate_media(media="print")
    kept = page.locator(".view-header, .provenance-node")
    broken = "all => all.map(each => getComputedStyle(each).breakInside)"
    assert kept.count() > 6
    assert set(kept.evaluate_all(broken)) == {"avoid"}


def test_paper_says_how_to_read_a_view_and_nothing_of_clicks(still: Tab, demo_url: str) -> None:
    page = still.open(demo_url + "digits.html").page
    page.emulate_media(media="print")
    said = " ".join(page.locator(".view-help p:visible").all_inner_texts())
    assert "Each bar is the share of a digit's images" in said
    assert "click" not in said.lower()
    assert "Drag" not in said
    page.emulate_media(media="screen")
    page.locator("#accuracy .view-help summary").click()
    assert "Click a bar" in page.locator("#accuracy .view-help p").inner_text()


SHADE = """region => {
  const edge = getComputedStyle(region).backgroundAttachment;
  return [region.scrollWidth > region.clientWidth, edge, region.getAttribute("aria-label")];
}"""


def test_a_table_wider_than_a_phone_scrolls_by_keys_and_shows_that_it_does(
    open_tab: OpenTab, demo_url: str
) -> None:
    tab = open_tab(demo_url + "reference/settings.html", viewport={"width": 360, "height": 900})
    region = tab.page.locator(".table-scroll").first
    name = "key, type, default, what it means"
    assert region.evaluate(SHADE) == [True, "local, local, scroll, scroll", name]
    region.focus()
    for _ in range(4):
        tab.page.keyboard.press("ArrowRight")
    tab.page.wait_for_function("() => document.activeElement.scrollLeft > 30")
    assert region.evaluate("each => each.matches('[role=group]')")
