"""Tells those who follow a link that was made for other data what a page's tables were like then.

The runs kept it beside the artifacts; a page gets what concerns its own tables, as a small file that is
fetched only then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sitegen.assets import hashed_name, sha256
from sitegen.catalog import CatalogTable
from sitegen.errors import Problems

HISTORY = "history.json"
"""File beside the artifacts that runs keep."""
DIGITS = 12
"""Digits of a digest in the site, as the pages' footers show them."""
MEASURES = ("share", "mean")

History = Mapping[str, list[dict[str, Any]]]
"""What is kept of each table, by name, the newest last."""


def read_history(folder: Path, problems: Problems) -> History:
    """Return what runs kept in a folder of artifacts; a file that is none of theirs is noted."""
    file = folder / HISTORY
    if not file.is_file():
        return {}
    try:
        tables = json.loads(file.read_bytes())["tables"]
        return {str(name): [_entry(entry) for entry in entries] for name, entries in tables.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        hint = "move it away: the next run begins a new one"
        problems.add(f"{folder.name}/{HISTORY}", "is no history of artifacts", hint)
        return {}


def _entry(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page takes of an entry; raises where it is none."""
    digest, date = str(written["digest"]), str(written["date"])
    if not re.fullmatch(r"[0-9a-f]{64}", digest) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
        raise ValueError
    numbers = [
        {"column": str(one["column"]), "measure": one["measure"], "value": float(one["value"])}
        for one in written["numbers"]
        if one["measure"] in MEASURES
    ]
    return {"digest": digest[:DIGITS], "date": date, "rows": int(written["rows"]), "numbers": numbers}


def page_history(history: History, tables: Iterable[CatalogTable]) -> tuple[str, bytes] | None:
    """Return URL and content of what is known of a page's tables; None where no other data of them are."""
    told = {}
    for table in tables:
        entries = history.get(table.name, [])
        if any(entry["digest"] != table.digest[:DIGITS] for entry in entries):
            told[table.name] = entries
    if not told:
        return None
    content = json.dumps({"tables": told}, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return f"data/{hashed_name(HISTORY, sha256(content))}", content
