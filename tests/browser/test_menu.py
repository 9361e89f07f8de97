"""The menu of a view: what it saves is what pandas computes, and it is used with keys alone."""

from __future__ import annotations

import io
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from tests.browser.driver import OpenTab, Tab, serving
from tests.browser.test_downloads import pixels_of

PAGE = "digits.html"
DOUBTFUL = "datum.confidence < 0.9 && datum.label != '3'"
SVG = "{http://www.w3.org/2000/svg}"
ENTRIES = {
    "link": "Link to this view",
    "cite": "Cite this view",
    "csv": "Data as CSV",
    "json": "Data as JSON",
    "rows": "All rows passing (CSV)",
    "parquet": "Table as Parquet",
    "svg": "Image as SVG",
    "png": "Image as PNG",
    "copy": "Copy image",
    "full": "Full width",
}


@pytest.fixture
def live(copying_tab: Tab) -> Iterator[Tab]:
    """The same page as it was at first; nothing may be said in its console, of its policy for one."""
    copying_tab.page.emulate_media(media="screen", color_scheme="light")
    copying_tab.page.evaluate(
        "document.sitegen.reset(); for (const each of document.querySelectorAll('.view-said'))"
        " each.textContent = ''"
    )
    copying_tab.settle()
    yield copying_tab
    assert (copying_tab.messages, copying_tab.failures) == ([], [])


def summary(id_: str) -> str:
    return f"#{id_} .view-menu > summary"


def entry(id_: str, name: str) -> str:
    return f"#{id_} .view-menu [data-entry={name}]"


def choose(tab: Tab, id_: str, name: str) -> str:
    """Click an entry; return what the view says then."""
    tab.page.click(summary(id_))
    tab.page.click(entry(id_, name))
    return said(tab, id_)


def said(tab: Tab, id_: str) -> str:
    line = tab.page.locator(f"#{id_} .view-said:not([data-kind=busy]):not(:empty)")
    line.wait_for(state="attached")
    return line.text_content() or ""


def saved(tab: Tab, id_: str, name: str) -> tuple[str, bytes]:
    """Click an entry; return the saved file's name and bytes."""
    tab.page.click(summary(id_))
    with tab.page.expect_download() as waiting:
        tab.page.click(entry(id_, name))
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def doubtful(samples: pd.DataFrame) -> pd.DataFrame:
    return samples[(samples.confidence < 0.9) & (samples.label != "3")]


def focused(tab: Tab) -> str | None:
    script = "document.activeElement.dataset.entry ?? document.activeElement.getAttribute('aria-label')"
    found = tab.page.evaluate(script)
    return None if found is None else str(found)


def test_the_saved_data_are_the_numbers_of_pandas(live: Tab, samples: pd.DataFrame) -> None:
    live.filter(DOUBTFUL)
    rows = doubtful(samples)
    name, content = saved(live, "accuracy", "csv")
    assert name == f"digits-explained-accuracy-{len(rows)}of{len(samples)}.csv"
    found = pd.read_csv(io.BytesIO(content), dtype={"Shows": str}).set_index("Shows").iloc[:, 0]
    expected = rows.groupby("label").correct.mean()
    pd.testing.assert_series_equal(found.sort_index(), expected.sort_index(), check_names=False, rtol=1e-12)
    name, content = saved(live, "accuracy", "json")
    assert name.endswith(".json")
    listed = {row["Shows"]: row["Read correctly"] for row in json.loads(content)}
    assert listed == found.to_dict()


def test_all_rows_passing_are_the_rows_of_pandas(live: Tab, samples: pd.DataFrame) -> None:
    live.filter(DOUBTFUL)
    rows = doubtful(samples).reset_index(drop=True)
    name, content = saved(live, "images", "rows")
    assert name == f"digits-explained-images-rows-{len(rows)}of{len(samples)}.csv"
    found = pd.read_csv(io.BytesIO(content), dtype={"label": str, "prediction": str})
    found.columns = [re.sub(r" \(.*\)$", "", column) for column in found.columns]
    shared = [
        column for column in found.columns if column in rows and not rows[column].map(type).eq(list).any()
    ]
    assert {"id", "label", "prediction", "confidence", "split"} <= {*shared}
    for column in shared:
        expected = rows[column].astype(found[column].dtype)
        pd.testing.assert_series_equal(found[column], expected, check_exact=True, check_dtype=False)


