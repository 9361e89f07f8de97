"""A German site: its views speak German as they are built, and say the same when drawn anew in the page."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sitegen.difference.report import WORDS as DIFFERENCES
from tests.browser.driver import OpenTab, build_site, serving

ROOT = Path(__file__).parents[2]
PAGES = (
    "cars",
    "digits-confusion",
    "digits-duplicates",
    "digits-familiarity",
    "digits-groups",
    "digits-units",
)
BLOCK = re.compile(r"^```(?:view|vega-lite) .*?^```$", re.DOTALL | re.MULTILINE)
FRONT = re.compile(r"\A---.*?^---$", re.DOTALL | re.MULTILINE)
FIGURE = re.compile(
    r"<figure [^>]*data-view=.*?</figcaption>.*?(?=<figure [^>]*data-view=|</main>)", re.DOTALL
)
BESIDE = re.compile(r"<script.*?</script>|<(?P<tag>td|h3)\b[^>]*>.*?</(?P=tag)>", re.DOTALL)
"""Payloads, and what is of the data or of the author."""
SHOWN = re.compile(r">([^<>]+)<|(?:aria-label|title|placeholder|aria-valuetext)=\"([^\"]+)\"")
SAID = """() => [...document.querySelectorAll("figure[data-view=vega-lite]")].map(figure =>
    [...new Set([...figure.querySelectorAll(
        ".view-count, .view-notice, .view-description, .view-data th, svg text")]
        .map(each => each.textContent.replace(/\\s+/g, " ").trim()))].sort())"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The views of some pages of the demo, in German."""
    report = tmp_path_factory.mktemp("german")
    (report / "artifacts").symlink_to(ROOT / "artifacts")
    (report / "sitegen.toml").write_text('[site]\ntitle = "Ziffern"\nlanguage = "de"\n', "utf-8")
    (report / "content").mkdir()
    for name in PAGES:
        written = (ROOT / f"content/{name}.md").read_text("utf-8")
        front = FRONT.search(written)
        blocks = "\n\n".join(match[0] for match in BLOCK.finditer(written))
        page = f"{front[0] if front else ''}\n# {name}\n\n{blocks}\n"
        (report / f"content/{name}.md").write_text(page, "utf-8")
    (report / "content/index.md").write_text("# Ziffern\n", "utf-8")
    build_site(report, report / "site")
    return report / "site"


@pytest.fixture
def url(site: Path) -> Iterator[str]:
    with serving(site) as address:
        yield address


def test_no_view_of_a_german_site_speaks_english(site: Path) -> None:
    catalogue = json.loads((ROOT / "themes/default/languages/de.json").read_text("utf-8"))
    of_the_data = {"true", "false", "label", *DIFFERENCES}
    english = {text for text, german in catalogue.items() if text != german and len(text) > 2} - of_the_data
    words: set[str] = set()
    left: set[str] = set()
    for name in PAGES:
        written = (ROOT / f"content/{name}.md").read_text("utf-8").casefold()
        for figure in FIGURE.findall((site / f"{name}.html").read_text("utf-8")):
            pairs = SHOWN.findall(BESIDE.sub("", figure))
            said = {" ".join(html.unescape(text or attribute).split()) for text, attribute in pairs}
            left |= {text for text in said & english if text.casefold() not in written}
            words |= said
    assert {"Datentabelle", "Link zu dieser Ansicht", "Trefferquote", "Genauigkeit"} <= words
    assert left == set()


def test_what_is_drawn_anew_in_a_german_page_says_what_was_built(url: str, open_tab: OpenTab) -> None:
    tab = open_tab(f"{url}cars.html")
    built = tab.page.evaluate(SAID)
    assert any("von" in text for text in built[0])
    tab.live()
    tab.filter("datum.Cylinders > 4")
    assert tab.page.evaluate(SAID) != built
    tab.filter("")
    assert tab.page.evaluate(SAID) == built
    assert tab.messages == tab.failures == []
