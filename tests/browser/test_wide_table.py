"""A table of two thousand columns, whose names together are longer than the engine's longest statement."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest

from tests.browser.driver import OpenTab, analysed_site, serving

COLUMNS, ROWS = 2_000, 40
SETTINGS = """
[site]
title = "Wide"

[datasets.genes]
source = "genes.csv"

[tools.genes]
tool = "dataset"
dataset = "genes"
"""
PAGE = """---
table: genes/samples
---
# Genes

```view toolbar id=toolbar
```

```view table id=rows
```
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("wide")
    names = [f"expression of gene {number}" for number in range(COLUMNS)]
    with (root / "genes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "label", *names])
        for row in range(ROWS):
            writer.writerow([row, "ab"[row % 2], *(row + number / 8 for number in range(COLUMNS))])
    with serving(analysed_site(root, SETTINGS, PAGE)) as url:
        yield url


def test_it_comes_alive_and_is_filtered_by_its_last_column(address: str, open_tab: OpenTab) -> None:
    tab = open_tab(address).live()
    tab.filter(f"datum['expression of gene {COLUMNS - 1}'] >= {ROWS - 10 + (COLUMNS - 1) / 8}")
    assert tab.rows("rows") == 10
    tab.filter("datum.label == 'a'")
    assert tab.rows("rows") == ROWS // 2
    assert tab.messages == tab.failures == []
