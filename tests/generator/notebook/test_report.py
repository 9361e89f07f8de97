"""Reports in notebooks, without a browser: tables taken in, traits, messages, the picture, the site."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from nbclient import NotebookClient
from PIL import Image

from pipelines.inspection import inspect
from sitegen.errors import SitegenError
from sitegen.notebook import Report
from tests.browser.driver import ROOT
from tests.generator.notebook.pages import ROWS, Page, figure, frame

EXAMPLE = ROOT / "content" / "guides" / "digits.ipynb"

Taken = dict[str, Any]


# Tables -------------------------------------------------------------------------------------------


def _parquet(folder: Path) -> Path:
    frame().to_parquet(folder / "rows.parquet")
    return folder / "rows.parquet"


def _csv(folder: Path) -> str:
    frame().to_csv(folder / "rows.csv", index=False)
    return str(folder / "rows.csv")


TABLES: dict[str, Callable[[Path], Any]] = {
    "pandas": lambda _: frame(),
    "polars": lambda _: pl.from_pandas(frame()),
    "arrow": lambda _: pa.Table.from_pandas(frame()),
    "parquet": _parquet,
    "csv": _csv,
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_of_any_kind_is_the_same_report(
    kind: str, made: Callable[..., Report], tmp_path: Path
) -> None:
    report = made(TABLES[kind](tmp_path))
    report.view("table")
    found = Page(report).query('SELECT label, prediction, amount FROM "data" ORDER BY id')
    pd.testing.assert_frame_equal(found, frame(), check_dtype=False)


def test_roles_are_guessed_as_inspect_does_and_may_be_given(
    made: Callable[..., Report], tmp_path: Path
) -> None:
    def roles(report: Report) -> dict[str, str]:
        report.view("table")
        columns = report._channel.widget.payload["tables"]["data/samples"]["columns"]
        return {column["role"]: column["name"] for column in columns if column["role"]}

    seen = {each.role: each.name for each in inspect(str(_parquet(tmp_path)), tmp_path).columns if each.role}
    assert roles(made(frame())) == seen
    assert roles(made(frame(), roles={"score": "amount"})) == {**seen, "score": "amount"}


def _png(value: int) -> bytes:
    written = io.BytesIO()
    Image.new("L", (6, 6), value).save(written, "PNG")
    return written.getvalue()


def test_images_come_from_files_and_are_cut_out_for_the_picture(
    made: Callable[..., Report], tmp_path: Path
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(_png(40 * number))
    table = pd.DataFrame({"file": [f"{number}.png" for number in range(3)], "label": ["a", "b", "a"]})
    report = made(table, files_path=tmp_path)
    view = report.view("samples")
    assert view.markup.count('href="data:image/webp;base64,') == 3
    (sheet,) = report._channel.widget.payload["tables"]["data/samples"]["media"]
    _, (bytes_,) = Page(report).ask("sheet", name=sheet["url"])
    assert Image.open(io.BytesIO(bytes_)).size == (sheet["width"], sheet["height"])


def test_files_that_are_missing_are_named(tmp_path: Path) -> None:
    table = pd.DataFrame({"path": ["a.png", "b.png"], "label": ["a", "b"]})
    with pytest.raises(SitegenError, match='2 files that column "path" names are not there'):
        Report(table, files_path=tmp_path)
    with pytest.raises(SitegenError, match="no column names each row's file"):
        Report(frame()[["amount"]], files_path=tmp_path)


def test_artifacts_of_a_report_are_shown_beside_the_table(made: Callable[..., Report]) -> None:
    report = made(frame(), artifacts=ROOT)
    report.view("table")
    before = report._channel.widget.payload
    report.view("table", table="cars/samples", title="Cars")
    after = report._channel.widget.payload
    assert list(before["tables"]) == ["data/samples"]
    assert list(after["tables"]) == ["data/samples", "cars/samples"]
    assert after["generation"] == before["generation"] + 1
    assert len(Page(report).query("SELECT * FROM cars")) == 406


MISTAKES: list[tuple[Taken, str, str]] = [
    ({"roles": {"label": "labl"}}, 'role label names column "labl"', 'did you mean "label"'),
    ({"roles": {"labl": "label"}}, "roles.labl is no role", 'did you mean "label"'),
    ({"rols": {}}, "rols is not known", 'did you mean "roles"'),
    ({"artifacts": "/nowhere"}, "there are none in /nowhere", "sitegen run"),
    ({"artifacts": 3}, "artifacts: 3 is no path of a folder", 'artifacts="…"'),
    ({"files_path": 3}, "files_path: 3 is no path of a folder", 'files_path="…"'),
    ({"files_path": "/nowhere"}, "there is no folder /nowhere", ""),
    ({"title": None}, "title is None, not text", 'title="…"'),
    ({"title": "\ud800"}, "the title is no text of a file", ""),
    ({"language": "dee"}, 'the interface has no words in "dee"', 'did you mean "de"'),
    ({"language": 3}, "language is 3, not text", 'language="de"'),
    ({"roles": "label"}, "roles are 'label', no mapping", 'roles={"label": "COLUMN"}'),
    ({"classes": {"a"}}, "a setting is no plain value", "lists and mappings"),
    ({"classes": [float("nan")]}, "a setting is no plain value", "lists and mappings"),
]


@pytest.mark.parametrize(("settings", "what", "hint"), MISTAKES)
def test_what_is_wrong_with_a_report_is_said(settings: Taken, what: str, hint: str) -> None:
    with pytest.raises(SitegenError) as raised:
        Report(frame(), **settings)
    assert what in str(raised.value)
    assert hint in str(raised.value)


def test_columns_may_be_called_as_those_of_images_where_there_are_none(made: Callable[..., Report]) -> None:
    table = pd.DataFrame({"x": [0.5, None, 2.5], "y": [1, 2**40, 3], "sheet": ["a", "b", "c"]})
    report = made(table, classes=None)
    report.view("scatter", x="x", y="y")
    found = Page(report).query('SELECT x, y, sheet FROM "data" ORDER BY id')
    pd.testing.assert_frame_equal(found, table, check_dtype=False)


TABLES_OF_NO_USE: list[tuple[Any, str]] = [
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), "give each column a name of its own"),
    (pd.DataFrame({"a": [1, "b"]}), "values of one type"),
    (pd.DataFrame({"a": pd.cut([1, 2, 3], 2)}), "a column cannot be kept"),
    (pd.DataFrame({"a": []}), "holds no rows"),
    ("nowhere.parquet", 'Report: source "nowhere.parquet" is not there'),
]


@pytest.mark.parametrize(("table", "what"), TABLES_OF_NO_USE)
def test_what_is_wrong_with_a_table_is_said(table: Any, what: str) -> None:
    with pytest.raises(SitegenError, match=re.escape(what)):
        Report(table)


def test_an_id_that_repeats_is_an_error_where_it_was_named_and_a_warning_where_it_was_guessed() -> None:
    table = pd.DataFrame({"id": [1, 1], "label": ["a", "b"]})
    why = re.escape('1 value is in several rows ("1" in 2)')
    with pytest.raises(SitegenError, match=f'id column "id" does not tell rows apart: {why}'):
        Report(table, roles={"id": "id"})
    with pytest.warns(UserWarning, match=f'column "id" is not taken as the id: {why}') as told:
        Report(table).close()
    assert Path(told[0].filename) == Path(__file__)


def test_an_index_that_says_something_is_columns(made: Callable[..., Report]) -> None:
    index = pd.MultiIndex.from_tuples([("u", 1), ("v", 2)], names=["name", "run"])
    report = made(pd.DataFrame({"label": ["a", "b"]}, index=index))
    report.view("table")
    assert Page(report).query('SELECT name, run FROM "data" ORDER BY id').values.tolist() == [
        ["u", 1],
        ["v", 2],
    ]


def test_something_that_is_no_table_is_refused() -> None:
    with pytest.raises(SitegenError, match="which is no table"):
        Report(3)
    with pytest.raises(SitegenError, match="there is no table"):
        Report()


# Views --------------------------------------------------------------------------------------------


def test_the_same_call_is_the_same_view(report: Report) -> None:
    report.view("table", title="Rows")
    report.view("table", title="Rows")
    report.view("table", title="Others")
    assert [each["title"] for each in report._channel.widget.payload["views"]] == ["Rows", "Others"]


def test_a_summary_is_one_output_of_many_charts(report: Report) -> None:
    markup = report.view("summary").markup
    views = [each["view"] for each in report._channel.widget.payload["views"]]
    assert markup.count("<figure") == len(views)
    assert views == ["vega-lite"] * 3 + ["summary"]


def test_text_is_a_view_too(report: Report) -> None:
    markup = report.view("markdown", text='All **rows**: {sql}`select count(*) from "data/samples"`.').markup
    assert "All <strong>rows</strong>: 120." in markup
    with pytest.raises(SitegenError, match="a text takes its text only"):
        report.view("markdown", txt="All")


def test_a_chart_draws_the_reports_table_unless_it_names_another(report: Report) -> None:
    bars = {"mark": "bar", "encoding": {"x": {"field": "label"}, "y": {"aggregate": "count"}}}
    assert 'data-total="120"' in report.view("vega-lite", spec=bars).markup
    own = {**bars, "data": {"values": [{"label": "a"}]}}
    assert 'data-total="1"' in report.view("vega-lite", spec=own).markup


def test_an_altair_chart_is_taken(report: Report) -> None:
    altair = pytest.importorskip("altair")
    chart = altair.Chart(frame()).mark_bar().encode(x="label", y="count()")
    assert 'data-total="120"' in report.view("vega-lite", spec=chart).markup


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda r: r.view("confusion-matrx"), 'did you mean "confusion-matrix"'),
        (lambda r: r.view("confusion-matrix", labl="label"), 'did you mean "label"'),
        (lambda r: r.view("table", table="data/sample"), 'did you mean "data/samples"'),
        (lambda r: r.view("table", width=13), "is not a whole number from 1 to 12"),
        (lambda r: r.view("table", columns={1, 2}), "an option is no plain value"),
        (lambda r: r.view("table", filter="datum.labl == 1"), 'did you mean "label"'),
        (lambda r: r.view("vega-lite", sepc={}), 'a chart takes no "sepc"'),
        (lambda r: r.show(), "has no view yet"),
    ],
)
def test_what_is_wrong_with_a_view_is_said_and_leaves_the_others(
    report: Report, ask: Callable[[Report], Any], what: str
) -> None:
    with pytest.raises(SitegenError, match=re.escape(what)):
        ask(report)
    assert "<figure" in report.view("toolbar").markup


# Filter and selection -----------------------------------------------------------------------------


def test_traits_and_the_pages_state_follow_each_other_without_an_echo(report: Report) -> None:
    report.view("samples")
    told: list[tuple[str, Any]] = []
    written: list[Any] = []
    report.observe(
        lambda change: told.append((change["name"], change["new"])), ["filter", "group", "selected"]
    )
    report._channel.widget.observe(lambda change: written.append(change["new"]), "state")
    samples = figure(report, "samples")

    report.filter = "datum.label == 'cat'"
    report.selected = np.array([3, 5])
    report.group = "label"
    assert report.state == {
        "filter": "datum.label == 'cat'",
        "group": "label",
        "views": {samples: {"ids": [3, 5]}},
    }
    report._channel.widget.state = {"filter": "", "views": {samples: {"ids": [8], "at": 2}}}
    assert (report.filter, report.group, report.selected) == ("", "", [8])
    report.selected = []
    assert report.state == {"filter": "", "views": {samples: {"at": 2}}}
    report.selected = []
    assert len(written) == 5
    names = ["filter", "selected", "group", "filter", "group", "selected", "selected"]
    assert sorted(name for name, _ in told) == sorted(names)


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("filter", "datum.labl == 1", 'did you mean "label"'),
        ("filter", "alert(1)", "alert"),
        ("group", "labl", 'did you mean "label"'),
        ("selected", [1], "no view of the report selects rows"),
    ],
)
def test_a_mistake_in_a_trait_is_said_and_changes_nothing(
    report: Report, name: str, value: Any, what: str
) -> None:
    report.view("confusion-matrix")
    with pytest.raises(SitegenError, match=re.escape(what)):
        setattr(report, name, value)
    assert (report.filter, report.group, report.selected) == ("", "", [])
    assert report.state == {"filter": "", "views": {}}


# Messages -----------------------------------------------------------------------------------------


def test_queries_are_answered_as_pandas_counts(report: Report) -> None:
    report.view("table")
    found = Page(report).query('SELECT label, count(*)::INT AS n FROM "data" GROUP BY label ORDER BY label')
    assert dict(zip(found["label"], found["n"], strict=True)) == dict(frame().groupby("label").size())


@pytest.mark.parametrize(
    "sql",
    [
        "COPY \"data\" TO '/tmp/out.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SET threads = 1",
        "SELECT 1; SELECT 2",
        "ATTACH 'x.duckdb'",
        "SELECT getenv('HOME')",
    ],
)
def test_other_statements_are_refused_with_a_reason(report: Report, sql: str) -> None:
    report.view("table")
    content, buffers = Page(report).ask("query", sql=sql, generation=1)
    assert re.search("not one SELECT|cannot be asked|otherwise in another build", content["problem"])
    assert buffers == []


@pytest.mark.parametrize(
    "question",
    [
        {"kind": "exec"},
        {"kind": "query"},
        {"kind": "query", "sql": "SELECT 1", "generation": 99},
        {"kind": "sheet", "name": "../../etc/passwd"},
        {"kind": "figure", "id": "other"},
    ],
)
def test_questions_that_make_no_sense_are_answered(report: Report, question: Taken) -> None:
    report.view("table")
    content, buffers = Page(report).ask(**question)
    assert content["problem"]
    assert buffers == []


def test_pages_get_the_script_the_styles_and_figures(report: Report) -> None:
    markup = report.view("table").markup
    page = Page(report)
    _, (script, styles) = page.ask("bundle")
    assert b"export" in script
    assert b".sitegen-notebook" in styles
    _, (found,) = page.ask("figure", id=figure(report, "table"))
    assert found.decode() == markup


# Languages ----------------------------------------------------------------------------------------


def _german(folder: Path) -> Path:
    """A German report with artifacts, though its settings ask for a run that nobody needs."""
    (folder / "kept").mkdir()
    (folder / "kept/cars").symlink_to(ROOT / "artifacts/cars")
    settings = '[site]\ntitle = "Wagen"\nlanguage = "de"\n[build]\nartifacts = "kept"\n'
    (folder / "sitegen.toml").write_text(settings, encoding="utf-8")
    return folder / "kept"


def test_a_report_speaks_the_language_it_is_given(made: Callable[..., Report], tmp_path: Path) -> None:
    report = made(frame(), language="de-AT")
    view = report.view("confusion-matrix")
    assert "Wie gelabelt vorhergesagt: 8" in view.markup
    assert "Predicted" not in view.markup
    assert view.still().startswith('<div class="sitegen-still" lang="de-AT">')
    _, (script, _) = Page(report).ask("bundle")
    assert script.startswith(b'globalThis.sitegenWords={"language": "de-AT", "texts": {')
    assert "Auswahl fasst höchstens".encode() in script
    home = (report.export(tmp_path / "out") / "index.html").read_text("utf-8")
    assert '<html lang="de-AT"' in home


def test_a_report_speaks_as_the_one_whose_artifacts_it_shows(
    made: Callable[..., Report], tmp_path: Path
) -> None:
    kept = _german(tmp_path)
    assert "Vorhergesagt" in made(frame(), artifacts=kept).view("confusion-matrix").markup
    assert "Vorhergesagt" not in made(frame(), artifacts=kept, language="en").view("confusion-matrix").markup
    assert "Vorhergesagt" not in made(frame(), artifacts=ROOT).view("confusion-matrix").markup


def test_reports_in_two_languages_have_a_script_each(made: Callable[..., Report]) -> None:
    english, german, second = (made(frame(), language=name)._channel.widget for name in ("en", "de", "de"))
    assert english.bundle != german.bundle == second.bundle


# The picture and the site -------------------------------------------------------------------------


def test_the_picture_holds_no_script_and_no_address(report: Report) -> None:
    for view in ("confusion-matrix", "samples", "table", "toolbar"):
        report.view(view)
    picture = report.show().still()
    assert "<script" not in picture
    assert (
        re.findall(
            r"""(?:https?:)?//[\w.]+|url\((?!#|"?data:)|@import""", picture.replace("http://www.w3.org", "")
        )
        == []
    )
    assert "<b>" not in re.sub(r'class="view-count"><b>|<b>[\d,]+</b>', "", picture)
    assert "&lt;b&gt;" in picture


