"""Pictures of every page of the built site: light and dark, wide and narrow, and as printed.

`python -m tests.browser.screenshots [SITE] [FOLDER]` reads `site/` and writes `screenshots/`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from .chromium import launch
from .driver import ROOT, serving, tab_of

WIDTHS = {"wide": 1280, "narrow": 360}
SCHEMES = ("light", "dark")
LAID_OUT = """document.fonts.ready.then(() => {
    for (const view of document.querySelectorAll(".view")) view.dataset.laid = "";
})"""
"""What is far from the window is drawn only when a reader comes near; a picture has to show it, too."""


def photograph(browser: Browser, url: str, page: str, folder: Path) -> None:
    """Write the pictures of one page and its print."""
    name = page.removesuffix(".html").replace("/", "-")
    for scheme in SCHEMES:
        for size, width in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            tab = tab_of(context).open(url + page)
            tab.page.evaluate(LAID_OUT)
            tab.page.screenshot(path=folder / f"{name}-{scheme}-{size}.png", full_page=True)
            context.close()
    tab = tab_of(browser.new_context()).open(url + page)
    tab.page.pdf(path=folder / f"{name}.pdf", format="A4", print_background=True)
    tab.page.context.close()


def main(site: Path, folder: Path) -> None:
    """Photograph every page of a site."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))
    with sync_playwright() as playwright, serving(site) as url:
        browser = launch(playwright.chromium)
        for page in pages:
            photograph(browser, url, page, folder)
        browser.close()
    print(f"{folder}: {len(list(folder.iterdir()))} files of {len(pages)} pages")


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    main(*given, *(ROOT / "site", ROOT / "screenshots")[len(given) :])
