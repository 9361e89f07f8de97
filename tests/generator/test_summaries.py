"""A summary: which columns get which chart, what is said of the others, and what an author can choose."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any

import pytest

from sitegen import summaries
from sitegen.answers import Answers, Rows
from sitegen.catalog import CatalogTable, load_catalog
from sitegen.document import Document
from sitegen.errors import Problems
from sitegen.languages import Words
from sitegen.markdown import parse
from sitegen.memo import Memo
from sitegen.queries import Query
from sitegen.summaries import MOST_TEXTS, with_summaries
from sitegen.text import plain
from tests.generator.reports import Report

ROWS = 1200
NAMES = ("cat", "dog", "owl")


def days(step: int) -> list[datetime.datetime]:
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    return [start + datetime.timedelta(days=step * (index % 40)) for index in range(ROWS)]


COLUMNS: dict[str, Any] = {
    "id": list(range(ROWS)),
    "label": [NAMES[index % 3] for index in range(ROWS)],
    "breed": [f"breed {index % 30}" for index in range(ROWS)],
    "note": [f"note {index}" for index in range(ROWS)],
    "legs": [index % 4 for index in range(ROWS)],
    "steps": list(range(ROWS)),
    "weight": [float("nan") if index == 0 else index / 7 for index in range(ROWS)],
    "correct": [index % 5 > 0 for index in range(ROWS)],
    "seen on": {"type": "timestamp", "values": days(1)},
    "born": {"type": "timestamp", "values": days(400)},
    "farm": ["one"] * ROWS,
    "empty": {"type": "string", "values": [None] * ROWS},
    "twins": {"type": "int32", "role": "duplicates", "values": [index % 9 - 1 for index in range(ROWS)]},
    "where": {"type": "float32", "role": "projection_x", "values": [1.0] * ROWS},
    "layer": {"type": "list<float32>", "role": "embedding", "values": [[1.0]] * ROWS},
    "größe.a[b]'\"": [float(index % 50) for index in range(ROWS)],
}


@pytest.fixture
def written(report: Report) -> Report:
    report.artifact("farm", {"samples": COLUMNS})
    return report


def summarised(report: Report, block: str, table: str = "farm/samples") -> tuple[Document, list[str]]:
    """Return the document of a page that holds one summary, and what is wrong with it."""
    problems, memo = Problems(), Memo()
    folder = report.folder / "artifacts"
    catalog = load_catalog(folder, memo, problems)
    answers = Answers(catalog, folder)
    document = parse(plain(f"# Farm\n\n{block}\n", "content/index.md"), "index.md", problems)
    document = with_summaries(document, table, Words(), catalog, answers, memo, problems)
    answers.close()
    return document, [str(error) for error in problems.errors]


def charts(document: Document) -> dict[str, dict[str, Any]]:
    return {str(block.title): block.options["spec"] for block in document.blocks}


def test_each_column_gets_the_chart_that_shows_it(written: Report) -> None:
    document, problems = summarised(written, "```view summary\n```")
    assert problems == []
    drawn = charts(document)
    fields = {name: spec["encoding"] for name, spec in drawn.items()}
    assert list(drawn) == [
        *("label", "breed", "legs", "steps", "weight", "correct", "seen on", "born", "twins"),
        "größe.a[b]'\"",
    ]
    assert fields["label"]["y"]["sort"] == "-x"
    assert fields["breed"]["x"]["sort"] == "-y"
    assert fields["legs"]["x"]["type"] == "ordinal"
    assert fields["correct"]["x"]["type"] == "ordinal"
    assert "bin" in fields["steps"]["x"]
    assert "bin" in fields["weight"]["x"]
    assert fields["seen on"]["x"]["timeUnit"] == "yearmonthdate"
    assert fields["born"]["x"]["timeUnit"] == "year"
    assert drawn["twins"]["transform"][0]["calculate"] == 'datum["twins"] >= 0 ? "yes" : "no"'
    assert fields["größe.a[b]'\""]["x"]["field"] == "größe\\.a\\[b\\]\\'\\\""


def ids(report: Report, columns: dict[str, Any]) -> dict[str, str]:
    report.artifact("farm", {"samples": columns})
    document, _ = summarised(report, "```view summary id=all\n```")
    return {str(block.title): block.id for block in document.blocks}


def test_a_chart_keeps_its_id_whatever_columns_are_beside_it(report: Report) -> None:
    """A link names charts by their ids: they follow from the columns' names, not from their places."""
    odd = ["größe", "日本", "日本 語", "a b", "a-b", "'", '"', "label", "section"]
    columns = {name: [NAMES[index % 3] for index in range(ROWS)] for name in odd}
    before = ids(report, {"id": COLUMNS["id"], **columns})
    assert len({*before.values()}) == len(odd)
    assert all(id_.isascii() for id_ in before.values())
    assert before["label"] == "all-label"
    turned = {name: columns[name] for name in reversed(odd)}
    assert ids(report, {"id": COLUMNS["id"], "more": COLUMNS["label"], **turned}).items() >= before.items()
    assert ids(report, {"id": COLUMNS["id"], "a b": columns["a b"]}) == {"a b": before["a b"]}


