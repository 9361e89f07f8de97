"""Numbers and tables in text: what they come to, what is expected of them, and when they are asked again."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
import pytest

from pipelines.contract import Column, Manifest, Table
from sitegen.answers import Answers, Rows, Statement
from sitegen.build import build
from sitegen.catalog import CatalogTable, load_catalog
from sitegen.config import load_config
from sitegen.errors import Problems, SitegenError
from sitegen.languages import Words
from sitegen.memo import Memo
from sitegen.numbers import MINUS, format_value, read_expectation
from sitegen.output import Memory
from sitegen.queries import Query, TableOptions
from sitegen.rows import say_table
from sitegen.sources import read_sources
from tests.generator.reports import Report

SEED = 7
ROWS = 500


def table() -> pd.DataFrame:
    """Five hundred samples, drawn with a fixed seed."""
    chance = np.random.default_rng(SEED)
    frame = pd.DataFrame({"id": range(ROWS), "weight": chance.normal(size=ROWS)})
    frame["label"] = chance.choice(["cat", "dog", "Ärger's"], ROWS)
    frame["correct"] = chance.random(ROWS) < 0.9
    return frame


@pytest.fixture
def written(report: Report) -> Report:
    columns = {str(name): column.to_list() for name, column in table().items()}
    report.artifact("digits", {"samples": columns})
    return report


def numbers(page: str) -> list[float]:
    return [float(found) for found in re.findall(r'<data class="number" value="([^"]*)">', page)]


def test_numbers_are_those_of_pandas(written: Report) -> None:
    asked = [
        "avg(weight)",
        "stddev_samp(weight)",
        "median(weight)",
        "count(*) filter (not correct)",
        "max(weight)",
    ]
    lines = [f'{{sql}}`select {one} from "digits/samples"`' for one in asked]
    written.write("content/index.md", "# Front\n\n" + "\n".join(lines))
    frame = table()
    weight = frame["weight"]
    expected = [weight.mean(), weight.std(), weight.median(), int((~frame["correct"]).sum()), weight.max()]
    assert numbers(written.page()) == pytest.approx(expected, rel=1e-12)


def test_a_table_has_the_rows_of_pandas(written: Report) -> None:
    selected = "label, count(*) as n, avg(correct::int) as share"
    sql = f'select {selected} from "digits/samples" group by label order by label'
    written.write("content/index.md", f'# Front\n\n```sql format="share=.4f"\n{sql}\n```\n')
    page = written.page()
    grouped = table().groupby("label")["correct"].agg(["size", "mean"]).sort_index()
    for label, row in grouped.iterrows():
        cells = [str(label).replace("'", "&#x27;"), f"{int(row['size'])}", f"{row['mean']:.4f}"]
        first, *others = cells
        assert f"<tr><td>{first}</td>" + "".join(f'<td class="number">{cell}</td>' for cell in others) in page


@pytest.mark.parametrize("kind", ["sql", "claim expect=0..1"])
def test_a_number_in_the_text_is_never_the_first_of_several_rows(written: Report, kind: str) -> None:
    written.write("content/index.md", f'# Front\n\n{{{kind}}}`select weight from "digits/samples"`\n')
    with pytest.raises(SitegenError) as raised:
        written.build()
    assert str(raised.value) == (
        "content/index.md:3: the query answers 500 rows of 1 column; "
        "a number in the text is one row of one column\n"
        "  select one value, or write a fence sql for a table"
    )


def test_an_unmet_expectation_is_a_warning_and_stops_a_strict_build(written: Report) -> None:
    written.write("content/index.md", '# Front\n\n{sql expect=0..1}`select count(*) from "digits/samples"`\n')
    summary = build(load_config(written.settings), Memory())
    (warning,) = summary.warnings
    assert (warning.where, warning.what) == ("content/index.md:3", "the number is 500, expected 0..1")
    with pytest.raises(SitegenError, match="expected 0\\.\\.1"):
        written.build(strict=True)


@pytest.mark.parametrize(
    ("expected", "value", "holds"),
    [
        ("0.93..0.97", 0.95, True),
        ("0.93..0.97", 0.93, True),
        ("0.93..0.97", 0.9299, False),
        ("..5", -1e9, True),
        ("3..", 2, False),
        ("1797", 1797, True),
        ("0.1", 0.1 + 1e-17, True),
        ("1797", None, False),
        ("..5", math.nan, False),
        ("cat", "cat", True),
        ("cat", "dog", False),
        ("-5..-1", -3, True),
        ("1e3..2e3", 1500, True),
        ("true", True, True),
    ],
)
def test_an_expectation_is_a_range_or_a_value(expected: str, value: object, holds: bool) -> None:
    assert read_expectation(expected, "page.md:1").holds(value) is holds


@pytest.mark.parametrize("expected", ["3±", "3+-", "1e3+/-", "1797±%"])
def test_an_expectation_that_says_no_width_is_refused(expected: str) -> None:
    with pytest.raises(SitegenError) as raised:
        read_expectation(expected, "page.md:1")
    assert str(raised.value) == (
        f'page.md:1: "{expected}" does not say how far off the number may be\n'
        "  write it after the sign: 0.94±0.01, or 1797±2%"
    )


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1797, "", "1,797"),
        (0.93768, ".1%", "93.8%"),
        (-0.5, "+.2f", "\N{MINUS SIGN}0.50"),
        (0.5, "+.2f", "+0.50"),
        (12345.678, "", "12,346"),
        (0.0123456, "", "0.01235"),
        (None, ".1%", "\N{EN DASH}"),
        (math.inf, ",", "\N{EN DASH}"),
        (True, "", "true"),
        (2.0, "", "2"),
        (2.5, "d", "3"),
        (9007199254740993, "", "9,007,199,254,740,993"),
        (-(10**20) - 1, "", "\N{MINUS SIGN}100,000,000,000,000,000,001"),
        (1e15, "", "1e+15"),
        (0.5, ".99f", "0.5" + 98 * "0"),
        (1e308, ".99%", f"{int(1e308)}00.{99 * '0'}%"),
        (1e308, ".99f", f"{int(1e308)}.{99 * '0'}"),
        ("text", "", "text"),
    ],
)
def test_a_value_is_said_for_people(value: object, form: str, text: str) -> None:
    assert format_value(value, form) == text


@pytest.fixture
def answers(written: Report) -> Iterator[Callable[..., Answers]]:
    """A function that opens the report's tables."""
    config = load_config(written.settings)
    opened: list[Answers] = []

    def open_(**settings: float) -> Answers:
        opened.append(
            Answers(load_catalog(config.artifacts, Memo(), Problems()), config.artifacts, **settings)
        )
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


