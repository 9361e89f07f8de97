"""What every form of a card says in the words of schema.org: name, licence, who made it, when, for what."""

from __future__ import annotations

from typing import Any

from sitegen.cards.card import Card
from sitegen.people import Person


def described(card: Card, *, cited: str, prefix: str = "") -> dict[str, Any]:
    """Return the card's description; ``cited`` is the key of its citation, ``prefix`` stands before types."""
    facts = card.facts
    return {
        "name": card.called,
        "description": card.description,
        "license": card.licence_url or card.licence,
        "url": card.homepage,
        "creator": [_person(person, prefix) for person in facts.authors],
        "datePublished": card.date,
        "version": facts.version,
        cited: card.citation,
        "keywords": list(facts.keywords),
        "inLanguage": list(facts.languages),
    }


def _person(person: Person, prefix: str) -> dict[str, str]:
    kind = "Person" if person.family else "Organization"
    told = {"@type": f"{prefix}{kind}", "name": person.shown, "url": person.url}
    return {key: value for key, value in told.items() if value}