def test_columns_without_a_chart_are_named_with_the_reason(written: Report) -> None:
    document, _ = summarised(written, "```view summary\n```")
    (said,) = re.findall(r"Without a chart: (.*?)\.</p>", document.html)
    assert said == (
        "id (names each row), note (1,200 different texts), farm (always one), empty (no values), "
        "where (shows or places a row), layer (many values a row)"
    )
    assert ROWS > MOST_TEXTS


def test_charts_are_called_after_their_columns(written: Report) -> None:
    document, _ = summarised(written, "```view summary id=all\n```")
    names = [block.id for block in document.blocks]
    assert names[:3] == ["all-label", "all-breed", "all-legs"]
    assert re.fullmatch("all-groe-a-b-[0-9a-f]{8}", names[-1])  # a name without plain letters
    assert len(names) == len(set(names))


def test_a_page_is_built_with_the_charts_in_its_grid(written: Report) -> None:
    block = "```view summary\ncolumns: [label, legs]\n```"
    written.write("content/index.md", f"---\ntable: farm/samples\n---\n# Farm\n\n{block}\n")
    grid = written.page().split('<div class="grid">')[1]
    assert re.findall(r'<figure[^>]* id="([^"]*)"', grid) == ["summary-1-label", "summary-1-legs"]


def test_an_author_chooses_columns_their_order_and_width(written: Report) -> None:
    body = "columns: [weight, label, steps]\nwithout: [steps]\nfilter: datum.legs > 1"
    document, problems = summarised(written, f"```view summary width=6\n{body}\n```")
    assert problems == []
    assert [(block.title, block.width, block.filter) for block in document.blocks] == [
        ("weight", 6, "datum.legs > 1"),
        ("label", 6, "datum.legs > 1"),
    ]


def test_two_summaries_and_other_views_keep_their_places(written: Report) -> None:
    blocks = ("summary\ncolumns: [label]", "table", "summary\ncolumns: [legs]")
    document, _ = summarised(written, "\n\n".join(f"```view {block}\n```" for block in blocks))
    names = [block.id for block in document.blocks]
    assert names == ["summary-1-label", "table-1", "summary-2-legs"]
    body = document.fill({name: f"<{name}>" for name in names})
    assert re.findall(r"<((?:summary|table)-[a-z0-9-]*)>", body) == names


@pytest.mark.parametrize(
    ("block", "table", "said"),
    [
        ("```view summary\n```", "", "index.md:3: the summary names no table"),
        ("```view summary table=farm/sample\n```", "", 'no artifact has a table "farm/sample"'),
        (
            "```view summary\ncolumns: [lable]\nwithout: [legz]\n```",
            "farm/samples",
            'content/index.md:4: column "lable" is not in table farm/samples\n  did you mean "label"?',
        ),
        ("```view summary\ncolums: [label]\n```", "farm/samples", 'a summary has no "colums"'),
        ("```view summary\ncolumns: label\n```", "farm/samples", '"columns" is no list of columns'),
        ("```view summary title=All\n```", "farm/samples", "a summary is many charts"),
    ],
)
def test_mistakes_are_named_with_their_line(written: Report, block: str, table: str, said: str) -> None:
    document, problems = summarised(written, block, table)
    assert document.blocks == ()
    assert said in problems[0]


def test_names_of_columns_never_become_markup(report: Report) -> None:
    report.artifact("farm", {"samples": {"id": [1, 2], "<script>alert(1)</script>": ["a", "a"]}})
    document, problems = summarised(report, "```view summary\n```")
    assert problems == []
    assert "<script>" not in document.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; (always a)" in document.html


