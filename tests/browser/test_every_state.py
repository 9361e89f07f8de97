"""Every state of every view has a link: what can be used in it is used, and the link shows the same.

`make test` walks one view of each kind, `make check-site` every view of every page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.driver import ROOT, tab_of
from tests.browser.shown import read_static
from tests.browser.test_closed import pages
from tests.browser.test_valid import IS_WHOLE
from tests.browser.walking import SCRIPT, Shown, Walker, difference

KINDS = sorted(path.parent.name for path in (ROOT / "themes" / "default" / "views").glob("*/view.ts"))
STILL = ("parameters", "provenance")
"""Views in which a reader changes nothing."""
DECISIONS = re.compile(r"\b(deed|text input (who|why|label))\b")
"""What a reviewer of labels decides stays in the browser and goes into patches: no state of a page."""
DRAFTS = re.compile(r"\bedit-open\b|^textarea\b")
"""A form that is opened to edit, and what is written there before it is applied: seen, and no state yet."""
APPLY = "edit-apply"
"""Before it the page showed the draft."""
MOST = 40 if IS_WHOLE else 14
"""Controls of one view that are used: of each kind one before another of the same kind."""


def views_of(site: Path) -> Iterator[tuple[str, str, str]]:
    """Yield page, id and kind of every view; of pages that are made alike, of the first alone."""
    seen = set()
    for page in sorted(pages(site), key=lambda page: (site / page).stat().st_size):
        _, payload = read_static((site / page).read_text("utf-8"))
        views = tuple((view["id"], view["view"]) for view in payload.get("views", []))
        if views not in seen:
            seen.add(views)
            yield from ((page, id_, kind) for id_, kind in views)


def opened(browser: Browser, url: str) -> Walker:
    """Open a page in a context of its own, live."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    return Walker(tab_of(context).open(url).live())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(1800 if IS_WHOLE else 300)
def test_what_a_reader_changes_is_in_the_link(kind: str, browser: Browser, demo: Path, demo_url: str) -> None:
    found = [(page, id_) for page, id_, of in views_of(demo) if of == kind]
    assert found, "no page of the demo shows it"
    failed: list[str] = []
    changed = 0
    for page, id_ in found if IS_WHOLE else found[:1]:
        walker, other = opened(browser, demo_url + page), opened(browser, demo_url + page)
        walk = Walk(walker, other, id_)
        walk.go()
        failed += [f"{page}#{id_}: {each}" for each in walk.failed]
        changed += walk.changed
        assert (walker.tab.messages, walker.tab.failures) == ([], [])
        for each in (walker, other):
            each.tab.page.context.close()
    assert failed == []
    assert (changed > 0) == (kind not in STILL)


def kind_of(control: str) -> str:
    """Return what a control is, of its name: ``text input``, ``mark``, ``select``."""
    return control.rpartition(" ")[0] or control


class Walk:
    """One view is used in every way it offers; a second tab, which knows only links, must show the same."""

    def __init__(self, walker: Walker, other: Walker, id_: str) -> None:
        self.walker, self.other, self.id = walker, other, id_
        self.failed: list[str] = []
        self.changed = 0
        """Controls that changed what is seen and the link."""

    def go(self) -> None:
        """Use one control after another; each change stays. In the end the page is as it was."""
        start = self.walker.shown()
        used: list[str] = []
        kinds: Counter[str] = Counter()
        while len(used) < MOST:
            names = [name for name in self.walker.controls(self.id) if name not in used]
            if not names:
                break
            name = min(names, key=lambda name: kinds[kind_of(name)])
            kinds[kind_of(name)] += 1
            used.append(name)
            if not DECISIONS.search(name):
                self._use(name)
        self._open()
        self.walker.tab.page.evaluate("document.sitegen.reset()")
        self._expect(start, self.walker, "after a reset")

    def _open(self) -> None:
        """Open the link as who was sent it does."""
        wanted, link = self.walker.shown(), self.walker.tab.address()
        self.other.tab.open("about:blank").open(link).live()
        self.other.tab.page.evaluate(SCRIPT)
        self._expect(wanted, self.other, f"opened: {link}")

    def _use(self, name: str) -> None:
        walker = self.walker
        found = walker.bring(self.id, name)
        if found is None:
            return
        before, link, step = walker.shown(), walker.link(), walker.step()
        walker.use(found)
        after = walker.shown()
        if walker.link() == link:
            own = difference({self.id: before[self.id]}, {self.id: after[self.id]})
            self.failed += [f"{name}: not in the link: {own}"] if own and not DRAFTS.search(name) else []
            return
        self.changed += 1
        self.other.follow(walker.link())
        self._expect(after, self.other, f"{name}: by the link")
        if found["kind"] == "scroll":
            self._open()
        if walker.step() != step:
            walker.press("Control+z")
            if APPLY not in name:
                self._expect(before, walker, f"{name}: undone")
            walker.press("Control+Shift+z")
            self._expect(after, walker, f"{name}: redone")
        if walker.tab.page.locator("dialog[open]").count():
            walker.tab.page.keyboard.press("Escape")

    def _expect(self, wanted: Shown, walker: Walker, when: str) -> None:
        found = difference(wanted, walker.shown())
        self.failed += [f"{when}: {found}"] if found else []
