"""The corpus of values on native DuckDB, as the build asks it: every answer equals JavaScript's."""

from __future__ import annotations

import json
import math
from typing import Any

import pyarrow.parquet as pq
import pytest
from py_mini_racer import MiniRacer

from sitegen.database import Database, QueryError
from tests.corpus.corpus import PARQUET, TABLE, call, read_answers, read_corpus, table_of

CORPUS = read_corpus()
ANSWERS = read_answers()


def condition(theme: MiniRacer, expression: str) -> str:
    """Return the SQL of a filter."""
    reply = call(theme, "translate", expression, json.dumps(TABLE))
    assert "sql" in reply, reply
    return str(reply["sql"])


def test_the_parquet_file_holds_the_corpus() -> None:
    written = table_of(CORPUS["columns"])
    found = pq.read_table(PARQUET)
    for name in written.column_names:
        assert repr(found[name].to_pylist()) == repr(written[name].to_pylist())


@pytest.mark.parametrize("expression", CORPUS["filters"])
def test_a_filter_passes_the_rows_that_pass_in_javascript(
    expression: str, theme: MiniRacer, database: Database
) -> None:
    query = f'SELECT id FROM "values" WHERE {condition(theme, expression)} ORDER BY id'
    found = call(theme, "read", database.answer(query))["columns"]["id"]
    assert found == ANSWERS["filters"][expression]


@pytest.mark.parametrize("refused", CORPUS["refusals"], ids=lambda refused: refused["expression"])
def test_a_filter_is_refused_with_what_to_mend(refused: dict[str, str], theme: MiniRacer) -> None:
    [problem] = call(theme, "translate", refused["expression"], json.dumps(TABLE))["problems"]
    assert ": ".join(filter(None, [problem["what"], problem["hint"]])) == refused["message"]


@pytest.mark.parametrize("chart", CORPUS["charts"], ids=lambda chart: chart["name"])
def test_a_chart_shows_the_groups_that_vega_computes(
    chart: dict[str, Any], theme: MiniRacer, database: Database
) -> None:
    columns = call(theme, "read", answers_of(chart["spec"], theme, database)["filtered"])["columns"]
    found = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    expected = ANSWERS["charts"][chart["name"]]
    assert sorted(map(roughly, found)) == sorted(map(roughly, expected))


def answers_of(spec: dict[str, Any], theme: MiniRacer, database: Database) -> dict[str, str]:
    """Return every answer that a chart asks for, as Arrow in base64."""
    request = {"view": "vega-lite", "id": "chart", "title": None, "help": None, "width": 6, "height": None}
    request |= {"options": {"spec": spec}, "table": TABLE, "tables": {TABLE["name"]: TABLE}, "figures": []}
    results: dict[str, str] = {}
    while "queries" in (reply := call(theme, "step", json.dumps(request | {"results": results}))):
        results |= {key: database.answer(query) for key, query in reply["queries"].items()}
    assert "figure" in reply, reply
    return results


def roughly(row: dict[str, Any]) -> str:
    """Return a row as text; means are added up in another order in Vega, so twelve digits stand.

    How many rows are infinite is for a notice below the chart, and of how many values a share is for its
    interval: nothing that Vega knows.
    """
    shown = {key: value for key, value in row.items() if not key.endswith(("_infinite", "@y_n"))}
    digits = {key: float(f"{value:.12g}") if _is_number(value) else value for key, value in shown.items()}
    return json.dumps(digits, sort_keys=True)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def test_a_query_that_fails_while_it_runs_is_said(database: Database) -> None:
    with pytest.raises(QueryError, match="boom"):
        database.answer("SELECT error('boom')")
