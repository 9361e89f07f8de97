"""CSV and TSV files as Arrow tables: lines that are broken are named, and one odd value loses no row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.arrow import with_names
from pipelines.engine import readable
from pipelines.unreadable import Unreadable

DELIMITERS = {".csv": ",", ".tsv": "\t"}
BLOCK = 16 << 20  # bytes: a quoted text with line breaks must fit into one
SHOWN_TEXT = 40


def read_delimited(path: Path, texts: Sequence[str] = ()) -> tuple[pa.Table, list[Unreadable]]:
    """Return a file's table and its broken lines; columns named in `texts` stay text whatever they hold.

    A line is broken when it has another number of values than the first or when it is not UTF-8. An empty
    value is null, and a time without a zone is taken as UTC.
    """
    table, broken = _read(path, texts, threads=True)
    if broken:  # lines have numbers only where they are read one after the other
        table, broken = _read(path, texts, threads=False)
    table, undecodable = _without_undecodable(table)
    return _with_nulls(table), [*broken, *undecodable]


def _read(path: Path, texts: Sequence[str], threads: bool) -> tuple[pa.Table, list[Unreadable]]:
    broken: list[Unreadable] = []

    def note(row: pa.csv.InvalidRow) -> str:
        broken.append(_unreadable(row))
        return "skip"

    parse = pa.csv.ParseOptions(
        delimiter=DELIMITERS[path.suffix.lower()], newlines_in_values=True, invalid_row_handler=note
    )
    read = pa.csv.ReadOptions(use_threads=threads, block_size=BLOCK)
    convert = pa.csv.ConvertOptions(column_types=dict.fromkeys(texts, pa.string()))
    with readable(path, "CSV"):
        return with_names(pa.csv.read_csv(path, read, parse, convert)), broken


def _unreadable(row: pa.csv.InvalidRow) -> Unreadable:
    text = row.text if len(row.text) <= SHOWN_TEXT else f"{row.text[: SHOWN_TEXT - 1]}…"
    reason = f"has {row.actual_columns} values instead of {row.expected_columns} ({text!r})"
    return Unreadable(f"line {row.number}", reason)


def _without_undecodable(table: pa.Table) -> tuple[pa.Table, list[Unreadable]]:
    """Leave out rows that hold text which is not UTF-8: Arrow reads their columns as bytes."""
    columns = [item.name for item in table.schema if pa.types.is_binary(item.type)]
    bad: dict[int, str] = {}
    for name in columns:
        for row, value in enumerate(table[name].to_pylist()):
            if not _is_utf8(value):
                bad.setdefault(row, name)
    if not bad:
        return table, []
    chosen = pa.array([row not in bad for row in range(table.num_rows)])
    kept = table.filter(chosen)
    for name in columns:
        kept = kept.set_column(kept.column_names.index(name), name, kept[name].cast(pa.string()))
    return kept, [
        Unreadable(f"row {row}", f'has text in column "{name}" that is not UTF-8')
        for row, name in bad.items()
    ]


def _is_utf8(value: bytes | None) -> bool:
    try:
        (value or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _with_nulls(table: pa.Table) -> pa.Table:
    for index, item in enumerate(table.schema):
        column = table[index]
        if pa.types.is_string(item.type):
            is_empty = pc.equal(pc.binary_length(column), 0)
            if pc.any(is_empty).as_py():
                column = pc.if_else(is_empty, pa.scalar(None, pa.string()), column)
        elif pa.types.is_timestamp(item.type) and item.type.tz is None:
            column = column.cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
        else:
            continue
        table = table.set_column(index, item.name, column)
    return table
