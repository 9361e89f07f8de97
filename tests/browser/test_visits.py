"""The clock that benchmarks compare report pages by, on a page whose times are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.bench.server import served
from tests.bench.visits import Subject, visit

ROWS = {"seven": 7, "four": 4}
CHART_AFTER, DATA_AFTER, VIEWS_AFTER, CANVAS_AFTER = 400, 900, 150, 300
PAGE = f"""<!doctype html><title>Known</title>
<main>
  <svg width="300" height="100"><rect width="300" height="100" fill="none"/></svg>
  <canvas width="50" height="50"></canvas>
  <p>9 of 9 rows</p>
</main>
<button>Apply</button><i></i>
<script>
  const view = document.querySelector("svg");
  setTimeout(() => {{
    for (let x = 0; x < 5; x++) view.innerHTML += `<rect x="${{x * 20}}" width="10" height="50"/>`;
    window.charted = performance.now();
  }}, {CHART_AFTER});
  setTimeout(() => fetch("data.bin"), {DATA_AFTER});
  setInterval(() => document.querySelector("i").textContent += ".", 50);
  document.querySelector("button").addEventListener("pointerdown", () => {{
    setTimeout(() => document.querySelector("p").textContent = `${{window.rows}} of 9 rows`, {VIEWS_AFTER});
    setTimeout(() => document.querySelector("canvas").getContext("2d").fillRect(0, 0, 9, 9), {CANVAS_AFTER});
  }});
</script>"""
DATA = b"0" * 200_000
QUIET = 600
"""ms after which the clock knows that nothing more comes; no part of what it tells."""


def aim(page: Page, name: str) -> None:
    """Move to the button; the page is told how many rows will pass."""
    page.evaluate("rows => window.rows = rows", ROWS[name])
    page.hover("button")


def press(page: Page) -> None:
    """Press the button."""
    page.mouse.down()
    page.mouse.up()


KNOWN = Subject("known", "known.html", "main", lambda _: None, aim, press, "{n} of 9 rows")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the page is served, with a journal beside it."""
    (tmp_path / "known.html").write_text(PAGE)
    (tmp_path / "data.bin").write_bytes(DATA)
    with served(tmp_path, tmp_path / "journal.txt") as at:
        yield at


def test_a_visit_tells_bytes_first_chart_and_filters(browser: Browser, address: str, tmp_path: Path) -> None:
    told: list[float] = []
    known = replace(KNOWN, ready=lambda page: told.append(page.evaluate("charted")))
    made = visit(browser, address, tmp_path / "journal.txt", known, ROWS)
    (charted,) = told
    assert CHART_AFTER <= charted <= made.first_chart < charted + QUIET
    assert made.first_bytes == len(PAGE)
    assert made.idle_bytes == made.all_bytes == len(PAGE) + len(DATA)
    assert len(made.filters) == len(ROWS)
    assert all(CANVAS_AFTER <= taken < CANVAS_AFTER + QUIET for taken in made.filters)


def test_a_filter_whose_rows_the_page_does_not_show_is_no_measurement(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    wrong = replace(KNOWN, shows="{n} of 10 rows")
    with pytest.raises(RuntimeError, match="known: a filter to seven does not show '7 of 10 rows'"):
        visit(browser, address, tmp_path / "journal.txt", wrong, ROWS)
