"""Groups of a classifier's samples, live: as the tool computes them, kept by click and key, pinned, split."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import pytest

from pipelines import contract
from pipelines.contract import Column, Manifest, Rows, TableSpec, write_artifact
from tests.browser.driver import ROOT, OpenTab, Place, Tab, build_site, serving

PAGE = "digits-groups.html"
ARTIFACTS = ROOT / "artifacts"


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """The page on groups, live; nothing may be said in its console."""
    tab = open_tab(demo_url + PAGE).live()
    yield tab
    assert tab.messages == []


def frame(artifact: str, table: str) -> pd.DataFrame:
    folder = ARTIFACTS / artifact
    manifest = contract.read_manifest(folder)
    return contract.read_table(folder, manifest.table(table)).to_pandas()


def dot(tab: Tab, key: str) -> Place:
    """Return the middle of a group's dot, in the window."""
    tab.page.locator("#groups .fairvis-plot").scroll_into_view_if_needed()
    script = """key => {
        const dot = document.querySelector(`#groups [data-key='${key}']`);
        dot.scrollIntoView({block: "center", behavior: "instant"});
        const box = dot.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
    }"""
    x, y = tab.page.evaluate(script, key)
    return x, y


@pytest.mark.parametrize("metric", ["accuracy", "f1", "precision", "specificity"])
def test_dots_are_what_the_tool_computes(live: Tab, metric: str) -> None:
    live.page.select_option("#groups select[name=metric]", metric)
    live.settle()
    told = frame("digits-fairness", "metrics")
    average = "all" if metric == "accuracy" else "macro"
    told = told[(told.metric == metric) & (told.average == average) & (told.level == 2)]
    told = told.set_index("group")
    rows = live.data_table("groups")
    assert len(rows) == len(told) == 20
    for words, n, *ends in ((row[0], row[1], *row[2:5]) for row in rows):
        row = told.loc[words]
        assert int(n.replace(",", "")) == row.n
        shown = [float("nan") if end == "\u2013" else float(end) for end in ends]
        # The table shows four digits.
        assert shown == pytest.approx([row.value, row.low, row.high], abs=6e-4, nan_ok=True)


def test_a_dot_keeps_its_rows_and_the_link_brings_them_back(live: Tab, open_tab: OpenTab) -> None:
    samples = frame("digits", "samples")
    inside = samples[(samples.label == "9") & (samples.split == "test")]
    live.click(dot(live, '["9","test"]'))
    assert live.rows("images") == len(inside)
    assert live.rows("groups") == len(samples)
    assert live.hash_state() == {"groups": {"groups": [["9", "test"]]}}
    other = samples[(samples.label == "8") & (samples.split == "test")]
    live.click(dot(live, '["8","test"]'), "Shift")
    assert live.rows("images") == len(inside) + len(other)
    again = open_tab(live.address()).live()
    assert again.rows("images") == len(inside) + len(other)
    assert again.page.locator("#groups .fairvis-kept").count() == 2
    live.press("[data-action=reset]")
    assert live.rows("images") == len(samples)


def test_keys_walk_from_the_lowest_pin_two_and_let_go(live: Tab) -> None:
    samples = frame("digits", "samples")
    share = samples.groupby(["label", "split"], observed=True).correct.mean()
    page = live.page
    page.focus("#groups .fairvis-plot")
    page.keyboard.press("ArrowRight")
    (said,) = live.texts("#groups .fairvis-said")
    assert " · ".join(share.idxmin()) in said
    assert said.endswith("1 of 20")
    page.keyboard.press("p")
    page.keyboard.press("End")
    page.keyboard.press("p")
    live.settle()
    assert live.texts("#groups .fairvis-compare tbody th")[0] == "Accuracy"
    assert len(live.hash_state()["groups"]["pins"]) == 2
    page.keyboard.press("Enter")
    live.settle()
    assert live.rows("images") < len(samples)
    page.keyboard.press("Escape")
    live.settle()
    assert live.rows("images") == len(samples)
    assert page.evaluate("document.activeElement.className") == "fairvis-plot"


def test_other_columns_make_other_groups_of_what_passes(live: Tab) -> None:
    samples = frame("digits", "samples")
    live.press("#groups input[name=by][value=label]")
    live.press("#groups input[name=by][value=confidence]")
    live.filter("datum.label == '9'")
    nines = samples[samples.label == "9"]
    ranges = pd.cut(nines.confidence.astype(float), [0, 0.6, 0.9, 2], right=False).cat.codes
    expected = nines.groupby([nines.split.astype(str), ranges]).size()
    rows = live.data_table("groups")
    assert sorted(int(row[1]) for row in rows) == sorted(int(n) for n in expected)
    assert live.counts()["groups"] == (len(nines), len(samples))
    assert live.page.locator("#groups .fairvis-chart .fairvis-grey").count() > 0


