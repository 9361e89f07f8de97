"""The words of the interface in the site's language, from a catalogue of the theme: ``languages/de.json``.

A text is asked for by its English words, so what a catalogue lacks is in English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pipelines.contract import fault_of
from sitegen.errors import SitegenError, nearest

FOLDER = "languages"
SOURCE = "en"
"""The language that texts are written in."""
EXAMPLE, SHARE = "1,234.5", "{n}%"
"""Texts that show how a language writes numbers, and how per cent."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Words:
    """The texts of one language, by their English ones."""

    def __init__(self, language: str = SOURCE, texts: dict[str, str] | None = None) -> None:
        self.language = language
        self.texts = texts or {}

    def say(self, text: str, **values: object) -> str:
        """Return a text of the interface in this language, with values in the place of names in braces."""
        said = self.texts.get(text, text)
        return re.sub(r"\{(\w+)\}", lambda mark: str(values.get(mark[1], mark[0])), said) if values else said

    def say_count(self, amount: int, one: str, other: str, **values: object) -> str:
        """Return one of two texts, as the amount ``{n}`` asks for."""
        return self.say(one if amount == 1 else other, n=self.number(f"{amount:,}"), **values)

    def number(self, written: str) -> str:
        """Return a number that is written as in English with the separators and per cent of this language."""
        signs = re.fullmatch(r"1(\D)234(\D)5", self.say(EXAMPLE))
        if signs is None or signs.groups() == (",", "."):
            return written
        said = written.translate({ord(","): signs[1], ord("."): signs[2]})
        return self.say(SHARE, n=said[:-1]) if said.endswith("%") else said

    def day(self, date: str) -> str:
        """Return a day that is written ``2026-11-26`` as a sentence of this language says it."""
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
            return date
        year, month, day = map(int, date.split("-"))
        return self.say("{day} {month} {year}", day=day, month=self.say(MONTHS[month - 1]), year=year)

    @property
    def json(self) -> str:
        """The texts for a theme's scripts; empty where there are none."""
        said = {"language": self.language, "texts": self.texts}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")) if self.texts else ""

    def within(self, scripts: Iterable[str]) -> Words:
        """Return the words with only those texts that some script asks for."""
        sources = list(scripts)
        asked = {
            text: said
            for text, said in self.texts.items()
            if any(part in source for source in sources for part in (text, text.replace('"', '\\"')))
        }
        return Words(self.language, asked)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and (self.language, self.texts) == (other.language, other.texts)

    def __hash__(self) -> int:
        return hash(self.language)


def read_words(folders: Iterable[Path], language: str) -> Words:
    """Return the words of a language, as of the first of the themes' folders that has them.

    ``de-AT`` is read from ``de.json`` where there is no catalogue of its own.
    """
    for name in dict.fromkeys((language, language.partition("-")[0])):
        for folder in folders:
            file = folder / FOLDER / f"{name}.json"
            if name.replace("-", "").isalnum() and file.is_file():
                return Words(language, _read(file))
    return Words(language)


def _read(file: Path) -> dict[str, str]:
    where = f"{file.parent.parent.name}/{FOLDER}/{file.name}"
    return _parsed(file.read_text(encoding="utf-8"), where)


@cache
def _parsed(text: str, where: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError as error:
        fault = fault_of(text, error)
        raise SitegenError(fault.where(where), fault.what, fault.hint) from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise SitegenError(where, "is not texts by their English ones", '{"Menu": "Menü", …}')
    return found


def known(folders: Iterable[Path]) -> list[str]:
    """Return the languages that the interface speaks."""
    found = {file.stem for folder in folders for file in (folder / FOLDER).glob("*.json")}
    return sorted({SOURCE, *found})


def hint(folders: Iterable[Path], language: str) -> str:
    """Return the nearest languages that there are."""
    return nearest(language, known(folders))
