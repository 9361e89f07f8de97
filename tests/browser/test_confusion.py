"""Confusion matrices under a real mouse: what they count and select is scikit-learn's and pandas'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    f1_score,
    matthews_corrcoef,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)

from pipelines import config, runner
from tests.bench import bench_confusion, labels
from tests.browser.conftest import oracle_of
from tests.browser.driver import ROOT, OpenTab, Tab, build_site, serving

PAGE = "digits-confusion.html"
PICTURE_MS = 1000 / 30


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """The page of confusions, live; nothing may be said in its console."""
    tab = open_tab(demo_url + PAGE).live()
    yield tab
    assert tab.messages == []


@pytest.fixture(scope="session")
def rows(demo: Path) -> pd.DataFrame:
    """The digits with the probabilities of all classes, one row an image."""
    return oracle_of(demo, PAGE).relations["digits"]


@pytest.fixture(scope="session")
def labels_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A report of a thousand classes."""
    folder = tmp_path_factory.mktemp("labels")
    labels.write_report(folder, str(ROOT / "themes" / "default"))
    build_site(folder, folder / "site")
    with serving(folder / "site") as url:
        yield url


def others(tab: Tab) -> set[int]:
    counts = tab.counts()
    return {counts[name][0] for name in ("toolbar", "images", "eight")}


def walk(tab: Tab, *keys: str) -> str:
    """Press keys on the matrix; return what was said last."""
    tab.page.locator("#matrix .confusion-plot").focus()
    for key in keys:
        tab.page.keyboard.press(key)
    tab.settle()
    return str(tab.page.inner_text("#matrix [aria-live]"))


def static_cells(tab: Tab) -> dict[tuple[str, str], int]:
    script = """[...document.querySelectorAll("#matrix .chart-wide rect[data-n]")]
        .map(each => [each.dataset.actual, each.dataset.predicted, Number(each.dataset.n)])"""
    return {(actual, predicted): n for actual, predicted, n in tab.page.evaluate(script)}


def test_the_static_cells_are_scikit_learns(demo_url: str, open_tab: OpenTab, rows: pd.DataFrame) -> None:
    tab = open_tab(demo_url + PAGE)
    classes = sorted(rows.label.unique())
    expected = confusion_matrix(rows.label, rows.prediction, labels=classes)
    found = static_cells(tab)
    for row, actual in enumerate(classes):
        for column, predicted in enumerate(classes):
            assert found.get((actual, predicted), 0) == expected[row, column]


def test_a_cell_a_row_and_a_column_filter_every_other_view(live: Tab, rows: pd.DataFrame) -> None:
    said = walk(live, "n")
    live.page.keyboard.press("Enter")
    live.settle()
    (((actual,), (predicted,)),) = live.hash_state()["matrix"]["cells"]
    expected = (rows.label == actual) & (rows.prediction == predicted)
    assert said.startswith(f"{expected.sum()} images labelled {actual} were predicted {predicted}: ")
    assert others(live) == {expected.sum()}
    assert live.counts()["matrix"] == (len(rows), len(rows))
    walk(live, "Home")
    live.page.keyboard.press("Enter")
    live.settle()
    assert others(live) == {(rows.label == actual).sum()}
    walk(live, "Home", "ArrowRight", *["ArrowUp"] * 10)
    live.page.keyboard.press("Shift+Enter")
    live.settle()
    state = live.hash_state()["matrix"]
    (column,) = state["columns"][0]
    assert others(live) == {((rows.label == actual) | (rows.prediction == column)).sum()}
    walk(live, "Escape")
    assert others(live) == {len(rows)}
    live.back()
    assert others(live) == {((rows.label == actual) | (rows.prediction == column)).sum()}


def test_a_click_selects_what_the_sentence_under_the_pointer_says(live: Tab, rows: pd.DataFrame) -> None:
    place = live.place("matrix", 0.3, 0.45)
    live.page.mouse.move(*place)
    live.page.wait_for_selector(".tooltip .confusion-said")
    said = live.page.inner_text(".tooltip .confusion-said")
    live.click(place)
    (((actual,), (predicted,)),) = live.hash_state()["matrix"]["cells"]
    expected = ((rows.label == actual) & (rows.prediction == predicted)).sum()
    assert f"labelled {actual}" in said
    assert f"predicted {predicted}" in said
    assert said.startswith(f"{expected} ")
    assert others(live) == {expected}


