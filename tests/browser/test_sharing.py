"""Sharing: links that say their data, notices of data that changed, copies, citations, undo and redo."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.driver import OpenTab, Tab, serving
from tests.browser.shown import read_static

PAGE = "digits.html"
OLD = "abcdef012345"


@pytest.fixture(scope="module")
def changed(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    """The demo as if its samples had changed, with what is known of the earlier ones; and its page's data."""
    folder = tmp_path_factory.mktemp("changed") / "site"
    shutil.copytree(demo, folder)
    page = (folder / PAGE).read_text("utf-8")
    _, payload = read_static(page)
    digest = payload["data"]["digests"]["digits/samples"]
    numbers = [{"column": "correct", "measure": "share", "value": 0.5}]
    before = {"digest": OLD, "date": "2026-03-02", "rows": 1700, "numbers": numbers}
    now = {"digest": digest, "date": "2026-11-26", "rows": 1797, "numbers": [{**numbers[0], "value": 0.75}]}
    told = json.dumps({"tables": {"digits/samples": [before, now]}})
    (folder / "data" / "history.json").write_text(told)
    named = json.dumps({**payload["data"], "history": "./data/history.json"}, separators=(",", ":"))
    written = json.dumps(payload["data"], separators=(",", ":"))
    assert written in page
    (folder / PAGE).write_text(page.replace(written, named), "utf-8")
    with serving(folder) as url:
        yield url + PAGE, payload["data"]


@pytest.fixture
def live(copying_tab: Tab) -> Iterator[Tab]:
    """The same page as it was at first."""
    copying_tab.reset()
    # A reset leaves what is drawn wide, and tests come in any order.
    for id_ in copying_tab.hash_state().get(".full", "").split(","):
        if id_:
            copying_tab.page.click(f"#{id_} .view-menu > summary")
            copying_tab.press(f"#{id_} [data-entry=full]")
    yield copying_tab
    assert (copying_tab.messages, copying_tab.failures) == ([], [])


def undo(tab: Tab, key: str = "Control+z") -> str:
    """Press the keys outside of any field; return what is said then."""
    tab.page.evaluate("document.activeElement.blur()")
    tab.page.evaluate("document.querySelector('.toast')?.replaceChildren()")
    tab.page.keyboard.press(key)
    tab.page.wait_for_selector(".toast:not(:empty)")
    tab.settle()
    return tab.page.inner_text(".toast")


def share(tab: Tab) -> None:
    tab.page.click("[data-action=share]")
    tab.page.wait_for_selector("dialog.share[open]")


def test_a_link_to_older_data_says_what_differs_and_what_is_gone(
    changed: tuple[str, dict[str, Any]], open_tab: OpenTab
) -> None:
    url, data = changed
    others = [digest[:6] for name, digest in data["digests"].items() if name != "digits/samples"]
    digests = ".".join([OLD[:6], *others])
    tab = open_tab(f'{url}#~.data={digests}&images={{"ids":[1,2,999999]}}').live()
    tab.page.wait_for_selector(".changed-data")
    said = tab.page.inner_text(".changed-data")
    assert "data of 2026-03-02" in said
    assert "1 of the 3 selected samples: 999999" in said
    rows = tab.page.locator(".changed-data tbody tr").all_inner_texts()
    assert [row.split("\t") for row in rows[1:]] == [
        ["rows", "1,700", "1,797"],
        ["correct, share of rows", "50.0%", "75.0%"],
    ]
    tab.press(".changed-data-close")
    assert tab.page.locator(".changed-data").count() == 0
    tab.filter("datum.confidence < 0.5")
    now = ".".join(sorted(digest[:6] for digest in data["digests"].values()))
    assert f".data={now}&" in tab.address()
    assert (tab.messages, tab.failures) == ([], [])


