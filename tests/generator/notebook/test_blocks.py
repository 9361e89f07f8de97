"""What a notebook writes into its page is read there as it was given: options, titles, filters, charts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sitegen.blocks import Block, is_block, read_block
from sitegen.errors import SitegenError
from sitegen.notebook import Report
from sitegen.notebook.folder import Fence, Folder
from sitegen.syntax import parser
from tests.browser.driver import ROOT
from tests.generator.notebook.pages import Page, frame

BARS = {"mark": "bar", "encoding": {"x": {"field": "label"}, "y": {"aggregate": "count"}}}
HARD = 'a "b" `c` ```d\n\n~~~~\n---\n# e\\f \\n \r\n\u2028g\u2029\x85h\t<script>&amp; é 日 \U0001f600 '


def texts() -> st.SearchStrategy[str]:
    """Any text without NUL, which Markdown has none of; values in braces are put in on purpose."""
    signs = st.one_of(
        st.sampled_from("\n\r\t`~\"'\\:#-|>&<{}[], \u2028\u2029\x85"),
        st.characters(exclude_categories=["Cs"]),
    )
    return st.text(signs, max_size=60).filter(lambda text: not re.search("\0|\\{\\{|\\{sql", text))


def read(folder: Path, fence: Fence) -> Block:
    """Return the only block of a page that a folder wrote."""
    Folder.write(_at(folder), [fence], "data/samples")
    text = (folder / "content" / "index.md").read_text("utf-8")
    (token,) = (each for each in parser().parse(text.split("---\n", 2)[2]) if each.type == "fence")
    assert is_block(token.info)
    return read_block(token.info, token.content, "index.md", 1, "default")


def _at(root: Path) -> Folder:
    folder = object.__new__(Folder)
    folder.root, folder._title = root, "Data"
    (root / "content").mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("view", ["table", "vega-lite", "markdown"])
@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    title=texts(),
    condition=texts(),
    beside=st.lists(st.sampled_from(["a", "b-c", "d/e"]), min_size=1, max_size=3),
)
@example(title=HARD, condition=HARD, beside=["a", "d/e"])
def test_any_title_and_filter_is_read_as_it_was_given(
    tmp_path_factory: pytest.TempPathFactory, view: str, title: str, condition: str, beside: list[str]
) -> None:
    keys: dict[str, Any] = {"title": title}
    if view != "markdown":
        keys |= {"filter": condition, "beside": beside, "width": 6}
    choices: dict[str, dict[str, Any]] = {
        "table": {"columns": [condition], "deep": {title or "a": [title, 1.5, None]}},
        "vega-lite": {"mark": {"type": "bar", "x": title}, "data": {"name": condition}},
        "markdown": {"text": "All."},
    }
    options = choices[view]
    block = read(tmp_path_factory.mktemp("page"), Fence(view, "own", keys, options))
    assert (block.view, block.id, block.title) == (view, "own", title)
    if view != "markdown":
        assert (block.filter, block.beside, block.width) == (condition, tuple(beside), 6)
        assert block.options == (options if view == "table" else {"spec": options})


@settings(max_examples=80, deadline=None, derandomize=True)
@given(text=texts())
@example(text="~~~~\n```view table\n```\n~~~")
def test_a_text_never_ends_its_block(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    block = read(tmp_path_factory.mktemp("page"), Fence("markdown", "own", {}, {"text": text}))
    assert block.text == re.sub("\r\n?", "\n", text) + "\n"


def test_the_site_says_a_title_as_it_was_given(made: Callable[..., Report], tmp_path: Path) -> None:
    report = made(frame(), title='Cats & `dogs`\u2028\U0001f600: "<b>"\n---')
    report.view("table", title=HARD, filter="datum.label == 'cat'\n|| datum.label == '`'")
    report.view("vega-lite", spec=BARS, title=HARD, filter="datum.amount > 0.5\n&& datum.amount < 2")
    report.view("markdown", text="All.", title=HARD)
    page = (report.export(tmp_path / "site") / "index.html").read_text("utf-8")
    assert page.count("&lt;script&gt;") >= 3
    assert "<script>&amp;amp;" not in page
    titles = [each["title"] for each in report._channel.widget.payload["views"]]
    assert titles == [HARD] * 3
    rows = [int((frame().label == "cat").sum()), int((frame().amount > 0.5).sum())]
    assert [int(found) for found in re.findall(r'data-total="(\d+)"', page)][:2] == rows


def test_a_chart_reads_tables_beside_its_own(made: Callable[..., Report], tmp_path: Path) -> None:
    report = made(artifacts=ROOT)
    spec = {
        **BARS,
        "data": {"name": "cars/samples"},
        "encoding": {"x": {"field": "Origin"}, "y": {"aggregate": "count"}},
    }
    report.view("vega-lite", spec=spec, beside=["cars-summary/columns", "cars-summary/values"])
    tables = list(report._channel.widget.payload["tables"])
    assert tables == ["cars/samples", "cars-summary/columns", "cars-summary/values"]


@pytest.mark.parametrize("view", ["table\n~~~\n# a", "Table", "vega-lite id=x", ""])
def test_what_is_no_name_of_a_view_is_refused(report: Report, view: str) -> None:
    with pytest.raises(SitegenError, match="there is no view"):
        report.view(view)


def test_half_of_a_pair_is_refused(report: Report) -> None:
    with pytest.raises(SitegenError, match="surrogates"):
        report.view("table", title="\ud800")
    with pytest.raises(SitegenError, match="surrogates"):
        report.view("markdown", text="\ud800")


# Options are taken as they are ----------------------------------------------------------------------


def test_what_an_author_changes_afterwards_changes_no_view(report: Report) -> None:
    spec: dict[str, Any] = {**BARS, "data": {"values": [{"label": "a"}]}}
    columns = ["label"]
    report.view("vega-lite", spec=spec)
    report.view("table", columns=columns)
    before = report._channel.widget.payload["views"]
    spec["data"]["values"].append({"label": "b"})
    columns.append("amount")
    report.view("toolbar")
    assert report._channel.widget.payload["views"][:2] == before
    report.view("table", columns=columns)
    assert len(report._channel.widget.payload["views"]) == 4


# Charts of Altair -----------------------------------------------------------------------------------


def drawn(report: Report, chart: Any, **keys: Any) -> tuple[int, str | None]:
    """Return how many rows a chart has, and which table it draws."""
    markup = report.view("vega-lite", spec=chart, **keys).markup
    (total,) = re.findall(r'data-total="(\d+)"', markup)
    return int(total), report._channel.widget.payload["views"][-1]["table"]


SAME: dict[str, Callable[[], Any]] = {
    "all": frame,
    "some columns": lambda: frame()[["amount", "label"]],
    "polars": lambda: pl.from_pandas(frame()),
}
OTHERS: dict[str, Callable[[], Any]] = {
    "fewer rows": lambda: frame().head(20),
    "another order": lambda: frame()[::-1].reset_index(drop=True),
    "other values": lambda: frame().assign(amount=1.0),
    "another column": lambda: frame().assign(more=1),
}


@pytest.mark.parametrize("rows", SAME)
def test_a_chart_of_the_reports_rows_draws_its_table(report: Report, rows: str) -> None:
    altair = pytest.importorskip("altair")
    chart = altair.Chart(SAME[rows]()).mark_bar().encode(x="label", y="count()")
    assert drawn(report, chart) == (120, "data/samples")


@pytest.mark.parametrize("rows", OTHERS)
def test_a_chart_of_other_rows_draws_those(report: Report, rows: str) -> None:
    altair = pytest.importorskip("altair")
    other = OTHERS[rows]()
    chart = altair.Chart(other).mark_bar().encode(x="label:N", y="sum(amount):Q")
    total, _ = drawn(report, chart)
    assert total == len(other)
    spec = report._channel.widget.payload["views"][-1]["options"]["spec"]
    (values,) = spec["datasets"].values()
    assert pd.DataFrame(values)["amount"].tolist() == other["amount"].tolist()
    assert drawn(report, chart, table="data/samples") == (120, "data/samples")


def test_a_chart_of_missing_values_draws_the_reports_table(made: Callable[..., Report]) -> None:
    altair = pytest.importorskip("altair")
    table = frame()
    table.loc[3, "amount"] = None
    chart = altair.Chart(table).mark_point().encode(x="amount")
    assert drawn(made(table), chart) == (120, "data/samples")


def test_a_chart_of_rows_with_ids_is_known_in_any_order(made: Callable[..., Report]) -> None:
    altair = pytest.importorskip("altair")
    table = frame().assign(id=[f"row {number}" for number in range(120)])
    chart = altair.Chart(table).mark_point().encode(x="amount")
    report = made(table[::-1], roles={"id": "id"})
    assert drawn(report, chart) == (120, "data/samples")


def test_a_chart_of_many_rows_is_the_reports_or_is_refused(made: Callable[..., Report]) -> None:
    altair = pytest.importorskip("altair")
    many = pd.DataFrame({"amount": range(6000)})
    report = made(many)
    assert drawn(report, altair.Chart(many).mark_bar().encode(x="amount")) == (6000, "data/samples")
    with pytest.raises(SitegenError, match="brings 6,000 rows of its own, and a page takes 5,000"):
        report.view("vega-lite", spec=altair.Chart(many + 1).mark_bar().encode(x="amount"))


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        (frame(), "the spec is DataFrame, neither a dictionary nor an Altair chart"),
        ("bar", "the spec is str, neither"),
        ({"mark": "bar", "width": float("nan")}, "the spec is no JSON"),
    ],
)
def test_what_is_no_chart_is_refused(report: Report, spec: Any, what: str) -> None:
    with pytest.raises(SitegenError, match=re.escape(what)):
        report.view("vega-lite", spec=spec)


def test_what_altair_refuses_is_said_without_its_stack(report: Report) -> None:
    altair = pytest.importorskip("altair")
    with pytest.raises(SitegenError, match="Altair refuses the chart"):
        report.view("vega-lite", spec=altair.Chart(frame()).mark_bar().encode(x=altair.X("label", sort=3)))


def test_queries_of_a_chart_are_answered(report: Report) -> None:
    report.view("vega-lite", spec=BARS)
    assert Page(report).query('SELECT count(*)::INT AS n FROM "data"')["n"].tolist() == [120]
