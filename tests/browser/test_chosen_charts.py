"""Charts that readers choose in a summary: drawn as at build, kept in the link, sent back as a patch."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.browser.driver import OpenTab, Tab, build_site, serving
from tests.browser.edited import export, link, write_report
from tests.browser.expected import expect

PAGE = "digits-summary.html"
ALL = ["label", "split", "prediction", "confidence", "correct", "margin", "entropy"]


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """The demo's page with a summary, live; nothing may be said in its console."""
    tab = open_tab(demo_url + PAGE).live()
    yield tab
    assert tab.messages == []
    assert tab.failures == []


def shown(tab: Tab) -> list[str]:
    """Return the columns of the summary's charts as they stand in the page."""
    return [name.removeprefix("summary-1-") for name in tab.counts() if name.startswith("summary-1-")]


def opened(tab: Tab) -> Tab:
    tab.page.click("#summary-1 [data-action=edit]")
    return tab


def choose(tab: Tab, action: str, column: str) -> None:
    """Take a chart away, or move it, or add one."""
    if action == "add":
        tab.page.select_option("#summary-1 select", column)
        tab.press("#summary-1 [data-action=add]")
    else:
        tab.press(f'#summary-1 [data-action={action}][data-column="{column}"]')


def test_charts_are_taken_away_moved_and_added_again(live: Tab, demo_url: str, open_tab: OpenTab) -> None:
    columns = shown(live)
    assert sorted(columns) == sorted(ALL)
    opened(live)
    choose(live, "remove", columns[0])
    choose(live, "up", columns[2])
    changed = [columns[2], columns[1], *columns[3:]]
    assert shown(live) == changed
    assert live.hash_state() == {"summary-1": {"columns": changed}}
    choose(live, "add", columns[0])
    assert shown(live) == [*changed, columns[0]]

    other = open_tab(live.address()).live()
    assert shown(other) == [*changed, columns[0]]
    live.back()
    assert shown(live) == changed
    live.back()
    live.back()
    assert shown(live) == columns
    live.forward()
    assert shown(live) == columns[1:]
    live.press(".toolbar [data-action=reset]")
    assert shown(live) == columns
    assert live.hash_state() == {}


def test_a_chart_is_renamed_and_its_title_is_text(live: Tab, demo_url: str, open_tab: OpenTab) -> None:
    name = "<img src=x onerror=hacked=1>"
    field = '#summary-1 [data-rename="label"]'
    title = "#summary-1-label .view-title"
    opened(live)
    live.page.fill(field, name)
    live.page.keyboard.press("Enter")
    live.settle()
    assert live.texts(title) == [name]
    assert live.hash_state() == {"summary-1": {"titles": {"label": name}}}
    other = open_tab(live.address()).live()
    assert other.texts(title) == [name]
    assert other.page.evaluate("window.hacked") is None
    file, patch = export(other, "summary-1")
    assert file == "digits-summary-summary-1.patch"
    assert f'+titles:\n+  label: "{name}"\n' in patch
    live.page.fill(field, "")
    live.page.keyboard.press("Enter")
    live.settle()
    assert live.texts(title) == ["label"]
    assert live.hash_state() == {}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(tmp_path_factory.mktemp("chosen") / "report")


