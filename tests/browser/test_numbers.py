"""Every number of the demo as pandas computes it: in the page as built, and under filters when it is live."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
from scipy.stats import binomtest

from tests.browser.conftest import oracle_of
from tests.browser.driver import OpenTab
from tests.browser.oracle import Filter, Oracle, compare
from tests.browser.shown import read_live, read_static

FILTERS: Mapping[str, Filter] = {
    "datum.confidence < 0.9": lambda rows: rows.confidence < 0.9,
    "datum.split == 'test'": lambda rows: rows.split == "test",
    "!datum.correct || datum.entropy >= 1": lambda rows: ~rows.correct | (rows.entropy >= 1),
    "indexof(['3', '8'], datum.label) >= 0 && datum.margin <= 0.99": lambda rows: (
        rows.label.isin(["3", "8"]) & (rows.margin <= 0.99)
    ),
    "datum.confidence > 2": lambda rows: rows.confidence > 2,
}


def pages_with_views(site: Path) -> list[str]:
    """Return the addresses of the pages that mount views."""
    files = sorted(site.rglob("*.html"))
    shown = {file: read_static(file.read_text("utf-8"))[0] for file in files}
    return [file.relative_to(site).as_posix() for file in files if shown[file]]


def test_the_built_pages_show_what_pandas_computes(demo: Path) -> None:
    assert len(pages_with_views(demo)) >= 2
    for name in pages_with_views(demo):
        shown, _ = read_static((demo / name).read_text("utf-8"))
        oracle = oracle_of(demo, name)
        assert shown.keys() == oracle.views.keys()
        for view, found in shown.items():
            assert found.rows == found.total
            compare(found, oracle.expect(view), f"{name}#{view}")


@pytest.mark.parametrize("expression", FILTERS)
def test_a_typed_filter_gives_the_numbers_of_pandas(
    expression: str, demo_url: str, open_tab: OpenTab, digits: Oracle
) -> None:
    tab = open_tab(demo_url + "digits.html").live()
    tab.filter(expression)
    for view, found in read_live(tab).items():
        compare(found, digits.expect(view, {}, FILTERS[expression]), f"{view} under {expression}")
    assert tab.hash_state() == {"filter": expression}
    assert tab.messages == []


LINKS: tuple[dict[str, Any], ...] = (
    {"confidence": {"interval": {"x": [0.5, 0.9]}}},
    {"filter": "datum.split == 'test'", "confusion": {"points": [["3", "3"], ["5", "5"]]}},
    {"entropy": {"interval": {"x": [0.25, 1.5]}}, "accuracy": {"points": [["8"]]}, "images": {"at": 20}},
    {"projection": {"interval": {"x": [0, 8], "y": [0, 8]}}, "split": {"points": [["train"]]}},
    {"confidence": {"interval": {"x": [0.5, 0.95]}}, "images": {"at": 20}},
    {"images": {"ids": [3, 5, 8]}, "loss": {"interval": {"x": [2.5, 6]}}},
)


@pytest.mark.parametrize("state", LINKS, ids=lambda state: "-".join(state))
def test_a_link_gives_the_numbers_of_pandas(
    state: dict[str, Any], demo_url: str, open_tab: OpenTab, digits: Oracle
) -> None:
    written = {key: value if key == "filter" else json.dumps(value) for key, value in state.items()}
    link = "digits.html#~" + "&".join(f"{key}={quote(value)}" for key, value in written.items())
    tab = open_tab(demo_url + link).live()
    filtered = FILTERS[state["filter"]] if "filter" in state else None
    for view, found in read_live(tab).items():
        compare(found, digits.expect(view, state, filtered), f"{view} under {state}")
    assert tab.messages == []


def test_the_lines_on_bars_of_shares_are_wilsons_intervals(demo: Path, samples: pd.DataFrame) -> None:
    figure = (demo / "digits.html").read_text("utf-8").partition('id="accuracy"')[2].partition("</svg>")[0]
    width = float(
        re.findall(r'role-axis-domain"[^>]*><line transform="translate\(0,0\)" x2="([\d.]+)"', figure)[0]
    )
    marks = figure.partition("layer_2_marks")[2].partition("</g>")[0]
    lines = re.findall(r'translate\(([\d.]+),[\d.]+\)" x2="([\d.]+)"', marks)
    found = sorted((float(start) / width, (float(start) + float(length)) / width) for start, length in lines)
    expected = []
    for _, rows in samples.groupby("label"):
        interval = binomtest(int(rows.correct.sum()), len(rows)).proportion_ci(0.95, "wilson")
        expected.append((interval.low, interval.high))
    assert len(found) == 10
    for drawn, computed in zip(found, sorted(expected), strict=True):
        assert drawn == pytest.approx(computed, abs=1e-6)
