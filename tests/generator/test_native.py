"""The native engine: answers as the build's does, to the page's own tables, and does nothing else."""

from __future__ import annotations

import http.client
import shutil
import tempfile
import threading
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

import pyarrow as pa
import pytest

from sitegen import database, native
from sitegen.build import build
from sitegen.config import load_config
from sitegen.database import Database, QueryError
from sitegen.native import LONGEST, Native, NativeError
from sitegen.output import Memory
from sitegen.serve import QUERY, QUERY_TYPE, Preview, PreviewServer
from tests.generator.reports import Report

PAGE = "index.html"
ROWS = 1000
REFUSED = "not one SELECT|cannot be asked|no SELECT|otherwise|characters|does not exist"


@pytest.fixture
def written(report: Report) -> Report:
    values = [index % 7 / 3 for index in range(ROWS)]
    report.artifact("digits", {"samples": {"id": list(range(ROWS)), "amount": values}})
    report.write("content/index.md", "# Front\n\n```view count\ntable: digits/samples\ncolumn: amount\n```\n")
    report.write("content/other.md", "# Other\n")
    return report


@pytest.fixture
def engine(written: Report) -> Iterator[Native]:
    config = load_config(written.settings)
    made = Native()
    made.renew(build(config, Memory()).relations)
    yield made
    made.close()


def rows(engine: Native, sql: str, reader: str = "a", page: str = PAGE) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pa.ipc.open_stream(engine.ask(page, reader, sql)).read_all().to_pylist()
    return found


def test_answers_from_the_tables_of_the_page(engine: Native) -> None:
    sql = "SELECT count(*)::INTEGER AS n, max(amount) AS most FROM digits WHERE amount > 1"
    expected = [index % 7 / 3 for index in range(ROWS) if index % 7 > 3]
    assert rows(engine, sql) == [{"n": len(expected), "most": max(expected)}]


