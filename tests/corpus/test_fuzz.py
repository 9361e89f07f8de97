"""Random filters: each is refused with a reason, or native DuckDB answers its SQL."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from sitegen.database import Database
from tests.corpus.corpus import TABLE, call, read_corpus
from tests.hostile.cases import fuzzed

COLUMNS = [column["name"] for column in read_corpus()["columns"]]
SQL_WORDS = """
    AND OR NOT IS NULL TRUE FALSE DISTINCT FROM CASE WHEN THEN ELSE END AS DOUBLE INTEGER TIMESTAMP
    TRY_CAST coalesce isnan signbit epoch_ms abs ceil floor exp sqrt ln lower upper length strpos substr
    trim regexp_replace regexp_matches
"""
"""Every word that the SQL of a filter may hold outside quotes."""
FUNCTIONS = [
    *("abs", "ceil", "floor", "round", "exp", "sqrt", "log", "lower", "upper", "length"),
    *("isValid", "isNaN", "indexof", "inrange", "test", "now", "eval"),
]
OPERATORS = ["==", "!=", "===", "!==", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "&&", "||", "&", "in"]
NAMES = ["null", "true", "false", "NaN", "PI", "datum", "label", "datum.nothing", "/x/", "[]"]
TEXTS = ["'cat'", "'''", "'\\''", "'^a+$'", "'(a|b)*'"]
SIGNS = st.sampled_from("datum.text[]()'\"\\<>=!&|?:,+-*/%;0159 \n{}~`é😀")
PATTERN_SIGNS = st.sampled_from("ab01.*+?|()[]{},^$-\\dwsbDxpQ<>=!:iAz\n/é")

leaves = st.one_of(
    st.sampled_from(COLUMNS).map(lambda name: f"datum[{json.dumps(name)}]"),
    st.sampled_from(NAMES),
    st.floats(allow_nan=False, allow_infinity=False, min_value=0).map(repr),
    st.integers(0, 2**60).map(str),
    st.text(max_size=6).map(json.dumps),
    st.sampled_from(TEXTS),
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return expressions around smaller ones."""
    two = st.tuples(inner, st.sampled_from(OPERATORS), inner)
    calls = st.tuples(st.sampled_from(FUNCTIONS), st.lists(inner, max_size=3))
    return st.one_of(
        two.map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(st.sampled_from(["!", "-", "+", "~"]), inner).map("".join),
        st.tuples(inner, inner, inner).map(lambda parts: "({} ? {} : {})".format(*parts)),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        calls.map(lambda parts: f"{parts[0]}({', '.join(parts[1])})"),
    )


expressions = st.recursive(leaves, larger, max_leaves=12)


def check(expression: str, theme: MiniRacer, database: Database) -> None:
    """Fail unless the expression is refused with a reason, or becomes SQL of known words that runs."""
    reply = call(theme, "translate", expression, json.dumps(TABLE))
    if "problems" in reply:
        assert reply["problems"][0]["what"]
        return
    bare = re.sub(r"'(?:[^']|'')*'", "", reply["sql"])
    named = {name.replace('""', '"') for name in re.findall(r'"((?:[^"]|"")*)"', bare)}
    assert named <= set(COLUMNS)
    bare = re.sub(r'"(?:[^"]|"")*"', "", bare)
    assert not re.search(r";|--|/\*", bare)
    words = re.findall(r"[A-Za-z_]\w*", re.sub(r"\b\d[\d.]*(?:e[-+]?\d+)?", "", bare))
    assert set(words) <= set(SQL_WORDS.split())
    database.answer(f'SELECT count(*) AS rows FROM "values" WHERE {reply["sql"]}')


@fuzzed
@given(expression=expressions)
def test_a_random_filter_is_refused_or_runs(expression: str, theme: MiniRacer, database: Database) -> None:
    check(expression, theme, database)


@fuzzed
@given(expression=st.text(SIGNS, max_size=60))
def test_random_signs_are_refused_or_run(expression: str, theme: MiniRacer, database: Database) -> None:
    check(expression, theme, database)


@fuzzed
@given(pattern=st.text(PATTERN_SIGNS, max_size=16))
def test_a_random_pattern_is_refused_or_runs(pattern: str, theme: MiniRacer, database: Database) -> None:
    check(f"test({json.dumps(pattern)}, datum.text)", theme, database)
