"""Rows of a dataset that cannot be read: named, counted, and either stopped at or left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.errors import ContractError

SHOWN = 5
SETTING = 'mend them, or leave them out with on_unreadable = "skip" in this dataset\'s section'


@dataclass(frozen=True)
class Unreadable:
    """One row that cannot be read: what it is called, why, and its place in the table if it has one.

    `hint` says how it could be read after all.
    """

    name: str
    reason: str
    row: int | None = None
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.reason}"


def refusal(where: str, found: Sequence[Unreadable], total: int) -> ContractError:
    """Return the error that counts the rows which cannot be read, names the first, and says what to do."""
    hint = "; ".join([*dict.fromkeys(item.hint for item in found if item.hint), SETTING])
    return ContractError(where, f"{len(found)} of {total} rows cannot be read: {listed(found)}", hint)


def listed(found: Sequence[Unreadable]) -> str:
    """Return the first few rows with their reasons, and how many more there are."""
    more = len(found) - SHOWN
    return ", ".join(map(str, found[:SHOWN])) + (f", and {more} more" if more > 0 else "")
