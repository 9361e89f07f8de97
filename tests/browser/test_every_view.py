"""Every view of the theme on the demo: by keys alone, heard, with nothing left, without data, in trouble.

The views are those that the theme has a folder for. A new one needs a page of the demo, and its keys here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.contract import Manifest, write_artifact
from tests.browser.demo_pages import pages
from tests.browser.driver import ROOT, OpenTab, Tab, build_site, serving
from tests.browser.shown import read_static
from tests.browser.test_data import rows_of

VIEWS = sorted(path.parent.name for path in (ROOT / "themes/default/views").glob("*/view.ts"))
MOST_STOPS = 250
"""Presses of Tab within which a view is left again."""


@dataclass(frozen=True)
class Keys:
    """How a view is used: where Tab leads to, what selects there, and what lets go."""

    stop: str
    select: tuple[str, ...] = ()
    clear: tuple[str, ...] = ("Escape",)
    is_of_rows: bool = True
    """Whether what is selected narrows the rows of the page."""


WALK = ("ArrowRight", "Enter")
KEYS: Mapping[str, Keys] = {
    "architecture": Keys("[data-glyph]", (" ",)),
    "architecture-diff": Keys("[data-glyph]", ("Enter",)),
    "binary-confusion": Keys("[data-cell]", ("Enter",)),
    "confusion-matrix": Keys(".confusion-plot", ("ArrowRight", "ArrowRight", "Enter")),
    "data-map": Keys("button[data-country]", ("Enter",)),
    "duplicates": Keys(".sample", ("Enter",)),
    "error-matrix": Keys(".errors-cell", ("Enter",)),
    "fairvis": Keys(".fairvis-plot", WALK),
    "familiarity": Keys(".familiarity-plot", ("ArrowRight", "Shift+ArrowRight")),
    "inactive-units": Keys(".units-plot", ("ArrowRight", "Shift+ArrowRight")),
    "label-review": Keys(".review-frame, .review-list .sample", ("ArrowRight", " ")),
    "markdown": Keys("[data-action=edit]", ("Enter",), is_of_rows=False),
    "parameters": Keys(".facts-scroll"),
    "pfa": Keys("button[data-layer]", ("Enter",)),
    "provenance": Keys("[data-copy]", ("Enter",), (), is_of_rows=False),
    "samples": Keys(".sample", (" ",)),
    "scatter": Keys(".scatter-plot", WALK),
    "summary": Keys("[data-action=edit]", ("Enter",), is_of_rows=False),
    "table": Keys("table[role=grid]", ("ArrowDown", " ")),
    "toolbar": Keys(
        "input[name=filter]", ("1", " ", "<", " ", "0", "Enter"), ("ControlOrMeta+a", "Delete", "Enter")
    ),
    "training": Keys(".training-plot", ("Shift+ArrowLeft",)),
    "vega-lite": Keys(".chart-live", WALK),
}


@dataclass(frozen=True)
class Place:
    """Where the demo shows a view."""

    page: str
    id: str
    payload: Mapping[str, Any]


@pytest.fixture(scope="session")
def places(demo: Path) -> Mapping[str, Place]:
    """The first place of each view: of a chart, one that selects."""
    found: dict[str, Place] = {}
    # The first table elsewhere is of groups of rows, which cannot all be selected.
    for page in ["digits.html", "digits-samples.html", *pages(demo)]:
        text = (demo / page).read_text("utf-8")
        _, payload = read_static(text) if 'id="sitegen-page"' in text else ({}, {})
        for view in payload.get("views", ()):
            found.setdefault(view["view"], Place(page, view["id"], payload))
    return found


@pytest.fixture
def shown(
    open_tab: OpenTab, demo_url: str, places: Mapping[str, Place]
) -> Callable[[str], tuple[Tab, Place]]:
    """A function that opens a live page on which a view is."""

    def open_(view: str) -> tuple[Tab, Place]:
        assert view in places, f"no page of the demo shows the view {view}"
        place = places[view]
        return open_tab(demo_url + place.page).live(), place

    return open_


MARKED = """id => {
    const figure = document.getElementById(id);
    for (const [name, where] of [["before", "beforebegin"], ["after", "afterend"]]) {
        const button = Object.assign(document.createElement("button"), {id: `${name}-it`, textContent: name});
        figure.insertAdjacentElement(where, button);
    }
    document.getElementById("before-it").focus();
}"""
"""Puts a button on either side of a view, and the focus on the first."""

STOP = """id => {
    const at = document.activeElement, figure = document.getElementById(id);
    const isSeen = each => {
        const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(each);
        return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
    };
    // A field that is drawn by its label, or a mark of a drawing, shows the focus there.
    const beside = [...(at.labels ?? []), at.nextElementSibling, at.parentElement];
    const around = [at, ...beside, ...at.querySelectorAll("*")];
    return {
        id: at.id,
        isWithin: figure.contains(at),
        html: at.outerHTML.slice(0, 120),
        isFocusSeen: around.some(each => each && isSeen(each)),
        isInSight: at.getClientRects().length > 0,
    };
}"""


def stops(tab: Tab, place: Place) -> Iterator[tuple[dict[str, Any], tuple[str, str, str]]]:
    """Yield what Tab leads to within a view, until it has left it."""
    tab.focused()  # from now on the browser keeps count of it
    tab.page.evaluate(MARKED, place.id)
    for _ in range(MOST_STOPS):
        tab.page.keyboard.press("Tab")
        stop = tab.page.evaluate(STOP, place.id)
        if stop["id"] == "after-it":
            return
        assert stop["isWithin"], f"Tab leads out of the view: {stop['html']}"
        yield stop, tab.focused()
    pytest.fail(f"{MOST_STOPS} presses of Tab do not lead out of the view")


NAMES = """() => [...document.querySelectorAll(".view:not(.view-bare)")].map(each => [each.id,
    ...["labelledby", "describedby"].map(of => (each.getAttribute(`aria-${of}`) ?? "").split(" ")
        .map(id => document.getElementById(id)?.textContent ?? "").join(" ").trim())])"""
"""Id, name and description of every view of a page."""


@pytest.mark.parametrize("view", VIEWS)
def test_tab_leads_through_a_view_and_everything_has_a_name(
    view: str, shown: Callable[[str], tuple[Tab, Place]]
) -> None:
    tab, place = shown(view)
    figures = tab.page.evaluate(NAMES)
    assert figures
    assert [(id_, name) for id_, name, said in figures if not name or len(said) < 20] == []
    found = list(stops(tab, place))
    assert [stop["html"] for stop, (_, name, _) in found if not name.strip()] == []
    assert [stop["html"] for stop, _ in found if not stop["isFocusSeen"]] == []
    tab.page.keyboard.press("Shift+Tab")
    assert tab.page.evaluate(STOP, place.id)["isWithin"], "Shift and Tab lead back into it"


LIVE_REGIONS = """() => [...document.querySelectorAll("[role=status], [role=alert], [aria-live], output")]
    .map(each => each.textContent.replace(/\\s+/g, " ").trim())"""


def heard(tab: Tab, act: Callable[[], object]) -> list[str]:
    """Return what is new in the page's live regions a while after something was done."""
    before = tab.page.evaluate(LIVE_REGIONS)
    act()
    tab.settle()
    tab.page.wait_for_timeout(900)
    after = tab.page.evaluate(LIVE_REGIONS)
    return [text for text in after if text and text not in before]


