"""What is compared: a run or a site, as its tables, numbers and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines import contract
from sitegen.difference.findings import Number
from sitegen.errors import SitegenError
from sitegen.languages import SOURCE

RUNS, SITES = "runs", "sites"


@dataclass(frozen=True)
class Sheet:
    """A sprite sheet: where it is, and how large each image on it is."""

    file: Path
    tile: tuple[int, int]


@dataclass(frozen=True)
class EditionTable:
    """One table of an edition."""

    name: str
    """``artifact/table``."""
    files: tuple[Path, ...]
    """Parquet, in row order."""
    columns: tuple[contract.Column, ...]
    rows: int
    digest: str
    """Equal for equal files."""
    is_samples: bool
    """Whether each row is one sample of a dataset."""
    sheets: tuple[Sheet, ...] = ()

    @property
    def id_column(self) -> contract.Column | None:
        """The column that names the sample of a row."""
        if not self.is_samples:
            return None
        return next((column for column in self.columns if column.role == "id"), None)

    def with_role(self, role: str) -> str | None:
        """Return the name of the first column of a role."""
        return next((column.name for column in self.columns if column.role == role), None)


@dataclass(frozen=True)
class Edition:
    """One of the two that are compared."""

    name: str
    kind: str
    tables: Mapping[str, EditionTable]
    manifests: Mapping[str, contract.Manifest] = field(default_factory=dict)
    """Of runs, by artifact."""
    numbers: tuple[Number, ...] = ()
    """Of a site's pages, each as what comes after."""
    pages: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    """What is said of the whole, such as the version that built a site."""
    is_single: bool = False
    """Whether it is one artifact, which is compared with another whatever their names are."""
    language: str = SOURCE
    """Of the report, or of the site."""


def aligned(before: Edition, after: Edition) -> Edition:
    """Return the first under the second's names, where each is one artifact; refuses a mixture."""
    if before.kind != after.kind:
        what = f"is a {before.kind[:-1]}, and {after.name} is a {after.kind[:-1]}"
        raise SitegenError(before.name, what, "compare two runs, or two sites")
    if not (before.is_single and after.is_single):
        return before
    (name,) = after.manifests
    tables = {
        f"{name}/{key.partition('/')[2]}": replace(table, name=f"{name}/{key.partition('/')[2]}")
        for key, table in before.tables.items()
    }
    return replace(before, tables=tables, manifests={name: next(iter(before.manifests.values()))})
