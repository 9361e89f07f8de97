"""Tabs without scripts: one is seen, keys walk through them, and on paper all are there."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser.expected import expect

PAGE = "guides/authoring.html"


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(url)
    return page


def test_one_tab_is_seen_and_keys_walk_through_them(browser: Browser, demo_url: str) -> None:
    page = opened(browser, demo_url + PAGE)
    first, second = page.locator(".tabs > .tab").all()
    expect(first).to_be_visible()
    expect(second).to_be_hidden()
    page.get_by_role("radio", name="Table").focus()
    page.keyboard.press("ArrowRight")
    expect(first).to_be_hidden()
    expect(second).to_be_visible()
    expect(page.get_by_role("group", name="Images")).to_be_visible()
    page.emulate_media(media="print")
    expect(first).to_be_visible()
    page.context.close()
