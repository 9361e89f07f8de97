"""Writes a model card as the Model Card Toolkit's JSON, schema version 0.0.2."""

from __future__ import annotations

import re
from typing import Any

from sitegen.cards.card import Card
from sitegen.cards.hugging_face import metric_type
from sitegen.cards.measures import Measured

FILE = "model-card.json"
VERSION = "0.0.2"


def toolkit(card: Card) -> dict[str, Any]:
    """Return the card; a section that is a list becomes one entry an item."""
    facts = card.facts
    return _without_empty(
        {
            "schema_version": VERSION,
            "model_details": {
                "name": card.called,
                "overview": card.description,
                "documentation": "\n\n".join(filter(None, [card.intro, card.text_of("model-details")])),
                "owners": [
                    _without_empty({"name": person.shown, "contact": person.url or facts.contact})
                    for person in facts.authors
                ],
                "version": {"name": facts.version, "date": card.date},
                "licenses": [
                    {"identifier": facts.licence} if facts.licence else {"custom_text": card.licence_url}
                ],
                "references": [{"reference": url} for url in dict.fromkeys((facts.url, card.address)) if url],
                "citations": [_citation(card.citation)] if card.citation else [],
            },
            "model_parameters": {
                "model_architecture": facts.architecture,
                "data": [
                    {"name": facts.hub_dataset or facts.dataset, "description": card.text_of("training-data")}
                ],
            },
            "quantitative_analysis": {"performance_metrics": [_metric(one) for one in card.measures]},
            "considerations": {
                "users": _described(card.text_of("users")),
                "use_cases": _described(card.text_of("intended-use")),
                "limitations": _described(card.text_of("limitations"))
                + _described(card.text_of("out-of-scope-use")),
                "tradeoffs": _described(card.text_of("tradeoffs")),
                "ethical_considerations": [
                    {"name": one, "mitigation_strategy": card.text_of("recommendations")}
                    for one in items(card.text_of("ethics"))
                ],
            },
        }
    )


def _citation(written: str) -> dict[str, str]:
    return {"style": "BibTeX" if written.startswith("@") else "text", "citation": written}


def _metric(one: Measured) -> dict[str, Any]:
    told: dict[str, Any] = {"type": metric_type(one), "value": one.value}
    parts = [f"split: {one.metric.split}" if one.metric.split else "", one.slice]
    if any(parts):
        told["slice"] = ", ".join(filter(None, parts))
    if one.low is not None and one.high is not None:
        told["confidence_interval"] = {"lower_bound": one.low, "upper_bound": one.high}
    return told


def _described(text: str) -> list[dict[str, str]]:
    return [{"description": one} for one in items(text)]


def items(text: str) -> list[str]:
    """Return the items of a text that is a list and nothing else; else the text, whole."""
    if not text:
        return []
    parts = re.split(r"^- ", text, flags=re.MULTILINE)
    return [part.strip() for part in parts[1:]] if not parts[0].strip() else [text]


def _without_empty(told: dict[str, Any]) -> dict[str, Any]:
    """Return an object without what is empty in it, at any depth."""
    kept = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in told.items()}
    return {key: value for key, value in kept.items() if value not in ("", [], {}, None)}
