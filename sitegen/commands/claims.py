"""``sitegen claims``: says what the report claims, and whether it holds."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from sitegen.commands.asking import print_lines
from sitegen.explain import claims_data, list_claims
from sitegen.sources import Sources


def main(given: argparse.Namespace) -> int:
    """Print the claims; return 1 where one does not hold."""
    sources = print_lines(given, _as_json if given.json else list_claims)
    return int(any(not claim.holds for source in sources.pages for claim in source.claims))


def _as_json(sources: Sources) -> Iterator[str]:
    yield json.dumps(claims_data(sources), indent=2, ensure_ascii=False)
