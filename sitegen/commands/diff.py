"""``sitegen diff``: says what differs between two runs or two sites. Its exit codes are those of diff."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pipelines.contract import ContractError
from sitegen.difference import compare, editions, findings, reading, report, words
from sitegen.errors import SitegenError


def main(given: argparse.Namespace) -> int:
    """Print what differs; return 1 where something does, 2 where the two cannot be compared."""
    try:
        before, after = reading.read_edition(given.before), reading.read_edition(given.after)
        found = compare.compare(before, after, given.tolerance)
        if given.output:
            report.write(found, editions.aligned(before, after), after, Path(given.output))
    except (SitegenError, ContractError) as error:
        print(error, file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(findings.as_data(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(words.in_words(found, given.most)))
    if given.output and not given.json:
        print(f"\n{given.output} is a site about it: open {Path(given.output) / 'index.html'}")
    return 0 if found.is_same else 1