def selected(tab: Tab) -> dict[str, Any]:
    """Return what the link says of the page, but for how far its lists are scrolled."""
    states = tab.hash_state()
    kept = {
        name: {key: each for key, each in value.items() if key != "at"} if isinstance(value, dict) else value
        for name, value in states.items()
    }
    return {name: value for name, value in kept.items() if value}


def press(tab: Tab, keys: tuple[str, ...]) -> None:
    for key in keys:
        tab.page.keyboard.press(key)
        tab.settle()


def go_to(tab: Tab, place: Place, selector: str) -> None:
    """Press Tab from before a view until what is wanted has the focus."""
    for _ in stops(tab, place):
        if tab.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not lead to {selector}")


@pytest.mark.parametrize("view", [view for view in VIEWS if KEYS.get(view, Keys("", ("?",))).select != ()])
def test_keys_select_and_let_go_and_both_are_heard(
    view: str, shown: Callable[[str], tuple[Tab, Place]]
) -> None:
    assert view in KEYS, f"which keys is the view {view} used by?"
    keys = KEYS[view]
    tab, place = shown(view)
    go_to(tab, place, keys.stop)
    said = heard(tab, lambda: press(tab, keys.select))
    if keys.is_of_rows:
        assert {place.id, "filter"} & set(selected(tab))
        assert any(re.search(r"\d of \d", text) for text in said), said
        assert tab.page.evaluate(
            "id => document.getElementById(id).contains(document.activeElement)", place.id
        )
        again = heard(tab, lambda: press(tab, keys.clear))
        assert selected(tab) == {}
        assert any(re.search(r"\d", text) for text in again), again
    elif keys.clear:
        press(tab, keys.clear)
        assert tab.page.evaluate(
            "id => document.getElementById(id).contains(document.activeElement)", place.id
        )
        assert tab.hash_state() == {}
    assert tab.messages == []


