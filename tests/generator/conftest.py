"""Fixtures of the generator's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.generator.reports import Report, copy_report


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """An empty report."""
    return Report(tmp_path / "report")


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Path]:
    """A function that copies a case's folder and returns its settings file."""
    return lambda source: copy_report(source, tmp_path / "report")
