"""Reads who made something: ``"Lovelace, Ada"``, or a name with an ORCID and an affiliation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sitegen.errors import nearest


@dataclass(frozen=True)
class Person:
    """Somebody, or an organisation."""

    name: str
    """Family name, a comma and given names; without a comma an organisation."""
    orcid: str = ""
    """As 0000-0002-1825-0097."""
    affiliation: str = ""
    """Where they work."""
    email: str = ""
    """Where questions about it go."""
    website: str = ""
    """Their address on the web, with https://."""
    ror: str = ""
    """Of an organisation, as 03f0f6041."""

    @property
    def family(self) -> str:
        """The family name; empty for an organisation."""
        return self.name.partition(",")[0].strip() if "," in self.name else ""

    @property
    def given(self) -> str:
        """The given names; empty for an organisation."""
        return self.name.partition(",")[2].strip()

    @property
    def shown(self) -> str:
        """The name as it is read: given names first."""
        return f"{self.given} {self.family}" if self.family else self.name

    @property
    def url(self) -> str:
        """Address of the ORCID, or of an organisation's ROR; empty without one."""
        if self.orcid:
            return f"https://orcid.org/{self.orcid}"
        return f"https://ror.org/{self.ror}" if self.ror else ""


def read_people(written: Any) -> tuple[tuple[Person, ...], str]:
    """Return the people of a list of texts and tables, and what is wrong with it; empty where nothing is."""
    if not isinstance(written, list | tuple):
        return (), 'is not a list, such as ["Lovelace, Ada"]'
    people = []
    for each in written:
        told = {"name": each} if isinstance(each, str) else each
        problem = _problem(told)
        if problem:
            return (), problem
        people.append(Person(**told))
    return tuple(people), ""


def people_in(text: str) -> tuple[Person, ...]:
    """Return the people of one text, such as ``"Lovelace, Ada; A laboratory"``: semicolons stand between."""
    names = (" ".join(name.split()) for name in text.split(";"))
    return tuple(Person(name) for name in names if name)


def _problem(told: Any) -> str:
    """Return what is wrong with one of a list; empty where nothing is."""
    known = [item.name for item in fields(Person)]
    if not isinstance(told, Mapping) or not all(isinstance(value, str) for value in told.values()):
        return f"holds what is neither a name nor texts by {', '.join(known)}"
    for key in told:
        if key not in known:
            return f'holds the unknown key "{key}": {nearest(key, known)}'
    if not told.get("name", "").strip():
        return "holds nobody's name"
    for key, (is_one, called) in _KINDS.items():
        if told.get(key) and not is_one(told[key]):
            return f'holds "{told[key]}", which is no {called}'
    return ""


def is_orcid(text: str) -> bool:
    """Say whether a text is an ORCID; its last sign checks the others (ISO 7064, MOD 11-2)."""
    if not re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return text[-1] == ("X" if check == 10 else str(check))


_KINDS: dict[str, tuple[Callable[[str], object], str]] = {
    "orcid": (is_orcid, "ORCID"),
    "email": (re.compile(r"[^\s@<>\"?&]+@[^\s@<>\"?&]+").fullmatch, "address of e-mail"),
    "website": (re.compile(r"https?://[^\s/?#\\]+[^\s\\\x00-\x1f]*").fullmatch, "address on the web"),
    "ror": (re.compile(r"0[a-hj-km-np-tv-z0-9]{6}\d{2}").fullmatch, "ROR"),
}
"""What tells each key's values from other texts, and what they are called."""