def test_constants_are_said_as_they_are(report: Report) -> None:
    day = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    columns: dict[str, Any] = {
        "id": [1, 2],
        "day": {"type": "timestamp", "values": [day, day]},
        "hour": {"type": "timestamp", "values": [day.replace(hour=8)] * 2},
        "sure": [True, True],
        "some": ["a", None],
    }
    report.artifact("farm", {"samples": columns})
    document, _ = summarised(report, "```view summary\n```")
    (said,) = re.findall(r"Without a chart: (.*?)\.</p>", document.html)
    assert said == (
        "id (names each row), day (always 2020-01-01), hour (always 2020-01-01 08:00:00), "
        "sure (always true), some (always a where there is a value)"
    )


@pytest.mark.parametrize(
    ("times", "unit"),
    [
        (["2024-01-01", "2024-03-01"], "yearmonth"),
        (["2024-01-01 08:00", "2024-01-01 09:00"], "yearmonthdatehours"),
        (["2024-01-01", "2024-01-03"], "yearmonthdate"),
        ([f"{year}-06-01" for year in range(1990, 1999)], "year"),
    ],
)
def test_close_times_are_told_apart(report: Report, times: list[str], unit: str) -> None:
    values = [datetime.datetime.fromisoformat(time).replace(tzinfo=datetime.UTC) for time in times]
    columns = {"id": list(range(len(values))), "when": {"type": "timestamp", "values": values}}
    report.artifact("farm", {"samples": columns})
    document, _ = summarised(report, "```view summary\n```")
    assert charts(document)["when"]["encoding"]["x"]["timeUnit"] == unit


def test_an_author_calls_charts_as_they_like(written: Report) -> None:
    block = "```view summary\ncolumns: [label, legs]\ntitles: {label: 'Which <b>kinds</b>?'}\n```\n"
    document, problems = summarised(written, block)
    assert problems == []
    assert [chart.title for chart in document.blocks] == ["Which <b>kinds</b>?", "legs"]


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        ("{lable: Kinds}", 'did you mean "label"'),
        ("[label]", "names no title by column"),
        ("{label: 3}", "titles"),
    ],
)
def test_titles_of_no_column_are_named(written: Report, titles: str, said: str) -> None:
    _, (problem,) = summarised(written, f"```view summary\ntitles: {titles}\n```\n")
    assert said in problem


def test_a_statement_binds_no_more_columns_than_it_asks_of(
    written: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = Answers.ask

    def noted(answers: Answers, query: Query, tables: Iterable[CatalogTable], limit: int) -> Rows:
        assert not list(tables), "a view of the whole table would be bound"
        asked.append(query.sql)
        return ask(answers, query, tables, limit)

    monkeypatch.setattr(Answers, "ask", noted)
    monkeypatch.setattr(summaries, "AT_ONCE", 2)
    document, problems = summarised(written, "```view summary\n```")
    assert (problems, "weight" in charts(document)) == ([], True)
    assert [sql.count("count(DISTINCT") > 0 for sql in asked] == [True] * len(asked)
    assert len([sql for sql in asked if '"weight"' in sql]) == 1


@pytest.mark.parametrize(("cells", "source"), [(summaries.CELLS, "FROM held"), (0, "read_parquet")])
def test_columns_held_in_memory_and_read_from_the_file_tell_the_same(
    written: Report, monkeypatch: pytest.MonkeyPatch, cells: int, source: str
) -> None:
    expected = summarised(written, "```view summary\n```")
    asked: list[str] = []
    ask = Answers.ask

    def noted(answers: Answers, query: Query, tables: Iterable[CatalogTable], limit: int) -> Rows:
        asked.append(query.sql)
        return ask(answers, query, tables, limit)

    monkeypatch.setattr(Answers, "ask", noted)
    monkeypatch.setattr(summaries, "AT_ONCE", 2)
    monkeypatch.setattr(summaries, "MOST_HELD", 5)
    monkeypatch.setattr(summaries, "CELLS", cells)
    assert summarised(written, "```view summary\n```") == expected
    assert [source in sql for sql in asked] == [True] * len(asked)
    assert len(asked) > 5


def test_what_cannot_be_held_is_asked_of_itself(written: Report) -> None:
    folder = written.folder / "artifacts"
    answers = Answers(load_catalog(folder, Memo(), Problems()), folder)
    for select, source in (("SELECT 1 AS a", "held"), ("SELECT missing", "(SELECT missing)")) * 2:
        with answers.held(select, is_worth_it=True) as found:
            assert found == source
    answers.close()
