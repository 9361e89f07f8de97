"""The files that a card becomes: beside its page in the site, and in a folder of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sitegen.assets import hashed_name
from sitegen.cards.card import Card
from sitegen.cards.croissant import FILE as CROISSANT
from sitegen.cards.croissant import Locate, croissant
from sitegen.cards.hugging_face import README, RESULTS, readme, results
from sitegen.cards.toolkit import FILE as TOOLKIT
from sitegen.cards.toolkit import toolkit
from sitegen.catalog import CatalogTable
from sitegen.links import relative_url
from sitegen.output import File

FOLDER = "cards"
"""Of the site."""
EVALUATIONS = "eval-results.yaml"
"""What was measured, in the site, where no folder may begin with a dot; else it is in ``.eval_results``."""
DATA = "data"


def site_files(card: Card) -> dict[str, bytes]:
    """Return the card's files of the site, by URL; none of a card that is not finished."""
    if not card.is_finished:
        return {}
    folder = f"{FOLDER}/{card.name}/"
    return {f"{folder}{name}": content for name, content in _files(card, _in_site(card), EVALUATIONS).items()}


def card_folder(card: Card, locate: Locate | None = None) -> dict[str, File]:
    """Return the files of a folder that can be pushed as it is, by name.

    Without ``locate`` the tables of a dataset are among them.
    """
    found: dict[str, File] = dict(_files(card, locate or _beside, f"{RESULTS}/{card.name}.yaml"))
    if locate is None and card.kind == "data":
        for table in card.tables:
            files = zip(table.table.files, table.files, strict=True)
            found |= {_beside(table, part.file): file for part, file in files}
    return found


def _files(card: Card, locate: Locate, evaluations: str) -> dict[str, bytes]:
    files = {README: readme(card)}
    if card.kind == "data":
        files[CROISSANT] = _json(croissant(card, locate))
    else:
        files[TOOLKIT] = _json(toolkit(card))
        if said := results(card):
            files[evaluations] = said
    return {name: text.encode("utf-8") for name, text in files.items()}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _beside(table: CatalogTable, file: str) -> str:
    return f"{DATA}/{table.artifact.name}-{file}"


def _in_site(card: Card) -> Locate:
    """Return where the site's own copy of a file is: on the web, or on the way from the card."""
    url = f"{FOLDER}/{card.name}/{CROISSANT}"
    address = card.address.removesuffix(card.url) if card.address.endswith(card.url) else ""

    def locate(table: CatalogTable, file: str) -> str:
        digest = next(part.sha256 for part in table.table.files if part.file == file)
        place = f"data/{table.artifact.name}/{hashed_name(file, digest)}"
        return f"{address}{place}" if address else relative_url(url, place)

    return locate


def what_is(name: str) -> str:
    """Return what a file of a card is, in a few words."""
    return {
        README: "for the Hugging Face Hub",
        CROISSANT: "Croissant 1.1, with provenance and responsible AI",
        TOOLKIT: "Model Card Toolkit 0.0.2",
        EVALUATIONS: "results, for .eval_results on the Hugging Face Hub",
    }.get(name, name)
