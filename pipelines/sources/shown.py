"""A source whose columns have names that no page can hold, under names that it can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from pipelines.arrow import NUL_PICTURE, Exact
from pipelines.images import Encoded, Images
from pipelines.sources.source import Contents, Known
from pipelines.unreadable import Unreadable


def with_shown_names(contents: Contents) -> Contents:
    """Return contents of which no column's name holds the character NUL."""
    return Shown(contents) if any("\0" in name for name in contents.schema.names) else contents


def shown(name: str) -> str:
    """Return a name with the picture of the character NUL in its place."""
    return name.replace("\0", NUL_PICTURE)


@dataclass(frozen=True)
class Shown:
    """The contents of a source under names without NUL; everything else is its own."""

    own: Contents

    @cached_property
    def _written(self) -> Mapping[str, str]:
        return {shown(name): name for name in self.own.schema.names}

    @property
    def renamed(self) -> list[str]:
        """The names that the source writes otherwise."""
        return [name for name, written in self._written.items() if name != written]

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return self.own.kind

    @property
    def where(self) -> str:
        """The file or setting that its problems name."""
        return self.own.where

    @property
    def schema(self) -> pa.Schema:
        """Every column."""
        schema = self.own.schema
        return pa.schema([item.with_name(shown(item.name)) for item in schema], schema.metadata)

    @property
    def known(self) -> Known:
        """What the source says of itself."""
        known = self.own.known
        roles = {role: shown(name) for role, name in known.roles.items()}
        return replace(
            known, roles=roles, class_names={shown(name): said for name, said in known.class_names.items()}
        )

    @property
    def bytes(self) -> int:
        """Size of the source."""
        return self.own.bytes

    @property
    def images(self) -> Images | None:
        """The images of a source that keeps them as pixels."""
        return self.own.images

    @property
    def exact(self) -> Mapping[str, Exact]:
        """The columns that are texts because numbers would lose digits."""
        return {shown(name): kept for name, kept in self.own.exact.items()}

    def digest(self) -> str:
        """Return the digest of the data."""
        return self.own.digest()

    def count(self) -> int:
        """Return the number of rows."""
        return self.own.count()

    def rows(self, columns: Sequence[str]) -> tuple[pa.Table, list[Unreadable]]:
        """Return the named columns, and the broken rows."""
        rows, broken = self.own.rows([self._written[name] for name in columns])
        return rows.rename_columns(list(columns)), broken

    def items(self, column: str) -> Iterator[Encoded]:
        """Yield the encoded images or sounds of a column."""
        yield from self.own.items(self._written[column])

    def name(self, row: int) -> str:
        """Return what a row is called."""
        return self.own.name(row)
