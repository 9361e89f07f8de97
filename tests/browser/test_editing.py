"""Texts edited in the page: read alike in both places, kept in the link, sent back as a patch, never run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from sitegen.errors import Problems
from sitegen.markdown import parse
from sitegen.prose import clean
from sitegen.text import plain
from tests.browser.driver import OpenTab, Tab, build_site, serving, tab_of
from tests.browser.edited import (
    HOSTILE,
    LABELS,
    RAW,
    TEXTS,
    digest,
    edit,
    export,
    link,
    prose,
    replacing,
    write_report,
)
from tests.browser.expected import expect
from tests.hostile.markup import running

NOTE = "First line.\n\n- one\n- two\n\nLast line."
RENDERED = """async ids => {
  const { assets, sources } = JSON.parse(document.getElementById("sitegen-page").textContent);
  const { render } = await import(new URL(assets.editor, document.baseURI).href);
  return ids.map(id => {
    const built = document.querySelector(`#${id} .prose-text`).innerHTML.trim();
    const fresh = document.createElement("template");
    fresh.innerHTML = render(sources[id].lines.join("").replace(/\\n$/, ""), sources[id]);
    return [built, fresh.innerHTML];
  });
}"""
CLEANED = """async texts => {
  const { assets } = JSON.parse(document.getElementById("sitegen-page").textContent);
  const { clean } = await import(new URL(assets.editor, document.baseURI).href);
  return texts.map(text => {
    const cleaned = clean(text);
    document.body.insertAdjacentHTML("beforeend", `<section>${cleaned}</section>`);
    return cleaned;
  });
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(tmp_path_factory.mktemp("edited") / "report")


@pytest.fixture(scope="module")
def site(report: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    build_site(report, folder)
    return folder


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    with serving(site) as address:
        yield address


@pytest.fixture
def note(url: str, open_tab: OpenTab) -> Iterator[Tab]:
    """A page with one text, live; nothing may be said in its console."""
    tab = open_tab(f"{url}plain.html").live()
    yield tab
    assert tab.messages == []
    assert tab.failures == []


# Alike in both places ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rendered(browser: Browser, url: str) -> Iterator[list[list[str]]]:
    """What each text is at build, and as the browser reads its source."""
    context = browser.new_context()
    tab = tab_of(context).open(url)
    yield tab.page.evaluate(RENDERED, [f"text-{number}" for number in range(len(TEXTS))])
    context.close()


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_text_reads_alike_at_build_and_in_the_browser(rendered: list[list[str]], number: int) -> None:
    built, fresh = rendered[number]
    assert fresh == built
    assert built != ""


PIECES = (
    *(
        "a",
        "b c",
        " ",
        "\n",
        "\n\n",
        "  \n",
        "    ",
        "\t",
        "*",
        "**",
        "_",
        "__",
        "`",
        "``",
        "~~",
        "~",
        "\\",
        "|",
        "#",
        "# ",
    ),
    *(
        "> ",
        "- ",
        "+ ",
        "1. ",
        "12) ",
        "---",
        "===",
        "|-|\n",
        "|:-:|--:|\n",
        "```\n",
        "~~~",
        "<b>",
        "</p>",
        "<!--",
        "-->",
    ),
    *(
        "&amp;",
        "&lt;",
        "&#35;",
        "&nope;",
        "<https://a.org>",
        "[x](index.md)",
        "![x](dot.png)",
        "[x]: index.md\n",
        "[x]",
    ),
    *(
        "[",
        "](",
        ")",
        "!",
        "{{ who }}",
        "{{",
        "}}",
        "é",
        "猫",
        "\u00a0",
        "\u2028",
        "🐈",
        '"',
        "'",
        "(",
        ".",
        ":",
        "$",
    ),
)
DISCARDS = "What you wrote is not applied. Press Escape again to discard it."
FENCE = "~" * 60
MADE = """async ([texts, made]) => {
  const { assets, sources } = JSON.parse(document.getElementById("sitegen-page").textContent);
  const { render } = await import(new URL(assets.editor, document.baseURI).href);
  const parsed = html => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.innerHTML;
  };
  const place = { ...Object.values(sources)[0], values: { who: "<i>me</i>" } };
  return texts.map((text, at) => [text, parsed(made[at]), parsed(render(text, place))]);
}"""


def test_random_texts_read_alike_in_both_places(browser: Browser, url: str) -> None:
    random, texts, made = Random(11), [], []
    while len(texts) < 1500:
        text = "".join(random.choices(PIECES, k=random.randint(1, 14)))
        problems = Problems()
        block = plain(f"{FENCE}view markdown\n{text}\n{FENCE}\n", "content/index.md", path="index.md")
        (read,) = parse(block, "index.md", problems, {"who": "<i>me</i>"}).blocks
        if not problems.errors and read.prose:
            texts.append(text)
            made.append(clean(read.prose.html))
    context = browser.new_context()
    compared = tab_of(context).open(f"{url}plain.html").page.evaluate(MADE, [texts, made])
    context.close()
    assert [each for each in compared if each[1] != each[2]] == []


# Editing -------------------------------------------------------------------------------------------


def test_an_edit_is_shown_and_kept_in_the_link(note: Tab, url: str, open_tab: OpenTab) -> None:
    built = prose(note, "note")
    edit(note, "note", NOTE.replace("- two", "- **two**\n- three"))
    shown = prose(note, "note")
    assert "<li><strong>two</strong></li>\n<li>three</li>" in shown
    assert note.hash_state()["note"] == {
        "of": digest(NOTE),
        "edits": [[3, 1, "- **two**\n- three\n"]],
    }
    assert "edited by a reader" in note.page.inner_text("#note .edit-said")

    # The link shows it elsewhere, back and forward walk over it, and discarding leaves what was built.
    other = open_tab(note.address()).live()
    assert prose(other, "note") == shown
    note.back()
    assert prose(note, "note") == built
    assert note.page.locator("#note .edit-bar").count() == 0
    note.forward()
    assert prose(note, "note") == shown
    note.press("#note [data-action=discard]")
    assert prose(note, "note") == built
    assert note.hash_state() == {}


def test_the_preview_follows_and_escape_takes_it_back(note: Tab) -> None:
    built = prose(note, "note")
    note.page.focus("#note [data-action=edit]")
    note.page.keyboard.press("Enter")
    field = note.page.locator("#note textarea")
    expect(field).to_be_focused()
    assert field.input_value() == NOTE
    note.page.keyboard.press("Control+End")
    note.page.keyboard.type("\n\nMore *words*.")
    expect(note.page.locator("#note .prose-text em")).to_have_text("words")
    note.page.keyboard.press("Escape")
    expect(note.page.get_by_role("alert")).to_have_text(DISCARDS)
    expect(field).to_be_focused()
    note.page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    expect(note.page.locator("#note [data-action=edit]")).to_be_focused()
    note.settle()
    assert prose(note, "note") == built
    assert note.hash_state() == {}


def test_a_draft_is_discarded_only_when_that_was_said_twice(note: Tab) -> None:
    field = note.page.locator("#note textarea")
    asked = note.page.get_by_role("alert")
    note.page.click("#note [data-action=edit]")
    expect(field).to_be_focused()
    note.page.keyboard.press("Escape")
    expect(field).to_have_count(0)  # nothing was written

    note.page.click("#note [data-action=edit]")
    note.page.fill("#note textarea", "mine")
    note.page.keyboard.press("Escape")
    expect(asked).to_have_text(DISCARDS)
    note.page.keyboard.type("!")
    expect(asked).to_have_count(0)
    note.page.keyboard.press("Escape")
    note.page.get_by_role("button", name="Go on writing").click()
    expect(asked).to_have_count(0)
    expect(field).to_be_focused()
    note.page.get_by_role("button", name="Cancel").click()
    expect(note.page.get_by_role("button", name="Go on writing")).to_be_focused()
    assert field.input_value() == "mine!"
    note.page.get_by_role("button", name="Discard what I wrote").click()
    expect(field).to_have_count(0)
    note.settle()
    assert "First line." in prose(note, "note")
    note.page.click("#note [data-action=edit]")
    assert field.input_value() == NOTE


def test_a_page_with_a_draft_asks_before_it_is_left_and_the_draft_survives(note: Tab) -> None:
    note.page.click("#note [data-action=edit]")
    note.page.fill("#note textarea", f"{NOTE} more")
    note.page.fill("#note textarea", NOTE)
    note.page.reload()
    assert note.asked == 0  # nothing was to lose
    note.live()
    expect(note.page.locator("#note .edit-bar")).to_have_count(0)
    note.page.click("#note [data-action=edit]")
    note.page.fill("#note textarea", "my draft")
    note.page.reload()
    assert note.asked == 1

    note.live()
    assert "First line." in prose(note, "note")
    assert "not applied" in note.page.inner_text("#note .edit-said")
    note.page.get_by_role("button", name="Go on writing").click()
    field = note.page.locator("#note textarea")
    expect(field).to_be_focused()
    assert field.input_value() == "my draft"
    expect(note.page.locator("#note .prose-text")).to_have_text("my draft")
    note.page.keyboard.press("Control+Enter")
    note.settle()
    assert prose(note, "note") == "<p>my draft</p>"
    note.page.reload()
    assert note.asked == 1  # what was applied is in the link
    assert prose(note.live(), "note") == "<p>my draft</p>"
    assert "edited by a reader" in note.page.inner_text("#note .edit-said")


def test_tab_leaves_the_field_and_the_buttons_do_what_the_keys_do(note: Tab) -> None:
    note.page.click("#note [data-action=edit]")
    note.page.fill("#note textarea", "other")
    note.page.keyboard.press("Tab")
    expect(note.page.get_by_role("button", name="Apply")).to_be_focused()
    note.page.keyboard.press("Enter")
    note.settle()
    assert prose(note, "note") == "<p>other</p>"


def test_an_edit_that_changes_nothing_is_none(note: Tab) -> None:
    edit(note, "note", f"{NOTE}\n")
    assert note.hash_state() == {}
    assert note.page.locator("#note .edit-bar").count() == 0


def test_an_edit_of_an_earlier_text_is_left_out_and_said(url: str, open_tab: OpenTab) -> None:
    tab = open_tab(f"{url}plain.html{link({'note': replacing('Earlier.', 'A <b>lost</b> line')})}").live()
    assert "First line." in prose(tab, "note")
    assert "earlier text" in tab.page.inner_text("#note .edit-said")
    tab.page.click("#note .edit-bar summary")
    assert tab.page.inner_text("#note .edit-bar pre") == "A <b>lost</b> line\n"
    assert tab.messages == []


def test_what_does_not_fit_into_a_link_is_said(note: Tab) -> None:
    # In one line: Chromium takes the square of the lines to insert many.
    edit(note, "note", "long " * 2000)
    assert "some programs cut such links" in note.page.inner_text("#note .edit-said")
    edit(note, "note", '"' * 40_000)
    assert "too much for a link" in note.page.inner_text("#note .edit-said")
    assert "~" not in str(note.page.evaluate("location.hash"))
    note.page.click("#note [data-action=edit]")
    note.page.fill("#note textarea", "x" * 60_001)
    note.page.keyboard.press("Control+Enter")
    assert "too long to be kept" in note.page.inner_text("#note .edit-problem")


def test_the_editor_and_the_database_are_fetched_when_they_are_needed(note: Tab) -> None:
    def fetched(name: str) -> bool:
        return any(f"/{name}." in address for address in note.requests)

    assert not fetched("editor")
    note.page.click("#note [data-action=edit]")
    note.page.wait_for_selector("#note textarea")
    assert fetched("editor")
    # A page of texts alone asks no table.
    assert not fetched("duckdb-eh")


def test_an_editor_that_cannot_be_loaded_is_said(site: Path, open_tab: OpenTab) -> None:
    name = next((site / "assets").glob("editor.*.js")).name
    with serving(site, changes={f"assets/{name}": None}) as address:
        tab = open_tab(f"{address}plain.html").live()
        tab.page.click("#note [data-action=edit]")
        expect(tab.page.locator("#note .edit-said")).to_contain_text("could not be loaded")
        edited = open_tab(f"{address}plain.html{link({'note': replacing(NOTE, 'x')})}").live()
        assert "could not be loaded" in edited.page.inner_text("#note .edit-said")
        assert "First line." in prose(edited, "note")


def test_nothing_can_be_edited_without_scripts_or_on_paper(browser: Browser, note: Tab, url: str) -> None:
    button = note.page.get_by_role("button", name="Edit A note")
    expect(button).to_be_visible()
    note.page.emulate_media(media="print")
    expect(button).to_be_hidden()
    note.page.emulate_media(media="screen")
    still: Page = browser.new_context(java_script_enabled=False).new_page()
    still.goto(f"{url}plain.html")
    expect(still.get_by_role("button", name="Edit A note")).to_be_hidden()
    assert "First line." in still.inner_text("#note")
    still.context.close()


# Patches -------------------------------------------------------------------------------------------


PATCHES = {
    "note": ("plain.html", "content/plain.md", "New.\n\n```\ncode\n```\n\n- two\n- *three*\n\nLast line."),
    "part": ("deep/page.html", "snippets/part.md", "a **changed** snippet\n\nof two lines"),
    "beside": ("deep/page.html", "content/deep/beside.md", "one\n\n1. two\n2. three"),
    "quoted": ("quoted.html", "content/quoted.md", "one\n\n- two\n\n> three"),
    "data": ("data/2.html", "content/data.md", "*Of* {{ label }}"),
}


@pytest.fixture(scope="module")
def patched(
    browser: Browser, report: Path, url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, dict[str, tuple[str, str]]]]:
    """The report with the patches of several edits applied, built; and what readers saw and were told."""
    folder = tmp_path_factory.mktemp("patched")
    changed, seen = folder / "report", {}
    shutil.copytree(report, changed)
    for name, (page, _, text) in PATCHES.items():
        context = browser.new_context()
        tab = tab_of(context).open(url + page).live()
        edit(tab, name, text)
        saved, patch = export(tab, name)
        seen[name] = (prose(tab, name), tab.page.inner_text(f"#{name} .edit-done"))
        assert (tab.messages, saved.endswith(f"-{name}.patch")) == ([], True)
        context.close()
        (folder / saved).write_bytes(patch.encode())
        subprocess.run(["git", "apply", folder / saved], cwd=changed, check=True, capture_output=True)
    build_site(changed, folder / "site")
    with serving(folder / "site") as address:
        yield address, changed, seen


@pytest.mark.parametrize("name", PATCHES)
def test_a_patch_makes_the_next_build_say_what_the_reader_saw(
    patched: tuple[str, Path, dict[str, tuple[str, str]]], open_tab: OpenTab, name: str
) -> None:
    address, _, seen = patched
    page, file, _ = PATCHES[name]
    shown, said = seen[name]
    assert prose(open_tab(address + page), name) == shown
    assert file in said
    assert ("Other pages" in said) == (name not in ("note", "quoted"))


def test_a_text_in_a_quotation_is_edited_without_the_signs_of_it(url: str, open_tab: OpenTab) -> None:
    tab = open_tab(f"{url}quoted.html").live()
    tab.page.click("#quoted [data-action=edit]")
    assert tab.page.locator("#quoted textarea").input_value() == "one\n\ntwo"


def test_patches_change_the_files_of_their_blocks_alone(
    report: Path, patched: tuple[str, Path, dict[str, tuple[str, str]]]
) -> None:
    _, changed, _ = patched
    files = {name for name in _files(changed) if not name.startswith("site/")}
    assert {name for name in files if _differs(report, changed, name)} == {
        file for _, file, _ in PATCHES.values()
    }


def _files(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def _differs(before: Path, after: Path, name: str) -> bool:
    return not (before / name).is_file() or (before / name).read_bytes() != (after / name).read_bytes()


def test_the_whole_block_can_be_copied(browser: Browser, url: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    tab = tab_of(context).open(f"{url}plain.html").live()
    edit(tab, "note", "One\n\n~~~\n```\n~~~")
    tab.page.click("#note [data-action=copy]")
    expect(tab.page.locator("#note .edit-done")).to_have_text("Copied.")
    copied = str(tab.page.evaluate("navigator.clipboard.readText()"))
    assert copied == '````view markdown id=note title="A note"\nOne\n\n~~~\n```\n~~~\n````\n'
    context.close()


# Nothing runs --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def linked(browser: Browser, url: str) -> Iterator[tuple[Tab, dict[str, str]]]:
    """A link that puts every hostile text into a page, opened; and what is shown of each."""
    states = {
        f"hostile-{number}": replacing("harmless", text) for number, text in enumerate(HOSTILE.values())
    }
    context = browser.new_context()
    tab = tab_of(context).open(f"{url}linked.html{link(states)}").live()
    yield tab, {kind: prose(tab, f"hostile-{number}") for number, kind in enumerate(HOSTILE)}
    context.close()


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_of_a_link_runs(linked: tuple[Tab, dict[str, str]], url: str, kind: str) -> None:
    tab, shown = linked
    assert running(shown[kind]) == []
    assert shown[kind] not in ("", "<p>harmless</p>")
    assert tab.page.evaluate("window.hacked") is None
    assert tab.messages == []
    assert [address for address in tab.requests if not address.startswith((url, "data:", "blob:"))] == []
    assert tab.page.locator(".prose-text :is(script, svg, math, style, iframe, form)").count() == 0
    # Who reads it is told that it is no text of the report.
    assert tab.page.locator(".edit-said").count() == len(HOSTILE)


def test_a_picture_on_another_site_is_its_words(linked: tuple[Tab, dict[str, str]]) -> None:
    assert linked[1]["picture from elsewhere"] == '<p><img alt="x"> <img alt="y"></p>'


def test_no_sql_of_a_link_is_asked(linked: tuple[Tab, dict[str, str]]) -> None:
    pending = "<em>a number that is computed when the site is built</em>"
    assert linked[1]["sql"] == f"<p>{pending} {pending}</p>"


def test_nothing_of_a_text_runs(url: str, open_tab: OpenTab) -> None:
    tab = open_tab(f"{url}written.html").live()
    assert running(tab.page.content()) == []
    names = [each.get_attribute("id") or "" for each in tab.page.locator("[data-view=markdown]").all()]
    assert len(names) >= len(HOSTILE) / 2
    for built, fresh in tab.page.evaluate(RENDERED, names):
        assert fresh == built
    assert (tab.page.evaluate("window.hacked"), tab.messages) == (None, [])


@pytest.mark.parametrize("page", ["data/1.html", "data/2.html", "data/3.html", "data/4.html"])
def test_nothing_of_the_data_runs_or_is_read_as_markdown(url: str, open_tab: OpenTab, page: str) -> None:
    tab = open_tab(url + page).live()
    ((built, fresh),) = tab.page.evaluate(RENDERED, ["data"])
    assert fresh == built
    label = LABELS[int(page[5]) - 1]
    assert tab.page.inner_text("#data .prose-text") == f"{label} {label} {label}"
    edit(tab, "data", "# {{ label }}\n\n{{ label }}")
    assert tab.page.inner_text("#data .prose-text h3") == label
    assert running(tab.page.content()) == []
    assert (tab.page.evaluate("window.hacked"), tab.messages) == (None, [])


@pytest.fixture(scope="module")
def cleaned(browser: Browser, url: str) -> Iterator[tuple[Tab, dict[str, str]]]:
    context = browser.new_context()
    tab = tab_of(context).open(f"{url}plain.html")
    found: list[str] = tab.page.evaluate(CLEANED, list(RAW.values()))
    tab.page.wait_for_timeout(100)
    yield tab, dict(zip(RAW, found, strict=True))
    context.close()


@pytest.mark.parametrize("kind", RAW)
def test_the_sanitiser_lets_nothing_through_that_runs(cleaned: tuple[Tab, dict[str, str]], kind: str) -> None:
    tab, found = cleaned
    assert running(found[kind]) == []
    assert not any(
        part in found[kind] for part in ("<svg", "<math", "<style", "<form", "data:", "name=", "id=")
    )
    assert "view-error" not in found[kind]
    # Where it looks at them the browser refuses to run them, and says so; nothing is thrown.
    assert tab.page.evaluate("window.hacked") is None
    assert [message for message in tab.messages if "Content Security Policy" not in message] == []


HARMFUL_STATES: dict[str, Any] = {
    "another kind": {"note": {"text": "x"}},
    "lines beyond the text": {"note": {"of": digest(NOTE), "edits": [[0, 99, "x\n"]]}},
    "a view that is not edited": {"missing": replacing(NOTE, "x")},
}


@pytest.mark.parametrize("kind", HARMFUL_STATES)
def test_a_link_that_fits_no_text_leaves_the_page_as_it_was_built(
    url: str, open_tab: OpenTab, kind: str
) -> None:
    tab = open_tab(f"{url}plain.html{link(HARMFUL_STATES[kind])}").live()
    assert "First line." in prose(tab, "note")
    assert tab.messages == []
