"""Duplicates and familiarity, live, on images that are planted twice: counted as pandas counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.browser.driver import OpenTab, Tab, serving
from tests.browser.twins import ROWS, closure, table, twins_report

LIMIT = 0.13
CARDS = """selector => [...document.querySelectorAll(`${selector} .sample`)].map(
    each => JSON.parse(each.dataset.id))"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twins")
    twins_report(folder)
    return folder


@pytest.fixture(scope="module")
def address(report: Path) -> Iterator[str]:
    with serving(report / "site") as url:
        yield url


@pytest.fixture(scope="module")
def samples(report: Path) -> pd.DataFrame:
    found = table(report, "twins/samples").merge(table(report, "twins-duplicates/samples"), on="id")
    found = found.merge(table(report, "twins-familiarity/samples"), on="id")
    return found.astype({name: str for name in ("label", "split", "prediction")})


@pytest.fixture
def live(address: str, open_tab: OpenTab) -> Iterator[Tab]:
    tab = open_tab(address).live()
    yield tab
    assert tab.messages == tab.failures == []


def drawn(tab: Tab) -> list[set[str]]:
    """Return the ids of the members of each group that is drawn."""
    script = """() => [...document.querySelectorAll("#duplicates .duplicates-group")].map(
        group => [...group.querySelectorAll(".sample")].map(each => JSON.parse(each.dataset.id)))"""
    return [set(group) for group in tab.page.evaluate(script)]


def show_all(tab: Tab) -> None:
    while tab.page.locator("#duplicates [data-action=more]").count():
        tab.press("#duplicates [data-action=more]")


def same(groups: list[set[str]], others: list[set[str]]) -> bool:
    return sorted(map(sorted, groups)) == sorted(map(sorted, others))


def move_line(tab: Tab, step: int) -> float:
    """Put the slider's knob to a step of a thousand; return the line that the link then says."""
    tab.page.eval_on_selector(
        "#duplicates input[name=line]",
        "(slider, step) => { slider.value = step; for (const name of ['input', 'change'])"
        " slider.dispatchEvent(new Event(name, { bubbles: true })); }",
        str(step),
    )
    tab.settle()
    return float(tab.hash_state()["duplicates"]["line"])


def test_the_groups_are_the_planted_ones_and_a_moved_line_makes_the_closure_of_its_pairs(
    live: Tab, report: Path, samples: pd.DataFrame
) -> None:
    show_all(live)
    near = samples[samples["duplicates_near"] >= 0].groupby("duplicates_near")["id"].agg(set)
    assert same(drawn(live), list(near))
    assert same(drawn(live), [{f"original {number}", f"copy {number}"} for number in range(40)])
    used = table(report, "twins-duplicates/thresholds").query("is_used").iloc[0]
    assert same(drawn(live), closure(report, used["distance"], used["relative"]))
    line = move_line(live, 1)
    show_all(live)
    assert 0 < line < used["distance"]
    description = live.page.locator("#duplicates > .view-description").text_content() or ""
    assert f"{line:.4g}" in description
    assert same(drawn(live), closure(report, line, LIMIT))
    live.page.uncheck("#duplicates input[name=loose]")
    line = move_line(live, 700)
    show_all(live)
    live.page.evaluate("document.querySelectorAll('#duplicates [data-open]').forEach(each => each.click())")
    live.settle()
    expected = closure(report, line, float("inf"))
    assert len(expected[0]) > 2
    assert same(drawn(live), expected)


