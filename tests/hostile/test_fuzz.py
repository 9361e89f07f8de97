"""Random Markdown, front matter, values, SQL, names, manifests: refused with a reason or taken; no crash."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import contract
from sitegen.answers import Answers
from sitegen.catalog import Catalog, load_catalog
from sitegen.content import Page, read_page
from sitegen.errors import Problems, SitegenError
from sitegen.links import slug
from sitegen.markdown import parse
from sitegen.memo import Memo
from sitegen.picture import check_picture
from sitegen.queries import Query, read_number, read_table
from sitegen.syntax import render_data
from sitegen.text import Text, expand, plain
from sitegen.values import fill_expression, fill_sql
from tests.generator.reports import write_tables
from tests.hostile.cases import fuzzed
from tests.hostile.markup import running

VALUES = {"class": "<b>\"'`$1", "n": 3, "none": None, "yes": True, "site.title": "A [report](javascript:x)"}
PIECES = st.sampled_from(
    [
        *(
            "# ",
            "## ",
            "- ",
            "1. ",
            "> ",
            "    ",
            "\t",
            "\n",
            "\n\n",
            "---\n",
            "***",
            "| a | b |\n|---|--:|\n",
        ),
        *(
            "```",
            "````",
            "~~~",
            "```view count\n",
            "```vega-lite\n{}\n```\n",
            "```sql\n",
            "```include a.md\n```\n",
        ),
        *("```pages a\n```\n", "::: note\n", "::: figure\n", "::: details x\n", ":::\n", "::: {tip} x\n"),
        *("{{ class }}", "{{n}}", "{{", "}}", "{sql}`", "{sql .1% expect=1..2}`select 1`", "`", "``", "\\"),
        *(
            "[",
            "](",
            ")",
            "](javascript:x)",
            "](data:text/html,x)",
            "](../../x)",
            "<javascript:x>",
            "![",
            "]: ",
        ),
        *(
            "[^1]",
            "[^1]: ",
            "Term\n: ",
            "<script>",
            "<img src=x onerror=x>",
            "&#106;avascript:",
            "&lt;",
            "%00",
        ),
        *(
            "\0",
            "\u2028",
            "\u202e",
            "😀",
            "*",
            "**",
            "~~",
            "_",
            "table: a/b\n",
            "filter: datum.x == {{ class }}\n",
        ),
    ]
)
SOURCES = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=30).map("".join)


@fuzzed
@given(source=SOURCES)
def test_any_markdown_is_read_and_nothing_of_it_runs(source: str) -> None:
    problems = Problems()
    document = parse(plain(source, "content/a.md", 1, "a.md"), "a.md", problems, VALUES)
    assert running(document.html) == []
    assert all(re.match(r"content/a\.md(:\d+){1,2}$", problem.where) for problem in problems.errors)


@fuzzed
@given(source=SOURCES)
def test_any_markdown_from_data_is_text_and_links(source: str) -> None:
    html = render_data(source)
    assert running(html) == []
    assert not re.search(r"<(img|input|svg|math|details|div|span)\b", html)


@fuzzed
@given(sources=st.lists(SOURCES, min_size=1, max_size=3))
def test_any_files_may_include_each_other(sources: list[str]) -> None:
    files = {
        f"{name}.md": f"{source}\n```include {name}.md\n```\n"
        for name, source in zip("abc", sources, strict=False)
    }

    def read(name: str, path: str | None, where: str) -> Text:
        if name not in files:
            raise SitegenError(where, "there is no such file")
        return plain(files[name], name, 1, name)

    text = expand(plain(files["a.md"], "a.md", 1, "a.md"), read, Problems())
    lines = text.body.split("\n")
    for number, line in enumerate(lines):
        file, _, written = text.where(number).rpartition(":")
        own = files[file].split("\n")
        assert not line or own[int(written) - 1] == line


YAML = st.sampled_from(
    [
        *("title: ", "description: ", "order: ", "draft: ", "toc: ", "table: ", "template: ", "constants:\n"),
        *(
            "for_each:\n",
            "  sql: ",
            "  values: ",
            "  slug: ",
            "  a: 1\n",
            "[1, 2]\n",
            "{a: b}\n",
            "|\n    x\n",
            ">-\n",
        ),
        *(
            "true\n",
            "no\n",
            "1\n",
            "-0.5\n",
            ".nan\n",
            ".inf\n",
            "1e400\n",
            "2020-01-01\n",
            "~\n",
            "'",
            '"',
            "\n",
            "---\n",
        ),
        *(
            "- ",
            "? ",
            ": ",
            "&a ",
            "*a\n",
            "<<: *a\n",
            "!!python/object/apply:os.system [x]\n",
            "!!binary aGk=\n",
            "!x ",
        ),
        *("{{ class }}", "#", "%", "@", "`", "\t", "\0", "\ud7ff", "😀", "...\n", "[[[[", "}}}}"),
    ]
)
FRONTS = st.lists(st.one_of(YAML, st.text(st.characters(codec="utf-8"), max_size=3)), max_size=16).map(
    "".join
)


@fuzzed
@given(front=FRONTS)
def test_any_front_matter_is_read_or_refused(front: str) -> None:
    try:
        page, problems = read_page(f"---\n{front}\n---\n# Text\n", "a.md", "content/a.md")
    except SitegenError as error:
        assert error.where.startswith("content/a.md")
        return
    assert isinstance(page, Page)
    assert all(problem.where.startswith("content/a.md:") for problem in problems.errors)
    assert bool(page.unread) <= bool(problems.errors)
    json.dumps([page.front.title, dict(page.front.constants), page.front.for_each.values], allow_nan=False)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


@fuzzed
@given(
    value=st.one_of(
        TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)
    )
)
def test_a_value_is_a_literal_in_an_expression_and_a_parameter_in_sql(value: Any) -> None:
    filled = fill_expression("datum.x == {{ v }}", {"v": value}, "a:1")
    assert json.loads(filled.removeprefix("datum.x == ")) == value
    sql, parameters = fill_sql("select {{ v }}, {{v}}", {"v": value}, "a:1")
    assert sql == "select $value_0, $value_1"
    assert list(parameters.values()) == [value, value]


@fuzzed
@given(name=TEXTS)
def test_any_text_is_a_safe_part_of_an_address(name: str) -> None:
    found = slug(name)
    assert found
    assert not re.search(r"[/\\.?#%&:\s\x00-\x1f]", found)
    assert found == found.lower() or not found.isascii()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalog, Path]:
    folder = tmp_path_factory.mktemp("artifacts")
    columns = {
        "id": [1, 2, 3],
        "label": ["a", "b", "b"],
        "x": {"type": "float64", "values": [0.5, "NaN", None]},
    }
    write_tables(folder, "digits", {"samples": columns})
    return load_catalog(folder, Memo(), Problems()), folder


@pytest.fixture(scope="module")
def answers(catalog: tuple[Catalog, Path]) -> Iterator[Answers]:
    opened = Answers(*catalog, seconds=2)
    yield opened
    opened.close()


SQL = st.sampled_from(
    [
        *(
            "select ",
            "from ",
            '"digits/samples" ',
            "where ",
            "group by all ",
            "order by 1 ",
            "limit 2 ",
            "* ",
            ", ",
        ),
        *(
            "count(*) ",
            "avg(x) ",
            "label ",
            "id ",
            "x ",
            "1 ",
            "0 ",
            "/ ",
            "'a' ",
            "'",
            '"',
            "$value_0 ",
            "( ",
            ") ",
        ),
        *(
            "with t as ",
            "union all ",
            "join ",
            "on true ",
            "range(3) ",
            "unnest([1,2]) ",
            "read_text('/etc/passwd') ",
        ),
        *(
            "; ",
            "-- ",
            "/* ",
            "copy ",
            "to 'x.csv' ",
            "attach 'x' ",
            "set threads=2 ",
            "pragma version ",
            "random() ",
        ),
        *(
            "now() ",
            "values (1) ",
            "describe ",
            "from 'x.csv' ",
            "'/etc/passwd' ",
            "getenv('HOME') ",
            "install json ",
        ),
        *(
            "create table t as ",
            "case when x then 1 end ",
            "cast(",
            "as int) ",
            "over () ",
            "distinct ",
            "\0",
            "{{ n }} ",
        ),
    ]
)


@fuzzed
@given(sql=st.lists(SQL, max_size=14).map("".join))
def test_any_sql_is_refused_or_answers_from_the_tables(sql: str, answers: Answers) -> None:
    query = Query("x", "content/a.md", 1, sql, {})
    try:
        _, tables = answers.read(query)
        assert tables is not None
        assert {table.name for table in tables} <= {"digits/samples"}
        rows = answers.ask(query, tables, 10)
    except SitegenError as error:
        assert re.match(r"content/a\.md:\d+$", error.where)
        return
    assert len(rows.rows) <= 10


@fuzzed
@given(info=st.text(st.sampled_from("sql .1%,efgd=\"'\\expctrowsmakdnid0123-_{}")))
def test_any_options_of_a_query_are_read_or_refused(info: str) -> None:
    for read in (read_number, read_table):
        try:
            read(info, "select 1", "content/a.md", 1, "x", VALUES)
        except SitegenError as error:
            assert error.where == "content/a.md:1"


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("../x")
)
JSONS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def manifests(draw: st.DrawFn, sound: dict[str, Any]) -> dict[str, Any]:
    """Draw a manifest with up to three values replaced or removed, anywhere in it."""
    value = json.loads(json.dumps(sound))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = value
        while True:
            keys = list(range(len(place))) if isinstance(place, list) else sorted(place)
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            place[key] = draw(JSONS)
            break
    return dict(value)


@fuzzed
@given(data=st.data())
def test_any_manifest_is_read_or_refused(
    data: st.DataObject, catalog: tuple[Catalog, Path], tmp_path: Path
) -> None:
    sound = json.loads((catalog[1] / "digits" / contract.MANIFEST).read_text())
    artifact = tmp_path / "digits"
    artifact.mkdir(exist_ok=True)
    (artifact / contract.MANIFEST).write_text(json.dumps(data.draw(manifests(sound))))
    (artifact / "samples.parquet").write_bytes((catalog[1] / "digits" / "samples.parquet").read_bytes())
    problems = Problems()
    found = load_catalog(tmp_path, Memo(), problems)
    assert bool(found.tables) is not bool(problems.errors) or not found.broken
    for problem in problems.errors:
        assert problem.where
        assert problem.what


DRAWINGS = st.sampled_from(
    [
        *(
            '<svg xmlns="http://www.w3.org/2000/svg">',
            "</svg>",
            "<g>",
            "</g>",
            "<script>",
            "<SCRIPT/>",
            "<g onload='x'/>",
        ),
        *(
            "<a href='javascript:x'/>",
            "<use href='#a'/>",
            "<image href='data:image/png;base64,x'/>",
            "<style>",
            "</style>",
        ),
        *(
            "<!DOCTYPE svg [<!ENTITY a 'b'>]>",
            "&a;",
            "&#60;",
            "<![CDATA[",
            "]]>",
            "<?xml version='1.0'?>",
            "text",
            "\0",
        ),
        *(
            "<foreignObject/>",
            "<set attributeName='href' to='javascript:x'/>",
            "<x:script xmlns:x='http://www.w3.org/2000/svg'/>",
        ),
    ]
)


@fuzzed
@given(source=st.lists(DRAWINGS, max_size=8).map("".join))
def test_any_drawing_is_harmless_or_refused(source: str, tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    file.write_bytes(source.encode())
    try:
        check_picture(file, "content/a.svg")
    except SitegenError as error:
        assert error.where.startswith("content/a.svg:")
        return
    text = re.sub(r"<!\[CDATA\[.*?\]\]>", "", source, flags=re.DOTALL)
    assert not re.search(r"<(\w+:)?(script|foreignobject)|onload|javascript:", text, re.IGNORECASE)
