"""Every view of the theme twice on a page: both state their rows, filter each other, have a state each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser

from tests.browser.driver import ROOT, OpenTab, Tab, build_site, serving, tab_of
from tests.browser.edited import edit, prose
from tests.browser.test_every_state import DECISIONS
from tests.browser.test_every_view import KEYS, VIEWS
from tests.browser.walking import Walker, difference


@dataclass(frozen=True)
class Pair:
    """A view, its table, and what each of its two instances is told."""

    table: str
    first: str
    second: str
    both: str = ""


SAMPLES = "digits/samples"
CHART = """{"data": {"name": "digits/samples"}, "mark": "bar",
"encoding": {"x": {"field": "%s"}, "y": {"aggregate": "count"}}}"""
PAIRS: Mapping[str, Pair] = {
    "architecture": Pair(
        "digits-architecture/layers", "preset: unet", "detail: 9", "beside: digits-architecture"
    ),
    "architecture-diff": Pair(
        "digits-architecture/layers",
        "preset: unet",
        "detail: 9",
        "other: digits-slim-architecture/layers\nbeside: [digits-architecture, digits-slim-architecture]",
    ),
    "binary-confusion": Pair("digits/probabilities", 'positive: "8"', 'positive: "3"\nthreshold: 0.2'),
    "confusion-matrix": Pair(SAMPLES, "normalize: row", "order: recall\nerrors: true"),
    "data-map": Pair("cars/samples", "noun: cars", "mean: Horsepower", "country: Origin"),
    "duplicates": Pair("digits-near/samples", "size: small", "groups: 3", "beside: digits-near"),
    "error-matrix": Pair("digits-labels/samples", "rows: 3", "cells: 2"),
    "fairvis": Pair(SAMPLES, "columns: [label]", "columns: [label, split]\nlayout: strip"),
    "familiarity": Pair(
        "digits-familiarity/samples", "order: most", "size: small", "beside: digits-familiarity/gaps"
    ),
    "inactive-units": Pair("digits-inactive/units", "order: least", "rows: 5", "beside: digits-inactive"),
    "label-review": Pair(
        "digits-labels/samples", "size: small", "rows: 6", "beside: [digits-labels/probabilities]"
    ),
    "markdown": Pair("", "One text.", "Another text."),
    "parameters": Pair(SAMPLES, "", "changed: true"),
    "pfa": Pair("digits-pfa/units", "strategy: size", "rows: 9", "beside: digits-pfa"),
    "provenance": Pair(SAMPLES, "sections: [run]", "sections: [chain, files]"),
    "samples": Pair(SAMPLES, "order: confidence", "groups: label\nsize: small"),
    "scatter": Pair("digits-projection/points", "color: split", "color: none\naxes: true"),
    "summary": Pair("cars/samples", "columns: [Origin, Horsepower]", "columns: [Cylinders, Origin]"),
    "table": Pair(SAMPLES, "order: confidence", "columns: [id, split]\nsummaries: false"),
    "toolbar": Pair(SAMPLES, "noun: images", "groups: [label]"),
    "training": Pair("digits/training", "metrics: [loss]", "smoothing: 0.5"),
    "vega-lite": Pair(SAMPLES, CHART % "label", CHART % "prediction"),
}
"""With different options, and different rows first where they have an order."""

STILL = ("data-map", "markdown", "parameters", "provenance", "summary", "toolbar", "vega-lite")
"""Views in which a reader sets nothing but what is selected, or edits in a form."""
WHOLE = ("architecture-diff", "markdown", "parameters", "provenance", "summary")
"""Views without rows of their own: they tell of a table or of two networks as a whole, or hold charts."""


def ids(view: str) -> tuple[str, str]:
    """Return what the two instances of a view are called."""
    return f"{view}-one", f"{view}-other"


def block(view: str, id_: str, pair: Pair, own: str) -> str:
    """Return the fenced block of one instance."""
    if view == "vega-lite":
        return f'```vega-lite id={id_} title="{id_}"\n{own}\n```\n'
    if view == "markdown":
        return f'```view markdown id={id_} title="{id_}"\n{own}\n```\n'
    title = "" if view in ("summary", "toolbar") else f"title: {id_}"
    lines = [f"table: {pair.table}", title, pair.both, own]
    return "\n".join([f"```view {view} id={id_}", *filter(None, lines), "```\n"])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site of one page with every view twice, on the tables of the demo."""
    report = tmp_path_factory.mktemp("twice")
    (report / "artifacts").symlink_to(ROOT / "artifacts")
    (report / "sitegen.toml").write_text('[site]\ntitle = "Twice"\n', "utf-8")
    (report / "content").mkdir()
    assert set(PAIRS) == set(VIEWS), "a view of the theme has no pair here"
    blocks = [
        block(view, id_, pair, own)
        for view, pair in PAIRS.items()
        for id_, own in zip(ids(view), (pair.first, pair.second), strict=True)
    ]
    text = "\n".join([f"---\ntable: {SAMPLES}\n---\n# Twice\n", *blocks])
    (report / "content" / "index.md").write_text(text, "utf-8")
    build_site(report, report / "site")
    with serving(report / "site") as url:
        yield url