def covering(places: Mapping[str, Place]) -> Mapping[str, list[Place]]:
    """Return the places of views by page."""
    return {
        page: [place for place in places.values() if place.page == page]
        for page in sorted({place.page for place in places.values()})
    }


OF_NO_ROWS = {"markdown", "parameters", "provenance", "summary"}
"""Views that tell of a table as a whole, or hold charts."""

STEADY = {
    "binary-confusion",
    "confusion-matrix",
    "duplicates",
    "familiarity",
    "inactive-units",
    "pfa",
    "training",
    "vega-lite",
}
"""Views whose axes are those of the whole, which therefore stays where it is, in shapes of a drawing."""

NOTHING = {"string": "== 'nothing at all'", "dictionary": "== 'nothing at all'", "bool": "== null"}


def nothing(payload: Mapping[str, Any], table: str) -> str:
    """Return a filter that none of a table's rows passes."""
    relation = payload["tables"][table]["relation"]
    columns = [
        column
        for each in payload["tables"].values()
        if each["relation"] == relation
        for column in each["columns"]
        if not column["nullable"] and not column["type"].startswith(("list", "timestamp", "date", "binary"))
    ]
    column = columns[0]
    return f"datum[{column['name']!r}] {NOTHING.get(column['type'], '> 1e300')}"


SAID = """id => {
    const view = document.getElementById(id);
    const sentences = ".view-empty, .table-none, .view-notice";
    return [...view.querySelectorAll(view.matches(".view-bare") ? "output, .summary-note" : sentences)]
        .filter(each => each.checkVisibility()).map(each => each.textContent.replace(/\\s+/g, " ").trim());
}"""
"""What a view says in its place or below it; a toolbar and the foot of a summary have their own sentence."""


def test_where_nothing_passes_every_view_says_so(
    open_tab: OpenTab, demo_url: str, places: Mapping[str, Place]
) -> None:
    silent = []
    for page, here in covering(places).items():
        tab = open_tab(demo_url + page).live()
        for place in here:
            request = next(view for view in place.payload["views"] if view["id"] == place.id)
            if request["table"] is None or request["view"] == "markdown":
                continue
            tab.page.evaluate(
                "filter => document.sitegen.filter(filter)", nothing(place.payload, request["table"])
            )
            tab.settle()
            rows, _ = tab.counts()[place.id]
            said = tab.page.evaluate(SAID, place.id)
            if rows == 0 and not any(re.match("No |There |0 of |Each bar counts ", text) for text in said):
                silent.append((request["view"], said))
        assert tab.messages == []
        assert tab.page.locator(".view-error:visible").count() == 0
    assert silent == []


def parts(demo: Path, page: str, payload: Mapping[str, Any], table: str) -> list[str]:
    """Return two filters, each of which some of a table's rows pass."""
    relation = payload["tables"][table]["relation"]
    for url in files_of(payload, relation):
        rows = pq.read_table((demo / Path(page).parent / url).resolve())
        for name in rows.column_names:
            values = rows[name]
            kind = values.type
            is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
            if not is_number or values.null_count or len(values.unique()) < 3:
                continue
            low, high = np.quantile(values.to_numpy(), [0.3, 0.8])
            return [f"datum[{name!r}] <= {low}", f"datum[{name!r}] <= {high}"]
    pytest.fail(f"{table} has no column of numbers")


