"""What a report holds while it lives, whom it answers, and what it gives back when it goes."""

from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ipywidgets.widgets.widget import _instances as models

from sitegen.errors import SitegenError
from sitegen.notebook import Report
from sitegen.notebook.channel import Channel
from tests.browser.driver import ROOT
from tests.generator.notebook.pages import Page, figure, frame

# Selected ids ---------------------------------------------------------------------------------------


def test_only_ids_of_samples_are_selected(made: Callable[..., Report]) -> None:
    report = made(artifacts=ROOT)
    report.view("pfa", table="digits-pfa/units", beside="digits-pfa")
    with pytest.raises(SitegenError, match="no view of the report selects rows by their ids"):
        report.selected = [1]
    report.view("samples", table="digits/samples")
    report.view("table", table="cars/samples", id="cars")
    units = {"ids": ["conv1/0"]}
    report._channel.widget.state = {"filter": "", "views": {"pfa": units, "cars": {"ids": ["c"], "at": 1}}}
    assert report.selected == []
    report.selected = [3]
    expected = {"pfa": units, "cars": {"ids": ["c"], "at": 1}, figure(report, "samples"): {"ids": [3]}}
    assert report.state["views"] == expected
    report.selected = []
    del expected[figure(report, "samples")]
    assert report.state["views"] == expected


def test_ids_of_another_dataset_are_none_of_the_tables(made: Callable[..., Report]) -> None:
    report = made(frame(), artifacts=ROOT)
    report.view("samples", table="cars/samples", id="cars")
    with pytest.raises(SitegenError, match="no view of the report selects rows by their ids"):
        report.selected = [1]
    report.view("table", id="rows")
    report._channel.widget.state = {"filter": "", "views": {"cars": {"ids": [1]}, "rows": {"ids": [2]}}}
    assert report.selected == [2]


def test_more_ids_than_a_view_can_ask_for_are_refused(report: Report) -> None:
    report.view("samples")
    report.selected = range(20_000)
    with pytest.raises(SitegenError, match="90,000 ids are more than a view can ask for"):
        report.selected = range(90_000)
    assert len(report.selected) == len(report.state["views"][figure(report, "samples")]["ids"]) == 20_000


# Answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ({"kind": "exec"}, 'answers no question of the kind "exec"'),
        ({"kind": {}}, "answers no question of the kind"),
        ({"kind": "query", "sql": "SELECT 1"}, 'of the kind "query" says its "generation"'),
        ({"kind": "sheet", "name": "../x"}, 'there is no sheet of images "../x"'),
        ({"kind": "figure", "id": []}, 'there is no view "[]"'),
    ],
)
def test_a_question_without_sense_is_told_why(
    report: Report, caplog: pytest.LogCaptureFixture, question: dict[str, Any], problem: str
) -> None:
    report.view("table")
    content, _ = Page(report).ask(**question)
    assert problem in content["problem"]
    assert caplog.records == []


def test_a_mistake_of_the_kernels_is_answered_and_logged(
    report: Report, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    report.view("table")
    monkeypatch.setattr(report._channel._native, "ask", lambda *_: 1 / 0)
    page = Page(report)
    content, _ = page.ask("query", sql="SELECT 1", generation=1)
    assert "ZeroDivisionError" in content["problem"]
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info
    monkeypatch.undo()
    assert page.query('SELECT count(*)::INT AS n FROM "data"')["n"].tolist() == [120]


def test_an_answer_that_cannot_be_sent_is_logged(report: Report, caplog: pytest.LogCaptureFixture) -> None:
    report.view("table")
    page = Page(report)

    def fail(*_: Any) -> None:
        raise OSError

    page.widget.send = fail
    page.widget._handle_custom_msg({"kind": "figure", "id": "x", "number": 1, "reader": "tab"}, [])
    until(lambda: bool(caplog.records))
    assert caplog.records[0].getMessage() == "an answer could not be sent"
    assert page.ask("figure", id=figure(report, "table"))[1]


# What is given back ---------------------------------------------------------------------------------


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail when it does not."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


class Kept:
    """What a report holds beyond its own object, watched."""

    def __init__(self, report: Report) -> None:
        self.root: Path = report._folder.root
        self.report = weakref.ref(report)
        self.channel: Channel = report._channel
        self.pages = report._pages

    def is_given_back(self) -> bool:
        """Whether folder, threads, database and models are gone."""
        widgets = [self.channel.widget, *self.channel._views.values()]
        is_quiet = not self.channel._threads and not self.channel._native._pages
        return is_quiet and not self.root.exists() and all(each.comm is None for each in widgets)


def test_a_report_that_nobody_holds_gives_all_back() -> None:
    before, threads = len(models), set(threading.enumerate())
    report = Report(frame())
    report.view("table")
    kept = Kept(report)
    gc.disable()  # at once, not when garbage is looked for
    try:
        del report
        assert kept.report() is None
    finally:
        gc.enable()
    assert kept.is_given_back()
    assert kept.pages._views is None
    assert len(models) == before
    assert set(threading.enumerate()) <= threads


def test_what_a_document_shows_answers_until_the_document_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(frame())
    view = report.view("table")
    view._ipython_display_()
    kept, page = Kept(report), Page(report)
    other = Page(report, "other")
    del report
    assert not kept.is_given_back()
    page.ask("bundle")
    assert not kept.is_given_back()
    for each in (page, other):
        assert each.query('SELECT count(*)::INT AS n FROM "data"')["n"].tolist() == [120]
    page.ask("leave")
    assert not kept.is_given_back()
    other.ask("leave")
    until(kept.is_given_back)


def test_a_document_that_leaves_gives_its_own_back(report: Report) -> None:
    report.view("table")
    page = Page(report)
    page.query('SELECT 1 AS n FROM "data"')
    (native,) = report._channel._native._pages.values()
    assert list(native._readers) == ["tab"]
    page.ask("leave")
    until(lambda: not native._readers and not report._channel._threads)
    assert page.query('SELECT count(*)::INT AS n FROM "data"')["n"].tolist() == [120]


def test_a_cell_that_runs_again_makes_no_further_models(report: Report) -> None:
    first = report.view("table", id="rows")
    whole = report.show()
    before = len(models)
    assert report.view("table", id="rows", title="Rows") is first
    assert "Rows" in first.markup
    assert report.show() is whole
    assert "Rows" in whole.markup
    assert len(models) == before
    first.close()
    assert report.view("table", id="rows") is not first


def test_a_closed_report_says_so(report: Report, tmp_path: Path) -> None:
    view = report.view("table")
    kept = Kept(report)
    report.close()
    report.close()
    assert kept.is_given_back()
    for ask in (lambda: report.view("table"), report.show, lambda: report.export(tmp_path / "site")):
        with pytest.raises(SitegenError, match="the report is closed"):
            ask()
    assert "<figure" in view.still()


def test_a_report_that_cannot_be_made_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = len(models)
    with pytest.raises(SitegenError):
        Report(frame(), roles={"label": "labl"})
    gc.collect()
    assert list(tmp_path.iterdir()) == []
    assert len(models) == before
