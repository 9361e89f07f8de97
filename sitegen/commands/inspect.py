"""``sitegen inspect``: says what data holds, and the settings to use it with."""

from __future__ import annotations

import argparse
from pathlib import Path

from sitegen.commands.calling import pipelines


def main(given: argparse.Namespace) -> None:
    """Print what a source holds."""
    with pipelines("sitegen inspect"):
        from pipelines.inspection import inspect, report

        print("\n".join(report(inspect(given.source, Path(given.folder)))))
