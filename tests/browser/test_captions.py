"""What stands below the images of samples, at every width and size; and beside the titles of views."""

from __future__ import annotations

import pytest

from tests.browser.driver import OpenTab

ORDERED = """captions => captions.map(caption => {
  const [name, value] = [...caption.children].map(each => each.getBoundingClientRect());
  const isBeside = Math.abs(name.bottom - value.bottom) < 4;
  const card = caption.closest("li").getBoundingClientRect();
  return [isBeside ? name.right <= value.left : name.bottom <= value.top + 1,
          Math.max(name.right, value.right) <= card.right + 1];
})"""

LONG = """captions => captions.forEach((caption, index) => {
  const [name, value] = caption.children;
  if (index % 2) name.textContent = "a_field_with_a_very_long_name_of_one_word";
  if (index % 3) value.textContent = "a value of several words, or oneOfThemThatIsLongerThanAnyCard";
})"""


@pytest.mark.parametrize("width", [360, 1280])
def test_names_of_fields_come_before_their_values(open_tab: OpenTab, demo_url: str, width: int) -> None:
    page = open_tab(demo_url + "digits-confusion.html", viewport={"width": width, "height": 900}).page
    captions = page.locator("li.card:not(.card-probe) .sample-caption:visible")
    assert captions.count() > 5
    assert all(map(all, captions.evaluate_all(ORDERED)))
    captions.evaluate_all(LONG)
    assert all(map(all, captions.evaluate_all(ORDERED)))


BASELINES = """headers => headers.map(header => [".view-title", ".view-count"].map(name => {
  const probe = document.createElement("span");
  probe.style.display = "inline-block";
  header.querySelector(name).prepend(probe);
  const { bottom } = probe.getBoundingClientRect();
  probe.remove();
  return bottom;
}))"""
"""Where the first lines of a view's title and of its count stand."""


@pytest.mark.parametrize("width", [360, 1280])
def test_a_count_stands_on_the_line_of_its_title(open_tab: OpenTab, demo_url: str, width: int) -> None:
    tab = open_tab(demo_url + "digits-confusion.html", viewport={"width": width, "height": 900})
    headers = tab.page.locator(".view-header:has(.view-count)")
    assert headers.count() > 2
    assert all(abs(title - count) < 0.6 for title, count in headers.evaluate_all(BASELINES))
