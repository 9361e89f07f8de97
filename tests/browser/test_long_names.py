"""Tags, pages and code whose names and lines are longer than a phone is wide; and what code is copied as."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.driver import OpenTab, Tab, build_site, serving, tab_of

WORDS = "Whether the labels of the second survey agree with the labels of the first one"
WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 2
CODE = "for name in names:\n    print(f'<b>{name}</b> & \"more\"')  # " + "long " * 30 + "\n"

PAGES = {
    "index.md": f"---\ntags: [short, {WORDS!r}, {WORD!r}]\n---\n\n# Front\n\n```python\n{CODE}```\n",
    "survey/index.md": f"---\ntitle: {WORDS}\ntags: [{WORD!r}]\n---\n\n# {WORDS}\n\nText.\n",
    "survey/word.md": f"---\ntitle: {WORD}\n---\n\n# {WORD}\n\nText.\n",
    "survey/other.md": f"---\ntitle: Other {WORDS}\n---\n\n# Other\n\nText.\n",
    "how/index.md": "---\ntitle: How\n---\n\n# How\n\nText.\n",
    "how/some.md": "---\ntitle: A page of some words\n---\n\n# Some\n\nText.\n",
}
"""Pages of a menu whose entries are longer than their room."""


@pytest.fixture(scope="module")
def long_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("long")
    (root / "sitegen.toml").write_text('[site]\ntitle = "Long names"\n', "utf-8")
    for name, text in PAGES.items():
        path = root / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    build_site(root, root / "site")
    with serving(root / "site") as url:
        yield url


NAMES = ".tags > a, .site-nav a, .site-nav summary, .crumbs a, .neighbours a, h1, .toc a, .tag-count"

FIT = """selector => {
  const shown = [...document.querySelectorAll(selector)].filter(each => each.checkVisibility());
  const isCut = each => each.scrollWidth > each.clientWidth + 1
    && !(getComputedStyle(each).textOverflow === "ellipsis" && each.title === each.textContent.trim());
  const isOut = each => { const {left, right} = each.getBoundingClientRect();
    return left < -1 || right > innerWidth + 1; };
  const inline = each => getComputedStyle(each).display === "inline";
  return {
    shown: shown.length,
    cut: shown.filter(each => !inline(each) && isCut(each)).map(each => each.textContent.trim()),
    out: shown.filter(isOut).map(each => each.textContent.trim()),
    scrolls: document.documentElement.scrollWidth > innerWidth,
  };
}"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["index.html", "survey/index.html", "survey/word.html"])
def test_long_names_stay_in_the_window_and_are_told_whole(
    open_tab: OpenTab, long_url: str, name: str, width: int
) -> None:
    tab = open_tab(long_url + name, viewport={"width": width, "height": 900})
    if width == 360:
        tab.page.click(".site-menu-button")
    tab.page.evaluate("document.querySelectorAll('.site-nav-menu').forEach(each => { each.open = true; })")
    found = tab.page.evaluate(FIT, NAMES)
    assert found["shown"] > 3
    assert (found["cut"], found["out"], found["scrolls"]) == ([], [], False)


def test_a_menu_is_as_wide_as_its_entries_and_no_wider_than_the_window(
    open_tab: OpenTab, long_url: str
) -> None:
    tab = open_tab(long_url)
    tab.page.evaluate("document.querySelectorAll('.site-nav-menu').forEach(each => { each.open = true; })")
    heights = """[...document.querySelectorAll(".site-nav-menu > ul a")]
        .filter(each => each.textContent.length < 30)
        .map(each => [each.textContent, each.getBoundingClientRect().height])"""
    found = dict(tab.page.evaluate(heights))
    assert found.keys() >= {"How", "A page of some words"}
    assert set(found.values()) == {28}


@pytest.fixture(scope="module")
def copied(browser: Browser, long_url: str) -> Iterator[Tab]:
    """The front page, which may use the clipboard."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield tab_of(context).open(long_url)
    context.close()


@pytest.mark.parametrize("by", ["pointer", "keyboard"])
def test_the_button_of_a_block_copies_its_code_and_says_so(copied: Tab, by: str) -> None:
    page = copied.page
    page.evaluate("navigator.clipboard.writeText('before')")
    button = page.locator(".code > .code-copy")
    page.wait_for_selector(".code-copy:text-is('Copy')", state="attached")
    if by == "pointer":
        page.locator(".code").hover()
        button.click()
    else:
        page.evaluate("document.activeElement.blur()")
        button.focus()
        assert button.evaluate("each => getComputedStyle(each).opacity") != "0"
        page.keyboard.press("Enter")
    page.wait_for_selector(".code-copy:text-is('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == CODE
    assert button.get_attribute("aria-live") == "polite"
    page.wait_for_selector(".code-copy:text-is('Copy')", state="attached")


def test_a_clipboard_that_is_refused_is_said_to_be(open_tab: OpenTab, long_url: str) -> None:
    tab = open_tab(long_url)
    tab.page.evaluate(
        """() => { navigator.clipboard.writeText = () => Promise.reject(new Error("no"));
                   document.execCommand = () => false; }"""
    )
    tab.page.locator(".code").hover()
    tab.page.click(".code-copy")
    tab.page.wait_for_selector(".code-copy:text-is('Select the text to copy it')")
