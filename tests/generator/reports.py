"""Reports to build: a folder of text, and artifacts described in JSON and written when a test runs.

``artifacts.json`` maps artifacts to tables to columns: ``{"digits": {"samples": {"id": [1, 2], …}}}``.
A column is a list of values, or ``{"type": …, "role": …, "values": […]}``. A table with a column ``id`` is
on the dataset of the artifact's name before the first hyphen.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.arrow import type_name
from pipelines.contract import Column, Manifest, Rows, Sheet, TableSpec, write_artifact
from sitegen.build import build
from sitegen.cli import main
from sitegen.config import load_config
from sitegen.output import Memory

THEME = Path(__file__).parent / "theme"
SETTINGS = '[site]\ntitle = "A report"\ntheme = "theme"\n'

Tables = Mapping[str, Mapping[str, Any]]


def write_tables(folder: Path, name: str, tables: Tables, sheets: tuple[Sheet, ...] = ()) -> Manifest:
    """Write the artifact ``name`` into the folder of artifacts."""
    facts = Manifest(name=name, tool="fixture", title=f"Artifact {name}", dataset=name.partition("-")[0])
    rows = [_rows(table, columns) for table, columns in tables.items()]
    return write_artifact(folder / name, facts, rows, sheets)


def _rows(name: str, columns: Mapping[str, Any]) -> Rows:
    arrays = {column: _array(given) for column, given in columns.items()}
    described = tuple(
        Column(name, type_name(array.type), _role(name, columns[name]), nullable=array.null_count > 0)
        for name, array in arrays.items()
    )
    return Rows(TableSpec(name, f"Table {name}", described, entity="id" in columns), pa.table(arrays))


def _role(column: str, given: Any) -> str | None:
    if column == "id":
        return "id"
    return given.get("role") if isinstance(given, dict) else None


def _array(given: Any) -> pa.Array:
    if isinstance(given, dict):
        return pa.array(_values(given["values"]), _type(given["type"]))
    return pa.array(_values(given))


def _type(name: str) -> pa.DataType:
    timestamp = pa.timestamp("us", "UTC")
    special = {"dictionary": pa.dictionary(pa.int32(), pa.string()), "timestamp": timestamp}
    if name.startswith("list<"):
        return pa.list_(_type(name[5:-1]))
    return special.get(name) or pa.type_for_alias("date32" if name == "date" else name)


def _values(values: list[Any]) -> list[Any]:
    special = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
    return [special.get(value, value) if isinstance(value, str) else value for value in values]


def copy_report(source: Path, target: Path) -> Path:
    """Copy a case's folder, write its artifacts, add the tests' theme; return its settings file."""
    shutil.copytree(source, target)
    if not (target / "sitegen.toml").is_file():
        (target / "sitegen.toml").write_text(SETTINGS)
    (target / "themes").mkdir(exist_ok=True)
    shutil.copytree(THEME, target / "themes" / "theme")
    described = target / "artifacts.json"
    (target / "artifacts").mkdir()
    if described.is_file():
        for name, tables in json.loads(described.read_text()).items():
            write_tables(target / "artifacts", name, tables)
    return target / "sitegen.toml"


class Report:
    """A report in a temporary folder, made of files that the test spells out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "sitegen.toml"
        shutil.copytree(THEME, folder / "themes" / "theme")
        self.write("sitegen.toml", SETTINGS)
        (folder / "content").mkdir()

    def write(self, path: str, text: str) -> None:
        """Write a file, its folders included."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def artifact(self, name: str, tables: Tables, *sheets: Sheet) -> Manifest:
        """Write an artifact."""
        (self.folder / "artifacts").mkdir(exist_ok=True)
        return write_tables(self.folder / "artifacts", name, tables, sheets)

    def command(self, *arguments: str) -> int:
        """Run the command line on the report and return its exit code."""
        return main(["-C", str(self.folder), *arguments])

    def build(self, *, strict: bool = False) -> Memory:
        """Build into memory."""
        site = Memory()
        build(load_config(self.settings), site, strict=strict)
        return site

    def page(self, url: str = "index.html") -> str:
        """Build, and return the HTML of one page."""
        body = self.build().read(url)
        assert body is not None
        return body.decode()


def sparse(file: Path, size: int) -> Path:
    """A file of some size that takes no room on the disk."""
    with file.open("wb") as made:
        made.truncate(size)
    return file