@pytest.fixture(scope="module")
def tab(browser: Browser, address: str) -> Iterator[Tab]:
    """The page, live, in one tab for all tests of this file."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield tab_of(context).open(address).live()
    context.close()


@pytest.fixture
def live(tab: Tab) -> Iterator[Tab]:
    """The page as it was built; nothing may have been said or have failed after a test."""
    yield tab
    tab.page.keyboard.press("Escape")
    tab.reset()
    assert (tab.messages, tab.failures) == ([], [])
    assert tab.hash_state() == {}


def rows_of(table: str) -> int:
    """Return how many rows a table's file has."""
    return int(pq.read_metadata(ROOT / "artifacts" / f"{table}.parquet").num_rows)


def states(tab: Tab, view: str) -> tuple[object, object]:
    """Return what the link says of the two instances of a view."""
    found = tab.hash_state()
    one, other = (found.get(id_) for id_ in ids(view))
    return one, other


def text_of(tab: Tab, id_: str) -> str:
    """Return the markup of a view without its name; a summary is the charts below its frame."""
    selector = f"#{id_} .view-body, [id^={id_}-] .view-body"
    texts = tab.page.evaluate("s => [...document.querySelectorAll(s)].map(each => each.innerHTML)", selector)
    return "".join(map(str, texts)).replace(id_, "")


def press(tab: Tab, id_: str, keys: tuple[str, ...]) -> None:
    """Press keys where a view listens to them."""
    view = tab.page.locator(f"#{id_}").get_attribute("data-view") or ""
    tab.page.evaluate(
        """([id, stop]) => [...document.querySelectorAll(`#${CSS.escape(id)} :is(${stop})`)]
            .find(each => each.checkVisibility()).focus()""",
        [id_, KEYS[view].stop],
    )
    for key in keys:
        tab.page.keyboard.press(key)
        tab.settle()


def select(tab: Tab, view: str, id_: str) -> None:
    """Select some rows in one instance by keys."""
    if view == "toolbar":
        tab.page.fill(f"#{id_} input[name=filter]", "datum.label == '3'")
    press(tab, id_, ("Enter",) if view == "toolbar" else KEYS[view].select)


def test_no_two_elements_of_the_page_have_one_id(live: Tab) -> None:
    found = live.page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert sorted(found) == sorted(set(found))
    named = live.page.evaluate(
        """[...document.querySelectorAll(".view, .view *")]
            .flatMap(each => ["aria-labelledby", "aria-describedby", "aria-controls", "for"]
                .flatMap(name => (each.getAttribute(name) ?? "").split(" ").filter(Boolean)
                    .map(id => [id, each.closest(".view")?.id ?? "", document.getElementById(id)])
                    .filter(([, view, to]) => to && view && (to.closest(".view")?.id ?? view) !== view)
                    .map(([id, view]) => `${view}: ${name} ${id}`)))"""
    )
    assert named == [], "a view is named by what is in another one"


