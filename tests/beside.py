"""What tests that run side by side have in common: a folder, and a lock on what one makes for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sitegen.output import alone


def shared(factory: pytest.TempPathFactory) -> Path:
    """Return this run's folder of what all workers see."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def waiting_for(folder: Path) -> Iterator[None]:
    """Make the folder where there is none, and hold it alone."""
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        yield
