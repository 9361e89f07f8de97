"""``sitegen demo``: makes the demo report, analyses it and writes its site."""

from __future__ import annotations

import argparse
from pathlib import Path

from sitegen.arguments import parser
from sitegen.commands import build, run
from sitegen.starters import start_demo


def main(given: argparse.Namespace) -> None:
    """Make the demo report, then do as ``run`` and ``build`` do."""
    start_demo(Path(given.target))
    for name, command in (("run", run), ("build", build)):
        command.main(parser().parse_args(["-C", given.target, name]))
