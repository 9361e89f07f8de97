"""Files that are damaged or made to do harm: refused with one message, in little time and memory."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from pipelines.architecture.reading import read_graph
from pipelines.contract import ContractError


def bounded(path: Path, message: str, seconds: float = 20, megabytes: int = 500) -> None:
    """Assert that a file is refused with one message, in little time and memory."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(ContractError, match=message) as refused:
        read_graph(path)
    assert len(refused.value.problems) == 1
    assert refused.value.hint
    assert time.perf_counter() - start < seconds
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < megabytes
