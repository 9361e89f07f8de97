"""Writes the zoo's networks as the theme's tests read them: `python -m tests.pipelines.exported`.

One file a network, with the tables of the tool `architecture` column by column.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipelines.architecture.axes import FIRST, with_axes
from pipelines.architecture.compute import tables
from pipelines.architecture.graph import Graph, ordered
from pipelines.architecture.torch_exports import exported
from pipelines.architecture.torch_steps import folded
from tests.pipelines import zoo

FOLDER = Path(__file__).parents[2] / "themes/default/tests/networks"


def graph(name: str) -> Graph:
    """Return a network of the zoo as the tool reads it."""
    module, given = zoo.build(name)
    found = folded(exported(module, given, list(given)), "torch.export")
    return ordered(with_axes(found, FIRST), name)


def written(graph: Graph) -> str:
    """Return the tables as JSON, a column a line."""
    parts = [f"{json.dumps(rows.spec.name)}:{{\n{_columns(rows.data)}\n}}" for rows in tables(graph)]
    return "{" + ",\n".join(parts) + "}\n"


def _columns(table: Any) -> str:
    columns = [
        f"{json.dumps(name)}:{json.dumps(table[name].to_pylist(), ensure_ascii=False, separators=(',', ':'))}"
        for name in table.column_names
    ]
    return ",\n".join(columns)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in zoo.ZOO:
        (FOLDER / f"{name}.json").write_text(written(graph(name)), encoding="utf-8")