def test_a_query_without_end_is_stopped(answers: Callable[..., Answers]) -> None:
    asked = answers(seconds=0.3)
    query = Query(
        "x", "page.md", 3, "select sum(a.range * b.range) from range(10000000) a, range(10000000) b", {}
    )
    with pytest.raises(SitegenError, match=r"^page\.md:3: the query takes longer than 0\.3 s"):
        asked.ask(query, (), 1)
    assert asked.ask(Query("y", "page.md", 3, "select 1", {}), (), 1).rows == ((1,),)


def test_files_beside_the_artifacts_cannot_be_read(answers: Callable[..., Answers], written: Report) -> None:
    asked = answers()
    for file in ("sitegen.toml", "artifacts/../sitegen.toml"):
        sql = f"select * from read_text('{written.folder / file}')"
        with pytest.raises(SitegenError, match="file system operations are disabled"):
            asked.ask(Query("x", "page.md", 1, sql, {}), (), 1)
        with pytest.raises(SitegenError, match="cannot be asked here"):
            asked.read(Query("x", "page.md", 1, sql, {}))


@pytest.mark.parametrize("sql", ["set threads = 8", "reset memory_limit"])
def test_settings_are_locked(answers: Callable[..., Answers], sql: str) -> None:
    with pytest.raises(SitegenError, match="locked"):
        answers().ask(Query("x", "page.md", 1, sql, {}), (), 1)


