"""What is found to differ; plain data, in the order in which it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Setting:
    """Something that a run was made with: a parameter, a version, a digest of what it read."""

    artifact: str
    """Empty for what is said of the whole."""
    name: str
    before: str | None
    """None where there was none."""
    after: str | None


@dataclass(frozen=True)
class ColumnChange:
    """A column that is new, gone, or of another type, role or unit; ``what`` says which."""

    table: str
    column: str
    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Number:
    """A number, by where it stands and what it says."""

    place: str
    """Table of an artifact, or address of a page."""
    name: str
    before: float | None
    """None where there was none, or where it was undefined."""
    after: float | None
    is_claim: bool = False
    is_headline: bool = False
    """Whether it tells of a whole table: its rows, a mean of a column."""
    note: str = ""
    """What else changed: that a claim does not hold any more."""

    @property
    def change(self) -> float | None:
        """The second less the first."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def relative(self) -> float | None:
        """The change as a share of the first; None where that is zero."""
        return self.change / abs(self.before) if self.change is not None and self.before else None


@dataclass(frozen=True)
class Slice:
    """The rows that have one value of a column, on both sides."""

    table: str
    column: str
    """Empty for all rows."""
    value: str
    rows_before: int
    rows_after: int
    right_before: int | None = None
    """Rows that were predicted correctly; None where the table does not say."""
    right_after: int | None = None
    low: float | None = None
    """Ends of the 95% interval of the difference of both shares."""
    high: float | None = None
    is_paired: bool = False
    """Whether the interval is that of the same samples on both sides."""

    @property
    def before(self) -> float | None:
        """Share that was predicted correctly."""
        return (
            self.right_before / self.rows_before
            if self.right_before is not None and self.rows_before
            else None
        )

    @property
    def after(self) -> float | None:
        """The same on the other side."""
        return (
            self.right_after / self.rows_after if self.right_after is not None and self.rows_after else None
        )

    @property
    def difference(self) -> float | None:
        """The second share less the first."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def is_certain(self) -> bool:
        """Whether the interval of the difference leaves zero out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    @property
    def is_same(self) -> bool:
        """Whether neither rows nor shares differ."""
        return (self.rows_before, self.right_before) == (self.rows_after, self.right_after)


@dataclass(frozen=True)
class Sample:
    """A row that is new, gone or changed."""

    kind: str
    """added, removed or changed."""
    id: str
    """Empty where rows have none."""
    before: Mapping[str, Scalar]
    """Values by column; empty for a row that is new."""
    after: Mapping[str, Scalar]
    tile_before: tuple[int, int, int] | None = None
    """Sheet, left and top of its image."""
    tile_after: tuple[int, int, int] | None = None

    @property
    def changed(self) -> list[str]:
        """Names of the columns that differ."""
        names = dict.fromkeys([*self.before, *self.after])
        return [name for name in names if self.before.get(name) != self.after.get(name)]


@dataclass(frozen=True)
class Rows:
    """How the rows of a table differ."""

    table: str
    before: int
    after: int
    added: int
    removed: int
    changed: int
    matched_by: str
    """A column, or "content"."""
    columns: Mapping[str, int] = field(default_factory=dict)
    """In how many rows each column differs."""
    samples: tuple[Sample, ...] = ()
    """Some of them, those that matter most first."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Roles of the columns in ``samples``."""

    @property
    def is_same(self) -> bool:
        """Whether every row of one side is on the other."""
        return not (self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Difference:
    """All that differs between two editions."""

    before: str
    after: str
    kind: str
    """runs or sites."""
    added: tuple[str, ...] = ()
    """Artifacts, tables or pages that only the second has."""
    removed: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    columns: tuple[ColumnChange, ...] = ()
    numbers: tuple[Number, ...] = ()
    slices: tuple[Slice, ...] = ()
    """Those that differ, the greatest change of each table and column first."""
    compared: int = 0
    """Slices with an interval that were looked at, whether they differ or not."""
    rows: tuple[Rows, ...] = ()
    same: int = 0
    """Tables that are the same, to the byte."""

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        found = (self.added, self.removed, self.settings, self.columns, self.numbers, self.slices)
        return not any(found) and all(rows.is_same for rows in self.rows)


def as_data(found: Difference) -> dict[str, Any]:
    """Return a difference as JSON takes it, with what follows from its counts."""
    return {
        "before": found.before,
        "after": found.after,
        "kind": found.kind,
        "same": found.is_same,
        "added": list(found.added),
        "removed": list(found.removed),
        "settings": [vars(one) for one in found.settings],
        "columns": [vars(one) for one in found.columns],
        "numbers": [vars(one) | {"change": one.change, "relative": one.relative} for one in found.numbers],
        "slices": [_slice(one) for one in found.slices],
        "slices_compared": found.compared,
        "rows": [_rows(one) for one in found.rows],
        "tables_same": found.same,
    }


def _slice(one: Slice) -> dict[str, Any]:
    shares = {"before": one.before, "after": one.after, "difference": one.difference}
    return vars(one) | shares | {"is_certain": one.is_certain}


def _rows(one: Rows) -> dict[str, Any]:
    samples = [
        {"kind": each.kind, "id": each.id, "before": dict(each.before), "after": dict(each.after)}
        for each in one.samples
    ]
    told = {name: value for name, value in vars(one).items() if name not in ("samples", "roles")}
    return told | {"columns": dict(one.columns), "samples": samples}
