"""Reads what the page of a card says of its dataset or model in the front matter: ``facts``.

What runs know already (rows, digests, parameters) is not said again here; it comes from the manifests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from sitegen.errors import Problems, nearest
from sitegen.numbers import FORMAT
from sitegen.people import Person, read_people
from sitegen.structured import line_of

CARDS = ("data", "model")
"""Kinds of cards."""
SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


@dataclass(frozen=True)
class Metric:
    """One measure of a model, computed when the site is built."""

    name: str
    """What readers call it, such as Accuracy."""
    sql: str
    """A SELECT of ``value``, or of ``successes`` and ``n`` of a share: then its interval is computed. It may
    have the columns ``low``, ``high`` and ``n``, and ``slice`` where each row is a part of the data."""
    type: str = ""
    """Its name among the metrics of the Hugging Face Hub, such as accuracy; that of ``name`` otherwise."""
    split: str = ""
    """The part of the dataset that it is measured on, such as test."""
    format: str = ".3g"
    """How the page writes it."""


@dataclass(frozen=True)
class Facts:
    """``facts``: what machines are told of the dataset or the model of a card."""

    name: str = ""
    """What the dataset or model is called; the page's title when empty."""
    dataset: str = ""
    """A [datasets.NAME] of the settings: a data card's subject, or what a model is measured on."""
    model: str = ""
    """A [models.NAME] of the settings: the subject of a model card."""
    version: str = ""
    """Version of the dataset or model, such as 1.0.0."""
    licence: str = ""
    """Its SPDX identifier, such as CC-BY-4.0; what the dataset's source says when empty."""
    licence_url: str = ""
    """Address of the licence's text, where it has no SPDX identifier."""
    authors: tuple[Person, ...] = ()
    """Who made it: ``"Lovelace, Ada"``, or ``{name, orcid, affiliation}``."""
    contact: str = ""
    """Where to ask: a mail or web address."""
    url: str = ""
    """Where it is published; the page's own address when empty."""
    citation: str = ""
    """How to cite it, as text or BibTeX; what the dataset's source says when empty."""
    languages: tuple[str, ...] = ()
    """Languages of texts in it, as of BCP 47: en, de."""
    keywords: tuple[str, ...] = ()
    """What it is about."""
    task: str = ""
    """What it is for, as the Hugging Face Hub calls tasks: image-classification."""
    library: str = ""
    """Library that runs the model, as the Hub calls it: pytorch, keras, sklearn."""
    base_model: str = ""
    """The model that it was made from, as the Hub calls it."""
    architecture: str = ""
    """What kind of model it is, in a few words."""
    hub_dataset: str = ""
    """The dataset's name on the Hub, owner/name, where it is there."""
    metrics: tuple[Metric, ...] = ()
    """What was measured: ``name`` and ``sql`` each, and ``type``, ``split``, ``format``."""


def read_facts(found: Mapping[str, Any], text: str, file: str, problems: Problems) -> Facts:
    """Return the facts; what is wrong with them is noted. ``text`` is the front matter as written."""
    values: dict[str, Any] = {}

    def note(key: str, what: str, hint: str = "") -> None:
        problems.add(f"{file}:{line_of(text, f'facts.{key}', 2)}", what, hint)

    kinds = {item.name: str(item.type) for item in fields(Facts)}
    for key, value in found.items():
        if key not in kinds:
            note(key, f'unknown key "{key}" in "facts"', nearest(key, kinds))
        elif key == "authors":
            values[key], problem = read_people(value)
            if problem:
                note(key, f'"authors" {problem}')
        elif key == "metrics":
            values[key] = tuple(_metrics(value, note))
        elif kinds[key] == "str" and isinstance(value, str):
            values[key] = value.strip()
        elif kinds[key] != "str" and isinstance(value, list) and all(isinstance(one, str) for one in value):
            values[key] = tuple(value)
        else:
            kind = "text; quote it if it looks like a number" if kinds[key] == "str" else "a list of texts"
            note(key, f'"{key}" is not {kind}')
    _check_forms(values, note)
    return Facts(**values)


def _check_forms(values: Mapping[str, Any], note: Any) -> None:
    """Note addresses that are none, and a licence that is no identifier."""
    for key in ("url", "licence_url"):
        written = values.get(key, "")
        if written and urlsplit(written).scheme not in ("http", "https"):
            note(key, f'"{written}" is not a web address', "write https://…")
    licence = values.get("licence", "")
    if licence and not SPDX.fullmatch(licence) and not values.get("licence_url"):
        hint = "write one of spdx.org/licenses, such as CC-BY-4.0, or give its text's address as licence_url"
        note("licence", f'"{licence}" is no SPDX identifier', hint)


def _metrics(written: Any, note: Any) -> Iterator[Metric]:
    known = [item.name for item in fields(Metric)]
    if not isinstance(written, list):
        note("metrics", '"metrics" is not a list', "write - name: …, and below it sql: …")
        return
    for each in written:
        if not isinstance(each, dict) or not all(isinstance(value, str) for value in each.values()):
            note("metrics", "a metric is not texts by name", "write - name: …, and below it sql: …")
            continue
        for key in each:
            if key not in known:
                note("metrics", f'unknown key "{key}" of a metric', nearest(key, known))
        missing = [key for key in ("name", "sql") if not each.get(key, "").strip()]
        for key in missing:
            note("metrics", f'a metric has no "{key}"', f"write {key}: …")
        form = each.get("format", "")
        if not FORMAT.fullmatch(form):
            note("metrics", f'"{form}" is not a format of numbers', "such as .1% for 93.8%, .3f, .3g")
        if not missing and set(each) <= set(known):
            yield Metric(**each)
