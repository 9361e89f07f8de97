"""Claims: what they come to, whether they hold, where they lead, and what of them leaves the report."""

from __future__ import annotations

import json
import re
from html import unescape

import duckdb
import pyarrow as pa
import pytest

from sitegen.build import build
from sitegen.claims import sentence_of
from sitegen.config import load_config
from sitegen.errors import SitegenError
from sitegen.native import Native
from sitegen.numbers import read_expectation
from sitegen.output import Memory
from sitegen.values import inlined
from tests.generator.reports import Report
from tests.generator.test_navigation import DEFAULT
from tests.generator.test_published_site import settle

SAMPLES = {
    "id": [1, 2, 3, 4],
    "label": ["a", "b", "b", "it's"],
    "correct": [True, True, True, False],
    "split": ["test", "test", "train", "train"],
}
SHARE = "select avg(correct::int) from \"digits/samples\" where split = 'test'"
BLOCK = f"```claim id=share\nOf four, {{sql .1% expect=1}}`{SHARE}` are *right*.\n```\n"
VIEW = "```view count id=labels title=Labels\ntable: digits/samples\ncolumn: label\n```\n"


@pytest.fixture
def written(report: Report) -> Report:
    report.artifact("digits", {"samples": SAMPLES, "further": {"id": [1], "size": [2.5]}})
    report.write("content/index.md", f"# Front\n\n{VIEW}\n{BLOCK}")
    return report


def payload(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="sitegen-page">(.*?)</script>', page, re.DOTALL)
    assert found
    return dict(json.loads(found.group(1)))


def test_a_claim_that_holds_is_marked_and_tells_value_query_rows_and_data(written: Report) -> None:
    page = written.page()
    assert (
        '<p class="claim claim-block" id="share">Of four, <data class="number" value="1.0">100.0%</data>'
        in page
    )
    assert 'data-claim="share" data-state="holds" popovertarget="share-told"' in page
    told = page[page.index('id="share-told" popover') :]
    assert '<p class="claim-said">Of four, 100.0% are right.</p>' in told
    assert "<dt>Expected</dt><dd>1</dd>" in told
    assert "<dt>Rows</dt><dd>2</dd>" in told
    assert unescape(told).count(SHARE) == 1
    assert "digits/samples, fixture 0 <code>" in told
    written.build(strict=True)


def test_a_claim_that_does_not_hold_is_said_on_the_page_and_stops_a_strict_build(written: Report) -> None:
    line = f"# Front\n\nOnly {{claim .0% expect=0.2±0.05 id=few}}`{SHARE}` are right. More follows.\n"
    written.write("content/index.md", line)
    page = written.page()
    assert 'data-state="fails"' in page
    assert '<span class="claim-state">Does not hold</span>' in page
    assert '<p class="claim-said">Only 100% are right.</p>' in page
    with pytest.raises(SitegenError) as raised:
        written.build(strict=True)
    assert str(raised.value) == (
        'content/index.md:3: the claim "few" does not hold: the number is 1.0, expected 0.2±0.05\n'
        "  the data changed: correct the text, or what it expects"
    )


def test_the_command_lists_claims_and_its_exit_code_says_whether_they_hold(
    written: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    assert written.command("claims") == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "holds  content/index.md:8  share",
        "       Of four, 100.0% are right.",
    ]
    written.write("content/second.md", f"# Two\n\n{{claim expect=0}}`{SHARE}`\n")
    assert written.command("claims", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(claim["page"], claim["id"], claim["holds"]) for claim in found] == [
        ("index.md", "share", True),
        ("second.md", "claim-1", False),
    ]
    assert found[0]["numbers"][0] | {"sql": ""} == {
        "sql": "",
        "value": 1.0,
        "text": "100.0%",
        "expected": "1",
        "rows": 2,
        "holds": True,
        "tables": ["digits/samples"],
    }
    assert written.command("explain", "second.md") == 0
    assert "claim-1  does not hold  content/second.md:3" in capsys.readouterr().out


def test_what_a_page_asks_again_answers_as_the_build_did(written: Report) -> None:
    """The statement is put together as the page's script does it, over the page's own relation."""
    other = VIEW.replace("samples", "further").replace("labels", "sizes").replace(": label", ": size")
    written.write("content/index.md", f"# Front\n\n{VIEW}\n{other}\n{BLOCK}")
    claims = payload(written.page())
    relation = claims["relations"][0]  # type: ignore[index]
    asked = claims["claims"]
    table = asked["tables"]["digits/samples"]  # type: ignore[index]
    (number,) = asked["claims"][0]["numbers"]  # type: ignore[index]
    database = duckdb.connect()
    folder = written.folder / "artifacts/digits"
    create = str(relation["sql"])
    for name in ("samples", "further"):
        create = create.replace(f"{{digits/{name}}}", f"'{folder}/{name}.parquet'")
    database.execute(f'CREATE TABLE "{relation["name"]}" AS {create}')
    statement = f'WITH "digits/samples" AS ({table["select"]} AND (id < 4)) {number["sql"]}'
    assert database.execute(statement).fetchone() == (1.0,)
    assert number["expect"] == {"low": 1.0, "high": 1.0, "text": "1"}


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        ("to_timestamp(0.5); -- epoch", "1970-01-01 00:00:00.5 UTC", "1970-01-01 00:00:00.5"),
        ("timestamp '2020-01-01 10:00:00.25'", "2020-01-01 10:00:00.25 UTC", "2020-01-01 10:00:00.25"),
        ("[to_timestamp(60)]", "1970-01-01 00:01:00 UTC", "['1970-01-01 00:01:00']"),
        ("time '10:00:00.5'", "10:00:00.5", "10:00:00.5"),
        ("interval 90 minute", "1:30:00", "01:30:00"),
        ("[1, 2]", "1, 2", "[1, 2]"),
        ("'ab'::blob", "2 bytes", "ab"),
        ("true", "true", "true"),
        ("'nan'::double", "\N{EN DASH}", "nan"),
        ("null", "\N{EN DASH}", None),
        ("'text '", "text ", "text "),
        ("3", "3", 3.0),
    ],
)
def test_a_page_asks_for_what_the_build_has_whatever_its_type(
    written: Report, asked: str, text: str, value: object
) -> None:
    one = f"```claim id=one\nIt is {{sql}}`select {asked}`, of {{sql expect=1}}`select 1`.\n```\n"
    written.write("content/index.md", f"# Front\n\n{one}")
    claims = payload(written.page())["claims"]
    number = claims["claims"][0]["numbers"][0]  # type: ignore[index]
    assert (number["text"], number["value"]) == (text, value)
    assert number["unit"] == ("UTC" if text.endswith(" UTC") else "")
    kind = "DOUBLE" if isinstance(value, float) else "VARCHAR"
    statement = f'SELECT CAST("value" AS {kind}) FROM (\n{number["sql"]}\n) AS "claimed"("value")'
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    assert database.execute(statement).fetchall() == [(value,)]


