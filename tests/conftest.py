"""What holds for every test: whose cache and cores are used, and that long files come first."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.beside import shared

# OpenMP's threads wait for each other by computing, which keeps the cores from what runs beside: with all
# of them busy, training a network takes six times as long. Torch reads this when it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    # Tests that run side by side share one: what the first has drawn is found by the others.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(shared(tmp_path_factory) / "cache"))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first, then those with most tests.

    A worker takes a file at a time: begun last, a long one would run while the other cores have nothing.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    counts = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in slow, -counts[item.path]))
