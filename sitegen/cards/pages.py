"""Puts into the pages of cards what those show by themselves, and hands the cards over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sitegen.cards.card import Card, read_card
from sitegen.cards.exports import site_files, what_is
from sitegen.cards.linked_data import linked_data
from sitegen.cards.parts import (
    FACTS,
    FILES,
    METRICS,
    PARTS,
    facts_part,
    files_part,
    metrics_part,
    unfinished_notice,
    unfinished_part,
)
from sitegen.errors import Problems, nearest
from sitegen.languages import Words
from sitegen.links import relative_url
from sitegen.sources import PageSource, Sources

Cards = Mapping[str, Card]
"""Cards by the URL of their page."""


def with_cards(sources: Sources, problems: Problems) -> tuple[Sources, Cards]:
    """Return the sources with every card's page whole, and the cards; what is wrong with them is noted."""
    cards: dict[str, Card] = {}
    pages = []
    for source in sources.pages:
        if source.page.front.card:
            cards[source.page.url] = card = read_card(source, sources, problems)
            source = _with_parts(source, card, sources.words, problems)
        elif "card" in source.page.unread:
            pass  # what the page would have to be is not known
        elif source.document.cards:
            where = source.document.cards[0].where
            problems.add(
                where, "a part of a card stands in a page that is none", "write card: data at its top"
            )
        elif source.page.front.unfinished:
            where = source.page.line_of("unfinished")
            problems.add(where, "only a card can be unfinished", "write card: data beside it, or draft: true")
        pages.append(source)
    return (replace(sources, pages=tuple(pages)), cards) if cards else (sources, cards)


def _with_parts(source: PageSource, card: Card, words: Words, problems: Problems) -> PageSource:
    """Return the page with its parts; notes those that there are none of, and those that are missing."""
    url = source.page.url
    files = [
        (relative_url(url, address), what_is(address.rpartition("/")[2]), len(content))
        for address, content in site_files(card).items()
    ]
    made = {
        FACTS: facts_part(card, words),
        METRICS: metrics_part(card, words),
        FILES: files_part(files, words) if card.is_finished else unfinished_part(words),
    }
    for part in source.document.cards:
        if part.name not in PARTS:
            problems.add(part.where, f'a card has no part "{part.name}"', nearest(part.name, PARTS))
    named = [part.name for part in source.document.cards]
    needed = [name for name in PARTS if name != METRICS or card.measures]
    _warn_missing((name for name in needed if name not in named), source, problems)
    parts = [made.get(name, "") for name in named]
    return replace(
        source,
        document=source.document.carded(parts),
        linked_data=linked_data(card, files[-1][0]) if card.is_finished else "",
        notice="" if card.is_finished else unfinished_notice(card, words),
    )


def _warn_missing(names: Iterable[str], source: PageSource, problems: Problems) -> None:
    for name in names:
        what = f"the page of the card does not show its {name}"
        problems.warn(source.page.line_of("card"), what, f"write ```card {name} where they belong")
