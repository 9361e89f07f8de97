"""Fixtures of the hostile tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.reports import Report


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """An empty report."""
    return Report(tmp_path / "report")