@pytest.mark.parametrize("view", VIEWS)
def test_both_are_drawn_and_state_their_rows(view: str, live: Tab) -> None:
    pair, drawn = PAIRS[view], []
    for id_ in ids(view):
        figure = live.page.locator(f"#{id_}")
        assert figure.get_attribute("data-view") == view
        assert figure.get_attribute("data-state") == "live"
        assert figure.locator(".view-error:visible").count() == 0
        drawn.append(text_of(live, id_))
        if view not in WHOLE:
            total = rows_of(pair.table)
            assert live.counts()[id_] == (total, total)
            assert f"{total:,}" in figure.inner_text()
    assert drawn[0] != drawn[1], "the two show the same, whatever they were told"


@pytest.mark.parametrize("view", [view for view in VIEWS if view not in WHOLE])
def test_a_selection_in_one_filters_the_other_alone(view: str, live: Tab) -> None:
    one, other = ids(view)
    total = rows_of(PAIRS[view].table)
    select(live, view, one)
    counts = live.counts()
    own = 0 if view == "toolbar" else total  # what is written into one toolbar stands in both
    assert counts[one][0] == (own or counts[other][0])
    assert 0 < counts[other][0] < total
    if view != "toolbar":
        assert states(live, view)[0]
        assert not states(live, view)[1]
        select(live, view, other)
        assert all(states(live, view))
        assert live.counts()[one][0] < total


def change(walker: Walker, id_: str, names: list[str]) -> None:
    """Use controls one after another until one changed a setting: what selects rows is taken back."""
    tab = walker.tab
    before = tab.hash_state()
    counts = tab.counts()
    for name in names:
        found = None if DECISIONS.search(name) else walker.bring(id_, name)
        if found is None:
            continue
        walker.use(found)
        tab.settle()
        if tab.counts() != counts or "ids" in tab.hash_state().get(id_, {}):
            walker.press("Control+z")
            tab.settle()
        if tab.hash_state().get(id_) != before.get(id_):
            return
    pytest.fail(f"no control of {id_} is in the link: {names}")


def test_the_link_keeps_the_settings_of_both_apart_and_reopens_them(live: Tab, open_tab: OpenTab) -> None:
    walker = Walker(live)
    views = [view for view in VIEWS if view not in STILL]
    for view in views:
        one, _ = ids(view)
        change(walker, one, walker.controls(one))
    first = live.hash_state()
    assert sorted(first) == sorted(ids(view)[0] for view in views)
    for view in views:
        _, other = ids(view)
        change(walker, other, list(reversed(walker.controls(other))))
    both = live.hash_state()
    assert {id_: both[id_] for id_ in first} == first, "a setting of the one changed the other"
    assert sorted(both) == sorted(id_ for view in views for id_ in ids(view))
    for view in ("data-map", "vega-lite"):
        select(live, view, ids(view)[0])
    assert set(live.hash_state()) - set(both) == {"data-map-one", "vega-lite-one"}
    reopened = open_tab(live.address()).live()
    assert reopened.hash_state() == live.hash_state()
    assert difference(walker.shown(), Walker(reopened).shown()) == ""
    assert (reopened.messages, reopened.failures) == ([], [])


def test_charts_of_one_summary_filter_those_of_the_other(live: Tab) -> None:
    # Names that are not lower-case letters alone end with a digest.
    charts = {id_.rpartition("-")[0]: id_ for id_ in live.counts() if id_.count("-") == 3}
    own = charts["summary-one-origin"]
    live.click(live.marks(own)[0])
    ((origin,),) = live.hash_state()[own]["points"]
    column = pq.read_table(ROOT / "artifacts" / "cars" / "samples.parquet")["Origin"].to_pylist()
    passing = (column.count(origin), len(column))
    counts = live.counts()
    assert counts[own] == (len(column), len(column))
    others = ("summary-one-horsepower", "summary-other-cylinders", "summary-other-origin")
    assert [counts[charts[name]] for name in others] == [passing] * 3


def test_a_text_that_is_edited_leaves_the_other_as_it_is(live: Tab, open_tab: OpenTab) -> None:
    one, other = ids("markdown")
    edit(live, one, "Edited *once*.")
    edit(live, other, "Edited twice.")
    reopened = open_tab(live.address()).live()
    for each in (live, reopened):
        assert prose(each, one) == "<p>Edited <em>once</em>.</p>"
        assert prose(each, other) == "<p>Edited twice.</p>"
