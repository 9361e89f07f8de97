"""The corpus of values as an Arrow table, and the command that writes it as Parquet.

``values.json`` is written by hand; ``python tests/corpus/corpus.py`` writes ``values.parquet`` from it, which
both engines load, and ``npm run corpus`` writes ``expected.json``, what JavaScript says of it.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from py_mini_racer import MiniRacer

FOLDER = Path(__file__).parent
PARQUET = FOLDER / "values.parquet"
TYPES: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "string": pa.string(),
    "dictionary": pa.dictionary(pa.int32(), pa.string()),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def read_corpus() -> dict[str, Any]:
    """Return the corpus as it is written."""
    corpus: dict[str, Any] = json.loads((FOLDER / "values.json").read_text("utf8"))
    return corpus


def read_answers() -> dict[str, Any]:
    """Return what JavaScript says: ids by filter, groups by chart."""
    answers: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text("utf8"))
    return answers


def table_of(columns: list[dict[str, Any]]) -> pa.Table:
    """Return the corpus's columns in the types of the artifact contract."""
    arrays = {
        column["name"]: pa.array(
            [_value(value, column["type"]) for value in column["values"]], _type(column["type"])
        )
        for column in columns
    }
    return pa.table(arrays)


def _type(name: str) -> pa.DataType:
    return TYPES[name] if name in TYPES else pa.type_for_alias(name)


def _value(written: Any, kind: str) -> Any:
    if written is None:
        return None
    if kind.startswith("float"):
        return float(written)
    if kind == "date":
        return date.fromisoformat(written)
    return datetime.fromisoformat(written).astimezone(UTC) if kind == "timestamp" else written


def call(theme: MiniRacer, name: str, *arguments: str) -> Any:
    """Return the JSON that a function of the script answers."""
    return json.loads(theme.eval(f"sitegen.{name}")(*arguments))


CORPUS = read_corpus()
TABLE: dict[str, Any] = {
    "name": "corpus/values",
    "relation": "values",
    "rows": len(CORPUS["columns"][0]["values"]),
    "columns": [{key: column[key] for key in column if key != "values"} for column in CORPUS["columns"]],
    "media": [],
    "member": None,
    "classes": [],
    "title": "Values",
}
"""The corpus as views know it."""


def main() -> None:
    """Write ``values.parquet``."""
    table = table_of(read_corpus()["columns"])
    pq.write_table(table, PARQUET, version="2.6", compression="zstd")


if __name__ == "__main__":
    main()
