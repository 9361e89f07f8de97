"""A visit to a page: what it fetched, when its first chart was on the screen, and how long filters took."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.bench.chromium import fresh_page

CLOCK = Path(__file__).parent / "peers" / "clock.js"
REST = 1.5
"""Seconds without a byte after which a page is at rest."""
LOAD_MS = 60_000


@dataclass(frozen=True)
class Subject:
    """A page that is visited, and how a reader filters it by a class."""

    name: str
    page: str
    """Its address below the server's."""
    views: str
    """Selects what must have rested before a filter is through: the views without the page's controls."""
    ready: Callable[[Page], None]
    """Waits until the page filters."""
    aim: Callable[[Page, str], None]
    """Prepares the filter for a class: writes it, or moves the pointer there."""
    press: Callable[[Page], None]
    """Applies it: the press that starts the clock."""
    shows: str
    """How the page says that n rows pass, with {n:,} or {n}."""


@dataclass(frozen=True)
class Visit:
    """What one visit took."""

    first_bytes: int
    idle_bytes: int
    all_bytes: int
    first_chart: float
    """ms from the navigation's start."""
    filters: list[float]
    """ms of each filter, from the press to the painted frame of the last change."""


def visit(
    program: Browser, address: str, journal: Path, subject: Subject, classes: Mapping[str, int]
) -> Visit:
    """Open a page with nothing cached, let it rest, and filter it to each class, of so many rows each."""
    journal.write_text("")
    with fresh_page(program) as page:
        page.add_init_script(path=CLOCK)
        page.goto(address + subject.page, timeout=LOAD_MS)
        first = float(page.evaluate("clock.first"))
        seen = (float(page.evaluate("performance.timeOrigin")) + first) / 1000
        _rest(page, journal)
        first_bytes, idle_bytes = _sent(journal, seen), _sent(journal)
        subject.ready(page)
        filters = [_filter(page, subject, label, rows) for label, rows in classes.items()]
    return Visit(first_bytes, idle_bytes, _sent(journal), first, filters)


def _filter(page: Page, subject: Subject, label: str, rows: int) -> float:
    """Return the ms of one filter; raise when the page does not show how many rows passed."""
    subject.aim(page, label)
    page.wait_for_timeout(200)  # what the pointer's arrival changes is no part of the filter
    page.evaluate("(views) => clock.watch(views)", subject.views)
    subject.press(page)
    taken = float(page.evaluate("clock.result()"))
    expected = subject.shows.format(n=rows)
    if expected not in page.inner_text("body"):
        message = f"{subject.name}: a filter to {label} does not show {expected!r}"
        raise RuntimeError(message)
    return taken


def _rest(page: Page, journal: Path) -> None:
    """Wait until the server has sent nothing for a while."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < REST:
        page.wait_for_timeout(100)
        if journal.stat().st_size != size:
            size, since = journal.stat().st_size, time.monotonic()


def _sent(journal: Path, until: float = float("inf")) -> int:
    """Return the bytes that the server sent until a time in seconds since 1970."""
    blocks = (line.split() for line in journal.read_text().splitlines())
    return sum(int(size) for moment, size in blocks if float(moment) <= until)
