"""``sitegen schema``: prints the JSON Schema with which editors complete keys."""

from __future__ import annotations

import argparse
import json

from sitegen.schema import front_matter_schema, settings_schema


def main(given: argparse.Namespace) -> None:
    """Print a schema."""
    schema = settings_schema() if given.of == "settings" else front_matter_schema()
    print(json.dumps(schema, indent=2, ensure_ascii=False))
