"""Writes the report's cards as other systems read them, each into a folder that can be pushed as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sitegen.build import build
from sitegen.cards.card import Card
from sitegen.cards.exports import card_folder
from sitegen.cards.pages import with_cards
from sitegen.config import Config
from sitegen.drawing import Report
from sitegen.errors import Problems, SitegenError, nearest
from sitegen.kept import user_drawings
from sitegen.memo import Memo
from sitegen.output import Disk, Memory
from sitegen.sources import read_sources

FOLDER = "cards"
COMMAND = "sitegen cards"


def write(
    config: Config, names: Sequence[str], folder: Path, report: Report, *, strict: bool
) -> dict[str, list[str]]:
    """Write the cards called ``names``, or all, into ``folder``; return the files of each, by card.

    Raises all that is wrong with the report, and where there is no such card.
    """
    problems, memo = Problems(), Memo()
    build(config, Memory(), report, strict=strict, memo=memo, kept=user_drawings())
    _, cards = with_cards(read_sources(config, memo, problems), problems)
    problems.stop(strict=strict)
    known = {card.name: card for card in cards.values()}
    for name in names:
        if name not in known:
            raise SitegenError(COMMAND, f'there is no card "{name}"', nearest(name, known))
    if not known:
        hint = "write card: data or card: model at the top of a page"
        raise SitegenError(COMMAND, "no page of the report is a card", hint)
    _refuse_unfinished(known, names)
    finished = {name: card for name, card in known.items() if card.is_finished}
    chosen = {name: card_folder(card) for name, card in finished.items() if not names or name in names}
    files = {f"{name}/{file}": content for name, found in chosen.items() for file, content in found.items()}
    Disk(folder, f"{COMMAND} --output FOLDER").publish(files)
    return {name: sorted(found) for name, found in chosen.items()}


def _refuse_unfinished(known: Mapping[str, Card], names: Sequence[str]) -> None:
    """Raise where a card that was asked for is unfinished, or every card is."""
    unfinished = [name for name, card in known.items() if not card.is_finished]
    asked = [name for name in names if name in unfinished]
    if asked or len(unfinished) == len(known):
        hint = "sitegen check names what it lacks; then take unfinished: true out of its page"
        raise SitegenError(COMMAND, f'the card "{(asked or unfinished)[0]}" is unfinished', hint)
