"""The driver of views in V8, and the database that answers them."""

from __future__ import annotations

import asyncio
import base64
import datetime
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest

from sitegen import views
from sitegen.catalog import Relation, join, load_catalog
from sitegen.database import Database, QueryError
from sitegen.errors import Problems, SitegenError
from sitegen.memo import Memo
from sitegen.views import Views
from tests.generator.reports import THEME, Report

SCRIPT = (THEME / "dist" / "static.js").read_text()


def block(options: str) -> str:
    return f"# A page\n\n```view count\ntable: digits/samples\ncolumn: label\n{options}\n```\n"


@pytest.fixture
def digits(report: Report) -> Report:
    report.artifact("digits", {"samples": {"id": [1, 2, 3], "label": ["b", "a", "a"]}})
    return report


def relations(report: Report, *names: str) -> tuple[Relation, ...]:
    problems = Problems()
    catalog = load_catalog(report.folder / "artifacts", Memo(), problems)
    problems.stop()
    return join([catalog.tables[name] for name in names], "content/index.md")


@pytest.fixture
def database(digits: Report) -> Iterator[Database]:
    opened = Database(relations(digits, "digits/samples"))
    yield opened
    opened.close()


def rows(database: Database, query: str) -> pa.Table:
    return pa.ipc.open_stream(base64.b64decode(database.answer(query))).read_all()


def test_a_view_that_never_answers_is_stopped(digits: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "STEP_SECONDS", 2.0)
    digits.write("content/index.md", block("sleeps: true"))
    with pytest.raises(SitegenError, match=r'index.md:3: view "count" fails: no answer within 2 s'):
        digits.build()


def test_a_view_that_hoards_memory_is_stopped(digits: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "HEAP_BYTES", 100 << 20)
    digits.write("content/index.md", block("hoards: true"))
    with pytest.raises(SitegenError, match=r'index.md:3: view "count" fails: more than 100 MB of memory'):
        digits.build()


def test_one_view_that_throws_does_not_hide_another(digits: Report) -> None:
    digits.write("content/index.md", block("throws: first") + block("throws: second"))
    with pytest.raises(SitegenError) as raised:
        digits.build()
    assert str(raised.value).splitlines() == [
        'content/index.md:3: view "count" fails: TypeError: first',
        'content/index.md:10: view "count" fails: TypeError: second',
    ]


@pytest.mark.parametrize(
    "script", ["sitegen = {", "throw new Error('no')", "var sitegen = {}", "while (true);"]
)
def test_a_script_that_does_not_start_is_said(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "STEP_SECONDS", 2.0)
    with pytest.raises(SitegenError, match=r"^themes/broken: the script that draws views fails: "):
        Views(script, "broken")


OLDER_THREAD = """
from concurrent.futures import ThreadPoolExecutor
from sitegen.views import Views

script = "var sitegen = { describe: () => JSON.stringify({ views: { count: {} } }) }"
with ThreadPoolExecutor(1) as older:
    older.submit(int).result()
    with Views(script, "first") as first:
        drawn = lambda: Views(script, "second").__enter__()
        with older.submit(drawn).result() as second:
            print(*first.offered, *second.offered)
"""


def test_a_thread_older_than_the_first_engine_starts_another() -> None:
    # In a process of its own: V8 starts once, and on processors with protection keys a fault is the end.
    ran = subprocess.run([sys.executable, "-c", OLDER_THREAD], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "count count\n"), ran.stderr


def test_answers_keep_their_values(database: Database) -> None:
    query = "SELECT label, count(*) AS rows, avg(id) AS mean FROM digits GROUP BY label ORDER BY label"
    assert rows(database, query).to_pylist() == [
        {"label": "a", "rows": 2, "mean": 2.5},
        {"label": "b", "rows": 1, "mean": 1.0},
    ]


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("sum(id)", pa.float64(), 6.0),
        ("1.5", pa.float64(), 1.5),
        ("any_value(label)", pa.string(), "b"),
        ("list(label)", pa.list_(pa.string()), ["b", "a", "a"]),
        ("list(1.5)", pa.list_(pa.float64()), [1.5, 1.5, 1.5]),
        ("NULL::DOUBLE", pa.float64(), None),
        ("'infinity'::DOUBLE", pa.float64(), float("inf")),
        ("DATE '2020-01-01'", pa.date32(), datetime.date(2020, 1, 1)),
    ],
)
def test_answers_have_types_that_browsers_read(
    database: Database, expression: str, kind: pa.DataType, value: Any
) -> None:
    table = rows(database, f"SELECT {expression} AS value FROM digits LIMIT 1")
    assert table.schema.field("value").type == kind
    assert table["value"][0].as_py() == value


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY digits TO '/tmp/stolen.csv'",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT error('boom')",
        "SELECT",
    ],
)
def test_a_query_cannot_leave_its_memory(database: Database, query: str) -> None:
    with pytest.raises(QueryError):
        database.answer(query)


