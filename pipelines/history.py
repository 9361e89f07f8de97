"""What tables were like after earlier runs: enough to say how data changed since a link to it was made.

`history.json` beside the artifacts holds, for each table, the digests that runs gave it, with the day on
which each was first seen, the rows, and a few numbers. A site's pages show it to those who follow a link to
older data. It is kept with the artifacts, so that a build of the same artifacts is the same site.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.contract import Column, Manifest, Table, digest, read_table, staged_file
from pipelines.errors import ContractError

HISTORY = "history.json"
FORMAT = 1
MOST_ENTRIES = 12
"""Entries of a table; the oldest go."""
MOST_NUMBERS = 6
"""Numbers of an entry."""
DIGITS = 6
"""Significant digits of a number: what an order of additions can change is no difference."""
TELLING = ("correct", "confidence", "accuracy", "loss", "score", "margin", "entropy")
"""Roles of columns that tell most of a table, the first ones first."""
SILENT = ("id", "sheet", "x", "y", "projection_x", "projection_y", "sample", "neighbor", "epoch", "time")
"""Roles of columns whose mean says nothing."""

Entries = dict[str, list[dict[str, Any]]]
"""What is kept of each table, by `artifact/table`, the newest last."""


def read_history(parent: Path) -> Entries:
    """Return what is kept in a folder of artifacts; nothing where no run kept anything yet."""
    file = parent / HISTORY
    if not file.is_file():
        return {}
    try:
        read = json.loads(file.read_text("utf-8"))
        if read["format"] != FORMAT:
            raise ValueError
        return {str(name): [dict(entry) for entry in entries] for name, entries in read["tables"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        hint = "move it away: the next run begins a new one"
        raise ContractError(str(file), "is no history of artifacts", hint) from error


def remember(parent: Path, manifests: Iterable[Manifest], day: str, kept: Entries) -> None:
    """Add the tables of artifacts as they are now to what is `kept`, and write it; `day` is as 2026-11-26.

    Of data that is known already nothing is read. What is kept of artifacts that are gone goes.
    """
    told = {name: entries for name, entries in kept.items() if (parent / name.partition("/")[0]).is_dir()}
    for manifest in manifests:
        for table in manifest.tables:
            name = f"{manifest.name}/{table.name}"
            before = told.get(name, [])
            said = data_digest(table)
            same = [entry for entry in before if entry.get("digest") == said]
            others = [entry for entry in before if entry.get("digest") != said]
            now = same[-1] if same else _entry(parent / manifest.name, table, day)
            told[name] = [*others, now][-MOST_ENTRIES:]
    if told != read_history(parent):
        _write(parent / HISTORY, told)


def data_digest(table: Table) -> str:
    """Return the SHA-256 of a table's data: that of its file, or one over those of its files."""
    digests = [part.sha256 for part in table.files]
    return digests[0] if len(digests) == 1 else digest("".join(digests).encode())


def _write(file: Path, told: Mapping[str, Any]) -> None:
    text = json.dumps({"format": FORMAT, "tables": told}, indent=1, sort_keys=True, ensure_ascii=False)
    with staged_file(file) as new:
        new.write_text(text + "\n", "utf-8")


def _entry(folder: Path, table: Table, day: str) -> dict[str, Any]:
    chosen = sorted(filter(_is_telling, table.columns), key=_rank)[:MOST_NUMBERS]
    data = read_table(folder, table, [column.name for column in chosen])
    numbers = [_number(column, data.column(index)) for index, column in enumerate(chosen)]
    return {
        "digest": data_digest(table),
        "date": day,
        "rows": table.rows,
        "numbers": [number for number in numbers if number is not None],
    }


def _is_telling(column: Column) -> bool:
    is_number = column.type == "bool" or column.type.startswith(("int", "float"))
    return is_number and column.role not in SILENT


def _rank(column: Column) -> tuple[int, bool]:
    """Columns of a telling role first, then those that are true or false; else the table's order stays."""
    place = TELLING.index(column.role) if column.role in TELLING else len(TELLING)
    return place, column.type != "bool"


def _number(column: Column, values: pa.ChunkedArray) -> dict[str, Any] | None:
    """Return the share of rows where a column is true, or the mean of what is finite; None for neither."""
    if column.type == "bool":
        measure, mean = "share", pc.mean(values.cast(pa.int8())).as_py()
    else:
        found = values.cast(pa.float64())
        measure, mean = "mean", pc.mean(found.filter(pc.is_finite(found))).as_py()
    if mean is None or not math.isfinite(mean):
        return None
    return {"column": column.name, "measure": measure, "value": float(f"{mean:.{DIGITS}g}")}


def day_of(seconds: float) -> str:
    """Return the day of a time since 1970, in UTC; `SOURCE_DATE_EPOCH` has the last word."""
    from datetime import UTC, datetime

    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = int(said) if said.isdigit() else seconds
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
