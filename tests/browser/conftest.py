"""A browser, the built demo, and tabs on it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

from tests.beside import shared, waiting_for
from tests.browser.driver import IS_FIREFOX, ROOT, OpenTab, Tab, build_site, running, serving, tab_of
from tests.browser.oracle import Oracle
from tests.browser.shown import read_static

DESKTOP = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder; in Firefox, leave out what is about Chromium alone."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            mark = item.get_closest_marker("chromium")
            if IS_FIREFOX and mark:
                item.add_marker(pytest.mark.skip(reason=f"Chromium alone: {mark.args[0]}"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's own report, built from the artifacts that `make demo` computed.

    Tests that run side by side share one, which none of them changes: the first builds it, the others wait.
    """
    assert (ROOT / "artifacts" / "digits").is_dir(), "run `make demo` first: it computes the artifacts"
    place = shared(tmp_path_factory) / "demo"
    folder = place / "built" / "site"
    with waiting_for(place):
        if not folder.is_dir():
            build_site(ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def demo_url(demo: Path) -> Iterator[str]:
    """Where the demo is served, at the root of a site."""
    with serving(demo) as url:
        yield url


@pytest.fixture(scope="module")
def copying_tab(browser: Browser, demo_url: str) -> Iterator[Tab]:
    """The digits page, live, which may use the clipboard."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    yield tab_of(context).open(demo_url + "digits.html").live()
    context.close()


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[OpenTab]:
    """A function that opens an address in a tab of a fresh context; keywords go to the context."""
    contexts = []

    def open_(url: str, **settings: object) -> Tab:
        context = browser.new_context(**{"viewport": DESKTOP, **settings})  # type: ignore[arg-type]
        contexts.append(context)
        return tab_of(context).open(url)

    yield open_
    for context in contexts:
        context.close()


def oracle_of(folder: Path, page: str) -> Oracle:
    """Return the tables of a page of a built site as pandas reads them."""
    _, payload = read_static((folder / page).read_text("utf-8"))
    beside = posixpath.dirname(page)

    def read(url: str) -> bytes:
        return (folder / posixpath.normpath(posixpath.join(beside, url))).read_bytes()

    return Oracle(payload, read, lambda view, rows: _made_about(page, view, rows))


def _made_about(page: str, view: str, rows: pd.DataFrame) -> pd.Series[bool]:
    """Return the rows that the demo's author made a view about: its `filter`, as pandas."""
    if page.startswith("digit/"):
        return rows["label"] == Path(page).stem
    if (page, view) == ("guides/authoring.html", "samples-1"):
        return (rows["label"] == "3") & ~rows["correct"]
    if (page, view) == ("digits-models.html", "differing"):
        return rows["outcome"].isin(["only wide", "only slim"])
    if (page, view) == ("digits-labels.html", "twins"):
        return rows["twin"] != "none"
    if (page, view) == ("index.html", "misread"):
        return ~rows["correct"]
    if (page, view) == ("digits-model-card.html", "accuracy"):
        return rows["split"] == "test"
    return pd.Series(True, rows.index)


@pytest.fixture(scope="session")
def samples(digits: Oracle) -> pd.DataFrame:
    """The digits with their places on the map, one row an image."""
    return digits.relations["digits"]


@pytest.fixture(scope="session")
def digits(demo: Path) -> Oracle:
    """The digits page as pandas computes it."""
    return oracle_of(demo, "digits.html")
