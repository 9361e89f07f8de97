"""The bundled sets `vega:NAME`: the example tables that the package vega_datasets carries; no network."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.engine import readable
from pipelines.errors import ContractError, nearest
from pipelines.frames import arrow_table
from pipelines.sources.delimited import read_delimited
from pipelines.sources.files import file_digest
from pipelines.sources.source import Contents, Known, Source, TableContents

PREFIX = "vega:"
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%b %d %Y")
TIMES = ("%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S")


def claims(address: str, root: Path) -> bool:
    """Whether the source names one of these sets."""
    return address.startswith(PREFIX)


def opened(source: Source, root: Path) -> Contents:
    """Return a set as the package carries it, texts that are dates read as dates."""
    package = _package(source.where)
    name = source.source.removeprefix(PREFIX)
    carried = names(package)
    if name not in carried:
        what = f'source "{source.source}" is not a set that vega_datasets carries'
        if name in _listed(package, "datasets.json"):
            what = f'source "{source.source}" is not bundled: vega_datasets loads it from the network'
        raise ContractError(source.where, what, nearest(name, carried))
    path = package / carried[name]
    known = _known(_listed(package, "dataset_info.json").get(name, {}))
    kind = "bundled table (vega_datasets)"
    return TableContents(
        kind, source.source, _dated(_table(path)), file_digest(path), path.stat().st_size, known
    )


def names(package: Path) -> dict[str, str]:
    """Return the sets that the package in a folder carries, each with its file."""
    return _listed(package, "local_datasets.json")


def _package(where: str) -> Path:
    found = importlib.util.find_spec("vega_datasets")
    if found is None or found.origin is None:
        hint = "install the pipelines extra: pip install 'explainsite[pipelines]'"
        raise ContractError(where, 'the sets "vega:…" need the library vega_datasets', hint)
    return Path(found.origin).parent


def _listed(package: Path, file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((package / file).read_text("utf-8"))
    return found


def _table(path: Path) -> pa.Table:
    if path.suffix == ".csv":
        return read_delimited([path]).table
    with readable(path, "JSON"):
        return arrow_table(json.loads(path.read_text("utf-8")), str(path))


def _dated(table: pa.Table) -> pa.Table:
    """Read the columns of text whose every value is a date, or a time, as what they are."""
    for index, item in enumerate(table.schema):
        column = table[index]
        if pa.types.is_string(item.type) and column.null_count < len(column):
            table = table.set_column(index, item.name, _date(column))
    return table


def _date(column: pa.ChunkedArray) -> pa.ChunkedArray:
    for pattern in (*DATES, *TIMES):
        parsed = pc.strptime(column, format=pattern, unit="us", error_is_null=True)
        if parsed.null_count == column.null_count:
            return parsed.cast(pa.date32()) if pattern in DATES else parsed.cast(pa.timestamp("us", "UTC"))
    return column


def _known(told: Mapping[str, Any]) -> Known:
    """Return the licence and the citation that the package's own description gives."""
    text = _plain(str(told.get("description", "")))
    licence = next((said for sign, said in LICENCES.items() if sign in text), "")
    parts = [text, *map(_plain, told.get("references", ()))]
    bundled = f"As bundled with vega_datasets {metadata.version('vega_datasets')}."
    return Known({}, {}, licence, " ".join([part for part in parts if part] + [bundled]))


LICENCES = {
    "public domain": "public domain, as vega_datasets says",
    "public-domain": "public domain, as vega_datasets says",
    "BSD license": "BSD, as vega_datasets says",
}


def _plain(text: str) -> str:
    """Return reStructuredText without its marks for links, references and code."""
    text = re.sub(r"`([^`<]+) <([^>]+)>`_", r"\1 (\2)", text)
    return re.sub(r" ?\[\d+\]_", "", text).replace("``", "").strip()
