"""Pages as PDF: every drawing of the page is on a sheet, whole, once, and has something in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray

from tests.browser.driver import OpenTab, Tab
from tests.browser.test_paper import SHEET

pytestmark = pytest.mark.browser

SCALE = 2
"""Pixels for a point of the sheet."""
FIRST = 200
"""Red of the first drawing's frame."""
FRAME = """first => [...document.querySelectorAll(".view-body :is(svg, canvas)")]
  .filter(each => each.matches("canvas, [viewBox]:not(.sample-image, svg svg)") && each.checkVisibility())
  .filter(each => each.getBoundingClientRect().height > 40)
  .map((each, at) => {
    each.style.outline = `3px solid rgb(${first + at}, 0, 255)`;
    each.style.outlineOffset = "-3px";
    const {width, height} = each.getBoundingClientRect();
    return [each.closest(".view").id, width / height];
  })"""
"""Frames each drawing in a colour of its own; gives its view and its shape."""


def sheets(pdf: bytes) -> list[NDArray[np.uint8]]:
    """Return the pages of a PDF as pictures."""
    document = pypdfium2.PdfDocument(pdf)
    drawn = [page.render(scale=SCALE).to_numpy()[..., ::-1].copy() for page in document]
    document.close()
    return drawn


def framed(sheet: NDArray[np.uint8], red: int) -> tuple[slice, slice] | None:
    """Return where a sheet has the frame of this colour."""
    down, across = np.nonzero((sheet == (red, 0, 255)).all(axis=2))
    if not len(down):
        return None
    return slice(down.min(), down.max() + 1), slice(across.min(), across.max() + 1)


def assert_whole(sheet: NDArray[np.uint8], place: tuple[slice, slice], red: int, shape: float) -> None:
    """Raise where a drawing lacks a side, is of another shape, touches the sheet's edge or is empty."""
    drawn = sheet[place]
    height, width = drawn.shape[:2]
    is_frame = (drawn == (red, 0, 255)).all(axis=2)
    sides = (is_frame[1, :], is_frame[-2, :], is_frame[:, 1], is_frame[:, -2])
    assert min(side.mean() for side in sides) > 0.98, "a side of it is cut off"
    assert width / height == pytest.approx(shape, rel=0.03)
    edges = zip(place, sheet.shape, strict=False)
    assert min(min(part.start, whole - part.stop) for part, whole in edges) > 10 * SCALE, (
        "a printer leaves no room at the edge"
    )
    inner = drawn[12:-12, 12:-12].reshape(-1, 3)
    assert len(np.unique(inner, axis=0)) > 8


def assert_all_printed(tab: Tab, name: str, paper: str) -> int:
    """Print the page; raise where a drawing is not whole on exactly one sheet. Returns how many there are."""
    # The page is laid out and its views are drawn for the sheet before frames are put around them.
    tab.page.set_viewport_size(SHEET)  # type: ignore[arg-type]
    tab.page.emulate_media(media="print")
    tab.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.settle()
    drawings = tab.page.evaluate(FRAME, FIRST)
    charts = tab.page.locator("figure.view[data-view=vega-lite]")
    views = charts.evaluate_all("all => all.map(({id}) => id)")
    assert set(views) <= {view for view, _ in drawings}
    found = sheets(tab.page.pdf(format=paper))
    for at, (view, shape) in enumerate(drawings):
        red = FIRST + at
        on = [(sheet, place) for sheet in found if (place := framed(sheet, red))]
        assert len(on) == 1, (name, view)
        assert_whole(*on[0], red, shape)
    return len(drawings)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_card_as_pdf_has_every_chart(demo: Path, demo_url: str, open_tab: OpenTab, paper: str) -> None:
    cards = [page.name for page in sorted(demo.glob("*-card.html"))]
    tab = open_tab("about:blank", color_scheme="dark")
    counted = {name: assert_all_printed(tab.open(demo_url + name), name, paper) for name in cards}
    assert counted == {"cars-data-card.html": 0, "digits-data-card.html": 1, "digits-model-card.html": 2}


@pytest.mark.parametrize("name", ["cars.html", "digits-summary.html"])
def test_a_static_page_as_pdf_has_every_chart(demo_url: str, open_tab: OpenTab, name: str) -> None:
    """Views of all widths, the drawings of which are for other places than the sheet has."""
    assert assert_all_printed(open_tab(demo_url + name), name, "A4") > 5


@pytest.mark.parametrize("name", ["digits-model-card.html", "digits.html", "digits-confusion.html"])
def test_a_live_page_as_pdf_has_every_chart(demo_url: str, open_tab: OpenTab, name: str) -> None:
    tab = open_tab(demo_url + name).live()
    assert assert_all_printed(tab, name, "A4") > 1