def test_the_pictures_styles_are_below_its_root(report: Report) -> None:
    picture = report.view("table").still()
    styles = "".join(re.findall(r"<style>(.*?)</style>", picture))
    heads = re.findall(r"(?:^|[{}])([^{}@]+)\{", styles)
    assert len(heads) > 50
    own = (".sitegen-still", "[data-jp", "html", ":is(.vs", "0%", "to")
    outside = [head for head in heads if not head.strip().startswith(own)]
    assert outside == [
        ".jp-OutputArea-child:has(.sitegen-still)+.jp-OutputArea-child:not(:has(.sitegen-notebook))"
    ]


def test_the_site_holds_the_same_views_and_tables(report: Report, tmp_path: Path) -> None:
    report.view("confusion-matrix", width=6)
    report.view("table", width=6, title='Rows "all"')
    with pytest.raises(SitegenError):
        report.view("tabel")
    folder = report.export(tmp_path / "site")
    page = (folder / "index.html").read_text("utf-8")
    assert re.findall(r'data-view="([\w-]+)" id="[\w-]+"', page) == ["confusion-matrix", "table"]
    assert "Rows &quot;all&quot;" in page
    (data,) = (folder / "data").rglob("*.parquet")
    assert len(pd.read_parquet(data)) == ROWS
    report.export(folder)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("…")
    with pytest.raises(SitegenError, match=r'did not write\n.*report\.export\("FOLDER"\)'):
        report.export(tmp_path / "mine")


@pytest.mark.slow
def test_the_example_runs_and_keeps_its_pictures(tmp_path: Path) -> None:
    notebook = nbformat.read(EXAMPLE, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output for output in outputs if "text/html" in output.get("data", {})]
    assert len(pictures) == 4
    assert (tmp_path / "digits-site" / "index.html").is_file()
