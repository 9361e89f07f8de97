"""``sitegen doctor``: says what this machine lacks."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from sitegen.doctor import Finding, examine, this_machine
from sitegen.errors import Problems


def main(_: argparse.Namespace) -> None:
    """Print what was looked at and found; raise with what is missing."""
    findings = list(examine(this_machine()))
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"{finding.state:8}  {finding.what:{width}}  {finding.found}")
        if finding.mend:
            print(f"{'':8}  {'':{width}}  {finding.mend}")
    _raise_missing(findings)


def _raise_missing(findings: Iterable[Finding]) -> None:
    problems = Problems()
    for finding in findings:
        if finding.state == "missing":
            problems.add(finding.what, finding.found, finding.mend)
    problems.stop()
