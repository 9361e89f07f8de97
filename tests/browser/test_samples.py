"""Samples of every kind: texts, sounds, plain values; without scripts and with, by mouse and by keyboard."""

from __future__ import annotations

import io
import json
import math
import struct
import wave
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from pipelines.arrow import type_name
from pipelines.contract import Column, Manifest, Rows, TableSpec, write_artifact
from tests.browser.driver import OpenTab, Tab, build_site, serving

ROWS = 120
REST_MS = 400
"""A while after scrolling when the place is in the link."""
LONG = "a long text about cats and dogs that goes on " * 60
ROLES = {
    "id": "id",
    "label": "label",
    "prediction": "prediction",
    "text": "text",
    "audio": "audio",
    "cluster": "group",
    "familiarity_sound": "familiarity",
    "duplicates_bytes": "duplicates",
}
UNITS = {"length": "signs", "price": "EUR"}


def tone(number: int) -> bytes:
    """Return a twentieth of a second of a sine as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        pitch = 220 + number * 10
        samples = (int(8000 * math.sin(2 * math.pi * pitch * at / 8000)) for at in range(400))
        sound.writeframes(b"".join(struct.pack("<h", each) for each in samples))
    return out.getvalue()


def frame() -> pd.DataFrame:
    numbers = range(ROWS)
    return pd.DataFrame(
        {
            "id": [f"row {number:03d}" for number in numbers],
            "label": [["cat", "dog", "<b>owl</b>"][number % 3] for number in numbers],
            "prediction": [
                "cat" if number % 5 == 0 else ["cat", "dog", "<b>owl</b>"][number % 3] for number in numbers
            ],
            "text": [
                LONG if number == 0 else f"text {number} <i>of</i> {number % 7} words" for number in numbers
            ],
            "cluster": [number % 20 if number < 100 else 0 for number in numbers],
            "length": [number * 3 for number in numbers],
            "price": [number / 8 for number in numbers],
            "audio": [tone(number) for number in numbers],
            "media_type": ["audio/wav"] * ROWS,
            "familiarity_sound": [-number / 7 for number in numbers],
            "duplicates_bytes": [number // 2 if number < 4 else -1 for number in numbers],
        }
    )


def write_table(report: Path, name: str, data: pd.DataFrame) -> None:
    arrow = pa.table(data.to_dict("list"))
    columns = tuple(
        Column(field.name, type_name(field.type), ROLES.get(field.name), unit=UNITS.get(field.name))
        for field in arrow.schema
    )
    rows = Rows(TableSpec("samples", f"Table {name}", columns, entity=True), arrow)
    write_artifact(
        report / "artifacts" / name, Manifest(name=name, tool="fixture", title=name, dataset=name), [rows]
    )


TABLES = {
    "texts": ["id", "label", "prediction", "text", "cluster", "length"],
    "sounds": ["id", "label", "audio", "media_type", "familiarity_sound", "duplicates_bytes"],
    "values": ["id", "label", "prediction", "cluster", "length", "price"],
}
PAGES = {
    "texts": "order: -length\nrows: 10\ncolumns: [length]",
    "sounds": "rows: 6",
    "values": "order: [label, price desc]\nrows: 30",
    "grouped": "groups: label\norder: price\nrows: 10\ncolumns: [price]",
}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return frame()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, data: pd.DataFrame) -> Path:
    """The built site of a report with a page for each kind of cards."""
    report = tmp_path_factory.mktemp("kinds")
    for name, columns in TABLES.items():
        write_table(report, name, data[columns])
    (report / "sitegen.toml").write_text('[site]\ntitle = "Kinds"\n')
    (report / "content").mkdir()
    for name, options in PAGES.items():
        table = f"{'values' if name == 'grouped' else name}/samples"
        spec = {
            "data": {"name": table},
            "mark": "bar",
            "encoding": {"x": {"aggregate": "count"}, "y": {"field": "label"}},
        }
        page = (
            f"---\ntable: {table}\n---\n# {name}\n\n```view toolbar id=toolbar\n```\n\nText.\n\n"
            f'```view samples id=cards title="Cards"\n{options}\n```\n\n'
            f'```vega-lite id=labels title="Labels"\n{json.dumps(spec)}\n```\n'
        )
        (report / "content" / f"{name}.md").write_text(page, "utf-8")
    alike = "".join(f"```view {view} id={view}\n```\n\n" for view in ("duplicates", "familiarity"))
    (report / "content" / "alike.md").write_text(f"---\ntable: sounds/samples\n---\n# Alike\n\n{alike}")
    (report / "content" / "index.md").write_text("# Kinds\n")
    build_site(report, report / "site")
    return report / "site"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with serving(site) as url:
        yield url


def ids(tab: Tab) -> list[str]:
    """Return the ids of the cards in sight, whole or by half."""
    read(tab)
    script = """() => { const frame = document.querySelector('#cards .samples-frame').getBoundingClientRect();
        return [...document.querySelectorAll('#cards .sample')].filter(each => each.checkVisibility())
            .filter(each => { const { top, bottom } = each.closest('li').getBoundingClientRect();
                const middle = (top + bottom) / 2; return middle > frame.top && middle < frame.bottom; })
            .map(each => JSON.parse(each.dataset.id)) }"""
    return [str(each) for each in tab.page.evaluate(script)]


def read(tab: Tab) -> None:
    """Wait until no card is waited for."""
    tab.settle()
    tab.page.wait_for_selector("#cards .sample-waiting", state="detached")


def selected(tab: Tab) -> list[str]:
    return list(tab.hash_state().get("cards", {}).get("ids", []))


def focused(tab: Tab) -> str:
    read(tab)
    return str(tab.page.evaluate("JSON.parse(document.activeElement.dataset.id ?? '\"\"')"))


def test_every_kind_of_card_is_complete_without_scripts(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab(address + "texts.html", java_script_enabled=False)
    cards = tab.page.locator("#cards .card-text:not(.card-probe)")
    assert cards.count() == 10
    assert "text 119 <i>of</i> 0 words" in cards.nth(0).inner_text()
    assert tab.page.locator("#cards button:visible:not(.sample)").count() == 0
    tab.open(address + "sounds.html")
    assert tab.page.locator("#cards .card-audio:not(.card-probe)").count() == 6
    assert tab.page.is_visible(".sample-note")
    assert tab.page.locator("#cards .sample-play:visible").count() == 0
    tab.open(address + "values.html")
    first = tab.page.locator("#cards .card-table:not(.card-probe)").nth(0).inner_text()
    top = data.sort_values(["label", "price"], ascending=[True, False]).iloc[0]
    assert f"{top.length} signs" in first
    assert "EUR" in first
    tab.open(address + "grouped.html")
    assert tab.texts("#cards .samples-group > summary h4") == ["<b>owl</b>", "cat", "dog"]
    assert tab.page.locator("#cards .samples-group").nth(0).locator(".card:not(.card-probe)").count() == 10
    tab.page.click("#cards .samples-group > summary >> nth=0")
    assert tab.page.locator("#cards .sample:visible").count() == 20
    assert tab.failures == tab.messages == []


def test_cards_are_ordered_by_several_columns_and_wrong_ones_say_so(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab(address + "values.html").live()
    rows = data.sort_values(["label", "price", "id"], ascending=[True, False, True])
    seen = ids(tab)
    assert 6 < len(seen) < 40, "cards that are far are not drawn"
    assert seen == list(rows.id[: len(seen)])
    drawn = tab.page.locator("#cards li[data-index]").count()
    wrong = rows.head(drawn)[lambda each: each.label != each.prediction]
    assert len(tab.texts("#cards .sample-prediction")) == len(wrong) > 0
    assert all("said" in text for text in tab.texts("#cards .sample-prediction"))
    assert tab.messages == []


def test_a_long_text_is_cut_on_its_card_and_whole_in_the_detail(address: str, open_tab: OpenTab) -> None:
    tab = open_tab(address + "texts.html").live()
    tab.page.focus("#cards .sample")
    tab.page.keyboard.press("End")
    assert focused(tab) == "row 000"
    assert len(tab.texts("#cards .sample-excerpt")[-1]) <= 241
    tab.press("#cards .sample-more")
    tab.page.wait_for_selector(".detail .detail-text")
    assert tab.page.text_content(".detail-text") == LONG
    tab.page.keyboard.press("Escape")
    tab.settle()
    assert focused(tab) == "row 000", "closed, the keys act where they did"
    assert tab.messages == []


def test_a_sound_plays_from_its_bytes_under_the_policy(address: str, open_tab: OpenTab) -> None:
    tab = open_tab(address + "sounds.html").live()
    assert not tab.page.is_visible(".sample-note")
    tab.press("#cards .sample-play >> nth=1")
    tab.page.wait_for_selector("#cards audio")
    script = """() => new Promise(done => { const audio = document.querySelector('#cards audio');
        const say = () => done([audio.src.split(':')[0], audio.duration]);
        audio.readyState ? say() : audio.addEventListener('loadedmetadata', say); })"""
    scheme, seconds = tab.page.evaluate(script)
    assert scheme == "blob"
    assert seconds == pytest.approx(0.05)
    assert selected(tab) == [], "playing selects nothing"
    assert tab.messages == tab.failures == []


@pytest.mark.parametrize("view", ["duplicates", "familiarity"])
def test_two_sounds_that_are_alike_are_heard_one_after_the_other(
    view: str, address: str, open_tab: OpenTab
) -> None:
    tab = open_tab(address + "alike.html").live()
    assert "audio/wav · 844 bytes" in tab.texts(f"#{view} .sample-sound")
    for number in range(2):
        tab.press(f"#{view} .card-audio:nth-child({number + 1}) .sample-play")
        tab.page.wait_for_function(
            "([view, number]) => document.querySelectorAll(`#${view} audio`).length === number + 1",
            arg=[view, number],
        )
    script = """view => { const [first, second] = document.querySelectorAll(`#${view} audio`);
        first.loop = true;
        return first.play().then(() => second.play()).then(() => [first.paused, second.paused]); }"""
    assert tab.page.evaluate(script, view) == [True, False]
    assert tab.hash_state() == {}, "playing selects nothing"
    assert tab.messages == tab.failures == []


def columns(tab: Tab) -> int:
    script = """() => { const tops = [...document.querySelectorAll('#cards li[data-index]')]
        .map(each => each.getBoundingClientRect().top);
        return tops.filter(top => top === tops[0]).length }"""
    return int(tab.page.evaluate(script))


def test_the_keyboard_alone_walks_selects_scrolls_and_opens(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab(address + "texts.html").live()
    keys = tab.page.keyboard
    ordered = list(data.sort_values("length", ascending=False).id)
    tab.page.focus("#cards .sample")
    wide = columns(tab)
    steps = (
        ("ArrowRight", 1),
        ("ArrowDown", 1 + wide),
        ("End", ROWS - 1),
        ("ArrowRight", ROWS - 1),
        ("Home", 0),
    )
    for key, place in (*steps, ("ArrowUp", 0), ("ArrowRight", 1), ("ArrowLeft", 0)):
        keys.press(key)
        assert focused(tab) == ordered[place], key
    keys.press(" ")
    tab.settle()
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("Shift+ ")
    tab.settle()
    assert selected(tab) == ordered[:3]
    assert tab.rows("labels") == tab.rows("toolbar") == 3
    keys.press("Control+a")
    tab.settle()
    assert selected(tab) == ordered
    keys.press("Escape")
    tab.settle()
    assert tab.hash_state() == {}
    keys.press("PageDown")
    place = ordered.index(focused(tab))
    assert place > wide
    assert (place - 2) % wide == 0, "a page keeps the column"
    keys.press("PageUp")
    assert focused(tab) == ordered[2]
    assert tab.messages == []


def test_every_card_says_its_place_and_is_described(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab(address + "values.html").live()
    tab.page.focus("#cards .sample")
    tab.page.keyboard.press("End")
    focused(tab)
    script = """() => { const button = document.activeElement;
        const item = button.closest('li'), list = item.closest('ul');
        return [item.ariaPosInSet, item.ariaSetSize, button.ariaPressed, button.textContent,
            document.getElementById(list.getAttribute('aria-describedby')).textContent] }"""
    position, size, pressed, said, keys = tab.page.evaluate(script)
    last = data.sort_values(["label", "price"], ascending=[True, False]).iloc[-1]
    assert (position, size, pressed) == (str(ROWS), str(ROWS), "false")
    assert all(str(value) in said for value in (last.label, last.cluster, f"{last.length} signs"))
    assert "Arrow keys" in keys
    tab.page.keyboard.press(" ")
    tab.settle()
    assert tab.page.evaluate("document.activeElement.ariaPressed") == "true"
    # One card at a time is in the order of the tab key.
    assert tab.page.locator("#cards .sample[tabindex='0']").count() == 1
    assert tab.messages == []


def test_a_number_leads_to_its_card_and_the_place_is_in_the_link(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab(address + "values.html").live()
    ordered = list(data.sort_values(["label", "price"], ascending=[True, False]).id)
    tab.page.fill("#cards [name=goto]", "61")
    tab.page.keyboard.press("Enter")
    assert focused(tab) == ordered[60]
    tab.page.wait_for_timeout(REST_MS)
    at = tab.hash_state()["cards"]["at"]
    assert at == 60 // columns(tab) * columns(tab)
    again = open_tab(tab.address()).live()
    assert ids(again) == ids(tab)
    again.filter("datum.price >= 0.5")
    assert "cards" not in again.hash_state(), "what passes another filter is read from its beginning"
    tab.page.fill("#cards [name=goto]", "many")
    tab.page.keyboard.press("Enter")
    assert "number from 1 to 120" in tab.texts("#cards .samples-said")[0]
    assert tab.messages == again.messages == []


@pytest.mark.parametrize(
    ("number", "place", "said"),
    [("2", 1, ""), ("99999", ROWS - 1, "There are 120 samples"), ("0", 0, "from 1"), ("-5", 0, "from 1")],
)
def test_going_to_a_card_never_selects_it(
    address: str, open_tab: OpenTab, data: pd.DataFrame, number: str, place: int, said: str
) -> None:
    tab = open_tab(address + "values.html").live()
    ordered = list(data.sort_values(["label", "price"], ascending=[True, False]).id)
    # Those at both ends are read already: their cards are there to take a key that goes on to them.
    for key in ("End", "Home"):
        tab.page.focus("#cards .sample[tabindex='0']")
        tab.page.keyboard.press(key)
        ids(tab)
    tab.page.fill("#cards [name=goto]", number)
    tab.page.focus("#cards [name=goto]")
    tab.page.keyboard.press("Enter")
    tab.settle()
    assert focused(tab) == ordered[place]
    assert "ids" not in tab.hash_state().get("cards", {})
    assert tab.counts()["cards"] == (ROWS, ROWS)
    assert tab.page.locator("#cards .sample[aria-pressed='true']").count() == 0
    assert said in "".join(tab.texts("#cards .samples-said"))
    assert tab.messages == []


def test_what_is_searched_for_is_found_and_marked(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab(address + "texts.html").live()
    tab.page.fill("#cards [name=search]", "<I>OF</I> 3")
    tab.page.keyboard.press("Enter")
    found = data[data.text.str.contains("<i>of</i> 3", regex=False)].sort_values("length", ascending=False)
    seen = ids(tab)
    assert seen == list(found.id[: len(seen)])
    assert tab.counts()["cards"] == (len(found), ROWS)
    assert tab.rows("labels") == ROWS, "a search is the view's own"
    marks = tab.texts("#cards .sample-excerpt mark")
    assert len(marks) == tab.page.locator("#cards li[data-index]").count() > 0
    assert set(marks) == {"<i>of</i> 3"}
    again = open_tab(tab.address()).live()
    assert ids(again) == seen
    tab.page.fill("#cards [name=search]", "nowhere")
    tab.page.keyboard.press("Enter")
    tab.settle()
    assert tab.texts("#cards .view-empty")[0].startswith("No sample has “nowhere”.")
    tab.press("#cards [data-action=clear-search]")
    tab.filter("indexof(datum.text, 'cats') >= 0")
    assert ids(tab) == ["row 000"]
    assert set(tab.texts("#cards mark")) == {"cats"}
    assert tab.page.locator("#cards .samples-live i").count() == 0
    assert tab.messages == again.messages == []


def test_the_detail_shows_every_column_steps_and_is_in_the_link(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab(address + "values.html").live()
    ordered = list(data.sort_values(["label", "price"], ascending=[True, False]).id)
    seen = len(ids(tab))
    tab.page.locator("#cards .sample").nth(seen - 2).dblclick()
    tab.settle()
    assert tab.hash_state() == {"cards": {"open": ordered[seen - 2]}}
    assert tab.texts(".detail h3") == [f"id {ordered[seen - 2]}"]
    row = data.set_index("id").loc[ordered[seen - 2]]
    shown = dict(zip(tab.texts(".detail dt"), tab.texts(".detail dd"), strict=True))
    assert set(shown) == set(TABLES["values"])
    assert shown["length"] == f"{row.length} signs"
    assert shown["label"] == row.label
    steps = (("ArrowRight", seen - 1), ("ArrowRight", seen), ("ArrowLeft", seen - 1))
    for key, place in steps:
        tab.page.keyboard.press(key)
        read(tab)
        assert tab.hash_state()["cards"]["open"] == ordered[place]
        assert tab.texts(".detail-place") == [f"{place + 1} of {ROWS}"]
    other = open_tab(tab.address()).live()
    other.page.wait_for_selector(".detail dd")
    assert other.texts(".detail h3") == [f"id {ordered[seen - 1]}"]
    other.page.keyboard.press("Escape")
    other.settle()
    assert "open" not in other.hash_state().get("cards", {})
    assert other.page.locator("dialog[open]").count() == 0
    # Keys that follow each other are one step.
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowLeft"):
        tab.page.keyboard.press(key)
    read(tab)
    assert tab.texts(".detail h3") == [f"id {ordered[seen - 3]}"]
    tab.back()
    assert tab.texts(".detail h3") == [f"id {ordered[seen - 1]}"]
    assert tab.messages == other.messages == []


def test_groups_count_fold_and_are_scrolled_through(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab(address + "grouped.html").live()
    counts = data.label.value_counts()
    assert tab.texts("#cards .samples-group > summary span") == [f"\N{MIDDLE DOT} {n}" for n in counts]
    names = ["<b>owl</b>", "cat", "dog"]
    ordered = [each for name in names for each in data[data.label == name].sort_values("price").id]
    tab.page.focus("#cards .sample")
    tab.page.keyboard.press("End")
    assert focused(tab) == ordered[-1]
    seen = ids(tab)
    assert seen == ordered[-len(seen) :]
    group = "document.activeElement.closest('li').ariaSetSize"
    assert tab.page.evaluate(group) == str(counts["dog"])
    tab.page.fill("#cards [name=goto]", "41")
    tab.page.keyboard.press("Enter")
    assert focused(tab) == ordered[40]
    tab.page.keyboard.press("ArrowLeft")
    assert focused(tab) == ordered[39]
    tab.page.keyboard.press("Home")
    tab.press("#cards .samples-group > summary >> nth=0")
    tab.page.wait_for_timeout(400)
    assert tab.hash_state()["cards"]["closed"] == ["<b>owl</b>"]
    assert ids(tab)[:3] == ordered[40:43]
    again = open_tab(tab.address()).live()
    assert ids(again)[:3] == ordered[40:43]
    tab.filter("datum.label != 'cat'")
    assert tab.texts("#cards .samples-group > summary h4") == ["<b>owl</b>", "dog"]
    assert ids(tab)[:3] == ordered[80:83]
    assert tab.messages == again.messages == []


def test_cards_change_their_size(address: str, open_tab: OpenTab) -> None:
    tab = open_tab(address + "values.html").live()
    width = tab.page.locator("#cards .card").nth(0).bounding_box()
    tab.press("#cards [data-size=large]")
    larger = tab.page.locator("#cards .card").nth(0).bounding_box()
    assert width
    assert larger
    assert larger["width"] > width["width"]
    assert tab.hash_state() == {"cards": {"size": "large"}}
    assert tab.page.evaluate("document.activeElement.dataset.size") == "large"
    tab.press("#cards [data-action=select-all]")
    assert len(selected(tab)) == ROWS


def test_cards_that_are_drawn_while_hidden_have_their_heights_when_seen(
    address: str, open_tab: OpenTab
) -> None:
    tab = open_tab(address + "values.html").live()
    height = "document.querySelector('#cards .card').getBoundingClientRect().height"
    usual = tab.page.evaluate(height)
    tab.page.evaluate("""() => {
        const [view, size] = [...document.querySelectorAll("#cards, #cards [data-size=small]")];
        view.style.display = "none";
        size.click();
        document.querySelector("#cards [data-size=medium]").click();
        view.style.display = "";
    }""")
    tab.settle()
    assert tab.page.evaluate(height) == usual > 40


def test_many_values_are_twelve_groups_and_one_for_the_rest(
    address: str, open_tab: OpenTab, data: pd.DataFrame
) -> None:
    tab = open_tab(address + "values.html").live()
    tab.page.select_option("select[name=group]", "cluster")
    tab.settle()
    for view in ("labels", "cards"):
        script = """id => [...document.querySelectorAll(`#${id} .view-panel`)].map(
            each => [each.dataset.group, Number(each.dataset.rows)])"""
        found = dict(tab.page.evaluate(script, view))
        top = sorted(
            data.cluster.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:12]
        )
        assert list(found) == [*map(str, top), "other"]
        assert found["0"] == (data.cluster == 0).sum()
        assert found["other"] == (~data.cluster.isin(top)).sum()
        assert sum(found.values()) == ROWS
        assert any("12 most frequent of 20" in notice for notice in tab.texts(f"#{view} > .view-notice"))
    # Each group's cards are scrolled by themselves.
    tab.filter("datum.price >= 0")
    assert tab.messages == []