def test_a_selection_in_another_view_narrows_what_is_saved_and_its_own_does_not(
    live: Tab, samples: pd.DataFrame
) -> None:
    live.drag("confidence", (0.0, 0.5), (0.5, 0.5))
    passing = live.rows("images")
    assert 0 < passing < len(samples)
    for view, rows in (("images", passing), ("confidence", len(samples))):
        name, content = saved(live, view, "rows")
        assert name.endswith(f"-rows-{rows}of{len(samples)}.csv")
        assert len(pd.read_csv(io.BytesIO(content))) == rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_svg_stands_alone_in_the_colours_of_the_page(scheme: Any, live: Tab) -> None:
    live.page.emulate_media(color_scheme=scheme)
    script = "name => getComputedStyle(document.documentElement).getPropertyValue(name)"
    background = live.page.evaluate(script, "--page-background")
    for view in ("accuracy", "projection"):
        name, content = saved(live, view, "svg")
        assert name == f"digits-explained-{view}-1797of1797.svg"
        root = ElementTree.fromstring(content)
        title = live.page.text_content(f"#{view} .view-title")
        texts = "".join(each.text or "" for each in root.iter(f"{SVG}text"))
        assert root.findtext(f"{SVG}title") == title
        assert "n = 1,797 · Digits, explained" in texts
        assert root.find(f"{SVG}rect").get("fill") == background  # type: ignore[union-attr]
        values = [value for each in root.iter() for key, value in each.items() if key != "role"]
        assert not [value for value in values if "var(" in value or "//" in value]
        assert len(list(root.iter(f"{SVG}path"))) > 10


def test_a_png_is_twice_as_large_as_the_svg_and_has_the_fonts_of_the_page(live: Tab) -> None:
    _, vector = saved(live, "accuracy", "svg")
    root = ElementTree.fromstring(vector)
    name, content = saved(live, "accuracy", "png")
    assert name.endswith(".png")
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    size = struct.unpack(">II", content[16:24])
    assert size == (2 * int(root.get("width", 0)), 2 * int(root.get("height", 0)))
    assert sum(address.endswith(".woff2") for address in live.requests) >= 2


@pytest.mark.chromium("without a screen, Firefox's clipboard keeps no images")
def test_the_image_and_the_link_are_copied(live: Tab, demo_url: str) -> None:
    live.filter("datum.confidence < 0.9")
    assert choose(live, "accuracy", "link") == "Copied."
    copied = live.page.evaluate("navigator.clipboard.readText()")
    assert copied.partition("&.data=")[0] == f"{demo_url}{PAGE}#accuracy~filter=datum.confidence%20%3C%200.9"
    assert choose(live, "confusion", "copy") == "Image copied."
    script = "navigator.clipboard.read().then(items => items.flatMap(item => [...item.types]))"
    assert live.page.evaluate(script) == ["image/png"]


def test_what_fails_is_said_with_its_reason(live: Tab) -> None:
    live.page.evaluate(
        "() => { const canvas = HTMLCanvasElement.prototype, real = canvas.toBlob;"
        " canvas.toBlob = function(done) { canvas.toBlob = real; done(null); }; }"
    )
    assert choose(live, "accuracy", "png") == "That did not work: the image is too large for this browser"


def test_every_view_offers_data_and_image_alike(live: Tab) -> None:
    for id_ in ("accuracy", "images"):
        entries = live.page.locator(f"#{id_} .view-menu [data-entry]")
        names = entries.evaluate_all("all => all.map(each => each.dataset.entry)")
        assert names == [*ENTRIES]
        for text, expected in zip(entries.all_text_contents(), ENTRIES.values(), strict=True):
            assert text.strip().startswith(expected)


