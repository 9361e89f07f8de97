"""``python -m tests.bench [--gpu] [NAME…]``: measure, print tables, exit 1 when a budget is not kept."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from tests.bench import machine

NAMES = (
    "crossfilter",
    "scatter",
    "confusion",
    "figure",
    "samples",
    "fullest",
    "correcting",
    "start",
    "single_file",
    "reports",
    "build",
    "pages",
    "images",
    "pipelines",
    "duplicates",
    "label_errors",
    "noisy_labels",
)
ON_GPU = ("pipelines", "accelerated")
FOLDER = Path("build/bench")


def main() -> int:
    """Run the benchmarks that were asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--gpu", action="store_true", help="run what needs a GPU, on it")
    parser.add_argument("names", metavar="NAME", nargs="*", help=", ".join(NAMES))
    given = parser.parse_args()
    names = given.names or (ON_GPU if given.gpu else NAMES)
    if unknown := sorted(set(names) - {*NAMES, *ON_GPU}):
        parser.error(
            f"there is no benchmark {unknown[0]}; there are {', '.join(dict.fromkeys(NAMES + ON_GPU))}"
        )
    print(machine.describe(), flush=True)
    kept = [_run(name, gpu=given.gpu) for name in names]
    return 0 if all(kept) else 1


def _run(name: str, *, gpu: bool) -> bool:
    module = importlib.import_module(f"tests.bench.bench_{name}")
    kept = True
    for report in module.run(FOLDER, gpu):
        print(f"\n{report}", flush=True)
        kept = kept and report.kept
    return kept


if __name__ == "__main__":
    sys.exit(main())