def test_values_of_data_never_become_sql(report: Report) -> None:
    names = ["a'; drop table x; --", '"', "$value_0", "{digits/samples}", "' or 1=1 --", "\\", "{{ class }}"]
    report.artifact("digits", {"samples": {"id": list(range(len(names))), "label": names}})
    report.write("content/index.md", "# Front\n\n```pages each\n```\n")
    report.write(
        "content/each.md",
        '---\nfor_each:\n  sql: select label as class from "digits/samples" order by id\n---\n'
        "# {{ class }}\n\n"
        '{sql expect=1}`select count(*) from "digits/samples" where label = {{ class }}`\n\n'
        "```view count\ntable: digits/samples\ncolumn: label\nfilter: datum.label == {{ class }}\n```\n",
    )
    site = report.build(strict=True)
    assert len([url for url in site.files if url.startswith("each/")]) == len(names)


def test_a_query_is_asked_again_when_its_text_or_its_table_changes(
    written: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = Answers.ask

    def noting(self: Answers, query: Query, *arguments: object) -> object:
        asked.append(query.id)
        return ask(self, query, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Answers, "ask", noting)
    memo, site = Memo(), Memory()
    rebuild = partial(build, load_config(written.settings), site, memo=memo)
    first, second = '{sql}`select count(*) from "digits/samples"`', "{sql}`select 2`"
    written.write("content/index.md", f"# Front\n\n{first} {second}\n")
    rebuild()
    rebuild()
    assert asked == ["query-1", "query-2"]
    written.write("content/index.md", f"# Front\n\nMore. {first} {second}\n")
    rebuild()
    assert asked == ["query-1", "query-2"]
    written.artifact("digits", {"samples": {"id": [1, 2, 3]}})
    rebuild()
    assert asked == ["query-1", "query-2", "query-1"]
    assert '<data class="number" value="3">3</data>' in (site.read("index.html") or b"").decode()
    written.write("content/index.md", f"# Front\n\nMore. {first} {{sql}}`select 3`\n")
    rebuild()
    assert asked == ["query-1", "query-2", "query-1", "query-2"]


def test_two_builds_say_the_same_digits(written: Report) -> None:
    asked = ("sum(weight)", "stddev_pop(weight)")
    sums = " ".join(f'{{sql}}`select {one} from "digits/samples"`' for one in asked)
    written.write("content/index.md", f"# Front\n\n{sums}\n")
    assert len({written.page() for _ in range(3)}) == 1


def test_the_footer_names_the_tables_of_numbers(written: Report) -> None:
    written.write(
        "themes/theme/templates/page.html", "{% for one in page.data %}[{{ one.name }}]{% endfor %}"
    )
    written.write("content/index.md", '# Front\n\n{sql}`select count(*) from "digits/samples"`\n')
    assert written.page() == "[digits/samples]"


def test_a_value_may_name_the_table(written: Report) -> None:
    written.artifact("other", {"samples": {"id": [1]}})
    written.write("content/index.md", "# Front\n\n```pages model\n```\n")
    written.write(
        "content/model.md",
        "---\nfor_each:\n  values: [digits, other]\n---\n# {{ value }}\n\n"
        '{sql}`select count(*) from "{{ value }}/samples"`\n',
    )
    site = written.build(strict=True)
    found = {url: numbers((site.read(url) or b"").decode()) for url in site.files if url.startswith("model/")}
    assert found == {"model/digits.html": [500], "model/other.html": [1]}


def test_units_of_columns_are_in_the_head() -> None:
    columns = (Column("mass", "float64", None, unit="kg"),)
    table = CatalogTable("a/b", Manifest("a", "t"), Table("b", "B", (), 1, 1, None, columns), None)  # type: ignore[arg-type]
    query = Query("x", "page.md", 1, "", {}, table=TableOptions())
    for source, title in (("mass", "Mass (kg)"), (None, "Mass")):
        said = say_table(
            query,
            TableOptions(),
            Statement(("a/b",), (source,)),
            Rows(("mass",), ((1.5,),), 1),
            [table],
            Words(),
            Problems(),
        )
        assert f'<th scope="col" class="align-right">{title}</th>' in said.html


def test_links_to_pages_that_could_not_be_made_are_no_further_problems(written: Report) -> None:
    written.write("content/index.md", "# Front\n\n[a](each/a.md)\n\n```pages each.md\n```\n")
    written.write(
        "content/each.md", '---\nfor_each:\n  sql: select lable from "digits/samples"\n---\n# Each\n'
    )
    with pytest.raises(SitegenError) as caught:
        written.build()
    assert (caught.value.where, caught.value.what) == (
        "content/each.md:3",
        'column "lable" is not in table digits/samples',
    )


# What data may not do --------------------------------------------------------------------------------

FORGED = "{sql}`select 40 + 2`"
MANY = """---
title: About {{ c }}
description: '{sql}`select count(*) from "digits/samples"` of {{ c }}'
for_each:
  sql: select distinct label as c from "digits/samples" order by label
---
# {{ c }} {sql}`select label from "digits/samples" where label = {{ c }} limit 1`

::: note On {{ c }}
Text.
:::

```view count title="Of {{ c }}"
table: digits/samples
column: label
help: "{sql}`select 1 + 1` of {{ c }}"
```
"""


def test_a_value_is_never_taken_for_sql(report: Report) -> None:
    labels = [FORGED, "{sql", "}`select 40 + 2`"]
    report.artifact("digits", {"samples": {"id": [1, 2, 3], "label": labels}})
    report.write("content/index.md", "# Front\n\n```pages each.md\n```\n")
    report.write("content/each.md", MANY)
    site = report.build()
    pages = [str(site.read(url), "utf-8") for url in site.files if url.startswith("each/")]
    assert len(pages) == 3
    (forged,) = (page for page in pages if f"<title>About {FORGED}" in page)
    assert forged.count(FORGED) > 6
    assert not any(re.search(r"\b42\b", page) for page in pages)
    config = load_config(report.settings)
    sources = read_sources(config, Memo(), Problems())
    assert f"3 of {FORGED}" in {source.page.front.description for source in sources.pages}
    assert f"2 of {FORGED}" in forged


def test_a_nul_in_data_marks_no_place(report: Report) -> None:
    labels = ["a\0v0\0", "\0q9\0", "\0l0\0b\0r7\0"]
    report.artifact("digits", {"samples": {"id": [1, 2, 3], "label": labels}})
    shown = '```sql\nselect label from "digits/samples"\n```\n\n```view summary table=digits/samples\n```\n'
    one = '{sql}`select min(label) from "digits/samples"`'
    report.write("content/index.md", f"# Front {one}\n\n{shown}\n```pages each.md\n```\n")
    report.write("content/each.md", MANY)
    site = report.build()
    for url in site.files:
        assert not url.endswith(".html") or b"\0" not in (site.read(url) or b"")
    assert "a\N{REPLACEMENT CHARACTER}v0\N{REPLACEMENT CHARACTER}" in str(site.read("index.html"), "utf-8")


@pytest.mark.parametrize(
    "asked",
    [
        *("current_date", "CURRENT_TIMESTAMP", "localtimestamp", "current_user", "now()", "random()"),
        *("current_localtimestamp()", "age(TIMESTAMP '2020-01-01')", "(select current_date)"),
    ],
)
def test_what_another_build_would_answer_otherwise_is_refused(written: Report, asked: str) -> None:
    written.write("content/index.md", f"# Front {{sql}}`select {asked}`\n")
    with pytest.raises(SitegenError, match="would answer otherwise in another build"):
        written.build()


def test_a_query_is_stopped_while_its_rows_come(written: Report) -> None:
    folder = written.folder / "artifacts"
    answers = Answers(load_catalog(folder, Memo(), Problems()), folder, seconds=0.3)
    sql = "select range from range(3000000000) where range < 3000 or range = 2999999999"
    with pytest.raises(SitegenError, match="takes longer than"):
        answers.ask(Query("q", "index.md", 1, sql, {}), (), 5000)
    answers.close()


@pytest.mark.parametrize(
    ("value", "form", "said"),
    [
        (2.5, ",d", "3"),
        (-2.5, "d", f"{MINUS}3"),
        (0.25, ".1f", "0.3"),
        (0.125, ".0%", "13%"),
        (-0.0004, ".1%", "0.0%"),
        (1234.5, ",.0f", "1,235"),
        (1e300, ".2f", f"{int(1e300)}.00"),
    ],
)
def test_numbers_are_rounded_as_javascript_does(value: float, form: str, said: str) -> None:
    assert format_value(value, form) == said


ZONED = "TIMESTAMPTZ '2020-01-01 00:00+02'"
YEAR = f"select year({ZONED})"


def test_a_time_with_a_zone_is_said_in_utc(written: Report) -> None:
    """Python's own form of it asks for a package that sitegen does not bring."""
    column = '"TIMESTAMP WITH TIME ZONE"'
    lines = [
        f"# Front {{sql}}`select {ZONED}`",
        f"```sql\nselect {ZONED} as seen, [{ZONED}] as listed, {{{column}: {ZONED}}} as held, 7 as seen\n```",
        f"```claim id=seen\nIt is {{sql}}`select {ZONED}`, in {{sql d expect=2019}}`{YEAR}`.\n```",
        "```pages each.md\n```",
    ]
    written.write("content/index.md", "\n\n".join(lines) + "\n")
    each = f"select unnest([{ZONED}, {ZONED} + interval 1 hour]) as seen order by seen desc"
    one = "select count(*) from \"digits/samples\" where {{ seen }} > '2019-12-31 22:30'"
    front = f"---\ntitle: Of {{{{ seen }}}}\nfor_each:\n  sql: {each}\n---\n"
    written.write("content/each.md", f"{front}# At {{{{ seen }}}} {{sql}}`{one}`\n")
    site = written.build()
    page = str(site.read("index.html"), "utf-8")
    told = "2019-12-31 22:00:00"
    assert f"Front {told} UTC" in page
    for column in ("Seen", "Listed", "Held"):
        assert f'<th scope="col">{column} (UTC)</th>' in page
    cells = "".join(f"<td>{cell}</td>" for cell in (told, told, f"TIMESTAMP WITH TIME ZONE: {told}"))
    assert f'{cells}<td class="number">7</td>' in page
    assert f"It is {told} UTC, in 2019." in page
    late, early = "2019-12-31-23-00-00", "2019-12-31-22-00-00"
    assert page.index(late) < page.index(early)
    for address, count in ((late, ROWS), (early, 0)):
        each_page = str(site.read(f"each/{address}.html"), "utf-8")
        assert numbers(each_page) == [count]


@pytest.mark.parametrize("first", ["", ";\n", "\u00a0; -- first;\n"])
@pytest.mark.parametrize("last", ["; -- epoch", "; ;", ";\u3000", ";\u00a0\n", " -- ;\n;/* ; */", ";\ufeff"])
@pytest.mark.parametrize("asked", ["to_timestamp(0)", "';-- ' as \";\""])
def test_nothing_follows_a_semicolon(
    answers: Callable[..., Answers], first: str, last: str, asked: str
) -> None:
    opened, query = answers(), Query("x", "page.md", 3, f"{first}select {asked}{last}", {})
    statement, _ = opened.read(query)
    assert statement == Statement((), (None,))
    assert opened.ask(query, (), 1).rows == (("1970-01-01 00:00:00" if "time" in asked else ";-- ",),)


def test_a_second_statement_is_refused_however_it_is_parted(answers: Callable[..., Answers]) -> None:
    opened = answers()
    for between in (";", ";\u3000", "; -- one\n;", ";\ufeff;"):
        query = Query("x", "page.md", 3, f"select 1{between}drop table x", {})
        with pytest.raises(SitegenError, match=r"a second statement begins here.*: .*drop table x"):
            opened.read(query)
        assert opened.ask(query, (), 1).rows == ((1,),)


def test_what_a_tokenizer_overlooks_is_refused(
    answers: Callable[..., Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    monkeypatch.setattr(duckdb, "tokenize", lambda _: [(0, duckdb.token_type.keyword)])
    with pytest.raises(SitegenError, match="the query is no SELECT"):
        answers().read(Query("x", "page.md", 3, "select 1; select 2", {}))
