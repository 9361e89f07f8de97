"""A browser, the built demo, and tabs on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from driver import ROOT, OpenTab, Tab, build_site, launch, serving, tab_of
from playwright.sync_api import Browser, sync_playwright

DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's own report, built from the artifacts that `make demo` computed."""
    folder = tmp_path_factory.mktemp("demo") / "site"
    assert (ROOT / "artifacts" / "digits").is_dir(), "run `make demo` first: it computes the artifacts"
    build_site(ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def demo_url(demo: Path) -> Iterator[str]:
    """Where the demo is served, at the root of a site."""
    with serving(demo) as url:
        yield url


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


@pytest.fixture(scope="session")
def samples() -> pd.DataFrame:
    """The digits with their places on the map, read by pandas."""
    tables = ("digits/samples", "digits-projection/points")
    read = [pq.read_table(ROOT / "artifacts" / f"{name}.parquet").to_pandas() for name in tables]
    joined = read[0].merge(read[1], on="id", how="outer", validate="one_to_one")
    return joined.astype({"label": str, "prediction": str, "split": str})
