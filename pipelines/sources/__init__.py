"""The kinds of source that a dataset can come from: one visible list, one module each.

Every module has the same two functions. `claims(address, root)` says whether what a report wrote as its
`source` is of this kind; `opened(source, root)` returns its `Contents` and reads as little as it can.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.sources import digits, files, folder, module, vega
from pipelines.sources.shown import with_shown_names
from pipelines.sources.source import Contents, Kind, Source

SOURCES: tuple[Kind, ...] = (digits, vega, module, folder, files)
"""In the order in which they are asked; the last one claims every path."""


def open_source(source: Source, root: Path) -> Contents:
    """Return the contents of a dataset; raise `ContractError` where there are none."""
    kind = next(kind for kind in SOURCES if kind.claims(source.source, root))
    return with_shown_names(kind.opened(source, root))