def test_timestamps_are_read_as_utc_without_a_zone(report: Report) -> None:
    day = {"type": "timestamp", "values": [0, 86_400_000_000]}
    report.artifact("log", {"events": {"at": day}})
    opened = Database(relations(report, "log/events"))
    table = rows(opened, 'SELECT "at" FROM "log/events"')
    opened.close()
    assert table.schema.field("at").type == pa.timestamp("us")
    assert table["at"][1].as_py() == datetime.datetime(1970, 1, 2)


def test_a_table_of_ten_thousand_columns_is_asked_for_in_few_words(report: Report) -> None:
    day = {"type": "timestamp", "values": [0, 86_400_000_000]}
    genes = {f"gene {number}": [0.5, number * 1.0] for number in range(10_000)}
    report.artifact("log", {"events": {"id": [2, 1], "at": day, **genes}})
    (relation,) = relations(report, "log/events")
    assert len(relation.create_sql) < 200
    opened = Database([relation])
    table = rows(opened, 'SELECT "id", "at", "gene 9999" FROM "log"')
    width = rows(opened, "SELECT count(*)::INTEGER AS n FROM duckdb_columns() WHERE table_name = 'log'")
    opened.close()
    assert table["id"].to_pylist() == [1, 2]
    assert table["at"].to_pylist() == [datetime.datetime(1970, 1, 2), datetime.datetime(1970, 1, 1)]
    assert table["gene 9999"].to_pylist() == [9999.0, 0.5]
    assert width.to_pylist() == [{"n": 10_002}]


def test_a_join_of_the_same_ids_is_plain(digits: Report) -> None:
    digits.artifact("digits-projection", {"points": {"id": [3, 2, 1], "x": [0.5, 1.5, 2.5]}})
    (relation,) = relations(digits, "digits/samples", "digits-projection/points")
    assert (relation.whole, relation.rows, relation.member("digits/samples")) == (True, 3, None)
    opened = Database([relation])
    table = rows(opened, "SELECT * FROM digits")
    opened.close()
    assert table.to_pydict() == {"id": [1, 2, 3], "label": ["b", "a", "a"], "x": [2.5, 1.5, 0.5]}


def test_a_join_of_other_ids_loses_no_row_and_marks_each(digits: Report) -> None:
    digits.artifact("digits-some", {"scores": {"id": [2, 5], "score": [0.5, 1.5]}})
    digits.artifact("digits-more", {"ranks": {"id": [5, 6], "rank": [1, 2]}})
    names = ("digits/samples", "digits-some/scores", "digits-more/ranks")
    (relation,) = relations(digits, *names)
    assert (relation.whole, relation.rows) == (False, 5)
    opened = Database([relation])
    table = rows(opened, "SELECT * FROM digits")
    opened.close()
    assert table.to_pydict() == {
        "id": [1, 2, 3, 5, 6],
        "label": ["b", "a", "a", None, None],
        "score": [None, 0.5, None, 1.5, None],
        "rank": [None, None, None, 1, 2],
        "in:digits/samples": [True, True, True, False, False],
        "in:digits-some/scores": [False, True, False, True, False],
        "in:digits-more/ranks": [False, False, False, True, True],
    }


def test_builds_where_an_event_loop_runs_as_in_a_notebook(digits: Report) -> None:
    digits.write("content/index.md", block(""))

    async def build() -> str:
        return digits.page()

    # On a thread of its own: a browser's driver may keep a loop on this one.
    with ThreadPoolExecutor(max_workers=1) as pool:
        assert pool.submit(asyncio.run, build()).result() == digits.page()
