"""Fixtures of the notebook's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sitegen.notebook import Report
from tests.generator.notebook.pages import frame


@pytest.fixture
def made() -> Iterator[Callable[..., Report]]:
    """Makes reports that are closed after the test."""
    reports: list[Report] = []

    def make(*arguments: Any, **settings: Any) -> Report:
        reports.append(Report(*arguments, **settings))
        return reports[-1]

    yield make
    for report in reports:
        report.close()


@pytest.fixture
def report(made: Callable[..., Report]) -> Report:
    return made(frame())
