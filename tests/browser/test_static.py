"""Without scripts a page is whole: its drawings, their descriptions, their numbers, and its print."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.driver import OpenTab, Tab

pytestmark = pytest.mark.browser

WITHOUT_NUMBERS = {"toolbar", "markdown", "summary"}
"""Views that show no data of their own."""

TABLES = {"table", "parameters", "provenance"}
"""Views that are tables themselves."""


def pages(site: Path) -> list[str]:
    """Return the addresses of all pages, relative to the site."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


@pytest.fixture
def still(open_tab: OpenTab, demo_url: str) -> Tab:
    """A tab in which scripts do not run."""
    return open_tab(demo_url, java_script_enabled=False)


def test_every_page_has_its_title_headings_and_navigation(still: Tab, demo: Path, demo_url: str) -> None:
    for name in pages(demo):
        page = still.open(demo_url + name).page
        assert page.title()
        assert page.locator("main h1:visible").count() == 1, name
        assert page.locator("nav a[href]:visible, header a[href]:visible").count() > 0, name
        assert page.locator("html").get_attribute("data-sitegen") == "static"
        assert page.locator("[role=alert]:visible").count() == 0


def test_navigation_leads_to_every_page(still: Tab, demo: Path, demo_url: str) -> None:
    links = still.page.locator("a[href]").evaluate_all("links => links.map(link => link.href.split('#')[0])")
    for name in set(pages(demo)) - {"404.html"}:
        assert {demo_url + name, demo_url + name.removesuffix("index.html")} & set(links), name


def test_every_figure_shows_and_says_what_it_holds(still: Tab, demo: Path, demo_url: str) -> None:
    for name in pages(demo):
        for figure in still.open(demo_url + name).page.locator("figure.view").all():
            where = f"{name}#{figure.get_attribute('id')}"
            assert figure.get_attribute("data-state") == "static", where
            body = figure.locator(".view-body")
            assert (
                body.locator("svg:visible, button:visible, form:visible, table:visible, p:visible").count()
                > 0
            ), where
            if figure.get_attribute("data-view") in WITHOUT_NUMBERS:
                continue
            assert figure.locator(".view-title").inner_text(), where
            assert len(figure.locator(".view-description").text_content() or "") > 20, where
            numbers = ".view-body" if figure.get_attribute("data-view") in TABLES else ".view-data"
            assert figure.locator(f"{numbers} tbody tr").count() > 0, where
            rows, total = figure.get_attribute("data-rows"), figure.get_attribute("data-total")
            assert rows == total != "0", where


OUTSIDE = """charts => charts.flatMap(chart => {
  const frame = chart.getBoundingClientRect();
  return [...chart.querySelectorAll("text")].flatMap(label => {
    const box = label.getBoundingClientRect();
    const out = Math.max(frame.left - box.left, box.right - frame.right, box.bottom - frame.bottom);
    return box.width && out > 0.5 ? [`${label.textContent}: ${out.toFixed(1)} px`] : [];
  });
})"""


def test_no_label_leaves_its_chart(still: Tab, demo: Path, demo_url: str) -> None:
    for name in pages(demo):
        charts = still.open(demo_url + name).page.locator("svg.chart:visible")
        # In another font, until the page's own has come, labels are of another width.
        still.page.evaluate("document.fonts.ready.then(() => true)")
        assert charts.evaluate_all(OUTSIDE) == [], name


def test_data_tables_open_without_scripts(still: Tab, demo_url: str) -> None:
    page = still.open(demo_url + "digits.html").page
    assert not page.locator("#accuracy .view-data table").is_visible()
    page.locator("#accuracy .view-data summary").click()
    assert page.locator("#accuracy .view-data table").is_visible()
    assert page.locator("#accuracy .view-data tbody tr").count() == 10


@pytest.mark.parametrize("width", [1280, 794, 360])
def test_no_drawing_is_wider_than_its_print_or_its_window(
    width: int, open_tab: OpenTab, demo: Path, demo_url: str
) -> None:
    tab = open_tab(demo_url, viewport={"width": width, "height": 900})
    script = """[...document.querySelectorAll('figure.view, figure.view .view-body svg')]
        .filter(element => element.getClientRects().length)
        .filter(element => !element.closest('.table-frame'))
        .filter(element => { const box = element.getBoundingClientRect();
                             return box.right > innerWidth + 1 || box.left < -1; })
        .map(element => element.closest('figure').id)"""
    for name in pages(demo):
        tab.open(demo_url + name)
        for media in ("screen", "print"):
            tab.page.emulate_media(media=media)
            assert tab.page.evaluate(script) == [], (name, media)
            assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, media)


def test_print_shows_the_figures_and_leaves_out_the_controls(still: Tab, demo_url: str) -> None:
    page = still.open(demo_url + "digits.html").page
    page.emulate_media(media="print")
    assert page.locator("figure.view svg:visible").count() >= 6
    assert page.locator(".view-menu:visible, [data-action=theme]:visible").count() == 0
    assert len(page.pdf()) > 10_000


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
    assert region.evaluate("each => each.matches('[role=region]')")
