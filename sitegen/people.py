"""Reads who made something: ``"Lovelace, Ada"``, or a name with an ORCID and an affiliation."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
        """Address of the ORCID; empty without one."""
        return f"https://orcid.org/{self.orcid}" if self.orcid else ""


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


def _problem(told: Any) -> str:
    """Return what is wrong with one of a list; empty where nothing is."""
    known = [item.name for item in fields(Person)]
    if not isinstance(told, Mapping) or not all(isinstance(value, str) for value in told.values()):
        return "holds what is neither a name nor texts by name, orcid and affiliation"
    for key in told:
        if key not in known:
            return f'holds the unknown key "{key}": {nearest(key, known)}'
    if not told.get("name", "").strip():
        return "holds nobody's name"
    orcid = told.get("orcid", "")
    return f'holds "{orcid}", which is no ORCID' if orcid and not is_orcid(orcid) else ""


def is_orcid(text: str) -> bool:
    """Say whether a text is an ORCID; its last sign checks the others (ISO 7064, MOD 11-2)."""
    if not re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return text[-1] == ("X" if check == 10 else str(check))