def test_a_link_to_data_that_nobody_knows_says_so_and_one_to_these_data_nothing(
    demo_url: str, open_tab: OpenTab
) -> None:
    tab = open_tab(f"{demo_url}{PAGE}#~.data=000000").live()
    tab.page.wait_for_selector(".changed-data")
    assert "The earlier data is not known here." in tab.page.inner_text(".changed-data")
    link = str(tab.page.evaluate("document.sitegen.link('images').hash"))
    assert link.startswith("#images~.data=")
    other = open_tab(f"{demo_url}{PAGE}{link}")
    other.page.wait_for_timeout(300)
    assert other.state() == "static", "a page as it was built needs no script to be shown"
    other.live()
    assert other.page.locator(".changed-data").count() == 0


def test_undo_and_redo_are_the_browsers_steps_and_are_said(live: Tab) -> None:
    live.filter("datum.confidence < 0.9")
    live.drag("confidence", (0.0, 0.5), (0.5, 0.5))
    both = live.hash_state()
    assert set(both) == {"filter", "confidence"}
    assert undo(live) == "Undone: How confident is it?"
    assert set(live.hash_state()) == {"filter"}
    assert undo(live) == "Undone: filter"
    assert live.hash_state() == {}
    assert undo(live, "Control+Shift+z") == "Redone: filter"
    live.forward()
    assert live.hash_state() == both
    live.back()
    live.press("[data-action=page-redo]")
    assert live.hash_state() == both
    live.press("[data-action=page-undo]")
    assert set(live.hash_state()) == {"filter"}


WATCHED = """() => {
    window.watched = {links: [], rows: []};
    const rows = () => [...document.querySelectorAll(".view")]
        .map(each => [each.id, Number(each.dataset.rows)]);
    const write = () => window.watched.links.push(location.hash);
    for (const name of ["pushState", "replaceState"]) {
        const real = history[name].bind(history);
        history[name] = (...given) => { real(...given); write(); };
    }
    addEventListener("popstate", write);
    const seen = {subtree: true, attributes: true, attributeFilter: ["data-rows"]};
    new MutationObserver(() => window.watched.rows.push(...rows())).observe(document.body, seen);
}"""
"""Notes every link and every number of rows that a page shows from now on."""


def test_a_reset_of_several_selections_and_its_undo_show_nothing_between(
    demo_url: str, open_tab: OpenTab
) -> None:
    tab = open_tab(demo_url + PAGE).live()
    tab.filter("datum.confidence < 0.95")
    tab.drag("confidence", (0.0, 0.5), (0.6, 0.5))
    tab.click(tab.marks("accuracy")[3])
    states = [({name: rows for name, (rows, _) in tab.counts().items()}, tab.address().partition("#")[2])]
    assert set(tab.hash_state()) == {"filter", "confidence", "accuracy"}
    assert len(set(states[0][0].values())) > 3
    tab.page.evaluate(WATCHED)
    for act in (
        lambda: tab.press("[data-action=reset]"),
        lambda: undo(tab),
        lambda: undo(tab, "Control+Shift+z"),
        lambda: undo(tab),
    ):
        tab.page.evaluate("window.watched.links = []; window.watched.rows = []")
        act()
        states.append(
            ({name: rows for name, (rows, _) in tab.counts().items()}, tab.address().partition("#")[2])
        )
        (before, was), (after, now) = states[-2:]
        assert (before, was) != (after, now)
        watched = tab.page.evaluate("window.watched")
        assert watched["rows"]
        assert [each for each in watched["rows"] if each[1] not in (before[each[0]], after[each[0]])] == []
        assert {link.removeprefix("#") for link in watched["links"]} <= {was, now}
    assert states[0] == states[2] == states[4]
    assert states[1] == states[3]


def test_in_a_field_of_text_the_keys_are_the_fields(live: Tab) -> None:
    live.filter("datum.confidence < 0.9")
    live.page.focus("input[name=filter]")
    live.page.keyboard.type("5")
    live.page.keyboard.press("Control+z")
    live.settle()
    assert live.page.input_value("input[name=filter]") == "datum.confidence < 0.9"
    assert live.hash_state() == {"filter": "datum.confidence < 0.9"}