def test_the_largest_group_is_first_and_what_disagrees_is_marked(live: Tab, samples: pd.DataFrame) -> None:
    show_all(live)
    pairs = samples[samples["duplicates_near"] >= 0].groupby("duplicates_near")
    marks = live.texts("#duplicates .duplicates-mark")
    assert sum("labels disagree" in mark for mark in marks) == int((pairs["label"].nunique() > 1).sum()) > 0
    assert sum("crosses splits" in mark for mark in marks) == int((pairs["split"].nunique() > 1).sum()) > 0
    sizes = [len(group) for group in drawn(live)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_matrix_and_the_accuracies_are_those_of_the_tables(live: Tab, report: Path) -> None:
    live.data_table("duplicates")
    script = """() => [...document.querySelectorAll("#duplicates > .view-data table")].map(
        table => [...table.querySelectorAll("tbody tr")].map(
            row => [...row.cells].map(cell => cell.textContent)))"""
    _, matrix, accuracies = live.page.evaluate(script)
    expected = table(report, "twins-duplicates/leakage")
    assert [[*row[:3], int(row[3]), int(row[4])] for row in matrix] == (
        expected[["kind", "split", "other", "rows", "repeated"]].to_numpy().tolist()
    )
    assert expected["repeated"].sum() > 0
    measured = table(report, "twins-duplicates/accuracy")
    for row, (_, known) in zip(accuracies, measured.iterrows(), strict=True):
        assert row[:2] == [known["split"], known["samples"]]
        assert [int(row[2]), int(row[3])] == [known["rows"], known["correct"]]
        for said, name in zip(row[4:], ("accuracy", "low", "high"), strict=True):
            assert float(said.rstrip("%")) / 100 == pytest.approx(known[name], abs=6e-4)


def test_groups_members_and_cells_filter_the_page_and_filters_leave_the_groups(
    live: Tab, open_tab: OpenTab, samples: pd.DataFrame
) -> None:
    live.press("#duplicates .duplicates-select >> nth=0")
    assert live.rows("images") == live.rows("familiarity") == 2
    assert live.rows("duplicates") == ROWS, "a selection never filters its own view"
    again = open_tab(live.address()).live()
    assert again.rows("images") == 2
    assert again.page.get_attribute("#duplicates .duplicates-select", "aria-pressed") == "true"
    live.page.keyboard.press("Escape")
    live.settle()
    assert live.rows("images") == ROWS
    live.press("#duplicates .sample >> nth=0")
    assert live.rows("images") == live.rows("familiarity") == 1
    live.page.click("#duplicates .sample >> nth=1", modifiers=["Shift"])
    live.settle()
    assert live.rows("images") == 2
    live.reset()
    live.press('#duplicates [data-cell*=\'"any","test","train"\']')
    leaked = samples[(samples["split"] == "test") & samples["leak"].isin(["exact", "near"])]
    assert live.rows("images") == len(leaked) > 0
    live.reset()
    live.filter("datum.split == 'train'")
    assert live.rows("duplicates") == int((samples["split"] == "train").sum())
    show_all(live)
    assert len(drawn(live)) == 40
    out = samples[(samples["duplicates_near"] >= 0) & (samples["split"] != "train")]
    assert live.page.locator("#duplicates .card-out").count() == len(out)


def difference(tab: Tab) -> str:
    """Return what is said of the pixels of two images, once they are read."""
    said = "document.querySelector('.duplicates-difference-said').textContent"
    tab.page.wait_for_function(f"() => {said}.length > 20")
    return str(tab.page.evaluate(said))


def test_kinds_are_counted_and_two_images_are_compared_pixel_by_pixel(
    live: Tab, samples: pd.DataFrame
) -> None:
    counts = [samples[f"duplicates_{kind}"].max() + 1 for kind in ("bytes", "pixels", "near")]
    names = ("Same file", "Same pixels", "Near")
    said = [" ".join(text.split()) for text in live.texts("#duplicates [data-kind]")]
    assert said == [f"{name} {count} groups" for name, count in zip(names, counts, strict=True)]
    live.press('#duplicates [data-kind="pixels"]')
    live.press("#duplicates .duplicates-compare >> nth=0")
    assert difference(live).endswith("no pixel differs")
    live.press('#duplicates [data-kind="near"]')
    key = "#duplicates [data-compare*='\"copy 1\"']"
    show_all(live)
    live.press(key)
    # Of 64 pixels the first one is changed.
    assert "1.6% of the pixels differ" in difference(live)
    # However long the names of the two are, they and their difference stand side by side.
    tops = """captions => captions.map((caption, index) => {
        if (index < 2) caption.textContent = "a-folder-of-a-long-name/and-a-file-of-a-longer-one.png";
        return caption.parentElement;
    }).map(figure => figure.getBoundingClientRect().top)"""
    found = live.page.locator("#duplicates .duplicates-difference figcaption").evaluate_all(tops)
    assert len(found) == 3
    assert len(set(found)) == 1


def brushed(tab: Tab, start: float, end: float) -> tuple[float, float]:
    tab.page.locator("#familiarity .familiarity-plot").scroll_into_view_if_needed()
    box: Any = tab.page.locator("#familiarity .familiarity-plot").bounding_box()
    y = box["y"] + 60
    tab.page.mouse.move(box["x"] + box["width"] * start, y)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] * end, y, steps=4)
    tab.page.mouse.up()
    tab.settle()
    low, high = tab.hash_state()["familiarity"]["range"]
    return low, high


