"""Chromium as the benchmarks use it: headless, with nothing of its own going on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.browser.chromium import QUIET, program

PROGRAM = "chrom"
"""What the names of its processes begin with."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser with an empty profile: the machine's own, else Playwright's."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program(), args=list(QUIET))
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def fresh_page(opened: Browser, *, scripts: bool = True) -> Iterator[Page]:
    """Open a page with no cache; an error in it ends the benchmark."""
    errors: list[str] = []
    context = opened.new_context(viewport={"width": 1440, "height": 1000}, java_script_enabled=scripts)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    if errors:
        raise RuntimeError("\n".join(errors))


def heap_bytes(session: CDPSession) -> int:
    """Return the size of the page's JavaScript heap after collecting garbage."""
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return int(next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize"))