SHOWN = """ids => Object.fromEntries(ids.map(id => {
    const view = document.getElementById(id);
    const count = view.querySelector(":scope > .view-header > .view-count");
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = "var(--chart-grey)";
    const grey = getComputedStyle(probe).color;
    probe.remove();
    const marks = [...view.querySelectorAll(".view-body svg *")].filter(each => each.checkVisibility()
        && [getComputedStyle(each).fill, getComputedStyle(each).stroke].includes(grey));
    const shape = each => ["d", "x", "y", "cx", "cy", "r", "width", "height", "transform"]
        .map(name => each.getAttribute(name)).join(" ");
    return [id, {
        said: count?.textContent.replace(/\\s+/g, " ").trim() ?? null,
        colours: count ? [count, count.querySelector("b")].map(each => getComputedStyle(each).color) : [],
        grey: marks.filter(each => each.getAttribute("d") !== "").map(shape),
    }];
}))"""
"""What views say of their rows, and the shapes of their grey marks."""


def test_under_any_filter_the_whole_is_the_same_and_in_grey(
    demo: Path, open_tab: OpenTab, demo_url: str, places: Mapping[str, Place]
) -> None:
    narrowed: dict[str, tuple[int, int]] = {}
    greyed = set()
    for page, here in covering(places).items():
        tab = open_tab(demo_url + page).live()
        before = tab.counts()
        views = {view["id"]: view for view in here[0].payload["views"]}
        for table in sorted({views[place.id]["table"] for place in here} - {None}):
            seen = []
            for part in parts(demo, page, here[0].payload, table):
                tab.page.evaluate("filter => document.sitegen.filter(filter)", part)
                tab.settle()
                seen.append(tab.page.evaluate(SHOWN, list(views)))
                for id_, (rows, total) in tab.counts().items():
                    assert (id_, total) == (id_, before[id_][1])
                    said, colours = seen[-1][id_]["said"], seen[-1][id_]["colours"]
                    assert said in (None, f"{rows:,} of {total:,}")
                    assert len(set(colours)) == len(colours), "what passes stands out from the whole"
                    if rows < total:
                        narrowed[views[id_]["view"]] = (rows, total)
            for id_ in views:
                one, other = (each[id_]["grey"] for each in seen)
                if one and one == other:
                    greyed.add(views[id_]["view"])
            tab.reset()
        assert tab.counts() == before
    assert set(narrowed) == set(VIEWS) - OF_NO_ROWS
    assert greyed >= STEADY


FAILING = """(() => {
  const { Worker: Real } = window;
  window.Worker = class extends Real {
    addEventListener(kind, listener) {
      if (kind !== "message") return super.addEventListener(kind, listener);
      super.addEventListener(kind, (event) => {
        const { number, found } = event.data;
        const isFailing = window.failing && found?.length > 0;
        const data = { number, error: "Out of Range Error: boom", isDead: false };
        listener(isFailing ? new MessageEvent("message", { data }) : event);
      });
    }
  };
})()"""
"""Has the engine answer every question with an error while `failing` is set."""

ERRORS = """() => Object.fromEntries([...document.querySelectorAll(".view")].map(view => [view.id,
    [...view.querySelectorAll(".view-error")].filter(each => each.checkVisibility())
        .map(each => each.innerText)]))"""

STATES = """() => Object.fromEntries(
    [...document.querySelectorAll(".view")].map(each => [each.id, each.dataset.state]))"""