def test_the_engine_of_this_machine_answers_claims_too(written: Report) -> None:
    written.write("content/shown.md", f"# Shown\n\n{VIEW}")
    written.write("content/index.md", f"# Front\n\n{BLOCK}")
    site = Memory()
    summary = build(load_config(written.settings), site)
    asked = payload((site.read("index.html") or b"").decode())["claims"]
    (number,) = asked["claims"][0]["numbers"]  # type: ignore[index]
    table = asked["tables"]["digits/samples"]  # type: ignore[index]
    native = Native()
    native.renew(summary.relations)
    try:
        said = native.ask("index.html", "a", f'WITH "digits/samples" AS ({table["select"]}) {number["sql"]}')
    finally:
        native.close()
    assert pa.ipc.open_stream(said).read_all().column(0).to_pylist() == [1.0]


def test_no_table_leaves_the_report_for_a_claim(written: Report) -> None:
    written.write("content/index.md", f"# Front\n\n{BLOCK}")
    site = written.build()
    assert not [url for url in site.files if url.endswith(".parquet")]
    claims = payload((site.read("index.html") or b"").decode())["claims"]
    assert claims["claims"][0]["numbers"][0]["sql"] is None  # type: ignore[index]
    written.write("content/shown.md", f"# Shown\n\n{VIEW}")
    page = payload(written.page())
    assert page["relations"] == []
    (further,) = page["claims"]["relations"]  # type: ignore[index]
    assert further["name"] == "claim:digits/samples"


