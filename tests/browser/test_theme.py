"""The theme that the reader chose: it holds from page to page, and no other is ever painted."""

from __future__ import annotations

import pytest

from tests.browser.driver import OpenTab

pytestmark = pytest.mark.browser

FIRST = """
new MutationObserver((_, observer) => {
  if (!document.body) return;
  window.first = document.documentElement.dataset.theme ?? 'auto';
  observer.disconnect();
}).observe(document, {childList: true, subtree: true});
"""
"""Keeps the theme at the moment at which there is something to paint."""


def test_a_chosen_theme_is_there_before_the_first_paint(demo_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(demo_url)
    tab.page.add_init_script(FIRST)
    seen = []
    for page in ("digits.html", "index.html", "digits.html"):
        tab.open(demo_url + page)
        seen.append((tab.page.evaluate("first"), tab.texts(".theme-switch-name")[0]))
        tab.press("[data-action=theme]")
    assert seen == [("auto", "Auto"), ("light", "Light"), ("dark", "Dark")]
