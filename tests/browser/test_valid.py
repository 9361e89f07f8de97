"""What validators say of the demo: html-validate of every page, axe-core in light and dark, wide and narrow.

`make test` looks at some pages with axe-core; `make check-site` at all of them, and measures with Lighthouse.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

import pytest

from tests.browser.chromium import NAMES
from tests.browser.demo_pages import IS_WHOLE, pages
from tests.browser.driver import ROOT, OpenTab, answering
from tests.browser.test_pages_host import PREFIX, Pages

SITE = ROOT / "tests" / "site"
MODULES = ROOT / "themes" / "default" / "node_modules"
SAMPLE = ("digits-architecture.html", "guides/charts.html")
"""Pages that `make test` shows to axe-core; each has what the other lacks."""
LEAST_SCORE = 95
RUNS = 3
"""How often Lighthouse measures a page: the median counts, for a machine has other things to do."""
SETTLED = "() => Promise.allSettled(document.getAnimations().map(({finished}) => finished)).then(() => null)"
"""Colours on their way from one to another are no colours to judge."""
AXE = """axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => violations.map(
    ({id, nodes}) => `${id}: ${nodes.map(({target}) => target.join(" ")).slice(0, 3).join(", ")}`))"""


def test_every_page_is_valid_html(demo: Path) -> None:
    command = [
        "node",
        MODULES / "html-validate/bin/html-validate.mjs",
        "--config",
        SITE / "html-validate.json",
    ]
    done = subprocess.run(
        [*command, "--max-warnings", "0", *pages(demo)], cwd=demo, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(
    scheme: str, width: int, demo: Path, demo_url: str, open_tab: OpenTab, axe: str
) -> None:
    found = {}
    tab = open_tab("about:blank", viewport={"width": width, "height": 900}, color_scheme=scheme)
    for page in pages(demo) if IS_WHOLE else SAMPLE:
        tab.open(demo_url + page)
        tab.page.evaluate(SETTLED)
        tab.page.evaluate(axe)
        found[page] = tab.page.evaluate(AXE)
    assert {page: violations for page, violations in found.items() if violations} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_on_live_architectures_with_all_of_their_parts_open(
    scheme: str, width: int, demo_url: str, open_tab: OpenTab, axe: str
) -> None:
    viewport = {"width": width, "height": 900}
    tab = open_tab(f"{demo_url}digits-architecture.html", viewport=viewport, color_scheme=scheme).live()
    for view in ("figure", "differences"):
        tab.page.fill(f"#{view} input[name=detail]", "9")
        tab.settle()
    # A group of the reader's, with its fields; a selection in both; all folds open.
    tab.page.focus("#figure [data-glyph='1']")
    for keys in (" ", "ArrowRight", "Shift+ ", "g", "ArrowRight", " "):
        tab.page.keyboard.press(keys)
        tab.settle()
    tab.page.focus("#differences [data-glyph='1']")
    tab.page.keyboard.press("Enter")
    tab.settle()
    tab.page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true; })")
    tab.settle()
    assert tab.page.locator("#figure [data-rename='0']").is_visible()
    assert tab.page.locator("#differences [aria-pressed=true]").count() >= 2
    tab.page.evaluate(SETTLED)
    tab.page.evaluate(axe)
    assert tab.page.evaluate(AXE) == []
    assert tab.messages == tab.failures == []


@pytest.mark.skipif(not IS_WHOLE, reason="make check-site runs it")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_live_pages(
    scheme: str, demo: Path, demo_url: str, open_tab: OpenTab, axe: str
) -> None:
    found = {}
    for page in pages(demo):
        tab = open_tab(demo_url + page, color_scheme=scheme)
        if tab.page.locator("#sitegen-page").count():
            tab.live().page.evaluate(SETTLED)
            tab.page.evaluate(axe)
            found[page] = tab.page.evaluate(AXE)
        tab.page.context.close()
    assert {page: violations for page, violations in found.items() if violations} == {}


@pytest.fixture(scope="module")
def axe() -> str:
    return (MODULES / "axe-core/axe.min.js").read_text("utf-8")


@pytest.fixture
def hosted(demo: Path, tmp_path: Path) -> Iterator[str]:
    """The demo served as GitHub Pages does: below a path, compressed."""
    folder = tmp_path / "site"
    shutil.copytree(demo, folder)
    shutil.copyfile(demo / "index.html", folder / "404.html")
    with answering(partial(Pages, folder=folder, served=[])) as address:
        yield f"{address}{PREFIX}"


@pytest.mark.skipif(not IS_WHOLE, reason="make check-site runs it")
@pytest.mark.timeout(600)
def test_lighthouse_gives_the_marks_that_readers_expect(hosted: str, demo: Path) -> None:
    chromium = next(path for name in NAMES if (path := shutil.which(name)))
    urls = [f"{hosted}index.html", hosted + fullest(demo)]
    command = ["node", SITE / "lighthouse.mjs", chromium, *urls * RUNS]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=580)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(runs) == RUNS * len(urls)
    for url in urls:
        of_page = [run for run in runs if run["url"] == url]
        scores = {name: median(run["scores"][name] for run in of_page) for name in of_page[0]["scores"]}
        why = [(run["weak"], run["benchmark"]) for run in of_page]
        assert min(scores.values()) >= LEAST_SCORE, (url, scores, why)


def fullest(demo: Path) -> str:
    """Return the page with the most views; of two such, the larger one."""

    def fill(page: str) -> tuple[int, int]:
        text = (demo / page).read_text("utf-8")
        return text.count('<figure class="view'), len(text)

    return max(pages(demo), key=fill)
