"""The rows of a table: sorted, searched and selected as pandas does, and never asked for all at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipelines.contract import Column, Manifest, Rows, TableSpec, write_artifact
from tests.browser.driver import OpenTab, Tab, build_site, serving

PAGE = "digits-samples.html"
MILLION = 1_000_000
LARGEST_ANSWER = 100_000
"""Bytes that one answer of the engine may have: a window of rows, never the table."""


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """The page of all images, live; nothing may be said in its console."""
    tab = open_tab(demo_url + PAGE, permissions=["clipboard-read", "clipboard-write"]).live()
    yield tab
    assert tab.messages == tab.failures == []


def settle(tab: Tab) -> None:
    """Wait until no row is waited for."""
    tab.settle()
    tab.page.wait_for_selector("#rows .table-waiting", state="detached")


def ids(tab: Tab, count: int = 8) -> list[int]:
    """Return the ids of the first rows in sight."""
    settle(tab)
    script = """count => {
        const head = document.querySelector("#rows thead").getBoundingClientRect().bottom;
        return [...document.querySelectorAll("#rows tr[data-row]")]
            .filter(row => row.getBoundingClientRect().bottom > head + 2)
            .slice(0, count).map(row => Number(row.querySelector("th").textContent));
    }"""
    return [int(found) for found in tab.page.evaluate(script, count)]


def sort(tab: Tab, column: str, *keys: Any) -> None:
    tab.page.click(f"#rows [data-sort={column}]", modifiers=list(keys))
    settle(tab)


def row(tab: Tab, number: int, *keys: Any) -> None:
    """Click a row by its number."""
    tab.page.click(f"#rows tr[data-row='{number}'] td >> nth=2", modifiers=list(keys))
    settle(tab)


def ordered(samples: pd.DataFrame, by: list[str], upwards: list[bool]) -> list[int]:
    found = samples.sort_values([*by, "id"], ascending=[*upwards, True], kind="stable", na_position="last")
    return [int(value) for value in found["id"]]


def test_rows_are_sorted_by_one_column_and_by_several(live: Tab, samples: pd.DataFrame) -> None:
    assert ids(live) == ordered(samples, ["confidence"], [True])[:8]
    sort(live, "entropy")
    assert ids(live) == ordered(samples, ["entropy"], [True])[:8]
    sort(live, "entropy")
    assert ids(live) == ordered(samples, ["entropy"], [False])[:8]
    assert live.page.locator("#rows th[aria-sort=descending]").get_attribute("data-column") == "entropy"
    sort(live, "label")
    sort(live, "margin", "Shift")
    sort(live, "margin", "Shift")
    assert ids(live) == ordered(samples, ["label", "margin"], [True, False])[:8]
    assert live.hash_state() == {"rows": {"sort": ["label", "-margin"]}}


def test_the_rows_that_are_found_are_those_of_pandas(live: Tab, samples: pd.DataFrame) -> None:
    live.page.select_option("#rows [name=within]", "prediction")
    live.page.fill("#rows [name=search]", "8")
    live.page.keyboard.press("Enter")
    found = samples[samples.prediction == "8"]
    assert ids(live) == ordered(found, ["confidence"], [True])[:8]
    assert live.counts()["rows"] == (len(found), len(samples))
    assert live.rows("confidence") == len(samples), "a search is the table's own"
    live.page.fill("#rows [name=search]", "%")
    live.page.keyboard.press("Enter")
    settle(live)
    assert live.texts("#rows .table-none")[0].startswith("No row has “%”.")
    live.press("#rows [data-action=clear-search]")
    assert live.rows("rows") == len(samples)


def test_a_chart_filters_the_rows_and_rows_filter_the_chart(live: Tab, samples: pd.DataFrame) -> None:
    live.filter("datum.label == '3' && !datum.correct")
    wrong = samples[(samples.label == "3") & ~samples.correct]
    assert ids(live, 3) == ordered(wrong, ["confidence"], [True])[:3]
    assert live.counts()["rows"] == (len(wrong), len(samples))
    live.press(".toolbar-reset")
    first = ordered(samples, ["confidence"], [True])
    row(live, 1)
    assert live.hash_state() == {"rows": {"ids": [first[1]]}}
    assert live.rows("confidence") == live.rows("toolbar") == 1
    row(live, 5, "Shift")
    assert live.hash_state()["rows"]["ids"] == first[1:6]
    row(live, 3, "Control")
    assert live.rows("confidence") == 4
    live.press("#rows .table-copy")
    assert live.page.evaluate("navigator.clipboard.readText()").split("\n") == [
        str(found) for found in (*first[1:3], *first[4:6])
    ]
    live.press("#rows .table-clear")
    assert live.rows("confidence") == len(samples)
    assert live.hash_state() == {}


def test_everything_can_be_done_by_keys(live: Tab, samples: pd.DataFrame) -> None:
    first = ordered(samples, ["confidence"], [True])
    live.page.focus("#rows table")
    for key in ("ArrowDown", "ArrowDown", " "):
        live.page.keyboard.press(key)
    settle(live)
    assert live.hash_state()["rows"]["ids"] == [first[1]]
    for _ in range(2):
        live.page.keyboard.press("Shift+ArrowDown")
        settle(live)
    assert live.hash_state()["rows"]["ids"] == first[1:4]
    live.page.keyboard.press("Escape")
    settle(live)
    assert live.hash_state() == {}
    live.page.keyboard.press("End")
    assert first[-1] in ids(live, 40)
    active = live.page.get_attribute("#rows table", "aria-activedescendant")
    assert live.page.get_attribute(f"#{active}", "aria-rowindex") == str(len(samples) + 1)
    live.page.keyboard.press("Home")
    assert ids(live) == first[:8]
    live.page.focus("#rows [data-sort=entropy]")
    live.page.keyboard.press("Enter")
    assert ids(live) == ordered(samples, ["entropy"], [True])[:8]
    assert live.page.evaluate("document.activeElement.dataset.sort") == "entropy"
    before = live.page.locator("#rows th[data-column=entropy]").bounding_box()
    live.page.keyboard.press("Alt+ArrowRight")
    after = live.page.locator("#rows th[data-column=entropy]").bounding_box()
    assert before
    assert after
    assert after["width"] == pytest.approx(before["width"] + 16, abs=1)


def shown_columns(tab: Tab) -> list[str]:
    found = tab.page.locator("#rows thead th[data-column]").evaluate_all(
        "all => all.map(e => e.dataset.column)"
    )
    return [str(name) for name in found]


def test_columns_are_chosen_moved_and_kept_in_the_link(live: Tab, open_tab: OpenTab) -> None:
    before = shown_columns(live)
    live.press("#rows .table-chooser summary")
    live.press("#rows li[data-column=split] input")
    live.press("#rows li[data-column=correct] [data-move='-1']")
    expected = [name for name in before if name not in ("split", "correct")]
    expected.insert(expected.index("confidence"), "correct")
    assert shown_columns(live) == expected
    live.press("#rows li[data-column=split] input")
    assert shown_columns(live) == [*expected, "split"]
    assert live.page.locator("#rows tr[data-row='0'] td").last.inner_text() in ("train", "test")
    live.page.keyboard.press("Escape")
    assert live.page.locator("#rows .table-sheet").is_hidden()
    sort(live, "split")
    copied = ids(live)
    again = open_tab(live.address()).live()
    assert shown_columns(again) == shown_columns(live)
    assert ids(again) == copied
    live.press("#rows .table-chooser summary")
    live.press("#rows [data-action=columns]")
    assert shown_columns(live) == before


def test_back_undoes_a_sort_and_a_selection(live: Tab, samples: pd.DataFrame) -> None:
    first = ids(live)
    sort(live, "label")
    second = ids(live)
    row(live, 0)
    live.back()
    assert live.rows("confidence") == len(samples)
    assert ids(live) == second
    live.back()
    assert ids(live) == first


def test_a_phone_scrolls_the_rows_inside_their_frame(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE, viewport={"width": 360, "height": 780}).live()
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inner = "(([e]) => [e.scrollWidth > e.clientWidth, e.clientWidth <= innerWidth])"
    assert tab.page.evaluate(f"{inner}(document.querySelectorAll('#rows .table-frame'))") == [True, True]


# A million rows ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, pd.DataFrame]]:
    """A page on a table of a million rows, and the table."""
    report = tmp_path_factory.mktemp("million")
    random = np.random.default_rng(0)
    values = {
        "id": pa.array(np.arange(MILLION, dtype=np.int32)),
        "value": pa.array(random.integers(0, 1000, MILLION).astype(np.float32)),
        "kind": pa.array(random.integers(0, 5, MILLION).astype(np.int32)).cast(pa.string()),
    }
    described = (
        Column("id", "int32", "id"),
        Column("value", "float32"),
        Column("kind", "string", "label"),
    )
    rows = Rows(TableSpec("samples", "Rows", described, entity=True), pa.table(values))
    facts = Manifest(name="big", tool="fixture", title="Big", dataset="big")
    write_artifact(report / "artifacts" / "big", facts, [rows])
    (report / "sitegen.toml").write_text('[site]\ntitle = "Big"\n')
    (report / "content").mkdir()
    page = "# Big\n\n```view table id=rows\ntable: big/samples\n```\n"
    (report / "content" / "index.md").write_text(page, "utf-8")
    build_site(report, report / "site")
    with serving(report / "site") as url:
        yield url, pa.table(values).to_pandas()


LISTEN = """
const answers = (window.answers = []);
window.held = null;
window.release = () => { const held = window.held; window.held = null; held.forEach(tell => tell()); };
const listen = Worker.prototype.addEventListener;
Worker.prototype.addEventListener = function (kind, heard) {
  const told = event => {
    if (window.held) return window.held.push(() => told(event));
    if (event.data?.found) answers.push(event.data.found.reduce((sum, part) => sum + part.byteLength, 0));
    heard.call(this, event);
  };
  listen.call(this, kind, kind === "message" ? told : heard);
};
"""


FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


def scroll(tab: Tab, top: float) -> None:
    """Move the scrollbar, and wait until the browser has shown it."""
    tab.page.evaluate("top => { document.querySelector('#rows .table-frame').scrollTop = top }", top)
    tab.page.evaluate(FRAMES)


def test_a_million_rows_are_scrolled_a_window_at_a_time(
    million: tuple[str, pd.DataFrame], open_tab: OpenTab
) -> None:
    url, rows = million
    tab = open_tab("about:blank")
    tab.page.add_init_script(LISTEN)
    tab.open(url).live()
    assert ids(tab, 3) == [0, 1, 2]
    height = tab.page.evaluate("document.querySelector('#rows .table-frame').scrollHeight")
    assert height < 17_000_000, "the strictest browser cuts off what is higher"
    scroll(tab, height)
    assert ids(tab, 40)[-1] == MILLION - 1
    scroll(tab, height / 2)
    assert ids(tab, 1)[0] == pytest.approx(MILLION / 2, rel=0.01)
    middle = ids(tab, 1)[0]
    tab.page.hover("#rows .table-frame")
    tab.page.mouse.wheel(0, 64)
    tab.page.evaluate(FRAMES)
    assert ids(tab, 1)[0] == middle + 2
    expected = rows.sort_values(["value", "id"], ascending=[False, True])["id"].tolist()
    for _ in range(2):
        sort(tab, "value")
    assert ids(tab) == expected[:8]
    for share in (0.25, 0.5, 0.75, 1):
        scroll(tab, height * share)
    assert ids(tab, 40)[-1] == expected[-1]
    # Everything that the engine said, a summary of each column included.
    answers = tab.page.evaluate("window.answers")
    assert len(answers) > 5
    assert max(answers) < LARGEST_ANSWER
    assert tab.page.locator("#rows tr[data-row]").count() < 60
    assert tab.messages == []


SLICES = "#slices .table-frame"


@pytest.mark.parametrize(("width", "is_wider"), [(1280, False), (360, True)])
def test_a_table_of_ten_columns_fits_a_desk_and_says_on_a_phone_that_there_is_more(
    demo_url: str, open_tab: OpenTab, width: int, is_wider: bool
) -> None:
    tab = open_tab(demo_url + "digits-groups.html", viewport={"width": width, "height": 900}).live()
    tab.settle()
    wider = "frame => frame.scrollWidth > frame.clientWidth"
    assert tab.page.locator(SLICES).evaluate(wider) is is_wider
    assert ("more columns to the side" in tab.page.locator("#slices").inner_text()) is is_wider
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


WIDE = 210
"""Columns of a table that is wide: only the heads of those that are shown are asked about."""


@pytest.fixture(scope="module")
def wide_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    report = tmp_path_factory.mktemp("wide")
    data = {"id": range(50), **{f"c{at}": [row * at for row in range(50)] for at in range(1, WIDE)}}
    held = pa.table({name: pa.array(values, pa.int64()) for name, values in data.items()})
    columns = tuple(Column(name, "int64", "id" if name == "id" else None) for name in data)
    rows = Rows(TableSpec("samples", "Wide", columns, entity=True), held)
    write_artifact(report / "artifacts" / "wide", Manifest("wide", "fixture", dataset="wide"), [rows])
    (report / "sitegen.toml").write_text('[site]\ntitle = "Wide"\n')
    (report / "content").mkdir()
    (report / "content" / "index.md").write_text("# Wide\n\n```view table id=rows table=wide/samples\n```\n")
    build_site(report, report / "site")
    with serving(report / "site") as url:
        yield url


def test_a_column_added_to_a_wide_table_has_its_histogram(wide_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(wide_url).live()
    added = "#rows thead th[data-column=c200]"
    assert tab.page.locator(added).count() == 0
    tab.press("#rows .table-chooser summary")
    tab.press("#rows li[data-column=c200] input")
    settle(tab)
    said = tab.page.locator(f"{added} .table-summary").get_attribute("title") or ""
    assert said == "0 to 9800"
    assert tab.page.locator(f"{added} .table-summary svg").count() == 1
    again = open_tab(tab.address()).live()
    settle(again)
    assert again.page.locator(f"{added} .table-summary").get_attribute("title") == said
    assert tab.messages == again.messages == []
