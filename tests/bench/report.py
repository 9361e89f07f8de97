"""What a benchmark found: numbers in a table, and each budget with whether it is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """One budget: the measured value must not exceed it."""

    what: str
    measured: float
    budget: float
    unit: str

    @property
    def kept(self) -> bool:
        """Whether the budget is kept; what could not be measured does not keep it."""
        return self.measured <= self.budget

    def __str__(self) -> str:
        mark = "pass" if self.kept else "FAIL"
        return f"  {mark}  {self.what}: {self.measured:.2f} {self.unit}, at most {self.budget:g} {self.unit}"


@dataclass(frozen=True)
class Report:
    """A table with a title, and the verdicts that follow from it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    verdicts: Sequence[Verdict] = field(default=())
    notes: Sequence[str] = field(default=())

    @property
    def kept(self) -> bool:
        """Whether every budget is kept."""
        return all(verdict.kept for verdict in self.verdicts)

    def __str__(self) -> str:
        lines = [self.title, *_aligned([self.header, *self.rows])]
        return "\n".join([*lines, *map(str, self.verdicts), *(f"  {note}" for note in self.notes)])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as text: the first column to the left, numbers to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(_cells(row, widths)) for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of the values do not exceed; NaN for none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def median(values: Sequence[float]) -> float:
    """Return the lower median; NaN for no values."""
    return quantile(values, 0.5)


def milliseconds(value: float) -> str:
    """Return a time in ms as a table shows it."""
    return "-" if math.isnan(value) else f"{value:.1f}"


def megabytes(count: float) -> str:
    """Return a size in bytes as MB (10^6)."""
    return f"{count / 1e6:.0f} MB"
