"""Charts that a report's own functions make."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sitegen.blocks import Block, read_block
from sitegen.charts import with_chart
from sitegen.errors import SitegenError
from tests.browser.shown import read_static
from tests.generator.reports import Report

ALTAIR = """
import altair as alt

def bars(most=10):
    data = alt.NamedData(name="digits/samples")
    chart = alt.Chart(data, title="Bars", height=most)
    return chart.mark_bar().encode(alt.X("label:N"), alt.Y("count():Q"))

def plain():
    return {"data": {"values": [{"a": 1}]}, "mark": "point", "encoding": {"x": {"field": "a"}}}

def nothing():
    return 5

def fails():
    raise KeyError("no such model")

def far():
    return {"data": {"url": "https://example.org/a.json"}, "mark": "point"}
"""


REPEATED = """
import altair as alt

DATA = alt.NamedData(name="digits/samples")

def faceted():
    bars = alt.Chart(DATA).mark_bar().encode(alt.X("label:N"), alt.Y("mean(score):Q"))
    return bars.facet("split:N")

def repeated():
    bars = alt.Chart(DATA).mark_bar().encode(
        alt.X("label:N"), alt.Y(alt.repeat("repeat"), type="quantitative", aggregate="median"))
    return bars.repeat(["score", "other"])

def plain():
    return alt.Chart(DATA).mark_bar().encode(alt.X("label:N"), alt.Y("sum(other):Q"))
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (tmp_path / "charts.py").write_text(ALTAIR, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def bars():\n    return (\n", encoding="utf-8")
    (tmp_path / "needs.py").write_text("import no_such_library\n", encoding="utf-8")
    return tmp_path


def block(source: str, body: str = "", rest: str = "") -> Block:
    return read_block(f"vega-lite source={source} {rest}", body, "index.md", 7, "vega-lite-1")


def test_a_function_gives_the_spec_and_its_table(report: Path) -> None:
    made = with_chart(block("altair:charts:bars", "most: 123"), report)
    assert (made.view, made.table, made.data) == ("vega-lite", "digits/samples", ("digits/samples",))
    assert made.title == "Bars"
    spec = made.options["spec"]
    assert (spec["height"], spec["encoding"]["x"]["field"]) == (123, "label")


def test_the_block_says_more_than_the_chart(report: Path) -> None:
    made = with_chart(block("altair:charts:bars", rest='title="Mine" id=mine'), report)
    assert (made.title, made.id) == ("Mine", "mine")


def test_a_spec_may_hold_its_rows(report: Path) -> None:
    made = with_chart(block("altair:charts:plain"), report)
    assert (made.table, made.data, made.options["spec"]["mark"]) == ("", (), "point")


def test_an_edit_of_the_module_shows_at_the_next_build(report: Path) -> None:
    asked = block("altair:charts:plain")
    assert with_chart(asked, report).options["spec"]["mark"] == "point"
    (report / "charts.py").write_text(ALTAIR.replace('"mark": "point", "enc', '"mark": "bar", "enc'))
    assert with_chart(asked, report).options["spec"]["mark"] == "bar"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("altair:charts", 'index.md:7: the source "altair:charts" names no function'),
        ("elsewhere:charts:bars", 'index.md:7: the source "elsewhere:charts:bars" names no function'),
        ("altair:..charts:bars", 'index.md:7: the source "altair:..charts:bars" names no function'),
        ("altair:chart:bars", 'index.md:7: the report has no module "chart"'),
        ("altair:charts:bar", 'index.md:7: charts.py has no function "bar"\n  did you mean "bars"?'),
        ("altair:charts:nothing", "index.md:7: altair:charts:nothing returns no chart"),
        ("altair:charts:fails", "charts.py:16: the chart cannot be made: KeyError: 'no such model'"),
        ("altair:charts:far", "index.md:8: the spec loads its data from an address"),
        ("altair:broken:bars", "broken.py:2: cannot be loaded: SyntaxError"),
        ("altair:needs:bars", "index.md:7: needs.py needs no_such_library, which is not installed"),
    ],
)
def test_what_keeps_a_function_from_being_a_chart_is_said(source: str, said: str, report: Path) -> None:
    with pytest.raises(SitegenError) as caught:
        with_chart(block(source), report)
    assert str(caught.value).startswith(said)


def test_wrong_arguments_are_said_at_the_block(report: Path) -> None:
    with pytest.raises(SitegenError, match=r"index\.md:7: the chart cannot be made: TypeError"):
        with_chart(block("altair:charts:bars", "least: 1"), report)


SEED = np.random.default_rng(7)
ROWS = pd.DataFrame(
    {
        "id": range(90),
        "label": SEED.choice(["a", "b", "c"], 90),
        "split": SEED.choice(["test", "train"], 90),
        "score": SEED.integers(1, 1000, 90),
        "other": SEED.integers(1, 1000, 90),
    }
)


@pytest.mark.parametrize("name", ["faceted", "repeated", "plain"])
def test_a_charts_numbers_are_those_of_pandas(name: str, tmp_path: Path) -> None:
    report = Report(tmp_path / "report")
    report.write("sitegen.toml", '[site]\ntitle = "Charts"\n')
    report.write("charts.py", REPEATED)
    report.artifact("digits", {"samples": {column: ROWS[column].tolist() for column in ROWS}})
    report.write("content/index.md", f"# Charts\n\n```vega-lite id=it source=altair:charts:{name}\n```\n")
    page = report.page()
    shown = read_static(page)[0]["it"]
    expected = {
        "faceted": ROWS.groupby(["label", "split"]).score.mean().reset_index(),
        "repeated": pd.concat(
            ROWS.groupby("label")[column].median().reset_index(name="it") for column in ("score", "other")
        ),
        "plain": ROWS.groupby("label").other.sum().reset_index(),
    }[name]
    assert (shown.rows, shown.total) == (len(ROWS), len(ROWS))
    # A cell of small multiples has a table of its own, which its caption tells from the others.
    captions = re.findall(r"<caption>\s*(.*?)\s*</caption>", page, re.DOTALL) if name == "faceted" else [""]
    size = len(shown.cells) // len(captions)
    found = [
        (*cells, *(split for split in ("test", "train") if split in captions[index // size]))
        for index, cells in enumerate(shown.cells)
    ]
    wanted = expected.to_numpy().tolist()
    assert sorted(map(said, found)) == sorted(map(said, wanted))


def said(row: Iterable[Any]) -> list[str]:
    """Return a row's texts and its numbers to four digits, sorted: the order of columns is free."""
    return sorted(
        f"{float(str(cell).replace(',', '')):.4g}" if re.fullmatch(r"[\d.,]+", str(cell)) else str(cell)
        for cell in row
    )
