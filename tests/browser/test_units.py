"""The units of the demo's network, live: recommended as the formulas say, counted as pandas counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.browser.driver import ROOT, OpenTab, Tab

PAGE = "digits-units.html"


def table(name: str) -> pd.DataFrame:
    """Return a table of the demo's artifacts."""
    found = pd.read_parquet(ROOT / "artifacts" / f"{name}.parquet")
    return found.astype({"layer": str})


@pytest.fixture
def live(demo_url: str, open_tab: OpenTab) -> Iterator[Tab]:
    tab = open_tab(demo_url + PAGE).live()
    yield tab
    assert tab.messages == tab.failures == []


def layers(tab: Tab) -> dict[str, list[str]]:
    """Return what the data table says of each layer: units, kept, …"""
    script = """() => [...document.querySelector("#pfa > .view-data table").querySelectorAll("tbody tr")]
        .map(row => [...row.cells].map(cell => cell.textContent))"""
    tab.data_table("pfa")
    return {row[0]: row[1:] for row in tab.page.evaluate(script)}


def kept(tab: Tab) -> dict[str, int]:
    return {name: int(row[1]) for name, row in layers(tab).items()}


def chips(tab: Tab, kind: str) -> list[int]:
    return [int(text) for text in tab.texts(f"#pfa .units-{kind} .units-chip")]


def slide(tab: Tab, percent: int) -> None:
    tab.page.eval_on_selector(
        "#pfa input[name=share]",
        "(slider, value) => { slider.value = value; for (const name of ['input', 'change'])"
        " slider.dispatchEvent(new Event(name, { bubbles: true })); }",
        str(percent),
    )
    tab.settle()


def test_a_strategy_and_a_share_are_worked_out_anew_and_kept_in_the_link(
    live: Tab, open_tab: OpenTab
) -> None:
    told = table("digits-pfa/layers").set_index("layer")
    assert kept(live) == told["recommended_kl"].to_dict()
    live.press('#pfa [data-strategy="energy"]')
    assert kept(live) == told["recommended_energy"].to_dict()
    live.press('#pfa [data-strategy="size"]')
    assert kept(live) == told["recommended_size"].to_dict()
    slide(live, 20)
    spectrum = table("digits-pfa/spectrum")
    shared = np.percentile(spectrum["before"], 20)
    expected = {name: int((part["before"] < shared).sum()) for name, part in spectrum.groupby("layer")}
    assert kept(live) == {name: max(1, count) for name, count in expected.items()}
    again = open_tab(live.address()).live()
    assert kept(again) == kept(live)
    assert again.page.input_value("#pfa input[name=share]") == "20"


def test_units_are_those_of_the_table_and_filter_the_page(live: Tab) -> None:
    units = table("digits-pfa/units")
    hidden = units[units["layer"] == "hidden"].sort_values("unit")
    live.press('#pfa [data-layer="hidden"]')
    assert chips(live, "kept") == hidden.loc[hidden["is_kept"], "unit"].tolist()
    assert chips(live, "inactive") == hidden.loc[~hidden["is_active"], "unit"].tolist()
    assert live.rows("redundancy") == len(hidden)
    assert live.rows("pfa") == len(units), "a selection never filters its own view"
    live.press(f'#pfa [data-unit="hidden/{chips(live, "kept")[0]}"]')
    assert live.rows("redundancy") == 1
    live.page.keyboard.press("ArrowRight")
    assert live.page.evaluate("document.activeElement.textContent.trim()") == str(chips(live, "kept")[1])
    live.page.keyboard.press("Escape")
    live.settle()
    assert live.rows("redundancy") == len(units)


def test_a_filter_counts_kept_units_among_those_that_pass(live: Tab) -> None:
    units = table("digits-pfa/units")
    live.page.locator("#redundancy").scroll_into_view_if_needed()
    box: Any = live.page.locator("#redundancy svg").first.bounding_box()
    live.page.mouse.move(box["x"] + box["width"] * 0.15, box["y"] + 60)
    live.page.mouse.down()
    live.page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + 60, steps=5)
    live.page.mouse.up()
    live.settle()
    passing = live.rows("pfa")
    assert 0 < passing < len(units)
    rows = layers(live)
    assert sum(int(row[7]) for row in rows.values()) == passing
    assert all(int(row[8]) <= int(row[1]) for row in rows.values())