def test_an_engine_that_answers_an_error_is_told_in_each_view_and_forgotten_after(
    open_tab: OpenTab, demo_url: str, places: Mapping[str, Place]
) -> None:
    failed: set[str] = set()
    for page, here in covering(places).items():
        tab = open_tab("about:blank")
        tab.page.add_init_script(FAILING)
        tab.open(demo_url + page).live()
        before = tab.counts()
        tables = {view["table"] for view in here[0].payload["views"]} - {None}
        for table in sorted(tables):
            tab.page.evaluate("window.failing = true")
            tab.page.evaluate("filter => document.sitegen.filter(filter)", nothing(here[0].payload, table))
            tab.settle()
            found = {id_: texts for id_, texts in tab.page.evaluate(ERRORS).items() if texts}
            assert tab.state() == "live"
            for text in (text for texts in found.values() for text in texts):
                assert "could not be drawn" in text
                assert "Reset the filters" in text
            views = {view["id"]: view["view"] for view in here[0].payload["views"]}
            failed |= {views[id_] for id_ in found if id_ in views}
            tab.page.evaluate("window.failing = false")
            tab.reset()
            assert {id_: texts for id_, texts in tab.page.evaluate(ERRORS).items() if texts} == {}, page
        assert tab.counts() == before
        assert set(tab.page.evaluate(STATES).values()) == {"live"}
    assert len(failed) >= 15, failed


def files_of(payload: Mapping[str, Any], relation: str) -> list[str]:
    """Return the addresses of a relation's files."""
    (found,) = [each for each in payload["relations"] if each["name"] == relation]
    return [url for table in found["tables"] for url in table["urls"]]


def relation_of(payload: Mapping[str, Any], view: Mapping[str, Any]) -> str:
    """Return the relation of a view's table; one of the whole page has the first."""
    return str(payload["tables"][view["table"] or next(iter(payload["tables"]))]["relation"])


@pytest.mark.parametrize("content", [None, b"PAR1 but no more of it"], ids=["missing", "broken"])
def test_a_table_that_cannot_be_loaded_leaves_the_rest_of_the_page_alive(
    content: bytes | None, demo: Path, open_tab: OpenTab, places: Mapping[str, Place]
) -> None:
    left: set[str] = set()
    for page, here in covering(places).items():
        payload = here[0].payload
        if len(payload["relations"]) < 2:
            continue
        lost = relation_of(payload, payload["views"][-1])
        folder = demo / Path(page).parent
        files = [(folder / url).resolve() for url in files_of(payload, lost)]
        changes = {file.relative_to(demo.resolve()).as_posix(): content for file in files}
        with serving(demo, changes=changes) as url:
            tab = open_tab(url + page).live()
            (notice,) = tab.texts(".page-notice")
            assert notice.startswith("Not all of this page's data could be loaded.")
            assert any(file.name in notice for file in files)
            states = tab.page.evaluate(STATES)
            for view in payload["views"]:
                is_lost = relation_of(payload, view) == lost
                assert states[view["id"]] == ("error" if is_lost else "live"), (page, view["id"])
                said = " ".join(tab.texts(f"#{view['id']} > .view-error"))
                assert ("could not be loaded: this view shows all of it" in said) == is_lost
                left |= {view["view"]} if is_lost else set()
    assert left


ALONE = """---
table: odd/samples
---
# Without a toolbar

```vega-lite id=groups
{"mark": "bar", "encoding": {"x": {"aggregate": "count"}, "y": {"field": "group"}}}
```
"""


def test_a_page_without_a_toolbar_says_what_passes(tmp_path: Path, open_tab: OpenTab) -> None:
    columns = {"id": pa.array(range(30)), "group": pa.array(["a", "b", "c"] * 10)}
    manifest = Manifest(name="odd", tool="fixture", title="Odd", dataset="odd")
    write_artifact(tmp_path / "artifacts" / "odd", manifest, [rows_of("samples", columns)])
    (tmp_path / "sitegen.toml").write_text('[site]\ntitle = "Odd"\n')
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "index.md").write_text(ALONE)
    build_site(tmp_path, tmp_path / "site")
    with serving(tmp_path / "site") as url:
        tab = open_tab(url).live()
        tab.page.focus(".chart-live")
        said = heard(tab, lambda: press(tab, WALK))
        assert "10 of 30 rows of odd/samples \N{MIDDLE DOT} group is a" in said
        assert "30 rows of odd/samples" in heard(tab, lambda: press(tab, ("Escape",)))
        assert tab.messages == []
