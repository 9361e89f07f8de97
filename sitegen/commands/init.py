"""``sitegen init``: makes a new report, about data where there is some."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from dataclasses import fields, replace
from pathlib import Path

from sitegen.commands.calling import own_name, pipelines
from sitegen.errors import SitegenError
from sitegen.schema import settings_schema
from sitegen.starters import ColumnFacts, DataFacts, refuse_full, start_report

_NOUNS = {"image": "images", "audio": "clips", "text": "texts", "label": "samples"}
"""What a row is called, by the first of these roles that the data has."""


def main(given: argparse.Namespace) -> None:
    """Make the report, and say how to go on."""
    folder = Path(given.target)
    refuse_full(folder)
    title = given.title or folder.resolve().name.replace("-", " ").replace("_", " ").capitalize()
    data, told = _looked_at(given.data, folder) if given.data else (None, [])
    if given.template != "blank" and data is None:
        data, told = _looked_at("digits", folder)
    schema = json.dumps(settings_schema(), indent=2, ensure_ascii=False) + "\n"
    for name in start_report(folder, given.template, title, data, schema):
        print(f"  {folder / name}")
    if told:
        print(f"\n{given.data}: look at this first.", *told, sep="\n  ")
    place = shlex.quote(given.target)
    print(f"\n{folder} is made. Next:")
    print(f"  {own_name()} -C {place} run    analyses the data" if data else "", end="\n" if data else "")
    print(f"  {own_name()} -C {place} serve  shows the report and reloads on every change")


def _looked_at(source: str, folder: Path) -> tuple[DataFacts, list[str]]:
    """Look through a source as the new report in ``folder`` will find it, and say what is doubtful in it."""
    with pipelines("sitegen init"):
        from pipelines.inspection import inspect, section, warnings

        address = _address(source, folder)
        found = inspect(source, Path())
        found = replace(found, source=replace(found.source, source=address))
    columns = tuple(
        ColumnFacts(**{field.name: getattr(each, field.name) for field in fields(ColumnFacts)})
        for each in found.columns
        if not each.is_added
    )
    roles = {each.role: each.name for each in columns if each.role}
    noun = next((said for role, said in _NOUNS.items() if role in roles), "rows")
    facts = DataFacts(
        name=found.source.name,
        section="\n".join(section(found)),
        source=address,
        rows=found.rows - len(found.unreadable),
        sha256=found.sha256,
        licence=found.licence,
        citation=found.citation,
        columns=columns,
        noun=noun,
        roles=roles,
    )
    return facts, list(warnings(found))


def _address(source: str, folder: Path) -> str:
    """Return a source as the settings in ``folder`` name it: a path starts there, a bundled set anywhere."""
    if source == "digits" or source.startswith("vega:"):
        return source
    if ":" in source and not Path(source).exists():
        hint = f"make the report without --data, move the file into it, and see: sitegen inspect {source}"
        raise SitegenError(source, "a function belongs to a report, and this one is still to be made", hint)
    return os.path.relpath(Path(source).absolute(), folder.absolute())
