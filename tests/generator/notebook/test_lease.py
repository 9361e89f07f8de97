"""Documents whose windows are gone without a word, and those that are only quiet."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from sitegen.notebook import Report
from sitegen.notebook.lease import PERIOD, SILENT, Leases
from tests.generator.notebook.pages import Page
from tests.generator.notebook.test_life import Kept, frame, until

MOST = 3
"""Looks at which a document may be silent in these tests, which look by hand."""


@pytest.fixture(autouse=True)
def _outside_of_loops() -> Iterator[None]:
    """Leave the loop that a browser driven earlier in this process keeps running in this thread."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture
def released() -> list[str]:
    return []


@pytest.fixture
def leases(released: list[str]) -> Iterator[Leases]:
    def release(reader: str) -> None:
        released.append(reader)
        made.end(reader)

    made = Leases(release, silent=MOST)
    yield made
    made.close()


def look(leases: Leases, times: int = MOST + 1) -> None:
    for _ in range(times):
        leases.look()


def test_who_says_nothing_for_long_is_released_once_and_who_does_is_not(
    leases: Leases, released: list[str]
) -> None:
    leases.hear("gone")
    for _ in range(3):
        leases.hear("there")
        look(leases, MOST)
    assert released == ["gone"]


def test_who_left_is_not_released_again_and_nobody_looks_any_more(
    leases: Leases, released: list[str]
) -> None:
    others = set(threading.enumerate())
    leases.hear("tab")
    (watch,) = set(threading.enumerate()) - others
    leases.end("tab")
    watch.join(5)
    assert not watch.is_alive()
    assert released == []


def test_time_in_which_the_kernel_hears_nobody_counts_for_nobody(
    leases: Leases, released: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sitegen.notebook.lease.ANSWER", 0.01)

    async def run() -> None:
        leases.hear("tab")
        other = threading.Thread(target=look, args=[leases])
        other.start()
        other.join()  # as a cell that runs: the loop does nothing else
        assert released == []
        await asyncio.sleep(0)
        monkeypatch.setattr("sitegen.notebook.lease.ANSWER", 60)
        await asyncio.to_thread(look, leases)
        assert released == ["tab"]

    asyncio.run(run())


def test_a_document_of_a_thread_that_ended_is_released(leases: Leases, released: list[str]) -> None:
    async def run() -> None:
        leases.hear("tab")

    asyncio.run(run())
    look(leases)
    assert released == ["tab"]


def test_a_background_tab_is_heard_long_before_its_time_is_over() -> None:
    assert PERIOD * SILENT >= 5 * 60


def test_a_report_that_only_a_crashed_window_showed_gives_all_back(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = partial(Leases, period=0.02, silent=MOST)
    monkeypatch.setattr("sitegen.notebook.channel.Leases", quick)
    report = Report(frame())
    report.view("table")._ipython_display_()
    kept, page = Kept(report), Page(report)
    assert page.query('SELECT count(*)::INT AS n FROM "data"')["n"].tolist() == [120]
    del report
    gc.collect()
    until(kept.is_given_back)


def test_a_document_that_was_given_up_and_comes_back_is_answered(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    report.view("table")
    page = Page(report)
    page.query('SELECT 1 AS n FROM "data"')
    report._channel._forsake("tab")
    (native,) = report._channel._native._pages.values()
    assert not native._readers
    assert not report._channel._threads
    page.ask("here")
    assert list(report._channel._threads) == ["tab"]
    assert page.query('SELECT count(*)::INT AS n FROM "data"')["n"].tolist() == [120]
