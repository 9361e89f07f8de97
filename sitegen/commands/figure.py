"""``sitegen figure``: draws a network for a paper."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipelines.contract import MANIFEST
from sitegen import figures
from sitegen.commands.calling import pipelines
from sitegen.errors import SCREENFUL
from sitegen.figures import Tables
from sitegen.output import write_file


def main(given: argparse.Namespace) -> None:
    """Draw a network into a file, and say what was drawn."""
    output = Path(given.output)
    suffix = figures.check_output(output, given.dpi)
    wish = figures.Wish(
        presets=tuple(given.preset),
        preferences=dict(figures.read_setting(each) for each in given.set),
        detail=figures.read_detail(given.detail) if given.detail is not None else None,
        hidden=tuple(given.hide),
        dpi=given.dpi,
    )
    models = [given.model, *([given.diff] if given.diff else [])]
    networks = [(Path(model).stem, _network(model, given)) for model in models]
    drawn = figures.draw(networks, suffix, wish, given.model)
    write_file(output, drawn.content)
    for notice in drawn.notices[:SCREENFUL]:
        print(f"notice: {notice}", file=sys.stderr)
    for change in drawn.changes[:SCREENFUL]:
        print(change)
    if len(drawn.changes) > SCREENFUL:
        print(f"… and {len(drawn.changes) - SCREENFUL} more layers differ")
    of = f", {drawn.glyphs} glyphs" if drawn.glyphs else ""
    print(f"{output}: {drawn.width:.5g} by {drawn.height:.4g} {'pt' if drawn.is_exact else 'px'}{of}")


def _network(model: str, given: argparse.Namespace) -> Tables:
    """Return a network's tables: those of an artifact, or what its file is read as."""
    source = Path(model)
    with pipelines("sitegen figure"):
        if (source / MANIFEST).is_file():
            return figures.read_tables(source)
        from pipelines.architecture.compute import tables
        from pipelines.architecture.reading import read_graph

        root = Path(given.folder) if given.factory else None
        graph = read_graph(
            source, shapes=given.shapes, factory=given.factory, is_trusted=given.trust, root=root
        )
        return {rows.spec.name: rows.data.to_pydict() for rows in tables(graph)}
