"""Reads SELECTs: where each begins and ends, the tables that its tree names, and what it may not do.

The tree is as ``json_serialize_sql`` gives it. A page's SQL reads the report's tables and nothing else: no
files, no settings, and nothing that another build would answer otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

SEMICOLON = ord(";")
ROW_FUNCTIONS = {"range", "generate_series", "unnest"}
"""Functions that may stand where a table does."""
CHANGING = {
    *("current_connection_id", "current_localtime", "current_localtimestamp"),
    *("current_database", "current_date", "current_query", "current_query_id"),
    *("current_schema", "current_schemas", "current_setting", "current_time", "current_timestamp"),
    *("current_transaction_id", "current_user", "currval", "gen_random_uuid", "get_current_time"),
    *("get_current_timestamp", "getenv", "getvariable", "in_search_path", "localtime", "localtimestamp"),
    *("nextval", "now", "pg_backend_pid", "random", "session_user", "setseed", "setval", "sleep_ms", "stats"),
    *("today", "transaction_timestamp", "txid_current", "user", "uuid", "uuidv4", "uuidv7", "version"),
    *("vector_type", "write_log"),
}
"""Functions that another build may answer otherwise, or that do something."""
CLOCK = {
    *(
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
    ),
    *("current_user", "localtime", "localtimestamp", "session_user"),
}
"""Words that are such functions without brackets; a column of that name needs its table's before it."""

READS = 'a query reads tables of artifacts, such as "digits/samples"'


@dataclass(frozen=True)
class Refusal:
    """Something that a statement may not do."""

    what: str
    hint: str
    name: str = ""
    """What the statement calls it, for finding its line."""


_BLANK = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]*")
"""What DuckDB takes for space, though its tokenizer calls some of it a name."""


def tokens_of(sql: str) -> list[int]:
    """Return where tokens begin, in bytes, from the first that is no semicolon; comments are none."""
    import duckdb  # a report that asks nothing never waits for it

    written = sql.encode()
    found = duckdb.tokenize(sql)
    ends = [*(place for place, _ in found[1:]), len(written)]
    told = [
        place
        for (place, kind), end in zip(found, ends, strict=False)
        if kind != duckdb.token_type.comment and not _BLANK.fullmatch(written[place:end].decode())
    ]
    return list(dropwhile(lambda place: written[place] == SEMICOLON, told))


def body_of(sql: str) -> str:
    """Return a statement without semicolons around it and what follows them, on the lines where it was."""
    written, told = sql.encode(), tokens_of(sql)
    if not told:
        return sql
    end = next((place for place in told if written[place] == SEMICOLON), len(written))
    return "\n" * written.count(b"\n", 0, told[0]) + written[told[0] : end].decode()


def refusals(tree: dict[str, Any]) -> Iterator[Refusal]:
    """Yield what a statement does that a page may not."""
    for node in nodes(tree):
        name = str(node.get("function_name", "")).lower()
        if node.get("type") == "TABLE_FUNCTION":
            called = str(node["function"]["function_name"]).lower()
            if called not in ROW_FUNCTIONS:
                yield Refusal(f"{called}() cannot be asked here", READS, called)
        elif node.get("type") == "SHOW_REF":
            yield Refusal("the query is no SELECT", READS)
        elif _is_changing(node, name):
            name = name or node["column_names"][0]
            what = f"{name}() would answer otherwise in another build"
            yield Refusal(what, "every build makes the same site", name)
        if node.get("sample") is not None:
            what = "a random sample would be another one in every build"
            yield Refusal(what, "order by a column, then limit")


def _is_changing(node: dict[str, Any], name: str) -> bool:
    """Whether a node is what another build may answer otherwise; ``age`` of one time is since today."""
    if node.get("class") == "COLUMN_REF":
        names = node["column_names"]
        return len(names) == 1 and names[0].lower() in CLOCK
    if node.get("class") not in ("FUNCTION", "WINDOW"):
        return False
    return name in CHANGING or (name == "age" and len(node.get("arguments", node.get("children", ()))) == 1)


def tables_of(tree: dict[str, Any]) -> dict[str, None]:
    """Return the tables that a statement names, in order, without those that it makes itself."""
    named = {entry["key"] for node in nodes(tree) for entry in _common_tables(node)}
    return {
        _table_name(node): None
        for node in nodes(tree)
        if node.get("type") == "BASE_TABLE" and (node["schema_name"] or node["table_name"] not in named)
    }


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every node of a statement's tree, outer ones first."""
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)


def _common_tables(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tables that a node names for itself: WITH name AS …"""
    found = node.get("cte_map", {})
    listed: list[dict[str, Any]] = found.get("map", []) if isinstance(found, dict) else []
    own = [{"key": node["cte_name"]}] if isinstance(node.get("cte_name"), str) else []
    return listed + own


def _table_name(node: dict[str, Any]) -> str:
    return "/".join(part for part in (node["schema_name"], node["table_name"]) if part)