def test_a_filter_greys_the_rest_and_the_table_is_pandas(live: Tab, rows: pd.DataFrame) -> None:
    live.filter("datum.split == 'test'")
    passing = rows[rows.split == "test"]
    table = live.data_table("matrix")
    for digit in range(10):
        cells = table[digit]
        assert cells[0] == str(digit)
        assert int(cells[2]) == (passing.label == str(digit)).sum()
        recall = recall_score(passing.label == str(digit), passing.prediction == str(digit))
        assert float(cells[4]) == pytest.approx(recall, abs=1e-3)
    assert live.page.is_visible("#matrix [data-key=whole]")


def test_choices_and_selection_are_in_the_link(live: Tab, open_tab: OpenTab, rows: pd.DataFrame) -> None:
    live.page.select_option("#matrix [name=normalize]", "row")
    live.page.select_option("#matrix [name=order]", "recall")
    live.page.check("#matrix [name=errors]")
    live.press("#matrix summary:has-text('Options')")
    live.page.check("#matrix [name=measure][value=f1]")
    live.press("#eight [data-cell=fp]")
    live.page.fill("#eight [name=exact]", "0.25")
    live.page.keyboard.press("Enter")
    live.settle()
    state = live.hash_state()
    assert state["matrix"]["normalize"] == "row"
    assert state["matrix"]["measures"] == ["n", "recall", "precision", "f1"]
    again = open_tab(live.address()).live()
    assert again.hash_state() == state
    assert again.page.input_value("#matrix [name=order]") == "recall"
    assert again.page.is_checked("#matrix [name=errors]")
    score = np.stack(rows.probabilities)[:, 8]
    expected = ((rows.label != "8") & (score >= 0.25)).sum()
    assert again.rows("images") == live.rows("images") == expected


def test_each_group_has_its_matrix_on_one_scale(live: Tab, rows: pd.DataFrame) -> None:
    live.page.select_option(".toolbar select", "split")
    live.settle()
    live.page.wait_for_function("() => document.querySelectorAll('#matrix canvas').length > 2")
    assert live.page.locator("#matrix canvas:visible").count() == 2
    scales = {text.split()[-1] for text in live.texts("#matrix .confusion-ramp + span")}
    parts = [rows[rows.split == part] for part in ("train", "test")]
    most = max(confusion_matrix(part.label, part.prediction).max() for part in parts)
    assert scales == {str(most)}


def numbers(tab: Tab) -> dict[str, float | None]:
    script = """Object.fromEntries([...document.querySelectorAll("#eight [data-measure]")]
        .map(({dataset}) => [dataset.measure, dataset.value === "" ? null : Number(dataset.value)]))"""
    return dict(tab.page.evaluate(script))


def curve_points(tab: Tab) -> dict[str, list[list[float]]]:
    """Return the corners of each curve in the units of its axes."""
    script = """Object.fromEntries([...document.querySelectorAll("#eight [data-curve]")].map(each => {
        const [left, top, width, height] = each.dataset.box.split(" ").map(Number);
        const path = each.querySelector("[data-of=passing]").getAttribute("d");
        const places = [...path.matchAll(/([\\d.]+),([\\d.]+)/g)];
        const inAxes = ([, x, y]) => [(x - left) / width, (top + height - y) / height];
        return [each.dataset.curve, places.map(inAxes)];
    }))"""
    return dict(tab.page.evaluate(script))


@pytest.mark.parametrize("filtered", [False, True])
def test_threshold_measures_and_curves_are_scikit_learns(
    live: Tab, rows: pd.DataFrame, *, filtered: bool
) -> None:
    if filtered:
        live.filter("datum.split == 'test'")
        rows = rows[rows.split == "test"]
    for digit, threshold in (("8", 0.5), ("1", 0.12)):
        live.page.select_option("#eight [name=positive]", digit)
        live.page.fill("#eight [name=exact]", str(threshold))
        live.page.keyboard.press("Enter")
        live.settle()
        score = np.stack(rows.probabilities)[:, int(digit)].astype(float)
        truth = (rows.label == digit).to_numpy()
        said = score >= threshold
        found = numbers(live)
        expected = {
            "Precision": precision_score(truth, said),
            "Recall": recall_score(truth, said),
            "F1": f1_score(truth, said),
            "Matthews correlation": matthews_corrcoef(truth, said),
        }
        assert {name: found[name] for name in expected} == pytest.approx(expected)
        table = {cells[0]: cells[1] for cells in live.data_table("eight")}
        assert float(table["ROC AUC"]) == pytest.approx(roc_auc_score(truth, score), abs=1e-4)
        average = average_precision_score(truth, score)
        assert float(table["Average precision"]) == pytest.approx(average, abs=1e-4)
        check_curves(curve_points(live), truth, score)