def test_a_suggested_group_keeps_its_rows(live: Tab) -> None:
    first = frame("digits-fairness", "suggested").iloc[0]
    live.press("#groups .fairvis-keep >> nth=0")
    assert live.texts("#groups .fairvis-keep[aria-pressed=true]") == [first.group]
    assert live.rows("images") == first.n
    live.press("#groups .fairvis-keep >> nth=0")
    assert live.hash_state() == {}


def test_groups_of_a_split_page_share_their_axis(live: Tab) -> None:
    live.page.select_option("select[name=group]", "split")
    live.settle()
    axes = live.page.evaluate(
        """[...document.querySelectorAll('#groups .view-panel')].map(panel =>
            [...panel.querySelectorAll('.fairvis-axis text')].map(text => text.textContent.trim()))"""
    )
    assert len(axes) == 2
    assert axes[0] == axes[1]


def test_two_networks_differ_on_the_images_that_are_shown(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + "digits-models.html").live()
    both = frame("digits", "samples").merge(frame("digits-slim", "samples"), on="id")
    only = (both.correct_x.astype(bool) != both.correct_y.astype(bool)).sum()
    assert tab.counts()["differing"] == (only, only)
    tab.filter("datum.outcome == 'only wide'")
    first = (both.correct_x.astype(bool) & ~both.correct_y.astype(bool)).sum()
    assert tab.rows("differing") == first
    assert tab.messages == []


def test_lists_of_groups_fit_a_phone(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE, viewport={"width": 360, "height": 900})
    script = """() => [...document.querySelectorAll(".fairvis-list")].map(list =>
        [...list.querySelectorAll(".fairvis-table")].every(table => table.scrollWidth <= list.clientWidth))"""
    assert tab.page.evaluate(script) == [True, True]


SENTENCE = "taken outdoors by volunteers of the second survey in the rain, after the lens had been changed"
WORD = "Rindfleischetikettierungs\u00fcberwachungsaufgaben\u00fcbertragungsgesetz"
LONG = """---
title: Long names
table: long/samples
---

```view fairvis id=groups
columns: [source, label]
minimum: 10
```
"""


@pytest.fixture(scope="module")
def long_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A report on groups with names that are longer than a phone is wide."""
    root = tmp_path_factory.mktemp("long-groups")
    sources = [f"{SENTENCE}, {each}" for each in "ab"] + [WORD + each for each in "AB"]
    rows = [(source, label, at) for source in sources for label in (SENTENCE, WORD) for at in range(40)]
    read = [label if at % 40 > 3 * sources.index(source) else sources[0] for source, label, at in rows]
    table = pa.table(
        {
            "id": pa.array(range(len(rows)), pa.int32()),
            "source": [source for source, *_ in rows],
            "label": [label for _, label, _ in rows],
            "prediction": read,
        }
    )
    columns = [Column("id", "int32", "id"), Column("source", "string")]
    columns += [Column(role, "string", role) for role in ("label", "prediction")]
    facts = Manifest(name="long", tool="test", title="Long", dataset="long", seed=0)
    samples = TableSpec("samples", "Samples", tuple(columns), entity=True)
    write_artifact(root / "artifacts" / "long", facts, [Rows(samples, table)])
    (root / "sitegen.toml").write_text('[site]\ntitle = "Long"\n', "utf-8")
    (root / "content").mkdir()
    (root / "content" / "index.md").write_text(LONG, "utf-8")
    build_site(root, root / "site")
    with serving(root / "site") as url:
        yield url


LINES = """names => names.map(each => {
  const lines = each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight);
  return [each.title, each.textContent, lines];
})"""


@pytest.mark.parametrize(("width", "most"), [(360, 3), (1280, 2)])
def test_long_names_of_groups_take_few_lines_and_are_told_whole(
    long_url: str, open_tab: OpenTab, width: int, most: int
) -> None:
    tab = open_tab(long_url, viewport={"width": width, "height": 900}).live()
    names = tab.page.locator(".fairvis-list .fairvis-words:visible")
    found = names.evaluate_all(LINES)
    assert len(found) > 8
    assert any(lines > 1.5 for *_, lines in found)
    for title, text, lines in found:
        assert title == text
        assert len(title) > 60
        assert lines < most + 0.1
    for name in set(tab.texts(".fairvis-keep .fairvis-words")):
        assert tab.page.get_by_role("button", name=name, exact=True).count() > 0
    tables = tab.page.locator(".fairvis-list .fairvis-scroll")
    assert tables.evaluate_all("all => all.every(each => each.scrollWidth <= each.clientWidth + 1)")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.messages == []


def test_names_of_two_usual_columns_are_whole_on_a_phone(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE, viewport={"width": 360, "height": 900}).live()
    names = tab.page.locator("#groups .fairvis-words:visible")
    assert names.count() >= 10
    assert names.evaluate_all("all => all.every(each => each.scrollHeight <= each.clientHeight + 1)")