def assert_means(tab: Tab, rows: pd.DataFrame) -> None:
    """Assert that each label has as many rows as pandas counts, and their mean and deviation."""
    for label, part in rows.groupby("label"):
        row = tab.page.locator(f"#familiarity tr:has([data-group='\"{label}\"'])").inner_text().split("\t")
        numbers = [float(cell.split()[0].replace("\N{MINUS SIGN}", "-")) for cell in row[1:4]]
        scores = part["familiarity_embedding"]
        assert numbers == pytest.approx([len(part), scores.mean(), scores.std()], abs=0.0051)


def test_means_of_groups_follow_the_filter(live: Tab, samples: pd.DataFrame) -> None:
    live.filter("datum.split == 'test'")
    assert_means(live, samples[samples["split"] == "test"])


def test_familiarity_is_ordered_brushed_and_grouped_as_pandas_does(live: Tab, samples: pd.DataFrame) -> None:
    ordered = samples.sort_values(["familiarity_embedding", "id"])
    assert live.page.evaluate(CARDS, "#familiarity") == ordered["id"].head(12).tolist()
    live.press("#familiarity [data-order=most]")
    most = samples.sort_values(["familiarity_embedding", "id"], ascending=[False, True])
    assert live.page.evaluate(CARDS, "#familiarity") == most["id"].head(12).tolist()
    low, high = brushed(live, 0.02, 0.47)
    kept = samples[samples["familiarity_embedding"].between(low, high)]
    assert live.rows("images") == len(kept) > 0
    live.page.keyboard.press("Escape")
    live.settle()
    assert_means(live, samples)
    live.press("#familiarity [data-group='\"owl\"']")
    assert live.rows("images") == int((samples["label"] == "owl").sum())


def test_familiarity_within_a_label_and_in_groups_of_the_page(live: Tab, samples: pd.DataFrame) -> None:
    live.page.select_option("#familiarity select[name=within]", '"owl"')
    live.settle()
    owls = samples[samples["label"] == "owl"].sort_values(["familiarity_label", "id"])
    assert live.page.evaluate(CARDS, "#familiarity") == owls["id"].head(12).tolist()
    undefined = live.texts("#familiarity .view-notice")[0]
    assert "label cat" in undefined
    live.page.select_option("select[name=group]", "split")
    live.settle()
    panels = live.page.locator("#familiarity .view-panel")
    assert panels.count() == 2
    assert live.page.locator("#duplicates .view-panel").count() == 0
    split = owls[owls["split"] == "test"]["id"].head(12).tolist()
    shown = live.page.evaluate(CARDS, "#familiarity .view-panel:first-of-type")
    assert shown == split


def test_the_keyboard_reads_and_selects_bars(live: Tab, samples: pd.DataFrame) -> None:
    live.page.focus("#familiarity .familiarity-plot")
    for key in ("Home", "Shift+ArrowRight"):
        live.page.keyboard.press(key)
    live.settle()
    low, high = live.hash_state()["familiarity"]["range"]
    scores = samples["familiarity_embedding"]
    assert low == scores.min()
    assert live.rows("images") == int(scores.between(low, high).sum())
    assert "Samples" in (live.page.get_attribute("#familiarity .familiarity-plot", "aria-valuetext") or "")