def test_the_menu_is_used_with_keys_alone(live: Tab) -> None:
    page, keys = live.page, live.page.keyboard
    menu = page.locator("#accuracy .view-menu")
    page.focus(summary("accuracy"))
    keys.press("Enter")
    assert menu.get_attribute("open") is not None
    for key, name in [
        ("ArrowDown", "link"),
        ("ArrowDown", "cite"),
        ("ArrowUp", "link"),
        ("ArrowUp", "full"),
        ("ArrowDown", "link"),
        ("End", "full"),
        ("Home", "link"),
        ("Tab", "cite"),
    ]:
        keys.press(key)
        assert focused(live) == name, key
    keys.press("Escape")
    assert (menu.get_attribute("open"), focused(live)) == (None, "Menu")
    keys.press("Space")
    assert menu.get_attribute("open") is not None
    keys.press("ArrowDown")
    keys.press("Enter")
    assert said(live, "accuracy") == "Copied."
    assert (menu.get_attribute("open"), focused(live)) == (None, "Menu")
    page.click(summary("accuracy"))
    page.mouse.click(5, 5)
    assert menu.get_attribute("open") is None


def test_a_view_takes_the_full_width_and_goes_back(live: Tab) -> None:
    box = "document.querySelector('#confidence').offsetWidth"
    drawn = "document.querySelector('#confidence .view-body svg').clientWidth"
    grid = live.page.evaluate("document.querySelector('#confidence').parentElement.clientWidth")
    narrow = live.page.evaluate(box)
    choose(live, "confidence", "full")
    live.settle()
    assert live.page.evaluate(box) == pytest.approx(grid, abs=2)
    assert live.page.evaluate(drawn) > 0.9 * grid
    _, content = saved(live, "confidence", "svg")
    assert int(ElementTree.fromstring(content).get("width", 0)) > 0.9 * grid
    live.page.keyboard.press("Escape")
    assert live.page.evaluate(box) == narrow
    assert choose(live, "confidence", "full").startswith("Full width")
    live.page.click(summary("confidence"))
    assert "Back to its own width" in (live.page.text_content(entry("confidence", "full")) or "")
    live.page.click(entry("confidence", "full"))
    live.settle()
    assert live.page.evaluate(box) == narrow


def test_without_scripts_there_are_the_link_and_the_table(
    demo: Path, open_tab: OpenTab, samples: pd.DataFrame
) -> None:
    with serving(demo, "/repo/") as url:
        tab = open_tab(f"{url}{PAGE}", java_script_enabled=False)
        tab.page.click(summary("accuracy"))
        entries = tab.page.locator("#accuracy .view-menu [data-entry]")
        assert entries.count() == 2
        with tab.page.expect_download() as waiting:
            tab.page.click(entry("accuracy", "parquet"))
        assert waiting.value.suggested_filename == "digits-samples.parquet"
        assert len(pd.read_parquet(waiting.value.path())) == len(samples)
        tab.page.click(entry("accuracy", "link"))
        assert tab.page.url.endswith("#accuracy")


def test_below_another_folder_everything_is_saved_alike(live: Tab, demo: Path, open_tab: OpenTab) -> None:
    with serving(demo, "/repo/") as url:
        below = open_tab(f"{url}{PAGE}").live()
        for name in ("csv", "json", "rows", "parquet", "svg"):
            assert saved(below, "accuracy", name) == saved(live, "accuracy", name)
        # Images of the same pixels are not always the same bytes.
        (one, pixels), (other, same) = (saved(each, "accuracy", "png") for each in (below, live))
        assert one == other
        assert (pixels_of(pixels) == pixels_of(same)).all()
        assert (below.messages, below.failures) == ([], [])


def test_nothing_of_it_is_printed(live: Tab) -> None:
    choose(live, "accuracy", "link")
    live.page.emulate_media(media="print")
    assert live.page.locator(".view-menu:visible, .view-said:visible, .view-stage").count() == 0