def test_a_reload_and_another_page_keep_the_steps(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url + PAGE).live()
    tab.filter("datum.confidence < 0.9")
    tab.filter("datum.confidence < 0.8")
    tab.back()
    tab.leaving = True
    tab.page.reload()
    tab.live()
    assert tab.hash_state() == {"filter": "datum.confidence < 0.9"}
    undo(tab, "Control+Shift+z")
    assert tab.hash_state() == {"filter": "datum.confidence < 0.8"}
    tab.open(demo_url + "digits-data-card.html")
    tab.leaving = True
    tab.back()
    tab.live()
    assert tab.hash_state() == {"filter": "datum.confidence < 0.8"}
    undo(tab)
    assert tab.hash_state() == {"filter": "datum.confidence < 0.9"}


def test_widths_and_open_data_tables_have_a_link(live: Tab, open_tab: OpenTab) -> None:
    live.page.click("#accuracy .view-data > summary")
    live.page.click("#confidence .view-menu > summary")
    live.page.click("#confidence [data-entry=full]")
    live.page.wait_for_selector("#confidence[data-full]")
    live.settle()
    other = open_tab(live.address()).live()
    assert other.page.locator("#accuracy .view-data[open]").count() == 1
    assert other.page.locator("#confidence[data-full]").count() == 1
    assert undo(live) == "Undone: width of a view"
    assert live.page.locator("#accuracy .view-data[open]").count() == 1, "looking at numbers is no step"


def test_a_page_is_copied_cited_and_saved(live: Tab) -> None:
    live.filter("datum.confidence < 0.5")
    share(live)
    live.page.click("[data-share=link]")
    live.page.wait_for_selector(".share-said:not(:empty)")
    assert live.page.evaluate("navigator.clipboard.readText()") == live.address()
    live.page.check("input[value=CSL-JSON]")
    (cited,) = json.loads(live.page.input_value(".share textarea"))
    assert cited["URL"] == live.address()
    assert "digits/samples" in cited["note"]
    live.page.select_option(".share select", "accuracy")
    live.page.click("[data-share=copy-image]")
    live.page.get_by_text("Image copied.").wait_for()
    with live.page.expect_download() as waiting:
        live.page.click("[data-share=save-image]")
    width, height = struct.unpack(">II", Path(waiting.value.path()).read_bytes()[16:24])
    assert width > 800
    assert height > 400
    live.page.keyboard.press("Escape")


def test_from_a_disk_and_without_a_clipboard_everything_can_be_taken_by_hand(
    demo: Path, open_tab: OpenTab
) -> None:
    tab = open_tab((demo / PAGE).as_uri())
    tab.page.evaluate("""() => {
        navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));
        navigator.clipboard.write = () => Promise.reject(new Error('refused'));
        document.execCommand = () => false;
    }""")
    share(tab)
    tab.page.click("[data-share=link]")
    tab.page.get_by_text("the text is selected").wait_for()
    assert tab.page.evaluate("getSelection().toString() || document.activeElement.value").startswith(
        "file://"
    )
    tab.page.select_option(".share select", "accuracy")
    with tab.page.expect_download() as waiting:
        tab.page.click("[data-share=copy-image]")
    assert Path(waiting.value.path()).read_bytes()[:4] == b"\x89PNG"
    assert waiting.value.suggested_filename == "digits-accuracy.png"


def test_a_hostile_link_shows_no_notice_of_its_own_making(live: Tab) -> None:
    for data in ("<img src=x onerror=window.hacked=1>", "javascript:alert(1)", "012345.https://a.example"):
        live.page.evaluate(
            "link => { location.hash = link }", f"#~.data={data}&.full=<b>,accuracy&.tables=%00"
        )
        live.settle()
        assert live.page.locator(".changed-data").count() == 0
        assert ".data" in live.page.inner_text("#toolbar [role=alert]")
        assert live.page.locator("#accuracy[data-full]").count() == 1
    assert live.page.evaluate("[window.hacked, document.querySelector('img[src=x]')]") == [None, None]
