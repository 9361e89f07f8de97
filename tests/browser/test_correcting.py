"""Labels corrected from end to end: by key in a page, kept, exported, applied, trained on, and shown."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from tests.browser.conftest import oracle_of
from tests.browser.driver import ROOT, OpenTab, Tab, build_site, serving, tab_of

ROWS = 400
WRONG = 60
SETTINGS = """
[site]
title = "Corrected"

[datasets.few]
source = "few.parquet"

[datasets.few.roles]
id = "id"
image = "image"
label = "label"
split = "split"

[models.net]
source = "cnn"
width = 4
epochs = 3

[tools.few-labels]
tool = "label_errors"
dataset = "few"
model = "net"

[tools.few-labels.parameters]
folds = 2
truth = "truth"
"""
PAGE = """---
table: few-labels/samples
---
# Labels

```view error-matrix id=errors
```

```view label-review id=review
beside: few-labels/probabilities
rows: 24
```

```view samples id=images
```
"""
SAID = "why => document.querySelector('#review .review-said').textContent.includes(why)"
FIRST = "#review .review-list .sample"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corrected")
    given, random = load_digits(), np.random.default_rng(0)
    truth = given.target[:ROWS]
    labels = truth.copy()
    labels[:WRONG] = (truth[:WRONG] + 1) % 10
    columns = {
        "id": [f"digit {number}" for number in range(ROWS)],
        "image": [_png(image) for image in given.images[:ROWS]],
        "label": labels.astype(str).tolist(),
        "truth": truth.astype(str).tolist(),
        "split": np.where(random.random(ROWS) < 0.7, "train", "test").tolist(),
    }
    pq.write_table(pa.table(columns), folder / "few.parquet")
    (folder / "sitegen.toml").write_text(SETTINGS)
    (folder / "content").mkdir()
    (folder / "content" / "index.md").write_text(PAGE)
    sitegen(folder, "run", "--device", "cpu")
    build_site(folder, folder / "site")
    return folder


def _png(levels: np.ndarray) -> bytes:  # type: ignore[type-arg]
    held = io.BytesIO()
    Image.fromarray(np.rint(levels * (255 / 16)).astype(np.uint8)).save(held, "PNG")
    return held.getvalue()


def sitegen(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "sitegen", "-C", str(folder), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def address(report: Path) -> Iterator[str]:
    with serving(report / "site") as url:
        yield url


@pytest.fixture
def live(address: str, open_tab: OpenTab) -> Iterator[Tab]:
    tab = open_tab(address, accept_downloads=True).live()
    yield tab
    assert tab.messages == tab.failures == []


def progress(tab: Tab) -> str:
    return tab.page.inner_text("#review .review-progress")


def wait_for_progress(tab: Tab, told: str) -> None:
    script = "told => document.querySelector('#review .review-progress').innerText.startsWith(told)"
    tab.page.wait_for_function(script, arg=told)


def start(tab: Tab) -> None:
    tab.page.locator(FIRST).first.focus()


def press(tab: Tab, keys: Iterable[str]) -> None:
    for key in keys:
        tab.page.keyboard.press(key)


def exported(tab: Tab, kind: str, folder: Path) -> Path:
    with tab.page.expect_download() as told:
        tab.page.click(f"#review [data-action={kind}]")
    path = folder / told.value.suggested_filename
    told.value.save_as(path)
    return path


def test_thirty_labels_are_corrected_by_key_and_the_page_of_the_correction_says_27(
    live: Tab, report: Path, open_tab: OpenTab, tmp_path: Path
) -> None:
    before = pd.read_parquet(report / "few.parquet")
    live.page.fill("#review input[name=who]", "Ada")
    live.page.keyboard.press("Tab")
    start(live)
    press(live, "a" * 30)
    # Past the 24th the keys wait for the samples that they are for.
    wait_for_progress(live, "30 of 400")
    live.settle()
    assert progress(live).startswith("30 of 400 looked at: 30 changed")
    press(live, "zzz")
    assert progress(live).startswith("27 of 400 looked at: 27 changed")
    live.page.reload()
    live.live()
    assert progress(live).startswith("27 of 400 looked at: 27 changed")
    patch = exported(live, "parquet", tmp_path)
    rows = pd.read_parquet(patch)
    assert len(rows) == 27
    assert set(rows["who"]) == {"Ada"}
    (tmp_path / "patch.json").write_bytes(exported(live, "json", tmp_path).read_bytes())
    entries = pd.DataFrame(json.loads((tmp_path / "patch.json").read_text())["entries"])
    assert entries["new"].tolist() == rows["new"].tolist()

    said = sitegen(report, "labels", "apply", str(patch), "--device", "cpu")
    assert "27 changed" in said
    after = pd.read_parquet(report / "few-corrected.parquet")
    assert pd.read_parquet(report / "few.parquet").equals(before)
    assert (after["label"].to_numpy() != before["label"].to_numpy()).sum() == 27
    new = after.set_index("id")["label"]
    assert new[rows["id"]].tolist() == rows["new"].tolist()

    build_site(report, report / "after")
    with serving(report / "after") as url:
        shown = open_tab(f"{url}few-correction.html").live()
        assert "27 of 400 labels differ" in " ".join(shown.page.inner_text("main").split())
        assert shown.rows("changed") == 27
        assert shown.messages == shown.failures == []
    runs = pq.read_table(report / "artifacts" / "few-correction" / "runs.parquet").to_pandas()
    assert len(runs) == 2 * 3 * 3  # by labels before, after and true, with three seeds
    # The same patch again finds its own dataset and changes nothing.
    settings = (report / "sitegen.toml").read_text()
    sitegen(report, "labels", "apply", str(patch), "--device", "cpu")
    assert (report / "sitegen.toml").read_text() == settings
    assert len(list(report.glob("few-corrected*.parquet"))) == 1


def test_what_is_typed_is_of_one_decision_and_nothing_is_withdrawn_of_what_is_undecided(live: Tab) -> None:
    start(live)
    press(live, "x")
    live.page.wait_for_function(SAID, arg="There is nothing to withdraw.")
    assert live.page.is_disabled("#review [data-action=undo]")
    live.page.fill("#review input[name=who]", "Ada")
    live.page.fill("#review input[name=why]", "a round one")
    start(live)
    press(live, "c")
    assert live.page.input_value("#review input[name=why]") == ""
    assert live.page.input_value("#review input[name=who]") == "Ada"
    press(live, "o")
    live.page.keyboard.type("ab")
    live.page.keyboard.press("Escape")
    assert live.page.input_value("#review input[name=label]") == ""
    plot = live.page.locator("#review .familiarity-plot")
    plot.click()
    live.settle()
    assert "range" in str(live.hash_state())
    plot.press("Escape")
    live.settle()
    assert "range" not in str(live.hash_state())


LATE = """() => {
    const open = IDBFactory.prototype.open;
    const hear = Object.getOwnPropertyDescriptor(IDBRequest.prototype, "onsuccess").set;
    IDBFactory.prototype.open = function (...asked) {
        const request = open.apply(this, asked);
        const late = (heard) => (event) => setTimeout(() => heard.call(request, event), 1500);
        Object.defineProperty(request, "onsuccess", { set: (heard) => hear.call(request, late(heard)) });
        return request;
    };
}"""
"""Lets the page hear late of what was decided before."""


@pytest.mark.parametrize("script", ["() => {}", LATE], ids=["", "kept work comes late"])
def test_clicks_and_keys_that_come_before_the_page_is_live_are_carried_out(
    address: str, open_tab: OpenTab, script: str
) -> None:
    tab = open_tab("about:blank")
    tab.page.add_init_script(f"({script})()")
    tab.open(address)
    with tab.before_live():
        tab.page.locator(FIRST).nth(1).click()
        tab.page.keyboard.press("Escape")
        for key in ("a", "ArrowRight", "c"):
            tab.page.keyboard.press(key)
        tab.page.click("#review [data-deed=unsure]")
    wait_for_progress(tab, "3 of 400 looked at: 1 changed, 1 confirmed, 1 unsure")
    marks = tab.page.eval_on_selector_all(
        "#review .review-list li", "all => all.map(e => e.querySelector('.review-mark')?.className ?? '')"
    )
    assert [mark.partition(" review-")[2] for mark in marks[:6]] == [
        *("", "relabel", "", "confirm", "unsure", ""),
    ]
    assert tab.messages == tab.failures == []


HEARING = """(deliver) => {
    const listen = Worker.prototype.addEventListener;
    Worker.prototype.addEventListener = function (kind, hear, ...more) {
        const heard = kind === "message" ? (event) => deliver(event, hear) : hear;
        return listen.call(this, kind, heard, ...more);
    };
}"""
"""Has all that the page hears of its database delivered by a function of the message and who hears it."""
SLOW = "(event, hear) => setTimeout(() => hear(event), window.late ?? 0)"
"""As late as the page is told to."""
HELD = """(event, hear) => {
    const text = (bytes) => new TextDecoder().decode(bytes);
    const isLong = (event.data.found ?? []).map(text).join("").split("digit ").length > 48;
    if (window.holding === "long" && isLong) window.holding = "everything";
    if (window.holding === "everything") window.held = [...(window.held ?? []), () => hear(event)];
    else hear(event);
}"""
"""Only when `held` is called, from the first answer of 48 samples on."""


def opened_hearing(open_tab: OpenTab, address: str, deliver: str) -> Tab:
    tab = open_tab("about:blank")
    tab.page.add_init_script(f"({HEARING})({deliver})")
    return tab.open(address).live()


def test_keys_that_come_before_the_next_samples_are_not_lost(address: str, open_tab: OpenTab) -> None:
    tab = opened_hearing(open_tab, address, SLOW)
    start(tab)
    tab.page.evaluate("window.late = 1500")
    press(tab, "a" * 30)
    wait_for_progress(tab, "30 of 400")
    assert tab.messages == tab.failures == []


def test_a_key_between_the_answer_and_its_drawing_is_not_lost(address: str, open_tab: OpenTab) -> None:
    tab = opened_hearing(open_tab, address, HELD)
    start(tab)
    press(tab, "a" * 19)
    tab.settle()
    tab.page.evaluate("window.holding = 'long'")
    press(tab, "a")
    tab.page.wait_for_function("() => window.held?.length > 0")
    # The next samples come while what is known of the last one shown is still awaited.
    press(tab, "aaa")
    tab.page.evaluate("window.held.shift()()")
    assert tab.page.locator(FIRST).count() == 24
    press(tab, "aa")
    tab.page.evaluate("() => { window.holding = 'nothing'; window.held.forEach((answer) => answer()); }")
    tab.settle()
    assert progress(tab).startswith("25 of 400 looked at: 25 changed")
    assert tab.messages == tab.failures == []


def test_a_key_is_for_the_card_that_has_the_focus(live: Tab) -> None:
    # Screen readers put the focus on a card that nobody clicked or walked to.
    card = live.page.locator(FIRST).nth(5)
    name = json.loads(card.get_attribute("data-id") or "")
    card.focus()
    press(live, "c")
    live.page.wait_for_function(SAID, arg=f"{name}: confirmed.")
    press(live, "z")
    wait_for_progress(live, "0 of")


def test_several_are_decided_at_once_by_a_band_of_the_pointer_and_filter_the_other_views(live: Tab) -> None:
    live.page.locator("#review .review-frame").scroll_into_view_if_needed()
    cards = [live.page.locator(FIRST).nth(place).bounding_box() for place in (0, 2)]
    assert cards[0]
    assert cards[1]
    live.page.mouse.move(cards[0]["x"] + 5, cards[0]["y"] + 5)
    live.page.mouse.down()
    live.page.mouse.move(cards[1]["x"] + 9, cards[1]["y"] + 9, steps=4)
    live.page.mouse.up()
    live.settle()
    assert live.rows("images") == 3
    assert live.rows("errors") == 3
    press(live, "d")
    live.settle()
    assert progress(live).startswith("3 of 400 looked at: 0 changed, 0 confirmed, 3 deleted")
    assert live.rows("images") == ROWS
    press(live, "z")
    assert progress(live).startswith("0 of")


def test_fields_look_like_the_buttons_beside_them(live: Tab) -> None:
    script = """selector => {
        const { backgroundColor, borderTopWidth } = getComputedStyle(document.querySelector(selector));
        return [backgroundColor, borderTopWidth];
    }"""
    button = live.page.evaluate(script, "#review [data-action=json]")
    for name in ("label", "why", "who"):
        assert live.page.evaluate(script, f"#review input[name={name}]") == button


def test_what_is_told_of_several_predictions_names_each(live: Tab) -> None:
    start(live)
    press(live, ["Shift+ArrowRight"] * 5)
    live.settle()
    press(live, "a")
    marks = live.page.locator("#review .review-list .review-mark").all_inner_texts()
    assert len(marks) == 6
    assert len(set(marks)) > 1
    told = list(dict.fromkeys(marks))
    more = f" and {len(told) - 4} more" if len(told) > 4 else ""
    live.page.wait_for_function(SAID, arg=f"6 decided: {', '.join(told[:4])}{more}.")
    press(live, "z")
    wait_for_progress(live, "0 of")


def test_any_other_label_is_typed_and_each_step_is_drawn_with_the_frame_of_its_key(live: Tab) -> None:
    start(live)
    press(live, "o")
    live.page.keyboard.type("7")
    live.page.keyboard.press("Enter")
    live.settle()
    assert progress(live).startswith("1 of")
    assert "now 7" in live.page.inner_text("#review .review-list li:first-child")
    # How long one takes is the benchmark's: a step waits for nothing, so that the browser draws it at once.
    script = """() => new Promise(drawn => {
        const before = document.activeElement.dataset.id;
        const key = new KeyboardEvent("keydown", { key: "c", bubbles: true });
        document.activeElement.dispatchEvent(key);
        requestAnimationFrame(() => drawn([
            document.querySelector("#review .review-progress").innerText.split(" ")[0],
            document.activeElement.dataset.id !== before,
        ]));
    })"""
    assert [live.page.evaluate(script) for _ in range(9)] == [[str(step), True] for step in range(2, 11)]


def test_another_persons_patch_is_merged_and_a_conflict_is_for_the_reader(
    live: Tab, report: Path, tmp_path: Path
) -> None:
    labels = pd.read_parquet(report / "few.parquet").set_index("id")["label"]
    start(live)
    press(live, "aa")
    live.settle()
    told = json.loads(exported(live, "json", tmp_path).read_text())
    first, second = told["entries"]
    other = {**first, "who": "Bob", "new": first["old"], "action": "confirm", "why": "a clear one"}
    third = {"id": "digit 399", "old": labels["digit 399"], "who": "Bob", "action": "unsure", "new": None}
    unfit = [{**third, "id": "digit 398", "old": "cat"}, {**third, "id": "no digit"}]
    path = tmp_path / "bob.json"
    path.write_text(json.dumps({**told, "entries": [other, second, third, *unfit]}))
    live.page.set_input_files("#review input[name=patch]", path)
    live.page.wait_for_selector("#review .review-conflicts svg")
    said = live.page.inner_text("#review .review-said")
    assert "1 taken on, 1 the same, 1 decided differently" in said
    assert "2 were not taken on: the table does not have “no digit”" in said
    live.page.reload()
    live.live()
    # What was imported counts as what was decided here.
    assert progress(live).startswith("3 of 400 looked at: 2 changed, 0 confirmed, 1 unsure")
    assert "of 397 not looked at and 1 unsure" in live.page.inner_text("#review .review-estimate")
    live.page.wait_for_selector("#review .review-conflicts svg")
    told_of = live.page.inner_text("#review .review-conflicts")
    for part in (first["id"], "Bob", f"{first['old']} is right", f"now {first['new']}", "a clear one"):
        assert part in told_of
    live.page.click("#review [data-keep=theirs]")
    live.page.wait_for_selector("#review .review-conflicts", state="detached")
    assert progress(live).startswith("3 of 400 looked at: 1 changed, 1 confirmed, 1 unsure")
    for refused, why in ((told, "it is of the table other/samples"), ({}, "no patch of labels")):
        path.write_text(json.dumps({**refused, "table": "other/samples"}))
        live.page.set_input_files("#review input[name=patch]", path)
        live.page.wait_for_function(SAID, arg=why)
    assert progress(live).startswith("3 of 400 looked at: 1 changed, 1 confirmed, 1 unsure")


def test_two_tabs_decide_and_nothing_is_lost(live: Tab, address: str) -> None:
    other = tab_of(live.page.context)
    other.open(address).live()
    start(other)
    press(other, "d")
    wait_for_progress(live, "1 of 400 looked at: 0 changed, 0 confirmed, 1 deleted")
    start(live)
    live.page.keyboard.press("ArrowRight")
    press(live, "c")
    for tab in (live, other):
        wait_for_progress(tab, "2 of 400 looked at: 0 changed, 1 confirmed, 1 deleted")
        tab.page.reload()
        tab.live()
        assert progress(tab).startswith("2 of 400 looked at: 0 changed, 1 confirmed, 1 deleted")
    assert other.messages == other.failures == []
    other.page.close()


def test_a_key_decides_of_no_sample_that_the_list_does_not_show(live: Tab) -> None:
    first = json.loads(live.page.locator(FIRST).first.get_attribute("data-id") or "")
    live.page.locator(FIRST).first.click()
    live.page.keyboard.press("Escape")
    live.settle()
    frame = live.page.locator("#errors .errors-cell")
    listed = "() => [...document.querySelectorAll('#review .review-list [data-id]')].map(e => e.dataset.id)"
    for place in range(frame.count()):
        frame.nth(place).click()
        live.settle()
        shown = [json.loads(each) for each in live.page.evaluate(listed)]
        if shown and first not in shown:
            break
        frame.nth(place).click()
    assert first not in shown
    framed = live.page.locator("#review .review-current [data-id]")
    assert json.loads(framed.get_attribute("data-id") or "") == shown[0]
    assert shown[0] in live.page.inner_text("#review .review-sample")
    live.page.click("#review [data-deed=accept]")
    assert live.page.inner_text("#review .review-said").startswith(f"{shown[0]}:")


def test_what_is_decided_leaves_the_error_matrix(live: Tab) -> None:
    count = """() => [...document.querySelectorAll('#errors .errors-n')]
        .reduce((sum, each) => sum + parseInt(each.textContent), 0)"""
    before = live.page.evaluate(count)
    start(live)
    press(live, "acu")
    live.settle()
    assert live.page.evaluate(count) == before - 3


def test_what_is_decided_leaves_the_error_matrix_of_its_own_group(
    address: str, open_tab: OpenTab, report: Path
) -> None:
    tab = open_tab(f"{address}#~group=split").live()
    count = """() => Object.fromEntries([...document.querySelectorAll('#errors .view-panel')].map(panel => [
        panel.dataset.group,
        [...panel.querySelectorAll('.errors-n')]
            .reduce((sum, each) => sum + parseInt(each.textContent), 0)]))"""
    before = tab.page.evaluate(count)
    splits = pd.read_parquet(report / "few.parquet").set_index("id")["split"]
    listed = "all => all.slice(0, 3).map(each => JSON.parse(each.dataset.id))"
    decided = splits[tab.page.eval_on_selector_all("#review .review-list [data-id]", listed)].value_counts()
    start(tab)
    press(tab, "acu")
    tab.settle()
    left = {key: number - int(decided.get(json.loads(key), 0)) for key, number in before.items()}
    assert tab.page.evaluate(count) == left
    tab.page.reload()
    tab.live().settle()
    assert tab.page.evaluate(count) == left
    assert tab.messages == tab.failures == []


def test_a_filter_reaches_the_review_and_what_it_tells_of_the_first(
    demo: Path, demo_url: str, open_tab: OpenTab
) -> None:
    rows = oracle_of(demo, "digits-labels.html").relations["digits-planted"]
    tab = open_tab(f"{demo_url}digits-labels.html").live()
    tab.filter("datum.label == '9'")
    nines = rows[rows["label"] == "9"].sort_values(["quality", "id"])
    assert tab.rows("review") == len(nines)
    shown = tab.page.eval_on_selector_all(
        "#review .review-list [data-id]", "all => all.map(e => e.dataset.id)"
    )
    assert [json.loads(each) for each in shown] == nines["id"].tolist()[: len(shown)]
    assert nines["id"].iloc[0] in tab.page.inner_text("#review .review-right")
    tab.back()
    assert tab.rows("review") == len(rows)
    assert tab.messages == tab.failures == []


SCORES = {
    "Quality": "quality",
    "Self-confidence": "self_confidence",
    "Normalized margin": "normalized_margin",
    "Weighted entropy": "confidence_weighted_entropy",
    "Adjusted self-confidence": "adjusted_self_confidence",
    "Adjusted margin": "adjusted_normalized_margin",
    "Noise posterior": "noise_posterior",
}


def test_what_scores_find_and_share_follows_the_filter(demo_url: str, open_tab: OpenTab) -> None:
    samples = pd.read_parquet(ROOT / "artifacts" / "digits-labels" / "samples.parquet")
    tab = open_tab(demo_url + "digits-labels.html").live()
    for expression, passing in (("", samples), ("datum.label == '3'", samples[samples.label == "3"])):
        tab.filter(expression)
        order = {name: passing.sort_values([score, "id"]) for name, score in SCORES.items()}
        found = [(name, float(low), float(high)) for name, low, high in tab.data_table("curves")]
        for name, ranked in order.items():
            drawn = [(recall, precision) for each, recall, precision in found if each == name]
            assert drawn
            check_curve(drawn, ranked.wrong.to_numpy())
        most = int(passing.likely_error.sum())
        doubtful = {name: set(ranked.id[:most]) for name, ranked in order.items()}
        for first, second, both, of, _ in tab.data_table("agreement"):
            assert (int(both), int(of)) == (len(doubtful[first] & doubtful[second]), most)
    assert tab.messages == tab.failures == []


def check_curve(drawn: list[tuple[float, float]], is_wrong: np.ndarray) -> None:  # type: ignore[type-arg]
    """Hold each point against the labels in their order: which part of the wrong ones is found there."""
    places = np.flatnonzero(is_wrong) + 1
    found = np.arange(1, len(places) + 1)
    for recall, precision in drawn:
        at = int(np.argmin(np.abs(found / len(places) - recall)))
        assert (recall, precision) == pytest.approx(
            (found[at] / len(places), found[at] / places[at]), abs=1e-3
        )