def test_a_claim_leads_to_the_view_with_the_rows_that_it_is_about(report: Report) -> None:
    report.write("sitegen.toml", f'[site]\ntitle = "A report"\ntheme = "{DEFAULT}"\n')
    report.artifact("digits", {"samples": SAMPLES})
    report.write("content/see/shown.md", "# Shown\n\n```view toolbar id=bar\ntable: digits/samples\n```\n")
    where = "datum.split == 'test'"
    named = (
        f'# F\n\n{{claim expect=1 view=see/shown.md#bar where="{where}"}}`{SHARE}`\n\n[shown](see/shown.md)\n'
    )
    report.write("content/index.md", named)
    (href,) = re.findall(r'<p class="claim-shown">Show it: <a href="([^"]*)">', report.page())
    assert unescape(href).startswith("see/shown.html#bar~filter=")
    assert "'test'" in unescape(href)
    report.write("content/index.md", named.replace("datum.split", "datum.spilt"))
    with pytest.raises(SitegenError, match=r'content/index.md:3: column "spilt" is not in table'):
        report.build()
    report.write("content/index.md", named.replace("#bar where", "#baar where"))
    with pytest.raises(SitegenError, match=r'"see/shown\.md#baar" names no place of see/shown\.md'):
        report.build()
    selecting = named.replace(f'where="{where}"', r'select="{\"nonsense\": 1}"')
    report.write("content/index.md", selecting)
    with pytest.raises(SitegenError, match='select does not fit the view "bar"'):
        report.build()


def test_models_and_searches_read_claims_and_not_what_is_told_of_them(written: Report) -> None:
    written.write("content/index.md", f"# Front\n\n{BLOCK}")
    settle(written, "https://a.example/")
    site = written.build()
    listed = (site.read("llms.txt") or b"").decode()
    line = "- [Of four, 100.0% are right.](https://a.example/index.html#share): holds against the data\n"
    assert line in listed or line.replace("index.html", "") in listed
    index = (site.read("search-index.js") or b"").decode()
    assert "verified" not in index


def test_the_day_of_a_build_is_said_where_it_is_set(written: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "<dt>Built</dt>" not in written.page()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795651200")
    assert "<dt>Built</dt><dd>2026-11-26</dd>" in written.page()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(SitegenError, match='SOURCE_DATE_EPOCH: "yesterday" is no number of seconds'):
        written.build()


@pytest.mark.parametrize(
    ("expected", "inside", "outside"),
    [("0.94±0.01", 0.949, 0.951), ("100+-5", 95, 94.9), ("200±1%", 202, 202.1), ("-4±.5", -4.5, -4.6)],
)
def test_a_value_may_be_expected_with_a_tolerance(expected: str, inside: float, outside: float) -> None:
    found = read_expectation(expected, "x")
    assert found.holds(inside)
    assert not found.holds(outside)


def test_rows_are_counted_where_a_query_tells_of_one_table(written: Report) -> None:
    asked = {
        SHARE: "2",
        'select max(id) from "digits/samples"': "4",
        'select count(distinct label) from "digits/samples" where correct': "",
        "select count(*) from (select distinct label from \"digits/samples\") where label > ''": "",
        'select n from (select label, count(*) as n from "digits/samples" group by label) where n > 1': "",
    }
    lines = "\n\n".join(f"{{claim expect=-1..9}}`{sql}`" for sql in asked)
    written.write("content/index.md", f"# Front\n\n{lines}\n")
    told = written.page().split('<li class="claim-told"')[1:]
    rows = [found.group(1) if (found := re.search(r"<dt>Rows</dt><dd>(\d+)<", one)) else "" for one in told]
    # Where a count is its own number of rows it is not said twice.
    assert rows == ["2", "", "3", "", ""]


def test_a_value_becomes_a_literal_and_texts_stay_as_they_are() -> None:
    sql = "select '$value_0', \"$value_0\", $value_0, $value_1 -- $value_0\n, $x$ $value_0 $x$"
    said = inlined(sql, {"value_0": "it's", "value_1": True})
    assert said == "select '$value_0', \"$value_0\", 'it''s', true -- $value_0\n, $x$ $value_0 $x$"


def test_a_claim_is_the_sentence_around_its_number() -> None:
    assert (
        sentence_of("One. Of 3.5 it is \0q1\0, e.g. so. Three.", "\0q1\0") == "Of 3.5 it is \0q1\0, e.g. so."
    )
