"""Writes a data card as Croissant 1.1: files, columns, what made them (PROV-O) and responsible AI (RAI).

See <https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html>.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pipelines.contract import Column, Manifest
from sitegen import __version__
from sitegen.cards.card import Card
from sitegen.cards.described import described
from sitegen.catalog import CatalogTable

FILE = "croissant.json"
VERSION = "http://mlcommons.org/croissant/1.1"
RAI = "http://mlcommons.org/croissant/RAI/1.0"
PARQUET = "application/x-parquet"
Locate = Callable[[CatalogTable, str], str]
"""Says where a table's file is, from the card: relative to it, or on the web."""

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            *("arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field"),
            *("fileProperty", "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset"),
            *(
                "jsonPath",
                "key",
                "md5",
                "parentField",
                "path",
                "recordSet",
                "references",
                "regex",
                "repeated",
            ),
            *("replace", "samplingRate", "separator", "source", "subField", "transform"),
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}
_TYPES = {
    "bool": "sc:Boolean",
    "string": "sc:Text",
    "dictionary": "sc:Text",
    "date": "sc:Date",
    "timestamp": "sc:DateTime",
    "binary": "sc:AudioObject",
    **{
        f"{sign}int{bits}": f"cr:{'U' if sign else ''}Int{bits}"
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    },
    "float32": "cr:Float32",
    "float64": "cr:Float64",
}
"""Types of columns, as Croissant calls them."""


def croissant(card: Card, locate: Locate) -> dict[str, Any]:
    """Return the card; ``locate`` says where the files of its tables are."""
    told = {
        "@context": {**CONTEXT, "@language": card.language},
        "@type": "sc:Dataset",
        "conformsTo": [VERSION, RAI],
        **described(card, cited="citeAs", prefix="sc:"),
        **_provenance(card),
        **_responsible(card),
        "distribution": [node for table in card.tables for node in _files(table, locate)],
        "recordSet": [_records(table) for table in card.tables],
    }
    return {key: value for key, value in told.items() if value not in ("", [], None)}


def _responsible(card: Card) -> dict[str, str]:
    """Return the sections that have a property of responsible AI."""
    return {f"rai:{one.section.rai}": one.text for one in card.sections if one.section and one.section.rai}


def _provenance(card: Card) -> dict[str, Any]:
    """Return what the tables come from, which runs made them, and who answers for them."""
    manifests = {table.artifact.name: table.artifact for table in card.tables}
    told: dict[str, Any] = {
        "prov:wasAttributedTo": [
            {"@type": "prov:Agent", "prov:label": person.shown} for person in card.facts.authors
        ],
        "prov:wasGeneratedBy": [_activity(manifest) for manifest in manifests.values()],
    }
    source = {"@type": "prov:Entity", "prov:label": card.citation}
    if card.facts.url:
        source["@id"] = card.facts.url
    if card.digest:
        source["sha256"] = card.digest
    return {**told, "prov:wasDerivedFrom": [source]}


def _activity(manifest: Manifest) -> dict[str, Any]:
    """Return a run: what it read by digest, with which program."""
    return {
        "@type": "prov:Activity",
        "prov:label": f"{manifest.tool} {manifest.tool_version}: {manifest.name}",
        "prov:used": [
            {"@type": "prov:Entity", "prov:label": name, "sha256": digest}
            for name, digest in sorted(manifest.inputs.items())
        ],
        "prov:wasAssociatedWith": {"@type": "prov:SoftwareAgent", "prov:label": f"sitegen {__version__}"},
    }


def _file_id(table: CatalogTable, file: str) -> str:
    return f"{table.artifact.name}/{file}"


def _files(table: CatalogTable, locate: Locate) -> Iterator[dict[str, Any]]:
    """Yield a table's files; of one of several parts also the set of them."""
    parts = table.table.files
    for part in parts:
        yield {
            "@type": "cr:FileObject",
            "@id": _file_id(table, part.file),
            "name": part.file,
            "contentUrl": locate(table, part.file),
            "contentSize": f"{part.bytes} B",
            "encodingFormat": PARQUET,
            "sha256": part.sha256,
        }
    if len(parts) > 1:
        yield {
            "@type": "cr:FileSet",
            "@id": f"{table.name}-parts",
            "name": f"{table.table.name} parts",
            "containedIn": [{"@id": _file_id(table, part.file)} for part in parts],
            "encodingFormat": PARQUET,
            "includes": f"{table.table.name}-*.parquet",
        }


def _records(table: CatalogTable) -> dict[str, Any]:
    ids = [column.name for column in table.table.columns if column.role == "id"]
    told = {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.table.description,
        "key": [{"@id": f"{table.name}/{name}"} for name in ids],
        "field": [_field(table, column) for column in table.table.columns],
    }
    return {key: value for key, value in told.items() if value not in ("", [])}


def _field(table: CatalogTable, column: Column) -> dict[str, Any]:
    inner = column.type.removeprefix("list<").removesuffix(">")
    is_list = inner != column.type
    parts = table.table.files
    source = {"fileObject": {"@id": _file_id(table, parts[0].file)}}
    if len(parts) > 1:
        source = {"fileSet": {"@id": f"{table.name}-parts"}}
    unit = f" ({column.unit})" if column.unit else ""
    told = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": f"{column.description}{unit}".strip(),
        "dataType": _TYPES[inner],
        "isArray": is_list or None,
        "arrayShape": "-1" if is_list else None,
        "source": {**source, "extract": {"column": column.name}},
    }
    return {key: value for key, value in told.items() if value not in ("", None)}
