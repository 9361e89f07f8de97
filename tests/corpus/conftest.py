"""Fixtures of the corpus: the theme's script and native DuckDB, as at build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

from sitegen.catalog import Relation
from sitegen.database import Database
from sitegen.views import start_engine
from tests.corpus.corpus import PARQUET, TABLE

SCRIPT = Path(__file__).parents[2] / "themes/default/dist/static.js"


@pytest.fixture(scope="session")
def theme() -> Iterator[MiniRacer]:
    """The theme's script in V8, as at build."""
    engine = start_engine()
    engine.eval(SCRIPT.read_text("utf8"))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """The corpus as a page's relation."""
    select = f"SELECT * FROM read_parquet(['{PARQUET}'])"
    opened = Database([Relation("values", (), select, "id", TABLE["rows"], whole=True)])
    yield opened
    opened.close()