def test_inactive_units_are_counted_by_share_layer_and_label(live: Tab) -> None:
    units = table("digits-inactive/units")
    dead = int(units["is_dead"].sum())
    assert live.texts("#inactive .duplicates-said")[0].startswith(
        f"{dead} of {len(units)} units are inactive"
    )
    ordered = units.sort_values(["share", "layer", "unit"], ascending=[False, True, True])
    ids = "() => [...document.querySelectorAll('#inactive [data-unit]')].map(each => each.dataset.unit)"
    assert live.page.evaluate(ids) == ordered["id"].head(20).tolist()
    live.press('#inactive [data-order="least"]')
    assert live.page.evaluate(ids)[0] == units.sort_values(["share", "layer", "unit"])["id"].iloc[0]
    unit = live.page.evaluate(ids)[-1]
    live.press(f'#inactive [data-unit="{unit}"]')
    classes = table("digits-inactive/classes").query("id == @unit").astype({"label": str})
    live.data_table("inactive")
    script = """() => [...[...document.querySelectorAll("#inactive > .view-data table")].at(-1)
        .querySelectorAll("tbody tr")].map(row => [...row.cells].map(cell => cell.textContent))"""
    shown = live.page.evaluate(script)
    known = classes.sort_values("label")[["label", "inputs", "inactive"]]
    assert [[row[0], int(row[1]), int(row[2])] for row in shown] == known.to_numpy().tolist()


def test_the_keyboard_brushes_shares(live: Tab) -> None:
    units = table("digits-inactive/units")
    live.page.focus("#inactive .units-plot")
    for key in ("End", "Enter"):
        live.page.keyboard.press(key)
    live.settle()
    assert live.hash_state()["inactive"]["range"] == [0.95, 1]
    plot = live.page.locator("#inactive .units-plot")
    assert f"Units {int((units['share'] >= 0.95).sum())}" in (plot.get_attribute("aria-valuetext") or "")
    live.page.keyboard.press("Escape")
    live.settle()
    assert "inactive" not in live.hash_state()


def test_units_that_one_analysis_keeps_are_kept_in_the_other(live: Tab, open_tab: OpenTab) -> None:
    inactive, principal = table("digits-inactive/units"), table("digits-pfa/units")
    live.press('#inactive [data-layer="stage1"]')
    assert live.rows("strength") == (inactive["layer"] == "stage1").sum()
    assert live.rows("pfa") == live.rows("redundancy") == (principal["layer"] == "stage1").sum()
    assert live.rows("inactive") == len(inactive), "a selection never filters its own view"
    live.press("#inactive [data-unit]")
    assert live.rows("redundancy") <= 1
    live.page.keyboard.press("Escape")
    live.settle()
    assert live.rows("redundancy") == len(principal)
    live.press('#pfa [data-layer="logits"]')
    assert live.rows("inactive") == live.rows("strength") == (inactive["layer"] == "logits").sum()
    again = open_tab(live.address()).live()
    assert again.rows("inactive") == (inactive["layer"] == "logits").sum()
    assert again.messages == []


def test_brushed_shares_keep_these_units_where_no_share_is_known(live: Tab) -> None:
    inactive, principal = table("digits-inactive/units"), table("digits-pfa/units")
    live.page.focus("#inactive .units-plot")
    for key in ("End", "Enter"):
        live.page.keyboard.press(key)
    live.settle()
    kept = inactive[inactive["share"] >= 0.95]
    assert 0 < len(kept) < len(inactive)
    assert live.rows("strength") == len(kept)
    assert live.rows("redundancy") == principal["id"].isin(kept["id"]).sum()


def test_the_frame_of_the_keys_is_there_while_the_plot_has_them(live: Tab) -> None:
    plot, frame = "#inactive .units-plot", live.page.locator("#inactive .familiarity-cursor")
    live.page.focus(plot)
    live.page.keyboard.press("ArrowRight")
    assert frame.count() == 1
    live.page.keyboard.press("Tab")
    assert frame.count() == 0
    live.page.focus(plot)
    assert frame.count() == 1
