"""What browsers do each in a way of their own: fill in forms again, and draw an image of a view."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.browser.driver import OpenTab


def test_boxes_are_as_built_after_a_reload(open_tab: OpenTab, demo_url: str) -> None:
    tab = open_tab(f"{demo_url}digits-confusion.html")
    checked = "[...document.querySelectorAll('input[type=checkbox]')].map(box => box.checked)"
    before = tab.page.evaluate(checked)
    tab.page.evaluate("document.querySelector('input[type=checkbox]').click()")
    tab.page.reload()
    assert tab.page.evaluate(checked) == before


PIXELS = """async id => {
    const { text, width, height } = await document.sitegen.picture(id);
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const plane = canvas.getContext("2d");
    plane.drawImage(image, 0, 0);
    const { data } = plane.getImageData(0, 60, width, height - 120);
    let drawn = 0;
    for (let at = 0; at < data.length; at += 4)
        drawn += Math.abs(data[at] - data[0]) + Math.abs(data[at + 1] - data[1]) > 40 ? 1 : 0;
    return [text, drawn / (data.length / 4)];
}"""
"""A view's drawing, and how much of its image, below the title and above the last line, is not ground."""


@pytest.mark.parametrize(
    ("page", "ids"),
    [
        ("digits-units.html", ["pfa", "inactive", "redundancy"]),
        ("digits-labels.html", ["errors", "review", "provenance", "twins"]),
        ("digits-duplicates.html", ["duplicates"]),
        ("digits-familiarity.html", ["familiarity"]),
        ("digits-samples.html", ["rows"]),
    ],
)
def test_every_kind_of_view_is_an_image(open_tab: OpenTab, demo_url: str, page: str, ids: list[str]) -> None:
    tab = open_tab(demo_url + page).live()
    for id_ in ids:
        text, drawn = tab.page.evaluate(PIXELS, id_)
        root = ElementTree.fromstring(text)
        assert root.findtext("{http://www.w3.org/2000/svg}title")
        assert drawn > 0.004, id_
    assert (tab.messages, tab.failures) == ([], [])
