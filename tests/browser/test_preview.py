"""The preview in a browser: what is wrong is listed over the last good page, and goes when mended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sitegen.output import Memory
from sitegen.serve import Preview, PreviewServer
from tests.browser.driver import OpenTab, previewing
from tests.generator.reports import Report

LONG = "\n\n".join(f"Paragraph {number}." for number in range(200))
PANEL = "#sitegen-problems"


@pytest.fixture
def report(tmp_path: Path) -> Report:
    made = Report(tmp_path / "report")
    made.settings.write_text('[site]\ntitle = "A report"\n')
    made.write("content/index.md", f"# Front\n\n{LONG}\n\n## End\n")
    return made


@pytest.fixture
def preview(report: Report) -> Iterator[str]:
    """The address of the report, served and watched."""
    preview = Preview(report.settings, report=lambda _: None)
    preview.rebuild()
    with previewing(preview, report.settings) as address:
        yield address


def test_problems_are_listed_over_the_last_good_page_until_they_are_mended(
    report: Report, preview: str, open_tab: OpenTab
) -> None:
    tab = open_tab(preview)
    page = tab.page
    report.write("content/index.md", "# <img src=x onerror=alert(1)>\n\n[x](no.md) {sql}`select <b>`\n")
    page.wait_for_selector(f"{PANEL} li")
    said = page.locator(PANEL).inner_text()
    assert "2 things to mend" in said
    assert "content/index.md:3" in said
    assert 'the link "no.md" leads nowhere' in said
    assert page.locator(f"{PANEL} :is(img, b)").count() == 0
    assert page.locator("h1").inner_text() == "Front", "the last good page stays"
    page.keyboard.press("Escape")
    assert page.locator(PANEL).count() == 0
    report.write("content/index.md", f"# Mended\n\n{LONG}\n")
    page.wait_for_selector("h1:has-text('Mended')")
    assert page.locator(PANEL).count() == 0
    assert tab.messages == []


@pytest.mark.parametrize("width", [1280, 360])
def test_each_line_of_a_hint_stands_below_the_other_and_closing_stays_in_reach(
    report: Report, preview: str, open_tab: OpenTab, width: int
) -> None:
    page = open_tab(preview).page
    page.set_viewport_size({"width": width, "height": 500})
    many = "\n\n".join(f"```view table\ntable: {{a{number}: 1\n```" for number in range(12))
    report.write("content/index.md", f"# Front\n\n{many}\n")
    page.wait_for_selector(f"{PANEL} li")
    lines = page.locator(f"{PANEL} li").first.locator("p:not(:first-of-type)")
    assert [line.strip() for line in lines.all_inner_texts()] == lines.all_inner_texts()
    assert lines.all_inner_texts()[:2] == ["table: {a0: 1", "close it with }"]
    lefts = {line.bounding_box()["x"] for line in lines.all()}  # type: ignore[index]
    assert len(lefts) == 1
    page.locator(PANEL).evaluate("panel => panel.scrollTo(0, panel.scrollHeight)")
    assert page.locator(PANEL).evaluate(
        "panel => panel.scrollTop > 0 && panel.scrollWidth === panel.clientWidth"
    )
    page.locator(f"{PANEL} button").click(timeout=2000)
    assert page.locator(PANEL).count() == 0


def test_a_reload_keeps_the_place_and_the_hash(report: Report, preview: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{preview}index.html#end").page
    page.evaluate("scrollTo(0, 1500)")
    page.wait_for_function("() => scrollY === 1500")
    report.write("content/index.md", f"# Again\n\n{LONG}\n\n## End\n")
    page.wait_for_selector("h1:has-text('Again')")
    page.wait_for_function("() => Math.abs(scrollY - 1500) < 80")
    assert page.evaluate("location.hash") == "#end"


def test_a_script_in_a_drawing_does_not_run(report: Report, open_tab: OpenTab) -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg"><script>document.documentElement.id = "ran"</script></svg>'
    )
    page = b'<!doctype html><html><head></head><body><img src="a.svg"></body></html>'
    preview, site = Preview(report.settings, report=lambda _: None), Memory()
    site.publish({"a.svg": drawing.encode(), "index.html": page})
    preview._site = site
    with PreviewServer(preview, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            for url in ("a.svg", "index.html"):
                tab = open_tab(server.address + url)
                tab.page.wait_for_timeout(200)
                assert tab.page.evaluate("document.documentElement.id") == ""
        finally:
            server.shutdown()
            thread.join()
