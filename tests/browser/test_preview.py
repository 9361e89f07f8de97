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