def test_large_relations_are_kept_on_disk_and_answer_alike(
    written: Report, engine: Native, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    relations = build(load_config(written.settings), Memory()).relations
    asked = [
        "SELECT count(*)::INTEGER AS n, sum(id)::INTEGER AS ids FROM digits",
        "SELECT id FROM digits ORDER BY amount DESC, rowid LIMIT 5",
    ]
    kept = tmp_path / "kept"
    kept.mkdir()
    small = Database(relations[PAGE])
    monkeypatch.setattr(database, "MOST_IN_MEMORY", 10)
    monkeypatch.setattr(tempfile, "tempdir", str(kept))
    large = Database(relations[PAGE])
    engine.renew(relations)
    for sql in asked:
        assert large.answer(sql) == small.answer(sql)
        assert rows(engine, sql) == pa.ipc.open_stream(b64decode(small.answer(sql))).read_all().to_pylist()
    with pytest.raises(QueryError):
        large.answer("SELECT * FROM read_text('/etc/hostname')")
    assert len(list(kept.glob("sitegen-*/page.duckdb"))) == 2
    large.close()
    engine.close()
    small.close()
    assert list(kept.iterdir()) == []


def test_readers_that_make_the_same_table_at_once_do_not_fail(engine: Native) -> None:
    engine.ask(PAGE, "a", "CREATE SCHEMA IF NOT EXISTS mosaic")
    make = 'CREATE TABLE IF NOT EXISTS mosaic."p{}" AS SELECT id FROM digits'
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(engine.ask, PAGE, "abcd"[n % 4], make.format(n // 8)) for n in range(64)]
        assert all(one.result() is not None for one in asked)


def test_a_page_whose_artifact_is_gone_says_so(written: Report, engine: Native) -> None:
    shutil.rmtree(written.folder / "artifacts")
    with pytest.raises(NativeError, match="No files found"):
        engine.ask(PAGE, "a", "SELECT 1")


def test_what_cross_filtering_keeps_is_shared_and_the_rest_is_a_readers_own(engine: Native) -> None:
    engine.ask(PAGE, "a", "CREATE SCHEMA IF NOT EXISTS mosaic")
    engine.ask(PAGE, "a", 'CREATE TABLE IF NOT EXISTS mosaic."bins" AS SELECT id FROM digits WHERE id < 5')
    engine.ask(PAGE, "a", 'CREATE OR REPLACE TEMP TABLE "order" AS SELECT id FROM digits LIMIT 3')
    engine.ask(PAGE, "b", 'CREATE OR REPLACE TEMP TABLE "order" AS SELECT id FROM digits LIMIT 9')
    count = "SELECT count(*)::INTEGER AS n FROM {}"
    assert rows(engine, count.format("mosaic.bins"), "b") == [{"n": 5}]
    assert [rows(engine, count.format('"order"'), reader) for reader in "ab"] == [[{"n": 3}], [{"n": 9}]]
    assert [row["column_name"] for row in rows(engine, 'DESCRIBE "order"')] == ["id"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('../x.parquet')",
        "SELECT getenv('HOME')",
        "COPY digits TO 'x.csv'",
        "CREATE TABLE mosaic.x AS SELECT * FROM glob('*')",
        "CREATE TABLE digits2 AS SELECT 1",
        "CREATE OR REPLACE TABLE digits AS SELECT 1",
        "DROP TABLE digits",
        "DELETE FROM digits",
        "SET threads = 1",
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "PRAGMA database_list",
        "SELECT 1; DROP TABLE digits",
        "CREATE TEMP TABLE x AS SELECT 1; DROP TABLE digits",
        "DESCRIBE SELECT * FROM read_csv('/etc/passwd')",
        "EXPLAIN SELECT 1",
        "",
        "SELECT '" + "x" * LONGEST + "'",
    ],
)
def test_everything_else_is_refused(engine: Native, sql: str) -> None:
    with pytest.raises(NativeError, match=REFUSED):
        engine.ask(PAGE, "a", sql)
    assert rows(engine, "SELECT count(*)::INTEGER AS n FROM digits") == [{"n": ROWS}]


def test_a_page_without_tables_and_one_that_is_not_there(engine: Native) -> None:
    assert rows(engine, "SELECT 1 AS one", page="other.html") == [{"one": 1}]
    with pytest.raises(NativeError, match="there is no page"):
        engine.ask("../x.html", "a", "SELECT 1")


def test_many_pages_and_readers_are_given_up_again(engine: Native, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "MOST_PAGES", 1)
    monkeypatch.setattr(native, "MOST_READERS", 2)
    threads = threading.active_count()
    for reader in "abcabc":
        engine.ask(PAGE, reader, 'CREATE OR REPLACE TEMP TABLE "mine" AS SELECT 1 AS one')
        assert rows(engine, 'SELECT * FROM "mine"', reader) == [{"one": 1}]
        engine.ask("other.html", reader, "SELECT 1")
    with pytest.raises(NativeError):
        engine.ask(PAGE, "c", 'SELECT * FROM "mine"')  # its page was given up meanwhile
    assert threading.active_count() == threads


def test_a_query_without_end_is_stopped(engine: Native, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "SECONDS", 0.3)
    with pytest.raises(NativeError, match=r"longer than 0\.3 s"):
        engine.ask(PAGE, "a", "SELECT sum(a.id * b.id * c.id) FROM digits a, digits b, digits c")
    assert rows(engine, "SELECT 1 AS one") == [{"one": 1}]


# Over HTTP ------------------------------------------------------------------------------------------


def post(server: PreviewServer, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        connection.request("POST", path, body, {"Content-Type": QUERY_TYPE, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture
def server(written: Report) -> Iterator[PreviewServer]:
    engine = Native()
    preview = Preview(written.settings, report=lambda _: None, native=engine)
    preview.rebuild()
    with PreviewServer(preview, port=0) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()
    engine.close()


def test_the_server_answers_its_own_pages_only(server: PreviewServer) -> None:
    asked = f"{QUERY}?page={PAGE}&reader=a"
    status, body = post(server, asked, b"SELECT 1 AS one")
    assert status == HTTPStatus.OK
    assert pa.ipc.open_stream(body).read_all().to_pylist() == [{"one": 1}]
    assert post(server, asked, b"SELECT 1", Host="evil.example")[0] == HTTPStatus.FORBIDDEN
    assert post(server, asked, b"SELECT 1", **{"Content-Type": "text/plain"})[0] == HTTPStatus.BAD_REQUEST
    assert post(server, f"{QUERY}?page={PAGE}", b"SELECT 1")[0] == HTTPStatus.BAD_REQUEST
    assert post(server, asked, b"\xff")[0] == HTTPStatus.BAD_REQUEST
    assert post(server, asked, b"x", **{"Content-Length": "99999999999"})[0] == HTTPStatus.BAD_REQUEST
    status, body = post(server, asked, b"SELECT nothing FROM digits")
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert b"nothing" in body
    assert post(server, "/index.html", b"")[0] == HTTPStatus.NOT_FOUND


def test_without_the_engine_there_is_nothing_to_ask(written: Report) -> None:
    preview = Preview(written.settings, report=lambda _: None)
    preview.rebuild()
    assert b"sitegen-engine" not in preview.page(PAGE)[2]
