"""Tables whose rows are groups, a slice or a difference of two models: a click keeps their samples."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.browser.driver import ROOT, OpenTab

PAGES = {
    "slices": ("digits-groups.html", "digits-slices/slices", "slice", "images"),
    "differences": ("digits-models.html", "digits-comparison/differences", "group", "outcomes"),
}


def told(table: str) -> pd.DataFrame:
    artifact, _, name = table.partition("/")
    return pq.read_table(Path(ROOT, "artifacts", artifact, f"{name}.parquet")).to_pandas()


@pytest.mark.parametrize("view", PAGES)
def test_a_row_keeps_the_samples_of_its_group(demo_url: str, open_tab: OpenTab, view: str) -> None:
    page, table, name, beside = PAGES[view]
    tab = open_tab(demo_url + page).live()
    total = tab.rows(beside)
    group = told(table).query("n < @total").sort_values("n").iloc[-1]
    row = f"#{view} tr[data-row]"
    tab.page.locator(row, has=tab.page.get_by_text(group[name], exact=True)).first.click()
    tab.settle()
    assert tab.counts()[beside] == (group.n, total)
    assert tab.counts()[view] == (len(told(table)), len(told(table)))
    assert tab.hash_state()[view]["ids"] == [group.expression]
    tab.page.reload()
    tab.live()
    assert tab.counts()[beside] == (group.n, total)
    tab.press(f"#{view} [data-action=clear]")
    assert tab.counts()[beside] == (total, total)


def test_a_link_with_a_group_that_the_page_cannot_hold_says_so(demo_url: str, open_tab: OpenTab) -> None:
    link = "digits-groups.html#~slices=%7B%22ids%22%3A%5B%22datum.nowhere%20%3D%3D%201%22%5D%7D"
    tab = open_tab(demo_url + link).live()
    assert tab.rows("images") == tab.counts()["images"][1]
    assert '"slices" does not fit this view' in tab.page.inner_text("body")
