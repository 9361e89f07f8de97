"""``sitegen serve``: shows the site while it is written."""

from __future__ import annotations

import argparse
from pathlib import Path

from sitegen.kept import user_drawings
from sitegen.serve import serve


def main(given: argparse.Namespace) -> None:
    """Serve the site until it is interrupted."""
    kept = user_drawings()
    kept.sweep_daily()
    serve(
        Path(given.folder) / given.config,
        given.port,
        report=print,
        with_drafts=given.drafts,
        native=given.engine == "native",
        kept=kept,
    )