@pytest.fixture(scope="module")
def url(report: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site") / "site"
    build_site(report, folder)
    with serving(folder) as address:
        yield address


def test_an_added_chart_is_as_the_build_would_draw_it(
    report: Path, url: str, open_tab: OpenTab, tmp_path: Path
) -> None:
    tab = open_tab(f"{url}charts.html{link({'all': {'columns': ['legs', 'weight']}})}").live()
    assert [name for name in tab.counts() if name.startswith("all-")] == ["all-legs", "all-weight"]
    assert tab.data_table("all-legs") == [["2", "2"], ["4", "2"]]

    saved, patch = export(tab, "all")
    changed = tmp_path / "report"
    shutil.copytree(report, changed)
    (changed / saved).write_bytes(patch.encode())
    subprocess.run(["git", "apply", saved], cwd=changed, check=True, capture_output=True)
    text = (changed / "content" / "charts.md").read_text()
    assert "# in this order\ncolumns: [legs, weight]\n```" in text
    build_site(changed, tmp_path / "site")
    with serving(tmp_path / "site") as address:
        built = open_tab(f"{address}charts.html")
        script = """id => {
            const { className, dataset, children } = document.getElementById(id);
            const title = document.querySelector(`#${id} .view-title`).textContent;
            return [className, dataset.rows, dataset.total, title, children.length];
        }"""
        assert tab.page.evaluate(script, "all-legs") == built.page.evaluate(script, "all-legs")
        assert built.data_table("all-legs") == tab.data_table("all-legs")
        assert shown_of(built) == ["all-legs", "all-weight"]


BREAKS = """() => {
  const make = document.createElement.bind(document);
  window.isBroken = true;
  document.createElement = (name, ...rest) => {
    if (window.isBroken && name === "template") throw new Error("there is no room");
    return make(name, ...rest);
  };
}"""


def test_what_was_said_of_a_chart_goes_when_it_is_true_no_longer(url: str, open_tab: OpenTab) -> None:
    tab = open_tab(f"{url}charts.html").live()
    said = tab.page.locator("#all .gallery-notice")
    tab.page.click("#all [data-action=edit]")
    tab.page.evaluate(BREAKS)
    for recovers in (False, True):
        tab.page.evaluate("window.isBroken = true")
        tab.page.select_option("#all select", "legs")
        tab.press("#all [data-action=add]")
        expect(said).to_contain_text("could not be drawn")
        tab.page.evaluate("window.isBroken = false")
        if recovers:
            tab.press('#all [data-action=remove][data-column="label"]')
            assert shown_of(tab) == ["all-weight", "all-legs"]
        else:
            tab.press('#all [data-action=remove][data-column="legs"]')
            assert shown_of(tab) == ["all-label", "all-weight"]
        expect(said).to_have_count(0)


def shown_of(tab: Tab) -> list[str]:
    return [name for name in tab.counts() if name.startswith("all-")]


def test_an_added_chart_filters_and_is_filtered(live: Tab, samples: pd.DataFrame) -> None:
    opened(live)
    choose(live, "remove", "correct")
    choose(live, "remove", "label")
    choose(live, "add", "correct")
    live.filter("datum.label == '8'")
    eights = samples[samples.label == "8"]
    counted = {value: int(n.replace(",", "")) for value, n in live.data_table("summary-1-correct")}
    assert counted == {str(value).lower(): n for value, n in eights.correct.value_counts().items()}

    right = eights[eights.correct]
    live.click(live.marks("summary-1-correct")[1])
    counts = live.counts()
    assert counts["summary-1-confidence"] == (len(right), len(samples))
    assert counts["summary-1-correct"] == (len(eights), len(samples))
    assert live.texts(".chip")[-1].startswith("correct is true")

    # A chart that is taken away filters no more, and comes back with its selection when the reader goes back.
    choose(live, "remove", "correct")
    assert live.counts()["summary-1-confidence"] == (len(eights), len(samples))
    assert "summary-1-correct" not in live.hash_state()
    live.back()
    assert live.counts()["summary-1-confidence"] == (len(right), len(samples))
    assert "summary-1-correct" in live.hash_state()


def test_groups_and_the_grey_whole_reach_an_added_chart(live: Tab) -> None:
    opened(live)
    choose(live, "remove", "margin")
    choose(live, "add", "margin")
    live.page.select_option(".toolbar select[name=group]", "split")
    live.settle()
    assert live.page.locator("#summary-1-margin .chart-live:visible").count() == 2
    live.page.select_option(".toolbar select[name=group]", "")
    live.settle()
    assert live.page.locator("#summary-1-margin .chart-live:visible").count() == 1


def test_a_chart_can_be_chosen_with_the_keyboard(live: Tab) -> None:
    live.page.focus("#summary-1 [data-action=edit]")
    live.page.keyboard.press("Enter")
    up = live.page.get_by_role("button", name="Move split up")
    before = shown(live)
    up.focus()
    live.page.keyboard.press("Enter")
    live.settle()
    assert shown(live).index("split") == before.index("split") - 1
    assert "is now chart" in live.page.inner_text("#summary-1-said")
    live.page.keyboard.press("Escape")
    expect(live.page.locator(".summary-panel")).to_have_count(0)
    expect(live.page.get_by_role("button", name="Choose charts")).to_be_focused()


@pytest.mark.parametrize(
    ("state", "columns"),
    [
        ({"columns": ["legs", "legs", "nothing", 7, {"a": 1}]}, ["all-legs"]),
        ({"columns": []}, []),
        ({"columns": "label"}, ["all-label", "all-weight"]),
        ({"columns": ["id", "<img src=x onerror=hacked=1>"]}, []),
    ],
)
def test_a_link_chooses_what_there_is(
    url: str, open_tab: OpenTab, state: dict[str, object], columns: list[str]
) -> None:
    tab = open_tab(f"{url}charts.html{link({'all': state})}").live()
    assert shown_of(tab) == columns
    assert (tab.page.evaluate("window.hacked"), tab.messages) == (None, [])


def test_what_a_link_selects_in_a_chart_that_is_not_shown_filters_nothing(
    url: str, open_tab: OpenTab
) -> None:
    states: dict[str, dict[str, Any]] = {"all": {"columns": ["label"]}, "all-legs": {"points": [[2]]}}
    tab = open_tab(f"{url}charts.html{link(states)}").live()
    assert tab.counts()["all-label"] == (4, 4)
    assert tab.hash_state() == {"all": {"columns": ["label"]}}


def test_a_link_selects_in_a_chart_that_it_adds(url: str, open_tab: OpenTab) -> None:
    states: dict[str, dict[str, Any]] = {"all": {"columns": ["label", "legs"]}, "all-legs": {"points": [[2]]}}
    tab = open_tab(f"{url}charts.html{link(states)}").live()
    assert tab.counts()["all-label"] == (2, 4)
    assert tab.hash_state() == states
