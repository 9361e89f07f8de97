"""Charts that a report's own functions make."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.blocks import Block, read_block
from sitegen.charts import with_chart
from sitegen.errors import SitegenError

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
