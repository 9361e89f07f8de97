"""Says what a card is about in the page itself, as schema.org's JSON-LD, for search engines."""

from __future__ import annotations

import json
from typing import Any

from sitegen.cards.card import Card
from sitegen.cards.described import described
from sitegen.cards.hugging_face import metric_type
from sitegen.cards.measures import Measured
from sitegen.values import safe_in_script


def linked_data(card: Card, url: str) -> str:
    """Return JSON that is safe inside a script element; ``url`` is the way from the page to its exports."""
    text = json.dumps(_node(card, url), ensure_ascii=False, separators=(",", ":"))
    return safe_in_script(text)


def _node(card: Card, url: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset" if card.kind == "data" else "SoftwareSourceCode",
        **described(card, cited="citation"),
    }
    told |= _of_data(card, url) if card.kind == "data" else _of_model(card)
    return {key: value for key, value in told.items() if value not in ("", [], None)}


def _of_data(card: Card, url: str) -> dict[str, Any]:
    columns = {column.name: column for table in card.tables for column in table.table.columns}
    return {
        "variableMeasured": [
            {
                key: value
                for key, value in {
                    "@type": "PropertyValue",
                    "name": column.name,
                    "description": column.description,
                    "unitText": column.unit,
                }.items()
                if value
            }
            for column in columns.values()
        ],
        "size": f"{card.rows} rows" if card.rows is not None else "",
        "subjectOf": {"@type": "CreativeWork", "encodingFormat": "application/ld+json", "url": url},
    }


def _of_model(card: Card) -> dict[str, Any]:
    return {
        "runtimePlatform": card.facts.library,
        "applicationCategory": card.facts.task,
        "isBasedOn": card.facts.base_model,
        "additionalProperty": [_measure(one) for one in card.measures],
    }


def _measure(one: Measured) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@type": "PropertyValue",
        "propertyID": metric_type(one),
        "name": one.metric.name,
        "value": one.value,
        "minValue": one.low,
        "maxValue": one.high,
        "description": ", ".join(filter(None, [one.metric.split, one.slice])),
    }
    return {key: value for key, value in told.items() if value not in ("", None)}
