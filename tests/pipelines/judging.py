"""Running a tool that judges a classifier on a table that a test writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from pipelines import contract
from pipelines.arrow import type_name
from pipelines.contract import Column, Manifest
from pipelines.progress import Steps
from pipelines.registry import Registry
from pipelines.tool import Job, Output

ROLES = {"id": "id", "label": "label", "prediction": "prediction", "split": "split"}


def table(values: Mapping[str, Any]) -> tuple[pa.Table, tuple[Column, ...]]:
    """Return a table of samples and its columns; `id` is added, and a column's role is its name."""
    rows = pa.table({"id": pa.array(range(len(next(iter(values.values())))), pa.int32()), **values})
    columns = [Column(name, type_name(rows[name].type), ROLES.get(name)) for name in rows.column_names]
    return rows, tuple(columns)


def run(tool: str, tables: Mapping[str, tuple[pa.Table, tuple[Column, ...]]], **parameters: Any) -> Output:
    """Return what a tool makes of tables."""
    registry = Registry()
    settings = {item.name: item.default for item in registry.spec(tool).parameters} | parameters
    rows = {name: each for name, (each, _) in tables.items()}
    told = {name: columns for name, (_, columns) in tables.items()}
    steps = Steps("judged", lambda: 0.0, lambda _: None)
    return registry.compute(tool)(Job("judged", None, None, rows, settings, "cpu", steps, told))


def judge(tool: str, values: Mapping[str, Any], **parameters: Any) -> dict[str, pd.DataFrame]:
    """Return a tool's tables of one table of samples, as frames by name."""
    output = run(tool, {"samples": table(values)}, **parameters)
    return {rows.spec.name: rows.data.to_pandas() for rows in output.tables}


def written(output: Output, folder: Any) -> Manifest:
    """Write an artifact of what a tool made, as the runner does: every column against its declaration."""
    return contract.write_artifact(folder, Manifest("judged", "judged"), output.tables, output.sheets)