def check_curves(drawn: dict[str, list[list[float]]], truth: Any, score: Any) -> None:
    """Every drawn corner lies on scikit-learn's curve, within half a px or so."""
    false, true, _ = roc_curve(truth, score, drop_intermediate=False)
    precision, recall, _ = precision_recall_curve(truth, score)
    for x, y in drawn["roc"]:
        assert np.hypot(false - x, true - y).min() < 0.005
    # Between two recalls precision is drawn as a step, whose corners have the one's x and the other's y.
    for x, y in drawn["precision-recall"]:
        assert np.abs(recall - x).min() < 0.005
        assert np.abs(precision - y).min() < 0.005


def test_a_click_on_a_curve_moves_the_threshold(live: Tab) -> None:
    plot = live.page.locator("#eight [data-curve=roc] rect").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    live.click((box["x"] + box["width"] * 0.5, box["y"] + 2))
    threshold = live.hash_state()["eight"]["threshold"]
    assert 0 < threshold < 0.05
    assert float(live.page.input_value("#eight [name=exact]")) == pytest.approx(threshold, rel=1e-3)


def test_a_thousand_classes_are_few_elements_without_scripts(labels_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(labels_url, java_script_enabled=False)
    drawn = tab.page.locator("#matrix .chart-wide g[data-together]")
    assert drawn.get_attribute("data-together") == "8"
    assert drawn.locator("path").count() <= 20


def test_a_thousand_classes_move_in_time_and_select_what_they_say(labels_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(labels_url)
    bench_confusion.open_live(tab.page, labels_url)
    for turns in bench_confusion.DEPTHS.values():
        # The rate depends on the machine's load; what a picture takes of it, hardly.
        found = bench_confusion.move(tab.page, turns, 40)
        assert len(found.script) >= 5
        assert float(np.median(found.script)) < PICTURE_MS
    tab.settle()
    said = walk(tab, "n")
    tab.page.keyboard.press("Enter")
    tab.settle()
    (((actual,), (predicted,)),) = tab.hash_state()["matrix"]["cells"]
    rows = labels.samples().to_pandas()
    expected = ((rows.label == actual) & (rows.prediction == predicted)).sum()
    pairs = rows[rows.label != rows.prediction].groupby(["label", "prediction"], observed=True).size()
    assert expected == pairs.max()
    assert said.startswith(f"{expected} samples labelled {actual} were predicted {predicted}")
    assert tab.rows("toolbar") == expected
    assert tab.messages == []


def test_hostile_names_are_text_and_select_their_rows(tmp_path: Path, open_tab: OpenTab) -> None:
    names = ["<img src=x onerror=alert(1)>", 'it\'s "a": b', "日本 語", "a-b c"]
    write_hostile(tmp_path, names)
    build_site(tmp_path, tmp_path / "site")
    with serving(tmp_path / "site") as url:
        tab = open_tab(url).live()
        for _ in range(3):
            said = walk(tab, "n")
            tab.page.keyboard.press("Enter")
            tab.settle()
            assert tab.rows("toolbar") == int(said.split(" ", 1)[0])
        assert tab.messages == []


def write_hostile(folder: Path, names: list[str]) -> None:
    """Write a report whose labels and whose columns' names are hard to write."""
    random = np.random.default_rng(2)
    label, prediction = random.choice(names, 200), random.choice(names, 200)
    content = {"id": range(200), "true 'label'-名": label, 'said "so"': prediction}
    pd.DataFrame(content).to_csv(folder / "rows.csv", index=False)
    roles = json.dumps("true 'label'-名"), json.dumps('said "so"')
    (folder / "sitegen.toml").write_text(
        f'[site]\ntitle = "H"\ntheme = {json.dumps(str(ROOT / "themes" / "default"))}\n'
        f'[datasets.h]\nsource = "rows.csv"\nroles = {{ label = {roles[0]}, prediction = {roles[1]} }}\n'
        '[tools.h]\ntool = "dataset"\ndataset = "h"\n',
        "utf-8",
    )
    page = "---\ntitle: H\ntable: h/samples\n---\n\n```view toolbar id=toolbar\n```\n\n## M\n\n"
    (folder / "content").mkdir()
    (folder / "content" / "index.md").write_text(page + "```view confusion-matrix id=matrix\n```\n", "utf-8")
    runner.run(config.load(folder / "sitegen.toml"), folder)
